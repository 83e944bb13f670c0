//! What Go says where no chain is found (`buildChains`, `Verify`).

use super::{DSA_SHA256, UNKNOWN_AUTHORITY, key};
use crate::cert::Certificate;
use crate::consumer::rule::{Rule, Stage};
use crate::consumer::search::{End, Miss};
use crate::consumer::{Refusal, facts, signature};
use crate::model::algorithm::KeyAlgorithm;

/// One call of `buildChains`: the first that was refused, and what came last of
/// those whose signature held.
#[derive(Default)]
struct Call {
    hint: Option<(Refusal, String)>,
    last: Option<Refusal>,
}

impl Call {
    fn error(self) -> Refusal {
        self.last.unwrap_or_else(|| match self.hint {
            None => UNKNOWN_AUTHORITY.refusal(""),
            Some((why, name)) => Refusal {
                rule: why.rule,
                ..UNKNOWN_AUTHORITY.refusal(&format!(
                    " (possibly because of {:?} while trying to verify candidate authority certificate {name:?})",
                    why.text
                ))
            },
        })
    }
}

/// What `Verify` returns: of chains that were built and refused; else of the limit;
/// else of the calls, each of which takes what the last one above it returned.
pub(super) fn report(misses: &[Miss<'_>], limit: Option<&Rule>) -> Refusal {
    if let Some(refusal) = of_chains(misses) {
        return refusal;
    }
    if let Some(rule) = limit {
        return rule.refusal("");
    }
    let mut calls = vec![Call::default()];
    for miss in misses {
        // The one at depth 1 is in the first call.
        while calls.len() < miss.depth {
            calls.push(Call::default());
        }
        let refusal = match &miss.end {
            // What cannot be read is in no pool.
            End::Rule(Stage::Read, _) => continue,
            // It was tried in the call below the one that ended.
            End::Above => {
                let ended = calls.split_off(miss.depth).into_iter().next();
                calls[miss.depth - 1].last = Some(ended.unwrap_or_default().error());
                continue;
            }
            // A candidate without a key is passed over.
            _ if !key::is_read(miss.cert) => continue,
            End::Signature => Refusal {
                text: did_not_verify(miss.child, miss.cert),
                ..UNKNOWN_AUTHORITY.refusal("")
            },
            End::Rule(_, refusal) => refusal.clone(),
        };
        let call = &mut calls[miss.depth - 1];
        let valid_signature = matches!(miss.end, End::Rule(Stage::Issuer, _));
        if valid_signature {
            call.last = Some(refusal.clone());
        }
        call.hint.get_or_insert_with(|| (refusal, name(miss.cert)));
    }
    calls.swap_remove(0).error()
}

/// Of chains that were found and fail as a whole: constraints first, then uses and
/// policies together.
fn of_chains(misses: &[Miss<'_>]) -> Option<Refusal> {
    let refused = misses.iter().filter_map(|miss| match &miss.end {
        End::Rule(Stage::Chain, refusal) => Some(refusal),
        _ => None,
    });
    let refused: Vec<&Refusal> = refused.collect();
    let of = |rule: &str| refused.iter().filter(|r| r.rule == rule).count();
    let others = |r: &&&Refusal| !["go/purpose", "go/policies"].contains(&r.rule);
    if let Some(constraint) = refused.iter().find(others) {
        return Some((*constraint).clone());
    }
    let first = (*refused.first()?).clone();
    let (uses, policies) = (of("go/purpose"), of("go/policies"));
    if policies == 0 {
        return Some(first);
    }
    let uses = match uses {
        0 => String::new(),
        _ => format!("{uses} candidate chains with incompatible key usage, "),
    };
    Some(Refusal {
        text: format!(
            "x509: no valid chains built: {uses}{policies} candidate chains with invalid policies"
        ),
        ..first
    })
}

/// How a candidate is named.
fn name(cert: &Certificate) -> String {
    let subject = cert.subject();
    facts::last_common_name(subject).unwrap_or_else(|| subject.to_string())
}

/// What the verifying function of the issuer's key says.
fn did_not_verify(child: &Certificate, issuer: &Certificate) -> String {
    let (own, said) = match issuer.public_key().algorithm() {
        Some(KeyAlgorithm::Rsa(_)) => ("*rsa.PublicKey", "crypto/rsa: verification error"),
        Some(KeyAlgorithm::Ed25519) => ("ed25519.PublicKey", "x509: Ed25519 verification failure"),
        _ => ("*ecdsa.PublicKey", "x509: ECDSA verification failure"),
    };
    let (wanted, article) = match signature::algorithm(child).as_deref() {
        Some("1.3.101.112") => ("ed25519.PublicKey", "Ed25519"),
        Some(DSA_SHA256) => ("*dsa.PublicKey", "DSA"),
        _ if signature::is_rsa(child) => ("*rsa.PublicKey", "RSA"),
        _ => ("*ecdsa.PublicKey", "ECDSA"),
    };
    if wanted == own {
        return said.to_owned();
    }
    format!(
        "x509: signature algorithm specifies an {article} public key, but have public key of type {own}"
    )
}
