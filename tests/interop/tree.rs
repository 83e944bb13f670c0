//! A tree of every starter, made by `pki`'s library, and the connections in it.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use pki_core::encode::bundle::bundle;
use pki_core::encode::pkcs12::{Protection, TrustEntry, aliases, read_store, write_truststore};
use pki_core::manifest::{Generations, Source, resolve};
use pki_core::role::Roles;
use pki_core::stack::{Authority, Edge, OutputKind, Pair, PairKind, Stack, Use};

use crate::case::{Dial, PairFiles};
use crate::judge::scratch;
use crate::machine::{command, create_folder, empty_folder, read, variable, write};

/// A starter's tree.
pub(crate) struct Tree {
    /// The starter.
    pub(crate) name: &'static str,
    /// Where `pki.toml` stands.
    pub(crate) root: PathBuf,
    /// Every connection to a server of the tree, once per name dialled.
    pub(crate) dials: Vec<Dial>,
    /// Every pair.
    pub(crate) pairs: Vec<PairFiles>,
    /// The certificate of every authority.
    pub(crate) authorities: Vec<PathBuf>,
}

/// The trees, made once per run.
pub(crate) fn trees() -> &'static [Tree] {
    static TREES: LazyLock<Vec<Tree>> = LazyLock::new(|| {
        pki_templates::STACKS
            .iter()
            .map(|(name, text)| Tree::make(name, text))
            .collect()
    });
    &TREES
}

impl Tree {
    fn make(name: &'static str, text: &str) -> Self {
        let root = scratch().join("trees").join(name);
        empty_folder(&root);
        let text = below(text);
        write(&root.join("pki.toml"), &text);
        let roles = Roles::load(&[]).unwrap();
        let source = Source {
            name: "pki.toml",
            text: &text,
        };
        let stack = resolve(&source, &roles, &Generations::new(), &[])
            .unwrap()
            .stack;
        apply(&root);
        Self {
            name,
            dials: dials(name, &stack, &root),
            pairs: stack.pairs().map(|pair| files(&root, pair)).collect(),
            authorities: stack
                .authorities
                .iter()
                .flat_map(Authority::trusted)
                .map(|generation| root.join(generation.certificate.as_path()))
                .collect(),
            root,
        }
    }
}

/// Runs `pki apply`, as a user would.
fn apply(root: &Path) {
    let named = variable("PKI_UNDER_TEST");
    let program = named.unwrap_or_else(|| env!("CARGO_BIN_EXE_pki").into());
    let output = command(program)
        .arg("-C")
        .arg(root)
        .arg("apply")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "pki apply failed: {said}");
}

/// The starter with its files below its own folder, for whoever runs the test:
/// an absolute `directory` becomes `certs`, owner and group go.
fn below(text: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("owner ") && !line.starts_with("group "));
    lines.fold(String::new(), |text, line| match line.split_once("\"/") {
        Some((key, _)) if key.starts_with("directory") => text + key + "\"certs\"\n",
        _ => text + line + "\n",
    })
}

fn files(root: &Path, pair: &Pair) -> PairFiles {
    PairFiles {
        certificate: root.join(pair.files.certificate.as_path()),
        key: root.join(pair.files.key.as_path()),
    }
}

/// Every edge with TLS to a server whose pair is in the tree.
fn dials(tree: &str, stack: &Stack, root: &Path) -> Vec<Dial> {
    let mut dials = Vec::new();
    for edge in &stack.edges {
        let Some(trust) = &edge.trust else { continue };
        let trust = root.join(trust.as_path());
        let id = format!("{tree}: {} → {}", edge.from, edge.to);
        let forms = scratch().join("trust");
        create_folder(&forms);
        let (trust_pem, truststore) =
            both_forms(&trust, &forms.join(id.replace([':', ' ', '→'], "_")));
        for host in &edge.hosts {
            let Some(server) = server(stack, edge, host) else {
                continue;
            };
            let client = edge.client.as_ref().map(|id| stack.pair(id).unwrap());
            dials.push(Dial {
                id: format!("{id} at {host}"),
                server: files(root, server),
                client: client.map(|pair| files(root, pair)),
                trust: trust.clone(),
                trust_pem: trust_pem.clone(),
                truststore: truststore.clone(),
                client_trust: client.map(|pair| client_trust(stack, edge, pair, root)),
                name: host.clone(),
            });
        }
    }
    dials
}

/// The pair that the server shows under `host`: the one with that name, as SNI
/// chooses it, else the default.
fn server<'a>(stack: &'a Stack, edge: &Edge, host: &str) -> Option<&'a Pair> {
    let mut pairs = stack
        .service(&edge.to)?
        .pairs
        .iter()
        .filter(|pair| pair.id.kind == PairKind::Server);
    let named = |pair: &&Pair| pair.names.iter().any(|name| name.to_string() == host);
    pairs.clone().find(named).or_else(|| pairs.next())
}

/// The file of CAs from which the server lets clients in; where its role has
/// none (it asks for a certificate and looks at its key), the client's own CA.
fn client_trust(stack: &Stack, edge: &Edge, client: &Pair, root: &Path) -> PathBuf {
    let bundle = stack.outputs.iter().find(|output| {
        let clients = matches!(
            output.kind,
            OutputKind::Bundle {
                purpose: Use::ClientTrust,
                ..
            }
        );
        clients && output.service.as_ref() == Some(&edge.to)
    });
    let authority = || {
        &stack
            .authority(client.issuer().unwrap())
            .unwrap()
            .signing()
            .unwrap()
            .certificate
    };
    root.join(
        bundle
            .map_or_else(authority, |output| &output.path)
            .as_path(),
    )
}

/// The certificates of a trust file, read back from disk, once as PEM and once
/// as our truststore: every judge then judges every edge.
fn both_forms(file: &Path, to: &Path) -> (PathBuf, PathBuf) {
    let octets = read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let certificates: Vec<Vec<u8>> = if pki_core::pem::is_pem(&octets) {
        let pem = pki_core::pem::blocks(&octets);
        pem.labelled("CERTIFICATE")
            .map(|block| block.der.as_ref().unwrap().to_vec())
            .collect()
    } else {
        let store = read_store(&octets, None).unwrap();
        assert!(
            store.entries.iter().all(|entry| entry.trusted),
            "{}",
            file.display()
        );
        store
            .entries
            .into_iter()
            .map(|entry| entry.certificate_der)
            .collect()
    };
    let entries: Vec<TrustEntry> = aliases(certificates.iter().map(|_| "ca"))
        .into_iter()
        .zip(&certificates)
        .map(|(alias, der)| TrustEntry {
            alias,
            certificate_der: der.clone(),
        })
        .collect();
    let (pem, truststore) = (to.with_extension("pem"), to.with_extension("p12"));
    write(&pem, bundle(&certificates));
    write(
        &truststore,
        write_truststore(&entries, Protection::Open).unwrap(),
    );
    (pem, truststore)
}
