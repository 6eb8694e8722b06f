//! The clock of a connection: tokio's, so that tests can pause it, told as HTTP/2 wants it.

use protocall_http2::Timestamp;
use tokio::time::Instant;

/// Counts from the moment at which it was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    epoch: Instant,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { epoch: Instant::now() }
    }

    pub(crate) fn now(self) -> Timestamp {
        let nanos = self.epoch.elapsed().as_nanos();
        Timestamp::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// The instant of a timestamp.
    pub(crate) fn instant(self, at: Timestamp) -> Instant {
        self.epoch + at.since(Timestamp::ZERO)
    }
}
