//! The gRPC client: from a target to a connection that takes calls.
//!
//! [`Channel`] is what generated clients hold. Behind it are rooms joined by small traits:
//! [`target`] says where to, [`resolve`] finds addresses, [`balance`] picks one, [`connect`] makes
//! connections; `manage` keeps them. Connections themselves are `protocall-transport`'s.

mod backoff;
mod channel;
mod credentials;
#[cfg(feature = "jwt")]
mod jwt;
mod manage;
mod once;
mod stats;
mod tokens;

pub mod balance;
pub mod connect;
pub mod resolve;
pub mod target;

pub use backoff::Backoff;
pub use channel::{
    Builder, Channel, ConnectError, DEFAULT_CONNECT_TIMEOUT, MIN_KEEPALIVE_INTERVAL,
};
#[cfg(feature = "jwt")]
pub use jwt::{InvalidKey, ServiceAccount};
pub use manage::State;
pub use once::OneShot;
pub use stats::{ConnectCounters, Stats, StatsSnapshot};
pub use tokens::{EXPIRY_MARGIN, RefreshedToken, Token};
