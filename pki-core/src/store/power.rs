//! What a loss of power may leave of a run of effects: for tests.
//!
//! A disk keeps what was synced. Of the rest each change may be there or not,
//! in any combination: names of a folder, octets and mode of a file. That is
//! more than a journalling file system loses, and what POSIX allows.
#![expect(
    clippy::disallowed_methods,
    reason = "reads and writes folders as they may be left"
)]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::{Effects, Folder, FsOp, Machine, Node, OpenFile};

/// A file or folder, whatever its name.
type Inode = usize;

/// The folder that everything is in.
const ROOT: Inode = 0;

#[derive(Clone, Debug)]
struct Stored {
    is_folder: bool,
    mode: u32,
    bytes: Vec<u8>,
}

/// Files and folders, and their names.
#[derive(Clone, Debug, Default)]
struct Image {
    stored: Vec<Stored>,
    names: BTreeMap<(Inode, String), Inode>,
}

/// What one effect changes.
#[derive(Clone, Debug)]
enum Change {
    /// Names, all of them at once; `None` is a name that goes.
    Names(Vec<(Inode, String, Option<Inode>)>),
    Data {
        of: Inode,
        at: usize,
        bytes: Vec<u8>,
    },
    Cut {
        of: Inode,
        length: usize,
    },
    Mode {
        of: Inode,
        mode: u32,
    },
    Sync(Inode),
    /// Nothing that a disk keeps.
    None,
}

/// One effect, as it was done.
#[derive(Clone, Debug)]
struct Step {
    /// Its turn when it was done.
    number: usize,
    /// In words.
    what: String,
    change: Change,
}

impl Change {
    /// Whether it changes this one, or names in it.
    fn concerns(&self, inode: Inode) -> bool {
        match self {
            Self::Names(changes) => changes.iter().any(|(dir, ..)| *dir == inode),
            Self::Data { of, .. } | Self::Cut { of, .. } | Self::Mode { of, .. } => *of == inode,
            Self::Sync(_) | Self::None => false,
        }
    }
}

/// A folder as it was, and what was done to it since.
#[derive(Clone, Debug)]
pub(crate) struct Recording {
    base: Image,
    /// Every inode with what it is made as.
    made: Vec<Stored>,
    /// In the order of doing.
    steps: Vec<Step>,
}

/// What becomes of a change that was not synced.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fate {
    Kept,
    Lost,
    /// Of octets that were written: the first half.
    Torn,
}

#[derive(Debug)]
struct Live {
    now: Image,
    steps: Vec<Step>,
    /// Files by the name they were opened by.
    open: HashMap<PathBuf, Inode>,
}

/// Does every effect and writes it down. Syncs and pauses are not done: this
/// machine will not lose its power.
#[derive(Debug)]
pub(crate) struct Recorder {
    root: PathBuf,
    base: Image,
    live: Mutex<Live>,
}

impl Recorder {
    /// Begins with what is in the folder `root`.
    pub(crate) fn new(root: &Path) -> Self {
        let mut base = Image::default();
        base.read(root, None);
        Self {
            root: root.to_owned(),
            live: Mutex::new(Live {
                now: base.clone(),
                steps: Vec::new(),
                open: HashMap::new(),
            }),
            base,
        }
    }

    pub(crate) fn recording(&self) -> Recording {
        let live = self.live.lock().unwrap();
        let mut made = live.now.stored.clone();
        for (inode, stored) in made.iter_mut().enumerate() {
            // Folders and files begin empty, and only for their maker.
            *stored = self.base.stored.get(inode).cloned().unwrap_or(Stored {
                is_folder: stored.is_folder,
                mode: if stored.is_folder { 0o700 } else { 0o600 },
                bytes: Vec::new(),
            });
        }
        Recording {
            base: self.base.clone(),
            made,
            steps: live.steps.clone(),
        }
    }
}

impl Effects for Recorder {
    fn perform(&self, op: FsOp<'_>) -> io::Result<Option<OpenFile>> {
        let mut live = self.live.lock().unwrap();
        let root = self.root.display().to_string();
        let what = match format!("{op:?}").replace(&format!("{root}/"), "") {
            // How long a file is differs from run to run.
            what if what.ends_with(" bytes") => {
                what.rsplitn(3, ' ').last().unwrap_or_default().to_owned()
            }
            what => what.replace(&root, "."),
        };
        let opened = match &op {
            FsOp::CreateFile { .. } | FsOp::OpenOrCreate { .. } | FsOp::OpenExisting { .. } => {
                Some(op.path())
            }
            _ => None,
        };
        let change = live.change(&self.root, &op);
        let done = match op {
            FsOp::SyncFile { .. } | FsOp::SyncFolder { .. } | FsOp::Pause { .. } => None,
            op => Machine.perform(op)?,
        };
        live.now.apply(&change, Fate::Kept);
        if let Some(path) = opened {
            let inode = live.now.find(&self.root, &path).unwrap();
            live.open.insert(path, inode);
        }
        let number = live.steps.len();
        live.steps.push(Step {
            number,
            what,
            change,
        });
        Ok(done)
    }
}

impl Live {
    fn change(&mut self, root: &Path, op: &FsOp<'_>) -> Change {
        let folder = |live: &Self, folder: &Folder| live.now.find(root, folder.path()).unwrap();
        let named = |live: &Self, within: &Folder, name: &str| {
            let place = (folder(live, within), name.to_owned());
            (live.now.names.get(&place).copied(), place)
        };
        let add = |live: &mut Self, is_folder: bool, (dir, name): (Inode, String)| {
            live.now.stored.push(Stored {
                is_folder,
                mode: if is_folder { 0o700 } else { 0o600 },
                bytes: Vec::new(),
            });
            Change::Names(vec![(dir, name, Some(live.now.stored.len() - 1))])
        };
        let file = |live: &Self, file: &OpenFile| live.open[file.path()];
        match op {
            FsOp::MakeFolder { within, name } => {
                let (there, place) = named(self, within, name);
                there.map_or_else(|| add(self, true, place), |_| Change::None)
            }
            FsOp::CreateFile { within, name } | FsOp::OpenOrCreate { within, name } => {
                let (there, place) = named(self, within, name);
                there.map_or_else(|| add(self, false, place), |_| Change::None)
            }
            FsOp::Write { file: to, bytes } => {
                let of = file(self, to);
                Change::Data {
                    of,
                    at: self.now.stored[of].bytes.len(),
                    bytes: bytes.to_vec(),
                }
            }
            FsOp::Truncate { file: of, length } => Change::Cut {
                of: file(self, of),
                length: usize::try_from(*length).unwrap(),
            },
            FsOp::SetMode { of, mode } => Change::Mode {
                of: match of {
                    Node::File(of) => file(self, of),
                    Node::Folder(of) => folder(self, of),
                },
                mode: *mode,
            },
            FsOp::SyncFile { file: of } => Change::Sync(file(self, of)),
            FsOp::SyncFolder { folder: of } => Change::Sync(folder(self, of)),
            FsOp::Link {
                within,
                name,
                second,
            } => {
                let (inode, (dir, _)) = named(self, within, name);
                Change::Names(vec![(dir, (*second).to_owned(), inode)])
            }
            FsOp::Rename {
                from,
                name,
                to,
                new,
                ..
            } => {
                let (inode, (dir, name)) = named(self, from, name);
                let (there, (new_dir, new)) = named(self, to, new);
                if inode == there {
                    // Two names of one file: nothing happens (rename(2)).
                    return Change::None;
                }
                Change::Names(vec![(dir, name, None), (new_dir, new, inode)])
            }
            FsOp::Unlink { within, name } | FsOp::RemoveFolder { within, name } => {
                let (_, (dir, name)) = named(self, within, name);
                Change::Names(vec![(dir, name, None)])
            }
            _ => Change::None,
        }
    }
}

impl Image {
    fn read(&mut self, path: &Path, name: Option<(Inode, String)>) {
        let meta = fs::metadata(path).unwrap();
        let inode = self.stored.len();
        self.stored.push(Stored {
            is_folder: meta.is_dir(),
            mode: meta.permissions().mode() & 0o7777,
            bytes: if meta.is_dir() {
                Vec::new()
            } else {
                fs::read(path).unwrap()
            },
        });
        if let Some(name) = name {
            self.names.insert(name, inode);
        }
        if meta.is_dir() {
            for entry in fs::read_dir(path).unwrap() {
                let entry = entry.unwrap();
                let name = entry.file_name().into_string().unwrap();
                self.read(&entry.path(), Some((inode, name)));
            }
        }
    }

    fn find(&self, root: &Path, path: &Path) -> Option<Inode> {
        let below = path.strip_prefix(root).unwrap_or(path);
        below.iter().try_fold(ROOT, |dir, part: &OsStr| {
            let name = part.to_str()?.to_owned();
            self.names.get(&(dir, name)).copied()
        })
    }

    fn apply(&mut self, change: &Change, fate: Fate) {
        if fate == Fate::Lost {
            return;
        }
        match change {
            Change::Names(changes) => {
                for (dir, name, inode) in changes {
                    let place = (*dir, name.clone());
                    match inode {
                        Some(inode) => self.names.insert(place, *inode),
                        None => self.names.remove(&place),
                    };
                }
            }
            Change::Data { of, at, bytes } => {
                let to = &mut self.stored[*of].bytes;
                let kept = match fate {
                    Fate::Torn => bytes.len() / 2,
                    _ => bytes.len(),
                };
                // What was lost before it reads as zeros.
                if to.len() < at + kept {
                    to.resize(at + kept, 0);
                }
                to[*at..at + kept].copy_from_slice(&bytes[..kept]);
            }
            Change::Cut { of, length } => self.stored[*of].bytes.truncate(*length),
            Change::Mode { of, mode } => self.stored[*of].mode = *mode,
            Change::Sync(_) | Change::None => {}
        }
    }

    /// Everything that has a name, as files below `root`.
    fn write(&self, root: &Path) {
        let mut todo = vec![(ROOT, root.to_owned())];
        while let Some((dir, path)) = todo.pop() {
            let here = self
                .names
                .range((dir, String::new())..(dir + 1, String::new()));
            for ((_, name), inode) in here {
                let (stored, path) = (&self.stored[*inode], path.join(name));
                if stored.is_folder {
                    fs::create_dir(&path).unwrap();
                    todo.push((*inode, path.clone()));
                } else {
                    fs::write(&path, &stored.bytes).unwrap();
                }
                fs::set_permissions(path, fs::Permissions::from_mode(stored.mode)).unwrap();
            }
        }
    }

    /// What tells it from another one.
    fn digest(&self) -> Vec<u8> {
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        let mut todo = vec![ROOT];
        while let Some(dir) = todo.pop() {
            let here = self
                .names
                .range((dir, String::new())..(dir + 1, String::new()));
            for ((dir, name), inode) in here {
                let stored = &self.stored[*inode];
                let head = format!("{dir} {name} {} {}\0", stored.mode, stored.bytes.len());
                context.update(head.as_bytes());
                context.update(&stored.bytes);
                if stored.is_folder {
                    todo.push(*inode);
                }
            }
        }
        context.finish().as_ref().to_vec()
    }
}

/// One state of the disk that a loss of power may leave.
pub(crate) struct Left {
    image: Image,
    /// Before which step the power went, and what was lost of those before it.
    pub(crate) when: String,
}

impl Left {
    /// Writes it into an empty folder.
    pub(crate) fn write(&self, root: &Path) {
        self.image.write(root);
    }
}

impl Recording {
    /// Whether a loss of power before the step with this number leaves the same
    /// here and there: the same was done, the same of it not synced.
    pub(crate) fn is_same_at(&self, other: &Self, end: usize) -> bool {
        let numbers = |of: &Self, steps: Vec<usize>| -> BTreeSet<usize> {
            steps.into_iter().map(|i| of.steps[i].number).collect()
        };
        let done = |of: &Self| numbers(of, (0..end).collect());
        let pending = |of: &Self| numbers(of, of.pending(end));
        done(self) == done(other) && pending(self) == pending(other)
    }

    /// How many effects there were.
    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    /// From a step on, the same with one sync forgotten, or with a sync and its neighbour in the
    /// other order; each with what was done to it.
    ///
    /// Two changes that are not synced may be there in any order already, as two
    /// syncs may be done in any; and a change that comes before the sync of
    /// something else may be lost as if it came after.
    pub(crate) fn mutants(&self, from: usize) -> Vec<(String, Self)> {
        let mut mutants = Vec::new();
        for (i, step) in self.steps.iter().enumerate().skip(from) {
            if let Change::Sync(_) = step.change {
                let mut other = self.clone();
                other.steps[i].change = Change::None;
                let next = self.steps.get(i + 1).map_or("the end", |next| &next.what);
                mutants.push((format!("without: {}; before: {next}", step.what), other));
            }
            let Some(next) = self.steps.get(i + 1) else {
                continue;
            };
            let matters = match (&step.change, &next.change) {
                (Change::Sync(_) | Change::None, Change::Sync(_)) | (_, Change::None) => false,
                (Change::Sync(_), _) => true,
                (change, Change::Sync(of)) => change.concerns(*of),
                _ => false,
            };
            if matters {
                let mut other = self.clone();
                other.steps.swap(i, i + 1);
                mutants.push((format!("swapped: {}; and: {}", step.what, next.what), other));
            }
        }
        mutants
    }

    /// The states that a loss of power just before the step with this number may
    /// leave, each once: all combinations where `few` or fewer changes were not
    /// synced; else all, none, each alone lost, each alone kept, and some more.
    /// What is in `known` is left out and what is given added.
    pub(crate) fn left_at(
        &self,
        end: usize,
        few: usize,
        known: &mut BTreeSet<Vec<u8>>,
    ) -> Vec<Left> {
        let pending = self.pending(end);
        let mut left = Vec::new();
        for fates in self.fates(&pending, few, end) {
            let mut image = self.base.clone();
            image.stored.clone_from(&self.made);
            for (i, step) in self.steps[..end].iter().enumerate() {
                let fate = fates.get(&i).copied().unwrap_or(Fate::Kept);
                image.apply(&step.change, fate);
            }
            if known.insert(image.digest()) {
                let told = fates.iter().filter(|(_, fate)| **fate != Fate::Kept);
                let told: Vec<String> = told
                    .map(|(i, fate)| format!("\n  {fate:?}: {i} {}", self.steps[*i].what))
                    .collect();
                let last = self.steps.get(end).map_or("the end", |s| &s.what);
                left.push(Left {
                    image,
                    when: format!("power lost before {end} ({last}){}", told.concat()),
                });
            }
        }
        left
    }

    /// What is not on the disk for sure before `end`.
    fn pending(&self, end: usize) -> Vec<usize> {
        let steps = 0..end;
        steps.filter(|i| !self.is_durable(*i, end)).collect()
    }

    /// Whether what a step did is on the disk for sure before `end`.
    fn is_durable(&self, step: usize, end: usize) -> bool {
        let synced = |inode: Inode| {
            let after = self.steps[step + 1..end].iter();
            let mut syncs = after.filter_map(|s| match s.change {
                Change::Sync(of) => Some(of),
                _ => None,
            });
            syncs.any(|of| of == inode)
        };
        match &self.steps[step].change {
            Change::Names(changes) => changes.iter().all(|(dir, ..)| synced(*dir)),
            Change::Data { of, .. } | Change::Cut { of, .. } | Change::Mode { of, .. } => {
                synced(*of)
            }
            Change::Sync(_) | Change::None => true,
        }
    }

    fn fates(&self, pending: &[usize], few: usize, end: usize) -> Vec<BTreeMap<usize, Fate>> {
        let is_data = |i: &usize| matches!(self.steps[*i].change, Change::Data { .. });
        let all = |fate: Fate| {
            pending
                .iter()
                .map(|i| (*i, fate))
                .collect::<BTreeMap<_, _>>()
        };
        let mut found = vec![all(Fate::Kept)];
        if pending.len() <= few {
            for choice in 1_u32..1 << pending.len() {
                let lost = pending
                    .iter()
                    .enumerate()
                    .filter(|(bit, _)| choice >> bit & 1 == 1);
                found.push(lost.map(|(_, i)| (*i, Fate::Lost)).collect());
            }
        } else {
            found.push(all(Fate::Lost));
            for i in pending {
                found.push([(*i, Fate::Lost)].into());
                let mut alone = all(Fate::Lost);
                alone.insert(*i, Fate::Kept);
                found.push(alone);
            }
            // The same in every run: xorshift, seeded by the place.
            let mut state = (end as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
            for _ in 0..pending.len() {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let lost = pending
                    .iter()
                    .enumerate()
                    .filter(|(bit, _)| state >> (bit % 61) & 1 == 1);
                found.push(lost.map(|(_, i)| (*i, Fate::Lost)).collect());
            }
        }
        for i in pending.iter().filter(|i| is_data(i)) {
            found.push([(*i, Fate::Torn)].into());
        }
        found
    }
}
