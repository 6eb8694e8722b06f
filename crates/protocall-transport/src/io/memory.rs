//! Connections within this process, for tests and for services that live beside their callers.
//!
//! A [`Listener`] accepts what its [`Connector`]s connect; bytes go through a pipe in memory and
//! speak the same HTTP/2 as over a network.

use std::io;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;

/// Bytes that each direction of a pipe holds.
const PIPE_BYTES: usize = 256 * 1024;
/// Connections that wait to be accepted.
const BACKLOG: usize = 128;

/// Makes a listener and a connector for it.
#[must_use]
pub fn pair() -> (Connector, Listener) {
    let (sender, receiver) = mpsc::channel(BACKLOG);
    (Connector { sender }, Listener { receiver })
}

/// Connects to the [`Listener`] it was made with.
#[derive(Clone, Debug)]
pub struct Connector {
    sender: mpsc::Sender<DuplexStream>,
}

impl Connector {
    /// A new connection; waits while the listener's backlog is full.
    ///
    /// # Errors
    /// `ConnectionRefused` when the listener is gone.
    ///
    /// # Cancel safety
    /// A dropped future leaves no connection behind.
    pub async fn connect(&self) -> io::Result<DuplexStream> {
        let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
        self.sender.send(theirs).await.map_err(|_| {
            io::Error::new(io::ErrorKind::ConnectionRefused, "the in-memory listener is gone")
        })?;
        Ok(ours)
    }
}

/// Accepts connections of its [`Connector`]s.
#[derive(Debug)]
pub struct Listener {
    receiver: mpsc::Receiver<DuplexStream>,
}

impl Listener {
    /// The next connection; `None` when all connectors are gone.
    ///
    /// # Cancel safety
    /// Safe: a connection is taken only when the future is ready.
    pub async fn accept(&mut self) -> Option<DuplexStream> {
        self.receiver.recv().await
    }
}
