//! Every kind of CA key signs for every kind of leaf key.

use super::*;

/// One key of each kind, as openssl wrote it.
const EACH: [(&str, &[u8]); 10] = [
    ("P-256", fixture!("p256.pem")),
    ("P-384", fixture!("p384.pem")),
    ("P-521", fixture!("p521.pem")),
    ("Ed25519", fixture!("ed25519.pem")),
    ("RSA 2048", fixture!("rsa-2048.pem")),
    ("RSA 2048, e = 3", fixture!("rsa-2048-e3.pem")),
    ("RSA 3072", fixture!("rsa-3072.pem")),
    ("RSA 4096", fixture!("rsa-4096.pem")),
    ("RSA 6144", fixture!("rsa-6144.pem")),
    ("RSA 8192", fixture!("rsa-8192.pem")),
];

#[test]
fn every_key_signs_for_every_key() {
    let leaves: Vec<PrivateKey> = EACH.iter().map(|(_, pem)| stored(pem)).collect();
    for (kind, pem) in EACH {
        let ca = root("CN=Root", stored(pem), &[]);
        let slow = matches!(ca.key.algorithm(), KeyAlgorithm::Rsa(4097..));
        // The large ones sign slowly: for the odd kinds only.
        let wanted =
            |key: &&PrivateKey| !slow || !matches!(key.algorithm(), KeyAlgorithm::Rsa(2049..8192));
        let issued: Vec<Certificate> = leaves
            .iter()
            .filter(wanted)
            .map(|key| ca.issue(&request(Profile::Peer, "CN=leaf", &["a.b"], key)))
            .collect();
        for leaf in &issued {
            assert!(leaf.is_signed_by(&ca.certificate), "{kind}");
            let signed = leaf.signature_algorithm();
            assert_eq!(signed, Some(ca.key.algorithm().signature()), "{kind}");
        }
        openssl_accepts(
            &["-x509_strict", "-purpose", "sslserver"],
            &ca,
            None,
            &issued,
        );
    }
}

#[test]
fn a_foreign_key_of_a_ca_is_refused() {
    for (one, other) in [(0, 1), (4, 5), (0, 3)] {
        let ca = root("CN=Root", stored(EACH[one].1), &[]);
        let key = stored(EACH[other].1);
        let error = Issuer::new(&ca.certificate, &key).unwrap_err();
        assert_eq!(error, IssuerError::KeyMismatch("CN=Root".into()));
    }
}
