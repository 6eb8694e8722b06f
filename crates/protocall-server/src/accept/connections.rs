//! The connections of a server: on their way through a handshake, open, draining.
//!
//! A handshake runs in a task of its own, so that slow clients keep nobody waiting. What a
//! handshake is, `protocall-transport`'s TLS knows.

use super::gate::{Entered, Gate};
use crate::routes::Routes;
use crate::stats::{Open, Stats};
use protocall_transport::chance::Chance;
use protocall_transport::io::Transport;
use protocall_transport::io::tcp;
use protocall_transport::message::PeerAddr;
use protocall_transport::server::{Config, Connection, Dispatch, Handle};
use std::collections::{HashMap, VecDeque};
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::task::{AbortHandle, Id, JoinSet};
use tokio::time::{Instant, timeout};

#[cfg(feature = "tls-no-provider")]
use protocall_transport::io::tls::ServerTls;
#[cfg(feature = "tls-no-provider")]
use protocall_transport::message::ConnectionInfo;

/// How long handshakes may go on once the server was told to stop: honest clients finish within
/// it, and no call was accepted from the others.
const HANDSHAKE_GRACE: Duration = Duration::from_secs(1);

/// How a server's connections are protected.
#[derive(Clone, Debug, Default)]
pub(crate) struct Security {
    #[cfg(feature = "tls-no-provider")]
    tls: Option<ServerTls>,
}

impl Security {
    #[cfg(feature = "tls-no-provider")]
    pub(crate) const fn tls(tls: ServerTls) -> Self {
        Self { tls: Some(tls) }
    }
}

/// What all connections of a server share, whichever thread they are on.
#[derive(Clone, Debug)]
pub(crate) struct Common {
    pub(crate) routes: Arc<Routes>,
    pub(crate) config: Config,
    #[cfg_attr(not(feature = "tls-no-provider"), allow(dead_code, reason = "handshakes are TLS'"))]
    pub(crate) security: Security,
    pub(crate) stats: Stats,
    pub(crate) gate: Gate,
    pub(crate) chance: Chance,
    pub(crate) tcp: tcp::Options,
}

/// How far a connection's age may differ from the setting (gRFC A9).
const AGE_JITTER: f64 = 0.1;

impl Common {
    /// What a connection is told: its age differs from others'.
    fn config(&self) -> Config {
        let mut config = self.config.clone();
        if let Some(age) = config.http2.max_connection_age {
            let age = self.chance.around(age, AGE_JITTER);
            Arc::make_mut(&mut config.http2).max_connection_age = Some(age);
        }
        config
    }
}

/// The connections of a server that are open, or about to be.
pub(crate) struct Connections {
    common: Common,
    handshakes: JoinSet<Option<Shaken>>,
    /// The handshakes in the order in which they began; some have ended.
    #[cfg_attr(not(feature = "tls-no-provider"), allow(dead_code, reason = "handshakes are TLS'"))]
    order: VecDeque<AbortHandle>,
    tasks: JoinSet<()>,
    handles: HashMap<Id, Handle>,
}

/// Held while a connection is open: counts it, and has its place.
#[derive(Debug)]
struct Admitted {
    _open: Open,
    _place: Entered,
}

pin_project_lite::pin_project! {
    /// A connection and what it holds of its server. An async block that waits for it would keep
    /// the connection twice: as what it was given, and as what it polls.
    struct Running<C> {
        #[pin]
        connection: C,
        admitted: Admitted,
    }
}

impl<C: Future<Output = ()>> Future for Running<C> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().connection.poll(cx)
    }
}

/// A connection whose handshake is done.
struct Shaken {
    connection: Pin<Box<dyn Future<Output = ()> + Send>>,
    handle: Handle,
    admitted: Admitted,
}

impl Connections {
    pub(crate) fn new(common: Common) -> Self {
        Self {
            common,
            handshakes: JoinSet::new(),
            order: VecDeque::new(),
            tasks: JoinSet::new(),
            handles: HashMap::new(),
        }
    }

    /// What the server meets.
    pub(crate) const fn stats(&self) -> &Stats {
        &self.common.stats
    }

    /// What is set on TCP streams.
    pub(crate) const fn tcp_options(&self) -> &tcp::Options {
        &self.common.tcp
    }

    /// Serves a connection in a task of its own, after its handshake if it needs one. Closes it and
    /// says `false` when there are as many as there may be.
    pub(crate) fn add<S: Transport>(&mut self, stream: S, peer: PeerAddr) -> bool {
        self.stats().count(|tally| &tally.connections_accepted);
        let Some(place) = self.common.gate.enter() else {
            self.stats().count(|tally| &tally.connections_refused);
            return false;
        };
        let admitted = Admitted { _open: self.stats().opened(), _place: place };
        #[cfg(feature = "tls-no-provider")]
        if let Some(tls) = self.common.security.tls.clone() {
            self.shake_hands(tls, stream, peer, admitted);
            return true;
        }
        let dispatch = Arc::clone(&self.common.routes) as Arc<dyn Dispatch>;
        let (connection, handle) = Connection::new(stream, peer, dispatch, &self.common.config());
        self.run(connection, handle, admitted);
        true
    }

    #[cfg(feature = "tls-no-provider")]
    fn shake_hands<S: Transport>(
        &mut self,
        tls: ServerTls,
        stream: S,
        peer: PeerAddr,
        admitted: Admitted,
    ) {
        self.make_room(tls.handshake_limit());
        let dispatch = Arc::clone(&self.common.routes) as Arc<dyn Dispatch>;
        let (config, stats) = (self.common.config(), self.stats().clone());
        let handshake = self.handshakes.spawn(async move {
            // the observer of `tls` hears of errors
            let (stream, identity) = match tls.accept(stream, &peer).await {
                Ok(accepted) => accepted,
                Err(error) => {
                    stats.handshake_failed(&error);
                    return None;
                }
            };
            let info = ConnectionInfo::over_tls(peer, identity);
            let (connection, handle) = Connection::new(stream, info, dispatch, &config);
            Some(Shaken { connection: Box::pin(connection), handle, admitted })
        });
        self.order.push_back(handshake);
    }

    /// Ends the handshakes that have lasted longest until there are fewer than `limit`. Those that
    /// were ended before count no more, though they are still in the set.
    #[cfg(feature = "tls-no-provider")]
    fn make_room(&mut self, limit: usize) {
        // those that have ended still hold their task's memory
        if self.order.len() >= limit.min(2 * self.handshakes.len() + 16) {
            self.order.retain(|handshake| !handshake.is_finished());
        }
        while self.order.len() >= limit
            && let Some(oldest) = self.order.pop_front()
        {
            oldest.abort();
            self.common.stats.count(|tally| &tally.handshakes_displaced);
        }
    }

    fn run(
        &mut self,
        connection: impl Future<Output = ()> + Send + 'static,
        handle: Handle,
        admitted: Admitted,
    ) {
        let id = self.tasks.spawn(Running { connection, admitted }).id();
        self.handles.insert(id, handle);
    }

    /// Waits until a connection has closed or failed in its handshake; for ever when there is
    /// none. Also takes on connections whose handshake is done, so it must be polled.
    ///
    /// # Cancel safety
    /// Safe.
    pub(crate) async fn closed(&mut self) {
        loop {
            tokio::select! {
                Some(ended) = self.tasks.join_next_with_id() => {
                    let id = match ended {
                        Ok((id, ())) => id,
                        Err(error) => error.id(),
                    };
                    self.handles.remove(&id);
                    return;
                }
                Some(done) = self.handshakes.join_next() => match done {
                    Ok(Some(shaken)) => self.run(shaken.connection, shaken.handle, shaken.admitted),
                    Ok(None) | Err(_) => return,
                },
                else => pending().await,
            }
        }
    }

    /// Lets calls finish for at most that long, then ends those that are left.
    pub(crate) async fn drain(mut self, limit: Duration) {
        let deadline = Instant::now() + limit;
        self.handles.values().for_each(Handle::drain);
        let handshakes = async {
            while let Some(done) = self.handshakes.join_next().await {
                if let Ok(Some(Shaken { connection, handle, admitted })) = done {
                    handle.drain();
                    self.run(connection, handle, admitted);
                }
            }
        };
        // what takes longer never had a call; dropping the set ends it
        let _ = timeout(limit.min(HANDSHAKE_GRACE), handshakes).await;
        self.handshakes.abort_all();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(deadline.saturating_duration_since(Instant::now()), all).await.is_err() {
            self.handles.values().for_each(Handle::abort);
            while self.tasks.join_next().await.is_some() {}
        }
    }
}
