//! When a handler's polls are measured. What the figures are for is `cost`'s part.

use std::time::Duration;

/// Which polls are measured: a sample, since two looks at the clock cost as much as a frame; all of
/// them for a while after one that was long.
#[derive(Debug, Default)]
pub(crate) struct Attention {
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

    pub(crate) const fn is_due(&mut self) -> bool {
        self.count = self.count.wrapping_add(1);
        if self.alert > 0 {
            self.alert -= 1;
            return true;
        }
        self.count.is_multiple_of(Self::SAMPLE)
    }

    pub(crate) fn note(&mut self, took: Duration) {
        if took >= Self::LONG {
            self.alert = Self::ALERT;
        }
    }
}

/// Real time, whatever clock deadlines go by: a paused clock makes no handler quick.
pub(crate) fn std_now() -> std::time::Instant {
    std::time::Instant::now()
}
