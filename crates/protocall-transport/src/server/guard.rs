//! Code of the application that is called on a connection's task: a panic there must not end the
//! connection's other calls. Polls are guarded where they are made, in [`calls`](super::calls).

use super::dispatch::ServerCall;
use protocall_core::Status;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;

/// Runs code of the application: a panic there is the error of one call.
pub(super) fn guarded<T>(run: impl FnOnce() -> Result<T, Status>) -> Result<T, Status> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err(Status::unknown(PANICKED)))
}

/// Drops what did a call's work. A destructor of the application that panics has nobody to tell,
/// and the connection's other calls go on.
pub(super) fn let_go(call: Pin<Box<dyn ServerCall>>) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(call)));
}

/// What the call is answered with.
pub(super) const PANICKED: &str = "the handler panicked";
