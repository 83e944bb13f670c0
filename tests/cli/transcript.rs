//! Transcripts: Markdown that runs.
//!
//! A document is read from top to bottom in one fresh folder. A fenced block
//! whose info string has `file=PATH` writes that file. A `console` block runs
//! its lines and holds what they must say:
//!
//! ````md
//! ```toml file=pki.toml
//! version = 1
//! ```
//! ```console
//! $ pki verify --fail-on warning
//! what stdout says
//! ! what stderr says
//! ? 1
//! $ cat <<END | pki sign -
//! > a line that goes on
//! > END
//! ```
//! ````
//!
//! * Lines are run by `sh`: `truncate`, `chmod`, `printf`, `openssl`, pipes and
//!   variables are there, and the functions of `prelude.sh`. `as nobody LINE`
//!   runs a line as another user; without being root it is left out.
//! * `? N` is the exit code; without it, 0.
//! * `...` alone stands for any lines, `[..]` for anything within one.
//! * What changes from run to run is redacted (see `redact`).
//! * In `README.md` both streams stand as a terminal shows them, and dates are
//!   redacted in what is expected too.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use snapbox::filter::NormalizeToExpected;
use snapbox::{Assert, Data};

use crate::folder::{Folder, Ran, missing};
use crate::redact::redact;

/// How a document shows the two streams.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    /// stderr marked by `! `.
    Streams,
    /// As a terminal shows them.
    Terminal,
}

/// Runs a document.
///
/// # Errors
/// How what it says differs from what it should, unless `overwrite` put that
/// right in the file.
pub(crate) fn run(path: &Path, form: Form, overwrite: bool) -> Result<(), String> {
    let expected = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let (expected, actual) = replay(&expected, form, &path.display().to_string());
    if overwrite && expected != actual {
        return fs::write(path, actual).map_err(|e| format!("{}: {e}", path.display()));
    }
    Assert::new()
        .try_eq(
            Some(&path.display()),
            Data::text(actual),
            Data::text(expected).raw(),
        )
        .map_err(|difference| difference.to_string())
}

/// The document as it is (what may differ taken out, in a README), and as its
/// commands say it should be.
fn replay(text: &str, form: Form, name: &str) -> (String, String) {
    let folder = Folder::new();
    let (mut expected, mut actual) = (Document::default(), Document::default());
    let mut lines = text.lines().peekable();
    let mut stopped = false;
    while let Some(line) = lines.next() {
        expected.push(line);
        actual.push(line);
        let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) else {
            continue;
        };
        let mut block = Vec::new();
        while let Some(line) = lines.next_if(|line| *line != "```") {
            block.push(line);
        }
        let file = info
            .split_whitespace()
            .find_map(|word| word.strip_prefix("file="));
        if let Some(file) = file {
            folder.write(file, &(block.join("\n") + "\n"));
        }
        let console = file.is_none() && info.split_whitespace().next() == Some("console");
        for step in if console {
            steps(&block)
        } else {
            vec![Step::text(&block)]
        } {
            for line in &step.shown {
                expected.push(line);
                actual.push(line);
            }
            let wanted = step.expected.join("\n");
            let lack = step.command.as_deref().and_then(missing);
            if let Some(lack) = lack {
                // Past the test runner, which hides what a passing test prints.
                let _ = writeln!(std::io::stderr(), "skipped: {name}: {lack}");
                // What follows may need what a tool makes; not so a look by
                // another user.
                stopped |= !step.is_as();
            }
            let Some(command) = step
                .command
                .as_ref()
                .filter(|c| !stopped && missing(c).is_none())
            else {
                expected.lines(&wanted);
                actual.lines(&wanted);
                continue;
            };
            let said = render(&folder.run(command, form), form);
            let said = redact(&said, &folder.tree(), command);
            let wanted = match form {
                Form::Streams => wanted,
                Form::Terminal => redact(&wanted, &folder.tree(), command),
            };
            let pattern = Data::text(&wanted);
            let said = NormalizeToExpected::new()
                .redact()
                .normalize(Data::text(said), &pattern);
            expected.lines(&wanted);
            actual.lines(&said.to_string());
        }
    }
    (expected.0, actual.0)
}

/// A command with the lines that show it and those it must say.
#[derive(Default)]
struct Step<'a> {
    shown: Vec<&'a str>,
    command: Option<String>,
    expected: Vec<&'a str>,
}

impl<'a> Step<'a> {
    fn text(lines: &[&'a str]) -> Self {
        Self {
            shown: lines.to_vec(),
            ..Self::default()
        }
    }

    fn is_as(&self) -> bool {
        self.command.as_ref().is_some_and(|c| c.starts_with("as "))
    }
}

/// Splits a console block at its `$` lines.
fn steps<'a>(block: &[&'a str]) -> Vec<Step<'a>> {
    let mut steps = vec![Step::default()];
    for line in block {
        let Some(last) = steps.last_mut() else { break };
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step {
                shown: vec![line],
                command: Some(command.to_owned()),
                expected: Vec::new(),
            });
        } else if let (Some(more), Some(command), true) = (
            line.strip_prefix("> "),
            &mut last.command,
            last.expected.is_empty(),
        ) {
            last.shown.push(line);
            command.push('\n');
            command.push_str(more);
        } else {
            last.expected.push(line);
        }
    }
    steps
}

/// What a command said, as a document shows it, without a final newline.
fn render(ran: &Ran, form: Form) -> String {
    let mut lines: Vec<_> = ran.stdout.lines().map(str::to_owned).collect();
    let mark = |line: &str| format!("! {line}").trim_end().to_owned();
    lines.extend(ran.stderr.lines().map(mark));
    let ending = format!("exit {}", ran.code);
    let told = form == Form::Terminal && ran.stdout.trim_end().ends_with(&ending);
    if ran.code != 0 && !told {
        lines.push(format!("? {}", ran.code));
    }
    lines.join("\n")
}

#[derive(Default)]
struct Document(String);

impl Document {
    fn push(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn lines(&mut self, text: &str) {
        text.lines().for_each(|line| self.push(line));
    }
}

#[test]
fn what_differs_is_seen() {
    let document = |body: &str| format!("Text\n```console\n{body}```\nText\n");
    let same = |body: &str| {
        let (expected, actual) = replay(&document(body), Form::Streams, "test");
        expected == actual
    };
    assert!(same("$ echo a; echo b >&2; exit 3\na\n! b\n? 3\n"));
    assert!(same("$ printf 'a\\n\\nb\\n'\na\n\nb\n"));
    assert!(same("$ seq 9\n1\n...\n9\n$ echo abc\na[..]c\n"));
    assert!(same("$ cat <<END\n> x\n> END\nx\n"));
    assert!(same("$ remember\n$ unchanged\n"));
    assert!(same(
        "$ as nobody id -un\nnobody\n$ as nobody pki --version\npki [VERSION]\n"
    ));
    for body in [
        "$ echo a\n",
        "$ echo a\nb\n",
        "$ true\na\n",
        "$ false\n",
        "$ true\n? 1\n",
        "$ echo a >&2\na\n",
        "$ seq 9\n1\n...\n8\n",
        "$ remember\n$ touch x\n$ unchanged\n",
    ] {
        assert!(!same(body), "{body}");
    }
}

#[test]
fn files_are_written_and_prose_is_kept() {
    let text = "# T\n```toml file=a/b.toml\nx = 1\n```\n- [ ] y\n\n```console\n$ cat a/b.toml\nx = 1\n```\n```sh\n$ no\n```\n";
    let (expected, actual) = replay(text, Form::Streams, "test");
    assert_eq!(expected, text);
    assert_eq!(actual, text);
}

#[test]
fn a_readme_shows_a_terminal() {
    let text = "```console\n$ echo a >&2; echo 2026-01-02\na\n2031-01-01\n```\n";
    let (expected, actual) = replay(text, Form::Terminal, "test");
    assert_eq!(expected, actual);
    let text = "```console\n$ echo '1 error   exit 1'; exit 1\n1 error   exit 1\n```\n";
    let (expected, actual) = replay(text, Form::Terminal, "test");
    assert_eq!(expected, actual);
}
