//! One command on one broken machine: what it did, what it said, what is left.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use crate::process::{Ran, Running, is_long, run, say};
use crate::scene::{EXTRA, copy, edit, make, manifest};
use crate::whole::{Files, look, pairs_match, settled, survives};

/// What is tried on a broken machine.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Deed {
    Init,
    Hosts,
    Prune,
    Renew,
    Rekey,
    Issue,
}

pub(crate) const DEEDS: [Deed; 6] = [
    Deed::Init,
    Deed::Hosts,
    Deed::Prune,
    Deed::Renew,
    Deed::Rekey,
    Deed::Issue,
];

/// All of them in the long form.
pub(crate) fn some_of(all: &[Deed], some: &[Deed]) -> Vec<Deed> {
    if is_long() { all } else { some }.to_vec()
}

impl Deed {
    /// The command.
    pub(crate) fn words(self) -> Vec<&'static str> {
        let words = match self {
            Self::Init => "init",
            Self::Hosts => "apply",
            Self::Prune => "apply --prune",
            Self::Renew => "renew --force",
            Self::Rekey => "renew --force --rekey",
            Self::Issue => "issue server more --san more.example.com",
        };
        words.split(' ').collect()
    }

    /// A tree as it is before, in `tree`.
    fn prepare(self, master: &Path, tree: &Path) {
        if self == Self::Init {
            let _ = fs::remove_dir_all(tree);
            fs::create_dir_all(tree).unwrap();
            return;
        }
        copy(master, tree);
        match self {
            Self::Hosts => edit(tree, &manifest("other.example.com", EXTRA)),
            Self::Prune => edit(tree, &manifest("web.example.com", "")),
            _ => {}
        }
    }

    fn gone(self) -> &'static str {
        if self == Self::Prune { "extra" } else { "" }
    }

    /// The machine works again: so does the next command.
    pub(crate) fn heals(self, tree: &Path, ran: &Ran) {
        let next = run(tree, &self.completed(tree));
        assert!(next.code() == 0, "{self:?}: {next}\nafter {ran}");
        settled(tree).unwrap_or_else(|e| panic!("{self:?}: {e}\nafter {ran}\nand {next}"));
    }

    /// What completes it on a machine that works again.
    pub(crate) fn completed(self, tree: &Path) -> Vec<&'static str> {
        match self {
            Self::Init if !tree.join("pki.toml").exists() => vec!["init"],
            Self::Prune => self.words(),
            _ => vec!["apply"],
        }
    }
}

/// A tree to start from, and what was said by the trials with it.
pub(crate) struct Bench {
    master: PathBuf,
    said: Mutex<BTreeSet<String>>,
}

impl Bench {
    /// Makes the tree to start from.
    pub(crate) fn new(folder: &Path) -> Self {
        let master = folder.join("master");
        make(&master);
        edit(&master, &manifest("web.example.com", EXTRA));
        run(&master, &["apply"]).fine();
        Self {
            master,
            said: Mutex::default(),
        }
    }

    /// A fresh tree in `tree`, ready for a deed.
    pub(crate) fn prepare(&self, deed: Deed, tree: &Path) -> Files {
        deed.prepare(&self.master, tree);
        look(tree)
    }

    /// Runs it, and judges what it said and what is left. `cause` are the
    /// words of the system, any of them. Whether it failed.
    pub(crate) fn fails(
        &self,
        before: &Files,
        deed: Deed,
        tree: &Path,
        command: Command,
        cause: &[&str],
    ) -> Ran {
        let ran = Running::start(command).wait();
        if ran.code() != 0 {
            self.note(&ran, deed, tree);
            told(&ran, cause).unwrap_or_else(|e| panic!("{deed:?}: {e}: {ran}"));
        }
        let now = look(tree);
        survives(before, &now, deed.gone()).unwrap_or_else(|e| panic!("{deed:?}: {e}: {ran}"));
        pairs_match(&now).unwrap_or_else(|e| panic!("{deed:?}: {e}: {ran}"));
        ran
    }

    /// Keeps a message for [`Self::tell`].
    fn note(&self, ran: &Ran, deed: Deed, tree: &Path) {
        let text = format!("{}{}", ran.stdout, ran.stderr);
        let text = text.replace(&tree.display().to_string(), "TREE");
        let text = format!(
            "{} [{}] {}",
            deed.words().join(" "),
            ran.code(),
            text.trim()
        );
        self.said.lock().unwrap().insert(text.replace("\n\n", "\n"));
    }

    /// In the long form, all that was said, for a person to judge.
    pub(crate) fn tell(&self, test: &str) {
        if is_long() {
            for text in self.said.lock().unwrap().iter() {
                say(&format!("{test}: {}", text.replace('\n', "\n    ")));
            }
        }
    }
}

/// Whether it ended as the exit codes say, and names the file and the cause.
fn told(ran: &Ran, cause: &[&str]) -> Result<(), &'static str> {
    // What bars an issue is a finding of its own.
    let barred = ran.code() == 2 && ran.stderr.contains("` was not issued: ");
    if !barred && !matches!(ran.code(), 1 | 3 | 4) {
        return Err("another exit code");
    }
    let text = format!("{}{}", ran.stdout, ran.stderr);
    // What is long goes on in the next line.
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if !cause.iter().any(|words| flat.contains(words)) {
        return Err("it does not say why");
    }
    let is_held = ran.code() == 4 && !ran.stderr.contains("error: ");
    if is_held
        && !["\n  error  in-the-way\n", "\n         fix  "]
            .iter()
            .all(|w| text.contains(w))
    {
        return Err("it does not say what is in the way of the rest");
    }
    if barred || is_held || ran.code() == 1 {
        // A finding: it has its file as a heading.
        return Ok(());
    }
    let has_path = text
        .split('`')
        .skip(1)
        .step_by(2)
        .any(|word| word.contains('/'));
    if !ran.stderr.starts_with("error: ") || !has_path {
        return Err("it does not say what");
    }
    if !ran.stderr.contains("\nhint: ") {
        return Err("it does not say what to do");
    }
    let goes_on =
        ["` goes on with what is missing", "clears up"].map(|words| ran.stderr.contains(words));
    if (ran.code() == 4) != goes_on.contains(&true) {
        return Err("it does not say how it goes on");
    }
    if ran.stderr.matches("error: ").count() != 1 {
        return Err("more than one message");
    }
    Ok(())
}
