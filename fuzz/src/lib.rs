//! Fuzz targets: a function over bytes each, which panics when something that must hold does not.
//!
//! They run over the committed corpora in `cargo test`, and under libFuzzer by `cargo xtask fuzz`
//! (the package in `libfuzzer`, one line a target). What is fuzzed lies in the crates themselves.

#![allow(clippy::panic, reason = "a panic is how a target tells a fuzzer of its finding")]

mod compression;
mod grpc;
mod headers;
mod http2;
mod messages;
mod schema;

pub use compression::compression;
pub use grpc::{envelope, heads};
pub use headers::hpack;
pub use http2::{client_bytes, server_bytes, two_connections};
pub use messages::messages;
pub use schema::{proto_source, text_format};

/// A target and its name, which is also the name of its corpus.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name.
    pub name: &'static str,
    /// Takes any bytes.
    ///
    /// # Panics
    /// When something that must hold for all bytes does not hold for these.
    pub run: fn(&[u8]),
}

/// Every target.
pub const TARGETS: [Target; 10] = [
    Target { name: "server_bytes", run: server_bytes },
    Target { name: "client_bytes", run: client_bytes },
    Target { name: "hpack", run: hpack },
    Target { name: "two_connections", run: two_connections },
    Target { name: "proto_source", run: proto_source },
    Target { name: "envelope", run: envelope },
    Target { name: "heads", run: heads },
    Target { name: "text_format", run: text_format },
    Target { name: "compression", run: compression },
    Target { name: "messages", run: messages },
];
