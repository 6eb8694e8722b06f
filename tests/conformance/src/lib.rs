//! The programs that the connectrpc conformance suite tests, on Protocall.
//!
//! The suite's runner starts a program, speaks to it over stdin and stdout ([`wire`]), and judges
//! what it answers on the network: [`service`] is the server's half, [`client`] the client's.
//! `cargo xtask conformance` runs the runner.

pub mod client;
pub mod service;
pub mod values;
pub mod wire;

#[allow(missing_docs, reason = "comments of the .proto files are the docs")]
pub mod proto {
    protocall::include_proto!();
}

/// The suite's own messages.
pub use proto::connectrpc::conformance::v1;
