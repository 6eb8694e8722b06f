//! Puts a server together and runs it. What its connections are told is `settings`' part.

mod settings;

use crate::accept::{Common, Connections, Gate, Listener, Security, ServeError, serve};
use crate::place::SlowRuntime;
use crate::routes::{MessageLimits, Routes, Service};
use crate::shards;
use crate::stats::Stats;
use bytes::Bytes;
use protocall_core::Status;
use protocall_core::{Compression, Compressions};
use protocall_transport::chance::Chance;
use protocall_transport::intercept::Interceptor;
use protocall_transport::io::tcp;
use protocall_transport::message::{Request, Response, ResponseStream, Streaming};
use protocall_transport::server::{Config, WorkLimit};
use std::fmt::Display;
use std::future::{Future, pending};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, ToSocketAddrs};
use tokio::runtime::Handle;

/// How long a server that was told to stop lets its calls finish: what service managers commonly
/// give a program before they kill it.
pub const DEFAULT_DRAIN: Duration = Duration::from_secs(30);

/// Where a server begins: [`Server::builder`].
#[derive(Debug)]
pub enum Server {}

impl Server {
    /// A server without services and with settings that production wants.
    #[must_use]
    pub fn builder() -> Builder {
        Builder {
            routes: Routes::new(MessageLimits::default()),
            config: Config::default(),
            drain: DEFAULT_DRAIN,
            security: Security::default(),
            stats: Stats::default(),
            max_connections: usize::MAX,
            user_timeout: None,
            unpaced_loopback: true,
            unsent: Some(tcp::DEFAULT_UNSENT),
            chance: Chance::default(),
        }
    }
}

/// A server that is being put together.
#[derive(Debug)]
pub struct Builder {
    routes: Routes,
    config: Config,
    drain: Duration,
    security: Security,
    stats: Stats,
    max_connections: usize,
    /// `None`: by keepalive.
    user_timeout: Option<Option<Duration>>,
    unpaced_loopback: bool,
    unsent: Option<u32>,
    chance: Chance,
}

impl Builder {
    /// Adds a service; each service once.
    #[must_use]
    pub fn add_service(mut self, service: impl Service) -> Self {
        self.routes.add_service(service);
        self
    }

    /// How many calls may be at work at once, over all connections, from the moment that their
    /// handler is called until it has ended; no limit unless set, since each connection's streams
    /// are bounded. A call above it ends with `RESOURCE_EXHAUSTED` before its handler is called,
    /// and is counted in [`Stats`](crate::Stats).
    #[must_use]
    pub fn max_calls_at_work(mut self, limit: usize) -> Self {
        self.config.work = WorkLimit::new(limit);
        self
    }

    /// Adds an interceptor, inside of those that were added before: it sees every call of every
    /// service, and of the [`fallback`](Self::fallback). A service gets interceptors of its own by
    /// [`Intercepted`](crate::Intercepted).
    #[must_use]
    pub fn intercept(mut self, interceptor: impl Interceptor) -> Self {
        self.routes.intercept(interceptor);
        self
    }

    /// Answers every call that no method of the services answers: the whole call, whatever its
    /// shape, with messages as bytes. [`Request::path`] says what was called. Enough for a proxy;
    /// without it such calls fail with `UNIMPLEMENTED`.
    #[must_use]
    pub fn fallback<F, Fut>(mut self, handler: F) -> Self
    where
        F: Fn(Request<Streaming<Bytes>>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Response<ResponseStream<Bytes>>, Status>> + Send + 'static,
    {
        self.routes.set_fallback(handler);
        self
    }

    /// How large messages may be, for services that are added after this call.
    #[must_use]
    pub fn message_limits(mut self, limits: MessageLimits) -> Self {
        self.routes.set_limits(limits);
        self
    }

    /// What responses are compressed with where the client accepts it and the handler does not say
    /// something else; nothing unless set.
    #[must_use]
    pub const fn compression(mut self, compression: Compression) -> Self {
        self.config.compression = compression;
        self
    }

    /// The compressions that requests may have; all that this build has unless set. Calls with
    /// another one end with `UNIMPLEMENTED`, and are told these.
    #[must_use]
    pub fn accept_compressions(mut self, compressions: Compressions) -> Self {
        self.config.compressions = compressions;
        self
    }

    /// How long calls may go on once the server was told to stop; 30 s unless set.
    #[must_use]
    pub const fn drain_limit(mut self, limit: Duration) -> Self {
        self.drain = limit;
        self
    }

    /// Counts in these, which the caller keeps a clone of: see [`Stats`]. Several servers may share
    /// them.
    #[must_use]
    pub fn stats(mut self, stats: Stats) -> Self {
        self.stats = stats;
        self
    }

    /// Serves over TLS alone, whatever is listened on. Handshakes run beside each other, and a
    /// client that never finishes one costs no other anything.
    #[cfg(feature = "tls-no-provider")]
    #[must_use]
    pub fn tls(mut self, tls: protocall_transport::io::tls::ServerTls) -> Self {
        self.security = Security::tls(tls);
        self
    }

    /// Serves on that address until the future is dropped, such as `"[::]:50051"`.
    ///
    /// # Errors
    /// [`ServeError`] when the address cannot be listened on or a method was added twice.
    ///
    /// # Cancel safety
    /// Dropping the future closes all connections at once.
    pub async fn serve(self, addr: impl ToSocketAddrs + Display) -> Result<(), ServeError> {
        self.serve_with_shutdown(addr, pending()).await
    }

    /// Serves on that address until `shutdown` is ready, then drains: connections take no new
    /// calls, running ones may finish.
    ///
    /// # Errors
    /// [`ServeError`] when the address cannot be listened on or a method was added twice.
    ///
    /// # Cancel safety
    /// Dropping the future closes all connections at once.
    pub async fn serve_with_shutdown(
        self,
        addr: impl ToSocketAddrs + Display,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<(), ServeError> {
        self.bind(addr).await?.serve_with_shutdown(shutdown).await;
        Ok(())
    }

    /// Listens on that address; with port 0 on one that [`Bound::local_addr`] tells.
    ///
    /// # Errors
    /// [`ServeError`] when the address cannot be listened on or a method was added twice.
    ///
    /// # Cancel safety
    /// Dropping the future leaves nothing behind.
    pub async fn bind(
        self,
        addr: impl ToSocketAddrs + Display,
    ) -> Result<Bound<TcpListener>, ServeError> {
        let name = addr.to_string();
        let listener = TcpListener::bind(addr)
            .await
            .map_err(|source| ServeError::Bind { addr: name, source })?;
        self.on(listener)
    }

    /// Serves what a listener accepts, such as [`memory`](protocall_transport::io::memory)'s.
    ///
    /// # Errors
    /// [`ServeError::DuplicateMethod`] when a method was added twice.
    pub fn on<L: Listener>(self, listener: L) -> Result<Bound<L>, ServeError> {
        if let Some(path) = self.routes.duplicate() {
            return Err(ServeError::DuplicateMethod(path));
        }
        let mut tcp = self.tcp_options();
        listener.prepare(&mut tcp);
        let Self { mut routes, mut config, drain, security, stats, chance, .. } = self;
        routes.complete();
        config.totals = stats.totals().clone();
        let gate = Gate::new(self.max_connections);
        let common =
            Common { routes: Arc::new(routes), config, security, stats, gate, chance, tcp };
        Ok(Bound { listener, common, drain })
    }

    /// Serves on that address from `threads` threads, each with a runtime of its own; a connection
    /// goes to the thread that has fewest. The fastest way to serve, for handlers that need
    /// nothing of the caller's runtime. Handlers that have shown to be slow run on that one if it
    /// has several threads, else on another runtime of `threads` threads.
    ///
    /// # Errors
    /// [`ServeError`] when the address cannot be listened on, a method was added twice, or a
    /// thread cannot be started.
    ///
    /// # Cancel safety
    /// Dropping the future closes all connections.
    pub async fn serve_sharded(
        self,
        addr: impl ToSocketAddrs + Display,
        threads: usize,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<(), ServeError> {
        let Bound { listener, common, drain } = self.bind(addr).await?;
        let slow = SlowRuntime::beside_caller(threads).map_err(ServeError::Runtime)?;
        common.routes.serve_on(slow.handle());
        let shutdown = draining(Arc::clone(&common.routes), shutdown);
        shards::serve(listener, common, threads, shutdown, drain).await
    }

    fn tcp_options(&self) -> tcp::Options {
        let http2 = &self.config.http2;
        let by_keepalive = http2.keepalive_interval.map(|_| http2.keepalive_timeout);
        tcp::Options::with_user_timeout(self.user_timeout.unwrap_or(by_keepalive))
            .with_unpaced_loopback(self.unpaced_loopback)
            .with_unsent(self.unsent)
    }
}

/// A server that listens: connections wait until it serves.
#[derive(Debug)]
pub struct Bound<L> {
    listener: L,
    common: Common,
    drain: Duration,
}

impl Bound<TcpListener> {
    /// The address that is listened on.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl<L> Bound<L> {
    /// What the server meets, to be read while it serves.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.common.stats.clone()
    }
}

impl<L: Listener> Bound<L> {
    /// Serves until no more connections can come and all have closed.
    ///
    /// # Cancel safety
    /// Dropping the future closes all connections at once.
    pub async fn serve(self) {
        self.serve_with_shutdown(pending()).await;
    }

    /// Serves until `shutdown` is ready, then drains.
    ///
    /// # Cancel safety
    /// Dropping the future closes all connections at once.
    pub async fn serve_with_shutdown(self, shutdown: impl Future<Output = ()> + Send) {
        let Self { listener, common, drain } = self;
        common.routes.serve_on(Handle::current());
        let shutdown = draining(Arc::clone(&common.routes), shutdown);
        serve(listener, Connections::new(common), shutdown, drain).await;
    }
}

/// Waits for the word to stop, and tells the services before anything else learns it.
async fn draining(routes: Arc<Routes>, shutdown: impl Future<Output = ()> + Send) {
    shutdown.await;
    routes.drain();
}
