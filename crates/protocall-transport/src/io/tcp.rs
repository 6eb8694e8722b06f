//! TCP streams as gRPC wants them.

use std::io;
use std::net::SocketAddr;
use tokio::net::TcpStream;

/// Connects, without Nagle's delay: a batch is written at once and should leave at once.
///
/// # Errors
/// Those of the operating system.
///
/// # Cancel safety
/// A dropped future leaves no connection behind.
pub async fn connect(addr: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(addr).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
