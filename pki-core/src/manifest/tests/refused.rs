use super::*;

/// A name, a manifest, and all that is said about it.
const CASES: &[(&str, &str, &str)] = &[
    (
        "syntax",
        r#"version = 1
[authority.root
subject = "CN=x"
"#,
        r#""#,
    ),
    (
        "version_missing",
        r#"[authority.root]
"#,
        r#""#,
    ),
    (
        "version_of_the_future",
        r#"version = 2
future = true
"#,
        r#""#,
    ),
    (
        "unknown_key",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
host_names = ["a"]
"#,
        r#""#,
    ),
    (
        "unknown_key_at_the_top",
        r#"version = 1
[authority.root]
[services.a]
role = "server"
"#,
        r#""#,
    ),
    (
        "near_key",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
grup = "x"
"#,
        r#""#,
    ),
    (
        "wrong_type",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
key_mode = 640
[service.b]
role = "server"
hosts = "b"
"#,
        r#""#,
    ),
    (
        "role_missing",
        r#"version = 1
[authority.root]
[service.a]
hosts = ["a"]
"#,
        r#""#,
    ),
    (
        "unknown_role",
        r#"version = 1
[authority.root]
[service.a]
role = "sevrer"
hosts = ["a"]
"#,
        r#""#,
    ),
    (
        "unknown_service",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
[service.b]
role = "client"
connects = ["aa"]
"#,
        r#""#,
    ),
    (
        "unknown_authority",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
authority = "rot"
"#,
        r#""#,
    ),
    (
        "circle_of_authorities",
        r#"version = 1
[authority.a]
issuer = "b"
[authority.b]
issuer = "a"
"#,
        r#""#,
    ),
    (
        "own_issuer",
        r#"version = 1
[authority.a]
issuer = "a"
"#,
        r#""#,
    ),
    (
        "no_authority",
        r#"version = 1
[service.a]
role = "server"
hosts = ["a"]
"#,
        r#""#,
    ),
    (
        "two_authorities_no_default",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
[authority.other]
"#,
        r#""#,
    ),
    (
        "signed_by_external",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
authority = "corp"
[authority.corp]
external = "corp.pem"
"#,
        r#""#,
    ),
    (
        "external_with_more",
        r#"version = 1
[authority.corp]
external = "corp.pem"
lifetime = "1y"
"#,
        r#""#,
    ),
    (
        "two_services_on_one_file",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
directory = "x"
[service.b]
role = "server"
hosts = ["b"]
directory = "x"
"#,
        r#""#,
    ),
    (
        "file_and_folder",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
files = { issuer = "public" }
[service.a.server.public]
hosts = ["b"]
"#,
        r#""#,
    ),
    (
        "publish_over_a_pair",
        r#"version = 1
[authority.root]
publish = "certs/a/server.crt"
[service.a]
role = "server"
hosts = ["a"]
"#,
        r#""#,
    ),
    (
        "parent_folder",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
directory = "../x"
"#,
        r#""#,
    ),
    (
        "absolute_file",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
files = { cert = "/etc/x" }
"#,
        r#""#,
    ),
    (
        "pki_own_place",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
directory = "authorities/x"
"#,
        r#""#,
    ),
    (
        "ca_key_in_a_mount",
        r#"version = 1
[authority.root]
key_dir = "certs/a"
[service.a]
role = "server"
hosts = ["a"]
"#,
        r#""#,
    ),
    (
        "empty_hosts",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = []
"#,
        r#""#,
    ),
    (
        "no_hosts",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
"#,
        r#""#,
    ),
    (
        "hosts_of_a_client",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
[service.b]
role = "client"
hosts = ["b"]
"#,
        r#""#,
    ),
    (
        "refused_names",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a:9000", "https://a", "a..b", "10.0.0.300", "x*.a", "n-{3...1}"]
"#,
        r#""#,
    ),
    (
        "to_without_connects",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
[service.b]
role = "client"
[service.b.to.a]
client = "c"
"#,
        r#""#,
    ),
    (
        "dials_itself",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
connects = ["a"]
"#,
        r#""#,
    ),
    (
        "dials_twice",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
[service.b]
role = "client"
connects = ["a", "a"]
"#,
        r#""#,
    ),
    (
        "dials_a_client",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
[service.b]
role = "client"
connects = ["a"]
[service.c]
role = "client"
connects = ["b"]
"#,
        r#""#,
    ),
    (
        "http_to_tls",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
[service.b]
role = "client"
connects = ["a"]
[service.b.to.a]
url = "http://a:443"
"#,
        r#""#,
    ),
    (
        "https_to_http",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
serves = "http"
[service.b]
role = "client"
connects = ["a"]
[service.b.to.a]
url = "https://a:443"
"#,
        r#""#,
    ),
    (
        "bad_url",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
[service.b]
role = "client"
connects = ["a"]
[service.b.to.a]
url = "a:443/x"
"#,
        r#""#,
    ),
    (
        "bare_number",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
lifetime = "30"
"#,
        r#""#,
    ),
    (
        "bad_words",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
key = "rsa2048"
renew = "3/1"
rekey = "sometimes"
profile = "pear"
serves = "https3"
"#,
        r#""#,
    ),
    (
        "bad_modes",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
key_mode = "0644"
cert_mode = "0666"
owner = "a:b"
"#,
        r#""#,
    ),
    (
        "service_name",
        r#"version = 1
[authority.root]
[service."a b/c"]
role = "server"
hosts = ["a"]
"#,
        r#""#,
    ),
    (
        "outside_permit",
        r#"version = 1
[authority.root]
permit = ["example.com"]
[service.a]
role = "server"
hosts = ["a"]
"#,
        r#""#,
    ),
    (
        "subject_of_its_ca",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
subject = "CN=ROOT  ca"
"#,
        r#""#,
    ),
    (
        "subject_of_its_issuer",
        r#"version = 1
[authority.a]
subject = "CN=x"
[authority.b]
subject = "CN=x"
issuer = "a"
"#,
        r#""#,
    ),
    (
        "bad_subject",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
subject = "CN"
"#,
        r#""#,
    ),
    (
        "client_without_cn",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
[service.a.client.c]
subject = "O=x"
"#,
        r#""#,
    ),
    (
        "address_in_a_further_pair",
        r#"version = 1
[authority.root]
[service.a]
role = "minio"
hosts = ["a"]
[service.a.server.b]
hosts = ["10.0.0.1"]
"#,
        r#""#,
    ),
    (
        "default_pair_twice",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
[service.a.server.default]
hosts = ["b"]
"#,
        r#""#,
    ),
    (
        "per_host_without_range",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
per_host = true
"#,
        r#""#,
    ),
    (
        "source",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
source = "lineage:/etc/letsencrypt/live/a"
"#,
        r#""#,
    ),
    (
        "external_with_pairs",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
external = true
[service.a.client.c]
"#,
        r#""#,
    ),
    (
        "password_for_pem",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
[service.b]
role = "client"
truststore_password = "x"
"#,
        r#""#,
    ),
    (
        "long_common_name",
        r#"version = 1
[authority.root]
[service.a]
role = "client"
[service.a.client.ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc]
"#,
        r#""#,
    ),
    (
        "several",
        r#"version = 1
[authority.root]
[service.a]
role = "sevrer"
hosts = ["a"]
[service.b]
role = "client"
connects = ["c"]
lifetime = "1"
"#,
        r#""#,
    ),
    (
        "authority_called_system",
        r#"version = 1
[authority.system]
"#,
        r#""#,
    ),
];

#[test]
fn every_mistake_is_shown_with_its_place() {
    let mut wrong = 0;
    for (name, text, expected) in CASES {
        let found = match resolved(text) {
            Ok(resolved) => format!("accepted:\n{}", summary(&resolved.stack)),
            Err(error) => shown(error),
        };
        if found != *expected {
            wrong += 1;
            println!("@@@BEGIN {name}\n{found}\n@@@END");
        }
    }
    assert_eq!(wrong, 0, "cases that are said otherwise");
}
