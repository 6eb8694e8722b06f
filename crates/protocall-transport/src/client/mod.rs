//! The client's end of a connection.
//!
//! [`Connection`] is the task that opens streams and hands answers to their callers; [`Call`] is
//! one call, which exists before it has a connection. Which connection takes it, and when a new
//! one is made, is decided in `protocall-channel`.

mod answer;
mod call;
mod config;
mod connection;
mod handle;
mod head;
mod pool;
mod resend;
mod streams;

pub use call::{BidiStreaming, Call, ClientStreaming, RequestSender};
pub use config::Config;
pub use connection::{Closed, Connection};
pub use handle::{Handle, WeakHandle};
pub use pool::Pool;
pub use resend::{DEFAULT_RESEND_BUFFER, TakeBack};
