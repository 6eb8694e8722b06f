//! What the attack suite in `tests/` is made of: a victim on a thread of its own whose CPU and
//! memory are measured, an attacker that writes raw bytes, and the trial that brings them together.
//! The attacks themselves are in `tests/`, one a test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "only tests use this: a test fails by panicking, and its figures are worth seeing"
)]

pub mod client_trial;
pub mod good;
#[cfg(target_os = "linux")]
pub mod half_open;
pub mod honest;
pub mod limits;
pub mod peer;
pub mod trial;
pub mod victim;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Trials measure time, so they run one after the other whatever the test runner's threads.
///
/// A trial that failed poisons nothing: the others are still worth their result.
pub fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}
