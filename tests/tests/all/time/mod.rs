//! All that takes time, on a clock that stands still while there is work: deadlines, cancellation,
//! reconnecting, draining, keepalive.

mod cancellation;
mod connecting;
mod deadlines;
mod draining;
mod leaving;
mod lifetime;
mod liveness;
mod work;

use protocall_tests::rig::Wire;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const WIRE: Wire = Wire::Pipe(64 * 1024);

/// Counts what was dropped.
#[derive(Clone, Debug, Default)]
struct Drops(Arc<AtomicUsize>);

impl Drops {
    fn guard(&self) -> Guard {
        Guard(Arc::clone(&self.0))
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// Counts when it is dropped.
struct Guard(Arc<AtomicUsize>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}
