//! Changes that several clients refuse, each by a rule of its own.

use pki_core::cert::oid;
use pki_core::der::{self, tag};
use pki_core::model::san::GeneralName;

use super::Chain;
use crate::case::PeerName;
use crate::keys::{self, Kind, Signature, identifier};
use crate::make::{self, Body, DAY, NOW};
use crate::plan::{Draft, name};
use crate::signing::Hash;

/// An algorithm of no one.
const UNKNOWN: &str = "1.2.3.4.5";

pub(super) const HOST: &str = "host.example.com";

pub(super) fn early(draft: &mut Draft) {
    let day = |n| NOW.plus_seconds(n * DAY);
    draft.body.valid(day(1), day(30));
}

pub(super) fn expire(draft: &mut Draft) {
    let day = |n| NOW.plus_seconds(n * DAY);
    draft.body.valid(day(-30), day(-1));
}

pub(super) fn unknown_critical(draft: &mut Draft) {
    draft.body.set("1.2.3.4.5.6", true, vec![5, 0]);
}

/// The first extension a second time.
pub(super) fn twice(draft: &mut Draft) {
    let first = draft.body.extensions[0].clone();
    draft.body.extensions.push(first);
}

/// Octets of the BIT STRING, unused bits first.
pub(super) fn usage(draft: &mut Draft, octets: &[u8]) {
    draft
        .body
        .set(oid::KEY_USAGE, true, make::key_usage(octets));
}

pub(super) const NO_BIT: &[u8] = &[7, 0];
pub(super) const CRL_SIGN: &[u8] = &[1, 2];

/// For clients alone.
pub(super) fn for_clients(draft: &mut Draft) {
    let value = make::purposes(&[make::CLIENT_AUTH]);
    draft.body.set(oid::EXTENDED_KEY_USAGE, false, value);
}

pub(super) fn no_ca(draft: &mut Draft) {
    let value = make::basic_constraints(false, None);
    draft.body.set(oid::BASIC_CONSTRAINTS, true, value);
}

/// A CA below which there is no other.
pub(super) fn last_ca(draft: &mut Draft) {
    let value = make::basic_constraints(true, Some(0));
    draft.body.set(oid::BASIC_CONSTRAINTS, true, value);
}

/// `BasicConstraints` with a cA that is neither 0 nor 255 (X.690 11.1).
pub(super) fn odd_boolean(draft: &mut Draft) {
    let value = der::sequence([der::encode(tag::BOOLEAN, &[1])]);
    draft.body.set(oid::BASIC_CONSTRAINTS, true, value);
}

/// A critical keyUsage that ends before its length.
pub(super) fn cut_off(draft: &mut Draft) {
    draft.body.set(oid::KEY_USAGE, true, vec![3, 5, 0, 6]);
}

/// The algorithm outside is not the one inside.
pub(super) fn algorithms_differ(draft: &mut Draft) {
    draft.outer = Some(identifier("1.2.840.10045.4.3.4", &[]));
}

pub(super) fn unknown_algorithm(draft: &mut Draft) {
    draft.outer = Some(identifier(UNKNOWN, &[]));
    draft.body.inner = Some(identifier(UNKNOWN, &[]));
}

/// The signature says it is of MD5, which nobody makes any more; it does not hold.
pub(super) fn md5(draft: &mut Draft) {
    let md5 = identifier("1.2.840.113549.1.1.4", &[5, 0]);
    draft.body.inner = Some(md5.clone());
    draft.outer = Some(md5);
}

/// The algorithm has a NULL behind its parameters.
pub(super) fn more_behind_algorithm(draft: &mut Draft) {
    algorithm(draft, "1.2.840.10045.4.3.2", &[5, 0, 5, 0]);
}

/// The algorithm of the signature, inside and outside.
pub(super) fn algorithm(draft: &mut Draft, oid: &str, parameters: &[u8]) {
    let algorithm = identifier(oid, parameters);
    draft.body.inner = Some(algorithm.clone());
    draft.outer = Some(algorithm);
}

pub(super) fn sha1(draft: &mut Draft) {
    draft.signature = Signature::With(Hash::Sha1);
}

pub(super) fn broken(draft: &mut Draft) {
    draft.signature = Signature::Broken;
}

/// A subject with octets that are no UTF-8.
pub(super) fn broken_text(draft: &mut Draft) {
    const COMMON_NAME: &[u8] = &[6, 3, 0x55, 4, 3];
    let text = der::encode(tag::UTF8_STRING, b"\xff\xfe");
    let attribute = der::sequence([COMMON_NAME, &text]);
    draft.subject = der::sequence([der::set_of(vec![attribute])]);
}

pub(super) fn unique_id(draft: &mut Draft) {
    draft.body.extra = der::encode(tag::context_primitive(1), &[0, 1, 2, 3]);
}

/// Version 1 with nothing of version 3.
pub(super) fn version_1(draft: &mut Draft) {
    draft.body.version = 0;
    draft.body.extensions.clear();
}

/// A policy is required and there is none (RFC 5280 4.2.1.11).
pub(super) fn policy_required(draft: &mut Draft) {
    let at_once = der::encode(tag::context_primitive(0), &[0]);
    draft.body.set("2.5.29.36", true, der::sequence([at_once]));
}

pub(super) fn exclude_host(draft: &mut Draft) {
    exclude(draft, dns(HOST));
}

/// From hexadecimal digits.
fn number(hex: &str) -> Vec<u8> {
    let octet = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(octet).collect()
}

/// What P-256 is, written out (SEC 2 2.4.2, SEC 1 C.2), for a point on it.
pub(super) fn explicit_curve(chain: &mut Chain<'_>) {
    let modulus = number("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    let linear = number("ffffffff00000001000000000000000000000000fffffffffffffffffffffffc");
    let constant = number("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");
    let order = number("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    let base = number(
        "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296\
         4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
    );
    let prime = der::encode(tag::OID, &der::oid_octets("1.2.840.10045.1.1").unwrap());
    let octets = |value: &[u8]| der::encode(tag::OCTET_STRING, value);
    let parameters = der::sequence([
        der::unsigned(&[1]),
        der::sequence([prime, der::unsigned(&modulus)]),
        der::sequence([octets(&linear), octets(&constant)]),
        octets(&base),
        der::unsigned(&order),
        der::unsigned(&[1]),
    ]);
    let public = chain.keys.public(chain.leaf().key).to_vec();
    let point = &public[public.len() - base.len()..];
    chain.leaf().public = Some(keys::ec(&parameters, point));
}

/// A public key of any kind; its bits need be none.
pub(super) fn public(draft: &mut Draft, kind: &str, parameters: &[u8], bits: &[u8]) {
    let algorithm = identifier(kind, parameters);
    draft.public = Some(der::sequence([algorithm, der::bit_string(bits)]));
}

/// The key of secp192r1 that its base point is (SEC 2 2.2.2, of 2000).
pub(super) fn small_curve(draft: &mut Draft) {
    let point = number(
        "04188da80eb03090f67cbf20eb43a18800f4ff0afd82ff1012\
         07192b95ffc8da78631011ed6b24cdd573f977a11e794811",
    );
    draft.public = Some(keys::ec_on("1.2.840.10045.3.1.1", &point));
}

/// A key whose point is not on P-256.
pub(super) fn off_curve(draft: &mut Draft) {
    let point = [&[4][..], &[7; 64]].concat();
    draft.public = Some(keys::ec_on("1.2.840.10045.3.1.7", &point));
}

/// A time with a fraction of a second, which DER does not have in certificates
/// (RFC 5280 4.1.2.5.2).
pub(super) fn fraction(draft: &mut Draft) {
    draft.body.not_after = der::encode(tag::GENERALIZED_TIME, b"20601231000000.5Z");
}

/// Key of RSA with 1024 bits for the certificate of this level.
pub(super) fn small_key(chain: &mut Chain<'_>, level: usize) {
    key_of(chain, level, Kind::SmallRsa);
}

/// Key of this kind for the certificate of this level.
pub(super) fn key_of(chain: &mut Chain<'_>, level: usize, kind: Kind) {
    let (key, keys) = (chain.keys.nth(kind, 0), chain.keys);
    chain.plan.rekey(level, key, keys);
}

/// Only a root that has nothing to do with it is trusted.
pub(super) fn unrelated_root(chain: &mut Chain<'_>) {
    let key = chain.other_key();
    let id = chain.keys.id(key);
    let subject = name("CN=other");
    let body = Body::new(make::ca_extensions(&id, &id));
    let other = Draft::new(&subject, key, &subject, key, body);
    chain.plan.anchors.push(other);
    chain.plan.distrust_root();
}

/// The trusted root has the name and another key.
pub(super) fn renewed_root(chain: &mut Chain<'_>) {
    let (key, keys) = (chain.other_key(), chain.keys);
    let root = chain.root();
    let subject = root.subject.clone();
    root.rekey(key, keys);
    root.sign_by(&subject, key, keys);
}

/// A CA more, above the first.
pub(super) fn another_ca<'c>(chain: &'c mut Chain<'_>) -> &'c mut Draft {
    let (number, keys) = (chain.plan.chain.len(), chain.keys);
    let (subject, key) = (
        name(&format!("CN=CA {number}")),
        keys.nth(Kind::P256, number),
    );
    let above = &chain.plan.chain[2];
    let body = Body::new(make::ca_extensions(&keys.id(key), &keys.id(above.key)));
    let draft = Draft::new(&subject, key, &above.subject, above.key, body);
    chain.ca().sign_by(&subject, key, keys);
    chain.plan.insert(2, draft);
    chain.plan.sent = (1..chain.plan.top()).collect();
    &mut chain.plan.chain[2]
}

/// The leaf is its own issuer.
pub(super) fn self_signed(chain: &mut Chain<'_>) {
    let keys = chain.keys;
    let leaf = chain.leaf();
    let (subject, key) = (leaf.subject.clone(), leaf.key);
    leaf.sign_by(&subject, key, keys);
}

/// The server has another name than is dialled.
pub(super) fn other_host(chain: &mut Chain<'_>) {
    chain.leaf().body.hosts(&["other.example.com"]);
}

/// The leaf has this name besides its host.
pub(super) fn also_named(chain: &mut Chain<'_>, other: GeneralName) {
    chain.leaf().body.names(&[dns(HOST), other]);
}

pub(super) fn dial(chain: &mut Chain<'_>, kind: &str, value: &str) {
    chain.plan.peer = Some(PeerName {
        kind: kind.into(),
        value: value.into(),
    });
}

/// A client's certificate is asked for.
pub(super) fn from_client(chain: &mut Chain<'_>) {
    chain.plan.server = false;
    chain.plan.peer = None;
}

pub(super) fn permit(draft: &mut Draft, base: GeneralName) {
    draft.body.constrain(&[base], &[]);
}

pub(super) fn exclude(draft: &mut Draft, base: GeneralName) {
    draft.body.constrain(&[], &[base]);
}

/// So many CAs more of the name and key id of the first, before it, which signed
/// nothing.
pub(super) fn namesakes(chain: &mut Chain<'_>, count: u8) {
    let (key, mut decoy) = (chain.other_key(), chain.ca().clone());
    decoy.key = key;
    decoy.signature = Signature::Broken;
    for n in 0..count {
        decoy.body.serial = vec![2, n];
        chain.plan.more.push((1, decoy.clone()));
    }
}

/// So many CAs with a key each and one name, which is that of their issuer too;
/// nothing that is trusted is above them.
pub(super) fn circle(chain: &mut Chain<'_>, count: u8) {
    let mut ca = chain.ca().clone();
    ca.issuer = ca.subject.clone();
    for n in 0..count {
        ca.public = Some(keys::rsa(&[0xa5 - n; 256], &[3]));
        chain.plan.more.push((1, ca.clone()));
    }
    chain.plan.sent.clear();
}

/// A server of so many names under a CA that excludes so many others.
pub(super) fn many_names(chain: &mut Chain<'_>, names: usize, bases: usize) {
    let more = (1..names).map(|n| dns(&format!("host-{n}.example.com")));
    let names: Vec<GeneralName> = std::iter::once(dns(HOST)).chain(more).collect();
    chain.leaf().body.names(&names);
    let bases: Vec<GeneralName> = (0..bases)
        .map(|n| dns(&format!("{n}.example.org")))
        .collect();
    chain.ca().body.constrain(&[], &bases);
}

/// Constraints with a maximum, which nobody may set (RFC 5280 4.2.1.10).
pub(super) fn maximum(draft: &mut Draft) {
    let maximum = der::encode(tag::context_primitive(1), &[5]);
    let tree = der::sequence([dns("example.com").to_der(), maximum]);
    let value = der::sequence([der::encode(tag::context(0), &tree)]);
    draft.body.set(oid::NAME_CONSTRAINTS, true, value);
}

pub(super) fn dns(text: &str) -> GeneralName {
    GeneralName::Dns(text.into())
}

pub(super) fn mail(text: &str) -> GeneralName {
    GeneralName::Email(text.into())
}

pub(super) fn uri(text: &str) -> GeneralName {
    GeneralName::Uri(text.into())
}

pub(super) fn ip(octets: &[u8]) -> GeneralName {
    GeneralName::Ip(octets.to_vec())
}

/// A name of another form, or what is none.
pub(super) fn other(tag: u8, value: &[u8]) -> GeneralName {
    let value = value.to_vec();
    GeneralName::Other { tag, value }
}
