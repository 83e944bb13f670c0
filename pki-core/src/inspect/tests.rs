use super::*;
use crate::cert::oid;
use crate::cert::tests::make;
use crate::cert::tests::make_crl::crl_der;
use crate::key;
use proptest::prelude::*;

const ROOT: &[u8] = include_bytes!("../../testdata/inspect/root.pem");
/// The same name as [`ROOT`], another key.
const OTHER_ROOT: &[u8] = include_bytes!("../../testdata/inspect/other-root.pem");
const INTERMEDIATE: &[u8] = include_bytes!("../../testdata/inspect/intermediate.pem");
const LEAF: &[u8] = include_bytes!("../../testdata/inspect/leaf.pem");
const LEAF_KEY: &[u8] = include_bytes!("../../testdata/inspect/leaf-key.pem");
const REQUEST: &[u8] = include_bytes!("../../testdata/inspect/request.pem");
const STORE: &[u8] = include_bytes!("../../testdata/inspect/store.p12");
const PKCS7: &[u8] = include_bytes!("../../testdata/inspect/bundle.p7b");
const TRUSTED: &[u8] = include_bytes!("../../testdata/inspect/trusted.pem");

fn all(files: &[&[u8]]) -> Vec<Inspected> {
    inspect(files, None).unwrap()
}

fn one(bytes: &[u8]) -> Inspected {
    all(&[bytes]).remove(0)
}

fn join(files: &[&[u8]]) -> Vec<u8> {
    files.concat()
}

/// The first block's DER.
fn der(pem: &[u8]) -> Vec<u8> {
    crate::pem::blocks(pem).blocks[0]
        .der
        .as_ref()
        .unwrap()
        .to_vec()
}

fn place(file: usize, number: usize) -> Place {
    Place { file, number }
}

fn here(file: usize, number: usize) -> Issuer {
    Issuer::Here {
        at: place(file, number),
        same_name: true,
    }
}

fn issuers(file: &Inspected) -> Vec<Issuer> {
    file.certificates()
        .map(|part| part.issuer.clone())
        .collect()
}

fn kind(file: &Inspected) -> &'static str {
    match file.parts.as_slice() {
        [Part::Certificate(_)] => "certificate",
        [Part::Key(key)] if key.public.is_ok() => "key",
        [Part::Key(_)] => "closed key",
        [Part::PublicKey { .. }] => "public key",
        [
            Part::Request {
                signature: Ok(()), ..
            },
        ] => "request",
        [Part::Store(StorePart { content: None })] => "closed store",
        [Part::Store(_), ..] => "store",
        [Part::Unknown(_)] => "unknown",
        _ => "several",
    }
}

#[test]
fn each_kind_is_told() {
    let key_der = der(LEAF_KEY);
    for (bytes, form, expected) in [
        (LEAF, Form::Pem, "certificate"),
        (&der(LEAF), Form::Der, "certificate"),
        (TRUSTED, Form::Pem, "certificate"),
        (LEAF_KEY, Form::Pem, "key"),
        (&key_der, Form::Der, "key"),
        (REQUEST, Form::Pem, "request"),
        (&der(REQUEST), Form::Der, "request"),
        (
            include_bytes!("../../testdata/keys/p256-public.pem"),
            Form::Pem,
            "public key",
        ),
        (
            &der(include_bytes!("../../testdata/keys/p256-public.pem")),
            Form::Der,
            "public key",
        ),
        (
            include_bytes!("../../testdata/keys/p256-params.pem"),
            Form::Pem,
            "key",
        ),
        (
            include_bytes!("../../testdata/keys/enc-sha256-aes256.pem"),
            Form::Pem,
            "closed key",
        ),
        (
            include_bytes!("../../testdata/keys/enc-sha256-aes256.der"),
            Form::Der,
            "closed key",
        ),
        (
            include_bytes!("../../testdata/keys/p256-legacy.pem"),
            Form::Pem,
            "closed key",
        ),
        (STORE, Form::Der, "closed store"),
        (PKCS7, Form::Pem, "unknown"),
        (&der(PKCS7), Form::Der, "unknown"),
        (b"", Form::Empty, "unknown"),
        (b" \n", Form::Empty, "unknown"),
        (b"hello\n", Form::Text, "unknown"),
        (b"\x89PNG\r\n\x1a\n\0", Form::Binary, "unknown"),
        (b"\x30\x82", Form::Der, "unknown"),
    ] {
        let found = one(bytes);
        assert_eq!((found.form, kind(&found)), (form, expected), "{found:?}");
        assert_eq!(found.understood(), expected != "unknown");
    }
}

#[test]
fn what_is_not_understood_is_described_without_its_content() {
    let what = |bytes: &[u8]| match one(bytes).parts.remove(0) {
        Part::Unknown(unknown) => unknown,
        other => panic!("{other:?}"),
    };
    for (bytes, expected) in [
        (&b""[..], "an empty file"),
        (b"PASSWORD=hunter2\n", "text of 1 line, without a PEM block"),
        (b"\xfe\xed\xfe\xed\0\0\0\x02", "a Java key store (JKS)"),
        (b"\xff\xfe-\0-\0", "text in UTF-16"),
        (b"\x7fELF\x02\x01\0\xff", "8 octets that are no text"),
        (
            b"LS0tLS1CRUdJTiBDRVJU",
            "PEM in another layer of base64, as in a Kubernetes secret",
        ),
        (
            b"MIIBKDCB26ADAgEC\n",
            "base64 without its BEGIN and END lines",
        ),
        (b"ssh-ed25519 AAAA me@here\n", "a public key of OpenSSH"),
        (PKCS7, "a block `PKCS7`, line 1: a PKCS#7 bundle"),
    ] {
        let found = what(bytes);
        assert_eq!(found.what, expected);
        assert!(!format!("{found:?}").contains("hunter2"));
    }
    let cut = &LEAF[..LEAF.len() - 10];
    let found = what(cut);
    assert_eq!(found.what, "a block `CERTIFICATE`, line 1");
    assert!(found.why.unwrap().contains("no `END` line"));
    let found = what(&join(&[&der(LEAF), b"\n"]));
    assert!(
        found.why.unwrap().contains("after"),
        "octets after the certificate"
    );
}

#[test]
fn who_signed_whom_within_a_file() {
    let chain = one(&join(&[LEAF, INTERMEDIATE, ROOT]));
    assert_eq!(issuers(&chain), [here(0, 2), here(0, 3), Issuer::Itself]);
    assert_eq!(chain.order, Some(Order::Chain));
    for (files, order) in [
        (&[LEAF][..], None),
        (&[LEAF, INTERMEDIATE], Some(Order::Chain)),
        (&[INTERMEDIATE, LEAF], Some(Order::Mixed)),
        (&[LEAF, ROOT, INTERMEDIATE], Some(Order::Mixed)),
        (&[LEAF, INTERMEDIATE, ROOT, OTHER_ROOT], Some(Order::Mixed)),
        (&[ROOT, OTHER_ROOT], Some(Order::Bundle)),
        (&[LEAF, ROOT], Some(Order::Bundle)),
    ] {
        assert_eq!(one(&join(files)).order, order);
    }
}

#[test]
fn who_signed_whom_over_several_files() {
    let found = all(&[LEAF, INTERMEDIATE, OTHER_ROOT]);
    assert_eq!(issuers(&found[0]), [here(1, 1)]);
    let [
        Issuer::Claimed {
            at,
            why: SignatureFault::Bad,
        },
    ] = issuers(&found[1])[..]
    else {
        panic!("{:?}", issuers(&found[1]));
    };
    assert_eq!(at, place(2, 1));
    assert_eq!(issuers(&found[2]), [Issuer::Itself]);
    // Of two of one name, the one that signed; of copies, the one in the file.
    let found = all(&[INTERMEDIATE, OTHER_ROOT, ROOT]);
    assert_eq!(issuers(&found[0]), [here(2, 1)]);
    let found = all(&[INTERMEDIATE, &join(&[LEAF, INTERMEDIATE])]);
    assert_eq!(issuers(&found[0]), [Issuer::Elsewhere]);
    assert_eq!(issuers(&found[1])[0], here(1, 2));
}

#[test]
fn lists_find_who_signed_them() {
    let root = make::party("CN=Root");
    let cert = make::ca(&root, &root, |b| b.remove(oid::AUTHORITY_KEY_ID));
    let stranger = crl_der(&make::party("CN=Root"), |_| ());
    let other = crl_der(&make::party("CN=Other"), |_| ());
    let list = crl_der(&root, |b| b.revoke(&[7], &[]));
    let pem = |label: &str, der: &[u8]| crate::pem::encode(label, der).into_bytes();
    let lists = [&list, &stranger, &other].map(|der| pem("X509 CRL", der));
    let bundle = join(&[&pem("CERTIFICATE", cert.der()), &lists.concat()]);
    let files = all(&[&list, &bundle]);
    let signers = |file: &Inspected| -> Vec<Issuer> {
        let parts = file.parts.iter().filter_map(|part| match part {
            Part::Crl(part) => Some(part.issuer.clone()),
            _ => None,
        });
        parts.collect()
    };
    assert_eq!(signers(&files[0]), [here(1, 1)]);
    let claimed = Issuer::Claimed {
        at: place(1, 1),
        why: SignatureFault::Bad,
    };
    let expected = [here(1, 1), claimed, Issuer::Elsewhere];
    assert_eq!(signers(&files[1]), expected);
    assert_eq!(issuers(&files[1]), [Issuer::Itself]);
    assert!(files.iter().all(Inspected::understood));
    assert_eq!(what(&list), REVOCATION_LIST);
    assert_eq!(what(&lists[0]), REVOCATION_LIST);
    assert!(!one(&list[..list.len() - 1]).understood());
}

#[test]
fn keys_and_requests_find_their_certificates() {
    let found = all(&[LEAF_KEY, REQUEST, &join(&[INTERMEDIATE, LEAF]), ROOT]);
    let Part::Key(own) = &found[0].parts[0] else {
        panic!("{:?}", found[0]);
    };
    assert_eq!(own.certificates, [place(2, 2)]);
    let Part::Request { certificates, .. } = &found[1].parts[0] else {
        panic!("{:?}", found[1]);
    };
    assert_eq!(*certificates, [place(2, 2)]);

    // Both in one file, as HAProxy has it.
    let both = one(&join(&[LEAF, LEAF_KEY]));
    let [Part::Certificate(_), Part::Key(own)] = both.parts.as_slice() else {
        panic!("{both:?}");
    };
    assert_eq!(own.certificates, [place(0, 1)]);
}

#[test]
fn several_keys_are_said_once_and_not_opened() {
    let found = one(&join(&[LEAF_KEY, LEAF_KEY]));
    let [Part::Key(part)] = found.parts.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(part.public, Err(KeyError::Several { count: 2 }));
    assert!(!found.understood());
}

#[test]
fn a_password_opens_stores_and_keys() {
    let closed = include_bytes!("../../testdata/keys/enc-sha256-aes256.pem");
    let secret = |text: &str| Secret::new(text.as_bytes().to_vec());
    let found = inspect(&[STORE, LEAF], Some(&secret("secret"))).unwrap();
    let Part::Store(StorePart {
        content: Some(content),
    }) = &found[0].parts[0]
    else {
        panic!("{found:?}");
    };
    assert_eq!(
        *content,
        StoreContent {
            keys: 1,
            certificates: 2,
            trusted: 0,
            encrypted: true,
            mac: Mac::Good,
        }
    );
    let aliases: Vec<_> = found[0]
        .certificates()
        .map(|part| part.entry.as_ref().unwrap().alias.as_deref())
        .collect();
    assert_eq!(aliases, [Some("leaf"), None]);
    assert_eq!(found[0].order, Some(Order::Chain));

    let wrong = inspect(&[LEAF, STORE], Some(&secret("guess"))).unwrap_err();
    assert_eq!(wrong.file, 1);
    let wrong = inspect(&[closed], Some(&secret("guess"))).unwrap_err();
    assert_eq!(wrong.file, 0);
}

/// The table of what the servers of the stack read.
#[test]
fn servers_refuse_forms_of_keys() {
    let text = |bytes: &[u8]| {
        let refused = refusals(&key::survey(bytes)).into_iter();
        let refused: Vec<_> = refused.map(|refusal| refusal.programs).collect();
        refused.join("; ")
    };
    let pem = |name: &str| -> &'static [u8] {
        match name {
            "pkcs8" => include_bytes!("../../testdata/keys/p256.pem"),
            "pkcs1" => include_bytes!("../../testdata/keys/rsa-2048-pkcs1.pem"),
            "sec1" => include_bytes!("../../testdata/keys/p256-sec1.pem"),
            "parameters" => include_bytes!("../../testdata/keys/p256-params.pem"),
            "cfssl" => include_bytes!("../../testdata/keys/ed25519-cfssl.pem"),
            "encrypted" => include_bytes!("../../testdata/keys/enc-sha256-aes256.pem"),
            _ => include_bytes!("../../testdata/keys/p256-legacy.pem"),
        }
    };
    for (name, before, after, expected) in [
        ("pkcs8", "", "", ""),
        ("pkcs1", "", "", ""),
        ("sec1", "", "", ""),
        ("cfssl", "", "", ""),
        ("pkcs8", "a comment\n", "", ""),
        ("parameters", "", "", "MinIO, Sidekick; KES"),
        ("pkcs8", "", "\n", "MinIO, Sidekick"),
        ("pkcs8", "", "# a comment\n", "MinIO, Sidekick; KES"),
        ("encrypted", "", "", "MinIO, Sidekick, KES, Go"),
        ("legacy", "", "", "Go"),
    ] {
        let file = join(&[before.as_bytes(), pem(name), after.as_bytes()]);
        assert_eq!(text(&file), expected, "{name} {before:?} {after:?}");
    }
    let both = join(&[LEAF, LEAF_KEY]);
    assert_eq!(text(&both), "MinIO, Sidekick");
    assert_eq!(text(LEAF), "");
    assert_eq!(text(&der(LEAF_KEY)), "");
}

/// Each of many certificates claims all others: the work has a bound.
#[test]
fn hostile_bundles_cost_a_bounded_time() {
    let many: Vec<u8> = std::iter::repeat_n(OTHER_ROOT, 40)
        .chain(std::iter::repeat_n(INTERMEDIATE, 80))
        .flatten()
        .copied()
        .collect();
    let found = one(&many);
    let issuers = issuers(&found);
    assert_eq!(issuers[0], Issuer::Itself);
    assert_eq!(issuers.last(), Some(&Issuer::Unchecked));
    assert_eq!(issuers.len(), 120);
}

#[test]
fn signatures_have_names() {
    let found = one(LEAF);
    let leaf = &found.certificates().next().unwrap().certificate;
    assert_eq!(signature_name(leaf), "ecdsa-with-SHA256");
}

proptest! {
    #[test]
    fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = inspect(&[&bytes], None);
        let _ = inspect(&[&[&[0x30][..], &bytes].concat()], None);
    }

    #[test]
    fn damaged_files_do_not_panic(at in 0usize..4000, to in any::<u8>(), which in 0usize..5) {
        let password = Secret::new(b"secret".to_vec());
        let leaf = der(LEAF);
        let request = der(REQUEST);
        let files: [&[u8]; 5] = [LEAF, &leaf, &request, STORE, LEAF_KEY];
        let mut bytes = files[which].to_vec();
        let at = at % bytes.len();
        bytes[at] = to;
        let _ = inspect(&[&bytes], Some(&password));
    }
}
