//! Every check of the engine: its id, the clause it comes from, its layer, and
//! how much its failure says to a person.

use std::collections::BTreeSet;

use crate::cert::Fault as Flaw;

/// Who asks for a check.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Layer {
    /// Path validation itself (RFC 5280 section 6, RFC 9525) and the limits of
    /// a caller: whoever checks certificates at all checks this.
    Path,
    /// What RFC 5280 sections 4 and 5 demand of whoever issues certificates and
    /// CRLs; many clients take those that break it.
    Profile,
    /// Beyond RFC 5280: what single clients ask for, above all Python 3.13
    /// (OpenSSL's `X509_V_FLAG_X509_STRICT`), Java and rustls.
    Strict,
    /// What the CA/Browser Forum's Baseline Requirements for TLS servers (2.2.6)
    /// demand of who is publicly trusted, beyond RFC 5280.
    WebPki,
}

impl Layer {
    const COUNT: usize = Self::WebPki as usize + 1;
}

/// One check.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Check {
    /// Its id, part of the API.
    pub id: &'static str,
    /// The clause that it comes from.
    pub clause: &'static str,
    /// Who asks for it.
    pub layer: Layer,
    /// Order of usefulness in an explanation; the lowest comes first.
    pub(super) order: u8,
    /// How far a path that fails it is from being accepted.
    pub(super) weight: u32,
}

impl Check {
    const fn path(id: &'static str, clause: &'static str, order: u8, weight: u32) -> Self {
        Self {
            id,
            clause,
            layer: Layer::Path,
            order,
            weight,
        }
    }

    const fn profile(id: &'static str, clause: &'static str) -> Self {
        Self {
            id,
            clause,
            layer: Layer::Profile,
            order: 60,
            weight: 3,
        }
    }

    const fn crl(id: &'static str, clause: &'static str) -> Self {
        Self {
            order: 18,
            weight: 5,
            ..Self::profile(id, clause)
        }
    }

    const fn strict(id: &'static str, clause: &'static str) -> Self {
        Self {
            id,
            clause,
            layer: Layer::Strict,
            order: 50,
            weight: 3,
        }
    }

    const fn webpki(id: &'static str, clause: &'static str) -> Self {
        Self {
            id,
            clause,
            layer: Layer::WebPki,
            order: 55,
            weight: 3,
        }
    }

    /// A failure of this check, its values to be filled in.
    pub(super) fn fails(&self) -> Flaw {
        Flaw::new(self.id, self.clause)
    }
}

macro_rules! checks {
    ($($name:ident = $make:expr;)*) => {
        $(pub(crate) const $name: Check = $make;)*
        /// All checks of the engine, in the order of their ids' first use.
        pub const CHECKS: &[Check] = &[$($name),*];
    };
}

checks! {
    // Trust: nothing else matters as long as these fail.
    SIGNATURE = Check::path("signature", "RFC 5280 6.1.3(a)(1)", 1, 60);
    UNTRUSTED_ROOT = Check::path("untrusted-root", "RFC 5280 6.1", 2, 100);
    ISSUER_NOT_FOUND = Check::path("issuer-not-found", "RFC 5280 6.1", 3, 100);
    ISSUER_NAME = Check::path("issuer-name", "RFC 5280 6.1.3(a)(4)", 4, 80);
    SIGNATURE_ALGORITHM = Check::path("signature-algorithm", "RFC 5280 6.1.3(a)(1)", 5, 40);
    SIGNATURE_KEY = Check::path("signature-key", "RFC 5280 4.1.1.2", 5, 50);
    WEAK_KEY = Check::path("weak-key", "NIST SP 800-131A", 6, 30);
    LIMIT_REACHED = Check::path("limit-reached", "policy: budget of the search", 7, 50);
    // Time.
    EXPIRED = Check::path("expired", "RFC 5280 6.1.3(a)(2)", 10, 10);
    NOT_YET_VALID = Check::path("not-yet-valid", "RFC 5280 6.1.3(a)(2)", 10, 10);
    // What was asked for.
    NAME_NOT_COVERED = Check::path("name-not-covered", "RFC 9525 6", 12, 10);
    PURPOSE = Check::path("purpose", "RFC 5280 4.2.1.12", 14, 10);
    KEY_USAGE = Check::path("key-usage", "RFC 5280 4.2.1.3", 15, 10);
    // Who may issue what.
    NOT_A_CA = Check::path("not-a-ca", "RFC 5280 6.1.4(k)", 20, 20);
    KEY_CERT_SIGN = Check::path("key-cert-sign", "RFC 5280 6.1.4(n)", 21, 20);
    PATH_LENGTH = Check::path("path-length", "RFC 5280 6.1.4(l)", 22, 15);
    CHAIN_TOO_LONG = Check::path("chain-too-long", "policy: longest chain", 23, 15);
    NAME_EXCLUDED = Check::path("name-excluded", "RFC 5280 6.1.3(c)", 24, 15);
    NAME_NOT_PERMITTED = Check::path("name-not-permitted", "RFC 5280 6.1.3(b)", 24, 15);
    CONSTRAINT_UNSUPPORTED = Check::path("constraint-unsupported", "RFC 5280 4.2.1.10", 25, 15);
    CONSTRAINT_MALFORMED = Check::path("constraint-malformed", "RFC 5280 4.2.1.10", 26, 15);
    // What cannot be understood.
    UNKNOWN_CRITICAL = Check::path("unknown-critical-extension", "RFC 5280 6.1.4(o)", 30, 15);
    POLICIES = Check::path("policies-not-processed", "RFC 5280 4.2.1.4", 31, 15);
    DUPLICATE_EXTENSION = Check::path("duplicate-extension", "RFC 5280 4.2", 11, 10);
    MALFORMED_EXTENSION = Check::path("malformed-extension", "RFC 5280 4.2.1", 11, 10);
    ALGORITHMS_DIFFER = Check::path("algorithms-differ", "RFC 5280 4.1.1.2", 33, 10);
    EXTENSIONS_IN_OLD_VERSION = Check::path("extensions-in-old-version", "RFC 5280 4.1.2.1", 34, 10);
    // Revocation: of a certificate, and why a CRL does not tell it.
    REVOKED = Check::path("revoked", "RFC 5280 6.1.3(a)(3)", 8, 20);
    REVOCATION_UNKNOWN = Check::path("revocation-unknown", "RFC 5280 6.3.3", 16, 10);
    CRL_SIGNATURE = Check::path("crl-signature", "RFC 5280 6.3.3(g)", 17, 5);
    CRL_SIGNER = Check::path("crl-signer", "RFC 5280 6.3.3(f)", 17, 5);
    CRL_EXPIRED = Check::path("crl-expired", "RFC 5280 6.3.3(a)", 17, 5);
    CRL_NOT_YET_VALID = Check::path("crl-not-yet-valid", "RFC 5280 5.1.2.4", 17, 5);
    CRL_SCOPE = Check::path("crl-scope", "RFC 5280 6.3.3(b)(2)", 18, 5);
    CRL_NOT_PROCESSED = Check::path("crl-not-processed", "RFC 5280 5.2", 18, 5);
    CRL_CRITICAL = Check::path("crl-critical-extension", "RFC 5280 5.2", 18, 5);
    CRL_MALFORMED = Check::path("crl-malformed", "RFC 5280 5.2", 18, 5);
    CRL_ALGORITHMS_DIFFER = Check::path("crl-algorithms-differ", "RFC 5280 5.1.1.2", 18, 5);
    // RFC 5280 section 5: a list that breaks it is not used.
    CRL_VERSION = Check::crl("crl-version", "RFC 5280 5.1.2.1");
    CRL_NUMBER_MISSING = Check::crl("crl-number-missing", "RFC 5280 5.2.3");
    CRL_NEXT_UPDATE_MISSING = Check::crl("crl-next-update-missing", "RFC 5280 5.1.2.5");
    CRL_AKI_MISSING = Check::crl("crl-authority-key-id-missing", "RFC 5280 5.2.1");
    CRL_CONTENT = Check::crl("crl-content", "RFC 5280 5");
    // RFC 5280 section 4.
    SERIAL_NUMBER = Check::profile("serial-number", "RFC 5280 4.1.2.2");
    TIME_FORM = Check::profile("time-form", "RFC 5280 4.1.2.5");
    EMPTY_ISSUER = Check::profile("empty-issuer", "RFC 5280 4.1.2.4");
    EMPTY_SUBJECT = Check::profile("empty-subject", "RFC 5280 4.1.2.6");
    CONSTRAINTS_NOT_CRITICAL = Check::profile("name-constraints-not-critical", "RFC 5280 4.2.1.10");
    EXTENSION_CRITICALITY = Check::profile("extension-criticality", "RFC 5280 4.2.1");
    MALFORMED_NAME = Check::profile("malformed-name", "RFC 5280 4.2.1.6");
    HOST_SYNTAX = Check::profile("host-syntax", "RFC 5280 4.2.1.6; RFC 1034 3.5");
    AKI_MISSING = Check::profile("authority-key-id-missing", "RFC 5280 4.2.1.1");
    AKI_MISMATCH = Check::profile("authority-key-id-mismatch", "RFC 5280 4.2.1.2");
    SKI_MISSING = Check::profile("subject-key-id-missing", "RFC 5280 4.2.1.2");
    KEY_USAGE_EMPTY = Check::profile("key-usage-empty", "RFC 5280 4.2.1.3");
    CERT_SIGN_WITHOUT_CA = Check::profile("key-cert-sign-without-ca", "RFC 5280 4.2.1.9");
    PATH_LENGTH_WITHOUT_CA = Check::profile("path-length-without-ca", "RFC 5280 4.2.1.9");
    NOT_DER = Check::profile("not-der", "RFC 5280 4.1");
    UNIQUE_ID = Check::profile("unique-identifier", "RFC 5280 4.1.2.8");
    KEY_PARAMETERS = Check::profile("key-parameters", "RFC 3279 2.3.1");
    KEY_MALFORMED = Check::profile("key-malformed", "RFC 5280 4.1.2.7");
    NAME_ENCODING = Check::profile("name-encoding", "RFC 5280 4.1.2.4");
    EXTENSION_CONTENT = Check::profile("extension-content", "RFC 5280 4.2");
    PURPOSES_DISJOINT = Check {
        order: 14,
        weight: 10,
        ..Check::profile("purposes-disjoint", "RFC 5280 4.2.1.12")
    };
    CONSTRAINTS_WITHOUT_CA = Check::profile("name-constraints-without-ca", "RFC 5280 4.2.1.10");
    // Single clients.
    VERSION = Check { order: 11, ..Check::strict("version", "RFC 5280 4.1.2.1") };
    // BoringSSL refuses it, google/x509test and most others take it.
    VERSION_WRITTEN_OUT = Check::strict("version-written-out", "X.690 11.5");
    KEY_USAGE_MISSING = Check::strict("ca-without-key-usage", "RFC 5280 4.2.1.3");
    TARGET_IS_CA = Check::strict("ca-as-end-entity", "CA/B BR 7.1.2.7");
    COMMON_NAME_NOT_PERMITTED =
        Check::strict("common-name-not-permitted", "OpenSSL 3.0 NAME_CONSTRAINTS_check_CN; Java 17");
    NO_ALT_NAME = Check::strict("no-alternative-name", "RFC 9525 6.1");
    // Public web servers.
    ROOT_KEY_ID = Check::webpki("root-authority-key-id", "CA/B BR 7.1.2.1.3");
    ROOT_WITH_PURPOSES = Check::webpki("root-with-purposes", "CA/B BR 7.1.2.1.2");
    KEY_ID_FIELDS = Check::webpki("authority-key-id-fields", "CA/B BR 7.1.2.11.1");
    KEY_NOT_ALLOWED = Check { order: 4, ..Check::webpki("key-not-allowed", "CA/B BR 7.1.3.1") };
    SIGNATURE_NOT_ALLOWED = Check::webpki("signature-not-allowed", "CA/B BR 7.1.3.2");
    KEY_USAGE_NOT_ALLOWED = Check::webpki("key-usage-not-allowed", "CA/B BR 7.1.2.7.11");
    PURPOSES_MISSING = Check::webpki("purposes-missing", "CA/B BR 7.1.2.7.6");
    PURPOSE_NOT_ALLOWED = Check::webpki("purpose-not-allowed", "CA/B BR 7.1.2.7.10");
    CRITICALITY_NOT_ALLOWED = Check::webpki("criticality-not-allowed", "CA/B BR 7.1.2.7.6");
    NAME_KIND_NOT_ALLOWED = Check::webpki("name-kind-not-allowed", "CA/B BR 7.1.2.7.12");
    HOST_NOT_ALLOWED = Check::webpki("host-not-allowed", "CA/B BR 7.1.2.7.12");
    WILDCARD_PUBLIC_SUFFIX = Check::webpki("wildcard-public-suffix", "CA/B BR 3.2.2.6");
    COMMON_NAME_NOT_IN_NAMES = Check::webpki("common-name-not-in-names", "CA/B BR 7.1.4.3");
    POINTER_NOT_ALLOWED = Check::webpki("pointer-not-allowed", "CA/B BR 7.1.2.11.2");
    POLICY_NOT_ALLOWED = Check::webpki("policy-not-allowed", "CA/B BR 7.1.2.7.9");
    // Duties of who issues, see `rule_set`.
    INTERNAL_NAME = Check::webpki("internal-name", "CA/B BR 7.1.2.7.12");
    LIFE_TOO_LONG = Check::webpki("life-too-long", "CA/B BR 6.3.2");
    EXTENSION_MISSING = Check::webpki("extension-missing", "CA/B BR 7.1.2");
    CRL_SIGN_MISSING = Check::webpki("crl-sign-missing", "CA/B BR 7.1.2.10.7");
    KEY_USAGE_NOT_CRITICAL = Check::webpki("key-usage-not-critical", "CA/B BR 7.1.2");
}

/// What RFC 5280 section 5 demands of who makes CRLs.
pub(crate) const OF_LISTS: [Check; 5] = [
    CRL_VERSION,
    CRL_NUMBER_MISSING,
    CRL_NEXT_UPDATE_MISSING,
    CRL_AKI_MISSING,
    CRL_CONTENT,
];

/// The check with this id.
pub fn find(id: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|c| c.id == id)
}

/// Which checks count towards a verdict: all but those taken out, so that a
/// check that is new counts until somebody says otherwise.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Checks {
    off: BTreeSet<&'static str>,
    /// By layer, whether each of its checks is taken out: asked for every
    /// certificate of every chain.
    silent: [bool; Layer::COUNT],
}

impl Checks {
    /// Every check.
    pub fn all() -> Self {
        Self::default()
    }

    /// The checks of these layers. Ids that stand in no table count always.
    pub fn of(layers: &[Layer]) -> Self {
        let off = CHECKS.iter().filter(|c| !layers.contains(&c.layer));
        let off = off.map(|c| c.id).collect();
        let silent = [true; Layer::COUNT];
        Self { off, silent }.settled()
    }

    fn settled(mut self) -> Self {
        self.silent = [true; Layer::COUNT];
        for check in CHECKS.iter().filter(|c| !self.off.contains(c.id)) {
            self.silent[check.layer as usize] = false;
        }
        self
    }

    /// Takes one out.
    #[must_use]
    pub fn without(mut self, id: &'static str) -> Self {
        self.off.insert(id);
        self.settled()
    }

    /// Puts one back.
    #[must_use]
    pub fn with(mut self, id: &'static str) -> Self {
        self.off.remove(id);
        self.settled()
    }

    /// Whether any check of this layer counts.
    pub(super) fn asks(&self, layer: Layer) -> bool {
        !self.silent[layer as usize]
    }

    /// Whether a failure of this check refuses a chain.
    pub fn counts(&self, id: &str) -> bool {
        !self.off.contains(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_plain() {
        let ids: BTreeSet<_> = CHECKS.iter().map(|c| c.id).collect();
        assert_eq!(ids.len(), CHECKS.len());
        for check in CHECKS {
            let plain = |b: u8| b.is_ascii_lowercase() || b == b'-' || b.is_ascii_digit();
            assert!(check.id.bytes().all(plain), "{}", check.id);
            assert!(!check.clause.is_empty(), "{}", check.id);
            let of_lists = check.id.starts_with("crl-") && check.layer == Layer::Profile;
            assert_eq!(OF_LISTS.contains(check), of_lists, "{}", check.id);
        }
    }

    #[test]
    fn what_no_table_names_counts() {
        let path = Checks::of(&[Layer::Path]);
        assert!(path.counts("signature") && path.counts("something-new"));
        assert!(!path.counts("serial-number"));
        assert!(path.with("serial-number").counts("serial-number"));
        assert!(!Checks::all().without("version").counts("version"));
    }
}
