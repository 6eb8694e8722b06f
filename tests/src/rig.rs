//! A server and a channel to it over a wire of the test's choice.

use crate::proto::trial::{BareClient, TrialClient, TrialServer};
use crate::service::Scripted;
use protocall::channel::connect::{Connect, Connecting};
use protocall::channel::{self, Channel};
use protocall::server::{self, Listener};
use protocall::{PeerAddr, Server};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::DuplexStream;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// What bytes go over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// TCP on 127.0.0.1.
    Tcp,
    /// A pipe in memory that holds so many bytes in each direction. A narrow one makes nearly
    /// every write wait and cuts frames at odd places.
    Pipe(usize),
}

/// A running server.
#[derive(Debug)]
pub struct Rig {
    door: Door,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
    stats: server::Stats,
}

/// How to reach a server.
#[derive(Clone, Debug)]
pub enum Door {
    /// Its address.
    Tcp(SocketAddr),
    /// Where to put the other end of a pipe.
    Pipe(Pipes),
}

impl Rig {
    /// Serves that service with the settings of production.
    pub async fn start(wire: Wire, service: Scripted) -> Self {
        Self::serve(wire, Server::builder().add_service(TrialServer::new(service))).await
    }

    /// Serves.
    ///
    /// # Panics
    /// When there is nothing to listen on.
    pub async fn serve(wire: Wire, builder: server::Builder) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async {
            if stopped.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let (door, stats, serving) = match wire {
            Wire::Tcp => {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let addr = listener.local_addr().unwrap();
                let bound = builder.on(listener).unwrap();
                let stats = bound.stats();
                (Door::Tcp(addr), stats, tokio::spawn(bound.serve_with_shutdown(stopped)))
            }
            Wire::Pipe(bytes) => {
                let (pipes, listener) = pipes(bytes);
                let bound = builder.on(listener).unwrap();
                let stats = bound.stats();
                (Door::Pipe(pipes), stats, tokio::spawn(bound.serve_with_shutdown(stopped)))
            }
        };
        Self { door, stop: Some(stop), serving, stats }
    }

    /// How to reach the server.
    #[must_use]
    pub const fn door(&self) -> &Door {
        &self.door
    }

    /// What the server met so far.
    #[must_use]
    pub fn stats(&self) -> server::StatsSnapshot {
        self.stats.snapshot()
    }

    /// A channel to the server that can be set up.
    #[must_use]
    pub fn channel_builder(&self) -> channel::Builder {
        self.door.channel_builder()
    }

    /// A channel to the server.
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.channel_builder().build()
    }

    /// A client of the server, with a connection of its own.
    #[must_use]
    pub fn client(&self) -> TrialClient {
        TrialClient::new(self.channel())
    }

    /// A client of the service that has no methods.
    #[must_use]
    pub fn bare_client(&self) -> BareClient {
        BareClient::new(self.channel())
    }

    /// Tells the server to drain.
    pub fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // a server that is gone has stopped
            let _ = stop.send(());
        }
    }

    /// Waits until the server has stopped.
    ///
    /// # Panics
    /// When the server panicked.
    pub async fn stopped(self) {
        self.serving.await.unwrap();
    }

    /// Ends the server at once: connections are dropped.
    pub async fn kill(self) {
        self.serving.abort();
        let _ = self.serving.await;
    }
}

impl Door {
    /// A channel through this door that can be set up.
    #[must_use]
    pub fn channel_builder(&self) -> channel::Builder {
        match self {
            Self::Tcp(addr) => Channel::builder(&addr.to_string()).unwrap(),
            Self::Pipe(pipes) => Channel::over(pipes.clone()),
        }
    }

    /// A client through this door, with a connection of its own.
    #[must_use]
    pub fn client(&self) -> TrialClient {
        TrialClient::new(self.channel_builder().build())
    }

    /// A connection without a client.
    ///
    /// # Panics
    /// When the server is gone.
    pub async fn raw(&self) -> crate::raw::Io {
        match self {
            Self::Tcp(addr) => Box::new(TcpStream::connect(addr).await.unwrap()),
            Self::Pipe(pipes) => Box::new(pipes.open().unwrap()),
        }
    }
}

/// A listener for pipes, and the way to it.
#[must_use]
pub fn pipes(bytes: usize) -> (Pipes, PipeListener) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (Pipes { bytes, sender: Arc::new(Mutex::new(sender)) }, PipeListener { receiver })
}

/// Opens pipes to a listener.
#[derive(Clone, Debug)]
pub struct Pipes {
    bytes: usize,
    sender: Arc<Mutex<mpsc::UnboundedSender<DuplexStream>>>,
}

impl Pipes {
    /// A pipe to the listener.
    ///
    /// # Errors
    /// `ConnectionRefused` when the listener is gone.
    ///
    /// # Panics
    /// When another test thread panicked.
    pub fn open(&self) -> io::Result<DuplexStream> {
        let (ours, theirs) = tokio::io::duplex(self.bytes);
        let sent = self.sender.lock().unwrap().send(theirs);
        sent.map_err(|_| io::Error::new(io::ErrorKind::ConnectionRefused, "nobody listens"))?;
        Ok(ours)
    }

    /// From now on pipes lead to another listener: the server was started again.
    ///
    /// # Panics
    /// When another test thread panicked.
    pub fn lead_to(&self, other: &Self) {
        let sender = other.sender.lock().unwrap().clone();
        *self.sender.lock().unwrap() = sender;
    }
}

impl Connect for Pipes {
    fn connect(&self) -> Connecting<'_> {
        Box::pin(async { Ok(Box::new(self.open()?) as Box<dyn channel::connect::Stream>) })
    }

    fn name(&self) -> String {
        "the pipe".to_owned()
    }
}

/// Accepts pipes.
#[derive(Debug)]
pub struct PipeListener {
    receiver: mpsc::UnboundedReceiver<DuplexStream>,
}

impl PipeListener {
    /// The next pipe, for tests that are the server themselves.
    pub async fn next(&mut self) -> Option<DuplexStream> {
        self.receiver.recv().await
    }
}

impl Listener for PipeListener {
    type Io = DuplexStream;

    async fn accept(&mut self) -> Option<io::Result<(DuplexStream, PeerAddr)>> {
        match self.receiver.recv().await {
            Some(stream) => Some(Ok((stream, PeerAddr::Memory))),
            // a server goes on when nobody can reach it any more: the test says when it stops
            None => std::future::pending().await,
        }
    }
}
