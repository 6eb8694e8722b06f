//! What a client's end of a connection is told when it begins.

use super::resend::{DEFAULT_RESEND_BUFFER, TakeBack};
use crate::buffers::Buffers;
use crate::stats::Totals;
use protocall_core::Compressions;
use protocall_http2 as http2;
use std::time::Duration;

/// How a connection behaves.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// HTTP/2's own settings and limits.
    pub http2: http2::Config,
    /// Receive buffers, shared by all connections that were given a clone of this.
    pub buffers: Buffers,
    /// Where connections count what they meet.
    pub totals: Totals,
    /// Where calls go that the connection cannot serve, though another could. Without it, calls
    /// that were never sent come back when the connection ends, and calls that the server did not
    /// process fail.
    pub take_back: Option<TakeBack>,
    /// The value of `:authority`: host and port as the caller knows them.
    pub authority: String,
    /// The value of `:scheme`.
    pub scheme: &'static str,
    /// The value of `user-agent`.
    pub user_agent: String,
    /// The compressions that responses may have: what the server is told to be accepted.
    pub compressions: Compressions,
    /// Bytes that are kept of each call to send it again, while its server has said nothing.
    pub resend_buffer: usize,
    /// How long a connection with calls under way looks for answers before it sleeps; zero: not at
    /// all.
    pub busy_poll: Duration,
    /// The server as errors name it; the authority unless set.
    pub name: String,
}

impl Config {
    /// What production wants, for a server of that authority.
    #[must_use]
    pub fn new(authority: impl Into<String>) -> Self {
        let authority = authority.into();
        Self {
            name: authority.clone(),
            http2: http2::Config::client(),
            buffers: Buffers::default(),
            totals: Totals::default(),
            take_back: None,
            resend_buffer: DEFAULT_RESEND_BUFFER,
            authority,
            compressions: Compressions::default(),
            scheme: "http",
            busy_poll: Duration::ZERO,
            user_agent: concat!("grpc-rust-protocall/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}
