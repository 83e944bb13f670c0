//! Whoever may be asked to end while a tree is changed.

/// Asked and told by a store, so that a program which a signal wants to end does
/// so between two deliveries, not within one. What each method does by default is
/// right where nobody is to be held up.
pub trait Interrupts: Send + Sync {
    /// The lock is ours: from now on something may stand that did not before,
    /// such as what is staged.
    fn begin(&self) {}

    /// What is done from now on should not be broken off: names are changed, and a
    /// pair is half new for up to 100 ms. Well below a second, where the disk is.
    fn hold(&self) {}

    /// It may be broken off again.
    fn release(&self) {}

    /// Whether to stop before the next batch.
    fn is_asked(&self) -> bool {
        false
    }
}

/// Nobody asks.
pub(super) struct Nobody;

impl Interrupts for Nobody {}

/// Holds as long as it is there.
pub(super) struct Held<'a>(&'a dyn Interrupts);

impl<'a> Held<'a> {
    pub(super) fn new(interrupts: &'a dyn Interrupts) -> Self {
        interrupts.hold();
        Self(interrupts)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.release();
    }
}
