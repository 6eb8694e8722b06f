//! Token buckets against abuse, and counters of everything unusual.

use crate::config::{Limits, Rate};
use crate::time::Timestamp;

#[cfg(test)]
mod tests;

/// How often a connection met something unusual. Never reset; a driver reads and adds them up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Streams that ended on both sides without a reset.
    pub streams_completed: u64,
    /// RST_STREAM frames received on open streams.
    pub resets_received: u64,
    /// Those of them that came soon after the stream was opened and so cost a token.
    pub rapid_resets: u64,
    /// RST_STREAM frames sent because the peer broke a stream rule.
    pub resets_provoked: u64,
    /// Streams refused because too many were open, or because the connection is going away.
    pub streams_refused: u64,
    /// Header lists over the limits.
    pub headers_too_large: u64,
    /// Empty DATA frames that did not end their stream.
    pub empty_data: u64,
    /// Frames of unknown type.
    pub unknown_frames: u64,
    /// PRIORITY frames.
    pub priority_frames: u64,
    /// Interim (1xx) responses received.
    pub interim_responses: u64,
    /// Frames on streams that had ended, and unasked acknowledgements.
    pub stray_frames: u64,
    /// PING frames received that were not acknowledgements.
    pub pings_received: u64,
    /// Pings that came too soon (gRFC A8).
    pub ping_strikes: u64,
    /// Times that windows were narrowed because the receive budget was nearly used up.
    pub pressed: u64,
    /// PING frames sent to measure the path (`Config::adaptive_window`).
    pub probes: u64,
    /// SETTINGS frames received that were not acknowledgements.
    pub settings_received: u64,
    /// Times that input was refused because answers waited to be written.
    pub input_paused: u64,
    /// 1 after a limit closed the connection (ENHANCE_YOUR_CALM).
    pub abuse_kills: u64,
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

    fn give(&mut self) {
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
