//! Opens the keys of the authorities that a plan signs with.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, Result};
use crate::key::{self, KeyError, PrivateKey};
use crate::plan::{Action, Plan, Step, Target};
use crate::record::Content;
use crate::secret::Secret;
use crate::stack::{Authority, Origin, Pair, PairId, Stack};
use crate::store::{Store, reading_hint};

/// What opening brought.
#[derive(Debug, Default)]
pub(super) struct Signers {
    /// Keys that are on disk, by authority.
    pub(super) keys: BTreeMap<String, PrivateKey>,
    /// Passphrases for keys that are about to be written encrypted.
    pub(super) passphrases: BTreeMap<String, Secret>,
}

/// Opens every key that exists and that a step signs with, and asks for the
/// passphrase of every key that will be stored encrypted.
pub(super) fn open(
    store: &Store,
    stack: &Stack,
    plan: &Plan,
    passphrase: &dyn Fn(&str) -> Result<Secret>,
) -> Result<Signers> {
    let mut signers = Signers::default();
    let pairs: BTreeMap<&PairId, &Pair> = stack.pairs().map(|p| (&p.id, p)).collect();
    let made: BTreeSet<&String> = plan.steps.iter().filter_map(made_now).collect();
    for step in &plan.steps {
        let signer = match (&step.target, &step.action) {
            (Target::Authority(name), action) => {
                let Some(authority) = stack.authority(name) else {
                    continue;
                };
                if action.needs_key() && authority.encrypted {
                    signers.passphrases.insert(name.clone(), passphrase(name)?);
                }
                if let Action::Request { new_key } = action {
                    if !new_key {
                        open_one(store, authority, &mut signers, passphrase)?;
                    }
                    continue;
                }
                match &authority.origin {
                    Origin::Issuer(issuer) => {
                        if *action == Action::Renew {
                            open_one(store, authority, &mut signers, passphrase)?;
                        }
                        issuer.as_str()
                    }
                    Origin::Root if *action == Action::Renew => name.as_str(),
                    _ => continue,
                }
            }
            (Target::Pair(id), Action::Create | Action::Renew | Action::Rekey) => {
                match pairs.get(id).and_then(|pair| pair.issuer()) {
                    Some(authority) => authority,
                    None => continue,
                }
            }
            _ => continue,
        };
        if let Some(authority) = stack.authority(signer)
            && !made.contains(&authority.name)
        {
            open_one(store, authority, &mut signers, passphrase)?;
        }
    }
    Ok(signers)
}

/// The authority whose key a step makes.
fn made_now(step: &Step) -> Option<&String> {
    match &step.target {
        Target::Authority(name) if step.action.needs_key() => Some(name),
        _ => None,
    }
}

fn open_one(
    store: &Store,
    authority: &Authority,
    signers: &mut Signers,
    passphrase: &dyn Fn(&str) -> Result<Secret>,
) -> Result<()> {
    let name = &authority.name;
    if signers.keys.contains_key(name) {
        return Ok(());
    }
    let Some(path) = authority.signing().and_then(|g| g.key.as_ref()) else {
        return Err(Error::usage(format!(
            "authority `{name}` is external and signs nothing here"
        ))
        .hint(format!(
            "name another `authority` for what `{name}` should sign"
        )));
    };
    let record = store.read(path);
    let what = format!("authority `{name}` cannot sign: its key `{path}` cannot be read");
    if let Content::Unreadable(why) = &record.content {
        // It is there: no backup is needed.
        let hint = reading_hint(&store.root().join(path.as_path()), why);
        return Err(Error::world(what).cause(why).hint(hint));
    }
    let Some(bytes) = record.bytes() else {
        return Err(Error::usage(what)
            .cause(match &record.content {
                Content::Refused(why) => why,
                _ => "no such file",
            })
            .hint(format!("restore `{path}` from your backup")));
    };
    let loaded = match key::load(bytes, None) {
        Err(KeyError::PassphraseMissing) => {
            let phrase = passphrase(name)?;
            key::load(bytes, Some(&phrase))
        }
        other => other,
    };
    let loaded = loaded.map_err(|e| {
        // A CA's key is not made anew: nobody would trust what it signs.
        let asked = matches!(e, KeyError::PassphraseMissing | KeyError::PassphraseWrong);
        let restore = !asked && !e.is_form();
        let error = Error::from(e).context(format!("authority `{name}` cannot sign with `{path}`"));
        if restore {
            error.hint(format!("restore `{path}` from your backup"))
        } else {
            error
        }
    })?;
    signers.keys.insert(name.clone(), loaded.key);
    Ok(())
}
