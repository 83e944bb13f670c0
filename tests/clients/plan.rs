//! A chain before it is signed: what its certificates say, who has which key,
//! and what is asked of a client.

use pki_core::cert::oid;
use pki_core::clock::Timestamp;
use pki_core::der::{self, tag};
use pki_core::model::dn::Dn;

use crate::case::{Case, PeerName};
use crate::keys::{Keys, Signature};
use crate::make::{self, Body};
use crate::random::Random;

/// One certificate before it is signed.
#[derive(Clone)]
pub(crate) struct Draft {
    /// `Name` in DER.
    pub(crate) subject: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) key: usize,
    pub(crate) signer: usize,
    pub(crate) signature: Signature,
    /// AlgorithmIdentifier outside; what the signature is where absent.
    pub(crate) outer: Option<Vec<u8>>,
    /// `SubjectPublicKeyInfo`; that of the key where absent.
    pub(crate) public: Option<Vec<u8>>,
    /// Behind the certificate.
    pub(crate) tail: Vec<u8>,
    pub(crate) body: Body,
}

impl Draft {
    /// As our profile makes it, but for what the body says.
    pub(crate) fn new(
        subject: &[u8],
        key: usize,
        issuer: &[u8],
        signer: usize,
        body: Body,
    ) -> Self {
        Self {
            subject: subject.to_vec(),
            issuer: issuer.to_vec(),
            key,
            signer,
            signature: Signature::Usual,
            outer: None,
            public: None,
            tail: Vec::new(),
            body,
        }
    }

    fn to_pem(&self, keys: &Keys) -> String {
        let public = self.public.as_deref();
        let algorithm = keys.algorithm(self.signer, self.signature);
        let tbs = self.body.tbs(
            &algorithm,
            &self.issuer,
            &self.subject,
            public.unwrap_or(keys.public(self.key)),
        );
        let signature = keys.sign(self.signer, self.signature, &tbs);
        let outer = self.outer.as_ref().unwrap_or(&algorithm);
        let mut der = make::signed(&tbs, outer, &signature);
        der.extend_from_slice(&self.tail);
        pem::encode(&pem::Pem::new("CERTIFICATE", der))
    }

    /// The value of an extension, where it has one.
    pub(crate) fn value(&mut self, oid: &str) -> Option<&mut Vec<u8>> {
        let mut extensions = self.body.extensions.iter_mut();
        extensions.find(|(o, ..)| *o == oid).map(|(.., v)| v)
    }

    /// Whether an extension is critical; one that is absent is not.
    pub(crate) fn mark(&mut self, oid: &str, critical: bool) {
        for (of, marked, _) in &mut self.body.extensions {
            if *of == oid {
                *marked = critical;
            }
        }
    }

    /// Another key, which the key identifier names.
    pub(crate) fn rekey(&mut self, key: usize, keys: &Keys) {
        self.key = key;
        if let Some(id) = self.value(oid::SUBJECT_KEY_ID) {
            *id = der::encode(tag::OCTET_STRING, &keys.id(key));
        }
    }

    /// Signed by another, whom the authority key identifier names.
    pub(crate) fn sign_by(&mut self, issuer: &[u8], signer: usize, keys: &Keys) {
        self.issuer = issuer.to_vec();
        self.signer = signer;
        if let Some(id) = self.value(oid::AUTHORITY_KEY_ID) {
            *id = make::authority_key_id(&keys.id(signer));
        }
    }
}

/// A chain and the question about it.
pub(crate) struct Plan {
    pub(crate) now: Timestamp,
    /// Leaf, CAs, root.
    pub(crate) chain: Vec<Draft>,
    /// Sent behind the leaf besides the CAs, each before the CA of that number
    /// in `chain`.
    pub(crate) more: Vec<(usize, Draft)>,
    /// Trusted: numbers of `chain`.
    pub(crate) trusted: Vec<usize>,
    /// Trusted besides those.
    pub(crate) anchors: Vec<Draft>,
    /// Sent behind the leaf: numbers of `chain`.
    pub(crate) sent: Vec<usize>,
    pub(crate) shuffled: bool,
    pub(crate) server: bool,
    pub(crate) peer: Option<PeerName>,
    /// What was put into it.
    pub(crate) faults: Vec<String>,
}

impl Plan {
    pub(crate) fn leaf(&mut self) -> &mut Draft {
        &mut self.chain[0]
    }

    pub(crate) fn root(&mut self) -> &mut Draft {
        self.chain.last_mut().unwrap()
    }

    /// The root is not trusted.
    pub(crate) fn distrust_root(&mut self) {
        let top = self.top();
        self.trusted.retain(|&level| level != top);
    }

    /// One certificate more below that of this level.
    pub(crate) fn insert(&mut self, level: usize, draft: Draft) {
        self.chain.insert(level, draft);
        let more = self.more.iter_mut().map(|(before, _)| before);
        for at in self.sent.iter_mut().chain(&mut self.trusted).chain(more) {
            *at += usize::from(*at >= level);
        }
    }

    /// The level of the root: how many certificates stand below it.
    pub(crate) fn top(&self) -> usize {
        self.chain.len() - 1
    }

    /// `leaf`, `ca 1` above it, `root`.
    pub(crate) fn title(&self, level: usize) -> String {
        match level {
            0 => "leaf".into(),
            level if level == self.top() => "root".into(),
            level => format!("ca {level}"),
        }
    }

    /// The host that is dialled, as text.
    pub(crate) fn host(&self) -> String {
        self.peer
            .as_ref()
            .map_or("host.example.com".into(), |peer| peer.value.clone())
    }

    /// Another key for one certificate; what it signed is signed anew.
    pub(crate) fn rekey(&mut self, level: usize, key: usize, keys: &Keys) {
        let root = level == self.top();
        self.chain[level].rekey(key, keys);
        let subject = self.chain[level].subject.clone();
        if let Some(below) = level.checked_sub(1) {
            self.chain[below].sign_by(&subject, key, keys);
        }
        if root {
            self.chain[level].sign_by(&subject, key, keys);
        }
    }

    /// Another name for one certificate, also where it issues.
    pub(crate) fn rename(&mut self, level: usize, name: &[u8]) {
        let root = level == self.top();
        self.chain[level].subject = name.to_vec();
        if let Some(below) = level.checked_sub(1) {
            self.chain[below].issuer = name.to_vec();
        }
        if root {
            self.chain[level].issuer = name.to_vec();
        }
    }

    /// Signs everything.
    pub(crate) fn sign(&self, id: String, keys: &Keys, random: &mut Random) -> Case {
        let trusted = self.trusted.iter().map(|&level| &self.chain[level]);
        let mut anchors: Vec<&Draft> = trusted.chain(&self.anchors).collect();
        let mut pool: Vec<&Draft> = Vec::new();
        for &level in &self.sent {
            let before = self.more.iter().filter(|(at, _)| *at == level);
            pool.extend(before.map(|(_, draft)| draft));
            pool.push(&self.chain[level]);
        }
        let rest = self.more.iter().filter(|(at, _)| !self.sent.contains(at));
        pool.extend(rest.map(|(_, draft)| draft));
        if self.shuffled {
            shuffle(&mut pool, random);
            shuffle(&mut anchors, random);
        }
        let pems = |drafts: &[&Draft]| drafts.iter().map(|d| d.to_pem(keys)).collect();
        let purpose = if self.server {
            "serverAuth"
        } else {
            "clientAuth"
        };
        Case {
            id,
            features: self.faults.clone(),
            validation_kind: if self.server { "SERVER" } else { "CLIENT" }.into(),
            trusted_certs: pems(&anchors),
            untrusted_intermediates: pems(&pool),
            peer_certificate: self.chain[0].to_pem(keys),
            validation_time: Some(self.now.to_string()),
            extended_key_usage: vec![purpose.into()],
            expected_peer_name: self.peer.clone(),
            max_chain_depth: None,
            crls: Vec::new(),
        }
    }
}

fn shuffle<T>(list: &mut [T], random: &mut Random) {
    for at in (1..list.len()).rev() {
        list.swap(at, random.below(at + 1));
    }
}

/// `Name` in DER, from text as the library reads it.
pub(crate) fn name(text: &str) -> Vec<u8> {
    Dn::parse(text).unwrap().raw().to_vec()
}
