//! All tests of the workspace as a whole, in one program so that it links once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod abuse;
mod budget;
mod contract;
mod counters;
mod load;
mod resilience;
mod settings;
mod time;
