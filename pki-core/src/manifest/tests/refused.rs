use super::*;

/// `=== name`, a manifest, `---`, all that is said about it; an empty line.
const CASES: &str = include_str!("refused.txt");

#[test]
fn every_mistake_is_shown_with_its_place() {
    let mut found = Vec::new();
    for case in CASES.split("=== ").skip(1) {
        let (name, rest) = case.split_once('\n').unwrap();
        let (text, _) = rest.split_once("---\n").unwrap();
        let said = match resolved(text) {
            Ok(resolved) => format!("accepted:\n{}", summary(&resolved.stack)),
            Err(error) => shown(error),
        };
        found.push(format!("=== {name}\n{text}---\n{said}\n"));
    }
    let found = found.join("\n");
    assert!(found == CASES, "said otherwise; all of it now:\n{found}");
}

/// A password in the manifest is in no error, whatever else stands on its line.
#[test]
fn no_error_shows_a_password() {
    for text in [
        "version = 1\n[service.a]\nrole = \"spark\"\ntruststore_password = \"hunter2\" x\n",
        "version = 1\n[service.a]\nrole = \"curl\"\ntruststore_password = \"hunter2\"\n",
        "version = 1\n[service.a]\nrole = \"spark\"\ntruststore_password = [\"hunter2\"]\n",
        "version = 1\n[service]\na = { role = \"x\", truststore_password = \"hunter2\" }\n",
    ] {
        let error = shown(resolved(text).unwrap_err());
        assert!(!error.contains("hunter2"), "{error}");
    }
}

/// Mistakes without number are cut off, and nothing moves the cursor.
#[test]
fn errors_are_bounded_and_plain() {
    let hosts = vec!["\"a b\\u001b[2J\""; 5000].join(", ");
    let text = format!(
        "version = 1\n[authority.r]\n[service.a]\nrole = \"server\"\nhosts = [\n{}]\n",
        hosts.replace(", ", ",\n")
    );
    let error = resolved(&text).unwrap_err();
    assert_eq!(error.problems().len(), 50);
    assert!(error.render().ends_with("and 4950 more"));
    assert!(!error.render().contains('\u{1b}'));
    let many = "version = 1\n[authority.r]\n[service.a]\nrole = \"server\"\nhosts = [\"a-{1...1000}\", \"b-{1...1000}\", \"c-{1...1000}\", \"d-{1...1000}\"]\n";
    let error = shown(resolved(many).unwrap_err());
    assert!(
        error.starts_with("error: more than 2048 names for one certificate"),
        "{error}"
    );
}

/// A folder is the same place, however it is written.
#[test]
fn absolute_places_in_the_tree_are_relative_ones() {
    let roots = ["/srv/tree".into(), "/real/tree".into()];
    let said = |text: &str| {
        let roles = Roles::load(&[]).unwrap();
        let source = Source {
            name: "pki.toml",
            text,
        };
        match resolve(&source, &roles, &Generations::new(), &roots) {
            Ok(resolved) => summary(&resolved.stack),
            Err(error) => shown(error),
        }
    };
    let two = |a: &str, b: &str| {
        format!(
            "version = 1\n[authority.r]\n[service.a]\nrole = \"server\"\nhosts = [\"a\"]\ndirectory = \"{a}\"\n\
             [service.b]\nrole = \"server\"\nhosts = [\"b\"]\ndirectory = \"{b}\"\n"
        )
    };
    for (text, expected) in [
        (
            two("certs/x", "/srv/tree/certs/x"),
            "`certs/x/server.crt` would be written twice",
        ),
        (
            two("/srv//tree/x", "/real/tree/x/"),
            "`x/server.crt` would be written twice",
        ),
        (
            two("certs/x", "/srv/trees/certs/x"),
            "/srv/trees/certs/x/server.crt",
        ),
        (
            two("certs/x", "/srv/tree/.pki"),
            "in a place that is pki's own",
        ),
        (
            two("certs/x", "/srv/tree"),
            "`/srv/tree` is the manifest's own folder",
        ),
        (
            two("certs/x", "y").replace(
                "[authority.r]",
                "[authority.r]\nkey_dir = \"/srv/tree/certs/x\"",
            ),
            "the key of authority `r` would stand below `certs`",
        ),
    ] {
        let said = said(&text);
        assert!(said.contains(expected), "{text}: {said}");
        if said.starts_with("error") {
            assert!(said.contains(" --> pki.toml:"), "{said}");
        }
    }
}
