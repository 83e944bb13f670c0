//! A private key in DER.

#[test]
fn key() {
    bolero::check!()
        .with_iterations(5_000)
        .for_each(pki_fuzz::private_key);
}
