//! Everything that reads what others made, for one mutant.

use std::hint::black_box;

use pki_core::cert::{Certificate, CertificateRequest, Crl};
use pki_core::chain::{
    self, Anchor, ChainPolicy, Explanation, Files, Outcome, PeerName, Revocation, RuleSet,
};
use pki_core::consumer::{Asked, CONSUMERS, Through};
use pki_core::key;
use pki_core::model::usage::Purpose;
use pki_core::pem;

use crate::make::NOW;
use crate::material::{Chain, Kind};

/// Reads a mutant and judges what can be read; whether it could. `turn` says
/// whose rules hold and where in the chain the mutant stands.
pub(crate) fn read(kind: Kind, octets: &[u8], chain: &Chain, turn: usize) -> bool {
    match kind {
        Kind::Certificate => certificate(octets, chain, turn),
        Kind::Crl => list(octets, chain, turn),
        Kind::Request => request(octets, turn.is_multiple_of(chain.every)),
        Kind::Key => private_key(octets),
        Kind::Pem => text(octets),
    }
}

fn certificate(octets: &[u8], chain: &Chain, turn: usize) -> bool {
    let certificate = match Certificate::from_der(octets) {
        Ok(certificate) => certificate,
        Err(why) => {
            black_box(why.to_string());
            return false;
        }
    };
    told(&certificate);
    let target = if turn.is_multiple_of(3) {
        &certificate
    } else {
        &chain.leaf
    };
    let pool = [if turn % 3 == 1 {
        &certificate
    } else {
        &chain.ca
    }
    .clone()];
    let anchor = if turn % 3 == 2 {
        &certificate
    } else {
        &chain.root
    };
    // A second trusted one, so that chains with the mutant hold as well.
    let anchors = [anchor.clone(), certificate.clone()].map(Anchor::new);
    let trusted = 1 + usize::from((turn / 3).is_multiple_of(2));
    if !turn.is_multiple_of(chain.every) {
        return true;
    }
    let turn = turn / chain.every;
    judge(target, &pool, &anchors[..trusted], turn / 6);
    predict(target, &pool, &anchors[..1], turn / 2);
    true
}

/// What the consumer of this turn says of a chain.
pub(crate) fn predict(target: &Certificate, pool: &[Certificate], anchors: &[Anchor], turn: usize) {
    let consumer = CONSUMERS[turn % CONSUMERS.len()];
    let turn = turn / CONSUMERS.len();
    let release = &consumer.releases[turn % consumer.releases.len()];
    let dialled = PeerName::Dns("web.example".into());
    let asked = Asked {
        target,
        pool,
        anchors,
        peer: Some(&dialled),
        purpose: turn.is_multiple_of(2).then_some(Purpose::ServerAuth),
        now: NOW,
        within_second: false,
        max_depth: None,
        through: if turn % 4 < 2 {
            Through::Handshake
        } else {
            Through::Library
        },
    };
    if let Err(refusal) = consumer.predict(release, &asked) {
        assert!(!refusal.text.is_empty() && !refusal.rule.is_empty());
    }
}

/// All that a certificate says of itself.
fn told(certificate: &Certificate) {
    black_box((certificate.fingerprint(), certificate.serial().to_string()));
    black_box((
        certificate.subject().to_string(),
        certificate.issuer().to_string(),
    ));
    for name in certificate.names() {
        black_box(name.to_string());
    }
    for extension in certificate.extensions() {
        black_box(extension.name());
    }
    for fault in certificate.faults() {
        assert!(chain::find_check(fault.check).is_some(), "{}", fault.check);
    }
    black_box((certificate.is_self_issued(), certificate.is_ca()));
    black_box(chain::not_understood(certificate));
    black_box(certificate.public_key().describe());
}

/// A chain by the rules of this turn.
pub(crate) fn judge(target: &Certificate, pool: &[Certificate], anchors: &[Anchor], turn: usize) {
    let policy = match turn % 5 {
        0 => ChainPolicy::common(Some(Purpose::ServerAuth)),
        1 => ChainPolicy::rfc5280(),
        2 => ChainPolicy::webpki(),
        3 => ChainPolicy::strict(Some(Purpose::ServerAuth)),
        _ => ChainPolicy::path_validation(),
    };
    let policy = policy.with_peer(PeerName::Dns("web.example".into()));
    match chain::build(target, pool, anchors, &policy, NOW) {
        Outcome::Accepted(chain) => {
            let rules = [RuleSet::Rfc5280, RuleSet::WebPki, RuleSet::Private][turn % 3];
            for fault in chain::findings(&chain, target, pool, anchors, rules) {
                black_box(fault.to_string());
            }
        }
        Outcome::Refused(why) => explained(&why),
        Outcome::Undecided(limit, _) => panic!("three certificates reach a limit: {limit}"),
    }
}

/// A refusal says why, of the nearest path first.
fn explained(why: &Explanation) {
    let faults = why.faults();
    assert!(!faults.is_empty(), "refused without a reason");
    for fault in faults {
        black_box((fault.to_string(), fault.hint(&Files::default())));
    }
}

fn list(octets: &[u8], chain: &Chain, turn: usize) -> bool {
    let list = match Crl::from_der(octets) {
        Ok(list) => list,
        Err(why) => {
            black_box(why.to_string());
            return false;
        }
    };
    black_box((
        list.number().map(ToString::to_string),
        list.scope(),
        list.faults().len(),
    ));
    black_box(list.entries_of(chain.leaf.serial()).len());
    if !turn.is_multiple_of(chain.every) {
        return true;
    }
    let policy = ChainPolicy::common(Some(Purpose::ServerAuth));
    let policy = policy.with_revocation(Revocation::Hard(vec![list].into()));
    let (pool, anchors) = ([chain.ca.clone()], [Anchor::new(chain.root.clone())]);
    match chain::build(&chain.leaf, &pool, &anchors, &policy, NOW) {
        // Of the CA nothing is told, whatever a list of the leaf's issuer says.
        Outcome::Accepted(_) => panic!("accepted without a list of the root"),
        Outcome::Refused(why) | Outcome::Undecided(_, why) => explained(&why),
    }
    true
}

fn request(octets: &[u8], verified: bool) -> bool {
    match CertificateRequest::from_der(octets) {
        Ok(request) => {
            black_box((request.subject().to_string(), request.names().len()));
            if verified {
                black_box(request.verify().is_ok());
            }
            true
        }
        Err(why) => {
            black_box(why.to_string());
            false
        }
    }
}

fn private_key(octets: &[u8]) -> bool {
    black_box(key::survey(octets).surplus());
    match key::load(octets, None) {
        Ok(loaded) => {
            black_box((
                loaded.key.public().describe(),
                loaded.key.public().unsound(),
            ));
            true
        }
        Err(why) => {
            black_box((why.to_string(), why.hint()));
            false
        }
    }
}

/// A file of a user: blocks, and whatever stands in them.
fn text(octets: &[u8]) -> bool {
    let pem = pem::blocks(octets);
    black_box((
        pem::is_pem(octets),
        pem::is_cut(octets),
        pem::is_marked(octets),
    ));
    black_box(key::survey(octets).encrypted());
    let mut any = private_key(octets);
    for block in &pem.blocks {
        assert!(block.range.start <= block.range.end && block.range.end <= octets.len());
        let Ok(der) = &block.der else { continue };
        any |= Certificate::from_der(der).is_ok()
            || Crl::from_der(der).is_ok()
            || CertificateRequest::from_der(der).is_ok();
    }
    any
}
