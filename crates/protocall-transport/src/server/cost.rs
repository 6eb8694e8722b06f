//! What a handler costs the connection's task each time it is polled there.
//!
//! Handlers run where their connection is served, which is fastest as long as they are quick. One
//! that keeps the task busy makes all other calls of the connection wait: its cost is measured, on
//! a sample of calls, so that the layer above can run it elsewhere.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

/// An average above this makes a handler slow: several times what a wake-up elsewhere costs.
const SLOW: Duration = Duration::from_micros(50);
/// An average below this makes it quick again; the distance keeps it from changing back and forth.
const QUICK: Duration = Duration::from_micros(25);
/// A single measurement counts as this much at most, so that an accident is soon forgotten.
const LONGEST: Duration = Duration::from_millis(1);
/// The share of a measurement in the average: one eighth, so that a few tell.
const SHARE: u32 = 8;

/// The average time that a poll of a handler takes, over all connections.
#[derive(Debug, Default)]
pub struct Cost {
    nanos: AtomicU32,
    slow: AtomicBool,
}

impl Cost {
    /// Counts a poll that took so long.
    pub fn note(&self, took: Duration) {
        // two connections may measure at once and one of them be lost: it is a sample anyway
        let old = self.nanos.load(Ordering::Relaxed);
        let took = u32::try_from(took.min(LONGEST).as_nanos()).unwrap_or(u32::MAX);
        let new = old - old / SHARE + took / SHARE;
        self.nanos.store(new, Ordering::Relaxed);
        let average = Duration::from_nanos(u64::from(new));
        if average > SLOW {
            self.slow.store(true, Ordering::Relaxed);
        } else if average < QUICK {
            self.slow.store(false, Ordering::Relaxed);
        }
    }

    /// Whether calls of this handler should run elsewhere than on their connection's task.
    #[must_use]
    pub fn is_slow(&self) -> bool {
        self.slow.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_after_few_and_quick_again_after_some() {
        let cost = Cost::default();
        for _ in 0..1000 {
            cost.note(Duration::from_micros(2));
        }
        assert!(!cost.is_slow());
        cost.note(Duration::from_millis(5));
        assert!(cost.is_slow(), "one long poll tells");
        let quick = (1..100).find(|_| {
            cost.note(Duration::from_micros(2));
            !cost.is_slow()
        });
        assert!(matches!(quick, Some(5..60)), "{quick:?}");
        for _ in 0..100 {
            cost.note(Duration::from_micros(80));
        }
        assert!(cost.is_slow());
        for _ in 0..100 {
            cost.note(Duration::from_micros(30));
        }
        assert!(cost.is_slow(), "not quick enough to change back");
    }
}
