//! The code generator: linked descriptors to Rust source text.
