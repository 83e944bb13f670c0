//! A certificate, alone and in every place of a chain.

#[test]
fn certificate() {
    bolero::check!()
        .with_iterations(5_000)
        .for_each(pki_fuzz::certificate);
}
