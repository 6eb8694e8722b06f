//! What every gRPC has beside its own services: health, reflection, error details.
//!
//! Each is behind a feature of its name, and its messages and services are code that our compiler
//! made of the files in `proto` and that lies in the tree, so that nobody's build makes it again.
//! Serving and calling is `protocall-server`'s and `protocall-channel`'s; applications name all of
//! this through `protocall`.

// generated code names `::protocall`, and finds here what it needs of it
#[allow(unused_extern_crates, reason = "named by generated code, where a feature brings any")]
extern crate self as protocall;

#[cfg(feature = "error-details")]
pub mod error_details;
#[cfg(feature = "health")]
pub mod health;
#[cfg(feature = "reflection")]
pub mod reflection;

#[allow(
    unused_imports,
    clippy::single_component_path_imports,
    reason = "for generated code, of which some needs more than others"
)]
pub(crate) use {buffa, buffa_types};
#[cfg(feature = "services")]
#[allow(unused_imports, reason = "as above")]
pub(crate) use {
    protocall_channel::Channel,
    protocall_core::{Method, MethodKind, Status, codec},
    protocall_server as server,
    protocall_transport::client::BidiStreaming,
    protocall_transport::message::{IntoRequest, Request, Response, ResponseStream, Streaming},
};

/// The handshake of generated code and runtime, which here are of one version: the test
/// `generated` sees to it.
pub(crate) mod generated {
    #[allow(dead_code, reason = "called by generated code, where there are services")]
    pub(crate) const fn requires(_abi: u32, _message: &'static str) {}
}
