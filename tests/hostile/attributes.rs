//! Access control lists and labels: raw, as setfacl is not everywhere.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{XattrFlags, lgetxattr, setxattr};

use crate::folder::{Ran, STACK, applied, folder, run, write};
use crate::skipped;

const ACCESS: &str = "system.posix_acl_access";
const DEFAULT: &str = "system.posix_acl_default";
const LABEL: &str = "security.selinux";

/// A list that lets user 4242 in (`posix_acl_xattr.h`).
fn list(group: u16, named: u16, mask: u16) -> Vec<u8> {
    let mut list = 2_u32.to_le_bytes().to_vec();
    let none = u32::MAX;
    for (tag, permissions, id) in [
        (1_u16, 6_u16, none),
        (2, named, 4242_u32),
        (4, group, none),
        (16, mask, none),
        (32, 0, none),
    ] {
        list.extend(tag.to_le_bytes());
        list.extend(permissions.to_le_bytes());
        list.extend(id.to_le_bytes());
    }
    list
}

fn set(path: &Path, name: &str, value: &[u8]) -> bool {
    setxattr(path, name, value, XattrFlags::empty()).is_ok()
}

fn get(path: &Path, name: &str) -> Option<Vec<u8>> {
    let mut value = [0_u8; 4096];
    let length = lgetxattr(path, name, &mut value[..]).ok()?;
    Some(value[..length].to_vec())
}

fn below(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        found.push(path.clone());
        if path.is_dir() {
            below(&path, found);
        }
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[track_caller]
fn ok(ran: &Ran) {
    assert_eq!(ran.code, 0, "{}", ran.said());
}

/// Keys readable by a group, which is the runner's own.
fn shared() -> String {
    let group = rustix::process::getegid().as_raw();
    let more = format!("hosts = [\"web\"]\ngroup = \"{group}\"\nkey_mode = \"0640\"\n");
    STACK.replacen("hosts = [\"web\"]\n", &more, 1)
}

#[test]
fn a_key_takes_nothing_of_what_its_folder_gives() {
    let dir = folder();
    if !set(dir.path(), DEFAULT, &list(7, 6, 7)) {
        return skipped("no access control lists here");
    }
    applied(dir.path(), &shared());
    let mut all = Vec::new();
    below(dir.path(), &mut all);
    let named = |path: &Path| path.strip_prefix(dir.path()).unwrap().display().to_string();
    let (mut keys, mut listed) = (0, 0);
    for path in &all {
        let name = named(path);
        let own = name.starts_with("authorities") || name.starts_with(".pki");
        let lists = [ACCESS, DEFAULT].map(|list| get(path, list));
        if own && path.is_dir() {
            assert_eq!(lists, [None, None], "{name}");
            assert_eq!(mode(path), 0o700, "{name}");
        }
        if path.extension().is_some_and(|e| e == "key") {
            keys += 1;
            assert_eq!(lists[0], None, "{name}");
            let expected = if own { 0o600 } else { 0o640 };
            assert_eq!(mode(path), expected, "{name}");
        } else if lists[0].is_some() {
            listed += 1;
        }
    }
    assert!(
        keys >= 2 && listed > 0,
        "{keys} keys, {listed} files with a list: {all:?}"
    );
    assert_eq!(run(dir.path(), &["plan", "--check"]).code, 0);
}

#[test]
fn a_list_on_a_key_is_told_and_taken_away() {
    let dir = folder();
    applied(dir.path(), &shared());
    let key = dir.path().join("certs/web/private.key");
    // The mode is as it should be: the group bits are the mask.
    if !set(&key, ACCESS, &list(0, 6, 4)) {
        return skipped("no access control lists here");
    }
    assert_eq!(mode(&key), 0o640);
    let ran = run(dir.path(), &["verify"]);
    assert_eq!(ran.code, 1, "{}", ran.said());
    assert!(ran.stdout.contains("key-acl"), "{}", ran.stdout);
    assert!(ran.stdout.contains("user 4242 (r--)"), "{}", ran.stdout);
    ok(&run(dir.path(), &["apply"]));
    assert_eq!((get(&key, ACCESS), mode(&key)), (None, 0o640));
    ok(&run(dir.path(), &["verify"]));
    // One that is replaced: dropped, and told.
    assert!(set(&key, ACCESS, &list(0, 6, 4)));
    let ran = run(dir.path(), &["renew", "web", "--force", "--rekey"]);
    ok(&ran);
    assert!(ran.said().contains("key-acl-dropped"), "{}", ran.said());
    assert_eq!((get(&key, ACCESS), mode(&key)), (None, 0o640));
    // A CA's: the way out is said.
    let ca = dir.path().join("authorities/ca/1/ca.key");
    assert!(set(&ca, ACCESS, &list(0, 6, 6)));
    let ran = run(dir.path(), &["verify"]);
    assert_eq!(ran.code, 1, "{}", ran.said());
    assert!(
        ran.stdout.contains("setfacl -b authorities/ca/1/ca.key"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_public_file_keeps_its_list_and_its_label() {
    let dir = folder();
    applied(dir.path(), STACK);
    let certificate = dir.path().join("certs/web/public.crt");
    let key = dir.path().join("certs/web/private.key");
    let own = list(4, 6, 4);
    if !set(&certificate, ACCESS, &own) {
        return skipped("no access control lists here");
    }
    fs::set_permissions(&certificate, fs::Permissions::from_mode(0o644)).unwrap();
    let before = get(&certificate, ACCESS);
    let label = b"system_u:object_r:cert_t:s0\0";
    let labelled = set(&certificate, LABEL, label) && set(&key, LABEL, label);
    if !labelled {
        skipped("no labels here: only root sets them");
    }
    let inode = fs::metadata(&certificate).unwrap().ino();
    let ran = run(dir.path(), &["renew", "web", "--force", "--rekey"]);
    ok(&ran);
    assert!(!ran.said().contains("not-kept"), "{}", ran.said());
    assert_ne!(
        fs::metadata(&certificate).unwrap().ino(),
        inode,
        "it was not replaced"
    );
    assert_eq!(
        (get(&certificate, ACCESS), mode(&certificate)),
        (before, 0o644)
    );
    if labelled {
        for path in [&certificate, &key] {
            assert_eq!(
                get(path, LABEL).as_deref(),
                Some(&label[..]),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn owners_may_be_numbers_and_unknown_names_are_told() {
    let dir = folder();
    let with = |owner: &str| {
        let more = format!("hosts = [\"web\"]\nowner = \"{owner}\"\ngroup = \"{owner}\"\n");
        STACK.replacen("hosts = [\"web\"]\n", &more, 1)
    };
    write(&dir.path().join("pki.toml"), with("no-such-user"));
    let ran = run(dir.path(), &["plan"]);
    assert!(
        ran.said().contains("no user `no-such-user`"),
        "{}",
        ran.said()
    );
    if !rustix::process::geteuid().is_root() {
        return skipped("only root gives files away");
    }
    let ran = run(dir.path(), &["apply"]);
    assert!(
        ran.code != 0 && ran.stderr.contains("no-such-user"),
        "{}",
        ran.said()
    );
    assert!(!dir.path().join("certs").exists());
    applied(dir.path(), &with("54321"));
    for name in ["private.key", "public.crt"] {
        let meta = fs::metadata(dir.path().join("certs/web").join(name)).unwrap();
        assert_eq!((meta.uid(), meta.gid()), (54321, 54321), "{name}");
    }
    ok(&run(dir.path(), &["verify"]));
}
