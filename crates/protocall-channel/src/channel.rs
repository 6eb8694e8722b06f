//! What generated clients hold: a channel to a target. What its connections are told is `settings`'
//! part, how calls are made `calls`'.

mod calls;
mod settings;

pub use settings::MIN_KEEPALIVE_INTERVAL;

use crate::backoff::Backoff;
use crate::connect::{self, Connect, Security};
use crate::manage::{Manager, Retry, State};
use crate::once::WithMetadata;
use crate::stats::Stats;
use crate::target::{InvalidTarget, Target};
use protocall_core::{CallOptions, Compression, Compressions, Credentials, Metadata, Status};
use protocall_transport::chance::Chance;
use protocall_transport::client::{Config, Pool};
use protocall_transport::intercept::{Chain, Interceptor};
use protocall_transport::io::tcp;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How long an attempt to connect may take (`connection-backoff.md`).
pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// Makes calls to a target. Cheap to clone; all clones share their connection.
///
/// It connects when the first call needs it, and again when the connection was lost. The
/// connection closes when the last clone is gone and its calls are over.
#[derive(Clone, Debug)]
pub struct Channel {
    manager: Arc<Manager>,
    defaults: Arc<CallOptions>,
    pool: Pool,
    interceptors: Chain,
}

/// Why there is no channel.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectError {
    /// The target cannot be read.
    Target(InvalidTarget),
    /// The first attempt to connect failed.
    Failed(Status),
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target(error) => error.fmt(f),
            Self::Failed(status) => f.write_str(status.message()),
        }
    }
}

impl Error for ConnectError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Target(error) => Some(error),
            Self::Failed(status) => Some(status),
        }
    }
}

impl From<InvalidTarget> for ConnectError {
    fn from(error: InvalidTarget) -> Self {
        Self::Target(error)
    }
}

impl Channel {
    /// A channel that connects when its first call is made. Needs no runtime yet.
    ///
    /// # Errors
    /// [`InvalidTarget`]; forms are those of [`Target::parse`].
    pub fn lazy(target: &str) -> Result<Self, InvalidTarget> {
        Ok(Self::builder(target)?.build())
    }

    /// A channel that has connected once.
    ///
    /// # Errors
    /// [`ConnectError`] when the target cannot be read or the first attempt fails.
    ///
    /// # Cancel safety
    /// Dropping the future drops the channel.
    pub async fn connect(target: &str) -> Result<Self, ConnectError> {
        let channel = Self::lazy(target)?;
        channel.ready().await.map_err(ConnectError::Failed)?;
        Ok(channel)
    }

    /// A channel to a target, with settings.
    ///
    /// # Errors
    /// [`InvalidTarget`]; forms are those of [`Target::parse`].
    pub fn builder(target: &str) -> Result<Builder, InvalidTarget> {
        let target = Target::parse(target)?;
        let (authority, security) = (target.authority(), Security::of(target.is_tls()));
        Ok(Builder { security, ..Builder::new(connect::to(target), authority) })
    }

    /// A channel over connections that something else makes, such as
    /// [`memory`](protocall_transport::io::memory)'s connector.
    #[must_use]
    pub fn over(connector: impl Connect) -> Builder {
        Builder::new(Box::new(connector), "localhost".to_owned())
    }

    /// What the channel is doing.
    #[must_use]
    pub fn state(&self) -> State {
        *self.manager.state().borrow()
    }

    /// Waits until the channel's state is another than `state`, and returns it.
    ///
    /// # Cancel safety
    /// Safe: nothing is lost when the future is dropped.
    pub async fn state_after(&self, state: State) -> State {
        let mut states = self.manager.state();
        // the sender is in the manager, which this channel holds
        states.wait_for(|now| *now != state).await.map_or(state, |now| *now)
    }

    /// Connects if it is not connected, and waits until it is.
    ///
    /// # Errors
    /// The error of the attempt, when it fails.
    ///
    /// # Cancel safety
    /// Safe: the attempt goes on when the future is dropped.
    pub async fn ready(&self) -> Result<(), Status> {
        let mut states = self.manager.state();
        self.manager.connect();
        let state = states
            .wait_for(|now| matches!(now, State::Ready | State::TransientFailure))
            .await
            .map_or(State::TransientFailure, |now| *now);
        match state {
            State::Ready => Ok(()),
            _ => Err(self.manager.last_error().unwrap_or_else(no_connection)),
        }
    }

    /// What the channel meets: a handle on its numbers, which all clones share.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.manager.stats()
    }

    /// The same channel, with another interceptor inside of those that it has: connections are
    /// shared, and calls of other clones do not go through it.
    #[must_use]
    pub fn intercepted(&self, interceptor: impl Interceptor) -> Self {
        Self { interceptors: self.interceptors.with(interceptor), ..self.clone() }
    }
}

fn no_connection() -> Status {
    Status::unavailable("there is no connection")
}

/// A channel that is being put together.
pub struct Builder {
    connector: Box<dyn Connect>,
    config: Config,
    defaults: CallOptions,
    backoff: Backoff,
    connect_timeout: Duration,
    security: Security,
    /// `None`: the keepalive timeout.
    user_timeout: Option<Option<Duration>>,
    unpaced_loopback: bool,
    unsent: Option<u32>,
    chance: Chance,
    interceptors: Chain,
}

impl Builder {
    fn new(connector: Box<dyn Connect>, authority: String) -> Self {
        Self {
            connector,
            config: Config::new(authority),
            defaults: CallOptions::default(),
            backoff: Backoff::default(),
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            security: Security::default(),
            user_timeout: None,
            unpaced_loopback: true,
            unsent: Some(tcp::DEFAULT_UNSENT),
            chance: Chance::default(),
            interceptors: Chain::default(),
        }
    }

    /// Connects in another way than by TCP to the target; the authority stays the target's.
    #[must_use]
    pub fn connector(mut self, connector: impl Connect) -> Self {
        self.connector = Box::new(connector);
        self
    }

    /// The value of `:authority`, in place of the target's host and port.
    #[must_use]
    pub fn authority(mut self, authority: impl Into<String>) -> Self {
        self.security.authority = Some(authority.into());
        self
    }

    /// Connects over TLS with these settings, also when the target does not say `https://`. The
    /// server's certificate must have the authority's host as its name, unless the settings name
    /// another.
    #[cfg(feature = "tls-no-provider")]
    #[must_use]
    pub fn tls(mut self, tls: protocall_transport::io::tls::ClientTls) -> Self {
        self.security.tls = Some(tls);
        self
    }

    /// What proves to the server who calls, with every call. Fails calls over connections that
    /// others can read, unless the credentials allow them.
    #[must_use]
    pub fn credentials(mut self, credentials: impl Into<Credentials>) -> Self {
        self.defaults.credentials = Some(credentials.into());
        self
    }

    /// The application's own name and version, in front of ours in `user-agent`.
    #[must_use]
    pub fn user_agent(mut self, application: &str) -> Self {
        self.config.user_agent = format!("{application} {}", self.config.user_agent);
        self
    }

    /// How long calls may take that do not say it themselves; no limit unless set.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.defaults.timeout = Some(timeout);
        self
    }

    /// Whether calls that do not say it themselves wait for a connection; they do not unless set.
    #[must_use]
    pub const fn wait_for_ready(mut self, wait: bool) -> Self {
        self.defaults.wait_for_ready = Some(wait);
        self
    }

    /// The largest response in bytes; 4 MiB unless set.
    #[must_use]
    pub const fn max_receive_message(mut self, bytes: usize) -> Self {
        self.defaults.max_receive_message = Some(bytes);
        self
    }

    /// The largest request in bytes; no limit unless set.
    #[must_use]
    pub const fn max_send_message(mut self, bytes: usize) -> Self {
        self.defaults.max_send_message = Some(bytes);
        self
    }

    /// What requests are compressed with that do not say it themselves; nothing unless set. A
    /// server that does not know it ends calls with `UNIMPLEMENTED`.
    #[must_use]
    pub const fn compression(mut self, compression: Compression) -> Self {
        self.defaults.compression = Some(compression);
        self
    }

    /// The compressions that responses may have; all that this build has unless set.
    #[must_use]
    pub fn accept_compressions(mut self, compressions: Compressions) -> Self {
        self.config.compressions = compressions;
        self
    }

    /// Metadata for every call, behind the call's own.
    #[must_use]
    pub fn metadata(self, metadata: Metadata) -> Self {
        self.intercept(WithMetadata(metadata))
    }

    /// Adds an interceptor, inside of those that were added before: it sees every call of the
    /// channel, of all shapes.
    #[must_use]
    pub fn intercept(mut self, interceptor: impl Interceptor) -> Self {
        self.interceptors = self.interceptors.with(interceptor);
        self
    }

    /// How long to wait between attempts to connect.
    #[must_use]
    pub const fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// How long an attempt to connect may take; 20 s unless set.
    #[must_use]
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The channel; it connects when its first call is made.
    #[must_use]
    pub fn build(self) -> Channel {
        let Self { mut connector, mut config, defaults, security, .. } = self;
        let user_timeout = self.user_timeout.unwrap_or(Some(config.http2.keepalive_timeout));
        connector.set_tcp_options(
            &tcp::Options::with_user_timeout(user_timeout)
                .with_unpaced_loopback(self.unpaced_loopback)
                .with_unsent(self.unsent),
        );
        let connector = security.apply(connector, &mut config);
        let retry = Retry {
            backoff: self.backoff,
            chance: self.chance,
            connect_timeout: self.connect_timeout,
        };
        let manager = Manager::new(connector, config, retry);
        let pool = Pool::new(manager.totals().clone());
        let interceptors = self.interceptors;
        Channel { manager, defaults: Arc::new(defaults), pool, interceptors }
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("config", &self.config).finish_non_exhaustive()
    }
}
