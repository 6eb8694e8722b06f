//! When a server is to stop.

use std::future::pending;

/// Waits for what asks a program to stop: Ctrl-C, and on Unix also SIGTERM, as service managers
/// send it. Waits for ever where signals cannot be watched.
///
/// # Cancel safety
/// Safe; once called, the signals no longer end the process by themselves.
pub async fn ctrl_c() {
    tokio::select! {
        () = interrupt() => {}
        () = terminate() => {}
    }
}

async fn interrupt() {
    if tokio::signal::ctrl_c().await.is_err() {
        pending::<()>().await;
    }
}

#[cfg(unix)]
async fn terminate() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => pending().await,
    }
}

#[cfg(not(unix))]
async fn terminate() {
    pending().await
}
