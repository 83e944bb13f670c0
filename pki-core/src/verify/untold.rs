//! A key of a kind that is not read here.

use std::path::Path;

use crate::key::KeyError;
use crate::report::{Finding, Locator, Severity, rule, shell};

/// That nobody here knows whether the private key in `key` belongs to the
/// certificate in `certificate`, and how one sees it; `why` it is not known. A
/// warning: the two may belong together.
pub fn key_untold(key: &Path, certificate: &Path, why: &KeyError) -> Finding {
    rule::KEY_UNREADABLE
        .at(Locator::File(key.to_owned()))
        .weighing(Severity::Warning)
        .found(format!("{why}: whether it fits is not told"))
        .fix(format!(
            "compare what these print: `openssl pkey -in {} -pubout` and `openssl x509 -in {} -noout -pubkey`",
            shell::path(key),
            shell::path(certificate)
        ))
}
