//! The same tree by other programs, as people write it in scripts.

use std::path::Path;
use std::process::{Command, Stdio};

type Make = fn(&Path);

/// Programs, and how each makes the tree.
pub(crate) const ALL: [(&str, Make); 2] = [
    ("openssl", |folder| shell(folder, OPENSSL)),
    ("certtool", |folder| shell(folder, CERTTOOL)),
];

pub(crate) fn is_here(program: &str) -> bool {
    let mut command = Command::new(program);
    command
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok()
}

fn shell(folder: &Path, script: &str) {
    let mut command = Command::new("sh");
    command.args(["-euc", script]).current_dir(folder);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    assert!(command.status().unwrap().success());
}

const OPENSSL: &str = r#"
key() { openssl ecparam -genkey -name prime256v1 -noout -out "$1.key"; }
key ca
openssl req -x509 -new -key ca.key -subj "/CN=root CA" -days 3650 -out ca.crt
leaf() {
	key "$1"
	openssl req -new -key "$1.key" -subj "/CN=$1" -out "$1.csr"
	printf '%s\n' "$2" > "$1.ext"
	openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 90 -extfile "$1.ext" -out "$1.crt"
}
server='keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectAltName=DNS:kms.example,IP:127.0.0.1'
leaf minkms "$server"
leaf aistor "$server"
leaf client 'keyUsage=critical,digitalSignature
extendedKeyUsage=clientAuth'
"#;

const CERTTOOL: &str = r#"
key() { certtool --generate-privkey --key-type ecdsa --curve secp256r1 --outfile "$1.key"; }
key ca
printf 'cn = "root CA"\nca\ncert_signing_key\nexpiration_days = 3650\n' > ca.cfg
certtool --generate-self-signed --load-privkey ca.key --template ca.cfg --outfile ca.crt
leaf() {
	key "$1"
	printf 'cn = "%s"\nsigning_key\nexpiration_days = 90\n%s\n' "$1" "$2" > "$1.cfg"
	certtool --generate-certificate --load-privkey "$1.key" --load-ca-certificate ca.crt --load-ca-privkey ca.key --template "$1.cfg" --outfile "$1.crt"
}
server='tls_www_server
dns_name = "kms.example"
ip_address = "127.0.0.1"'
leaf minkms "$server"
leaf aistor "$server"
leaf client tls_www_client
"#;
