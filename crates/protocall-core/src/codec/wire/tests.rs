//! Tests of the wire codec's parts; whole messages are compared with buffa's in `fuzz`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
