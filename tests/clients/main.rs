//! Chains of every kind, sound and faulty, and what the programs that read
//! certificates say of them.

#![expect(clippy::unwrap_used, reason = "in a test a failure may end it")]

mod case;
mod client;
#[expect(dead_code, reason = "the tests of handshakes need more of the machine")]
#[path = "../interop/machine.rs"]
mod machine;
mod rustls_judge;

/// Prints what every client says of the cases in the file that `PKI_CLIENT_CASES`
/// names, in the format of x509-limbo; `PKI_CLIENT=go` asks only those whose name
/// begins so.
#[test]
fn of_a_file() {
    let Some(file) = machine::variable("PKI_CLIENT_CASES") else {
        return;
    };
    let cases = case::read(file.as_ref());
    let wanted = machine::variable("PKI_CLIENT").unwrap_or_default();
    let wanted = wanted.to_str().unwrap();
    for client in client::all() {
        if !client.name().starts_with(wanted) {
            continue;
        }
        let answers = client.ask(&cases);
        for (case, answer) in cases.iter().zip(answers) {
            let line = serde_json::json!({
                "client": client.name(), "id": case.id,
                "verdict": answer.verdict, "message": answer.message,
            });
            machine::say(&line.to_string());
        }
    }
}
