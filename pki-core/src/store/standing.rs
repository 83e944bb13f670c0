//! How much of a path is there, for errors and hints. The path is as the user
//! can type it: links in it are followed.
#![expect(clippy::disallowed_methods, reason = "looks at what a path names")]

use std::path::Path;

use rustix::fs::{Mode, OFlags};

/// What is there of a path: itself, or the nearest folder above it. For hints:
/// nobody can look at what does not exist.
pub fn nearest(path: &Path) -> &Path {
    let is_there =
        |p: &Path| rustix::fs::open(p, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).is_ok();
    let mut above = path.ancestors().filter(|p| !p.as_os_str().is_empty());
    above.find(|p| is_there(p)).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_names_what_is_there() {
        for (path, there) in [
            ("/", "/"),
            ("/gone-from-here/a/b", "/"),
            ("gone-from-here/a", "."),
            ("", "."),
            ("Cargo.toml", "Cargo.toml"),
            ("Cargo.toml/a", "Cargo.toml"),
            ("src/gone-from-here/a", "src"),
        ] {
            assert_eq!(nearest(Path::new(path)), Path::new(there), "{path}");
        }
    }
}
