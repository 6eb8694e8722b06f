//! What connections met, added up as plain numbers that a program can read at any time.
//!
//! Each connection counts for itself and adds what is new at the end of a batch: a batch in which
//! nothing unusual happened costs one addition, for the streams that completed. What the limits
//! behind the counters are, `protocall-http2`'s `config` says.

use protocall_http2 as http2;
use std::array;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

#[cfg(test)]
mod tests;

/// Declares counters once: as numbers, and as what counts them. For this crate and those above.
#[doc(hidden)]
#[macro_export]
macro_rules! tally {
    (
        $(#[$doc:meta])* pub struct $Numbers:ident;
        $(#[$tally_doc:meta])* struct $Tally:ident;
        $($(#[$field_doc:meta])* $name:ident,)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct $Numbers {
            $($(#[$field_doc])* pub $name: u64,)*
        }

        $(#[$tally_doc])*
        #[derive(Debug, Default)]
        pub(crate) struct $Tally {
            $(pub(crate) $name: ::std::sync::atomic::AtomicU64,)*
        }

        impl $Tally {
            /// The counters as they are now.
            pub(crate) fn numbers(&self) -> $Numbers {
                let order = ::std::sync::atomic::Ordering::Relaxed;
                $Numbers { $($name: self.$name.load(order),)* }
            }
        }
    };
}

tally! {
    /// How often connections met a limit that HTTP/2 does not know.
    pub struct Counters;
    /// Counts them.
    struct Tally;
    /// Messages that came and were larger than the receiver takes, as they came or once they were
    /// decompressed; their calls ended with RESOURCE_EXHAUSTED.
    messages_too_large,
    /// Messages that were not sent since they were larger than their sender allows itself.
    messages_too_large_to_send,
    /// Connections that the operating system ended because the peer's host acknowledged nothing
    /// for as long as it may (TCP_USER_TIMEOUT, gRFC A18).
    tcp_user_timeouts,
    /// Batches of a server that ended before all that was read was used, because enough calls had
    /// begun or enough output waited; the rest follows at once.
    batches_cut,
    /// Calls of a server that waited because too much of whole responses waits for their clients.
    calls_parked,
    /// Whole responses of a server of which nothing was taken in time: their streams were reset.
    stalled_responses,
    /// Calls of a server that ended with RESOURCE_EXHAUSTED before their handler was called, since
    /// as many were at work as the server may have.
    calls_over_limit,
    /// Calls of a client that waited because the server takes no more streams at a time.
    calls_queued,
    /// Calls of a client that its server had not processed (REFUSED_STREAM, or above GOAWAY's last
    /// stream) and that were sent again: transparent retries (gRFC A6).
    calls_sent_again,
    /// Calls of a client that had sent more than is kept of them, and so would not be sent again.
    calls_not_kept,
    /// Calls of a client that waited on a connection that was going away, and went to another.
    calls_given_back,
}

/// The counters of any number of connections. Clones share them; connections that are given a
/// clone add what they meet, while they live and when they close.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    http2: [AtomicU64; http2::Counters::COUNT],
    own: Tally,
}

impl Default for Shared {
    fn default() -> Self {
        Self { http2: array::from_fn(|_| AtomicU64::new(0)), own: Tally::default() }
    }
}

impl Totals {
    /// What HTTP/2 counted. Counters are read one by one while connections go on.
    #[must_use]
    pub fn http2(&self) -> http2::Counters {
        let values = &self.shared.http2;
        http2::Counters::from_values(values.each_ref().map(|value| value.load(Ordering::Relaxed)))
    }

    /// What was counted beside HTTP/2.
    #[must_use]
    pub fn transport(&self) -> Counters {
        self.shared.own.numbers()
    }

    /// A connection broke: counted where the operating system had waited for the peer in vain.
    pub(crate) fn broke(&self, error: &io::Error) {
        use io::ErrorKind::{HostUnreachable, NetworkUnreachable, TimedOut};
        // with a route that says why, Linux reports that in place of the timeout (tcp(7))
        if matches!(error.kind(), TimedOut | HostUnreachable | NetworkUnreachable) {
            self.count(|tally| &tally.tcp_user_timeouts);
        }
    }

    /// Adds what a connection has counted since this was last called, and takes it from there: no
    /// comparison, and an idle connection keeps no counters.
    #[inline]
    pub(crate) fn publish(&self, connection: &mut http2::Connection) {
        let completed = connection.take_completed();
        if completed > 0
            && let Some(total) = self.shared.http2.get(COMPLETED)
        {
            total.fetch_add(completed, Ordering::Relaxed);
        }
        if let Some(unusual) = connection.take_unusual() {
            self.publish_unusual(&unusual);
        }
    }

    #[cold]
    fn publish_unusual(&self, unusual: &http2::Counters) {
        for (total, new) in self.shared.http2.iter().zip(unusual.values()) {
            if new > 0 {
                total.fetch_add(new, Ordering::Relaxed);
            }
        }
    }

    /// Counts one more.
    pub(crate) fn count(&self, which: impl FnOnce(&Tally) -> &AtomicU64) {
        which(&self.shared.own).fetch_add(1, Ordering::Relaxed);
    }
}

/// Where `streams_completed` is among the counters.
const COMPLETED: usize = {
    let mut only = http2::Counters::from_values([0; http2::Counters::COUNT]);
    only.streams_completed = 1;
    let values = only.values();
    let mut at = 0;
    while values[at] == 0 {
        at += 1;
    }
    at
};
