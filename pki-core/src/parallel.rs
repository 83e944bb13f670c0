//! The same work on all cores.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Items that one thread takes at a time: fewer are not worth another thread.
const RUN: usize = 64;

/// How many cores this process may use.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Does `work` in this thread and in others, `threads` in all, and returns when
/// each has ended. Fewer where the system gives no more. A panic is passed on.
pub(crate) fn crew(threads: usize, work: impl Fn() + Sync) {
    thread::scope(|scope| {
        for _ in 1..threads {
            let other = thread::Builder::new().spawn_scoped(scope, &work);
            if other.is_err() {
                break;
            }
        }
        work();
    });
}

/// What `work` makes of each item, in their order.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    in_runs(items, |run| run.iter().map(&work).collect())
}

/// What `work` makes of each item, in their order, by up to `threads` at a time:
/// for work that waits.
pub(crate) fn each<T: Sync, R: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    spread(items, 1, threads, |run| run.iter().map(&work).collect())
}

/// Those that `test` picks, in their order.
pub(crate) fn filter<T: Sync>(items: &[T], test: impl Fn(&T) -> bool + Sync) -> Vec<&T> {
    let picked = map(items, test);
    let both = items.iter().zip(picked);
    both.filter_map(|(item, is)| is.then_some(item)).collect()
}

/// What `work` makes of neighbours, run by run, in their order.
pub(crate) fn in_runs<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&[T]) -> Vec<R> + Sync,
) -> Vec<R> {
    if items.len() <= RUN {
        return work(items);
    }
    spread(items, RUN, cores(), work)
}

fn spread<T: Sync, R: Send>(
    items: &[T],
    run: usize,
    threads: usize,
    work: impl Fn(&[T]) -> Vec<R> + Sync,
) -> Vec<R> {
    let runs: Vec<&[T]> = items.chunks(run).collect();
    let (next, made) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    crew(threads.min(runs.len()), || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(run) = runs.get(at) else { return };
            let results = work(run);
            made.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push((at, results));
        }
    });
    let mut made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
    made.sort_unstable_by_key(|(at, _)| *at);
    made.into_iter().flat_map(|(_, results)| results).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_the_items() {
        for many in [0, 1, RUN, RUN + 1, 10 * RUN + 7] {
            let items: Vec<usize> = (0..many).collect();
            let doubled: Vec<usize> = items.iter().map(|n| 2 * n).collect();
            assert_eq!(map(&items, |n| 2 * n), doubled, "{many}");
            assert_eq!(each(&items, 3, |n| 2 * n), doubled, "{many}");
        }
    }

    #[test]
    fn everybody_works_and_a_panic_is_passed_on() {
        let came = AtomicUsize::new(0);
        crew(5, || {
            came.fetch_add(1, Ordering::Relaxed);
        });
        assert_eq!(came.into_inner(), 5);
        let items: Vec<usize> = (0..10 * RUN).collect();
        let broken = std::panic::catch_unwind(|| map(&items, |n| assert_ne!(*n, 5 * RUN)));
        assert!(broken.is_err());
    }
}
