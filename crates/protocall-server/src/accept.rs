//! Accepts connections and keeps them until they are drained.

use protocall_transport::io::{Transport, memory};
use protocall_transport::message::PeerAddr;
use protocall_transport::server::{Config, Connection, Dispatch, Handle};
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::{Id, JoinSet};

/// The first wait after an error of `accept`, such as "too many open files".
const FIRST_ACCEPT_DELAY: Duration = Duration::from_millis(5);
/// The longest such wait: short enough to be back soon after the cause is gone.
const LONGEST_ACCEPT_DELAY: Duration = Duration::from_secs(1);

/// Where a server's connections come from.
pub trait Listener: Send {
    /// The connections.
    type Io: Transport;

    /// The next connection and its other end; `None` when no more can come.
    ///
    /// # Cancel safety
    /// Must be safe: it is dropped when the server is told to stop.
    fn accept(&mut self) -> impl Future<Output = Option<io::Result<(Self::Io, PeerAddr)>>> + Send;
}

impl Listener for TcpListener {
    type Io = tokio::net::TcpStream;

    async fn accept(&mut self) -> Option<io::Result<(Self::Io, PeerAddr)>> {
        let accepted = Self::accept(self).await;
        Some(accepted.and_then(|(stream, addr)| {
            stream.set_nodelay(true)?;
            Ok((stream, PeerAddr::Tcp(addr)))
        }))
    }
}

impl Listener for memory::Listener {
    type Io = tokio::io::DuplexStream;

    async fn accept(&mut self) -> Option<io::Result<(Self::Io, PeerAddr)>> {
        Self::accept(self).await.map(|stream| Ok((stream, PeerAddr::Memory)))
    }
}

/// Why a server could not serve.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServeError {
    /// The address cannot be listened on.
    Bind {
        /// The address as it was given.
        addr: String,
        /// The operating system's reason.
        source: io::Error,
    },
    /// Two services have a method with this path.
    DuplicateMethod(&'static str),
    /// A thread or runtime could not be started.
    Runtime(io::Error),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bind { addr, source } => write!(f, "cannot listen on {addr}: {source}"),
            Self::DuplicateMethod(path) => {
                write!(f, "method {path} was added twice: add each service once")
            }
            Self::Runtime(source) => write!(f, "cannot start a runtime: {source}"),
        }
    }
}

impl std::error::Error for ServeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Bind { source, .. } | Self::Runtime(source) => Some(source),
            Self::DuplicateMethod(_) => None,
        }
    }
}

/// The connections of a server that are open.
pub(crate) struct Connections {
    dispatch: Arc<dyn Dispatch>,
    config: Config,
    tasks: JoinSet<()>,
    handles: HashMap<Id, Handle>,
}

impl Connections {
    pub(crate) fn new(dispatch: Arc<dyn Dispatch>, config: Config) -> Self {
        Self { dispatch, config, tasks: JoinSet::new(), handles: HashMap::new() }
    }

    /// Serves a connection in a task of its own.
    pub(crate) fn add<S: Transport>(&mut self, stream: S, peer: PeerAddr) {
        let dispatch = Arc::clone(&self.dispatch);
        let (connection, handle) = Connection::new(stream, peer, dispatch, &self.config);
        let id = self.tasks.spawn(connection).id();
        self.handles.insert(id, handle);
    }

    /// Waits until a connection has closed; for ever when there is none.
    pub(crate) async fn closed(&mut self) {
        match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => self.handles.remove(&id),
            Some(Err(error)) => self.handles.remove(&error.id()),
            None => std::future::pending().await,
        };
    }

    /// Lets calls finish for at most that long, then ends those that are left.
    pub(crate) async fn drain(mut self, limit: Duration) {
        self.handles.values().for_each(Handle::drain);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(limit, all).await.is_err() {
            self.handles.values().for_each(Handle::abort);
            while self.tasks.join_next().await.is_some() {}
        }
    }
}

/// Accepts until told to stop, then drains.
pub(crate) async fn serve<L: Listener>(
    mut listener: L,
    mut connections: Connections,
    shutdown: impl Future<Output = ()> + Send,
    drain_limit: Duration,
) {
    let mut shutdown = std::pin::pin!(shutdown);
    let mut delay = FIRST_ACCEPT_DELAY;
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut shutdown => break,
            () = connections.closed() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Some(Ok((stream, peer))) => {
                delay = FIRST_ACCEPT_DELAY;
                connections.add(stream, peer);
            }
            Some(Err(_)) => {
                // out of file descriptors or memory: trying again at once would only spin
                tokio::time::sleep(delay).await;
                delay = (delay * 2).min(LONGEST_ACCEPT_DELAY);
            }
            None => break,
        }
    }
    drop(listener);
    connections.drain(drain_limit).await;
}
