//! Whole processes beside what they cannot be faster than, and beside other
//! programs that do the same: one table of ratios from one run.
//!
//! `cargo bench -p pki-cli --bench whole` (minutes; `-- small` leaves out 10,000
//! services). `PKI_UNDER_TEST=/path/to/pki` measures another binary. What is
//! deleted between runs makes ext4 slow for seconds: all goes at the end.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "starts processes, writes files, prints a table; what cannot go on ends"
)]

mod bare;
mod growth;
mod peers;
mod run;
mod seeded;

use std::path::{Path, PathBuf};

use run::{Ratio, Run, seconds};

/// The smallest whole tree: a root, two servers, a client.
const FOUR: &str = r#"
version = 1
[defaults]
key = "ecdsa-p256"
[authority.root]
[service.minkms]
role = "server"
hosts = ["kms.example", "127.0.0.1"]
[service.aistor]
role = "server"
hosts = ["aistor.example", "127.0.0.1"]
connects = ["minkms"]
[service.aistor.to.minkms]
client = "client"
"#;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let [_, "bare", root, files] = args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        bare::replay(Path::new(root), Path::new(files));
        return;
    }
    let small = args.iter().any(|arg| arg == "small");
    let places = Places::new();
    println!("| what | takes | limit | ratio |");
    println!("|---|---|---|---|");
    start(&places);
    four(&places);
    rsa(&places);
    let sizes: &[usize] = if small {
        &[10, 100, 1000]
    } else {
        &[10, 100, 1000, 10_000]
    };
    growth::whole(&places, sizes);
    growth::shapes(&places, sizes);
}

/// Folders on tmpfs and on a disk.
struct Places {
    memory: Option<tempfile::TempDir>,
    disk: tempfile::TempDir,
}

impl Places {
    fn new() -> Self {
        Self {
            memory: tempfile::tempdir_in("/dev/shm").ok(),
            disk: tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap(),
        }
    }

    fn disk(&self, name: &str) -> PathBuf {
        fresh(self.disk.path(), name)
    }
}

/// A new folder; numbered where there is one.
fn fresh(above: &Path, name: &str) -> PathBuf {
    let named = |n: usize| above.join(format!("{name}-{n}"));
    let free = (0..usize::MAX)
        .map(named)
        .find(|path| !path.exists())
        .unwrap();
    std::fs::create_dir(&free).unwrap();
    free
}

fn with_manifest(folder: PathBuf, text: &str) -> PathBuf {
    std::fs::write(folder.join("pki.toml"), text).unwrap();
    folder
}

/// `pki --version`, beside the smallest process there is.
fn start(places: &Places) {
    let folder = places.disk("start");
    let often = |program: &Path, args: &[&str]| {
        seconds(200, |_| {
            Run::new(program, args, &folder).wait();
        })
    };
    let ours = often(&run::pki(), &["--version"]);
    let least = often(Path::new("true"), &[]);
    Ratio::new(
        "`pki --version`",
        &ours,
        "a process that does nothing",
        &least,
    )
    .print();
}

fn four(places: &Places) {
    let pki = run::pki();
    let apply = |folder: &Path| {
        Run::new(&pki, &["apply", "-q"], folder).go();
    };
    if let Some(memory) = &places.memory {
        let made = |name: &str, make: &dyn Fn(&Path)| {
            let folders: Vec<PathBuf> = (0..20)
                .map(|_| with_manifest(fresh(memory.path(), name), FOUR))
                .collect();
            seconds(20, |n| make(&folders[n]))
        };
        let ours = made("four", &apply);
        for (name, make) in peers::ALL {
            if peers::is_here(name) {
                let theirs = made(name, &make);
                let what = "four certificates, P-256, on tmpfs";
                Ratio::new(what, &ours, &format!("the same by {name}"), &theirs).print();
            } else {
                println!("skipped: {name} not found");
            }
        }
    }
    let folders: Vec<PathBuf> = (0..21)
        .map(|_| with_manifest(places.disk("four"), FOUR))
        .collect();
    apply(&folders[20]);
    let bares: Vec<PathBuf> = (0..20).map(|_| places.disk("bare")).collect();
    let me = std::env::current_exe().unwrap();
    let pattern = folders[20].display().to_string();
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    for (folder, bare) in folders.iter().zip(&bares) {
        ours.extend(seconds(1, |_| apply(folder)));
        limit.extend(seconds(1, |_| {
            let args = ["bare", &bare.display().to_string(), &pattern];
            Run::new(&me, &args, bare).go();
        }));
    }
    let bare = "process, keys, the same files synced";
    Ratio::new("four certificates, P-256, on disk", &ours, bare, &limit).print();
}

/// The same tree with RSA keys of 2048 bits, as the scripts have them that people
/// paste: keys alone against keys in a tree, from the same seeds.
fn rsa(places: &Places) {
    let text = FOUR.replace("ecdsa-p256", "rsa-2048");
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    for run in 0..15 {
        let folder = places.disk("rsa");
        ours.extend(seconds(1, |_| seeded::tree(&folder, &text, threads, run)));
        limit.extend(seconds(1, |_| seeded::keys(4, 2048, threads, run)));
    }
    let what = "four certificates, RSA 2048, on disk";
    Ratio::new(what, &ours, "the same keys alone", &limit).print();
}
