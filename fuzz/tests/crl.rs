//! A revocation list and the chain that it is about.

#[test]
fn crl() {
    bolero::check!()
        .with_iterations(5_000)
        .for_each(pki_fuzz::crl);
}
