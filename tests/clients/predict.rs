//! What the library expects of a client.

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

/// `None` for a client or a question that is not predicted.
pub(crate) fn predict(_kind: Kind, _version: &str, _case: &Case) -> Option<Predicted> {
    None
}
