//! A certificate request.

#[test]
fn request() {
    bolero::check!()
        .with_iterations(5_000)
        .for_each(pki_fuzz::request);
}
