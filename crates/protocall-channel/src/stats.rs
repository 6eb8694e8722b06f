//! What a channel met, as plain numbers that the program can read at any time.
//!
//! Connecting is counted here, connections by `protocall-transport`.

use protocall_transport::{http2, stats, tally};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

tally! {
    /// What a channel counted around its connections.
    pub struct ConnectCounters;
    /// Counts it.
    struct Tally;
    /// Attempts to connect that led to a connection which speaks HTTP/2.
    connections_made,
    /// Connections that are open now.
    connections_open,
    /// Attempts to connect that failed, those that took too long included.
    connects_failed,
    /// Attempts to connect that took longer than the limit.
    connects_timed_out,
}

/// What a channel met since it was built. A handle: clones share the numbers.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    tally: Arc<Tally>,
    totals: stats::Totals,
}

/// The numbers of a [`Stats`] at one moment. They only ever rise, but for `connections_open`; what
/// was met between two moments is the difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatsSnapshot {
    /// Connecting.
    pub connect: ConnectCounters,
    /// All connections together, open ones included: what is not HTTP/2's.
    pub transport: stats::Counters,
    /// All connections together, open ones included: HTTP/2's limits.
    pub http2: http2::Counters,
}

impl Stats {
    /// The numbers as they are now. An open connection adds what it met at the end of each batch
    /// of work. Counters are read one after the other, while connections go on.
    #[must_use]
    pub fn snapshot(&self) -> StatsSnapshot {
        StatsSnapshot {
            connect: self.tally.numbers(),
            transport: self.totals.transport(),
            http2: self.totals.http2(),
        }
    }

    /// Where connections count.
    pub(crate) const fn totals(&self) -> &stats::Totals {
        &self.totals
    }

    /// Counts one more.
    pub(crate) fn count(&self, which: impl FnOnce(&Tally) -> &AtomicU64) {
        which(&self.tally).fetch_add(1, Ordering::Relaxed);
    }

    /// A connection was made; it counts as open until what is returned is dropped.
    pub(crate) fn connected(&self) -> Open {
        self.count(|tally| &tally.connections_made);
        self.count(|tally| &tally.connections_open);
        Open { tally: Arc::clone(&self.tally) }
    }
}

/// Held while a connection is open.
#[derive(Debug)]
pub(crate) struct Open {
    tally: Arc<Tally>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.tally.connections_open.fetch_sub(1, Ordering::Relaxed);
    }
}
