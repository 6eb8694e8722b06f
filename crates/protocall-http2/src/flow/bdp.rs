//! How much the path to the peer holds: bandwidth times delay, estimated from what arrives between
//! a PING and its answer, as grpc-go does. It only counts and divides; PINGs, windows and SETTINGS
//! are the connection's part (`recv::adapt`).
//!
//! A window that limits its sender lets through one window a round trip. So a sample near the
//! estimate says that the window is too small, unless a larger one has brought no more before, or
//! the answer took so long that it must have waited in a queue: behind a window which is too large
//! all of it comes before the answer, any window seems to fit, and whoever shares the connection
//! waits behind a full one. Within a machine, where copying is all that limits and each round trip
//! is a queue of some kind, that cannot be told from time: windows stay small there.

use core::time::Duration;

use crate::time::Timestamp;

#[cfg(test)]
mod tests;

/// Of the estimate, in a hundredth: a sample from here on says that the window limits. Credit goes
/// back by halves, so a window of less than twice what the path holds lets less through than it
/// carries: of one and a half times, six sevenths. At twice, a sample is half of the window.
const NEAR_PERCENT: u64 = 55;

/// The new estimate is so many times the sample: the sender must not wait for credit that is due
/// but was not worth a frame yet.
const GROWTH: u64 = 2;

/// An answer that comes sooner came from this machine or one beside it, whose network is mostly not
/// what limits.
const SHORT: Duration = Duration::from_micros(250);

/// What the estimate rises to over such a path: 16 Gbit/s at that distance, 40 at 100 us. Beyond it
/// all of a window that a sender fills waits in this machine's memory, and so does what comes
/// behind it: hello calls beside a download over loopback took twice as long with 1.2 MB.
const SHORT_WINDOW: u64 = 512 * 1024;

/// An answer that takes so many times the shortest round trip has waited. It may take twice that
/// without a queue: a window as large as what the path holds needs one more to pass.
const LONGEST_ROUND_TRIP: u32 = 2;

/// Of the bandwidth at which the estimate rose last, in a hundredth: less is no reason for another
/// rise, which was to bring as much more as the window grew. The distance is for noise.
const BETTER_PERCENT: u64 = 110;

/// The part of the estimate that must arrive before a probe is thought of.
const VOLUME_SHARE: u64 = 4;

/// That part within more round trips than this is too slow for any window to limit it.
const SLOW_ROUND_TRIPS: u32 = 2;

/// The least of it: a window below one frame of the default size is somebody's test.
const MIN_VOLUME: u64 = 16 * 1024;

/// Probes come in pairs: the first can begin in the middle of a burst and see half of it, the
/// second begins where that one ended.
const PAIR: u32 = 2;

/// Misses that count when hardly anything came: a path that was little used, unlike one that was
/// full, says nothing of a burst that begins, which should not wait for longer than a second.
const QUIET_MISSES: u32 = 4 * PAIR;

/// Spacing of pairs once they bring nothing; doubles with each.
const FIRST_SPACING: Duration = Duration::from_millis(100);

/// The longest spacing, and the age at which a round trip time is measured anew: what a path that
/// became longer costs at most.
const LAST_SPACING: Duration = Duration::from_secs(10);

/// Doublings from the first to the last spacing.
const MAX_DOUBLINGS: u32 = 7;

/// What never comes together.
const NEVER: i64 = i64::MAX;

/// The estimator of one connection.
#[derive(Debug)]
pub(crate) struct Estimator {
    /// Bytes until something is to be decided: all that a DATA frame costs.
    left: i64,
    estimate: u64,
    ceiling: u64,
    /// When the PING went out that is not answered yet; `left` counts down from `NEVER` meanwhile.
    asked: Option<Timestamp>,
    /// Since when `left` counts.
    since: Timestamp,
    /// No probe before.
    next: Timestamp,
    /// The round trip time, averaged, and when it is too old.
    round_trip: Duration,
    stale: Timestamp,
    /// The shortest that was seen, until it is too old.
    shortest: Duration,
    /// Bytes a second when the estimate rose last.
    risen_at: u64,
    misses: u32,
}

impl Estimator {
    /// Starts from the window in force and rises to `ceiling`; with a ceiling that is not above
    /// the window it never asks.
    pub(crate) fn new(window: u32, ceiling: u32) -> Self {
        let mut estimator = Self {
            left: NEVER,
            estimate: u64::from(window),
            ceiling: u64::from(ceiling),
            asked: None,
            since: Timestamp::ZERO,
            next: Timestamp::ZERO,
            round_trip: Duration::ZERO,
            stale: Timestamp::ZERO,
            shortest: Duration::MAX,
            risen_at: 0,
            misses: 0,
        };
        estimator.wait(Timestamp::ZERO);
        estimator
    }

    /// Starts from another window. A PING under way is still awaited.
    pub(crate) fn restart(&mut self, window: u32, now: Timestamp) {
        self.estimate = u64::from(window);
        self.risen_at = 0;
        self.misses = 0;
        self.next = now;
        if self.asked.is_none() {
            self.wait(now);
        }
    }

    /// A DATA frame of `bytes` came; says whether a probe is due.
    #[inline]
    pub(crate) fn data(&mut self, bytes: u32, now: Timestamp) -> bool {
        self.left -= i64::from(bytes);
        self.left <= 0 && self.is_due(now)
    }

    /// The probe's PING was written behind a DATA frame of `bytes`, the first of the sample.
    pub(crate) fn probed(&mut self, bytes: u32, now: Timestamp) {
        self.asked = Some(now);
        self.left = NEVER - i64::from(bytes);
    }

    /// Whether an answer is awaited.
    pub(crate) fn is_asking(&self) -> bool {
        self.asked.is_some()
    }

    /// A round trip took so long that was no probe's: that of the first SETTINGS, before there was
    /// anything to wait behind.
    pub(crate) fn saw_round_trip(&mut self, took: Duration, now: Timestamp) {
        // both at one look at the clock is no measurement
        if self.shortest == Duration::MAX && !took.is_zero() {
            self.shortest = took;
            self.round_trip = took;
            self.stale = now.after(LAST_SPACING);
        }
    }

    /// The answer came: the new estimate, if it rose.
    pub(crate) fn answered(&mut self, now: Timestamp) -> Option<u32> {
        let took = now.since(self.asked.take()?).max(Duration::from_nanos(1));
        let sample = (NEVER - self.left).unsigned_abs();
        self.measure(took, now);
        let bandwidth = bandwidth(sample, took);
        let is_better = bandwidth >= self.risen_at.saturating_mul(BETTER_PERCENT) / 100;
        let is_near = sample.saturating_mul(100) >= self.estimate * NEAR_PERCENT;
        let is_queue = took > self.shortest.saturating_mul(LONGEST_ROUND_TRIP);
        let most = if took < SHORT { self.ceiling.min(SHORT_WINDOW) } else { self.ceiling };
        if !is_better || !is_near || is_queue || self.estimate >= most {
            self.miss(sample);
            self.next = now.after(self.spacing());
            self.wait(now);
            return None;
        }
        self.risen_at = bandwidth;
        self.misses = 0;
        self.next = now;
        self.estimate = sample.saturating_mul(GROWTH).max(self.estimate).min(most);
        self.wait(now);
        Some(self.window())
    }

    /// The estimate.
    pub(crate) fn window(&self) -> u32 {
        u32::try_from(self.estimate).unwrap_or(u32::MAX)
    }

    /// Counts again until enough has come together, which at the ceiling is never. For a probe that
    /// was due and could not go, too.
    pub(crate) fn wait(&mut self, now: Timestamp) {
        self.since = now;
        self.left = if self.estimate >= self.ceiling {
            NEVER
        } else if !self.misses.is_multiple_of(PAIR) {
            1
        } else {
            let volume = (self.estimate / VOLUME_SHARE).max(MIN_VOLUME);
            i64::try_from(volume).unwrap_or(NEVER)
        };
    }

    /// Enough came together; whether it came fast enough for a window to have held it up.
    #[cold]
    fn is_due(&mut self, now: Timestamp) -> bool {
        let is_slow = now.since(self.since) > self.round_trip * SLOW_ROUND_TRIPS;
        let is_due = now >= self.next && (now >= self.stale || !is_slow);
        if !is_due {
            self.wait(now);
        }
        is_due
    }

    /// The sample gave no reason to grow.
    fn miss(&mut self, sample: u64) {
        self.misses = self.misses.saturating_add(1);
        if sample < self.estimate / VOLUME_SHARE {
            self.misses = self.misses.min(QUIET_MISSES);
        }
    }

    /// Follows the samples slowly, as hyper does: one that was held up changes little.
    fn measure(&mut self, took: Duration, now: Timestamp) {
        self.shortest = if now >= self.stale { took } else { self.shortest.min(took) };
        self.stale = now.after(LAST_SPACING);
        self.round_trip =
            if self.round_trip.is_zero() { took } else { (self.round_trip * 7 + took) / 8 };
    }

    fn spacing(&self) -> Duration {
        if !self.misses.is_multiple_of(PAIR) {
            return Duration::ZERO;
        }
        match self.misses / PAIR {
            0 => Duration::ZERO,
            pairs @ 1..=MAX_DOUBLINGS => FIRST_SPACING * (1 << (pairs - 1)),
            _ => LAST_SPACING,
        }
    }
}

/// Bytes a second.
fn bandwidth(sample: u64, took: Duration) -> u64 {
    let bandwidth = u128::from(sample) * 1_000_000_000 / took.as_nanos().max(1);
    u64::try_from(bandwidth).unwrap_or(u64::MAX)
}
