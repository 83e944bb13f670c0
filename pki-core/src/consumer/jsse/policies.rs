//! Certificate policies as the JDK reads and follows them
//! (`CertificatePoliciesExtension`, `PolicyChecker`).

use crate::cert::Certificate;
use crate::consumer::facts;
use crate::der::{self, tag};

pub(super) const POLICIES: &str = "2.5.29.32";

const ANY_POLICY: &str = "2.5.29.32.0";

/// Policies, each with whether it has qualifiers; `None` where one cannot be read:
/// `PolicyInformation` takes no list of qualifiers that is empty.
pub(super) fn read(value: &[u8]) -> Option<Vec<(String, bool)>> {
    let list = der::only(value, tag::SEQUENCE).ok()?;
    let mut reader = list.reader();
    let mut policies = Vec::new();
    while !reader.is_empty() {
        let mut policy = reader.element(tag::SEQUENCE).ok()?.reader();
        let oid = der::oid_text(policy.element(tag::OID).ok()?.value)?;
        let qualified = !policy.is_empty();
        if qualified && policy.element(tag::SEQUENCE).ok()?.value.is_empty() {
            return None;
        }
        policies.push((oid, qualified));
    }
    Some(policies)
}

/// Whether a policy other than anyPolicy has qualifiers in an extension that is
/// critical, while all certificates above, the anchor aside, have policies, those
/// taken as equal: `path` with its anchor.
pub(super) fn critical_qualifiers(path: &[&Certificate]) -> bool {
    for cert in path[..path.len() - 1].iter().rev() {
        let extension = facts::extension(cert, POLICIES);
        let Some((extension, policies)) = extension.and_then(|e| Some((e, read(&e.value)?))) else {
            // The tree of policies is empty from here down.
            return false;
        };
        let told = |(oid, qualified): &(String, bool)| *qualified && oid != ANY_POLICY;
        if extension.critical && policies.iter().any(told) {
            return true;
        }
    }
    false
}
