//! Examples per command: shown in its help, executed by `tests/cli`.
//!
//! Data only: the test includes this file. Each list runs in one fresh folder,
//! line by line; a line is what one would type into a shell.

/// A line of an example.
pub(crate) struct Line {
    /// What it does, as the help says above it; `None` for a preparation that
    /// the help leaves out.
    pub(crate) about: Option<&'static str>,
    /// The command line.
    pub(crate) command: &'static str,
    /// The exit code it ends with.
    pub(crate) status: u8,
}

/// Every command with its examples, in the order of use.
pub(crate) const EXAMPLES: &[(&str, &[Line])] = &[
    (
        "init",
        &[
            show(
                "Spark, Sidekick, AIStor and MinKMS, all of it over TLS",
                "pki init demo --template spark-aistor",
            ),
            show("One server and one client, to start from", "pki init small"),
        ],
    ),
    (
        "plan",
        &[
            prepare("pki init . --template minio-kes"),
            show("What would `pki apply` do, and why?", "pki plan"),
            show(
                "For a pipeline: exit 1 when the tree is not as pki.toml says",
                "pki plan --check",
            ),
        ],
    ),
    (
        "apply",
        &[
            prepare("pki init . --template minio-kes"),
            show("Make the tree what pki.toml says", "pki apply"),
            show(
                "And put away what pki.toml no longer names",
                "pki apply --prune",
            ),
        ],
    ),
    (
        "issue",
        &[
            prepare("pki init ."),
            show(
                "A server more: lines for pki.toml, and its pair",
                "pki issue server grafana --san grafana.example.com --san 10.0.0.7",
            ),
            show("A client", "pki issue client backup"),
            show(
                "An authority that can vouch for one domain only",
                "pki issue ca lab --permit lab.example.com",
            ),
            show(
                "One pair without a manifest",
                "pki issue server --san node.example.com --out pair --ca authorities/root/1/ca.crt --ca-key authorities/root/1/ca.key",
            ),
        ],
    ),
    (
        "verify",
        &[
            prepare("pki init . --template spark-aistor"),
            show(
                "The whole tree, and every edge as its client sees it",
                "pki verify",
            ),
            show("For a pipeline", "pki verify --json --fail-on warning"),
            show(
                "A certificate from anywhere: chain, key and the name that is dialled",
                "pki verify certs/aistor/server.crt --ca certs/ca/ca.crt --key certs/aistor/server.key --name aistor --purpose server",
            ),
            show(
                "Would Java, Go, OpenSSL, Python 3.13 and rustls accept it?",
                "pki verify certs/aistor/server.crt --ca certs/ca/ca.crt --name aistor --as all",
            ),
            show(
                "What a server shows, as `openssl s_client -connect HOST:PORT -showcerts` prints it",
                "cat certs/aistor/server.crt | pki verify - --ca certs/ca/ca.crt --name aistor",
            ),
            prepare(
                "printf '[ca]\ndefault_ca=x\n[x]\ndatabase=index\ncrlnumber=number\ndefault_md=sha256\n[ext]\nauthorityKeyIdentifier=keyid\n' >crl.conf; : >index; echo 01 >number",
            ),
            prepare(
                "openssl ca -gencrl -config crl.conf -crldays 7 -crlexts ext -keyfile authorities/minio/1/ca.key -cert certs/ca/ca.crt -out ca.crl",
            ),
            show(
                "Has its CA revoked it?",
                "pki verify certs/aistor/server.crt --ca certs/ca/ca.crt --crl ca.crl",
            ),
        ],
    ),
    (
        "renew",
        &[
            prepare("pki init . --template minio-kes"),
            show("What is due; for a timer", "pki renew"),
            show("What would be renewed?", "pki renew --dry-run"),
            show(
                "One service now, whether it is due or not",
                "pki renew kes --force",
            ),
            show(
                "A client's key too; its new KES identity is printed",
                "pki renew minio --force --rekey",
            ),
            show(
                "An authority, with the key it has",
                "pki renew authority.minio --force",
            ),
        ],
    ),
    (
        "list",
        &[
            prepare("pki init demo"),
            show(
                "Days left of every certificate, the first to expire on top",
                "pki -C demo list",
            ),
            show(
                "What ends within a month, for a program",
                "pki -C demo list --within 30d --json",
            ),
        ],
    ),
    (
        "inspect",
        &[
            prepare("pki init . --template spark-aistor"),
            show(
                "Who signed it, and is this its key?",
                "pki inspect certs/aistor/server.crt certs/aistor/server.key certs/ca/ca.crt",
            ),
            show(
                "Which CAs does Java find there?",
                "pki inspect certs/spark/truststore.p12",
            ),
            prepare("echo secret >passphrase"),
            show(
                "An encrypted key, or a store with a password",
                "pki inspect authorities/minio/1/ca.key --password-file passphrase",
            ),
            show(
                "What comes in on stdin, for a program",
                "cat certs/aistor/server.crt certs/ca/ca.crt | pki inspect - --json",
            ),
        ],
    ),
    (
        "explain",
        &[
            show(
                "What does it mean, who refuses it, and what helps?",
                "pki explain key-usage-without-digital-signature",
            ),
            show(
                "What does Java ask there, and in which releases?",
                "pki explain jsse/key-usage",
            ),
            show("All that Go refuses for", "pki explain go"),
            show("Every rule in one line", "pki explain"),
        ],
    ),
    (
        "schema",
        &[show(
            "For editors that check TOML: `#:schema ./pki.schema.json` in pki.toml",
            "pki schema > pki.schema.json",
        )],
    ),
    (
        "completions",
        &[
            prepare("mkdir -p ~/.local/share/bash-completion/completions"),
            show(
                "Completions for bash, for this user",
                "pki completions bash > ~/.local/share/bash-completion/completions/pki",
            ),
        ],
    ),
];

const fn show(about: &'static str, command: &'static str) -> Line {
    Line {
        about: Some(about),
        command,
        status: 0,
    }
}

const fn prepare(command: &'static str) -> Line {
    Line {
        about: None,
        command,
        status: 0,
    }
}
