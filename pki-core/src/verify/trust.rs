//! What a client's trust file holds, read as the client reads it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::Judge;
use super::why::{Asked, Given, Why, place};
use crate::cert::Certificate;
use crate::chain::{self, Anchor, ChainPolicy, Place, VerifiedChain};
use crate::clock::Timestamp;
use crate::encode::pkcs12;
use crate::inventory::{Inventory, Item, Material};
use crate::model::fingerprint::CertFingerprint;
use crate::model::path::TreePath;
use crate::reason;
use crate::report::{Finding, Locator, Severity, rule};
use crate::role::TlsLibrary;
use crate::stack::{Output, OutputKind, Stack, Use};

/// What a trust file holds for its reader, or why it sees nothing.
type Held = Result<Arc<[Anchor]>, Box<Finding>>;

/// What a trust file is to its reader.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
enum Form<'a> {
    /// Certificates in PEM.
    Bundle,
    /// A Java truststore, with its password.
    Store(Option<&'a str>),
}

/// What was read, by content (SHA-256) and form.
type Read<'a> = HashMap<([u8; 32], Form<'a>), Arc<[Anchor]>>;

/// What trust files and certificates of CAs are asked for by, worked out once.
pub(super) struct Trust<'a> {
    outputs: HashMap<&'a TreePath, &'a Output>,
    /// What each service takes client certificates from.
    of_clients: HashMap<&'a str, &'a Output>,
    /// The files that hold a CA's certificate.
    files: HashMap<CertFingerprint, Vec<&'a TreePath>>,
    /// Thousands of clients may trust the same.
    read: Mutex<Read<'a>>,
}

impl<'a> Trust<'a> {
    pub(super) fn new(stack: &'a Stack, inventory: &Inventory) -> Self {
        let mut outputs = HashMap::new();
        let mut of_clients = HashMap::new();
        for output in &stack.outputs {
            outputs.entry(&output.path).or_insert(output);
            let is_of_clients = matches!(
                &output.kind,
                OutputKind::Bundle {
                    purpose: Use::ClientTrust,
                    ..
                }
            );
            if let Some(service) = output.service.as_deref().filter(|_| is_of_clients) {
                of_clients.entry(service).or_insert(output);
            }
        }
        let mut files: HashMap<_, Vec<&TreePath>> = HashMap::new();
        for generation in stack.authorities.iter().flat_map(|a| &a.generations) {
            let file = &generation.certificate;
            for certificate in inventory.certificates(file) {
                files
                    .entry(certificate.fingerprint())
                    .or_default()
                    .push(file);
            }
        }
        Self {
            outputs,
            of_clients,
            files,
            read: Mutex::default(),
        }
    }

    /// The output that is written at a place.
    pub(super) fn output(&self, path: &TreePath) -> Option<&'a Output> {
        self.outputs.get(path).copied()
    }

    /// What a service takes client certificates from.
    pub(super) fn of_clients(&self, service: &str) -> Option<&'a Output> {
        self.of_clients.get(service).copied()
    }

    /// The files of authorities that hold this certificate.
    pub(super) fn files(&self, certificate: &Certificate) -> &[&'a TreePath] {
        let files = self.files.get(&certificate.fingerprint());
        files.map(Vec::as_slice).unwrap_or_default()
    }
}

/// What Java says of a truststore in which it sees nothing (measured with 17.0.15).
const NO_ANCHOR: &str = "Java: \"the trustAnchors parameter must be non-empty\"";

/// What a truststore or a bundle holds; the finding has no place yet.
fn read(item: &Item, form: Form<'_>) -> Result<Vec<Anchor>, Box<Finding>> {
    let unreadable = || rule::TRUST_UNREADABLE.at(Locator::Tree).fix("pki apply");
    if let Form::Store(password) = form {
        let bytes = item.record.bytes().unwrap_or_default();
        let store = pkcs12::read_store(bytes, password).map_err(|why| {
            let finding = unreadable()
                .found(why.to_string())
                .expected("a Java truststore (PKCS#12)");
            if matches!(why, pkcs12::Pkcs12Error::PasswordNeeded) {
                // Java 17 passes over what it cannot decrypt.
                finding.affects(NO_ANCHOR)
            } else {
                finding
            }
        })?;
        if !store.entries.iter().any(|entry| entry.trusted) {
            return Err(rule::TRUST_EMPTY
                .at(Locator::Tree)
                .found(match store.entries.len() {
                    0 => "0 trusted certificates".to_owned(),
                    n => format!("0 trusted certificates; {n} without the mark by which Java knows those to trust"),
                })
                .expected("the attribute trustedKeyUsage, as keytool and pki write it")
                .affects(NO_ANCHOR)
                .fix("pki apply")
                .into());
        }
        let trusted = store.entries.iter().filter(|entry| entry.trusted);
        let parsed = trusted.filter_map(|entry| Certificate::from_der(&entry.certificate_der).ok());
        return Ok(parsed.map(Anchor::new).collect());
    }
    match &item.material {
        Material::Certificates(file) if !file.der => {
            Ok(file.certificates.iter().cloned().map(Anchor::new).collect())
        }
        _ => Err(unreadable()
            .found(format!(
                "`{}` {}",
                item.record.path.display(),
                item.unusable()
            ))
            .expected("CA certificates in PEM")
            .into()),
    }
}

impl Judge<'_> {
    /// Where an authority's certificate stands.
    pub(super) fn place_of(&self, ca: &Certificate) -> Option<Place> {
        let file = self.trust.files(ca).first()?;
        let all = self.inventory.certificates(file);
        let number = all.iter().position(|c| c == ca)?;
        Some(place(file.as_path(), number + 1, all.len()))
    }

    /// The certificate of this index in a trust file.
    pub(super) fn place_in(&self, file: &TreePath, index: usize) -> Place {
        let of = self.trusted_in(file).map_or(1, |all| all.len());
        place(file.as_path(), index + 1, of)
    }

    /// The CA certificates in a trust file on disk, or the finding that says
    /// why its reader sees none.
    pub(super) fn trusted_in(&self, path: &TreePath) -> Held {
        let at = || Locator::File(path.as_path().to_owned());
        let Some(item) = self.inventory.item(path).filter(|i| !i.record.is_missing()) else {
            return Err(rule::OUTPUT_MISSING.at(at()).fix("pki apply").into());
        };
        if let Some(it) = self.inventory.barred(path) {
            // Told there.
            let at = Locator::File(it.to_owned());
            return Err(rule::IN_THE_WAY.at(at).into());
        }
        let form = match self.trust.output(path).map(|o| &o.kind) {
            Some(OutputKind::Truststore { password, .. }) => Form::Store(password.as_deref()),
            _ => Form::Bundle,
        };
        let bytes = item.record.bytes().unwrap_or_default();
        let mut digest = [0; 32];
        digest.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
        let known = (digest, form);
        let known_trust = || {
            self.trust
                .read
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(anchors) = known_trust().get(&known) {
            return Ok(Arc::clone(anchors));
        }
        let anchors = read(item, form).map_err(|mut finding| {
            finding.at = at();
            if item.record.bytes().is_none() {
                finding.found = Some(self.inventory.unusable(path));
                finding.fix = Some(reason::anew(path, self.inventory));
            }
            finding
        })?;
        if anchors.is_empty() {
            return Err(rule::TRUST_EMPTY
                .at(at())
                .found("0 trusted certificates")
                .fix("pki apply")
                .into());
        }
        let anchors: Arc<[Anchor]> = anchors.into();
        known_trust().insert(known, Arc::clone(&anchors));
        Ok(anchors)
    }

    /// What OpenSSL says of a trust file that accepts what a server sends, but
    /// through a CA whose own root is not in it. Python asks for the same up to
    /// 3.12; Go, Java and rustls take any trusted CA.
    pub(super) fn rootless(
        &self,
        trust: &TreePath,
        client: TlsLibrary,
        sent: &[Certificate],
        anchors: &[Anchor],
        held: &VerifiedChain,
    ) -> Option<Finding> {
        let who = match client {
            TlsLibrary::OpenSsl => "OpenSSL without -partial_chain",
            TlsLibrary::Python => "Python before 3.13",
            _ => return None,
        };
        let (leaf, above) = sent.split_first()?;
        let lone = held.anchor(leaf, anchors);
        if lone.is_self_issued() {
            return None;
        }
        let policy = ChainPolicy::strict(None).with_any_anchor();
        let at = || Locator::File(trust.as_path().to_owned());
        let judged = UpToRoot {
            leaf,
            above,
            anchors,
            policy: &policy,
            now: self.now,
            trust: trust.as_path(),
        };
        // The file that is sent is told elsewhere; here it is the trust file's.
        let place = |i: usize| self.place_in(trust, i);
        let mut refused = judged
            .refusals(&self.why, trust.as_path(), &|_| None, &place)
            .into_iter();
        let refused = refused.next()?;
        if refused.rule != chain::ISSUER_NOT_FOUND.id {
            return Some(refused.affects(who));
        }
        let file = self.trust.files(lone).first().copied().unwrap_or(trust);
        let fix = format!(
            "add the certificate of {} to {file}, then: pki apply",
            lone.issuer()
        );
        Some(no_root(at(), lone, who).fix(fix))
    }
}

/// A trusted CA that is no root, for those who go up to one.
pub(super) fn no_root(at: Locator, lone: &Certificate, who: &str) -> Finding {
    let found = if lone.is_self_issued() {
        format!("{}, signed by another key of that name", lone.subject())
    } else {
        format!("{}, issued by {}", lone.subject(), lone.issuer())
    };
    rule::ANCHOR_NO_ROOT
        .at(at)
        .found(found)
        .expected("the root beside it")
        .affects(format!("{who}: \"unable to get issuer certificate\""))
}

/// What they find who go up to a certificate that signed itself, whatever else
/// is trusted: OpenSSL without `-partial_chain` and what rests on its defaults
/// (measured with OpenSSL 3.0.19 and Python 3.11; Python 3.13, curl 7.88, Go,
/// Java and rustls stop at whatever is trusted).
pub(super) struct UpToRoot<'a> {
    pub(super) leaf: &'a Certificate,
    pub(super) above: &'a [Certificate],
    pub(super) anchors: &'a [Anchor],
    pub(super) policy: &'a ChainPolicy,
    pub(super) now: Timestamp,
    /// The file of the anchors.
    pub(super) trust: &'a Path,
}

impl UpToRoot<'_> {
    /// Warnings, for others accept it. `sent` and `trusted` say where the
    /// certificates that are sent (0: the leaf) and the anchors stand.
    pub(super) fn refusals(
        &self,
        why: &Why,
        at: &Path,
        sent: &dyn Fn(usize) -> Option<Place>,
        trusted: &dyn Fn(usize) -> Place,
    ) -> Vec<Finding> {
        let is_root = |(_, anchor): &(usize, &Anchor)| anchor.certificate().is_root();
        let numbered = self.anchors.iter().enumerate();
        let (roots, others): (Vec<_>, Vec<_>) = numbered.partition(is_root);
        let anchors: Vec<Anchor> = roots.iter().map(|(_, root)| (*root).clone()).collect();
        let lone = others.iter().map(|(_, other)| other.certificate());
        let pool: Vec<Certificate> = self.above.iter().chain(lone).cloned().collect();
        let above = self.above.len();
        let root = |i: usize| Some(trusted(roots.get(i)?.0));
        let given = Given::new(at, above + 1, Some(self.trust), root).with_sent(|i| {
            match i.checked_sub(above + 1) {
                None => sent(i),
                Some(other) => Some(trusted(others.get(other)?.0)),
            }
        });
        let asked = Asked::of_file(at, self.policy.purpose.as_ref(), given);
        let outcome = chain::build(self.leaf, &pool, &anchors, self.policy, self.now);
        let refused = why.refusals(&outcome, &asked);
        refused
            .into_iter()
            .map(|mut finding| {
                // Whom it hurts knows who asks.
                finding.affects.clear();
                finding.weighing(Severity::Warning)
            })
            .collect()
    }
}
