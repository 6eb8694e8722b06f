//! Which polls of handlers are measured. What is made of the figures is [`cost`](super::cost)'s.

use std::time::Duration;

/// Which polls are measured: a sample, since two looks at the clock cost as much as a frame; all of
/// them for a while after one that was long.
#[derive(Debug, Default)]
pub(super) struct Attention {
    count: u32,
    alert: u32,
}

impl Attention {
    /// One poll in so many is measured.
    const SAMPLE: u32 = 16;
    /// A poll of this length raises attention.
    const LONG: Duration = Duration::from_micros(100);
    /// Polls that are measured after a long one.
    const ALERT: u32 = 256;

    pub(super) const fn is_due(&mut self) -> bool {
        self.count = self.count.wrapping_add(1);
        if self.alert > 0 {
            self.alert -= 1;
            return true;
        }
        self.count.is_multiple_of(Self::SAMPLE)
    }

    pub(super) fn note(&mut self, took: Duration) {
        if took >= Self::LONG {
            self.alert = Self::ALERT;
        }
    }
}

/// Real time, whatever clock deadlines go by: a paused clock makes no handler quick.
pub(super) fn std_now() -> std::time::Instant {
    std::time::Instant::now()
}
