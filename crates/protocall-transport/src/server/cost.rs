//! What a handler costs: the connection's task each time it is polled there, and in memory, where
//! clients do not take its responses.
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
/// A single measurement counts as this much at most, so that an accident is soon forgotten. One
/// that reaches it has kept its connection's other calls waiting for as long as a thousand of them
/// take.
const LONGEST: Duration = Duration::from_millis(1);
/// Measurements below [`LONGEST`] in a row before a handler that reached it can be quick again: one
/// slow call in a hundred must not meet its connection each time, and what the detour costs until
/// then is less than one such call.
const PROBATION: u32 = 512;
/// The share of a measurement in the average: one eighth, so that a few tell.
const SHARE: u32 = 8;

/// The average time that a poll of a handler takes, and what its responses hold that have to wait
/// for their clients, over all connections.
#[derive(Debug, Default)]
pub struct Cost {
    nanos: AtomicU32,
    slow: AtomicBool,
    /// Measurements until it may be quick again.
    probation: AtomicU32,
    waiting: AtomicU32,
}

impl Cost {
    /// Counts a poll that took so long.
    pub fn note(&self, took: Duration) {
        // two connections may measure at once and one of them be lost: it is a sample anyway
        let old = self.nanos.load(Ordering::Relaxed);
        let left = match self.probation.load(Ordering::Relaxed) {
            _ if took >= LONGEST => PROBATION,
            left => left.saturating_sub(1),
        };
        self.probation.store(left, Ordering::Relaxed);
        let took = u32::try_from(took.min(LONGEST).as_nanos()).unwrap_or(u32::MAX);
        let new = old - old / SHARE + took / SHARE;
        self.nanos.store(new, Ordering::Relaxed);
        let average = Duration::from_nanos(u64::from(new));
        if average > SLOW {
            self.slow.store(true, Ordering::Relaxed);
        } else if average < QUICK && left == 0 {
            self.slow.store(false, Ordering::Relaxed);
        }
    }

    /// Counts a response that is complete, of which so many bytes have to wait for its client.
    pub(super) fn note_waiting(&self, bytes: usize) {
        if bytes > 0 {
            let old = self.waiting.load(Ordering::Relaxed);
            let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
            self.waiting.store(bytes.max(old - old / SHARE), Ordering::Relaxed);
        }
    }

    /// Bytes that a response is to be expected to hold which has to wait: the largest of late. 0
    /// where none had to.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed) as usize
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
        cost.note(Duration::from_micros(900));
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

    #[test]
    fn the_largest_of_late_is_expected_to_wait() {
        let cost = Cost::default();
        assert_eq!(cost.waiting(), 0);
        cost.note_waiting(8_000);
        for _ in 0..3 {
            cost.note_waiting(10);
            cost.note_waiting(0);
        }
        assert_eq!(cost.waiting(), 5_360);
        cost.note_waiting(usize::MAX);
        assert_eq!(cost.waiting(), u32::MAX as usize);
    }

    #[test]
    fn slow_for_as_long_as_one_call_in_a_hundred_is_very_slow() {
        let cost = Cost::default();
        for call in 0..10_000 {
            cost.note(if call % 100 == 0 { SLOW * 100 } else { Duration::from_micros(2) });
            assert!(cost.is_slow(), "call {call}");
        }
        let quick = (0..).find(|_| {
            cost.note(Duration::from_micros(2));
            !cost.is_slow()
        });
        assert_eq!(quick, Some(PROBATION as usize - 100), "an accident is forgotten");
    }
}
