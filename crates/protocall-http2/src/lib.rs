//! HTTP/2 and HPACK as a pure state machine: bytes to stream events and back.

mod fields;
pub mod hpack;

pub use fields::{Field, FieldRef, Fields, Indexing, Origin};
