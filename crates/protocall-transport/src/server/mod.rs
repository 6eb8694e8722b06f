//! The server's end of a connection.
//!
//! [`Connection`] is the task: it reads, hands what it read to HTTP/2, runs handlers where they
//! are, and writes. [`Dispatch`] is what it asks for handlers, [`ResponseWriter`] what they answer
//! into. Accepting connections and routing are `protocall-server`'s.

mod attention;
mod calls;
mod connection;
mod cost;
mod dispatch;
mod guard;
mod outcome;
mod refuse;
mod slot;
mod spares;
mod stalled;
mod tarpit;
mod work;
mod writer;

pub use connection::{Config, Connection, Handle};
pub use cost::Cost;
pub use dispatch::{Dispatch, Handler, Incoming, Input, Route, ServerCall};
pub use tarpit::DEFAULT_REFUSAL_DELAY;
pub use work::WorkLimit;
pub use writer::ResponseWriter;
