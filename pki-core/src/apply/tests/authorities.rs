//! What is wrong with an authority, in the same words wherever it is told.

use super::external::{below, corp, to_pem};
use super::*;
use crate::cert::oid;
use crate::cert::tests::make::{self, Party};
use crate::report::Finding;
use crate::stack::Phase;

const CA: &str = "authorities/leaves/1/ca.crt";

impl Tree {
    /// What plan tells, which verify tells of authorities as well: rule, place
    /// and fix.
    #[track_caller]
    fn told_by_both(&self) -> Vec<[String; 3]> {
        let show = |f: &Finding| {
            let fix = f.fix.clone().unwrap_or_default();
            [f.rule.to_owned(), f.at.to_string(), fix]
        };
        let plan = self.plan(&self.options());
        let of_all = |f: &&Finding| f.rule != "not-recorded";
        let planned = plan.findings.iter().filter(of_all);
        let mut planned: Vec<_> = planned.map(show).collect();
        planned.sort();
        let report = self.verdict().report;
        let errors = report.findings().iter();
        let errors =
            errors.filter(|f| f.severity == Severity::Error && f.rule.starts_with("authority-"));
        let mut found: Vec<_> = errors.map(show).collect();
        found.sort();
        assert_eq!(planned, found, "plan and verify tell the same");
        planned
    }

    /// The only thing that both tell.
    #[track_caller]
    fn only(&self) -> [String; 3] {
        let told = self.told_by_both();
        assert_eq!(told.len(), 1, "{told:#?}");
        told.into_iter().next().unwrap()
    }
}

#[test]
fn an_issuer_that_was_taken_out_is_told_and_nothing_rests_on_it() {
    let tree = Tree::made(STACK);
    let taken = STACK.replace("issuer = \"root\"\n", "");
    let tree = tree.with(&taken);
    let back = "write `issuer = \"root\"` in [authority.leaves]; \
                for a new root give it another name than `leaves` and another `subject`";
    let before = tree.seen();
    let [rule, at, fix] = tree.only();
    assert_eq!(
        [&*rule, &*at, &*fix],
        ["authority-issuer", CA, back],
        "{rule}"
    );
    assert_eq!(tree.planned(), [""; 0]);
    tree.apply().unwrap();
    assert_eq!(tree.seen(), before);
    // Written back, all is as it was.
    tree.with(STACK).assert_settled();
    // The record is lost: it is still the root here that signed it.
    let tree = Tree::made(STACK).with(&taken);
    tree.remove(".pki/issued.jsonl");
    let told = tree.told_by_both();
    assert!(told.iter().any(|[_, _, fix]| fix == back), "{told:#?}");
    // Nobody here signed it: a CA from elsewhere stands for itself.
    let tree = tree.with("version = 1\n[authority.leaves]\n");
    assert_eq!(tree.told_by_both(), [[""; 3]; 0]);
}

#[test]
fn what_is_planned_for_an_authority_is_never_clean() {
    for (before, after, why) in [
        (
            "[authority.leaves]",
            "[authority.leaves]\npermit = [\"store\", \"10.0.0.1\", \"127.0.0.1\", \"localhost\", \"tool-own\"]",
            "profile changed: permit: store, 10.0.0.1/32, 127.0.0.1/32, localhost, tool-own",
        ),
        (
            "[service.store]",
            "[authority.more]\nissuer = \"leaves\"\n[service.store]",
            "profile changed: path length 0 → 1",
        ),
    ] {
        let tree = Tree::made(STACK).with(&STACK.replace(before, after));
        let planned = tree.planned();
        let step = format!("renew authority leaves: {why}");
        assert!(planned.contains(&step), "{planned:#?}");
        let report = tree.verdict().report;
        let differs = report.findings().iter();
        let differs: Vec<_> = differs.filter(|f| f.at.to_string() == CA).collect();
        let [differs] = differs[..] else {
            panic!("{report:#?}")
        };
        assert_eq!(
            (differs.rule, differs.severity, differs.found.as_deref()),
            ("manifest-differs", Severity::Warning, Some(why))
        );
        tree.apply().unwrap();
        tree.assert_settled();
    }
}

#[test]
fn an_authority_of_which_no_generation_signs() {
    for phase in [Phase::Retired, Phase::Trusted] {
        let mut tree = Tree::made(STACK);
        let leaves = tree.stack.authorities.iter_mut();
        let leaves = leaves.filter(|a| a.name == "leaves");
        leaves.for_each(|a| a.generations[0].phase = phase);
        tree.remove("certs/store/public.crt");
        let before = tree.seen();
        let [rule, at, fix] = tree.only();
        assert_eq!(
            [&*rule, &*at],
            ["authority-without-signer", ".pki/state.toml"]
        );
        assert_eq!(
            fix,
            "in .pki/state.toml, below `[[authority.leaves.generations]]` with `number = 1`, \
             write: phase = \"signing\""
        );
        for scope in [Scope::Everything, Scope::Due(&[])] {
            let options = Options {
                scope,
                ..tree.options()
            };
            let receipt = tree.apply_as(&options).unwrap();
            let rules: Vec<_> = receipt.findings.iter().map(|f| f.rule).collect();
            assert_eq!(rules, ["authority-without-signer"]);
            assert!(receipt.done.is_empty());
        }
        assert_eq!(tree.seen(), before);
    }
}

/// A tree below a CA elsewhere, as far as it is made before that one signs.
fn asked(encrypted: bool) -> (Tree, Party) {
    let tree = Tree::new(&format!(
        "version = 1\n[defaults]\nauthority = \"leaves\"\n[authority.corp]\nexternal = \"corp.pem\"\n\
         [authority.leaves]\nissuer = \"corp\"\nencrypted = {encrypted}\n\
         [service.a]\nrole = \"server\"\nhosts = [\"a\"]\n"
    ));
    let party = make::party("CN=Corp");
    tree.write("corp.pem", to_pem(&corp(&party)));
    let phrase = |_: &str| Ok(Secret::new(b"secret".to_vec()));
    let options = tree.options();
    tree.execute(&tree.plan(&options), &options, &phrase)
        .unwrap();
    (tree, party)
}

const WAITS: &str = "authority-waiting";

#[test]
fn another_certificate_than_the_one_that_was_asked_for() {
    for encrypted in [true, false] {
        let (tree, corp) = asked(encrypted);
        let request = tree.read("leaves.csr");
        // Right in all but the key, and by somebody else altogether.
        let other = make::party("CN=leaves CA");
        let stranger = make::party("CN=Stranger");
        for wrong in [
            below(&other, &corp, 900),
            below(&other, &stranger, 900),
            below(&stranger, &stranger, 900),
        ] {
            tree.write(CA, to_pem(&wrong));
            let told = tree.only();
            let fix = "put the certificate that `corp` made for `leaves.csr` at \
                       `authorities/leaves/1/ca.crt`, then: pki apply";
            assert_eq!(told, [WAITS, CA, fix], "{encrypted}");
            assert_eq!(tree.planned(), [""; 0]);
            tree.apply().unwrap();
            assert_eq!(tree.read("leaves.csr"), request);
        }
    }
}

#[test]
fn what_a_ca_elsewhere_made_and_is_no_ca_is_asked_for_again() {
    let (tree, corp) = asked(false);
    let sub = Party {
        key: key::load(&tree.read("authorities/leaves/1/ca.key"), None)
            .unwrap()
            .key,
        ..make::party("CN=leaves CA")
    };
    let again = "have `corp` sign `leaves.csr` again, as a CA, and put the certificate at \
                 `authorities/leaves/1/ca.crt`, then: pki apply";
    let leaf = make::leaf(&sub, &corp, |body| body.hosts(&["leaves"]));
    tree.write(CA, to_pem(&leaf));
    assert_eq!(tree.only(), ["authority-is-no-ca", CA, again]);
    let may_not = make::ca(&sub, &corp, |body| {
        body.set(oid::KEY_USAGE, true, make::key_usage(&[1, 2]));
    });
    tree.write(CA, to_pem(&may_not));
    assert_eq!(tree.only(), ["authority-unfit", CA, again]);
    // Whatever else our own check of a leaf below it would refuse.
    let odd: [fn(&mut make::Body); 4] = [
        |body| body.remove(oid::KEY_USAGE),
        |body| body.remove(oid::SUBJECT_KEY_ID),
        |body| {
            body.set(
                oid::BASIC_CONSTRAINTS,
                false,
                make::basic_constraints(true, None),
            );
        },
        |body| body.serial = vec![0, 1],
    ];
    for tweak in odd {
        let odd = make::ca(&sub, &corp, |body| {
            body.valid(NOW.plus_seconds(-DAY), NOW.plus_seconds(900 * DAY));
            tweak(body);
        });
        tree.write(CA, to_pem(&odd));
        assert_eq!(tree.only(), ["authority-unfit", CA, again]);
    }
    tree.write(CA, &to_pem(&may_not)[..200]);
    let made = "put the certificate that `corp` made for `leaves.csr` at \
                `authorities/leaves/1/ca.crt`, then: pki apply";
    assert_eq!(tree.only(), ["authority-unreadable", CA, made]);
    // Without the request: first that is written.
    tree.write(CA, to_pem(&leaf));
    tree.remove("leaves.csr");
    assert!(
        tree.only()[2].starts_with("pki apply writes `leaves.csr`; have `corp` sign it as a CA")
    );
    tree.apply().unwrap();
    assert_eq!(tree.only(), ["authority-is-no-ca", CA, again]);
    tree.write(CA, to_pem(&below(&sub, &corp, 900)));
    tree.apply().unwrap();
    tree.assert_settled();
}

#[test]
fn a_folder_of_authorities_that_is_none() {
    let tree = Tree::made(STACK);
    let authorities = tree.path("authorities");
    std::fs::rename(&authorities, tree.path("away")).unwrap();
    for link in [true, false] {
        if link {
            std::os::unix::fs::symlink("away", &authorities).unwrap();
        } else {
            std::fs::write(&authorities, "").unwrap();
        }
        let told = tree.told_by_both();
        assert_eq!(told.len(), 2, "{told:#?}");
        for [rule, _, fix] in told {
            assert_eq!(rule, "authority-unreadable");
            assert_eq!(
                fix,
                "move that away, and put the folder itself in its place"
            );
        }
        std::fs::remove_file(&authorities).unwrap();
    }
    std::fs::rename(tree.path("away"), &authorities).unwrap();
    tree.assert_settled();
    // A folder where the certificate was.
    tree.remove(CA);
    std::fs::create_dir(tree.path(CA)).unwrap();
    assert_eq!(
        tree.only()[2],
        "mv authorities/leaves/1/ca.crt authorities/leaves/1/ca.crt.old, then \
         restore `authorities/leaves/1/ca.crt` from your backup or from a published copy"
    );
}

#[test]
fn a_checkout_without_keys_is_told_where_they_are() {
    let tree = Tree::made(STACK);
    for folder in ["authorities", ".pki"] {
        std::fs::remove_dir_all(tree.path(folder)).unwrap();
    }
    for key in ["certs/store/private.key", "certs/tool/own.key"] {
        tree.remove(key);
    }
    let before = tree.seen();
    let told = tree.told_by_both();
    assert_eq!(told.len(), 2, "{told:#?}");
    for [rule, _, fix] in told {
        assert_eq!(rule, "authority-missing");
        assert_eq!(
            fix,
            "CA keys are not in git: copy `authorities` and `.pki` from where the tree was made, \
             or from your backup; to begin anew with other CAs: mv certs certs.old && pki apply"
        );
    }
    tree.apply().unwrap();
    assert_eq!(tree.seen(), before);
    // What it says does it.
    std::fs::rename(tree.path("certs"), tree.path("certs.old")).unwrap();
    tree.apply().unwrap();
    tree.assert_settled();
}

#[test]
fn an_empty_folder_is_no_authority_that_was_left() {
    let tree = Tree::made(STACK);
    std::fs::create_dir_all(tree.path("authorities/new/1")).unwrap();
    let abandoned = || {
        let report = tree.verdict().report;
        let mut told = report.findings().iter();
        told.any(|f| f.rule == "authority-abandoned")
    };
    assert!(!abandoned());
    tree.write("authorities/new/1/ca.key", "");
    assert!(abandoned());
}

#[test]
fn a_request_asks_for_what_the_manifest_says_now() {
    let (mut tree, corp) = asked(false);
    let sub = || Party {
        key: key::load(&tree.read("authorities/leaves/1/ca.key"), None)
            .unwrap()
            .key,
        ..make::party("CN=leaves CA")
    };
    tree.write(CA, to_pem(&below(&sub(), &corp, 900)));
    tree.apply().unwrap();
    tree.assert_settled();
    let leaves = tree.stack.authorities.iter_mut();
    for authority in leaves.filter(|a| a.name == "leaves") {
        authority.permit = vec![crate::model::san::Constraint::parse("a").unwrap()];
    }
    // Told by both; the request is written once, and then it is corp's turn.
    let stale =
        "request authority leaves: output stale: leaves.csr asks for another profile: permit: a";
    let [rule, _, fix] = tree.only();
    assert_eq!(rule, WAITS);
    assert!(fix.starts_with("pki apply writes `leaves.csr` anew; have `corp` sign it"));
    assert_eq!(tree.planned(), [stale]);
    tree.apply().unwrap();
    assert!(tree.only()[2].starts_with("have `corp` sign `leaves.csr` and put"));
    assert_eq!(tree.planned(), [""; 0]);
    assert_eq!(tree.only()[0], WAITS);
    // Whatever else stands there, and however often it is asked.
    let stranger = make::party("CN=Stranger");
    tree.write(CA, to_pem(&below(&stranger, &stranger, 900)));
    tree.remove("leaves.csr");
    tree.apply().unwrap();
    assert_eq!(tree.planned(), [""; 0]);
    assert_eq!(tree.only()[0], WAITS);
}

#[test]
fn the_only_copy_of_a_ca_key_is_never_written_over() {
    let prune = |tree: &Tree| Options {
        prune: true,
        ..tree.options()
    };
    let (own, names) = ("authorities/leaves/1/ca.key", "certs/store/private.key");
    for (place, manifest) in [
        (names, STACK.to_owned()),
        // What the manifest no longer names is destroyed, where it is a key.
        (
            names,
            STACK
                .replace("[service.store]", "[service.shop]")
                .replace("store", "shop"),
        ),
    ] {
        let tree = Tree::made(STACK);
        let key = tree.read(own);
        std::fs::rename(tree.path(own), tree.path(place)).unwrap();
        let tree = tree.with(&manifest);
        let plan = tree.plan(&prune(&tree));
        let told = plan.findings.iter().find(|f| f.at.to_string() == place);
        let told = told.unwrap_or_else(|| panic!("{:#?}", plan.findings));
        assert_eq!(told.severity, Severity::Error);
        assert_eq!(told.fix.as_deref(), Some(&*format!("mv {place} {own}")));
        let _ = tree.apply_as(&prune(&tree));
        assert_eq!(tree.read(place), key);
        for finding in tree.verdict().report.findings() {
            if finding.at.to_string() == place && finding.severity > Severity::Info {
                assert_eq!(finding.fix, told.fix, "{finding:#?}");
            }
        }
        std::fs::rename(tree.path(place), tree.path(own)).unwrap();
        tree.apply_as(&prune(&tree)).unwrap();
        tree.assert_settled();
    }
}
