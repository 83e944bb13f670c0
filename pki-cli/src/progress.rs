//! Progress of long work: on stderr, on a terminal only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar that counts to a known end and leaves no trace.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// A bar of `total` steps; an invisible one where nobody looks.
    pub(crate) fn new(what: &str, total: usize, visible: bool) -> Self {
        let total = u64::try_from(total).unwrap_or(u64::MAX);
        let target = if visible {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let style = ProgressStyle::with_template("{msg}  {bar:32} {pos}/{len}");
        let bar = ProgressBar::with_draw_target(Some(total), target)
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
            .with_message(what.to_owned());
        Self(bar)
    }

    /// `done` steps are done. May be called from any thread.
    pub(crate) fn at(&self, done: usize) {
        self.0.set_position(u64::try_from(done).unwrap_or(u64::MAX));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
