//! One case of a corpus: what it says, and how the engine judges it.

use pki_core::cert::{Certificate, Crl};
use pki_core::chain::{self, Anchor, ChainPolicy, Outcome, PeerName, Revocation};
use pki_core::clock::Timestamp;
use pki_core::model::usage::{KeyUsage, Purpose};
use serde_json::Value;

/// The answer to a case.
pub(crate) enum Verdict {
    /// Accepted or refused.
    Judged(bool),
    /// It needs what the engine does not do.
    Skipped(&'static str),
}

/// One case.
pub(crate) struct Case {
    pub(crate) id: String,
    /// What is right: whether a chain holds.
    pub(crate) valid: bool,
    target: Option<Certificate>,
    pool: Vec<Certificate>,
    anchors: Vec<Anchor>,
    policy: ChainPolicy,
    now: Timestamp,
    /// What an acceptance would need besides; a refusal holds without.
    needs: Option<&'static str>,
}

/// Extensions about policies besides the policies themselves.
const POLICY_EXTENSIONS: [&str; 3] = ["2.5.29.33", "2.5.29.36", "2.5.29.54"];
const CERTIFICATE_POLICIES: &str = "2.5.29.32";
/// 1.2.840.10040.4, the arc of DSA keys and signatures.
const DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04];

impl Case {
    pub(crate) fn read(value: &Value) -> Self {
        let id = text(value, "id").to_owned();
        let pool: Vec<Certificate> = certificates(value, "untrusted_intermediates");
        let anchors: Vec<Anchor> = certificates(value, "trusted_certs")
            .into_iter()
            .map(Anchor::new)
            .collect();
        let target = certificate(text(value, "peer_certificate"));
        let time = value["validation_time"].as_str();
        let mut case = Self {
            valid: text(value, "expected_result") == "SUCCESS",
            policy: policy(&id, value),
            now: time.map_or_else(pki_core::clock::now, |t| {
                Timestamp::parse(t).expect("a time")
            }),
            needs: None,
            id,
            target,
            pool,
            anchors,
        };
        case.needs = case.needs(value);
        case
    }

    fn needs(&self, value: &Value) -> Option<&'static str> {
        let anchors = self.anchors.iter().map(Anchor::certificate);
        let all = || self.target.iter().chain(&self.pool).chain(anchors.clone());
        let contains_dsa = |c: &Certificate| {
            let ids = [
                c.public_key().algorithm_identifier(),
                c.algorithm_identifier(),
            ];
            ids.iter().any(|id| id.windows(DSA.len()).any(|w| w == DSA))
        };
        let asks_policies = |c: &Certificate| {
            c.extensions().iter().any(|e| {
                POLICY_EXTENSIONS.contains(&e.oid.as_str())
                    || (e.critical && e.oid == CERTIFICATE_POLICIES)
            })
        };
        let unprocessed = |crl: &Crl| {
            let scope = crl.scope().unwrap_or_default();
            [
                ("delta CRL", crl.is_delta()),
                ("indirect CRL", scope.indirect || crl.names_other_issuers()),
                ("partitioned CRL", scope.point || scope.some_reasons),
            ]
            .into_iter()
            .find_map(|(what, is)| is.then_some(what))
        };
        let policy = &value["policy"];
        let asked = !policy["initial_policies"].is_null()
            || ["require_explicit", "inhibit_mapping", "inhibit_any"]
                .iter()
                .any(|key| policy[key] == Value::Bool(true));
        if all().any(contains_dsa) {
            Some("DSA")
        } else if let Some(kind) = self.policy.revocation.crls().iter().find_map(unprocessed) {
            Some(kind)
        } else if asked || all().any(asks_policies) {
            Some("policies")
        } else if self.id.starts_with("webpki::") {
            Some("CA/B rules")
        } else {
            None
        }
    }

    /// The verdict, and why a refusal.
    pub(crate) fn judge(&self) -> (Verdict, String) {
        let Some(target) = &self.target else {
            return (Verdict::Judged(false), "unreadable".into());
        };
        let outcome = chain::build(target, &self.pool, &self.anchors, &self.policy, self.now);
        let why = outcome.explanation().map_or(String::new(), |e| {
            let faults: Vec<String> = e.faults().iter().map(ToString::to_string).collect();
            faults.join("; ")
        });
        let verdict = match (&outcome, self.needs) {
            // Neither verdict says anything where the status could not be told.
            (_, Some(needs)) if needs == "DSA" || needs.ends_with("CRL") => Verdict::Skipped(needs),
            (Outcome::Accepted(_), Some(needs)) => Verdict::Skipped(needs),
            (Outcome::Accepted(_), None) => Verdict::Judged(true),
            (Outcome::Refused(_) | Outcome::Undecided(..), _) => Verdict::Judged(false),
        };
        (verdict, why)
    }
}

/// The cases of `BoringSSL` and NIST test path validation and say what is asked of
/// the anchor; the others test RFC 5280 whole.
fn policy(id: &str, value: &Value) -> ChainPolicy {
    let paths_only = !value["anchor"].is_null() || !value["policy"].is_null();
    let mut policy = if paths_only {
        ChainPolicy::path_validation()
    } else {
        ChainPolicy::rfc5280()
    };
    // Judged apart, see `needs`.
    policy.checks = policy.checks.without("policies-not-processed");
    let asked = |key: &str| value["anchor"][key] == Value::Bool(true);
    if !value["anchor"].is_null() {
        policy.anchor.enforce_constraints = asked("enforce_constraints");
        policy.anchor.enforce_validity = asked("enforce_validity");
        policy.anchor.require_basic_constraints = asked("require_basic_constraints");
    }
    policy.exact_purpose = value["strict_purpose"] == Value::Bool(true);
    let purposes = strings(value, "extended_key_usage");
    policy.purpose = match purposes[..] {
        [] => None,
        ["serverAuth"] => Some(Purpose::ServerAuth),
        ["clientAuth"] => Some(Purpose::ClientAuth),
        ref other => panic!("{id}: purposes {other:?}"),
    };
    policy.key_usage = match strings(value, "key_usage")[..] {
        [] => None,
        ["digitalSignature"] => Some(KeyUsage::DIGITAL_SIGNATURE),
        ref other => panic!("{id}: key usage {other:?}"),
    };
    let peers = value["expected_peer_names"]
        .as_array()
        .into_iter()
        .flatten();
    policy.peers = peers
        .chain(Some(&value["expected_peer_name"]).filter(|v| !v.is_null()))
        .map(|peer| {
            let name = text(peer, "value").to_owned();
            match text(peer, "kind") {
                "DNS" => PeerName::Dns(name),
                "IP" => PeerName::Ip(name.parse().expect("an address")),
                "RFC822" => PeerName::Email(name),
                other => panic!("{id}: peer {other}"),
            }
        })
        .collect();
    // "If present, status must be determined" (limbo-schema).
    let crls = strings(value, "crls");
    if !crls.is_empty() {
        let crls: Vec<Crl> = crls.into_iter().filter_map(crl).collect();
        policy.revocation = Revocation::Hard(crls.into());
    }
    policy.max_depth = value["max_chain_depth"]
        .as_u64()
        .map(|depth| usize::try_from(depth).expect("a depth"));
    policy.within_second =
        text(value, "validation_time")
            .split_once('.')
            .is_some_and(|(_, rest)| {
                let fraction = rest.split(|c: char| !c.is_ascii_digit()).next();
                fraction.is_some_and(|digits| digits.bytes().any(|b| b != b'0'))
            });
    policy
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn strings<'a>(value: &'a Value, key: &str) -> Vec<&'a str> {
    let list = value[key].as_array().into_iter().flatten();
    list.filter_map(Value::as_str).collect()
}

fn certificates(value: &Value, key: &str) -> Vec<Certificate> {
    strings(value, key)
        .into_iter()
        .filter_map(certificate)
        .collect()
}

fn crl(pem: &str) -> Option<Crl> {
    Crl::from_der(pem::parse(pem).ok()?.contents()).ok()
}

/// `None` where it cannot be read, as the corpora have such ones.
fn certificate(pem: &str) -> Option<Certificate> {
    let pem = pem::parse(pem).ok()?;
    Certificate::from_der(pem.contents()).ok()
}
