//! What to do after the tree is made.

use std::path::Path;

use pki_core::report::shell;
use pki_core::stack::Stack;

use super::text;

/// Which line goes where, who must be restarted, how the CA is backed up.
pub(crate) fn steps(stack: &Stack, folder: &Path) -> String {
    let mut lines = String::new();
    for service in stack.services.iter().filter(|s| !s.external) {
        for (i, line) in service.next.iter().enumerate() {
            let name = if i == 0 { service.name.as_str() } else { "" };
            lines.push_str(&format!("  {}{}\n", text::pad(name, 16), text::lines(line)));
        }
    }
    let keys: Vec<String> = stack
        .authorities
        .iter()
        .filter_map(|a| a.signing()?.key.as_ref())
        .map(ToString::to_string)
        .collect();
    if !keys.is_empty() {
        lines.push_str(&format!(
            "  {}the CA keys are the one thing that cannot be made again: {}\n  {}back them up now, off this machine: (umask 077; tar czf ../pki-ca.tar.gz pki.toml authorities .pki)\n",
            text::pad("backup", 16),
            keys.join(", "),
            " ".repeat(16),
        ));
    }
    let cd = if folder == Path::new(".") {
        String::new()
    } else {
        format!("cd {} && ", shell::path(folder))
    };
    lines.push_str(&format!("  {}{cd}pki verify\n", text::pad("check", 16)));
    format!("\nnext\n{lines}")
}
