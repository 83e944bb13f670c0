//! `pki` against those who mean harm: files that are made to take time or
//! memory, users who look for a secret, folders that others own.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test makes folders, starts the program and says what it left out"
)]

mod attributes;
mod der;
mod folder;
mod files;
mod nobody;
mod secrets;
mod strace;
mod trees;

/// Says what was not tested.
#[expect(clippy::print_stdout, reason = "who runs the tests sees it")]
fn say(text: &str) {
    println!("{text}");
}

fn skipped(why: &str) {
    say(&format!("skipped: {why}"));
}
