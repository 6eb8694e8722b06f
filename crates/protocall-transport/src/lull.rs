//! When a connection has had nothing to do for a while and gives back the memory that only work
//! needs. What that is, its owner knows; here is only when.

use std::time::Duration;
use tokio::time::Instant;

/// Long beside any pause between calls of a busy client, short beside the life of an idle one.
const AFTER: Duration = Duration::from_secs(1);

/// Whether there is a lull. Work costs no look at the clock, but for the first after a lull.
#[derive(Debug, Default)]
pub(crate) struct Lull {
    /// When to look whether there was work since.
    at: Option<Instant>,
    worked: bool,
}

impl Lull {
    /// There is work.
    #[inline]
    pub(crate) fn work(&mut self) {
        self.worked = true;
        self.stir();
    }

    /// There is something, but so little that memory for it can be had anew each time: a lull goes
    /// on, and gives back again what was taken meanwhile.
    #[inline]
    pub(crate) fn stir(&mut self) {
        if self.at.is_none() {
            self.at = Some(Instant::now() + AFTER);
        }
    }

    /// When [`Lull::begins`] wants to be asked.
    pub(crate) const fn next(&self) -> Option<Instant> {
        self.at
    }

    /// Whether there was no work for a while; said once for each lull.
    pub(crate) fn begins(&mut self, now: Instant) -> bool {
        if self.at.is_none_or(|at| at > now) {
            return false;
        }
        let worked = std::mem::take(&mut self.worked);
        self.at = worked.then(|| now + AFTER);
        !worked
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_lull_begins_when_there_was_no_work_for_a_second() {
        let mut lull = Lull::default();
        assert_eq!(lull.next(), None, "a new connection has nothing to give back");
        lull.work();
        let first = lull.next().unwrap();
        lull.work();
        assert_eq!(lull.next(), Some(first), "the clock is not looked at again");
        assert!(!lull.begins(first - Duration::from_nanos(1)));
        assert!(!lull.begins(first), "there was work in this second");
        assert_eq!(lull.next(), Some(first + AFTER));
        assert!(lull.begins(first + AFTER));
        assert_eq!(lull.next(), None);
        assert!(!lull.begins(first + 2 * AFTER), "said once");
        lull.work();
        assert!(lull.next().is_some());
    }

    #[test]
    fn what_is_next_to_nothing_does_not_end_a_lull() {
        let mut lull = Lull::default();
        for _ in 0..3 {
            lull.stir();
            let at = lull.next().unwrap();
            lull.stir();
            assert!(lull.begins(at), "each time");
        }
        lull.work();
        let at = lull.next().unwrap();
        lull.stir();
        assert!(!lull.begins(at));
    }
}
