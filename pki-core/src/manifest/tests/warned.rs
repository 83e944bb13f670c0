use super::*;

/// A manifest and its warnings: rule, place, what was found.
const CASES: &[(&str, &[&str])] = &[
    // A leaf that outlives its authority, an intermediate that outlives its root.
    (
        r#"version = 1
[authority.root]
lifetime = "2y"
[authority.middle]
issuer = "root"
lifetime = "3y"
[defaults]
authority = "root"
[service.a]
role = "server"
hosts = ["a"]
lifetime = "800d"
"#,
        &[
            "outlives-issuer 6:12 3y, and its authority `root` lives 2y",
            "outlives-issuer 12:12 800d, and its authority `root` lives 2y",
        ],
    ),
    // Apple's limit, said once for the line that says so.
    (
        r#"version = 1
[authority.root]
[defaults]
lifetime = "3y"
[service.a]
role = "server"
hosts = ["a"]
[service.b]
role = "server"
hosts = ["b"]
[service.b.client.c]
"#,
        &["lifetime-over-825-days 4:12 `a.server.default` lives 3y"],
    ),
    // Java and underscores, dialled or in the certificate.
    (
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a", "minkms.15332_default"]
[service.b]
role = "spark"
connects = ["a"]
[service.b.to.a]
url = "https://minkms.15332_default:443"
[service.c]
role = "curl"
connects = ["a"]
"#,
        &[
            "underscore-in-name 5:15 `minkms.15332_default` has an underscore",
            "underscore-in-name 10:7 `minkms.15332_default` has an underscore",
        ],
    ),
    // A wildcard over one label: OpenSSL, Python and rustls see nothing in it.
    (
        r#"version = 1
[authority.root]
[service.a]
role = "sidekick"
hosts = ["a.local", "*.local", "*.a.local"]
[service.b]
role = "python"
connects = ["a"]
[service.c]
role = "mc"
connects = ["a"]
"#,
        &["wildcard-over-one-label 5:21 `*.local` matches nothing for Python"],
    ),
    (
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
key = "ed25519"
[service.b]
role = "spark"
connects = ["a"]
"#,
        &["ed25519-for-old-java 3:10 `a.server.default` has an Ed25519 key"],
    ),
    (
        r#"version = 1
[authority.one]
subject = "CN=CA"
[authority.two]
subject = "CN=ca"
"#,
        &["same-subject 5:11 `one` and `two` have the same subject `CN=ca`"],
    ),
    (
        r#"version = 1
[authority.root]
[service.a]
role = "minio"
external = true
hosts = ["a"]
[service.b]
role = "mc"
connects = ["a"]
"#,
        &["external-without-authority 3:10 nothing says which CA signs `a`: taken to be `root`"],
    ),
];

#[test]
fn what_will_not_work_for_everyone_is_said() {
    for (text, expected) in CASES {
        let resolved = resolved(text).map_err(shown).unwrap();
        let found: Vec<String> = resolved
            .warnings
            .iter()
            .map(|w| {
                let found = w.finding.found.as_deref().unwrap_or("");
                format!("{} {}:{} {found}", w.finding.rule, w.line, w.column)
            })
            .collect();
        assert_eq!(found, *expected, "{text}");
        for warning in &resolved.warnings {
            assert!(warning.finding.fix.is_some());
            assert!(warning.excerpt.contains('^'), "{}", warning.excerpt);
        }
    }
}
