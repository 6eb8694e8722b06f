//! What a server knows of a call beside its message: connection, deadline, whether it is over.

use super::{PeerIdentity, Work};
use crate::exchange::Exchange;
use protocall_core::{Compression, Path};
use std::fmt;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Poll;
use tokio::time::Instant;

/// Where the other end of a connection is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PeerAddr {
    /// Over TCP.
    Tcp(SocketAddr),
    /// Over a Unix socket: the process there, as the operating system vouches for it.
    Unix(UnixPeer),
    /// In this process.
    Memory,
    /// A connection that the application made itself.
    Other,
}

impl fmt::Display for PeerAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(addr) => write!(f, "{addr}"),
            Self::Unix(_) => f.write_str("unix"),
            Self::Memory => f.write_str("memory"),
            Self::Other => f.write_str("unknown"),
        }
    }
}

/// The process at the other end of a Unix socket; what the system does not tell is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnixPeer {
    /// The user that it runs as.
    pub uid: Option<u32>,
    /// The group that it runs as.
    pub gid: Option<u32>,
    /// Its process, at the time at which it connected.
    pub pid: Option<i32>,
}

/// What all calls of a connection share.
#[derive(Debug)]
pub struct ConnectionInfo {
    peer: PeerAddr,
    identity: Option<PeerIdentity>,
    work: Arc<Work>,
}

impl From<PeerAddr> for ConnectionInfo {
    fn from(peer: PeerAddr) -> Self {
        Self::new(peer)
    }
}

impl ConnectionInfo {
    /// A connection with that other end.
    #[must_use]
    pub fn new(peer: PeerAddr) -> Self {
        Self { peer, identity: None, work: Arc::default() }
    }

    /// A connection over TLS, with what the other end proved to be.
    #[must_use]
    pub fn over_tls(peer: PeerAddr, identity: PeerIdentity) -> Self {
        Self { peer, identity: Some(identity), work: Arc::default() }
    }

    pub(crate) const fn work(&self) -> &Arc<Work> {
        &self.work
    }

    /// The other end.
    #[must_use]
    pub const fn peer(&self) -> &PeerAddr {
        &self.peer
    }

    /// Whether the connection runs over TLS.
    #[must_use]
    pub const fn is_tls(&self) -> bool {
        self.identity.is_some()
    }

    /// Who the other end proved to be by its certificate; `None` when it showed none.
    #[must_use]
    pub fn identity(&self) -> Option<&PeerIdentity> {
        self.identity.as_ref().filter(|identity| !identity.is_empty())
    }

    /// The certificates that the other end proved to have, its own first, each in DER; none
    /// unless it showed one over TLS.
    #[must_use]
    pub fn peer_certificates(&self) -> &[bytes::Bytes] {
        self.identity.as_ref().map_or(&[], PeerIdentity::certificates)
    }
}

/// A call's surroundings on a server; empty for a request that a client makes. One pointer: it is
/// kept with every request.
#[derive(Clone, Debug, Default)]
pub struct Context {
    call: Option<Arc<Exchange>>,
}

impl Context {
    pub(crate) const fn new(call: Arc<Exchange>) -> Self {
        Self { call: Some(call) }
    }

    /// The path that was called; empty when this is no call that a server received.
    #[must_use]
    pub fn path(&self) -> &Path {
        const NONE: &Path = &Path::fixed("");
        self.call.as_ref().and_then(|call| call.path()).unwrap_or(NONE)
    }

    /// What the client's messages are compressed with; single ones may come as they are all the
    /// same.
    #[must_use]
    pub fn encoding(&self) -> Compression {
        self.call.as_ref().map_or(Compression::IDENTITY, |call| call.inflation().compression)
    }

    /// Whether the call's one message came compressed; of a stream of requests
    /// [`Streaming::was_compressed`](super::Streaming::was_compressed) tells.
    #[must_use]
    pub fn was_compressed(&self) -> bool {
        self.call.as_ref().is_some_and(|call| call.was_compressed())
    }

    /// The connection that the call came by.
    #[must_use]
    pub fn connection(&self) -> Option<&ConnectionInfo> {
        self.call.as_ref().and_then(|call| call.connection())
    }

    /// When the call ends with DEADLINE_EXCEEDED.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.call.as_ref().and_then(|call| call.deadline())
    }

    /// Makes a call part of this one: it ends when this one does.
    pub(crate) fn adopt(&self, call: &Arc<Exchange>) {
        if let Some(own) = &self.call {
            own.adopt(call);
        }
    }

    /// Tells when the call is over.
    #[must_use]
    pub fn cancellation(&self) -> Cancellation {
        Cancellation { call: self.call.clone() }
    }
}

/// Tells that a call is over: answered, cancelled by its client, past its deadline, or its
/// connection lost.
///
/// A handler's future is dropped at that moment; this is for work it started elsewhere, such as a
/// spawned task.
#[derive(Clone, Debug)]
pub struct Cancellation {
    call: Option<Arc<Exchange>>,
}

impl Cancellation {
    /// Whether the call is over.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.call.as_ref().is_some_and(|call| call.is_served_no_more())
    }

    /// Waits until the call is over; for ever with a request that no server received.
    ///
    /// # Cancel safety
    /// Safe: nothing is lost when the future is dropped.
    pub fn cancelled(&self) -> impl Future<Output = ()> + Send + '_ {
        poll_fn(|cx| match &self.call {
            Some(call) => call.poll_over(cx),
            None => Poll::Pending,
        })
    }
}
