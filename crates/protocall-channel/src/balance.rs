//! Which of a target's addresses takes the calls.

use std::net::SocketAddr;

/// In which order a channel tries the addresses of its target, until one connects.
pub trait Balance: Send + Sync + 'static {
    /// The addresses in the order in which they are to be tried.
    fn order(&self, addresses: Vec<SocketAddr>) -> Vec<SocketAddr>;
}

/// Keeps the resolver's order and stays with the first address that connects (gRFC A62).
#[derive(Clone, Copy, Debug, Default)]
pub struct PickFirst;

impl Balance for PickFirst {
    fn order(&self, addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
        addresses
    }
}
