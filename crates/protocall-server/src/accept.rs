//! Accepts connections until told to stop.
//!
//! Those that are open, or on their way through a TLS handshake, are kept by [`connections`].

mod connections;
mod gate;
#[cfg(unix)]
mod unix;

pub(crate) use connections::{Common, Connections, Security};
pub(crate) use gate::Gate;

use protocall_transport::io::{Transport, memory, tcp};
use protocall_transport::message::PeerAddr;
use std::fmt;
use std::future::Future;
use std::io;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep_until};

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

    /// Readies the listener, before it accepts, for what the server's settings say of TCP, and
    /// notes there what they need to know of it. To be forwarded by listeners that accept from
    /// others; nothing is done unless implemented.
    fn prepare(&self, options: &mut tcp::Options) {
        let _ = options;
    }

    /// Sets what the server's settings say of TCP on a connection that was accepted. To be
    /// forwarded by listeners that accept from others; nothing is done unless implemented.
    ///
    /// # Errors
    /// Those of the operating system; the connection is served all the same.
    fn set_options(&self, stream: &Self::Io, options: &tcp::Options) -> io::Result<()> {
        let _ = (stream, options);
        Ok(())
    }
}

impl Listener for TcpListener {
    type Io = tokio::net::TcpStream;

    async fn accept(&mut self) -> Option<io::Result<(Self::Io, PeerAddr)>> {
        let accepted = Self::accept(self).await;
        Some(accepted.map(|(stream, addr)| (stream, PeerAddr::Tcp(addr))))
    }

    fn prepare(&self, options: &mut tcp::Options) {
        options.prepare(self);
    }

    fn set_options(&self, stream: &Self::Io, options: &tcp::Options) -> io::Result<()> {
        options.apply(stream)
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

/// Accepts until told to stop, then drains.
pub(crate) async fn serve<L: Listener>(
    mut listener: L,
    mut connections: Connections,
    shutdown: impl Future<Output = ()> + Send,
    drain_limit: Duration,
) {
    let mut shutdown = std::pin::pin!(shutdown);
    let mut delay = FIRST_ACCEPT_DELAY;
    let mut pause: Option<Instant> = None;
    loop {
        let next = async {
            if let Some(until) = pause {
                sleep_until(until).await;
            }
            listener.accept().await
        };
        let accepted = tokio::select! {
            biased;
            () = &mut shutdown => break,
            () = connections.closed() => continue,
            accepted = next => accepted,
        };
        match accepted {
            Some(Ok((stream, peer))) => {
                (delay, pause) = (FIRST_ACCEPT_DELAY, None);
                // a client that is gone already shows when it is read from
                let _ = listener.set_options(&stream, connections.tcp_options());
                connections.add(stream, peer);
            }
            Some(Err(_)) => {
                connections.stats().count(|tally| &tally.accept_errors);
                // out of file descriptors or memory: trying again at once would only spin
                pause = Some(Instant::now() + delay);
                delay = (delay * 2).min(LONGEST_ACCEPT_DELAY);
            }
            None => break,
        }
    }
    drop(listener);
    connections.drain(drain_limit).await;
}
