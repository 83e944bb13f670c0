//! Progress of long work: on stderr, on a terminal only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar that counts to a known end and leaves no trace.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// A bar without steps yet; an invisible one where nobody looks.
    pub(crate) fn new(visible: bool) -> Self {
        let target = if visible {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let style = ProgressStyle::with_template("{msg}  {bar:32} {pos}/{len}");
        let bar = ProgressBar::with_draw_target(None, target)
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self(bar)
    }

    /// So many steps of `what` are done, of so many; one or none is not worth a
    /// bar. May be called from any thread.
    pub(crate) fn at(&self, what: &'static str, done: usize, all: usize) {
        let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        if all < 2 {
            return;
        }
        if self.0.length() != Some(number(all)) || self.0.message() != what {
            self.0.set_length(number(all));
            self.0.set_message(what);
        }
        self.0.set_position(number(done));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
