//! What ends a handshake before a chain is looked at: a key that nobody can sign
//! it with, more certificates than are read.

use crate::cert::Certificate;
use crate::consumer::Refusal;
use crate::report::guide::{self, Client, quoted};
use crate::report::{Finding, Locator, Severity, rule};

/// Who can take a signature of a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Takers {
    Everybody,
    /// OpenSSL, Python and Java take Ed448 and keys that are bound to PSS (measured
    /// with OpenSSL 3.0.19, Python 3.13, Java 17 and 25); Go 1.26 does not, nor
    /// rustls 0.23 by its source.
    Some,
    Nobody,
}

/// TLS 1.3 has signatures for three curves, RSA, Ed25519 and Ed448 (RFC 8446
/// 4.2.3), and clients offer no other curve in TLS 1.2 either (measured with a
/// server of OpenSSL 3.0.19 and keys on P-224, secp256k1, brainpoolP256r1, and
/// DSA).
fn takers(leaf: &Certificate) -> Takers {
    let key = leaf.public_key();
    if key.algorithm().is_some() {
        return Takers::Everybody;
    }
    match (key.describe().as_str(), key.is_on_named_curve()) {
        (some, _) if some == "Ed448" || some.starts_with("RSA-PSS") => Takers::Some,
        (_, true) | ("DSA", _) => Takers::Nobody,
        // Others were not measured; what is written in a wrong way is told by
        // `key-parameters` and `key-malformed`.
        _ => Takers::Everybody,
    }
}

/// Certificates that Java reads of a server (`jdk.tls.maxCertificateChainLength`;
/// measured with Java 17 and 25).
const MOST_FOR_JAVA: usize = 10;

/// Why a client gets no further than the handshake with a server that sends `leaf`
/// and `above` behind it.
pub(super) fn refusal(leaf: &Certificate, above: usize, client: Client) -> Option<Refusal> {
    unsigned_by(leaf, client).or_else(|| {
        let sent = above + 1;
        (client == Client::Java && sent > MOST_FOR_JAVA).then(|| Refusal {
            rule: rule::CHAIN_OVER_TEN.id,
            text: format!(
                "The certificate chain length ({sent}) exceeds the maximum allowed length ({MOST_FOR_JAVA})"
            ),
        })
    })
}

/// What a client prints where no handshake is signed with this key: the server
/// ends it before its certificate is looked at.
fn unsigned_by(leaf: &Certificate, client: Client) -> Option<Refusal> {
    let takes = match takers(leaf) {
        Takers::Everybody => true,
        Takers::Some => !matches!(client, Client::Go | Client::Rustls),
        Takers::Nobody => false,
    };
    let rule = rule::KEY_NOT_FOR_TLS.id;
    let text = || guide::find(rule)?.words(client).map(str::to_owned);
    let text = (!takes).then(text)??;
    Some(Refusal { rule, text })
}

/// A key that some or all clients cannot have a handshake signed with; the place
/// is still to be said.
pub(super) fn unsigned(leaf: &Certificate) -> Option<Finding> {
    let said = Client::LIBRARIES.iter().filter_map(|client| {
        let refusal = unsigned_by(leaf, *client)?;
        Some((*client, refusal.text))
    });
    let said: Vec<(Client, String)> = said.collect();
    if said.is_empty() {
        return None;
    }
    let everybody = said.len() == Client::LIBRARIES.len();
    let kind = leaf.public_key().describe();
    let finding = rule::KEY_NOT_FOR_TLS
        .at(Locator::Tree)
        .weighing(if everybody {
            Severity::Error
        } else {
            Severity::Warning
        })
        .found(format!("{}: a key of the kind {kind}", leaf.subject()))
        .expected("ECDSA P-256 or P-384, or RSA with 2048 bits or more")
        .fix("make a new key, `ecdsa-p256` for example, and issue it again");
    let who = quoted(&said, everybody).into_iter();
    Some(who.fold(finding, Finding::affects))
}
