//! What this machine knows: its users and groups, who we are, its own CAs.

use std::path::Path;

use zeroize::Zeroizing;

use super::error::StoreError;
use super::read::read_file;
use crate::record::Accounts;

/// Bytes that are read of each file.
const LIMIT: u64 = 16 << 20;

/// Where systems keep their CA certificates as one PEM file: Debian, Fedora and
/// RHEL, openSUSE, Alpine and OpenBSD, in the order of Go's `crypto/x509`
/// (`root_linux.go`, Go 1.26).
const BUNDLES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Names of users and groups, and who we are: from `/etc/passwd` and `/etc/group`; a file that
/// cannot be read names nobody. Other sources (LDAP, systemd-homed) are not
/// asked: such an owner is named by number.
pub fn accounts() -> Accounts {
    let text = |path: &str| {
        let bytes = read_file(Path::new(path), LIMIT).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    Accounts::from_text(&text("/etc/passwd"), &text("/etc/group")).seen_by(effective_uid())
}

/// The name of the user whose rights this process has, or the number where it
/// has none.
pub(super) fn user_name() -> String {
    let names = accounts().names(effective_uid(), effective_gid());
    let (user, _) = names.split_once(':').unwrap_or((&names, ""));
    user.to_owned()
}

/// Whose rights this process has.
pub fn effective_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The group this process makes files with.
pub fn effective_gid() -> u32 {
    rustix::process::getegid().as_raw()
}

/// The CA certificates that the machine itself trusts, in PEM: the first file
/// there is of those that systems use.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn read_system_bundle() -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let [first, ..] = BUNDLES;
    let missing = StoreError::Missing { path: first.into() };
    for path in BUNDLES {
        match read_file(Path::new(path), LIMIT) {
            Err(e) if e.is_missing() => {}
            done => return done,
        }
    }
    Err(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_root() {
        assert_eq!(accounts().user("root"), Some(0));
    }
}
