//! gRPC's official interop programs, on Protocall.
//!
//! What a case does and demands is described in grpc/grpc, `doc/interop-test-descriptions.md`.
//! [`service`] is the server's half and [`cases`] the client's; the two programs beside them only
//! read flags. `cargo xtask interop` runs them against other implementations.

pub mod cases;
pub mod flags;
pub mod orca;
pub mod service;

#[allow(missing_docs, reason = "comments of the .proto files are the docs")]
pub mod proto {
    protocall::include_proto!();
}
