//! gRPC for Rust: everything that an application names, under one roof.
//!
//! A service is declared in a `.proto` file, compiled in `build.rs` by `protocall-build`, and taken
//! in with [`include_proto!`]. A handler is a plain `async fn`; a client takes `&self`. What
//! generated clients do is a call on a [`Channel`], which works without generated code too:
//!
//! ```no_run
//! use bytes::Bytes;
//! use protocall::{Channel, Method, MethodKind, Request, codec::Raw};
//!
//! static ECHO: Method =
//!     Method::new("example.Echo", "Echo", "/example.Echo/Echo", MethodKind::Unary);
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let channel = Channel::connect("http://localhost:50051").await?;
//! let request = Request::new(Bytes::from_static(b"hello"));
//! let answer = channel.unary::<Raw, Bytes, Bytes>(&ECHO, request).await?.into_inner();
//! # let _ = answer;
//! # Ok(()) }
//! ```
//!
//! The crate itself holds nothing but names: what they do is in the crates that it joins.

#[doc(inline)]
pub use protocall_core::{
    CallCredentials, CallOptions, CallTarget, Code, Compression, Compressions, Credentials,
    Metadata, Method, MethodKind, Path, Status, codec, compression, metadata, status,
};
pub use protocall_transport::chance::Chance;
pub use protocall_transport::client::{BidiStreaming, ClientStreaming, RequestSender};
pub use protocall_transport::http2;
#[cfg(feature = "tracing")]
pub use protocall_transport::intercept::TraceCalls;
pub use protocall_transport::intercept::{
    self, Beginning, CallHooks, Interceptor, Outcome, Passed, Scope,
};
pub use protocall_transport::io::{memory, tcp};
pub use protocall_transport::message::{
    Cancellation, ConnectionInfo, Context, IntoRequest, PeerAddr, PeerIdentity, Request, Response,
    ResponseSender, ResponseStream, Streaming, UnixPeer,
};

#[cfg(feature = "reflect")]
pub use buffa_descriptor;
#[cfg(feature = "json")]
#[doc(hidden)] // what derives in generated code name
pub use serde;
#[cfg(feature = "buffa")]
pub use {buffa, buffa_types};
#[cfg(feature = "prost")]
pub use {prost, prost_types};

#[cfg(feature = "channel")]
pub use protocall_channel::{Channel, OneShot};
#[cfg(feature = "server")]
pub use protocall_server::Server;

/// Clients: channels, their settings and their rooms.
#[cfg(feature = "channel")]
pub mod channel {
    pub use protocall_channel::*;
}

/// Servers: services, their registration and their settings.
#[cfg(feature = "server")]
pub mod server {
    pub use protocall_server::*;
}

#[cfg(feature = "error-details")]
pub use protocall_services::error_details;
#[cfg(feature = "health")]
pub use protocall_services::health;
#[cfg(feature = "reflection")]
pub use protocall_services::reflection;

/// TLS for both sides: certificates, whom to trust, replacement while running.
///
/// Needs the feature `tls` (or `tls-aws-lc`, or `tls-no-provider` and a default provider that the
/// application installs).
#[cfg(feature = "tls-no-provider")]
pub mod tls {
    pub use protocall_transport::io::tls::*;
}
#[cfg(feature = "tls-no-provider")]
pub use protocall_transport::io::tls::{ClientTls, ServerTls, TlsError};

#[cfg(unix)]
pub use protocall_transport::io::unix;

pub mod generated;

/// Takes in all code that `build.rs` generated: one module a package, nested as packages are.
///
/// ```text
/// mod proto {
///     protocall::include_proto!();
/// }
/// use proto::example::HelloServiceClient;
/// ```
#[macro_export]
macro_rules! include_proto {
    () => {
        ::core::include!(::core::concat!(::core::env!("OUT_DIR"), "/protocall.rs"));
    };
}
