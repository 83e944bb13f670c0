//! What is asked of a chain.

use std::sync::Arc;

use super::budget::Budget;
use super::check::{Checks, Layer, OF_LISTS};
use super::host::PeerName;
use super::rule_set::RuleSet;
use crate::cert::Crl;
use crate::model::dn::DnCompare;
use crate::model::usage::{KeyUsage, Purpose};

/// What is asked of a chain. Start from a named constructor and change fields.
///
/// No constructor asks for revocation, since none brings CRLs along: say
/// [`Self::revocation`]. Certificate policies are not processed, see [`Policies`].
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ChainPolicy {
    /// The purpose the target is used for: in its ExtendedKeyUsage and in that
    /// of every CA, where they have one. `None` asks nothing.
    pub purpose: Option<Purpose>,
    /// The target must have an ExtendedKeyUsage and be no CA; nowhere in the
    /// chain does anyExtendedKeyUsage count, or a sensitive purpose stand beside
    /// the one asked for. For clientAuth the CAs but the anchor must have the
    /// extension too (the strict purposes of `BoringSSL`, as its tests show them).
    pub exact_purpose: bool,
    /// Bits that a KeyUsage of the target must have, where it has one.
    pub key_usage: Option<KeyUsage>,
    /// The target's SubjectAltName must cover each of these.
    pub peers: Vec<PeerName>,
    /// Which checks count.
    pub checks: Checks,
    /// What is asked of the anchor itself.
    pub anchor: AnchorChecks,
    /// Whether the certificates are revoked, and by which lists.
    pub revocation: Revocation,
    /// What is asked of certificate policies.
    pub policies: Policies,
    /// How names are compared.
    pub dn: DnCompare,
    /// How many CAs may stand between target and anchor, self-issued ones not
    /// counted.
    pub max_depth: Option<usize>,
    /// `now` is rounded down and a fraction of a second has passed since: a
    /// certificate whose last second it is has expired.
    pub within_second: bool,
    /// How much work may be done.
    pub budget: Budget,
}

/// What is asked of a trust anchor. RFC 5280 6.1 takes its name and key and
/// asks nothing; RFC 5937 and most clients ask more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is asked by itself")]
#[non_exhaustive]
pub struct AnchorChecks {
    /// Its BasicConstraints, KeyUsage, ExtendedKeyUsage, path length and name
    /// constraints bind (RFC 5937 3.2).
    pub enforce_constraints: bool,
    /// `now` must lie in its validity.
    pub enforce_validity: bool,
    /// Where constraints bind, it must have BasicConstraints.
    pub require_basic_constraints: bool,
    /// It must itself be well made: the profile counts.
    pub enforce_profile: bool,
    /// A critical extension of it that is not understood counts (OpenSSL 3.0
    /// and Go 1.26 refuse it in a root as well, Java 17 does not).
    pub enforce_critical: bool,
    /// A target that is itself an anchor is a chain of one. Go, Java and
    /// OpenSSL with `PARTIAL_CHAIN` do so; rustls does not.
    pub accept_target: bool,
}

impl AnchorChecks {
    /// Everything is asked.
    pub const ALL: Self = Self {
        enforce_constraints: true,
        enforce_validity: true,
        require_basic_constraints: true,
        enforce_profile: true,
        enforce_critical: true,
        accept_target: true,
    };

    /// Nothing but name and key (RFC 5280 6.1.1(d)).
    pub const KEY_ONLY: Self = Self {
        enforce_constraints: false,
        enforce_validity: false,
        require_basic_constraints: false,
        enforce_profile: false,
        enforce_critical: false,
        accept_target: true,
    };
}

/// Whether a chain's certificates are revoked. A choice that is said aloud:
/// nothing is fetched, and only complete, direct CRLs (RFC 5280 5) are
/// processed. Others, and lists that are not in order, are not used, and an
/// explanation says why of each.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Revocation {
    /// Nobody asks.
    #[default]
    Off,
    /// A certificate that a usable CRL revokes refuses the chain; one of which
    /// none tells anything passes. Whoever can hold a CRL back can so keep a
    /// revoked certificate alive.
    Soft(Crls),
    /// Of every certificate below the anchor a usable CRL must tell that it is
    /// not revoked.
    Hard(Crls),
}

impl Revocation {
    /// The lists to ask; none where nobody asks.
    pub fn crls(&self) -> &[Crl] {
        match self {
            Self::Off => &[],
            Self::Soft(crls) | Self::Hard(crls) => &crls.0,
        }
    }

    /// How the list at this index is called, where [`Crls::named`] says so.
    pub(super) fn name(&self, list: usize) -> Option<&str> {
        match self {
            Self::Off => None,
            Self::Soft(crls) | Self::Hard(crls) => crls.1.get(list).map(String::as_str),
        }
    }

    pub(super) fn is_asked(&self) -> bool {
        !matches!(self, Self::Off)
    }

    /// Whether a status that is not known refuses.
    pub(super) fn is_hard(&self) -> bool {
        matches!(self, Self::Hard(_))
    }
}

/// CRLs in any order, cheap to clone: the lists are shared.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Crls(Arc<[Crl]>, Arc<[String]>);

impl Crls {
    /// CRLs with what each is called where a fault speaks of it, such as its
    /// file.
    pub fn named(crls: impl IntoIterator<Item = (String, Crl)>) -> Self {
        let (names, crls): (Vec<String>, Vec<Crl>) = crls.into_iter().unzip();
        Self(crls.into(), names.into())
    }
}

/// Without names: a fault tells a list by its issuer and its date.
impl From<Vec<Crl>> for Crls {
    fn from(crls: Vec<Crl>) -> Self {
        Self(crls.into(), Arc::default())
    }
}

/// What is asked of certificate policies (RFC 5280 6.1.1).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Policies {
    /// They are not processed. A critical extension about them, which must not
    /// be passed over, refuses the chain (`policies-not-processed`); others do
    /// nothing.
    #[default]
    NotProcessed,
}

impl ChainPolicy {
    fn base(layers: &[Layer], anchor: AnchorChecks) -> Self {
        Self {
            purpose: None,
            exact_purpose: false,
            key_usage: None,
            peers: Vec::new(),
            checks: Checks::of(layers),
            anchor,
            revocation: Revocation::Off,
            policies: Policies::NotProcessed,
            dn: DnCompare::Rfc5280,
            max_depth: None,
            within_second: false,
            budget: Budget::default(),
        }
    }

    /// Path validation alone: RFC 5280 section 6 without policies, anchors taken as name and key.
    pub fn path_validation() -> Self {
        Self::base(&[Layer::Path], AnchorChecks::KEY_ONLY)
    }

    /// What every TLS client asks for `purpose`: path validation, and the life and
    /// constraints of the anchor.
    pub fn common(purpose: Option<Purpose>) -> Self {
        let mut policy = Self::base(&[Layer::Path], AnchorChecks::ALL).with_any_anchor();
        policy.purpose = purpose;
        policy
    }

    /// RFC 5280 whole: path validation, and every certificate of the chain,
    /// the anchor too, as section 4 demands it.
    pub fn rfc5280() -> Self {
        let mut policy = Self::base(&[], AnchorChecks::ALL);
        policy.checks = RuleSet::Rfc5280.counted();
        policy
    }

    /// The policy of a rule set: path validation, and those of its findings that
    /// count. The constructor of the same name.
    pub fn of(rules: RuleSet) -> Self {
        match rules {
            RuleSet::Rfc5280 => Self::rfc5280(),
            RuleSet::WebPki => Self::webpki(),
            RuleSet::Private => Self::private(),
        }
    }

    /// What a client of the public web may insist on: [`Self::rfc5280`] for TLS
    /// servers, and the Baseline Requirements. See [`RuleSet::WebPki`].
    pub fn webpki() -> Self {
        let mut policy = Self::base(&[], AnchorChecks::ALL);
        policy.checks = RuleSet::WebPki.counted();
        policy.purpose = Some(Purpose::ServerAuth);
        // CA/B BR 7.1.4.1: byte for byte.
        policy.dn = DnCompare::Raw;
        policy
    }

    /// What a private PKI may insist on, for any purpose: [`Self::rfc5280`] and
    /// what strict clients ask besides. See [`RuleSet::Private`].
    pub fn private() -> Self {
        let mut policy = Self::base(&[], AnchorChecks::ALL);
        policy.checks = RuleSet::Private.counted();
        policy
    }

    /// What our own issuing must pass: [`Self::private`], which holds the strict
    /// checks of Python 3.13 (`VERIFY_X509_STRICT`, measured with OpenSSL 3.0),
    /// and for `purpose` what Java 17 (KeyUsage with digitalSignature) and
    /// rustls-webpki 0.103 (no CA as end entity) ask of a TLS certificate.
    /// `None` is for an authority's own certificate.
    pub fn strict(purpose: Option<Purpose>) -> Self {
        let mut policy = Self::private();
        policy.key_usage = purpose.is_some().then_some(KeyUsage::DIGITAL_SIGNATURE);
        policy.purpose = purpose;
        policy
    }

    /// Takes the anchor as it is made: its constraints and its life bind, but
    /// of the roots that are in use many lack KeyUsage or a key identifier,
    /// which only the strict mode of OpenSSL, and Python 3.13 with it, refuse.
    #[must_use]
    pub fn with_any_anchor(mut self) -> Self {
        self.anchor.enforce_profile = false;
        self
    }

    /// Takes CRLs as they are made: what RFC 5280 section 5 demands of who makes
    /// them (version, number, nextUpdate, key identifier, form) does not count,
    /// so that what such a list revokes is revoked. OpenSSL 3.0 uses them too. One
    /// without nextUpdate never expires then.
    #[must_use]
    pub fn with_any_list(mut self) -> Self {
        for check in OF_LISTS {
            self.checks = self.checks.without(check.id);
        }
        self
    }

    /// Asks for revocation.
    #[must_use]
    pub fn with_revocation(mut self, revocation: Revocation) -> Self {
        self.revocation = revocation;
        self
    }

    /// Asks that the target covers one more name.
    #[must_use]
    pub fn with_peer(mut self, peer: PeerName) -> Self {
        self.peers.push(peer);
        self
    }
}
