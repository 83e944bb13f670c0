//! Progress of long work: on stderr, on a terminal only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::signals;

/// A bar that counts to a known end and leaves no trace.
pub(crate) struct Progress {
    bar: ProgressBar,
    visible: bool,
}

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
        Self { bar, visible }
    }

    /// So many steps of `what` are done, of so many; one or none is not worth a
    /// bar. May be called from any thread.
    pub(crate) fn at(&self, what: &'static str, done: usize, all: usize) {
        let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        if all < 2 {
            return;
        }
        signals::shows_bar(self.visible);
        if self.bar.length() != Some(number(all)) || self.bar.message() != what {
            self.bar.set_length(number(all));
            self.bar.set_message(what);
        }
        self.bar.set_position(number(done));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        signals::shows_bar(false);
    }
}
