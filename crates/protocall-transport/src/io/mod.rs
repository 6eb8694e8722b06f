//! What the bytes of a connection travel over: TCP, Unix sockets, a pipe in this process, and TLS
//! over any of them.
//!
//! Both ends of a connection take any tokio stream of bytes; these are the ones that come with it.

pub mod memory;
pub mod tcp;
#[cfg(feature = "tls-no-provider")]
pub mod tls;
#[cfg(unix)]
pub mod unix;

use tokio::io::{AsyncRead, AsyncWrite};

/// A stream of bytes that a connection can own.
pub trait Transport: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Transport for S {}
