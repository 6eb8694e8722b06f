//! What the tests in `tests/` share: a service that does what a test tells it, servers and channels
//! over several kinds of wire, and a peer that speaks HTTP/2 by hand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only tests use this, and a test fails by panicking"
)]

pub mod raw;
pub mod rig;
pub mod service;

#[allow(missing_docs, reason = "comments of the .proto file are the docs")]
pub mod proto {
    protocall::include_proto!();
}

use proto::trial::Blob;
use std::future::Future;
use std::sync::OnceLock;
use std::time::Duration;

/// How long a test may take in real time before it counts as hanging.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a test on one thread; fails when it hangs.
///
/// # Panics
/// When the test hangs.
pub fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        tokio::time::timeout(PATIENCE, test).await.expect("the test hangs");
    });
}

/// Runs a test on several threads; fails when it hangs.
///
/// # Panics
/// When the test hangs.
pub fn run_on_threads(threads: usize, test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        tokio::time::timeout(PATIENCE, test).await.expect("the test hangs");
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
}

/// Virtual time after which a test counts as hanging: beyond every time limit of the runtime.
const VIRTUAL_PATIENCE: Duration = Duration::from_secs(100 * 60 * 60);

/// Runs a test on one thread whose clock stands still while there is work and jumps when there is
/// none; fails when it hangs.
///
/// # Panics
/// When the test hangs.
pub fn run_paused(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        tokio::time::timeout(VIRTUAL_PATIENCE, test).await.expect("the test hangs");
    });
}

/// A message of that many bytes of data, each position with a byte of its own.
#[must_use]
pub fn blob(len: usize) -> Blob {
    Blob { data: pattern(len), ..Default::default() }
}

/// A message with that number.
#[must_use]
pub fn numbered(number: i64) -> Blob {
    Blob { number, ..Default::default() }
}

/// Just above the largest message that is taken.
const LONGEST_PATTERN: usize = 5 * 1024 * 1024;

/// Bytes of which a swapped, lost or doubled piece shows.
#[must_use]
pub fn pattern(len: usize) -> Vec<u8> {
    // made once: in a debug build it takes longer than sending it
    static PATTERN: OnceLock<Vec<u8>> = OnceLock::new();
    let byte = |at: usize| (at % 251) as u8 ^ (at / 4096) as u8;
    let all = PATTERN.get_or_init(|| (0..LONGEST_PATTERN).map(byte).collect());
    all[..len].to_vec()
}

/// Lets all other tasks of the thread run until none has anything to do.
pub async fn settle() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}
