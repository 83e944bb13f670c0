//! How clients would decide a case.

use pki_core::consumer::{self, Asked, Refusal, Through};

use crate::case::Case;

/// A client by its name in the files of verdicts, the consumer that it is, and the
/// release that was asked there: OpenSSL with its strict checks.
pub(crate) const CLIENTS: [(&str, &str, &str); 4] = [
    ("go", "go", "1.23"),
    ("jsse", "jsse", "17"),
    ("openssl", "python-strict", "3.0"),
    ("rustls", "rustls", "0.103"),
];

/// What a consumer in a release would answer; `None` where it is not known, or the
/// target cannot be read, which all of them refuse.
pub(crate) fn predict(case: &Case, consumer: &str, release: &str) -> Option<Result<(), Refusal>> {
    let consumer = consumer::find(consumer)?;
    let asked = Asked {
        target: case.target.as_ref().ok()?,
        pool: &case.pool,
        anchors: &case.anchors,
        peer: case.dialled.as_ref(),
        purpose: case.purpose.clone(),
        now: case.now,
        within_second: case.within_second,
        max_depth: case.policy.max_depth,
        through: Through::Library,
    };
    Some(consumer.predict(consumer.release(release), &asked))
}
