//! The window for what we send on a stream.

use super::MAX_WINDOW;

/// A stream's send window as a difference to the peer's initial window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StreamWindow {
    /// Nothing is sent beyond a window, and no credit lifts one above 2^31-1, so the difference to
    /// an initial window between 0 and that fits.
    delta: i32,
}

impl StreamWindow {
    /// What may be sent; negative after the peer lowered its initial window (RFC 9113 section
    /// 6.9.2).
    pub(crate) const fn available(self, initial: i64) -> i64 {
        initial + self.delta as i64
    }

    pub(crate) const fn delta(self) -> i64 {
        self.delta as i64
    }

    pub(crate) fn debit(&mut self, bytes: usize) {
        self.delta = self.delta.saturating_sub_unsigned(bytes as u32);
    }

    /// Adds the peer's increment; false (and unchanged) if the window would pass 2^31-1.
    #[must_use]
    pub(crate) fn credit(&mut self, initial: i64, increment: u32) -> bool {
        let fits = self.available(initial) + i64::from(increment) <= MAX_WINDOW;
        if fits {
            self.delta = self.delta.saturating_add_unsigned(increment);
        }
        fits
    }
}
