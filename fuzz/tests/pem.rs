//! A file of a user: text, PEM, and what stands in it.

#[test]
fn pem() {
    bolero::check!()
        .with_iterations(5_000)
        .for_each(pki_fuzz::file);
}
