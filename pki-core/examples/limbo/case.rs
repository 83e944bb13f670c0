//! One case in the format of x509-limbo: what it asks, and the engine's answer.
//!
//! Understood besides are the fields `anchor`, `policy` and `strict_purpose`, by which
//! cases of `BoringSSL` and NIST say what path validation is asked. Which rules
//! count follows from those fields and the first part of the id, never from a
//! single case.

use pki_core::cert::{Certificate, Crl};
use pki_core::chain::{self, Anchor, ChainPolicy, Fault, Outcome, PeerName, Revocation, RuleSet};
use pki_core::clock::{self, Timestamp};
use pki_core::model::usage::{KeyUsage, Purpose};
use pki_core::{der, pem};
use serde_json::Value;

use crate::boringssl;

/// One case.
pub(crate) struct Case {
    /// Or why it cannot be read.
    pub(crate) target: Result<Certificate, String>,
    pub(crate) pool: Vec<Certificate>,
    pub(crate) anchors: Vec<Anchor>,
    pub(crate) policy: ChainPolicy,
    /// Rounded down, as x509-limbo has validity compared.
    pub(crate) now: Timestamp,
    /// A fraction of a second has passed since.
    pub(crate) within_second: bool,
    /// The name of the server, where one is given.
    pub(crate) dialled: Option<PeerName>,
    /// The purpose, where the case asks for one.
    pub(crate) purpose: Option<Purpose>,
    /// What an acceptance would need besides; a refusal holds without.
    needs: Option<&'static str>,
}

/// The answer to a case.
pub(crate) struct Answer {
    pub(crate) verdict: Verdict,
    /// The explanation in one line.
    pub(crate) context: String,
    /// All that is wrong with the path nearest to being accepted, the most
    /// useful first.
    pub(crate) errors: Vec<CaseError>,
}

/// The three answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    Accepted,
    Refused,
    /// It needs what the engine does not process; the context says what.
    Skipped,
}

/// One fault of a certificate of the path.
pub(crate) struct CaseError {
    /// Its place in the path, 0 for the target.
    pub(crate) certificate: usize,
    /// The id of the check.
    pub(crate) rule: &'static str,
    /// In the words of `BoringSSL`, which has none for some.
    pub(crate) boringssl: Option<&'static str>,
}

/// Extensions about policies besides the policies themselves.
const POLICY_EXTENSIONS: [&str; 3] = ["2.5.29.33", "2.5.29.36", "2.5.29.54"];
const CERTIFICATE_POLICIES: &str = "2.5.29.32";

const DSA: &str = "DSA signatures";

impl Case {
    /// Reads a case.
    ///
    /// # Errors
    /// What is asked in a way that is not known here. Certificates that cannot be
    /// read are none: a CA is left out, a target is refused.
    pub(crate) fn read(value: &Value) -> Result<Self, String> {
        let time = value["validation_time"].as_str();
        let fraction = time.and_then(|time| time.split_once('.'));
        let mut case = Self {
            within_second: fraction.is_some_and(|(_, rest)| {
                let mut digits = rest.bytes().take_while(u8::is_ascii_digit);
                digits.any(|digit| digit != b'0')
            }),
            policy: policy(text(value, "id"), value)?,
            now: match time {
                None => clock::now(),
                Some(time) => Timestamp::parse(time).ok_or(format!("no time: {time}"))?,
            },
            target: certificate(text(value, "peer_certificate")),
            pool: certificates(value, "untrusted_intermediates").collect(),
            anchors: certificates(value, "trusted_certs")
                .map(Anchor::new)
                .collect(),
            dialled: dialled(value)?,
            purpose: purpose(value)?,
            needs: None,
        };
        case.needs = case.needs(value);
        Ok(case)
    }

    fn needs(&self, value: &Value) -> Option<&'static str> {
        let anchors = || self.anchors.iter().map(Anchor::certificate);
        let signed = || self.target.iter().chain(&self.pool);
        let asks_policies = |c: &Certificate| {
            c.extensions().iter().any(|e| {
                POLICY_EXTENSIONS.contains(&e.oid.as_str())
                    || (e.critical && e.oid == CERTIFICATE_POLICIES)
            })
        };
        let policy = &value["policy"];
        let asked = !policy["initial_policies"].is_null()
            || ["require_explicit", "inhibit_mapping", "inhibit_any"]
                .iter()
                .any(|key| policy[key] == Value::Bool(true));
        if signed().any(is_signed_with_dsa) {
            Some(DSA)
        } else if asked || signed().chain(anchors()).any(asks_policies) {
            Some("policies")
        } else {
            self.policy.revocation.crls().iter().find_map(unprocessed)
        }
    }

    /// The verdict, and why.
    pub(crate) fn judge(&self) -> Answer {
        let target = match &self.target {
            Ok(target) => target,
            Err(why) => {
                return Answer {
                    verdict: Verdict::Refused,
                    context: format!("the target cannot be read: {why}"),
                    errors: vec![CaseError::new(0, "unreadable", why, None)],
                };
            }
        };
        let outcome = chain::build(target, &self.pool, &self.anchors, &self.policy, self.now);
        let faults = outcome
            .explanation()
            .map_or(Vec::new(), chain::Explanation::faults);
        let skipped = match (&outcome, self.needs) {
            (_, None) => None,
            (Outcome::Accepted(_), needs) => needs,
            // Where the status could not be told neither verdict says anything.
            (_, Some(needs)) if needs.ends_with("CRL") => Some(needs),
            // Nothing but signatures that could not be verified.
            (_, Some(DSA)) => faults.iter().all(is_of_algorithm).then_some(DSA),
            (_, Some(_)) => None,
        };
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        let (verdict, context) = match (&outcome, skipped) {
            (_, Some(needs)) => (Verdict::Skipped, format!("not processed: {needs}")),
            (Outcome::Accepted(chain), None) => {
                let path = chain.certificates(target, &self.pool, &self.anchors);
                let path: Vec<String> = path.iter().map(|c| format!("`{}`", c.subject())).collect();
                (Verdict::Accepted, path.join(" < "))
            }
            (Outcome::Undecided(limit, _), None) => {
                let told = told.join("; ");
                (Verdict::Refused, format!("undecided, {limit}: {told}"))
            }
            (Outcome::Refused(_), None) => (Verdict::Refused, told.join("; ")),
        };
        Answer {
            verdict,
            context,
            errors: faults.iter().map(CaseError::of).collect(),
        }
    }
}

impl CaseError {
    fn new(certificate: usize, rule: &'static str, found: &str, expected: Option<&str>) -> Self {
        Self {
            certificate,
            rule,
            boringssl: boringssl::message(rule, found, expected),
        }
    }

    fn of(fault: &Fault) -> Self {
        let certificate = fault.at.position.unwrap_or_default();
        Self::new(
            certificate,
            fault.check,
            &fault.found,
            fault.expected.as_deref(),
        )
    }
}

/// What of a CRL the engine does not process.
fn unprocessed(crl: &Crl) -> Option<&'static str> {
    let scope = crl.scope().unwrap_or_default();
    let kinds = [
        ("a delta CRL", crl.is_delta()),
        (
            "an indirect CRL",
            scope.indirect || crl.names_other_issuers(),
        ),
        ("a partitioned CRL", scope.point || scope.some_reasons),
    ];
    kinds.into_iter().find_map(|(what, is)| is.then_some(what))
}

/// What a signature that could not be verified leads to: of a certificate, or of
/// the CRL that the same CA signed.
fn is_of_algorithm(fault: &Fault) -> bool {
    [
        "signature-algorithm",
        "signature-key",
        "crl-signature",
        "revocation-unknown",
    ]
    .contains(&fault.check)
}

/// 1.2.840.10040.4 and the DSA of 2.16.840.1.101.3.4.3.
fn is_signed_with_dsa(cert: &Certificate) -> bool {
    let oid = der::only(cert.algorithm_identifier(), der::tag::SEQUENCE)
        .and_then(|identifier| identifier.reader().element(der::tag::OID));
    let oid = oid
        .ok()
        .and_then(|oid| der::oid_text(oid.value))
        .unwrap_or_default();
    let last = oid.strip_prefix("2.16.840.1.101.3.4.3.");
    let last = last.and_then(|last| last.parse::<u8>().ok());
    oid.starts_with("1.2.840.10040.4.") || last.is_some_and(|last| last <= 8)
}

/// What the fields of a case ask.
fn policy(id: &str, value: &Value) -> Result<ChainPolicy, String> {
    let paths_only = !value["anchor"].is_null() || !value["policy"].is_null();
    let mut policy = match id.split("::").next() {
        _ if paths_only => ChainPolicy::path_validation(),
        Some("webpki") => ChainPolicy::of(RuleSet::WebPki),
        _ => ChainPolicy::of(RuleSet::Rfc5280),
    };
    // Judged apart, see `needs`.
    policy.checks = policy.checks.without("policies-not-processed");
    if !value["anchor"].is_null() {
        let asked = |key: &str| value["anchor"][key] == Value::Bool(true);
        policy.anchor.enforce_constraints = asked("enforce_constraints");
        policy.anchor.enforce_validity = asked("enforce_validity");
        policy.anchor.require_basic_constraints = asked("require_basic_constraints");
    }
    policy.exact_purpose = value["strict_purpose"] == Value::Bool(true);
    policy.purpose = purpose(value)?.or(policy.purpose);
    policy.key_usage = strings(value, "key_usage")
        .into_iter()
        .map(key_usage)
        .reduce(|a, b| Ok(a?.with(b?)))
        .transpose()?;
    let peers = list(value, "expected_peer_names").iter().map(peer);
    policy.peers = peers
        .chain(dialled(value)?.map(Ok))
        .collect::<Result<_, _>>()?;
    // "If present, status must be determined" (limbo-schema).
    let crls = strings(value, "crls");
    if !crls.is_empty() {
        let crls: Vec<Crl> = crls.into_iter().filter_map(|pem| crl(pem).ok()).collect();
        policy.revocation = Revocation::Hard(crls.into());
    }
    let depth = value["max_chain_depth"].as_u64();
    policy.max_depth = depth.map(|depth| usize::try_from(depth).unwrap_or(usize::MAX));
    if !list(value, "signature_algorithms").is_empty() {
        return Err("a list of signature algorithms".into());
    }
    Ok(policy)
}

fn purpose(value: &Value) -> Result<Option<Purpose>, String> {
    let oid = match strings(value, "extended_key_usage")[..] {
        [] => return Ok(None),
        ["serverAuth"] => "1.3.6.1.5.5.7.3.1",
        ["clientAuth"] => "1.3.6.1.5.5.7.3.2",
        ["codeSigning"] => "1.3.6.1.5.5.7.3.3",
        ["emailProtection"] => "1.3.6.1.5.5.7.3.4",
        ["timeStamping"] => "1.3.6.1.5.5.7.3.8",
        ["OCSPSigning"] => "1.3.6.1.5.5.7.3.9",
        ref words => return Err(format!("the purpose {}", words.join(", "))),
    };
    Ok(Some(Purpose::from_oid(oid)))
}

fn dialled(value: &Value) -> Result<Option<PeerName>, String> {
    let name = &value["expected_peer_name"];
    (!name.is_null()).then(|| peer(name)).transpose()
}

fn key_usage(word: &str) -> Result<KeyUsage, String> {
    let bits = (0..9).map(|bit| KeyUsage::from_bits(1 << bit));
    bits.into_iter()
        .find(|bit| bit.names() == [word])
        .ok_or(format!("the key usage {word}"))
}

fn peer(value: &Value) -> Result<PeerName, String> {
    let name = text(value, "value");
    match text(value, "kind") {
        "DNS" => Ok(PeerName::Dns(name.to_owned())),
        "IP" => name
            .parse()
            .map(PeerName::Ip)
            .map_err(|e| format!("{name}: {e}")),
        "RFC822" => Ok(PeerName::Email(name.to_owned())),
        kind => Err(format!("a name of the kind {kind}")),
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn strings<'a>(value: &'a Value, key: &str) -> Vec<&'a str> {
    list(value, key).iter().filter_map(Value::as_str).collect()
}

fn certificates(value: &Value, key: &str) -> impl Iterator<Item = Certificate> {
    strings(value, key)
        .into_iter()
        .filter_map(|pem| certificate(pem).ok())
}

fn certificate(text: &str) -> Result<Certificate, String> {
    Certificate::from_der(&first_block(text)?).map_err(|e| e.to_string())
}

fn crl(text: &str) -> Result<Crl, String> {
    Crl::from_der(&first_block(text)?).map_err(|e| e.to_string())
}

fn first_block(text: &str) -> Result<Vec<u8>, String> {
    let pem = pem::blocks(text.as_bytes());
    let block = pem.blocks.into_iter().next().ok_or("no PEM")?;
    let der = block.der.map_err(|e| e.to_string())?;
    Ok(der.to_vec())
}
