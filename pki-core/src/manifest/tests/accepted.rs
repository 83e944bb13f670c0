use super::*;
use crate::stack::Phase;

/// The manifest of the design page, word for word.
pub(super) const DESIGN: &str = r#"version = 1

[defaults]
authority = "minio"
directory = "certs"               # one folder per service under it; relative to this file
key       = "ecdsa-p256"          # of leaves and authorities: rsa-2048 … rsa-8192, ecdsa-p256/p384/p521, ed25519
lifetime  = "365d"                # of leaves; an authority without its own has "10y". d, h, w, y (= 365 d); a bare number is an error
renew     = "1/3"                 # due when a third of the life is left; or "30d"
names     = ["localhost", "127.0.0.1"]   # added to every server's default pair, not to further ones (MinIO: only the default may carry an IP)

[authority.minio]
subject   = "CN=MinIO Root CA, O=MinIO, L=SF, ST=CA, C=US"   # RFC 4514 order, as openssl -nameopt RFC2253 prints it
lifetime  = "10y"
publish   = "certs/ca/ca.crt"     # the certificate; the key stays in authorities/minio/1/ (or key_dir = "/secure/…"); encrypted = true asks for a passphrase
permit  = ["minkms", "aistor", "aistor-{1...4}", "aistor-client", "localhost", "example.com", "127.0.0.0/8"]   # name constraints: nothing else can be vouched for

[authority.sidekick]
subject   = "CN=MinIO Sidekick CA"

[service.minkms]
role      = "minkms"
hosts     = ["minkms"]

[service.aistor]
role      = "minio"
hosts     = ["aistor-{1...4}", "aistor"]     # one certificate for all; per_host = true makes one each
files     = { cert = "server.crt", key = "server.key" }      # the role says public.crt, private.key
connects  = ["minkms"]            # trust, a tested edge, and a client pair where the server's role or the table below asks for one
[service.aistor.to.minkms]
url       = "https://minkms:7373" # the name really dialled; default: the server's first host and its role's port
client    = "client"              # which of my client certificates is presented
[service.aistor.client.client]    # aistor/client.crt, CN=aistor-client
[service.aistor.server.public]    # a further pair by SNI: certs/aistor/public/…
hosts     = ["s3.example.com"]

[service.sidekick]
role      = "sidekick"
authority = "sidekick"
hosts     = ["sidekick.example.com", "sidekick"]
connects  = ["aistor"]            # its --cacert is the union of what its edges need: the trust file, not the issuer file
group     = "sidekick"
key_mode  = "0640"

[service.sidekick-http]
role      = "sidekick"
serves    = "http"                # no pair; its edges and trust file all the same
connects  = ["aistor"]

[service.spark]
role      = "spark"               # serves nothing: a truststore and the exact spark-defaults lines
connects  = ["sidekick", "aistor"]
"#;

/// What it means, line by line.
const MEANING: &str = r#"authority minio Root "CN=MinIO Root CA,O=MinIO,L=SF,ST=CA,C=US" ecdsa-p256 10y pathlen Some(0) authorities/minio/1/ca.crt
authority sidekick Root "CN=MinIO Sidekick CA" ecdsa-p256 10y pathlen Some(0) authorities/sidekick/1/ca.crt
minkms.server.default "CN=minkms" [minkms, localhost, 127.0.0.1] 365d by minio certs/minkms/server.crt certs/minkms/server.key
aistor.server.default "CN=aistor-1" [aistor-1, aistor-2, aistor-3, aistor-4, aistor, localhost, 127.0.0.1] 365d by minio certs/aistor/server.crt certs/aistor/server.key
aistor.server.public "CN=s3.example.com" [s3.example.com] 365d by minio certs/aistor/public/public.crt certs/aistor/public/private.key
aistor.client.client "CN=aistor-client" [aistor-client] 365d by minio certs/aistor/client.crt certs/aistor/client.key
sidekick.server.default "CN=sidekick.example.com" [sidekick.example.com, sidekick, localhost, 127.0.0.1] 365d by sidekick certs/sidekick/public.crt certs/sidekick/private.key
aistor → minkms https://minkms:7373 [minkms] shows aistor.client.client trusts certs/aistor/CAs/ca.crt
sidekick → aistor https://aistor-{1...4}:9000 [aistor-1, aistor-2, aistor-3, aistor-4] shows nothing trusts certs/sidekick/trust.crt
sidekick-http → aistor https://aistor-{1...4}:9000 [aistor-1, aistor-2, aistor-3, aistor-4] shows nothing trusts certs/sidekick-http/trust.crt
spark → sidekick https://sidekick.example.com:8090 [sidekick.example.com] shows nothing trusts certs/spark/truststore.p12
spark → aistor https://aistor-{1...4}:9000 [aistor-1, aistor-2, aistor-3, aistor-4] shows nothing trusts certs/spark/truststore.p12
certs/ca/ca.crt Publish minio
certs/aistor/CAs/ca.crt Trust minio
certs/sidekick/ca.crt Issuer sidekick
certs/sidekick/trust.crt Trust minio
certs/sidekick-http/trust.crt Trust minio
certs/spark/truststore.p12 Truststore sidekick minio
certs/spark/spark-defaults.conf text
    spark.hadoop.fs.s3a.endpoint                https://sidekick.example.com:8090
    spark.hadoop.fs.s3a.connection.ssl.enabled  true
    spark.hadoop.fs.s3a.path.style.access       true
    spark.hadoop.fs.s3a.ssl.channel.mode        default_jsse
    spark.driver.extraJavaOptions               -Djavax.net.ssl.trustStore=certs/spark/truststore.p12 -Djavax.net.ssl.trustStoreType=PKCS12
    spark.executor.extraJavaOptions             -Djavax.net.ssl.trustStore=certs/spark/truststore.p12 -Djavax.net.ssl.trustStoreType=PKCS12
"#;

#[test]
fn the_design_example() {
    let resolved = resolved(DESIGN).map_err(shown).unwrap();
    assert_eq!(resolved.warnings, []);
    let found = summary(&resolved.stack);
    assert!(found == MEANING, "it means something else:\n{found}");
}

#[test]
fn starters_resolve_without_warnings() {
    for (name, text) in pki_templates::STACKS {
        let resolved = resolved(text).map_err(shown);
        let resolved = resolved.unwrap_or_else(|e| panic!("{name}\n{e}"));
        assert_eq!(resolved.warnings, [], "{name}");
    }
}

/// Manifests and their meaning, line by line.
const CASES: &[(&str, &str, &str)] = &[
    (
        "an intermediate below a root, and one below a corporate root",
        r#"version = 1
[defaults]
authority = "leaves"
[authority.leaves]
issuer = "root"
key_dir = "/secure"
[authority.root]
key = "rsa-4096"
lifetime = "20y"
publish = "ca.crt"
[authority.corp]
external = "corp.pem"
[authority.stack]
issuer = "corp"
[service.a]
role = "server"
hosts = ["a"]
files = { chain = "chain.crt" }
[service.b]
role = "server"
hosts = ["b"]
authority = "stack"
[service.c]
role = "client"
connects = ["b", "a"]
trust = ["stack", "system"]
"#,
        r#"authority root Root "CN=root CA" rsa-4096 20y pathlen Some(1) authorities/root/1/ca.crt
authority corp External "CN=corp CA" ecdsa-p256 10y pathlen None corp.pem
authority leaves Issuer("root") "CN=leaves CA" ecdsa-p256 10y pathlen Some(0) authorities/leaves/1/ca.crt
authority stack Issuer("corp") "CN=stack CA" ecdsa-p256 10y pathlen Some(0) authorities/stack/1/ca.crt
a.server.default "CN=a" [a] 365d by leaves certs/a/server.crt certs/a/server.key
b.server.default "CN=b" [b] 365d by stack certs/b/server.crt certs/b/server.key
c → b https://b:443 [b] shows nothing trusts certs/c/trust.crt
c → a https://a:443 [a] shows nothing trusts certs/c/trust.crt
ca.crt Publish root
certs/a/ca.crt Issuer root
certs/b/ca.crt Issuer corp
certs/c/trust.crt Trust corp root system
"#,
    ),
    (
        "one pair per node",
        r#"version = 1
[authority.root]
[defaults]
names = ["127.0.0.1"]
[service.a]
role = "minio"
hosts = ["a-{1...2}.x", "a"]
per_host = true
connects = ["kes"]
[service.kes]
role = "kes"
hosts = ["kes", "10.0.0.1", "::1"]
"#,
        r#"authority root Root "CN=root CA" ecdsa-p256 10y pathlen Some(0) authorities/root/1/ca.crt
a.server.default[a-1.x] "CN=a-1.x" [a-1.x, a, 127.0.0.1] 365d by root certs/a/a-1.x/public.crt certs/a/a-1.x/private.key
a.server.default[a-2.x] "CN=a-2.x" [a-2.x, a, 127.0.0.1] 365d by root certs/a/a-2.x/public.crt certs/a/a-2.x/private.key
a.client.client "CN=a-client" [a-client] 365d by root certs/a/client.crt certs/a/client.key
kes.server.default "CN=kes" [kes, 10.0.0.1, ::1, 127.0.0.1] 365d by root certs/kes/public.crt certs/kes/private.key
a → kes https://kes:7373 [kes] shows a.client.client trusts certs/a/CAs/ca.crt
certs/a/CAs/ca.crt Trust root
certs/a/a-1.x/CAs/ca.crt Trust root
certs/a/a-2.x/CAs/ca.crt Trust root
certs/kes/clients.crt ClientTrust root
"#,
    ),
    (
        "a host of its own, absolute folders, plain HTTP, addresses",
        r#"version = 1
[authority.root]
[service.a]
role = "sidekick"
hosts = ["a"]
host = "node1"
directory = "/etc/sidekick/certs"
connects = ["b", "c"]
[service.a.to.b]
url = "http://10.0.0.1:81"
[service.b]
role = "server"
serves = "http"
[service.c]
role = "server"
external = true
hosts = ["*.c.x", "c-{01...03}.x"]
authority = "root"
[service.d]
role = "spark"
directory = "/opt/d"
truststore_password = "changeit"
connects = ["c"]
"#,
        r#"authority root Root "CN=root CA" ecdsa-p256 10y pathlen Some(0) authorities/root/1/ca.crt
a.server.default "CN=a" [a] 365d by root out/node1/etc/sidekick/certs/public.crt out/node1/etc/sidekick/certs/private.key
a → b http://10.0.0.1:81 [10.0.0.1] shows nothing trusts nothing
a → c https://c-{01...03}.x:443 [c-01.x, c-02.x, c-03.x] shows nothing trusts out/node1/etc/sidekick/certs/trust.crt
d → c https://c-{01...03}.x:443 [c-01.x, c-02.x, c-03.x] shows nothing trusts /opt/d/truststore.p12
out/node1/etc/sidekick/certs/ca.crt Issuer root
out/node1/etc/sidekick/certs/trust.crt Trust root
/opt/d/truststore.p12 Truststore root password
/opt/d/spark-defaults.conf text
    spark.hadoop.fs.s3a.endpoint                https://c-01.x:443
    spark.hadoop.fs.s3a.connection.ssl.enabled  true
    spark.hadoop.fs.s3a.path.style.access       true
    spark.hadoop.fs.s3a.ssl.channel.mode        default_jsse
    spark.driver.extraJavaOptions               -Djavax.net.ssl.trustStore=/opt/d/truststore.p12 -Djavax.net.ssl.trustStoreType=PKCS12 -Djavax.net.ssl.trustStorePassword=changeit
    spark.executor.extraJavaOptions             -Djavax.net.ssl.trustStore=/opt/d/truststore.p12 -Djavax.net.ssl.trustStoreType=PKCS12 -Djavax.net.ssl.trustStorePassword=changeit
"#,
    ),
    (
        "pairs by tables, peers, long names, rekeying",
        r#"version = 1
[authority.root]
[service.a]
role = "vault"
subject = "CN=a, O=x"
profile = "peer"
hosts = ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "a", "a"]
[service.b]
role = "server"
lifetime = "30d"
connects = ["a"]
[service.b.to.a]
client = "vault"
[service.b.server.default]
hosts = ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "10.0.0.1"]
lifetime = "12h"
rekey = "always"
[service.b.server.public]
hosts = ["spiffe://x/b", "b@x.org", "bücher.example"]
[service.b.client.db]
subject = "CN=Some Body"
[service.b.client.vault]
hosts = ["b"]
rekey = "2y"
"#,
        r#"authority root Root "CN=root CA" ecdsa-p256 10y pathlen Some(0) authorities/root/1/ca.crt
a.server.default "CN=a,O=x" [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, a] 365d by root certs/a/server.crt certs/a/server.key
b.server.default "CN=10.0.0.1" [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, 10.0.0.1] 12h by root certs/b/server.crt certs/b/server.key
b.server.public "CN=spiffe://x/b" [spiffe://x/b, b@x.org, xn--bcher-kva.example] 30d by root certs/b/public/server.crt certs/b/public/server.key
b.client.db "CN=Some Body" [] 30d by root certs/b/db.crt certs/b/db.key
b.client.vault "CN=b-vault" [b] 30d by root certs/b/vault.crt certs/b/vault.key
b → a https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb:8200 [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb] shows b.client.vault trusts certs/b/trust.crt
certs/a/ca.crt Issuer root
certs/a/clients.crt ClientTrust root
certs/b/ca.crt Issuer root
certs/b/trust.crt Trust root
"#,
    ),
    (
        "a pair that is made elsewhere",
        r#"version = 1
[defaults]
names = ["localhost"]
[authority.root]
[authority.corp]
external = "corp.pem"
[service.a]
role = "server"
source = "lineage:/etc/letsencrypt/live/a"
authority = "corp"
hosts = ["a.example.com"]
[service.a.server.inside]
hosts = ["a"]
[service.b]
role = "server"
source = "lineage:live/b"
hosts = ["b.example.com"]
[service.c]
role = "client"
trust = ["system"]
connects = ["a", "b"]
"#,
        r#"authority root Root "CN=root CA" ecdsa-p256 10y pathlen Some(0) authorities/root/1/ca.crt
authority corp External "CN=corp CA" ecdsa-p256 10y pathlen None corp.pem
a.server.default "CN=a.example.com" [a.example.com] 365d by corp certs/a/server.crt certs/a/server.key
a.server.inside "CN=a" [a] 365d by root certs/a/inside/server.crt certs/a/inside/server.key
b.server.default "CN=b.example.com" [b.example.com] 365d by system certs/b/server.crt certs/b/server.key
c → a https://a.example.com:443 [a.example.com] shows nothing trusts certs/c/trust.crt
c → b https://b.example.com:443 [b.example.com] shows nothing trusts certs/c/trust.crt
certs/a/ca.crt Issuer corp root
certs/c/trust.crt Trust corp root system
"#,
    ),
];

#[test]
fn manifests_mean_what_they_say() {
    for (name, text, expected) in CASES {
        let found = resolved(text).map_err(shown);
        let found = found.map_or_else(|error| error, |r| summary(&r.stack));
        assert!(found == *expected, "{name} means something else:\n{found}");
    }
}

#[test]
fn generations_come_from_the_state() {
    let roles = Roles::load(&[]).unwrap();
    let text = "version = 1\n[authority.root]\nkey_dir = \"/secure\"\n";
    let state = Generations::from([(
        "root".to_owned(),
        vec![
            (1, Phase::Retired),
            (2, Phase::Trusted),
            (3, Phase::Signing),
        ],
    )]);
    let source = Source {
        name: "pki.toml",
        text,
    };
    let stack = resolve(&source, &roles, &state, &[]).unwrap().stack;
    let root = stack.authority("root").unwrap();
    let signing = root.signing().unwrap();
    assert_eq!(signing.certificate.to_string(), "authorities/root/3/ca.crt");
    assert_eq!(
        signing.key.as_ref().unwrap().to_string(),
        "/secure/root/3/ca.key"
    );
    assert_eq!(root.trusted().map(|g| g.number).collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn owner_and_modes_are_the_services() {
    let text = pki_templates::STACKS
        .iter()
        .find(|(n, _)| *n == "sidekick-systemd")
        .unwrap()
        .1;
    let stack = resolved(text).unwrap().stack;
    let pair = stack.pairs().next().unwrap();
    let access = |mode| crate::stack::Access {
        owner: Some("root".into()),
        group: Some("sidekick".into()),
        mode,
    };
    assert_eq!(pair.key_access, access(0o640));
    assert_eq!(pair.certificate_access, access(0o644));
    assert!(stack.outputs.iter().all(|o| o.access == access(0o644)));
}

/// `docs/pki.schema.json` is what editors read.
#[test]
fn the_schema_is_in_step() {
    let on_disk = include_str!("../../../../docs/pki.schema.json");
    let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert!(
        parse(on_disk) == parse(&json_schema()),
        "docs/pki.schema.json is behind: write `pki schema` into it:\n{}",
        json_schema()
    );
}

/// What `init` says to do next in the stack of the seeds.
#[test]
fn advice_is_filled_in() {
    let text = pki_templates::STACKS
        .iter()
        .find(|(n, _)| *n == "spark-aistor")
        .unwrap()
        .1;
    let stack = resolved(text).unwrap().stack;
    let next = |name: &str| stack.service(name).unwrap().next.join("\n");
    assert_eq!(
        next("aistor"),
        "mount certs/aistor where MinIO looks (~/.minio/certs, or --certs-dir certs/aistor); \
         restart MinIO once: it reads CAs/ only at start\n\
         MinIO knows no other names than public.crt and private.key: mount or copy \
         certs/aistor/server.crt and certs/aistor/server.key as these"
    );
    assert_eq!(
        next("sidekick-http"),
        "sidekick --cacert certs/sidekick-http/trust.crt https://aistor:9000    \
         (--cacert replaces the system's CAs: the file holds all it needs)"
    );
}
