//! TCP streams as gRPC wants them: no delay, and an end for what nobody acknowledges.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;

#[cfg(all(test, any(target_os = "linux", target_os = "android")))]
mod tests;

/// How long bytes may stay unacknowledged by the peer's host unless set: gRPC's keepalive timeout
/// (gRFC A18).
pub const DEFAULT_USER_TIMEOUT: Duration = Duration::from_secs(20);

/// What is set on each TCP stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// How long bytes may stay unacknowledged by the peer's host before the kernel ends the
    /// connection (TCP_USER_TIMEOUT, gRFC A18), so that a peer is found whose host or network is
    /// gone without a word. In whole milliseconds. `None`: the kernel's own, which is a quarter of
    /// an hour on Linux. Without effect on systems that lack it: all but Linux and Android.
    pub user_timeout: Option<Duration>,
}

impl Default for Options {
    fn default() -> Self {
        Self { user_timeout: Some(DEFAULT_USER_TIMEOUT) }
    }
}

impl Options {
    /// With that time in which bytes must be acknowledged.
    #[must_use]
    pub const fn with_user_timeout(timeout: Option<Duration>) -> Self {
        Self { user_timeout: timeout }
    }

    /// Sets them on a stream, and turns Nagle's delay off: a batch is written at once and should
    /// leave at once.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn apply(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        set_user_timeout(stream, self.user_timeout)
    }
}

/// Connects, with these options.
///
/// # Errors
/// Those of the operating system.
///
/// # Cancel safety
/// A dropped future leaves no connection behind.
pub async fn connect(addr: SocketAddr, options: &Options) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(addr).await?;
    options.apply(&stream)?;
    Ok(stream)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn set_user_timeout(stream: &TcpStream, timeout: Option<Duration>) -> io::Result<()> {
    match timeout {
        Some(timeout) => socket2::SockRef::from(stream).set_tcp_user_timeout(Some(timeout)),
        None => Ok(()),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn set_user_timeout(_: &TcpStream, _: Option<Duration>) -> io::Result<()> {
    Ok(())
}
