//! Trees over the years: what is due, in which order, and what it keeps.

use super::*;
use crate::cert::oid;
use crate::cert::tests::make;
use crate::der::{self, tag};
use crate::model::san::GeneralName;
use crate::store::{AuthorityState, GenerationPhase, GenerationState};

impl Tree {
    fn days_later(&mut self, days: i64) {
        self.now = self.now.plus_seconds(days * DAY);
    }

    fn due(&self) -> Vec<String> {
        lines(&self.plan(&Options {
            scope: Scope::Due(&[]),
            ..self.options()
        }))
    }

    /// Whether openssl accepts the server's certificate now.
    fn openssl_accepts(&self, root: &str, leaf: &str) {
        let now = self.now.unix().to_string();
        let args = [
            "verify",
            "-attime",
            &now,
            "-purpose",
            "sslserver",
            "-CAfile",
            root,
            "-untrusted",
            leaf,
            leaf,
        ];
        if let Some((ok, text)) = openssl(self, &args) {
            assert!(ok, "{text}");
        }
    }
}

#[test]
fn years_go_by_and_one_apply_always_settles() {
    // Root and intermediate end together: neither may be forgotten.
    let text = STACK.replace("\"20y\"", "\"10y\"");
    for step in [247, 1300, 4000] {
        let mut tree = Tree::made(&text);
        for _ in 0..(6000 / step).max(2) {
            tree.days_later(step);
            tree.apply().unwrap();
            tree.assert_settled();
            tree.openssl_accepts("certs/ca/ca.crt", "certs/store/public.crt");
        }
    }
}

#[test]
fn a_renewal_touches_what_is_due_and_what_derives_from_it() {
    let mut tree = Tree::made(&STACK.replace(
        "issuer = \"root\"\nlifetime = \"10y\"",
        "issuer = \"root\"\nlifetime = \"600d\"",
    ));
    assert_eq!(tree.due(), [""; 0]);
    tree.days_later(244);
    assert_eq!(
        tree.due(),
        [
            "renew store.server.default: due since 2027-07-22, ends 2027-11-21",
            "renew tool.client.own: due since 2027-07-22, ends 2027-11-21",
        ]
    );
    let key = tree.read("certs/store/private.key");
    let old = tree.leaf("certs/store/public.crt");
    let options = Options {
        scope: Scope::Due(&[]),
        ..tree.options()
    };
    tree.apply_as(&options).unwrap();
    tree.assert_settled();
    let new = tree.leaf("certs/store/public.crt");
    assert_eq!(tree.read("certs/store/private.key"), key);
    assert_ne!(new.serial(), old.serial());
    assert_eq!(new.names(), old.names());

    // The intermediate is due before the leaves: their files carry it.
    tree.days_later(160);
    assert_eq!(
        tree.due(),
        [
            "renew authority leaves: due since 2027-12-25, ends 2028-07-13",
            "rewrite store.server.default: chain: authority leaves has a new certificate",
            "rewrite tool.client.own: chain: authority leaves has a new certificate",
        ]
    );
    let options = Options {
        scope: Scope::Due(&[]),
        ..tree.options()
    };
    tree.apply_as(&options).unwrap();
    tree.assert_settled();
    assert_eq!(tree.leaf("certs/store/public.crt"), new);
    tree.openssl_accepts("certs/ca/ca.crt", "certs/store/public.crt");
}

#[test]
fn a_leaf_that_ends_with_its_issuer_waits_for_it() {
    let text = "version = 1\n[authority.a]\nlifetime = \"400d\"\nrenew = \"20d\"\n\
        [service.s]\nrole = \"server\"\nhosts = [\"s\"]\n";
    let mut tree = Tree::made(text);
    tree.days_later(300);
    let receipt = tree.apply().unwrap();
    assert_eq!(receipt.findings[0].rule, "lifetime-shortened");
    // Both end on the same day: only the authority becomes due.
    for (days, expected) in [
        (30, &[][..]),
        (45, &[]),
        (
            6,
            &["renew authority a: due since 2027-12-06, ends 2027-12-26"],
        ),
    ] {
        tree.days_later(days);
        let lines = tree.planned();
        let found: Vec<_> = lines
            .iter()
            .filter(|l| l.contains("authority a:"))
            .collect();
        assert_eq!(found, expected, "{lines:?}");
    }
    // With the authority the leaf gets longer too, in the same apply.
    assert!(tree.planned()[1].starts_with("renew s.server.default: due since"));
    tree.apply().unwrap();
    tree.assert_settled();
}

#[test]
fn a_new_key_when_the_manifest_says_so() {
    let text = |rekey: &str| {
        format!(
            "version = 1\n[authority.a]\n[service.s]\nrole = \"server\"\nhosts = [\"s\"]\n\
             [service.c]\nrole = \"client\"\nconnects = [\"s\"]\n{rekey}\n\
             [service.c.to.s]\nclient = \"own\"\n"
        )
    };
    for (rekey, changes) in [
        ("", [false, false]),
        ("rekey = \"never\"", [false, false]),
        ("rekey = \"always\"", [true, true]),
        ("rekey = \"400d\"", [false, true]),
    ] {
        let mut tree = Tree::made(&text(rekey));
        for change in changes {
            tree.days_later(300);
            let old = (tree.read("certs/c/own.key"), tree.leaf("certs/c/own.crt"));
            let receipt = tree.apply().unwrap();
            let new = (tree.read("certs/c/own.key"), tree.leaf("certs/c/own.crt"));
            assert_eq!(old.0 != new.0, change, "{rekey}");
            assert_ne!(old.1, new.1);
            // A new identity towards KES is told.
            let told: Vec<_> = receipt
                .done
                .iter()
                .filter_map(|d| d.identity.clone())
                .collect();
            let identities = [old.1, new.1].map(|c| c.kes_identity().to_string());
            let [old, new] = identities;
            assert_eq!(told, if change { vec![(old, new)] } else { vec![] });
            tree.assert_settled();
        }
    }
}

#[test]
fn force_is_for_what_is_named() {
    let tree = Tree::made(STACK);
    let forced = |scope: Scope<'_>, rekey| {
        lines(&tree.plan(&Options {
            scope,
            force: true,
            rekey,
            ..tree.options()
        }))
    };
    let leaves = [
        "renew store.server.default: forced",
        "renew tool.client.own: forced",
    ];
    assert_eq!(forced(Scope::Due(&[]), false), leaves);
    assert_eq!(
        forced(Scope::Due(&[]), true),
        leaves.map(|l| l.replace("renew", "rekey"))
    );
    let service = [plan::Selected::Service("tool".into())];
    assert_eq!(forced(Scope::Due(&service), false), leaves[1..]);
    let authority = [plan::Selected::Authority("leaves".into())];
    let lines = forced(Scope::Due(&authority), false);
    assert_eq!(lines[0], "renew authority leaves: forced");
    assert!(
        lines[1..].iter().all(|l| l.starts_with("rewrite ")),
        "{lines:?}"
    );
}

/// A tree below a CA that was made elsewhere.
fn adopted(tweak: impl FnOnce(&mut make::Body)) -> Tree {
    let tree = Tree::new(STACK);
    let party = make::party("DC=com,DC=example,CN=Old");
    let root = make::ca(&party, &party, |body| {
        body.remove(oid::AUTHORITY_KEY_ID);
        body.valid(NOW.plus_seconds(-DAY), NOW.plus_seconds(3000 * DAY));
        tweak(body);
    });
    tree.write(
        "authorities/root/1/ca.crt",
        pem::encode("CERTIFICATE", root.der()),
    );
    tree.write("authorities/root/1/ca.key", party.key.to_pem().expose());
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(tree.path("authorities/root/1/ca.key"), mode).unwrap();
    tree.apply().unwrap();
    tree.assert_settled();
    assert_eq!(tree.leaf("authorities/root/1/ca.crt"), root);
    tree
}

#[test]
fn a_ca_from_elsewhere_keeps_what_it_is() {
    let mut tree = adopted(|body| {
        let id = der::encode(tag::OCTET_STRING, &[1, 2, 3]);
        body.set(oid::SUBJECT_KEY_ID, false, id);
        body.set(
            oid::BASIC_CONSTRAINTS,
            true,
            make::basic_constraints(true, Some(3)),
        );
        let hosts = ["store", "tool-own"].map(|host| GeneralName::Dns(host.into()));
        body.constrain(&hosts, &[]);
    });
    let files = ["authorities/root/1/ca.crt", "authorities/root/1/ca.key"];
    let before = files.map(|file| tree.read(file));
    let told = |tree: &Tree| {
        let plan = tree.plan(&tree.options());
        let told = |f: &Finding| (f.rule, f.severity);
        plan.findings.iter().map(told).collect::<Vec<_>>()
    };
    // Due: who made it is to renew it, and until then it goes on signing.
    tree.days_later(2010);
    assert!(
        !tree.due().iter().any(|l| l.contains("authority root")),
        "{:?}",
        tree.due()
    );
    assert_eq!(
        told(&tree),
        [("authority-not-issued-here", Severity::Warning)]
    );
    tree.apply().unwrap();
    assert_eq!(tree.planned(), [""; 0]);
    let report = tree.verdict().report;
    assert_eq!(report.worst(), Some(Severity::Warning), "{report:#?}");
    let rules: Vec<_> = report.findings().iter().map(|f| f.rule).collect();
    assert!(rules.contains(&"due"), "{rules:?}");
    tree.openssl_accepts("certs/ca/ca.crt", "certs/store/public.crt");
    // Asked for by its name it is not renewed either.
    let root = [plan::Selected::Authority("root".into())];
    let forced = Options {
        scope: Scope::Due(&root),
        force: true,
        ..tree.options()
    };
    let lines = lines(&tree.plan(&forced));
    assert!(
        !lines.iter().any(|l| l.contains("authority root")),
        "{lines:?}"
    );
    // Over: nothing is signed below it.
    tree.days_later(1000);
    assert_eq!(
        told(&tree),
        [("authority-not-issued-here", Severity::Error)]
    );
    let seen = tree.seen();
    drop(tree.apply());
    assert_eq!(tree.seen(), seen);
    assert_eq!(files.map(|file| tree.read(file)), before);
    assert_eq!(tree.verdict().report.worst(), Some(Severity::Error));
}

#[test]
fn a_ca_of_ours_follows_the_manifest() {
    let one = "version = 1\n[authority.root]\n[service.s]\nrole = \"server\"\nhosts = [\"s\"]\n";
    let two = format!("{one}[authority.sub]\nissuer = \"root\"\n")
        .replace("[service.s]", "[service.s]\nauthority = \"sub\"");
    // One more level below it: the path length grows.
    let tree = Tree::made(one).with(&two);
    let key = tree.read("authorities/root/1/ca.key");
    assert_eq!(
        tree.planned()[..2],
        [
            "renew authority root: profile changed: path length 0 → 1",
            "make authority sub: authority sub is missing"
        ]
    );
    tree.apply().unwrap();
    tree.assert_settled();
    assert_eq!(tree.read("authorities/root/1/ca.key"), key);
    // And back: a root with room to spare is no reason.
    let tree = tree.with(&one.replace(
        "[service.s]",
        "[authority.sub]\nissuer = \"root\"\n[service.s]\nauthority = \"root\"",
    ));
    assert!(!tree.planned().iter().any(|l| l.contains("authority root")));
    // Constraints come and go.
    let permit = one.replace("[authority.root]", "[authority.root]\npermit = [\"s\"]");
    let tree = Tree::made(one).with(&permit);
    assert_eq!(
        tree.planned()[0],
        "renew authority root: profile changed: permit: s"
    );
    tree.apply().unwrap();
    tree.assert_settled();
    let tree = tree.with(one);
    tree.apply().unwrap();
    tree.assert_settled();
    assert!(
        tree.leaf("authorities/root/1/ca.crt")
            .name_constraints()
            .is_none()
    );
}

#[test]
fn what_the_manifest_drops_is_archived_only_on_demand() {
    let tree = Tree::made(STACK);
    let end = STACK.find("[service.tool]").unwrap();
    let tree = tree.with(&STACK[..end]);
    let before = tree.seen();
    let plan = tree.plan(&tree.options());
    let left: Vec<String> = plan.leftovers.iter().map(ToString::to_string).collect();
    assert_eq!(
        left,
        [
            "certs/tool/own.crt",
            "certs/tool/own.key",
            "certs/tool/trust.crt"
        ]
    );
    assert!(plan.is_empty());
    tree.apply().unwrap();
    assert_eq!(tree.seen(), before);

    let options = Options {
        prune: true,
        ..tree.options()
    };
    let receipt = tree.apply_as(&options).unwrap();
    assert_eq!(receipt.done.len(), 3);
    let after = tree.seen();
    for file in &left {
        assert!(!after.contains_key(file));
        if Path::new(file).extension().is_some_and(|e| e == "key") {
            let archived =
                |name: &String| name.starts_with(".pki/archive/") && name.ends_with(file);
            assert!(!after.keys().any(archived), "{file}");
            continue;
        }
        let kept = after
            .iter()
            .find(|(name, _)| name.starts_with(".pki/archive/") && name.ends_with(file));
        assert_eq!(
            kept.map(|(_, seen)| &seen.0),
            Some(&before[file].0),
            "{file}"
        );
    }
    assert!(tree.plan(&options).is_empty());
    assert!(tree.plan(&tree.options()).leftovers.is_empty());
    tree.assert_settled();
}

#[test]
fn the_state_keeps_what_it_knows() {
    let tree = Tree::made(STACK);
    let mut state = tree.store.read_state().unwrap();
    state.undelivered = vec!["store.server.default".into()];
    let generations = [(1, GenerationPhase::Trusted), (2, GenerationPhase::Signing)];
    let generations = generations.map(|(number, phase)| GenerationState { number, phase });
    let authority = AuthorityState {
        generations: generations.to_vec(),
        rotation: Some("trust".into()),
        crl_number: 7,
    };
    state.authorities.insert("root".into(), authority.clone());
    tree.write(".pki/state.toml", state.to_text().unwrap());
    let more = format!("{STACK}[service.more]\nrole = \"server\"\nhosts = [\"more\"]\n");
    let tree = tree.with(&more);
    tree.apply().unwrap();
    let after = tree.store.read_state().unwrap();
    assert_eq!(after.authorities["root"], authority);
    assert_eq!(after.undelivered, ["store.server.default"]);
    let more: Vec<String> = after.delivered.iter().map(ToString::to_string).collect();
    assert!(
        more.contains(&"certs/more/server.crt".to_owned()),
        "{more:?}"
    );
    assert_eq!(after.delivered.len(), state.delivered.len() + 3);
}

#[test]
fn our_own_group_needs_nobodys_leave() {
    let group = crate::store::effective_gid();
    let text = format!(
        "version = 1\n[authority.a]\n[service.s]\nrole = \"server\"\nhosts = [\"s\"]\n\
         group = \"{group}\"\nkey_mode = \"0640\"\n[service.t]\nrole = \"server\"\n\
         hosts = [\"t\"]\ngroup = \"54321\"\nkey_mode = \"0640\"\n"
    );
    let tree = Tree::made(&text);
    assert_eq!(tree.planned(), [""; 0]);
    let seen = tree.seen();
    let modes = ["certs/s/server.key", "certs/t/server.key"].map(|file| seen[file].1);
    assert_eq!(modes, [0o640, 0o600]);
}

/// Two CAs that stand alone, and a service that the second should sign by now.
fn moved() -> Tree {
    let text = |authority: &str| {
        format!(
            "version = 1\n[authority.root]\n[authority.a]\nissuer = \"root\"\nlifetime = \"400d\"\n\
             [authority.b]\n[service.s]\nauthority = \"{authority}\"\nrole = \"server\"\n\
             hosts = [\"s\"]\n[service.c]\nauthority = \"b\"\nrole = \"client\"\nconnects = [\"s\"]\n\
             [service.c.to.s]\nclient = \"own\"\n"
        )
    };
    Tree::made(&text("a")).with(&text("b"))
}

#[test]
fn a_timer_never_signs_with_another_ca_than_before() {
    let mut tree = moved();
    tree.days_later(250);
    let options = Options {
        scope: Scope::Due(&[]),
        ..tree.options()
    };
    let plan = tree.plan(&options);
    // What another CA signed does not follow the one that is due.
    assert_eq!(
        lines(&plan),
        ["renew c.client.own: due since 2027-07-22, ends 2027-11-21"]
    );
    let [told] = &plan.findings[..] else {
        panic!("{:#?}", plan.findings);
    };
    assert_eq!(
        (told.rule, told.at.to_string()),
        ("manifest-differs", "certs/s/server.crt".to_owned())
    );
    // It will end, and a timer has nobody who reads warnings.
    assert_eq!(told.severity, Severity::Error);
    assert_eq!(told.affects, ["s.server.default is not renewed"]);
    assert_eq!(
        (told.found.as_deref(), told.fix.as_deref()),
        (
            Some("issuer replaced: signed by CN=a CA, not by CN=b CA"),
            Some("pki apply")
        )
    );
    tree.apply_as(&options).unwrap();
    assert_eq!(tree.verdict().good_edges, 1);
    tree.apply().unwrap();
    tree.assert_settled();
}

#[test]
fn what_another_ca_signed_does_not_follow_a_new_one() {
    let mut tree = moved().with(
        "version = 1\n[authority.root]\n[authority.a]\nissuer = \"root\"\nlifetime = \"400d\"\n\
         [authority.b]\n[service.s]\nauthority = \"a\"\nrole = \"server\"\nhosts = [\"s\"]\n\
         [service.c]\nauthority = \"a\"\nrole = \"client\"\nconnects = [\"s\"]\n\
         [service.c.to.s]\nclient = \"own\"\n",
    );
    tree.days_later(280);
    let selected = [plan::Selected::Authority("a".into())];
    let options = Options {
        scope: Scope::Only(&selected),
        ..tree.options()
    };
    let planned = lines(&tree.plan(&options));
    assert_eq!(planned.len(), 2, "{planned:?}");
    assert!(planned[0].starts_with("renew authority a: due"));
    assert!(planned[1].starts_with("rewrite s.server.default: chain"));
    tree.apply_as(&options).unwrap();
    tree.apply().unwrap();
    tree.assert_settled();
}

#[test]
fn a_renewal_certifies_no_key_of_somebody_else() {
    let tree = Tree::made(STACK);
    for other in ["certs/tool/own.key", "authorities/leaves/1/ca.key"] {
        tree.write("certs/store/private.key", tree.read(other));
        let service = [plan::Selected::Service("store".into())];
        let options = Options {
            scope: Scope::Due(&service),
            force: true,
            ..tree.options()
        };
        assert_eq!(
            lines(&tree.plan(&options)),
            ["rekey store.server.default: forced"]
        );
        assert_eq!(
            tree.planned(),
            ["rekey store.server.default: the key belongs to another certificate"]
        );
        tree.apply_as(&options).unwrap();
        assert_ne!(tree.read("certs/store/private.key"), tree.read(other));
        tree.assert_settled();
    }
}
