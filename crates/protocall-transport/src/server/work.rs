//! How many calls may be at work at once, over all connections that are given a clone of the limit.
//! A call without a limit pays one branch.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The bound on calls at work; none by default. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct WorkLimit(Option<Arc<Work>>);

#[derive(Debug)]
struct Work {
    limit: usize,
    at_work: AtomicUsize,
}

impl WorkLimit {
    /// At most so many calls, from the moment that their handler is called until it has ended.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self(Some(Arc::new(Work { limit, at_work: AtomicUsize::new(0) })))
    }

    /// How many calls are at work; 0 when nothing bounds them, since they are not counted then.
    #[must_use]
    pub fn at_work(&self) -> usize {
        self.0.as_ref().map_or(0, |work| work.at_work.load(Ordering::Relaxed))
    }

    /// A call begins to work; `Err` with the limit when as many do already.
    pub(super) fn enter(&self) -> Result<Option<Permit>, usize> {
        let Some(work) = &self.0 else { return Ok(None) };
        let permit = Permit(Arc::clone(work));
        // counted first and given back: two that come at once must not both be the last
        if work.at_work.fetch_add(1, Ordering::Relaxed) < work.limit {
            Ok(Some(permit))
        } else {
            Err(work.limit)
        }
    }
}

/// Held by a call at work.
#[derive(Debug)]
pub(super) struct Permit(Arc<Work>);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.at_work.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_met_and_not_crossed() {
        let limit = WorkLimit::new(2);
        let (first, second) = (limit.enter().unwrap(), limit.enter().unwrap());
        assert_eq!(limit.enter().unwrap_err(), 2);
        assert_eq!(limit.at_work(), 2);
        drop(first);
        assert!(limit.enter().is_ok());
        drop(second);
        assert_eq!(limit.at_work(), 0);
        assert!(WorkLimit::default().enter().unwrap().is_none());
    }
}
