//! What grows with the number of services, in one table each: whole trees beside
//! a bare loop, then shapes of which a cost could grow faster than the work.

use std::path::Path;

use crate::run::{self, Run, median, rounded, seconds};
use crate::{Places, bare, with_manifest};

/// So many servers below one root.
fn servers(many: usize) -> String {
    let mut text = String::from("version = 1\n[authority.root]\n");
    for n in 0..many {
        text += &format!("[service.s{n}]\nrole = \"server\"\nhosts = [\"s{n}.example\"]\n");
    }
    text
}

/// So many servers of which each dials the next nine.
fn mesh(many: usize) -> String {
    let mut text = servers(0);
    for n in 0..many {
        let next: Vec<String> = (1..10)
            .map(|k| format!("\"s{}\"", (n + k) % many))
            .collect();
        let next = next.join(", ");
        text += &format!(
            "[service.s{n}]\nrole = \"server\"\nhosts = [\"s{n}.example\"]\nconnects = [{next}]\n"
        );
    }
    text
}

/// Apply, plan, verify, list.
pub(crate) fn whole(places: &Places, sizes: &[usize]) {
    println!(
        "\n| services | apply | bare loop | ratio | plan | pairs/s | verify | pairs/s | list | memory |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for services in sizes {
        println!("{}", row(places, *services));
    }
}

fn row(places: &Places, services: usize) -> String {
    let text = servers(services);
    let pki = run::pki();
    let rounds = if services < 10_000 { 3 } else { 1 };
    let (mut applied, mut bare, mut memory) = (Vec::new(), Vec::new(), 0);
    let mut folder = places.disk("many");
    for round in 0..rounds {
        if round > 0 {
            folder = places.disk("many");
        }
        with_manifest(folder.clone(), &text);
        applied.extend(seconds(1, |_| {
            memory = memory.max(Run::new(&pki, &["apply", "-q"], &folder).go());
        }));
        let place = places.disk("loop");
        let files = bare::files(&folder);
        bare.extend(seconds(1, |_| bare::write(&place, &files)));
    }
    let mut reading = |command: &str| {
        let all = seconds(3, |_| {
            memory = memory.max(Run::new(&pki, &[command, "-q"], &folder).go());
        });
        median(&all)
    };
    let (plan, verify, list) = (reading("plan"), reading("verify"), reading("list"));
    let (applied, bare) = (median(&applied), median(&bare));
    let rate = |time: f64| rounded(f64::from(u32::try_from(services).unwrap()) / time);
    format!(
        "| {services} | {applied:.3} s | {bare:.3} s | {:.2} | {plan:.3} s | {} | {verify:.3} s | {} | {list:.3} s | {} MB |",
        applied / bare,
        rate(plan),
        rate(verify),
        memory / 1024
    )
}

/// Its name, its manifest for so many services, and what happens to its tree.
type Shape = (&'static str, fn(usize) -> String, fn(&Path));

/// Time per service of plan and verify.
pub(crate) fn shapes(places: &Places, sizes: &[usize]) {
    let head: Vec<String> = sizes.iter().map(|n| format!(" {n} services |")).collect();
    println!("\n| shape, per service | command |{}", head.concat());
    println!("|---|---|{}", "---|".repeat(sizes.len()));
    let all: [Shape; 3] = [
        ("nine edges each", mesh, |_| {}),
        ("every certificate gone", servers, lose),
        ("every certificate another's", servers, exchange),
    ];
    for (shape, text, harm) in all {
        let mut rows = [("plan", String::new()), ("verify", String::new())];
        for services in sizes {
            let folder = with_manifest(places.disk("shape"), &text(*services));
            Run::new(&run::pki(), &["apply", "-q"], &folder).go();
            harm(&folder);
            for (command, row) in &mut rows {
                let taken = seconds(3, |_| {
                    Run::new(&run::pki(), &[command, "-q"], &folder).wait();
                });
                let each = median(&taken) / f64::from(u32::try_from(*services).unwrap());
                *row += &format!(" {:.0} µs |", each * 1e6);
            }
        }
        for (command, row) in rows {
            println!("| {shape} | `{command}` |{row}");
        }
    }
}

fn certificates(folder: &Path) -> Vec<std::path::PathBuf> {
    let files = bare::files(folder).into_iter().map(|(path, _)| path);
    let mut leaves: Vec<_> = files
        .filter(|path| path.starts_with("certs") && path.ends_with("server.crt"))
        .map(|path| folder.join(path))
        .collect();
    leaves.sort();
    leaves
}

fn lose(folder: &Path) {
    for path in certificates(folder) {
        std::fs::remove_file(path).unwrap();
    }
}

fn exchange(folder: &Path) {
    let paths = certificates(folder);
    let mut texts: Vec<Vec<u8>> = paths.iter().map(|p| std::fs::read(p).unwrap()).collect();
    texts.rotate_left(1);
    for (path, text) in paths.iter().zip(texts) {
        std::fs::write(path, text).unwrap();
    }
}
