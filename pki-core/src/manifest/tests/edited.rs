use proptest::prelude::*;

use super::*;
use crate::model::profile::Profile;

fn service<'a>(name: &'a str, profile: Profile, hosts: &'a [String]) -> NewService<'a> {
    NewService {
        name,
        profile,
        hosts,
        subject: None,
        authority: None,
        key: None,
        lifetime: None,
    }
}

fn authority(name: &str) -> NewAuthority<'_> {
    NewAuthority {
        name,
        subject: None,
        issuer: None,
        permit: &[],
        key: None,
        lifetime: None,
    }
}

fn add(text: &str, new: &NewService<'_>) -> Result<String, EditError> {
    add_service(
        &Source {
            name: "pki.toml",
            text,
        },
        new,
    )
}

/// Every old line stands in the new text, in order, as it was.
fn only_added(old: &str, new: &str) -> bool {
    let mut lines = new.lines();
    old.lines().all(|line| lines.any(|l| l == line))
}

#[test]
fn services_are_added_at_the_end() {
    let old = "# mine\nversion = 1\n[authority.root] # keep";
    let hosts = ["db.example.com".to_owned(), "node-{1...2}".to_owned()];
    let server = add(old, &service("db", Profile::Server, &hosts)).unwrap();
    assert_eq!(
        server,
        "# mine\nversion = 1\n[authority.root] # keep\n\n[service.db]\nrole = \"server\"\n\
         hosts = [\"db.example.com\", \"node-{1...2}\"]\n"
    );
    let new = NewService {
        authority: Some("root"),
        key: Some("rsa-2048".parse().unwrap()),
        lifetime: Some("30d".parse().unwrap()),
        ..service("p.q", Profile::Peer, &hosts[..1])
    };
    let peer = add(&server, &new).unwrap();
    assert!(peer.ends_with(
        "\n\n[service.\"p.q\"]\nrole = \"server\"\nauthority = \"root\"\n\
         hosts = [\"db.example.com\"]\nprofile = \"peer\"\nkey = \"rsa-2048\"\nlifetime = \"30d\"\n"
    ));
    let client = add(&peer, &service("alice", Profile::Client, &[])).unwrap();
    assert!(client.ends_with(
        "\n\n[service.alice]\nrole = \"client\"\n[service.alice.client.client]\n\
         subject = \"CN=alice\"\n"
    ));
    let stack = resolved(&client).map_err(shown).unwrap().stack;
    let pairs: Vec<String> = stack
        .pairs()
        .map(|p| format!("{} {} {} {}", p.id, p.subject, p.profile, p.names.len()))
        .collect();
    assert_eq!(
        pairs,
        [
            "db.server.default CN=db.example.com server 3",
            "p.q.server.default CN=db.example.com peer 1",
            "alice.client.client CN=alice client 1",
        ]
    );
}

#[test]
fn an_existing_name_is_shown_with_its_line() {
    let text = "version = 1\n[authority.root]\n\n[service.db]\nrole = \"client\"\n";
    let error = Error::from(add(text, &service("db", Profile::Client, &[])).unwrap_err());
    assert_eq!(error.message(), "service `db` exists already");
    assert_eq!(
        error.excerpt_text(),
        Some(" --> pki.toml:4:10\n  |\n4 | [service.db]\n  |          ^^ here")
    );
    let source = Source {
        name: "pki.toml",
        text,
    };
    let error = Error::from(add_authority(&source, &authority("root")).unwrap_err());
    assert_eq!(error.message(), "authority `root` exists already");
    let error = Error::from(add(text, &service("a b", Profile::Client, &[])).unwrap_err());
    assert_eq!(error.message(), "`a b` cannot be the name of a service");
    let inline = "version = 1\nservice = { a = { role = \"client\" } }\n";
    let error = Error::from(add(inline, &service("b", Profile::Client, &[])).unwrap_err());
    assert!(error.message().contains("written on one line"), "{error}");
}

#[test]
fn the_only_authority_stays_the_default() {
    let body = "[authority.root]\n[service.a]\nrole = \"server\"\nhosts = [\"a\"]\n";
    for (text, expected) in [
        (
            format!("version = 1\n[defaults] # all\nnames = [\"localhost\"]\n{body}"),
            "[defaults] # all\nauthority = \"root\"\nnames",
        ),
        (
            format!("version = 1\n{body}"),
            "\n[defaults]\nauthority = \"root\"\n",
        ),
        (
            format!(
                "version = 1\r\n[defaults]\r\n{}",
                body.replace('\n', "\r\n")
            ),
            "[defaults]\r\nauthority = \"root\"\r\n",
        ),
    ] {
        let source = Source {
            name: "pki.toml",
            text: &text,
        };
        let new = NewAuthority {
            permit: &["example.com".into()],
            ..authority("other")
        };
        let added = add_authority(&source, &new).unwrap();
        assert!(added.contains(expected), "{added}");
        assert!(only_added(&text, &added), "{added}");
        let stack = resolved(&added).map_err(shown).unwrap().stack;
        assert_eq!(stack.services[0].authority.as_deref(), Some("root"));
        assert_eq!(stack.authority("other").unwrap().permit.len(), 1);
    }
}

#[test]
fn names_come_from_the_first_san() {
    for (san, name) in [
        ("db.example.com", Some("db")),
        ("*.example.com", Some("example")),
        ("node-{1...4}.x", Some("node")),
        ("10.0.0.1", Some("10-0-0-1")),
        ("::1", Some("1")),
        ("DB", Some("db")),
        ("alice@example.com", Some("alice")),
        ("spiffe://example.com/x", Some("example")),
        ("{1...4}.x", None),
        ("", None),
    ] {
        assert_eq!(name_for(san).as_deref(), name, "{san}");
    }
}

proptest! {
    /// A new service changes nothing about the old ones, in any starter.
    #[test]
    fn adding_changes_nothing_else(
        starter in 0..pki_templates::STACKS.len(),
        name in "[a-z][a-z0-9.]{0,20}",
        hosts in prop::collection::vec("[a-z]{1,10}(\\.[a-z]{1,10}){0,3}", 1..4),
    ) {
        let text = pki_templates::STACKS[starter].1;
        let old = resolved(text).unwrap().stack;
        prop_assume!(old.service(&name).is_none());
        let new = NewService {
            authority: Some(&old.authorities[0].name),
            ..service(&name, Profile::Server, &hosts)
        };
        let added = add(text, &new).unwrap();
        prop_assert!(only_added(text, &added));
        let stack = resolved(&added).map_err(shown).unwrap().stack;
        prop_assert_eq!(&stack.services[..old.services.len()], &old.services[..]);
        prop_assert_eq!(stack.edges, old.edges);
        let mut given = hosts.clone();
        given.dedup();
        let pair = stack.services.last().unwrap().pairs.first().unwrap();
        prop_assert_eq!(pair.names[0].to_string(), given[0].clone());
    }

    /// Whatever is cut out of a manifest or put into it: an answer, with every
    /// place inside the text.
    #[test]
    fn no_text_panics(
        starter in 0..pki_templates::STACKS.len(),
        at in 0.0..1.0_f64,
        cut in 0_usize..40,
        put in "[a-z\"\\[\\]{}=.,0-9* ü\n_:/-]{0,12}",
    ) {
        let text: Vec<char> = pki_templates::STACKS[starter].1.chars().collect();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a short text")]
        let start = (at * text.len() as f64) as usize;
        let end = (start + cut).min(text.len());
        let text: String = text[..start].iter().copied().chain(put.chars()).chain(text[end..].iter().copied()).collect();
        let lines = text.split('\n').count();
        match resolved(&text) {
            Ok(resolved) => prop_assert!(resolved.warnings.iter().all(|w| w.line <= lines)),
            Err(error) => {
                prop_assert!(!error.problems().is_empty());
                prop_assert!(error.problems().iter().all(|p| p.line <= lines && !p.excerpt.is_empty()));
            }
        }
    }
}
