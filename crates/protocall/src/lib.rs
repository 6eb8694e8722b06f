//! gRPC for Rust: everything that an application names.
