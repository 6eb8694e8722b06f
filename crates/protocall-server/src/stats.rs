//! What a server met, as plain numbers that the program can read while it serves.
//!
//! Listening and handshakes are counted here, connections by `protocall-transport`.

use protocall_transport::{http2, stats, tally};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

tally! {
    /// What a server counted between its socket and its connections.
    pub struct AcceptCounters;
    /// Counts it.
    struct Tally;
    /// Connections that were accepted from a listener, refused ones included.
    connections_accepted,
    /// Connections that were closed at once because there were as many as the server may have.
    connections_refused,
    /// Connections that are open now, those in a handshake included.
    connections_open,
    /// Errors of the listener, such as "too many open files"; each is followed by a pause.
    accept_errors,
    /// Handshakes that failed: no TLS, no acceptable certificate, no HTTP/2.
    handshakes_failed,
    /// Handshakes that took too long.
    handshakes_timed_out,
    /// Handshakes that were ended because there were too many at once, the oldest first.
    handshakes_displaced,
}

/// What a server met since it began. A handle: clones share the numbers, and a server that was
/// given one ([`Builder::stats`](crate::Builder::stats)) counts in it while it serves.
///
/// ```
/// # use protocall_server::{Server, Stats};
/// let stats = Stats::default();
/// let server = Server::builder().stats(stats.clone());
/// assert_eq!(stats.snapshot().accept.connections_open, 0);
/// # let _ = server;
/// ```
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
    /// Listening and handshakes.
    pub accept: AcceptCounters,
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
            accept: self.tally.numbers(),
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

    /// A handshake failed.
    #[cfg(feature = "tls-no-provider")]
    pub(crate) fn handshake_failed(&self, error: &std::io::Error) {
        if error.kind() == std::io::ErrorKind::TimedOut {
            self.count(|tally| &tally.handshakes_timed_out);
        } else {
            self.count(|tally| &tally.handshakes_failed);
        }
    }

    /// A connection is open until what is returned is dropped.
    pub(crate) fn opened(&self) -> Open {
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
