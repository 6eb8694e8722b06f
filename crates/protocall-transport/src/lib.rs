//! Connections: the pure rooms joined to tokio. One task owns one connection.
//!
//! Every waker and lock of the runtime lives here. [`server`] and [`client`] drive the two ends,
//! [`message`] is what applications hold, [`io`] what bytes travel over. Which handler answers is
//! `protocall-server`'s business, which connection takes a call `protocall-channel`'s.

mod bounds;
mod buffers;
mod busy_poll;
pub mod chance;
mod clock;
mod exchange;
mod lull;
mod mailbox;
mod parts;
mod socket;
mod timer;

pub mod client;
pub mod intercept;
pub mod io;
pub mod message;
pub mod server;
pub mod stats;

pub use buffers::Buffers;
pub use protocall_http2 as http2;
