//! What the bytes of a connection travel over: TCP, or a pipe in this process.
//!
//! Both ends of a connection take any tokio stream of bytes; these are the ones that come with it.

pub mod memory;
pub mod tcp;

use tokio::io::{AsyncRead, AsyncWrite};

/// A stream of bytes that a connection can own.
pub trait Transport: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Transport for S {}
