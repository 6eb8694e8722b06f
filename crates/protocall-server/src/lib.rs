//! The gRPC server: accepts connections, finds the handler of each call, drains.
//!
//! Connections themselves are `protocall-transport`'s. [`Server`] is where a program begins,
//! [`Service`] what generated code implements, [`Routes`] where its methods are registered.

mod accept;
mod builder;
mod handler;
mod intercept;
mod place;
mod routes;
mod shards;
mod shutdown;
mod stats;

pub use accept::{Listener, ServeError};
pub use builder::{Bound, Builder, DEFAULT_DRAIN, Server};
pub use intercept::Intercepted;
pub use routes::{MessageLimits, Routes, Served, Service};
pub use shutdown::ctrl_c;
pub use stats::{AcceptCounters, Stats, StatsSnapshot};
