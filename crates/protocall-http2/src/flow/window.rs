//! The window for what we send on a stream.

use super::MAX_WINDOW;

/// A stream's send window as a difference to the peer's initial window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StreamWindow {
    delta: i64,
}

impl StreamWindow {
    /// What may be sent; negative after the peer lowered its initial window (RFC 9113 section
    /// 6.9.2).
    pub(crate) const fn available(self, initial: i64) -> i64 {
        initial + self.delta
    }

    pub(crate) const fn delta(self) -> i64 {
        self.delta
    }

    pub(crate) fn debit(&mut self, bytes: usize) {
        self.delta -= bytes as i64;
    }

    /// Adds the peer's increment; false (and unchanged) if the window would pass 2^31-1.
    #[must_use]
    pub(crate) fn credit(&mut self, initial: i64, increment: u32) -> bool {
        let fits = self.available(initial) + i64::from(increment) <= MAX_WINDOW;
        if fits {
            self.delta += i64::from(increment);
        }
        fits
    }
}
