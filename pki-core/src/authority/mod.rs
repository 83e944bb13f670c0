//! What stands where an authority should: one judgement, asked by `verify`,
//! which tells it, and by `plan`, which acts on it.

mod absent;
mod above;
mod ask;
mod moved;
mod profile;
mod stray;
mod unfit;

pub use above::{NotBelow, not_below};
pub use ask::{external_issuer, waiting, waiting_for_profile};
pub use moved::renamed;
pub use profile::{OtherProfile, asks_otherwise, other_profile};
pub use stray::{belongs_to, exposed, only_copy, only_copy_in};

use ask::{Ask, ask};

use std::path::Path;

use crate::cert::Certificate;
use crate::clock::Timestamp;
use crate::error::Error;
use crate::inventory::Inventory;
use crate::model::path::TreePath;
use crate::record::Content;
use crate::report::{Finding, Locator, rule, shell};
use crate::stack::{Authority, Generation, Origin, Phase, Stack};
use crate::store::{STATE, words_hint};

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
        if let Some(finding) = without_signer(authority) {
            return Self::Broken(finding);
        }
        let certificate = &generation.certificate;
        let signs = |_: &&TreePath| generation.phase == Phase::Signing;
        let Some(key) = generation.key.as_ref().filter(signs) else {
            return match ca(certificate, generation.key.is_some(), inventory) {
                Ok(ca) => Self::Sound(ca),
                Err(finding) => Self::Broken(finding),
            };
        };
        let issuer = external_issuer(authority, stack);
        if inventory.is_missing(certificate) {
            let Some(issuer) = issuer else {
                return absent::absent(authority, generation, key, stack, inventory);
            };
            let why = format!("`{certificate}` is missing");
            let finding = waiting(authority, issuer, generation, inventory, why);
            return Self::Waiting(finding.into());
        }
        // What a CA elsewhere signs is in no backup before it was right once.
        let theirs = |mut finding: Box<Finding>, what: Ask| match issuer {
            None => Self::Broken(finding),
            Some(issuer) => {
                finding.fix = Some(ask(authority, issuer, generation, inventory, what));
                Self::Waiting(finding)
            }
        };
        let ca = match ca(certificate, true, inventory) {
            Ok(ca) => ca,
            Err(finding) if finding.rule == rule::AUTHORITY_IS_NO_CA.id => {
                return theirs(finding, Ask::AsCa);
            }
            Err(finding) if inventory.bytes(certificate).is_some() => {
                return theirs(finding, Ask::Made);
            }
            Err(finding) => return Self::Broken(finding),
        };
        if let Some(finding) = moved::misplaced(authority, generation, ca, stack, inventory) {
            return Self::Broken(finding);
        }
        if let Some(issuer) = issuer
            && let Some(place) = ask::other_key(authority, key, ca, inventory)
        {
            let why = format!("{} is not for the key of `{place}`", ca.subject());
            let finding = waiting(authority, issuer, generation, inventory, why);
            return theirs(finding.into(), Ask::Made);
        }
        let fix = match issuer {
            None => format!("put a CA that may at `{certificate}`, with its key"),
            Some(issuer) => ask(authority, issuer, generation, inventory, Ask::AsCa),
        };
        match unfit::unfit(authority, certificate, ca, fix, stack, inventory) {
            Some(finding) if issuer.is_some() => Self::Waiting(finding),
            Some(finding) => Self::Broken(finding),
            None => with_key(ca, certificate, key, inventory),
        }
    }
}

/// The state was edited: nothing here ever leaves an authority of ours without
/// a generation that signs.
fn without_signer(authority: &Authority) -> Option<Box<Finding>> {
    if authority.origin == Origin::External || authority.signing().is_some() {
        return None;
    }
    let name = &authority.name;
    let last = authority.generations.last()?.number;
    let word = |g: &Generation| match g.phase {
        Phase::Retired => format!("generation {} is retired", g.number),
        _ => format!("generation {} is only trusted", g.number),
    };
    let all: Vec<String> = authority.generations.iter().map(word).collect();
    let found = format!(
        "no generation of authority `{name}` signs: {}",
        all.join(", ")
    );
    let fix = format!(
        "in {STATE}, below `[[authority.{name}.generations]]` with `number = {last}`, write: phase = \"signing\""
    );
    Some(Box::new(
        rule::AUTHORITY_NO_SIGNER
            .at(Locator::File(STATE.into()))
            .found(found)
            .expected("one generation that signs")
            .fix(fix),
    ))
}

/// The CA certificate at a place, or what stands there instead.
fn ca<'a>(
    certificate: &TreePath,
    ours: bool,
    inventory: &'a Inventory,
) -> Result<&'a Certificate, Box<Finding>> {
    let put = || {
        if ours {
            mend(certificate, inventory, restore(certificate))
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
        let fix = mend(key, inventory, format!("restore `{key}` from your backup"));
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
    let (finding, other) = if key.algorithm() != Some(authority.key) {
        let wanted = authority.key.title();
        let finding = finding.found(key.describe()).expected(wanted);
        // One of the same subject would be taken for this one.
        (finding, "another name and another `subject`")
    } else if *ca.subject() != authority.subject {
        let wanted = authority.subject.to_string();
        let finding = finding.found(ca.subject().to_string()).expected(wanted);
        (finding, "another name")
    } else {
        return None;
    };
    Some(finding.fix(format!(
        "say so in [authority.{}]: it keeps what it has; another CA needs {other}",
        authority.name
    )))
}

/// How a CA gets its next certificate. Where those above it have not begun
/// either, they go first.
pub fn renewal(
    authority: &Authority,
    place: &TreePath,
    ca: &Certificate,
    stack: &Stack,
    inventory: &Inventory,
    now: Timestamp,
) -> String {
    if !inventory.issued().contains(ca) {
        return format!("renew it where it was made, then put it at `{place}`");
    }
    let is_early = |name: &str| {
        let above = inventory.authority(stack, name);
        above.is_some_and(|above| now < above.validity().not_before)
    };
    let above = stack.issuers(&authority.name).into_iter().skip(1);
    let mut names: Vec<&str> = above.map(|a| a.name.as_str()).collect();
    names.retain(|name| is_early(name) && is_early(&authority.name));
    names.reverse();
    names.push(&authority.name);
    let words = names.iter().map(|name| format!(" authority.{name}"));
    format!("pki renew{}", words.collect::<String>())
}

fn restore(certificate: &TreePath) -> String {
    format!("restore `{certificate}` from your backup or from a published copy")
}

/// What makes a place readable where something else than a bad file is in the
/// way; `otherwise` where not.
fn mend(path: &TreePath, inventory: &Inventory, otherwise: String) -> String {
    if inventory.barred(path).is_some() {
        return "move that away, and put the folder itself in its place".to_owned();
    }
    let word = shell::path(path.as_path());
    match inventory.item(path).map(|item| &item.record.content) {
        Some(Content::Folder) => {
            let old = shell::path(Path::new(&format!("{path}.old")));
            format!("mv {word} {old}, then {otherwise}")
        }
        Some(Content::Unreadable(why)) => words_hint(why)
            .unwrap_or_else(|| format!("ls -l {word}; run pki as its owner or as root")),
        _ => otherwise,
    }
}

fn at(path: &TreePath) -> Locator {
    Locator::File(path.as_path().to_owned())
}
