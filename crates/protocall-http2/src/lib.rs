//! HTTP/2 (RFC 9113) and HPACK (RFC 7541) as a pure state machine: bytes to stream events and back.
//!
//! A [`Connection`] takes slices of input and gives events; it takes commands and gives output.
//! It never touches a socket, a clock, a thread or a waker: time comes in as a [`Timestamp`], and
//! the driver (`protocall-transport`) reads, writes and sleeps. gRPC lives in `protocall-core`.

mod budget;
pub mod config;
mod connection;
mod error;
mod event;
mod fields;
mod flow;
mod frame;
pub mod hpack;
mod liveness;
mod output;
mod recv;
mod send;
mod settings;
mod shutdown;
mod stream;
mod time;

pub use budget::{Counters, Limit};
pub use config::{Config, Limits, Rate};
pub use connection::{Connection, FlowWindows, Part, Side, TemplateId};
pub use error::{
    ConnectionError, ConnectionErrorKind, ErrorCode, OpenError, SendError, StreamGone,
};
pub use event::{Event, HeadersKind, Initiator};
pub use fields::{Field, FieldRef, Fields, Indexing, Origin};
pub use output::{MAX_SLICES, Output};
pub use settings::PeerSettings;
pub use stream::StreamKey;
pub use time::Timestamp;
