//! The client's end of a connection.
//!
//! [`Connection`] is the task that opens streams and hands answers to their callers; [`Call`] is
//! one call, which exists before it has a connection. Which connection takes it, and when a new
//! one is made, is decided in `protocall-channel`.

mod call;
mod connection;
mod pool;
mod streams;

pub use call::{BidiStreaming, Call, ClientStreaming, RequestSender};
pub use connection::{Closed, Config, Connection, Handle, WeakHandle};
pub use pool::Pool;
