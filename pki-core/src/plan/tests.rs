//! Trees in memory, what the manifest says of them, and what is planned.

use super::*;
use crate::model::algorithm::KeyAlgorithm;
use crate::model::dn::Dn;
use crate::model::profile::Profile;
use crate::verify::tests::tree::{DAY, Tree};

const STACK: &str = r#"
version = 1
[defaults]
authority = "leaves"
[authority.root]
lifetime = "20y"
[authority.leaves]
issuer = "root"
[service.store]
role = "vault"
hosts = ["store", "10.0.0.1"]
[service.tool]
role = "client"
connects = ["store"]
[service.tool.to.store]
client = "own"
"#;
const SERVER: &str = "store.server.default";

fn options(tree: &Tree) -> Options<'static> {
    Options {
        now: tree.now,
        scope: Scope::Everything,
        force: false,
        rekey: false,
        prune: false,
        owners: Owners::Set,
    }
}

fn made(tree: &Tree, options: &Options<'_>) -> Plan {
    plan(&tree.stack, &tree.inventory(), &[], options)
}

/// Each step in a line: what, to what, why; then what is told.
fn lines(plan: &Plan) -> Vec<String> {
    let step = |step: &Step| {
        let target = match &step.target {
            Target::Authority(name) => format!("authority {name}"),
            Target::Pair(id) => id.to_string(),
            Target::Output(path) | Target::Access(path) | Target::Leftover(path) => {
                path.to_string()
            }
        };
        let reasons: Vec<String> = step.reasons.iter().map(ToString::to_string).collect();
        format!("{} {target}: {}", step.action.word(), reasons.join("; "))
    };
    let told = |f: &Finding| format!("{} {}", f.rule, f.at);
    let steps = plan.steps.iter().map(step);
    steps.chain(plan.findings.iter().map(told)).collect()
}

type Change = fn(&mut Tree);

/// A change of tree or manifest, and the plan for everything.
const CHANGES: &[(Change, &[&str])] = &[
    (|_| (), &[]),
    // Names.
    (
        |t| t.says(&STACK.replace("\"10.0.0.1\"", "\"more\", \"10.0.0.2\"")),
        &["renew store.server.default: names changed: +more +10.0.0.2 -10.0.0.1"],
    ),
    (
        |t| t.says(&STACK.replace("\"store\", \"10.0.0.1\"", "\"10.0.0.1\", \"store\"")),
        &[
            // The CN is the first name.
            "renew store.server.default: profile changed: subject CN=store → CN=10.0.0.1",
        ],
    ),
    // Profile.
    (
        |t| t.reissue(SERVER, |p| p.profile = Profile::Peer),
        &[
            "renew store.server.default: profile changed: ExtendedKeyUsage serverAuth, clientAuth → serverAuth",
        ],
    ),
    (
        |t| t.reissue(SERVER, |p| p.subject = Dn::parse("CN=other").unwrap()),
        &["renew store.server.default: profile changed: subject CN=other → CN=store"],
    ),
    (
        |t| t.says(&STACK.replace("hosts = [", "key = \"ecdsa-p384\"\nhosts = [")),
        &["rekey store.server.default: key changed: ECDSA P-256 → ECDSA P-384"],
    ),
    (
        |t| t.reissue(SERVER, |p| p.key = KeyAlgorithm::Ed25519),
        &["rekey store.server.default: key changed: Ed25519 → ECDSA P-256"],
    ),
    // Issuer.
    (
        |t| t.says(&STACK.replace("role = \"vault\"", "role = \"vault\"\nauthority = \"root\"")),
        &["renew store.server.default: issuer replaced: signed by CN=leaves CA, not by CN=root CA"],
    ),
    (
        |t| {
            let leaves = t.stack.authority("leaves").unwrap().clone();
            t.authority(&leaves, crate::cert::tests::make::party("CN=x").key);
        },
        &[
            "renew store.server.default: issuer replaced: the authority has another key",
            "renew tool.client.own: issuer replaced: the authority has another key",
        ],
    ),
    (
        |t| {
            let root = t.stack.authority("root").unwrap().clone();
            t.authority(&root, crate::cert::tests::make::party("CN=x").key);
            t.outputs();
        },
        &[
            "renew authority leaves: issuer replaced: signed by CN=root CA, not by CN=root CA",
            "rewrite store.server.default: chain: authority leaves has a new certificate",
            "rewrite tool.client.own: chain: authority leaves has a new certificate",
        ],
    ),
    // Time.
    (
        |t| t.later(366 * DAY),
        &[
            "renew store.server.default: expired on 2027-11-21",
            "renew tool.client.own: expired on 2027-11-21",
        ],
    ),
    (
        |t| t.later(-DAY),
        &[
            "not-yet-valid authorities/root/1/ca.crt",
            "not-yet-valid authorities/leaves/1/ca.crt",
        ],
    ),
    // Several reasons at once.
    (
        |t| {
            t.reissue(SERVER, |p| p.profile = Profile::Client);
            t.later(300 * DAY);
            t.says(&STACK.replace("\"10.0.0.1\"", "\"more\""));
        },
        &[
            "renew store.server.default: names changed: +more -10.0.0.1; profile changed: \
             ExtendedKeyUsage clientAuth → serverAuth; due since 2027-07-22, ends 2027-11-21",
            "renew tool.client.own: due since 2027-07-22, ends 2027-11-21",
        ],
    ),
    // Modes.
    (
        |t| t.mode("certs/store/server.key", 0o640),
        &["access certs/store/server.key: mode 0640 0:0 → 0600"],
    ),
    // New and dropped services.
    (
        |t| {
            t.says(&format!(
                "{STACK}[service.new]\nrole = \"client\"\nconnects = [\"store\"]\n"
            ));
        },
        &["write certs/new/trust.crt: trust.crt is missing"],
    ),
    (
        |t| t.says(STACK.split("[service.tool]").next().unwrap()),
        &[],
    ),
];

#[test]
fn each_difference_has_its_reason() {
    for (change, expected) in CHANGES {
        let mut tree = Tree::new(STACK);
        change(&mut tree);
        assert_eq!(lines(&made(&tree, &options(&tree))), *expected);
    }
}

#[test]
fn scopes() {
    let mut tree = Tree::new(STACK);
    tree.remove("certs/store/server.crt");
    tree.remove("certs/tool/trust.crt");
    tree.says(&STACK.replace(
        "[service.tool.to.store]",
        "[service.tool.client.own]\nhosts = [\"t\"]\n[service.tool.to.store]",
    ));
    let [store, tool] = ["store", "tool"].map(|name| [Selected::Service(name.into())]);
    let planned = |tree: &Tree, scope: Scope<'_>| {
        lines(&made(
            tree,
            &Options {
                scope,
                ..options(tree)
            },
        ))
    };
    let server = "renew store.server.default: certificate server.crt is missing";
    let client = "renew tool.client.own: names changed: +t -tool-own";
    let trust = "write certs/tool/trust.crt: trust.crt is missing";
    assert_eq!(planned(&tree, Scope::Everything), [server, client, trust]);
    assert_eq!(planned(&tree, Scope::Only(&store)), [server]);
    assert_eq!(planned(&tree, Scope::Only(&tool)), [client, trust]);
    // A renewal by a timer mends and changes nothing.
    assert_eq!(planned(&tree, Scope::Due(&[])), [""; 0]);
    tree.later(300 * DAY);
    let due = "renew tool.client.own: due since 2027-07-22, ends 2027-11-21";
    let left = "manifest-differs certs/tool/own.crt";
    assert_eq!(planned(&tree, Scope::Due(&[])), [due, left]);
    assert_eq!(planned(&tree, Scope::Due(&store)), [""; 0]);
    assert_eq!(planned(&tree, Scope::Due(&tool)), [due, left]);
}

#[test]
fn a_new_authority_takes_all_that_it_signed_along() {
    let mut tree = Tree::new(STACK);
    tree.remove("authorities/leaves/1/ca.crt");
    tree.remove("authorities/leaves/1/ca.key");
    // It was never there: nothing says that the keys below it are ours.
    tree.forget();
    let some = [Selected::Service("tool".into())];
    let options = Options {
        scope: Scope::Only(&some),
        ..options(&tree)
    };
    // Nor that they were ever delivered: they may be anybody's.
    assert_eq!(
        lines(&made(&tree, &options)),
        [
            "make authority leaves: authority leaves is missing",
            "pair-not-issued-here certs/tool/own.crt",
        ]
    );
    let pairs = tree.stack.pairs().map(|pair| pair.files.key.clone());
    let inventory = tree.inventory().with_delivered(pairs);
    assert_eq!(
        lines(&plan(&tree.stack, &inventory, &[], &options)),
        [
            "make authority leaves: authority leaves is missing",
            "rekey store.server.default: issuer replaced: authority leaves is new",
            "rekey tool.client.own: issuer replaced: authority leaves is new",
        ]
    );
}

#[test]
fn a_lost_authority_is_told_whatever_the_manifest_calls_it_now() {
    let mut tree = Tree::new(STACK);
    tree.says(&STACK.replace(
        "issuer = \"root\"",
        "issuer = \"root\"\nsubject = \"CN=New\"",
    ));
    // One that exists keeps its name.
    assert_eq!(
        lines(&made(&tree, &options(&tree))),
        ["authority-differs authorities/leaves/1/ca.crt"]
    );
    tree.remove("authorities/leaves/1/ca.crt");
    let told = ["authority-missing authorities/leaves/1/ca.crt"];
    assert_eq!(lines(&made(&tree, &options(&tree))), told);
    // Whatever else there is to do below it, or who asks.
    tree.remove("certs/store/server.crt");
    assert_eq!(lines(&made(&tree, &options(&tree))), told);
    let authority = [Selected::Authority("leaves".into())];
    for scope in [
        Scope::Due(&[]),
        Scope::Due(&authority),
        Scope::Only(&authority),
    ] {
        let options = Options {
            scope,
            force: true,
            ..options(&tree)
        };
        assert_eq!(lines(&made(&tree, &options)), told, "{scope:?}");
    }
    // Its key too: the record knows that it was there.
    tree.remove("authorities/leaves/1/ca.key");
    assert_eq!(lines(&made(&tree, &options(&tree))), told);
}

#[test]
fn leftovers_are_told_and_archived_on_demand() {
    let tree = Tree::new(STACK);
    let place = |path: &str| TreePath::new(path).unwrap();
    let inventory = tree.inventory();
    let gone = place("certs/gone.crt");
    let delivered = [place("certs/store/server.crt"), gone.clone()];
    let found = plan(&tree.stack, &inventory, &delivered, &options(&tree));
    // Delivered once, named no longer, and not there either.
    assert_eq!((found.leftovers.len(), found.steps.len()), (0, 0));
    let mut tree = tree;
    tree.put("certs/gone.crt", "x");
    for prune in [false, true] {
        let options = Options {
            prune,
            ..options(&tree)
        };
        let found = plan(&tree.stack, &tree.inventory(), &delivered, &options);
        assert_eq!(found.leftovers, std::slice::from_ref(&gone));
        let expected = ["archive certs/gone.crt: no longer in the manifest"];
        assert_eq!(lines(&found), expected[usize::from(!prune)..]);
    }
}

/// Whatever a hand wrote into the state.
#[test]
fn what_no_delivery_writes_is_never_left_over() {
    let text = "version = 1\n[authority.corp]\nexternal = \"corp.pem\"\n[service.a]\nrole = \"server\"\n\
                authority = \"corp\"\nsource = \"lineage:live/a\"\nhosts = [\"a\"]\n";
    let mut tree = Tree::new(STACK);
    tree.says(text);
    let kept = [
        "pki.toml",
        ".pki/state.toml",
        "authorities/old/1/ca.key",
        "corp.pem",
        "live/a/fullchain.pem",
        "live/a/privkey.pem",
    ];
    for path in kept.into_iter().chain(["certs/gone.crt"]) {
        tree.put(path, "x");
    }
    let place = |path: &str| TreePath::new(path).unwrap();
    let mut delivered = kept.map(place).to_vec();
    delivered.push(place("certs/gone.crt"));
    let options = Options {
        prune: true,
        ..options(&tree)
    };
    let found = plan(&tree.stack, &tree.inventory(), &delivered, &options);
    assert_eq!(found.leftovers, [place("certs/gone.crt")]);
}

#[test]
fn a_plan_is_named_by_what_it_does() {
    let mut tree = Tree::new(STACK);
    let one = made(&tree, &options(&tree));
    assert!(one.is_empty());
    assert_eq!(one.kept, 4);
    tree.remove("certs/store/server.crt");
    let two = made(&tree, &options(&tree));
    assert_eq!(two.digest(), made(&tree, &options(&tree)).digest());
    tree.remove("certs/store/server.key");
    let more = made(&tree, &options(&tree));
    assert_ne!(one.digest(), two.digest());
    assert_ne!(two.digest(), more.digest());
}

#[test]
fn many_pairs_are_planned_in_no_time() {
    // One key and certificate for all: only the planning is of interest.
    use std::fmt::Write as _;
    let mut text = STACK.to_owned();
    for i in 0..3000 {
        writeln!(
            text,
            "[service.n{i}]\nrole = \"server\"\nhosts = [\"n{i}\"]"
        )
        .unwrap();
    }
    let tree = {
        let mut tree = Tree::new(STACK);
        tree.says(&text);
        tree
    };
    let watch = crate::clock::Stopwatch::start();
    let plan = made(&tree, &options(&tree));
    assert_eq!(plan.steps.len(), 6000);
    assert!(watch.elapsed().as_secs() < 20, "{:?}", watch.elapsed());
}
