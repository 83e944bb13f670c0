//! Named sets of rules: what is told beside path validation, and what of it counts
//! towards a verdict.

use std::fmt;
use std::str::FromStr;

use super::check::{self, Check, Checks, Layer};

/// Whose rules certificates are held to. Path validation is part of each.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum RuleSet {
    /// RFC 5280 section 4, as it binds whoever issues.
    Rfc5280,
    /// RFC 5280, and the CA/Browser Forum's Baseline Requirements for TLS
    /// servers, 2.2.6, as far as a certificate shows whether they are met.
    ///
    /// NameConstraints may be not critical (BR 7.1.2.10.8). Told, and not counted,
    /// are duties of the issuer that no client holds a server to, and that
    /// certificates for machines of one's own never meet: internal names, the
    /// length of a life, policies and pointers to revocation that are not there, a
    /// CA that signs no CRLs, KeyUsage that is not critical. The CN may be the domain below which a
    /// wildcard stands, and anything beside internal names alone. Not looked at: how
    /// names were validated, logs of certificates, and the types, lengths and order
    /// of a name's attributes.
    WebPki,
    /// RFC 5280, and what strict clients ask for besides, since a private PKI
    /// has one issuer and should serve all of them: version 3, CAs with KeyUsage,
    /// key ids that agree and names (OpenSSL's `X509_V_FLAG_X509_STRICT`, which
    /// Python 3.13 sets), no CA as end entity (rustls-webpki 0.103), a CN within
    /// the name constraints (OpenSSL, Java 17). Nothing of the public web: internal
    /// names, underscores in them, long lives and Ed25519 are a private PKI's own
    /// business.
    Private,
}

/// A word that names no rule set.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no rule set `{0}`, only rfc5280, webpki and private")]
pub struct UnknownRuleSet(String);

impl RuleSet {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rfc5280, Self::WebPki, Self::Private];

    /// Its name: `rfc5280`, `webpki`, `private`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rfc5280 => "rfc5280",
            Self::WebPki => "webpki",
            Self::Private => "private",
        }
    }

    /// The checks that belong to it, path validation's left out; what it tells.
    pub fn checks(self) -> Checks {
        self.select(&[])
    }

    /// Those and path validation's, as far as they count towards a verdict.
    pub(super) fn counted(self) -> Checks {
        let checks = self.select(&[Layer::Path]);
        match self {
            Self::WebPki => NOT_COUNTED
                .iter()
                .fold(checks, |checks, check| checks.without(check.id)),
            Self::Rfc5280 | Self::Private => checks,
        }
    }

    fn select(self, besides: &[Layer]) -> Checks {
        let own: &[Layer] = match self {
            Self::Rfc5280 => &[Layer::Profile],
            Self::WebPki => &[Layer::Profile, Layer::WebPki],
            Self::Private => &[Layer::Profile, Layer::Strict],
        };
        let checks = Checks::of(&[besides, own].concat());
        match self {
            Self::WebPki => SHARED
                .iter()
                .fold(checks, |checks, check| checks.with(check.id))
                .without(check::CONSTRAINTS_NOT_CRITICAL.id),
            // Inside, hosts have underscores; `underscore-in-name` says who minds.
            Self::Private => checks.without(check::HOST_SYNTAX.id),
            Self::Rfc5280 => checks,
        }
    }
}

/// Checks of single clients that the Baseline Requirements ask for too.
const SHARED: [Check; 4] = [
    check::VERSION,           // 7.1.1
    check::KEY_USAGE_MISSING, // 7.1.2.1.2, 7.1.2.6.1
    check::TARGET_IS_CA,      // 7.1.2.7.8
    check::NO_ALT_NAME,       // 7.1.2.7.12
];

/// Told under the Baseline Requirements and never counted, see
/// [`RuleSet::WebPki`].
const NOT_COUNTED: [Check; 5] = [
    check::INTERNAL_NAME,
    check::LIFE_TOO_LONG,
    check::EXTENSION_MISSING,
    check::CRL_SIGN_MISSING,
    check::KEY_USAGE_NOT_CRITICAL,
];

impl fmt::Display for RuleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for RuleSet {
    type Err = UnknownRuleSet;

    fn from_str(word: &str) -> Result<Self, UnknownRuleSet> {
        Self::ALL
            .into_iter()
            .find(|set| set.name() == word)
            .ok_or_else(|| UnknownRuleSet(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for set in RuleSet::ALL {
            assert_eq!(set.name().parse(), Ok(set));
        }
        let error = "strict".parse::<RuleSet>().unwrap_err().to_string();
        assert_eq!(
            error,
            "no rule set `strict`, only rfc5280, webpki and private"
        );
    }

    #[test]
    fn what_counts() {
        for (set, id, told, counts) in [
            (RuleSet::Rfc5280, "signature", false, true),
            (RuleSet::Rfc5280, "serial-number", true, true),
            (RuleSet::Rfc5280, "version", false, false),
            (
                RuleSet::Rfc5280,
                "name-constraints-not-critical",
                true,
                true,
            ),
            (RuleSet::Rfc5280, "key-not-allowed", false, false),
            (RuleSet::WebPki, "serial-number", true, true),
            (RuleSet::WebPki, "version", true, true),
            (RuleSet::WebPki, "common-name-not-permitted", false, false),
            (
                RuleSet::WebPki,
                "name-constraints-not-critical",
                false,
                false,
            ),
            (RuleSet::WebPki, "key-not-allowed", true, true),
            (RuleSet::WebPki, "internal-name", true, false),
            (RuleSet::Private, "version", true, true),
            (RuleSet::Private, "key-not-allowed", false, false),
        ] {
            assert_eq!(set.checks().counts(id), told, "{set} {id}");
            assert_eq!(set.counted().counts(id), counts, "{set} {id}");
        }
    }
}
