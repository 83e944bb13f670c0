//! Authorities: who vouches for whom, where each generation stands.

use std::collections::BTreeMap;

use super::Context;
use super::values::named;
use crate::document::{At, Fault, did_you_mean};
use crate::manifest::schema::{Authority as Wire, in_order};
use crate::model::algorithm::KeyAlgorithm;
use crate::model::dn::{Dn, DnCompare};
use crate::model::path::TreePath;
use crate::model::san::{Constraint, expand};
use crate::model::validity::{Lifetime, RenewAt};
use crate::report::Locator;
use crate::report::rule::SAME_SUBJECT;
use crate::stack::{AUTHORITIES, Authority, Generation, Origin, Phase};

/// An authority lives this long unless its table says more.
const LIFETIME: Lifetime = Lifetime::from_days(3650);
/// So many may stand above one authority. A handshake of rustls or Go carries
/// few more; OpenSSL follows 100.
const MAX_ABOVE: usize = 16;
/// So many may be in one manifest.
const MAX_AUTHORITIES: usize = 1_000;

impl Context<'_> {
    /// Every authority, issuers before those they issue, else in the order of
    /// the text.
    pub(super) fn authorities(&mut self) -> Vec<Authority> {
        let manifest = self.manifest;
        let key = self
            .key(manifest.defaults.key.as_ref())
            .unwrap_or(KeyAlgorithm::EcdsaP256);
        let mut judged = manifest.authority.len();
        if judged > MAX_AUTHORITIES {
            judged = 1;
            let message = format!(
                "{} authorities, more than the {MAX_AUTHORITIES} of one manifest",
                manifest.authority.len()
            );
            self.fault(
                Fault::new(0..0, message, "too many")
                    .help("one folder with its own manifest for each part of them"),
            );
        }
        let mut authorities: Vec<Authority> = in_order(&manifest.authority)
            .into_iter()
            .take(judged)
            .map(|(name, wire)| self.authority(name, wire, key))
            .collect();
        self.break_circles(&mut authorities);
        let depths = depths(&authorities);
        path_lengths(&mut authorities);
        authorities.sort_by_key(|a| depths.get(&a.name).copied().unwrap_or(0));
        requests(&mut authorities);
        self.subjects(&authorities);
        self.issuers_outlive(&authorities);
        self.permits(&authorities);
        authorities
    }

    fn authority(&mut self, name: &At<String>, wire: &Wire, key: KeyAlgorithm) -> Authority {
        let origin = self.origin(name, wire);
        let subject = match &wire.subject {
            Some(_) => self.subject(wire.subject.as_ref()),
            None => match Dn::from_common_name(&format!("{} CA", **name)) {
                Ok(dn) => Some(dn),
                Err(error) => {
                    self.fault(
                        Fault::new(
                            name.span(),
                            format!("no subject: {error}"),
                            "too long a name",
                        )
                        .help("say the subject: `subject = \"CN=Example CA\"`"),
                    );
                    None
                }
            },
        };
        let lifetime = self.lifetime(wire.lifetime.as_ref());
        Authority {
            name: (**name).clone(),
            generations: self.generations(name, wire),
            origin,
            // Where it is missing a fault is on record: no stack comes of it.
            subject: subject.unwrap_or_else(Dn::empty),
            key: self.key(wire.key.as_ref()).unwrap_or(key),
            lifetime: lifetime.map_or(LIFETIME, |l| *l),
            renew: self
                .renew(wire.renew.as_ref())
                .unwrap_or(RenewAt::Fraction(1, 3)),
            path_length: None,
            permit: self.permit(wire),
            encrypted: wire.encrypted.as_ref().is_some_and(|e| **e),
            request: None,
        }
    }

    fn origin(&mut self, name: &At<String>, wire: &Wire) -> Origin {
        if wire.external.is_some() {
            let ours = [
                ("subject", wire.subject.as_ref().map(At::span)),
                ("issuer", wire.issuer.as_ref().map(At::span)),
                ("key", wire.key.as_ref().map(At::span)),
                ("lifetime", wire.lifetime.as_ref().map(At::span)),
                ("renew", wire.renew.as_ref().map(At::span)),
                ("key_dir", wire.key_dir.as_ref().map(At::span)),
                ("encrypted", wire.encrypted.as_ref().map(At::span)),
                ("permit", wire.permit.as_ref().map(At::span)),
            ];
            for (key, span) in ours {
                if let Some(span) = span {
                    let message = format!("`{}` is external: it has no `{key}` here", **name);
                    self.fault(
                        Fault::new(span, message, "it is not made here")
                            .help(format!("take out `{key}`, or `external`")),
                    );
                }
            }
            return Origin::External;
        }
        let Some(issuer) = &wire.issuer else {
            return Origin::Root;
        };
        let manifest = self.manifest;
        if !manifest.authority.contains_key(issuer) {
            self.unknown_authority(issuer, None);
            return Origin::Root;
        }
        Origin::Issuer((**issuer).clone())
    }

    /// `also`: another word that could stand there.
    pub(super) fn unknown_authority(&mut self, name: &At<String>, also: Option<&str>) {
        let manifest = self.manifest;
        let names = in_order(&manifest.authority)
            .into_iter()
            .map(|(n, _)| n.as_str())
            .chain(also);
        self.fault(
            Fault::new(
                name.span(),
                format!("unknown authority `{}`", **name),
                "no such authority",
            )
            .help(did_you_mean(name, names)),
        );
    }

    fn permit(&mut self, wire: &Wire) -> Vec<Constraint> {
        let Some(words) = &wire.permit else {
            return Vec::new();
        };
        if words.is_empty() {
            self.fault(
                Fault::new(
                    words.span(),
                    "an empty `permit`",
                    "nothing could be vouched for",
                )
                .help("list names and networks, or take out `permit`"),
            );
        }
        let mut permit: Vec<Constraint> = Vec::new();
        for word in words.iter() {
            let parsed = expand(word).and_then(|texts| {
                texts
                    .iter()
                    .map(|t| Constraint::parse(t))
                    .collect::<Result<Vec<_>, _>>()
            });
            match parsed {
                Ok(constraints) => {
                    for constraint in constraints {
                        if !permit.contains(&constraint) {
                            permit.push(constraint);
                        }
                    }
                }
                Err(error) => self.fault(named(word, &error)),
            }
        }
        permit
    }

    /// A `permit` that those above do not permit: the constraints of all of them
    /// hold together (RFC 5280 6.1.4 (g)), so nothing could be vouched for. A
    /// wider one leaves what both permit.
    fn permits(&mut self, authorities: &[Authority]) {
        let manifest = self.manifest;
        for authority in authorities {
            let Some(wire) = manifest.authority.get(authority.name.as_str()) else {
                continue;
            };
            for word in wire.permit.iter().flat_map(|words| words.iter()) {
                let texts = expand(word).unwrap_or_default();
                let all = texts.iter().filter_map(|t| Constraint::parse(t).ok());
                let found = all
                    .into_iter()
                    .find_map(|own| Some((outside(authorities, authority, &own)?, own)));
                let Some((above, own)) = found else { continue };
                let permit: Vec<String> = above.permit.iter().map(|c| format!("`{c}`")).collect();
                let message = format!(
                    "`{}` permits `{own}`, and `{}` above it only {}",
                    authority.name,
                    above.name,
                    permit.join(", ")
                );
                let help = format!(
                    "add `\"{own}\"` to `authority.{}.permit`, or take it out",
                    above.name
                );
                let label = format!("outside the `permit` of `{}`", above.name);
                self.fault(
                    Fault::new(word.span(), message, label)
                        .also(self.permit_span(&above.name), "here")
                        .help(help),
                );
            }
        }
    }

    fn permit_span(&self, name: &str) -> std::ops::Range<usize> {
        let found = self.manifest.authority.get(name);
        found
            .and_then(|wire| wire.permit.as_ref())
            .map_or(0..0, At::span)
    }

    /// The generations that the state knows, else the first one.
    fn generations(&mut self, name: &At<String>, wire: &Wire) -> Vec<Generation> {
        if let Some(external) = &wire.external {
            let certificate = self.path(None, external);
            return certificate
                .map(|certificate| Generation {
                    number: 1,
                    phase: Phase::Trusted,
                    certificate,
                    key: None,
                })
                .into_iter()
                .collect();
        }
        let keys = match &wire.key_dir {
            Some(dir) => self.path(None, dir),
            None => TreePath::new(AUTHORITIES).ok(),
        };
        let home = TreePath::new(AUTHORITIES).ok();
        let first = vec![(1, Phase::Signing)];
        let known = self
            .state
            .get(name.as_str())
            .filter(|list| !list.is_empty());
        let place = |root: &Option<TreePath>, number: u32, file: &str| {
            root.as_ref()?
                .join(&format!("{}/{number}/{file}", **name))
                .ok()
        };
        known
            .unwrap_or(&first)
            .iter()
            .filter_map(|(number, phase)| {
                Some(Generation {
                    number: *number,
                    phase: *phase,
                    certificate: place(&home, *number, "ca.crt")?,
                    key: Some(place(&keys, *number, "ca.key")?),
                })
            })
            .collect()
    }

    /// An authority that vouches for itself through others: said once per
    /// circle, which is then cut open so that all else can be judged. So is a
    /// line that is longer than any client follows.
    fn break_circles(&mut self, authorities: &mut [Authority]) {
        let index: BTreeMap<String, usize> = (0..)
            .zip(authorities.iter())
            .map(|(i, a)| (a.name.clone(), i))
            .collect();
        // How many stand above each that was walked from.
        let mut above: Vec<Option<usize>> = vec![None; authorities.len()];
        for start in 0..authorities.len() {
            let mut line = vec![start];
            let mut at = start;
            let mut height = loop {
                let next = match &authorities[at].origin {
                    _ if above[at].is_some() => break above[at].unwrap_or(0),
                    Origin::Issuer(issuer) => index.get(issuer).copied(),
                    _ => None,
                };
                let Some(next) = next else { break 0 };
                if let Some(begin) = line.iter().position(|i| *i == next) {
                    // Cut at the first of them in the text.
                    let mut circle = line.split_off(begin);
                    let first = (0..circle.len()).min_by_key(|i| circle[*i]).unwrap_or(0);
                    circle.rotate_left(first);
                    let names = circle.iter().chain(circle.first());
                    let names: Vec<&str> = names.map(|i| authorities[*i].name.as_str()).collect();
                    let message = format!("a circle of authorities: {}", shortened(&names));
                    self.issuer_fault(
                        names[0],
                        message,
                        "its own issuer in the end",
                        "take out one `issuer`: that authority is then a root",
                    );
                    authorities[circle[0]].origin = Origin::Root;
                    line = vec![start];
                    at = start;
                    continue;
                }
                line.push(next);
                at = next;
            };
            // The last was known before, or has nobody above it.
            while let Some(i) = line.pop() {
                if above[i].is_none() {
                    above[i] = Some(height);
                }
                height = above[i].unwrap_or(0) + 1;
                let Some(below) = line.last() else { break };
                if height > MAX_ABOVE {
                    let name = authorities[*below].name.clone();
                    self.issuer_fault(
                        &name,
                        format!("more than {MAX_ABOVE} authorities above `{name}`"),
                        "one more",
                        "no client follows so long a chain: take some out",
                    );
                    authorities[*below].origin = Origin::Root;
                    height = 0;
                }
            }
        }
    }

    fn issuer_fault(&mut self, name: &str, message: String, label: &str, help: &str) {
        let wire = self.manifest.authority.get(name);
        let span = wire.and_then(|wire| wire.issuer.as_ref());
        let span = span.map_or(0..0, At::span);
        self.fault(Fault::new(span, message, label).help(help));
    }

    /// A CA named like its issuer looks self-signed (OpenSSL error 18); two
    /// roots of one name are hard to tell apart.
    fn subjects(&mut self, authorities: &[Authority]) {
        for (i, authority) in authorities.iter().enumerate() {
            if authority.origin == Origin::External {
                continue;
            }
            let same = authorities[..i].iter().find(|other| {
                other.origin != Origin::External
                    && other.subject.equals(&authority.subject, DnCompare::OpenSsl)
            });
            let Some(other) = same else { continue };
            let span = self.subject_span(&authority.name);
            let message = format!(
                "`{}` and `{}` have the same subject `{}`",
                other.name, authority.name, authority.subject
            );
            let also = self.subject_span(&other.name);
            if above(authorities, authority).any(|a| a.name == other.name) {
                self.fault(
                    Fault::new(span, message, "an issuer has it already")
                        .also(also, "here")
                        .help("give each authority a subject of its own"),
                );
            } else {
                let at = Locator::Authority(authority.name.clone());
                self.warn(
                    SAME_SUBJECT
                        .at(at)
                        .found(message)
                        .expected("a subject for each authority")
                        .fix("change one `subject`"),
                    span,
                );
            }
        }
    }

    fn subject_span(&self, name: &str) -> std::ops::Range<usize> {
        let found = self.manifest.authority.get_key_value(name);
        found.map_or(0..0, |(name, wire)| {
            wire.subject.as_ref().map_or(name.span(), At::span)
        })
    }

    fn issuers_outlive(&mut self, authorities: &[Authority]) {
        for authority in authorities {
            if authority.origin != Origin::External {
                let (what, span) = (
                    format!("authority `{}`", authority.name),
                    self.authority_span(&authority.name),
                );
                self.always_due(&what, authority.lifetime, authority.renew, span);
            }
            let Origin::Issuer(issuer) = &authority.origin else {
                continue;
            };
            let Some(issuer) = authorities.iter().find(|a| a.name == *issuer) else {
                continue;
            };
            if issuer.origin != Origin::External && issuer.lifetime < authority.lifetime {
                let wire = self
                    .manifest
                    .authority
                    .get_key_value(authority.name.as_str());
                let span = wire.map_or(0..0, |(name, wire)| {
                    wire.lifetime.as_ref().map_or(name.span(), At::span)
                });
                let at = Locator::Authority(authority.name.clone());
                self.outlives(at, authority.lifetime, issuer, span);
            }
        }
    }
}

/// Names in their order; of very many the first.
fn shortened(names: &[&str]) -> String {
    const MANY: usize = 20;
    let shown = names.len().min(MANY);
    let more = if names.len() > MANY { " → …" } else { "" };
    format!("{}{more}", names[..shown].join(" → "))
}

/// Those that vouch for `authority`, nearest first; ends where a circle would.
pub(super) fn above<'a>(
    authorities: &'a [Authority],
    authority: &'a Authority,
) -> impl Iterator<Item = &'a Authority> {
    let next = move |a: &&'a Authority| match &a.origin {
        Origin::Issuer(issuer) => authorities.iter().find(|x| x.name == *issuer),
        _ => None,
    };
    std::iter::successors(next(&authority), next).take(authorities.len())
}

/// One of those above whose `permit` has nothing in common with `own`.
fn outside<'a>(
    authorities: &'a [Authority],
    authority: &'a Authority,
    own: &Constraint,
) -> Option<&'a Authority> {
    above(authorities, authority)
        .find(|a| !a.permit.is_empty() && a.permit.iter().all(|c| c.is_apart_from(own)))
}

/// The root above an authority: itself, where nobody stands above it.
pub(super) fn root<'a>(authorities: &'a [Authority], name: &str) -> Option<&'a Authority> {
    let authority = authorities.iter().find(|a| a.name == name)?;
    Some(above(authorities, authority).last().unwrap_or(authority))
}

/// Those that a CA elsewhere signs: their requests stand beside the manifest.
fn requests(authorities: &mut [Authority]) {
    let is_external = |a: &&Authority| a.origin == Origin::External;
    let external = authorities.iter().filter(is_external);
    let external: Vec<String> = external.map(|a| a.name.clone()).collect();
    for authority in authorities {
        if matches!(&authority.origin, Origin::Issuer(issuer) if external.contains(issuer)) {
            authority.request = TreePath::new(&format!("{}.csr", authority.name)).ok();
        }
    }
}

fn depths(authorities: &[Authority]) -> BTreeMap<String, usize> {
    authorities
        .iter()
        .map(|a| (a.name.clone(), above(authorities, a).count()))
        .collect()
}

/// pathLenConstraint (RFC 5280 4.2.1.9): as many CAs as really stand below.
fn path_lengths(authorities: &mut [Authority]) {
    let mut longest: BTreeMap<String, u8> = BTreeMap::new();
    for authority in authorities.iter() {
        for (below, name) in std::iter::once(authority)
            .chain(above(authorities, authority))
            .map(|a| a.name.clone())
            .enumerate()
        {
            let below = u8::try_from(below).unwrap_or(u8::MAX);
            let entry = longest.entry(name).or_insert(below);
            *entry = below.max(*entry);
        }
    }
    for authority in authorities {
        if authority.origin != Origin::External {
            authority.path_length = longest.get(&authority.name).copied();
        }
    }
}
