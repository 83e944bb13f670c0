//! Signals that end the program: INT, TERM and HUP.
//!
//! Each ends it at once and by itself, so that the caller sees the signal; before
//! that one line says what stands, and the terminal is left as it was. While names
//! are changed in a tree (see [`Interrupts`]) it waits for that; a second one does
//! not. What the caller ignores, as under `nohup`, stays ignored.

use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;

use pki_core::clock;
use pki_core::store::{self, Interrupts};
use rustix::fd::OwnedFd;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::printer;

/// What a signal has to know. One for the process, as its signals are.
static STATE: Mutex<State> = Mutex::new(State {
    held: false,
    came: None,
    far: Far::Nothing,
    done: 0,
    bar: false,
    asking: None,
    goes_on: None,
});

#[derive(Debug)]
struct State {
    /// Names are being changed.
    held: bool,
    /// The signal that came meanwhile.
    came: Option<i32>,
    /// How far the work is.
    far: Far,
    /// Files that are delivered.
    done: usize,
    /// Whether a progress bar is shown.
    bar: bool,
    /// A terminal on which a secret is typed, and how it was before.
    asking: Option<(OwnedFd, Termios)>,
    /// The command that does the rest; none: the same one again.
    goes_on: Option<String>,
}

/// How far the work is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Far {
    /// Nothing was changed.
    Nothing,
    /// Something may have been.
    Begun,
    /// Nothing is left to do but to tell it.
    Done,
}

fn state() -> MutexGuard<'static, State> {
    // Nothing in it can be half done.
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Listens from now on. Where that cannot be, a signal ends the process as it ends
/// any other.
pub(crate) fn listen() {
    let ignored = ignored();
    let wanted: Vec<i32> = [SIGINT, SIGTERM, SIGHUP]
        .into_iter()
        .filter(|signal| ignored & (1 << (signal - 1)) == 0)
        .collect();
    let (give, take) = mpsc::channel::<Signals>();
    // First somebody who listens, then something to hear.
    let listener = thread::Builder::new()
        .name("signals".into())
        .stack_size(64 * 1024)
        .spawn(move || {
            for mut signals in &take {
                signals.forever().for_each(came);
            }
        });
    if listener.is_ok()
        && let Ok(signals) = Signals::new(&wanted)
    {
        // It waits for exactly this.
        let _ = give.send(signals);
    }
}

/// The signals that the caller wants ignored, a bit for each; none where `/proc`
/// does not tell.
fn ignored() -> u64 {
    let status = store::read_file(Path::new("/proc/self/status"), 64 * 1024);
    let status = status.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    mask(&status.unwrap_or_default())
}

fn mask(status: &str) -> u64 {
    let mut lines = status.lines();
    let mask = lines.find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

/// A signal came. Keeps the state until the end, so that nothing begins meanwhile.
fn came(signal: i32) {
    let mut state = state();
    match state.came {
        None if state.held => state.came = Some(signal),
        // A terminal that goes away tells it twice: by its shell and by itself.
        Some(_) if signal == SIGHUP => {}
        _ => end(&state, signal),
    }
}

/// Says what stands, and ends by the signal.
fn end(state: &State, signal: i32) {
    let start = if state.bar {
        // Takes the bar away.
        "\r\x1b[K"
    } else if printer::is_on_terminal() && (signal == SIGINT) != state.asking.is_some() {
        // Behind what the terminal shows of Ctrl-C, or the question. There Ctrl-C
        // has ended its line.
        "\n"
    } else {
        ""
    };
    if let Some((terminal, before)) = &state.asking {
        restore(terminal, before);
    }
    printer::at_once(&format!("{start}interrupted: {}\n", state.standing()));
    by(signal);
}

/// Ends by the signal, as if nobody had listened.
fn by(signal: i32) {
    // It comes back only of a signal that ends nothing.
    let _ = emulate_default_handler(signal);
}

/// As it was before; not from the background, where that would stop the process.
fn restore(terminal: &OwnedFd, before: &Termios) {
    if tcgetpgrp(terminal).is_ok_and(|group| group == rustix::process::getpgrp()) {
        let _ = tcsetattr(terminal, OptionalActions::Now, before);
    }
}

impl State {
    fn standing(&self) -> String {
        let again = match &self.goes_on {
            Some(command) => format!("`{command}` goes on"),
            None if self.done == 0 => "run the same command again".to_owned(),
            None => "`pki apply` goes on".to_owned(),
        };
        match (self.far, self.done) {
            (Far::Nothing, _) => "nothing was changed".to_owned(),
            (Far::Done, _) => "all was done".to_owned(),
            (Far::Begun, 0) => format!("it was on its way; {again}"),
            (Far::Begun, 1) => format!("1 file is in place; {again} with the rest"),
            (Far::Begun, done) => format!("{done} files are in place; {again} with the rest"),
        }
    }
}

/// What a store asks and tells.
pub(crate) struct Process;

impl Interrupts for Process {
    fn begin(&self) {
        state().far = Far::Begun;
    }

    fn hold(&self) {
        state().held = true;
    }

    fn release(&self) {
        state().held = false;
    }

    fn is_asked(&self) -> bool {
        state().came.is_some()
    }
}

/// Does what should not be broken off, well below a second, and is all that is
/// to be done.
///
/// # Errors
/// As `act`.
pub(crate) fn holding<T, E>(act: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    Process.hold();
    let done = act();
    if done.is_ok() {
        finished();
    }
    Process.release();
    done
}

/// All is done.
pub(crate) fn finished() {
    state().far = Far::Done;
}

/// Something stands that did not before.
pub(crate) fn begun() {
    Process.begin();
}

/// So many files are in place.
pub(crate) fn done(files: usize) {
    state().done = files;
}

/// A progress bar is there, or no longer.
pub(crate) fn shows_bar(bar: bool) {
    state().bar = bar;
}

/// The command that goes on where this one is interrupted.
pub(crate) fn goes_on(command: String) {
    state().goes_on = Some(command);
}

/// Asks for a secret at a terminal: a signal leaves it as it was. One that was
/// typed (Ctrl-C) is no answer: then this does not come back.
///
/// # Errors
/// As `ask`.
pub(crate) fn asking<T>(
    terminal: Option<OwnedFd>,
    ask: impl FnOnce() -> io::Result<T>,
) -> io::Result<T> {
    let before = terminal.and_then(|terminal| {
        let before = tcgetattr(&terminal).ok()?;
        Some((terminal, before))
    });
    state().asking = before;
    let answer = ask();
    if matches!(&answer, Err(e) if e.kind() == io::ErrorKind::Interrupted) {
        // The listener ends the process; not where nobody listens.
        clock::sleep(std::time::Duration::from_secs(1));
    }
    state().asking = None;
    answer
}

/// Ends by the signal that came while it was held, if one did.
pub(crate) fn end_if_came() {
    let state = state();
    let Some(signal) = state.came else { return };
    if state.far == Far::Done {
        end(&state, signal);
    }
    // What stands was told as an error.
    by(signal);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(far: Far, done: usize, goes_on: Option<&str>) -> String {
        let state = State {
            held: false,
            came: None,
            far,
            done,
            bar: false,
            asking: None,
            goes_on: goes_on.map(str::to_owned),
        };
        state.standing()
    }

    #[test]
    fn what_stands_is_said() {
        let apply = Some("pki apply --prune");
        assert_eq!(standing(Far::Done, 2, None), "all was done");
        for (said, far, done, goes_on) in [
            ("nothing was changed", Far::Nothing, 0, apply),
            (
                "it was on its way; `pki apply --prune` goes on",
                Far::Begun,
                0,
                apply,
            ),
            (
                "it was on its way; run the same command again",
                Far::Begun,
                0,
                None,
            ),
            (
                "1 file is in place; `pki apply --prune` goes on with the rest",
                Far::Begun,
                1,
                apply,
            ),
            (
                "256 files are in place; `pki apply` goes on with the rest",
                Far::Begun,
                256,
                None,
            ),
        ] {
            assert_eq!(standing(far, done, goes_on), said);
        }
    }

    #[test]
    fn what_is_ignored_is_read() {
        let status =
            "SigBlk:\t0000000000000000\nSigIgn:\t0000000000001002\nSigCgt:\t0000000000000440\n";
        assert_eq!(mask(status), 1 << (SIGINT - 1) | 1 << 12);
        assert_eq!(mask("Name:\tpki\n"), 0);
    }
}
