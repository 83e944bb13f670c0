//! The authorities of a tree.

use super::Group::Authorities;
use super::Guide;

pub(super) const GUIDES: &[Guide] = &[
    Guide::of(
        Authorities,
        "authority-missing",
        "`authorities/root/1/ca.crt` does not exist",
        "Bring it back from a backup, with its key; else `pki apply` makes a new CA, and everybody must trust that.",
    ),
    Guide::of(
        Authorities,
        "authority-unreadable",
        "`authorities/root/1/ca.crt` is empty",
        "Bring it back from a backup; the file that is published holds the same certificate.",
    ),
    Guide::of(
        Authorities,
        "authority-is-no-ca",
        "CN=web, a leaf",
        "Name the certificate of the CA: of `--ca` the file of who signed, in a tree the one that belongs there.",
    ),
    Guide::of(
        Authorities,
        "authority-misplaced",
        "CN=Other CA, the certificate of authority other",
        "Put each authority's files back into its own folder.",
    ),
    Guide::of(
        Authorities,
        "authority-issuer",
        "CN=Issuing, not signed by authority root",
        "Bring back the certificate that belongs there, or `pki renew authority.NAME` has its issuer sign it.",
    ),
    Guide::of(
        Authorities,
        "authority-key-missing",
        "authorities/root/1/ca.key",
        "Bring the key back from a backup (or from where it is kept offline) before something is due.",
    ),
    Guide::of(
        Authorities,
        "authority-key-mismatch",
        "a key that is not the one certified in authorities/root/1/ca.crt",
        "Put the right key in its place; `pki inspect FILE …` says which certificate a key is for.",
    ),
    Guide::of(
        Authorities,
        "authority-key-unusable",
        "`authorities/root/1/ca.key` is empty",
        "Bring the key back from a backup; `pki inspect FILE` says what the file holds.",
    ),
    Guide::of(
        Authorities,
        "authority-key-not-encrypted",
        "a plain key",
        "Encrypt it: `openssl pkcs8 -topk8 -in ca.key -out ca.key.new`; or take `encrypted` out of the manifest.",
    ),
    Guide::of(
        Authorities,
        "authority-without-signer",
        "no generation signs",
        "Bring `.pki/state.toml` back from a backup, where the phase of each generation stands.",
    ),
    Guide::of(
        Authorities,
        "authority-surplus",
        "CN=Other CA",
        "Take it out of the file: an authority's file holds its certificate and those above it.",
    ),
    Guide::of(
        Authorities,
        "authority-unfit",
        "KeyUsage of CN=Corporate Issuing: digitalSignature",
        "Ask for a CA certificate that may sign what the manifest has it sign: keyCertSign, a path length, the names.",
    ),
    Guide::of(
        Authorities,
        "authority-waiting",
        "a request in authorities/issuing/1/ca.csr",
        "Have the CA elsewhere sign the request, put the certificate where the finding says, then `pki apply`.",
    ),
    Guide::of(
        Authorities,
        "authority-differs",
        "lifetime: 10 years, the manifest has 20",
        "Nothing need be done: it holds until `pki renew authority.NAME` makes it anew.",
    ),
    Guide::of(
        Authorities,
        "authority-not-issued-here",
        "CN=Corporate Issuing",
        "Have it renewed where it was made, and put the new certificate in its place.",
    ),
    Guide::of(
        Authorities,
        "authority-abandoned",
        "authority old",
        "Once nobody trusts it: keep a copy of its key offline, then remove its folder.",
    ),
    Guide::of(
        Authorities,
        "same-subject",
        "CN=MinIO Root CA, of minio and sidekick",
        "Give each authority a `subject` of its own: clients look for issuers by name.",
    ),
    Guide::of(
        Authorities,
        "external-without-authority",
        "service kes",
        "Name the authority of the external service: `authority = \"NAME\"`.",
    ),
];
