//! What stands where an authority should: one judgement, asked by `verify`,
//! which tells it, and by `plan`, which acts on it.

mod unfit;

use crate::cert::Certificate;
use crate::error::Error;
use crate::inventory::Inventory;
use crate::model::path::TreePath;
use crate::report::{Finding, Locator, rule};
use crate::stack::{Authority, Generation, Origin, Output, Phase, Stack};

/// What stands at the places of one generation of an authority.
#[derive(Debug)]
pub enum Standing<'a> {
    /// The certificate of a CA; of the generation that signs, with the key that
    /// belongs to it (an encrypted one is taken at its word).
    Sound(&'a Certificate),
    /// The certificate of a CA, and a key that is away or cannot be read: what
    /// it signed works, nothing new can be signed.
    Keyless(&'a Certificate, Box<Finding>),
    /// Nothing, and nothing was ever issued for it: it is to be made.
    New,
    /// A CA elsewhere is to sign its certificate.
    Waiting(Box<Finding>),
    /// Only a person can put it right: a CA is never made anew in place of one
    /// that clients trust.
    Broken(Box<Finding>),
}

impl<'a> Standing<'a> {
    /// Judges the files of `generation`, one of `authority`'s. Does not look at
    /// its life, its constraints or who signed it.
    pub fn of(
        authority: &Authority,
        generation: &Generation,
        stack: &Stack,
        inventory: &'a Inventory,
    ) -> Self {
        let certificate = &generation.certificate;
        let signs = |_: &&TreePath| generation.phase == Phase::Signing;
        let Some(key) = generation.key.as_ref().filter(signs) else {
            return match ca(certificate, generation.key.is_some(), inventory) {
                Ok(ca) => Self::Sound(ca),
                Err(finding) => Self::Broken(finding),
            };
        };
        if inventory.is_missing(certificate) {
            if let Some(issuer) = external_issuer(authority, stack) {
                let why = format!("`{certificate}` is missing");
                return Self::Waiting(
                    waiting(authority, issuer, generation, inventory, why).into(),
                );
            }
            return absent(authority, generation, key, stack, inventory);
        }
        let ca = match ca(certificate, true, inventory) {
            Ok(ca) => ca,
            Err(finding) => return Self::Broken(finding),
        };
        match unfit::unfit(authority, certificate, ca, stack, inventory) {
            Some(finding) => Self::Broken(finding),
            None => with_key(ca, certificate, key, inventory),
        }
    }
}

/// No certificate: made only where there never was one.
fn absent<'a>(
    authority: &Authority,
    generation: &Generation,
    key: &TreePath,
    stack: &Stack,
    inventory: &Inventory,
) -> Standing<'a> {
    let (name, certificate) = (&authority.name, &generation.certificate);
    let key_too = inventory.is_missing(key);
    let others = stack.authorities.iter().filter(|a| a.name != *name);
    let others: Vec<&Certificate> = others
        .flat_map(|a| inventory.signers(stack, &a.name))
        .collect();
    let copy = copy(authority, stack, inventory);
    if key_too && copy.is_none() && !inventory.stood(name, generation.number, &others) {
        return Standing::New;
    }
    let finding = rule::AUTHORITY_MISSING.at(at(certificate));
    Standing::Broken(Box::new(if key_too {
        finding
            .found(match copy {
                Some(copy) => format!(
                    "`{certificate}` and `{key}` are gone; `{copy}` holds a CA of that name"
                ),
                None => format!("`{certificate}` and `{key}` are gone"),
            })
            .expected("the CA that was made here once")
            .fix(format!(
                "restore both from your backup; for a new CA give the authority another name than `{name}`"
            ))
    } else {
        finding
            .found(format!("`{certificate}` is gone, its key is there"))
            .expected("the CA's certificate")
            .fix(restore(certificate))
    }))
}

/// A file made of an authority that holds a CA certificate with its name: all
/// that is left when its folder and the state are lost, as in a fresh checkout.
fn copy<'s>(
    authority: &Authority,
    stack: &'s Stack,
    inventory: &Inventory,
) -> Option<&'s TreePath> {
    let of = |output: &&Output| output.kind.authorities().contains(&authority.name);
    let holds = |output: &&Output| {
        let mut found = inventory.certificates(&output.path).iter();
        found.any(|c| c.is_ca() && *c.subject() == authority.subject)
    };
    let mut outputs = stack.outputs.iter().filter(of);
    outputs.find(holds).map(|output| &output.path)
}

/// The CA certificate at a place, or what stands there instead.
fn ca<'a>(
    certificate: &TreePath,
    ours: bool,
    inventory: &'a Inventory,
) -> Result<&'a Certificate, Box<Finding>> {
    let put = || {
        if ours {
            restore(certificate)
        } else {
            format!("put the CA's certificate at `{certificate}`")
        }
    };
    let Some(ca) = inventory.leaf(certificate) else {
        let rule = if inventory.is_missing(certificate) {
            rule::AUTHORITY_MISSING
        } else {
            rule::AUTHORITY_UNREADABLE
        };
        let finding = rule.at(at(certificate));
        return Err(Box::new(
            finding
                .found(inventory.unusable(certificate))
                .expected("a CA certificate in PEM")
                .fix(put()),
        ));
    };
    let leaf = inventory.certificates(certificate).iter();
    if let Some(leaf) = leaf.clone().find(|c| !c.is_ca()) {
        return Err(Box::new(
            rule::AUTHORITY_IS_NO_CA
                .at(at(certificate))
                .found(format!("{}, a leaf", leaf.subject()))
                .expected("a certificate with BasicConstraints CA:TRUE")
                .fix(put()),
        ));
    }
    Ok(ca)
}

fn with_key<'a>(
    ca: &'a Certificate,
    certificate: &TreePath,
    key: &TreePath,
    inventory: &Inventory,
) -> Standing<'a> {
    let keyless = |finding: Finding| {
        let fix = format!("restore `{key}` from your backup");
        Standing::Keyless(ca, Box::new(finding.fix(fix)))
    };
    if inventory.is_missing(key) {
        return keyless(
            rule::AUTHORITY_KEY_MISSING
                .at(at(key))
                .found(format!("the key of {} is not here", ca.subject())),
        );
    }
    let unusable = |why: String| rule::AUTHORITY_KEY_UNUSABLE.at(at(key)).found(why);
    let Some(file) = inventory.key(key) else {
        return keyless(unusable(inventory.unusable(key)));
    };
    match &file.public {
        _ if file.is_encrypted() => Standing::Sound(ca),
        Err(why) => match keyless(unusable(why.to_string())) {
            // A backup would hold the same.
            Standing::Keyless(ca, mut finding) if why.is_form() => {
                finding.fix = Error::from(why.clone()).hint_text().map(str::to_owned);
                Standing::Keyless(ca, finding)
            }
            keyless => keyless,
        },
        Ok(public) if public == ca.public_key() => Standing::Sound(ca),
        Ok(_) => Standing::Broken(Box::new(
            rule::AUTHORITY_KEY_MISMATCH
                .at(at(key))
                .found(format!(
                    "the key in `{key}` is not the one certified in `{certificate}`"
                ))
                .expected("a key and a certificate that belong together")
                .fix("restore both files from the same backup"),
        )),
    }
}

/// A name or a kind of key that a CA keeps for as long as it is trusted, and
/// that the manifest has otherwise. One that came from elsewhere is taken as it
/// is.
pub fn differs(
    authority: &Authority,
    place: &TreePath,
    ca: &Certificate,
    inventory: &Inventory,
) -> Option<Finding> {
    if !inventory.issued().contains(ca) {
        return None;
    }
    let finding = rule::AUTHORITY_DIFFERS.at(at(place));
    let key = ca.public_key();
    let finding = if key.algorithm() != Some(authority.key) {
        finding
            .found(key.describe())
            .expected(authority.key.title())
    } else if *ca.subject() != authority.subject {
        let wanted = authority.subject.to_string();
        finding.found(ca.subject().to_string()).expected(wanted)
    } else {
        return None;
    };
    Some(finding.fix(format!(
        "say so in [authority.{}]: it keeps what it has; another CA needs another name",
        authority.name
    )))
}

/// That an authority is not signed by the one that should have signed it.
pub fn not_below(
    authority: &Authority,
    place: &TreePath,
    ca: &Certificate,
    stack: &Stack,
    inventory: &Inventory,
) -> Option<Finding> {
    let Origin::Issuer(issuer) = &authority.origin else {
        return None;
    };
    let above = inventory.signers(stack, issuer);
    let first = above.first()?;
    if inventory.is_below(ca, place, &above) {
        return None;
    }
    let ours = inventory.issued().contains(ca);
    let found = if ca.issuer().raw() == first.subject().raw() {
        "another key, or altered after it was signed".to_owned()
    } else {
        ca.issuer().to_string()
    };
    Some(
        rule::AUTHORITY_ISSUER
            .at(at(place))
            .found(found)
            .expected(format!("signed by {}", first.subject()))
            .fix(if ours {
                "pki apply".to_owned()
            } else {
                restore(place)
            }),
    )
}

/// The CA elsewhere that signs an authority of this manifest.
pub fn external_issuer<'s>(authority: &Authority, stack: &'s Stack) -> Option<&'s Authority> {
    let Origin::Issuer(issuer) = &authority.origin else {
        return None;
    };
    stack
        .authority(issuer)
        .filter(|issuer| issuer.origin == Origin::External)
}

/// What is needed of a CA elsewhere, which nobody here can make.
pub fn waiting(
    authority: &Authority,
    issuer: &Authority,
    generation: &Generation,
    inventory: &Inventory,
    why: String,
) -> Finding {
    let (issuer, certificate) = (&issuer.name, &generation.certificate);
    let there =
        |path: &Option<TreePath>| path.as_ref().filter(|p| !inventory.is_missing(p)).cloned();
    let request = there(&authority.request);
    let fix = match (&request, there(&generation.key), &generation.key) {
        (Some(request), None, Some(key)) => {
            format!("put its key at `{key}`; to begin anew: rm {request} && pki apply")
        }
        (Some(request), ..) => format!(
            "have `{issuer}` sign `{request}` and put the certificate at `{certificate}`, then: pki apply"
        ),
        (None, ..) => format!(
            "pki apply writes `{}.csr`; have `{issuer}` sign it and put the certificate at `{certificate}`",
            authority.name
        ),
    };
    rule::AUTHORITY_WAITING
        .at(at(certificate))
        .found(why)
        .expected(format!(
            "a CA certificate for `{}`, signed by `{issuer}`, which is not ours",
            authority.subject
        ))
        .fix(fix)
}

fn restore(certificate: &TreePath) -> String {
    format!("restore `{certificate}` from your backup or from a published copy")
}

fn at(path: &TreePath) -> Locator {
    Locator::File(path.as_path().to_owned())
}
