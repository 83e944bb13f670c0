//! What others can see of a running `pki`.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

use crate::folder::{Folder, id, id_of_self};

/// A program that waits for its stdin, as another user where root runs it:
/// whom the kernel lets look at a process of root's cannot be told from its
/// files in /proc.
fn waiting(program: &str, arguments: &[&str]) -> Child {
    let mut command = Command::new(program);
    if id_of_self() == 0 {
        command.uid(id("-u", "nobody")).gid(id("-g", "nobody"));
    }
    command
        .args(arguments)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Who owns the child's files in /proc: root, once it may not be dumped or
/// traced (proc(5)). And the soft limit of a core dump.
fn seen(child: &Child) -> (u32, String) {
    let folder = format!("/proc/{}", child.id());
    let limits = fs::read_to_string(format!("{folder}/limits")).unwrap();
    let line = limits.lines().find(|l| l.starts_with("Max core file size"));
    let soft = line.unwrap().split_whitespace().nth(4).unwrap();
    let owner = fs::metadata(format!("{folder}/auxv")).unwrap().uid();
    (owner, soft.to_owned())
}

#[test]
fn nobody_reads_the_memory_of_a_running_pki() {
    let folder = Folder::new();
    let pki = folder.everybodys_pki();
    let mut plain = waiting("cat", &[]);
    let mut ours = waiting(pki.to_str().unwrap(), &["inspect", "-"]);
    // It reads stdin only after the guard: give it time to come there.
    let mut tries = 0;
    while seen(&ours) != (0, "0".to_owned()) && tries < 200 {
        std::thread::sleep(std::time::Duration::from_millis(25));
        tries += 1;
    }
    let (other, us) = (seen(&plain), seen(&ours));
    for child in [&mut plain, &mut ours] {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert_ne!(other.0, 0, "the comparison must tell a difference");
    assert_eq!(us, (0, "0".to_owned()));
}
