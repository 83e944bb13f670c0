//! The CN of a leaf that names no host, under a CA with name constraints.
//!
//! RFC 5280 binds the CN to nothing. But where the SubjectAltName has no
//! dNSName, OpenSSL 3.0 (`NAME_CONSTRAINTS_check_CN`) and Java 17
//! (`NameConstraintsExtension.verify`) hold a CN that could be a host to the
//! constraints on hosts.

use super::check;
use crate::cert::{Certificate, Fault as Flaw};
use crate::model::dn::{Attribute, Rdn};
use crate::model::san::GeneralName;

/// The CN of `leaf` that the constraints of `ca`, above it, do not permit.
pub(super) fn flaw(leaf: &Certificate, ca: &Certificate) -> Option<Flaw> {
    let is_host = |name: &GeneralName| matches!(name, GeneralName::Dns(_));
    if ca.name_constraints().is_none() || leaf.names().iter().any(is_host) {
        return None;
    }
    let attributes = leaf.subject().rdns().iter().flat_map(Rdn::attributes);
    let mut hosts = attributes
        .filter(|a| a.keyword() == Some("CN"))
        .filter_map(Attribute::text)
        .filter(|cn| may_be_host(cn));
    let cn = hosts.find(|cn| !may_vouch(ca, cn))?;
    Some(
        check::COMMON_NAME_NOT_PERMITTED
            .fails()
            .found(format!("CN={cn} and no host among its names"))
            .expected(format!(
                "a CN that {} may vouch for, or that cannot be a host",
                ca.subject()
            )),
    )
}

/// Whether OpenSSL or Java would take a CN for a host. OpenSSL asks for a dot;
/// Java knows no underscore and reads digits alone as a number. Each is asked
/// no more closely than that.
fn may_be_host(cn: &str) -> bool {
    let label = |l: &str| {
        !l.is_empty()
            && !l.starts_with('-')
            && l.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    cn.split('.').all(label)
        && (cn.contains('.') || (!cn.contains('_') && cn.bytes().any(|b| b.is_ascii_alphabetic())))
}

/// Whether the constraints of a CA on hosts permit `host`.
fn may_vouch(ca: &Certificate, host: &str) -> bool {
    let Some(constraints) = ca.name_constraints() else {
        return true;
    };
    let host = host.to_ascii_lowercase();
    let covers = |base: &str| {
        let base = base.to_ascii_lowercase();
        let above = host.strip_suffix(&*base);
        // `.example.com` is not in the RFC; OpenSSL takes all below it.
        let at_label = |a: &str| a.is_empty() || a.ends_with('.') || base.starts_with('.');
        base.is_empty() || above.is_some_and(at_label)
    };
    let bases = |list: &Option<Vec<crate::cert::Subtree>>| -> Vec<bool> {
        let bases = list
            .iter()
            .flatten()
            .filter_map(|subtree| match &subtree.base {
                GeneralName::Dns(base) => Some(covers(base)),
                _ => None,
            });
        bases.collect()
    };
    let permitted = bases(&constraints.permitted);
    let excluded = bases(&constraints.excluded);
    (permitted.is_empty() || permitted.contains(&true)) && !excluded.contains(&true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cert::oid;
    use crate::cert::tests::make::{ca, leaf, party};
    use crate::model::dn::Dn;

    /// What OpenSSL 3.0.19 and Java 17 said of leaves without any SAN, and of
    /// leaves with an address only, below a CA permitted `example.com`.
    #[test]
    fn as_openssl_and_java_judge() {
        let root = party("CN=Root");
        let host = |name: &str| GeneralName::Dns(name.into());
        let constrained = ca(&root, &root, |b| b.constrain(&[host("example.com")], &[]));
        let excluding = ca(&root, &root, |b| b.constrain(&[], &[host("other.com")]));
        let free = ca(&root, &root, |_| ());
        for (cn, good) in [
            ("CN=a.example.com", true),
            ("CN=EXAMPLE.com", true),
            ("CN=a.other.com", false),
            ("CN=badexample.com", false),
            ("CN=aistor-client", false), // Java
            ("CN=a_b.other.com", false), // OpenSSL
            ("CN=1a.other.com", false),
            ("CN=11.0.0.1", false),
            ("CN=client x+CN=a.other.com", false),
            ("CN=a.other.com,CN=client x", false), // OpenSSL
            ("CN=x y", true),
            ("CN=a_b", true),
            ("CN=*.other.com", true),
            ("CN=a.other.com.", true),
            ("CN=a@other.com", true),
            ("CN=ä.other.com", true),
            ("CN=123", true),
            ("CN=-x", true),
            ("O=a.other.com", true),
        ] {
            let mut subject = party("CN=x");
            subject.name = Dn::parse(cn).unwrap();
            for names in [&[][..], &[GeneralName::Ip(vec![10, 0, 0, 1])]] {
                let without = leaf(&subject, &root, |b| match names {
                    [] => b.remove(oid::SUBJECT_ALT_NAME),
                    names => b.names(names),
                });
                assert_eq!(flaw(&without, &constrained).is_none(), good, "{cn}");
                assert!(flaw(&without, &free).is_none());
            }
            let with = leaf(&subject, &root, |b| b.hosts(&["a.example.com"]));
            assert!(flaw(&with, &constrained).is_none(), "{cn}");
        }
        for (cn, good) in [("CN=a.other.com", false), ("CN=a.example.com", true)] {
            let mut subject = party("CN=x");
            subject.name = Dn::parse(cn).unwrap();
            let leaf = leaf(&subject, &root, |b| b.remove(oid::SUBJECT_ALT_NAME));
            assert_eq!(flaw(&leaf, &excluding).is_none(), good, "{cn}");
        }
    }
}
