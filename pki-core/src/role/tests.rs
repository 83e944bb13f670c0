use super::*;

fn own(files: &[(&str, &str)]) -> Vec<(String, String)> {
    files
        .iter()
        .map(|(n, t)| ((*n).to_owned(), (*t).to_owned()))
        .collect()
}

#[test]
fn built_in_roles_load() {
    let roles = Roles::load(&[]).map_err(|e| e.render()).unwrap();
    let names: Vec<&str> = roles.names().collect();
    assert_eq!(
        names,
        pki_templates::ROLES
            .iter()
            .map(|(n, _)| *n)
            .collect::<Vec<_>>()
    );
    for role in roles.iter() {
        assert!(!role.summary.is_empty(), "{}", role.name);
        assert!(role.files.trust.is_some(), "{}", role.name);
        assert!(!role.next.is_empty(), "{}", role.name);
        assert!(
            !role.notice.pair.is_empty() && !role.notice.trust.is_empty(),
            "{}",
            role.name
        );
    }
    let required = |role: &&Role| {
        role.server.as_ref().map(|s| s.client_certificates) == Some(ClientCertificates::Required)
    };
    let required: Vec<&str> = roles
        .iter()
        .filter(required)
        .map(|r| r.name.as_str())
        .collect();
    assert_eq!(required, ["kes"]);
}

#[test]
fn a_role_is_like_another() {
    let roles = Roles::load(&own(&[
        (
            "minio",
            "name = \"minio\"\nlike = \"minio\"\nkey_mode = \"0640\"\n",
        ),
        (
            "aistor",
            "name = \"aistor\"\nlike = \"minio\"\n[files]\ntrust = \"CAs/mine.crt\"\n",
        ),
    ]))
    .map_err(|e| e.render())
    .unwrap();
    let (minio, aistor) = (roles.get("minio").unwrap(), roles.get("aistor").unwrap());
    assert_eq!((minio.key_mode, aistor.key_mode), (0o640, 0o640));
    assert_eq!(aistor.name, "aistor");
    assert_eq!(aistor.files.cert, "public.crt");
    assert_eq!(minio.files.trust.as_deref(), Some("CAs/ca.crt"));
    assert_eq!(aistor.files.trust.as_deref(), Some("CAs/mine.crt"));
    assert_eq!(aistor.server, minio.server);
    assert_eq!(aistor.checks, minio.checks);
}

#[test]
fn mistakes_in_roles_are_shown() {
    for (files, expected) in [
        (
            &[("a", "name = \"b\"\ntls = \"go\"\n")][..],
            "roles/a.toml:1:8: `b` stands in `roles/a.toml`",
        ),
        (
            &[("a", "name = \"a\"\nlike = \"minoi\"\n")],
            "roles/a.toml:2:8: unknown role `minoi`",
        ),
        (
            &[("a", "name = \"a\"\nlike = \"a\"\n")],
            "roles/a.toml:2:8: unknown role `a`",
        ),
        (
            &[
                ("a", "name = \"a\"\nlike = \"b\"\n"),
                ("b", "name = \"b\"\nlike = \"a\"\n"),
            ],
            "roles/a.toml:2:8: a circle of roles: a → b → a",
        ),
        (
            &[("a", "name = \"a\"\n")],
            "roles/a.toml:1:8: role `a` has no `tls`",
        ),
        (
            &[("a", "name = \"a\"\ntls = \"gnutls\"\n")],
            "roles/a.toml:2:7: unknown word `gnutls`",
        ),
        (
            &[("a", "name = \"a\"\ntls = \"go\"\nkey_mode = \"0666\"\n")],
            "roles/a.toml:3:12: `0666` is no mode of a key file",
        ),
        (
            &[("a", "name = \"a\"\ntls = \"go\"\nnext = [\"see {dri}\"]\n")],
            "roles/a.toml:3:9: line 1: unknown variable `{dri}`",
        ),
        (
            &[(
                "a",
                "name = \"a\"\ntls = \"go\"\n[files]\ntrust = \"../x\"\n",
            )],
            "roles/a.toml:4:9: `../x` contains `..`",
        ),
        (
            &[("a", "name = \"a\"\ntls = \"go\"\n[server]\nport = 1\n")],
            "roles/a.toml:1:8: role `a` serves and names no `cert` and `key`",
        ),
        (
            &[("a", "name = \"a\"\ntls = \"go\"\n[server]\nport = 65536\n")],
            "roles/a.toml:4:8: a value that does not fit",
        ),
        (
            &[(
                "a",
                "name = \"a\"\ntls = \"go\"\nchecks = [\"only-default-may-carry-ips\"]\n",
            )],
            "roles/a.toml:3:11: unknown check `only-default-may-carry-ips`",
        ),
        (
            &[("a", "nmae = \"a\"\n")],
            "roles/a.toml:1:1: unknown key `nmae` at the top; roles/a.toml:1:1: no `name`",
        ),
    ] {
        assert_eq!(Roles::load(&own(files)).unwrap_err().to_string(), expected);
    }
}
