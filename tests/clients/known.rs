//! Where a client's answer is understood and still not told beforehand.

use crate::case::Case;
use crate::client::{Client, Kind};

/// Answers that count neither as predicted nor as missed.
struct Known {
    kind: Kind,
    /// The versions begin so.
    version: &'static str,
    /// With each of them one of the case's faults begins.
    faults: &'static [&'static str],
    /// Read aloud: why it cannot be told.
    why: &'static str,
}

const KNOWN: [Known; 2] = [
    Known {
        kind: Kind::Java,
        version: "",
        faults: &["root has a trusted twin without keyCertSign"],
        why: ANY_ANCHOR,
    },
    Known {
        kind: Kind::Java,
        version: "",
        faults: &["root has a trusted twin with CA:FALSE"],
        why: ANY_ANCHOR,
    },
];

/// `OpenJDK` 17.0.15 and 25: `sun.security.validator.PKIXValidator.toArray` looks
/// at the anchor after the path is found; anchors stand in a `HashSet`, and
/// `TrustAnchor` has no `hashCode` of its own.
const ANY_ANCHOR: &str =
    "of several anchors that fit, JSSE takes any, and refuses if that one is no CA";

/// Why what this client says of this case is not told; `None` where it is.
pub(crate) fn why(client: &Client, case: &Case) -> Option<&'static str> {
    let holds = |known: &&Known| {
        let all = known.faults.iter().all(|wanted| {
            let mut faults = case.features.iter();
            faults.any(|fault| fault.starts_with(wanted))
        });
        known.kind == client.kind && client.version.starts_with(known.version) && all
    };
    KNOWN.iter().find(holds).map(|known| known.why)
}
