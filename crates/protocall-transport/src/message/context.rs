//! What a server knows of a call beside its message: connection, deadline, whether it is over.

use super::{PeerIdentity, Work};
use crate::exchange::Exchange;
use protocall_core::{Compression, Path, Status};
use std::fmt;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context as TaskContext, Poll, Waker};
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

/// A call's surroundings on a server; empty for a request that a client makes.
#[derive(Clone, Debug, Default)]
pub struct Context {
    connection: Option<Arc<ConnectionInfo>>,
    deadline: Option<Instant>,
    life: Option<(Arc<Life>, u64)>,
    encoding: Compression,
    compressed: bool,
    path: Path,
}

impl Context {
    pub(crate) const fn new(
        connection: Arc<ConnectionInfo>,
        deadline: Option<Instant>,
        life: (Arc<Life>, u64),
        encoding: Compression,
        path: Path,
    ) -> Self {
        let connection = Some(connection);
        Self { connection, deadline, life: Some(life), encoding, compressed: false, path }
    }

    /// The path that was called; empty when this is no call that a server received.
    #[must_use]
    pub const fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) const fn set_compressed(&mut self, compressed: bool) {
        self.compressed = compressed;
    }

    /// What the client's messages are compressed with; single ones may come as they are all the
    /// same.
    #[must_use]
    pub const fn encoding(&self) -> Compression {
        self.encoding
    }

    /// Whether the call's one message came compressed; of a stream of requests
    /// [`Streaming::was_compressed`](super::Streaming::was_compressed) tells.
    #[must_use]
    pub const fn was_compressed(&self) -> bool {
        self.compressed
    }

    /// The connection that the call came by.
    #[must_use]
    pub fn connection(&self) -> Option<&ConnectionInfo> {
        self.connection.as_deref()
    }

    /// When the call ends with DEADLINE_EXCEEDED.
    #[must_use]
    pub const fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Makes a call part of this one: it ends when this one does.
    pub(crate) fn adopt(&self, call: &Arc<Exchange>) {
        if let Some((life, generation)) = &self.life {
            life.adopt(*generation, call);
        }
    }

    /// Tells when the call is over.
    #[must_use]
    pub fn cancellation(&self) -> Cancellation {
        Cancellation { life: self.life.clone() }
    }
}

/// Tells that a call is over: answered, cancelled by its client, past its deadline, or its
/// connection lost.
///
/// A handler's future is dropped at that moment; this is for work it started elsewhere, such as a
/// spawned task.
#[derive(Clone, Debug)]
pub struct Cancellation {
    life: Option<(Arc<Life>, u64)>,
}

impl Cancellation {
    /// Whether the call is over.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.life.as_ref().is_some_and(|(life, generation)| life.is_over(*generation))
    }

    /// Waits until the call is over; for ever with a request that no server received.
    ///
    /// # Cancel safety
    /// Safe: nothing is lost when the future is dropped.
    pub fn cancelled(&self) -> impl Future<Output = ()> + Send + '_ {
        poll_fn(|cx| match &self.life {
            Some((life, generation)) => life.poll_over(*generation, cx),
            None => Poll::Pending,
        })
    }
}

/// The life of the calls of one stream slot: each call has a generation, and ends with it. The
/// allocation is the slot's, so a call costs none.
#[derive(Debug, Default)]
pub(crate) struct Life {
    generation: AtomicU64,
    waiting: Mutex<Waiting>,
}

/// Whom a call's end concerns.
#[derive(Debug, Default)]
struct Waiting {
    wakers: Vec<Waker>,
    /// Calls that were made for this one.
    calls: Vec<Weak<Exchange>>,
}

impl Life {
    /// The generation of the call that lives now.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Ends the call that lives now and tells all who wait for it.
    pub(crate) fn end(&self) {
        let mut waiting = self.lock();
        self.generation.fetch_add(1, Ordering::AcqRel);
        let Waiting { wakers, calls } = std::mem::take(&mut *waiting);
        drop(waiting);
        wakers.into_iter().for_each(Waker::wake);
        for call in calls {
            if let Some(call) = call.upgrade() {
                call.cancel(orphaned(&call));
            }
        }
    }

    fn adopt(&self, generation: u64, call: &Arc<Exchange>) {
        let mut waiting = self.lock();
        if self.is_over(generation) {
            drop(waiting);
            return call.cancel(orphaned(call));
        }
        let calls = &mut waiting.calls;
        if calls.len() == calls.capacity() {
            // a call that makes others for ever keeps no more than twice those under way
            calls.retain(|call| call.upgrade().is_some_and(|call| !call.is_over()));
        }
        calls.push(Arc::downgrade(call));
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self, generation: u64) -> bool {
        self.generation() != generation
    }

    fn poll_over(&self, generation: u64, cx: &TaskContext<'_>) -> Poll<()> {
        let mut waiting = self.lock();
        if self.is_over(generation) {
            return Poll::Ready(());
        }
        let wakers = &mut waiting.wakers;
        if !wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
            wakers.push(cx.waker().clone());
        }
        Poll::Pending
    }
}

/// What a call ends with that was made for another, when that one is over.
fn orphaned(call: &Exchange) -> Status {
    if call.deadline().is_some_and(|at| at <= Instant::now()) {
        return Status::deadline_exceeded("the call's deadline passed");
    }
    Status::cancelled("the call that this one was made for is over")
}
