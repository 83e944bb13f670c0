//! Certificates one behind another, judged by all rules.

#[test]
fn chain() {
    bolero::check!()
        .with_iterations(5_000)
        .for_each(pki_fuzz::chain);
}
