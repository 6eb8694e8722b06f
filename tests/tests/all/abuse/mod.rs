//! Peers that break the rules, by mistake or on purpose. After each of them a good peer is served.

mod client;
mod crowd;
mod foreign;
mod negative;
mod requests;
mod server;
mod wire;
