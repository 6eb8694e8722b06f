//! TCP streams as gRPC wants them: no delay, an end for what nobody acknowledges, and no pace where
//! there is no network.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

#[cfg(all(test, any(target_os = "linux", target_os = "android")))]
mod tests;

/// How long bytes may stay unacknowledged by the peer's host unless set: gRPC's keepalive timeout
/// (gRFC A18).
pub const DEFAULT_USER_TIMEOUT: Duration = Duration::from_secs(20);

/// What the kernel takes unsent unless set: a hundredth of a second at 100 Mbit/s, and what a task
/// that is told at half of it has half a millisecond to refill at 1 Gbit/s.
pub const DEFAULT_UNSENT: u32 = 128 * 1024;

/// The congestion control that every Linux has, lets everybody choose, and that does not pace.
const UNPACED: &[u8] = b"reno";

/// What is set on each TCP stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// How long bytes may stay unacknowledged by the peer's host before the kernel ends the
    /// connection (TCP_USER_TIMEOUT, gRFC A18), so that a peer is found whose host or network is
    /// gone without a word. In whole milliseconds. `None`: the kernel's own, which is a quarter of
    /// an hour on Linux. Without effect on systems that lack it: all but Linux and Android.
    pub user_timeout: Option<Duration>,
    /// Whether a stream between loopback addresses sends as fast as its peer reads (`reno`),
    /// whatever congestion control the system has for others (RFC 5681; Linux and Android only).
    /// There is no network to be careful of, but one that paces what it sends, as `bbr` does, runs
    /// a timer for each piece: twice the CPU for large messages, at half their rate.
    pub unpaced_loopback: bool,
    /// Bytes that the kernel takes of those that the network does not take yet (TCP_NOTSENT_LOWAT;
    /// Linux and Android only). What it has taken goes first, whatever comes: small answers wait
    /// behind megabytes of a large one that have been written ahead. What is on its way is not
    /// counted, so long roads are filled as before. `None`: the kernel's own, which is no limit
    /// but that of its send buffer, mostly 4 MiB.
    pub unsent: Option<u32>,
    /// What a listener had before it was prepared, for the streams that it accepts from elsewhere.
    system_congestion: Option<Vec<u8>>,
}

impl Default for Options {
    fn default() -> Self {
        Self::with_user_timeout(Some(DEFAULT_USER_TIMEOUT))
    }
}

impl Options {
    /// With that time in which bytes must be acknowledged, and else as by default.
    #[must_use]
    pub const fn with_user_timeout(timeout: Option<Duration>) -> Self {
        Self {
            user_timeout: timeout,
            unpaced_loopback: true,
            unsent: Some(DEFAULT_UNSENT),
            system_congestion: None,
        }
    }

    /// With streams between loopback addresses that send at no pace, or like all others.
    #[must_use]
    pub const fn with_unpaced_loopback(mut self, unpaced: bool) -> Self {
        self.unpaced_loopback = unpaced;
        self
    }

    /// With that many bytes that the kernel takes ahead of the network.
    #[must_use]
    pub const fn with_unsent(mut self, bytes: Option<u32>) -> Self {
        self.unsent = bytes;
        self
    }

    /// Readies a listener, before it accepts, for the streams on which these options will be set. A
    /// stream that was paced once stays so, so all are accepted unpaced, and [`Options::apply`]
    /// gives those from elsewhere what the listener had.
    pub fn prepare(&mut self, listener: &TcpListener) {
        if self.unpaced_loopback {
            self.system_congestion = congestion(listener);
            if self.system_congestion.is_some() {
                set_congestion(listener, UNPACED);
            }
        }
    }

    /// Sets them on a stream, and turns Nagle's delay off: a batch is written at once and should
    /// leave at once.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn apply(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        if let Some(system) = &self.system_congestion
            && !is_loopback(stream.peer_addr()?)
        {
            set_congestion(stream, system);
        }
        set_unsent(stream, self.unsent);
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
    let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if options.unpaced_loopback && is_loopback(addr) {
        // before it connects: a stream that was paced once stays so
        set_congestion(&socket, UNPACED);
    }
    let stream = socket.connect(addr).await?;
    options.apply(&stream)?;
    Ok(stream)
}

fn is_loopback(addr: SocketAddr) -> bool {
    addr.ip().to_canonical().is_loopback()
}

/// The congestion control that a socket has; `None` where it cannot be told.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn congestion(socket: &impl std::os::fd::AsFd) -> Option<Vec<u8>> {
    let mut name = socket2::SockRef::from(socket).tcp_congestion().ok()?;
    name.truncate(name.iter().position(|&byte| byte == 0).unwrap_or(name.len()));
    Some(name)
}

/// All that is lost where the kernel refuses it is speed: it has `reno` and what it has by default
/// for everybody.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn set_congestion(socket: &impl std::os::fd::AsFd, name: &[u8]) {
    let _ = socket2::SockRef::from(socket).set_tcp_congestion(name);
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
const fn congestion<S>(_: &S) -> Option<Vec<u8>> {
    None
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
const fn set_congestion<S>(_: &S, _: &[u8]) {}

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

/// Kernels that are not Linux but look so, as sandboxes have, may not know the option: answers then
/// wait as they did, and that is no reason not to connect.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn set_unsent(stream: &TcpStream, bytes: Option<u32>) {
    if let Some(bytes) = bytes {
        let _ = socket2::SockRef::from(stream).set_tcp_notsent_lowat(bytes);
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
const fn set_unsent(_: &TcpStream, _: Option<u32>) {}
