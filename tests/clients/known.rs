//! Where a client's answer is understood and still cannot be told beforehand.

use crate::case::Case;
use crate::client::Kind;

/// Answers that count neither as predicted nor as missed.
struct Known {
    kind: Kind,
    /// Faults of which all must be there, each by its first words.
    faults: &'static [&'static [&'static str]],
    why: &'static str,
}

const KNOWN: [Known; 1] = [Known {
    kind: Kind::Java,
    // Two trusted certificates of one name and key, of which one is no CA.
    faults: &[
        &["root has a trusted twin without keyCertSign"],
        &["root has a trusted twin with CA:FALSE"],
        &["root has a trusted twin", "root without basicConstraints"],
        &["root has a trusted twin", "root with CA:FALSE"],
        &["root has a trusted twin", "root as a leaf"],
        &["root has a trusted twin", "root keyUsage"],
        &["root has a trusted twin", "root is v3 without extensions"],
    ],
    // OpenJDK 17.0.15 and 25: the anchors stand in a HashSet and have no
    // hashCode of their own; PKIXValidator.verifyTrustAnchor looks at the one
    // that was taken when the path is found, and tries no other. Measured: the
    // answers depend on the order in which the cases are asked.
    why: "of several anchors that fit, JSSE takes any, and refuses if that one is no CA",
}];

/// Why what this client says of this case cannot be told; `None` where it can.
pub(crate) fn why(kind: Kind, case: &Case) -> Option<&'static str> {
    let present = |wanted: &&str| case.features.iter().any(|f| f.starts_with(wanted));
    let known = KNOWN.iter().find(|known| {
        let together = |all: &&[&str]| all.iter().all(present);
        known.kind == kind && known.faults.iter().any(together)
    });
    known.map(|known| known.why)
}
