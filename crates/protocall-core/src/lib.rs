//! gRPC as pure rules: status, metadata, timeouts, envelopes, codecs, header fields.
//!
//! Nothing here reads a socket, a clock or a random number, and nothing knows HTTP/2 frames:
//! `protocall-http2` turns bytes into header lists and data chunks, `protocall-transport` joins the
//! two. All names of header fields and the message framing of gRPC live in this crate alone.

pub mod code;
pub mod codec;
pub mod compression;
pub mod credentials;
pub mod envelope;
pub mod head;
pub mod mapping;
pub mod metadata;
pub mod method;
pub mod options;
pub mod path;
pub mod percent;
pub mod status;
pub mod timeout;

pub use code::Code;
pub use compression::{Compression, Compressions};
pub use credentials::{CallCredentials, CallTarget, Credentials};
pub use metadata::Metadata;
pub use method::{Method, MethodKind};
pub use options::CallOptions;
pub use path::Path;
pub use status::Status;

/// The largest message that is accepted, in bytes, after decompression.
///
/// 4 MiB is what every gRPC implementation starts from, so a peer may count on no more.
pub const DEFAULT_MAX_RECEIVE_MESSAGE: usize = 4 * 1024 * 1024;
