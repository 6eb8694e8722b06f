//! The attack suite: one scripted attack a test, written against the raw socket, and what it may
//! cost. How it is measured is in this package's library.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

mod floods;
#[cfg(target_os = "linux")]
mod half_open;
mod headers;
mod honest;
mod hostile;
mod idle;
mod resets;
mod slow;
mod stalls;
