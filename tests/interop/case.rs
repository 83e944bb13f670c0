//! The questions put to the judges.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::tree::Tree;

/// One connection of a stack, by its files.
#[derive(Clone, Debug)]
pub(crate) struct Dial {
    /// `spark → aistor at minio-1`.
    pub(crate) id: String,
    /// What the server shows.
    pub(crate) server: PairFiles,
    /// What the client shows.
    pub(crate) client: Option<PairFiles>,
    /// What the client trusts, as it stands in the tree: PEM or PKCS#12.
    pub(crate) trust: PathBuf,
    /// The same certificates in PEM and in our PKCS#12.
    pub(crate) trust_pem: PathBuf,
    /// See [`Self::trust_pem`].
    pub(crate) truststore: PathBuf,
    /// Whom the server lets in; `None` where it asks no client for a certificate.
    pub(crate) client_trust: Option<PathBuf>,
    /// The name dialled.
    pub(crate) name: String,
}

/// Certificate (with its chain) and key.
#[derive(Clone, Debug)]
pub(crate) struct PairFiles {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// One question. Judges read it as one JSON line.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) server_cert: PathBuf,
    pub(crate) server_key: Option<PathBuf>,
    pub(crate) client_cert: Option<PathBuf>,
    pub(crate) client_key: Option<PathBuf>,
    pub(crate) trust: Option<PathBuf>,
    pub(crate) server_trust: Option<PathBuf>,
    pub(crate) name: Option<String>,
    pub(crate) expect: Expect,
}

/// The right answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Expect {
    Ok,
    Fail,
}

/// The form in which a judge reads what the client trusts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Trust {
    Pem,
    Truststore,
}

/// Every edge once as it is, and in the ways in which it must not work: a judge
/// that cannot say no is none.
pub(crate) fn handshakes(trees: &[Tree], form: Trust) -> Vec<Case> {
    let mut cases = Vec::new();
    for (number, tree) in trees.iter().enumerate() {
        // Another tree has other authorities.
        let (before, after) = (&trees[..number], &trees[number + 1..]);
        let stranger = after
            .iter()
            .chain(before)
            .find_map(|other| other.dials.first());
        for dial in &tree.dials {
            add_handshakes(&mut cases, dial, stranger, form);
        }
    }
    cases
}

fn add_handshakes(cases: &mut Vec<Case>, dial: &Dial, stranger: Option<&Dial>, form: Trust) {
    let trust = |dial: &Dial| match form {
        Trust::Pem => dial.trust_pem.clone(),
        // Where the tree has a truststore itself, that is the one to judge.
        Trust::Truststore if dial.trust.extension().is_some_and(|e| e == "p12") => {
            dial.trust.clone()
        }
        Trust::Truststore => dial.truststore.clone(),
    };
    let good = Case {
        id: dial.id.clone(),
        kind: "handshake",
        server_cert: dial.server.certificate.clone(),
        server_key: Some(dial.server.key.clone()),
        client_cert: dial.client.as_ref().map(|pair| pair.certificate.clone()),
        client_key: dial.client.as_ref().map(|pair| pair.key.clone()),
        trust: Some(trust(dial)),
        server_trust: dial.client_trust.clone(),
        name: Some(dial.name.clone()),
        expect: Expect::Ok,
    };
    let bad = |what: &str, change: &dyn Fn(&mut Case)| {
        let mut case = Case {
            id: format!("{}, {what}", good.id),
            expect: Expect::Fail,
            ..good.clone()
        };
        change(&mut case);
        case
    };
    cases.push(bad("by another name", &|case| {
        case.name = Some("elsewhere.example.net".to_owned());
    }));
    if let Some(stranger) = stranger {
        cases.push(bad("trusting a stranger", &|case| {
            case.trust = Some(trust(stranger));
        }));
    }
    if good.server_trust.is_some() {
        cases.push(bad("without a client certificate", &|case| {
            case.client_cert = None;
            case.client_key = None;
        }));
    }
    if let (Some(client), Some(_)) = (&dial.client, &good.server_trust) {
        cases.push(bad("served with the client's certificate", &|case| {
            case.server_cert.clone_from(&client.certificate);
            case.server_key = Some(client.key.clone());
        }));
    }
    cases.push(good);
}

/// Every pair, for the loaders of key files.
pub(crate) fn key_files(trees: &[Tree]) -> Vec<Case> {
    let pairs = trees
        .iter()
        .flat_map(|tree| tree.pairs.iter().map(move |pair| (tree, pair)));
    pairs
        .map(|(tree, pair)| Case {
            server_key: Some(pair.key.clone()),
            ..about(tree, "keyload", &pair.certificate)
        })
        .collect()
}

/// Every certificate file, authorities included.
pub(crate) fn certificates(trees: &[Tree], kind: &'static str) -> Vec<Case> {
    let leaves = trees
        .iter()
        .flat_map(|tree| tree.pairs.iter().map(move |pair| (tree, &pair.certificate)));
    let authorities = trees
        .iter()
        .flat_map(|tree| tree.authorities.iter().map(move |file| (tree, file)));
    leaves
        .chain(authorities)
        .map(|(tree, file)| about(tree, kind, file))
        .collect()
}

fn about(tree: &Tree, kind: &'static str, file: &Path) -> Case {
    let shown = file.strip_prefix(&tree.root).unwrap_or(file);
    Case {
        id: format!("{}: {}", tree.name, shown.display()),
        kind,
        server_cert: file.to_path_buf(),
        server_key: None,
        client_cert: None,
        client_key: None,
        trust: None,
        server_trust: None,
        name: None,
        expect: Expect::Ok,
    }
}
