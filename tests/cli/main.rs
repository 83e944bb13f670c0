//! Transcripts.
fn main() {}
