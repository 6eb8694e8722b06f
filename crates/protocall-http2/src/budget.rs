//! Token buckets against abuse. What was met is counted in `counters`, by the names of `limit`.

mod counters;
mod limit;

use crate::config::{Limits, Rate};
use crate::error::{ConnectionError, ConnectionErrorKind};
use crate::time::Timestamp;

pub use counters::Counters;
pub(crate) use counters::Tally;
pub use limit::Limit;

#[cfg(test)]
mod tests;

impl Counters {
    /// A connection has ended with this error.
    pub(crate) fn count_end(&mut self, error: &ConnectionError) {
        if let Some(limit) = error.limit {
            *limit.counter(self) += 1;
        }
        match error.kind {
            ConnectionErrorKind::NotHttp2 => self.foreign_protocols += 1,
            ConnectionErrorKind::Protocol => self.protocol_kills += 1,
            ConnectionErrorKind::Abuse => self.abuse_kills += 1,
            ConnectionErrorKind::Timeout => self.timeout_kills += 1,
        }
    }
}

/// The budgets of one connection.
#[derive(Debug)]
pub(crate) struct Budgets {
    pub(crate) resets_received: TokenBucket,
    pub(crate) resets_sent: TokenBucket,
    pub(crate) useless_frames: TokenBucket,
}

impl Budgets {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            resets_received: TokenBucket::new(limits.resets_received),
            resets_sent: TokenBucket::new(limits.resets_sent),
            useless_frames: TokenBucket::new(limits.useless_frames),
        }
    }

    /// A stream ended well, which pays for a reset.
    pub(crate) fn completed(&mut self) {
        self.resets_received.give();
        self.resets_sent.give();
    }
}

/// A token, in the bucket's unit: tokens come back a billionth at a time, one `per_second` each
/// nanosecond.
const TOKEN: u64 = 1_000_000_000;

/// A budget that refills with time: `burst` in a row, `per_second` on average.
#[derive(Debug)]
pub(crate) struct TokenBucket {
    rate: Rate,
    level: u64,
    filled_at: Timestamp,
}

impl TokenBucket {
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, level: u64::from(rate.burst) * TOKEN, filled_at: Timestamp::ZERO }
    }

    /// Takes a token; false if there is none.
    #[must_use]
    pub(crate) fn take(&mut self, now: Timestamp) -> bool {
        self.refill(now);
        match self.level.checked_sub(TOKEN) {
            Some(rest) => {
                self.level = rest;
                true
            }
            None => false,
        }
    }

    pub(crate) fn give(&mut self) {
        self.level = self.level.saturating_add(TOKEN).min(self.full());
    }

    fn refill(&mut self, now: Timestamp) {
        let elapsed = now.as_nanos().saturating_sub(self.filled_at.as_nanos());
        self.filled_at = self.filled_at.max(now);
        let back = elapsed.saturating_mul(u64::from(self.rate.per_second));
        self.level = self.level.saturating_add(back).min(self.full());
    }

    fn full(&self) -> u64 {
        u64::from(self.rate.burst) * TOKEN
    }
}
