//! Makes the streams of bytes that connections run over.
//!
//! What a connection is made to, and how the attempts follow each other, is told from outside.

mod secure;
#[cfg(feature = "tls-no-provider")]
mod tls;
#[cfg(unix)]
mod unix;

pub(crate) use secure::Security;
#[cfg(feature = "tls-no-provider")]
pub use tls::Tls;
#[cfg(unix)]
pub use unix::Unix;

use crate::balance::{Balance, PickFirst};
use crate::resolve::{Resolve, SystemResolver};
use crate::target::Target;
use protocall_transport::io::{memory, tcp};
use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

#[cfg(all(test, target_os = "linux"))]
mod tests;

/// A stream of bytes, whatever it runs over.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection being made.
pub type Connecting<'a> = Pin<Box<dyn Future<Output = io::Result<Box<dyn Stream>>> + Send + 'a>>;

/// Makes connections to one target. A channel has one, and calls it whenever it needs another
/// connection.
pub trait Connect: Send + Sync + 'static {
    /// Makes a connection.
    ///
    /// # Errors
    /// Why none could be made; names the address.
    fn connect(&self) -> Connecting<'_>;

    /// The target as errors name it.
    fn name(&self) -> String;

    /// Whether nobody else can read what goes over the connections: call credentials go over no
    /// others unless they say so. `false` unless the implementation knows better.
    fn is_secure(&self) -> bool {
        false
    }

    /// Takes what the channel's settings say of TCP, before the first connection is made. To be
    /// forwarded by connectors around others; nothing is done unless implemented.
    fn set_tcp_options(&mut self, options: &tcp::Options) {
        let _ = options;
    }
}

impl Connect for Box<dyn Connect> {
    fn connect(&self) -> Connecting<'_> {
        (**self).connect()
    }

    fn name(&self) -> String {
        (**self).name()
    }

    fn is_secure(&self) -> bool {
        (**self).is_secure()
    }

    fn set_tcp_options(&mut self, options: &tcp::Options) {
        (**self).set_tcp_options(options);
    }
}

/// The connector for a target, without TLS.
pub(crate) fn to(target: Target) -> Box<dyn Connect> {
    #[cfg(unix)]
    if let Some(path) = target.unix_path() {
        return Box::new(Unix::new(path));
    }
    Box::new(Tcp::new(target))
}

/// Connects by TCP to the addresses of a target, one after the other until one takes it.
pub struct Tcp {
    target: Target,
    resolver: Box<dyn Resolve>,
    balancer: Box<dyn Balance>,
    options: tcp::Options,
}

impl Tcp {
    /// To that target, resolved by the operating system.
    #[must_use]
    pub fn new(target: Target) -> Self {
        Self {
            target,
            resolver: Box::new(SystemResolver),
            balancer: Box::new(PickFirst),
            options: tcp::Options::default(),
        }
    }

    /// The same with another resolver.
    #[must_use]
    pub fn with_resolver(mut self, resolver: impl Resolve) -> Self {
        self.resolver = Box::new(resolver);
        self
    }

    /// The same with another order of addresses.
    #[must_use]
    pub fn with_balancer(mut self, balancer: impl Balance) -> Self {
        self.balancer = Box::new(balancer);
        self
    }

    async fn connect_any(&self) -> io::Result<TcpStream> {
        let addresses = self.resolver.resolve(&self.target).await.map_err(|error| {
            io::Error::new(error.kind(), format!("cannot resolve {}: {error}", self.target))
        })?;
        let mut failed: Option<io::Error> = None;
        for addr in self.balancer.order(addresses) {
            match tcp::connect(addr, &self.options).await {
                Ok(stream) => return Ok(stream),
                Err(error) => failed = Some(join(failed, addr, &error)),
            }
        }
        Err(failed.unwrap_or_else(|| {
            io::Error::new(io::ErrorKind::NotFound, "the balancer left no address to try")
        }))
    }
}

/// Adds an address that failed to those that failed before it.
fn join(before: Option<io::Error>, addr: SocketAddr, error: &io::Error) -> io::Error {
    let text = match before {
        Some(before) => format!("{before}; {addr}: {error}"),
        None => format!("{addr}: {error}"),
    };
    io::Error::new(error.kind(), text)
}

impl Connect for Tcp {
    fn connect(&self) -> Connecting<'_> {
        Box::pin(async { Ok(Box::new(self.connect_any().await?) as Box<dyn Stream>) })
    }

    fn name(&self) -> String {
        self.target.to_string()
    }

    fn set_tcp_options(&mut self, options: &tcp::Options) {
        self.options = options.clone();
    }
}

impl fmt::Debug for Tcp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tcp").field("target", &self.target).finish_non_exhaustive()
    }
}

impl Connect for memory::Connector {
    fn connect(&self) -> Connecting<'_> {
        Box::pin(async {
            let stream = Self::connect(self).await?;
            Ok(Box::new(stream) as Box<dyn Stream>)
        })
    }

    fn name(&self) -> String {
        "memory".to_owned()
    }

    fn is_secure(&self) -> bool {
        true
    }
}
