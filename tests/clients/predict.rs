//! What the library expects of a client.

use pki_core::cert::Certificate;
use pki_core::chain::{Anchor, PeerName};
use pki_core::clock::Timestamp;
use pki_core::consumer::{self, Asked, Consumer, Refusal, Release, Through};
use pki_core::model::usage::Purpose;

use crate::case::Case;
use crate::client::{Kind, Verdict};

/// What a client should say.
pub(crate) struct Predicted {
    pub(crate) verdict: Verdict,
    /// Id of the rule that refuses.
    pub(crate) rule: String,
    /// The words of the client, or those that are surely among them.
    pub(crate) text: String,
}

pub(crate) fn consumer(kind: Kind) -> &'static Consumer {
    let id = match kind {
        Kind::Go => "go",
        Kind::Java => "jsse",
        Kind::OpenSsl | Kind::Python => "openssl",
        Kind::Python313 => "python-strict",
        Kind::Rustls => "rustls",
    };
    consumer::find(id).unwrap()
}

fn certificate(pem: &str) -> Option<Certificate> {
    let pem = pem::parse(pem).ok()?;
    Certificate::from_der(pem.contents()).ok()
}

/// `None` for a question that is not predicted: what the library cannot read.
pub(crate) fn predict(kind: Kind, version: &str, case: &Case) -> Option<Predicted> {
    let consumer = consumer(kind);
    let mut told = tell(consumer, consumer.release(version), case)?;
    if kind == Kind::Python && told.is_ok() {
        // Of names every Python says what the newest does.
        let strict = self::consumer(Kind::Python313);
        let newest = tell(strict, strict.newest(), case)?;
        told = newest.or_else(|refusal| match refusal.rule {
            "openssl/name" => Err(refusal),
            _ => Ok(()),
        });
    }
    Some(match told {
        Ok(()) => Predicted {
            verdict: Verdict::Success,
            rule: String::new(),
            text: String::new(),
        },
        Err(refusal) => Predicted {
            verdict: Verdict::Failure,
            rule: refusal.rule.to_owned(),
            text: refusal.text,
        },
    })
}

/// What the library tells of a consumer; `None` where it cannot read a
/// certificate of the case.
pub(crate) fn tell(
    consumer: &Consumer,
    release: &Release,
    case: &Case,
) -> Option<Result<(), Refusal>> {
    let target = certificate(&case.peer_certificate)?;
    let read = |list: &[String]| -> Option<Vec<Certificate>> {
        list.iter().map(|pem| certificate(pem)).collect()
    };
    let pool = read(&case.untrusted_intermediates)?;
    let anchors: Vec<Anchor> = read(&case.trusted_certs)?
        .into_iter()
        .map(Anchor::new)
        .collect();
    let peer = case.expected_peer_name.as_ref().map(|name| {
        let value = name.value.clone();
        match name.kind.as_str() {
            "IP" => PeerName::Ip(value.parse().unwrap()),
            _ => PeerName::Dns(value),
        }
    });
    let client = case.extended_key_usage.iter().any(|p| p == "clientAuth")
        || case.validation_kind == "CLIENT";
    let time = case.validation_time.as_deref();
    let asked = Asked {
        target: &target,
        pool: &pool,
        anchors: &anchors,
        peer: peer.as_ref(),
        purpose: Some(if client {
            Purpose::ClientAuth
        } else {
            Purpose::ServerAuth
        }),
        now: time.map_or_else(pki_core::clock::now, |t| Timestamp::parse(t).unwrap()),
        within_second: time.is_some_and(|time| {
            let fraction = time.split_once('.').map_or("", |(_, rest)| rest);
            let mut digits = fraction.bytes().take_while(u8::is_ascii_digit);
            digits.any(|digit| digit != b'0')
        }),
        max_depth: case.max_chain_depth,
        through: Through::Handshake,
    };
    Some(consumer.predict(release, &asked))
}
