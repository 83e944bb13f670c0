use super::*;

/// The manifest of the design page, word for word.
const DESIGN: &str = r#"version = 1

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

#[test]
fn the_design_example() {
    let resolved = resolved(DESIGN).map_err(shown).unwrap();
    assert_eq!(resolved.warnings, []);
    let summary = summary(&resolved.stack);
    println!("{summary}");
}

#[test]
fn starters_resolve_without_warnings() {
    for (name, text) in pki_templates::STACKS {
        let resolved = resolved(text).map_err(shown);
        let resolved = resolved.unwrap_or_else(|e| panic!("{name}\n{e}"));
        println!("== {name}\n{}", summary(&resolved.stack));
        for service in &resolved.stack.services {
            println!("-- {}\n{}", service.name, service.next.join("\n"));
        }
        assert_eq!(resolved.warnings, [], "{name}");
    }
}
