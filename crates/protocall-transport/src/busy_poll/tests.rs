//! How long a task looks on.

use super::BusyPoll;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_micros(50);

#[test]
fn it_looks_on_until_the_limit_and_begins_anew_after_work() {
    let mut busy = BusyPoll::new(LIMIT);
    let start = Instant::now();
    assert!(busy.looks_on(start));
    assert!(busy.looks_on(start + LIMIT / 2));
    assert!(!busy.looks_on(start + LIMIT));
    assert!(!busy.looks_on(start + 2 * LIMIT), "idle is idle: it sleeps");
    busy.worked();
    assert!(busy.looks_on(start + 3 * LIMIT));
    assert!(!busy.looks_on(start + 4 * LIMIT));
}

struct Counter(AtomicUsize);

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn wakes(limit: Duration) -> usize {
    let counter = Arc::new(Counter(AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&counter));
    let mut busy = BusyPoll::new(limit);
    busy.idle(&mut Context::from_waker(&waker));
    counter.0.load(Ordering::Relaxed)
}

#[test]
fn it_is_woken_only_when_it_was_asked_for() {
    assert_eq!(wakes(Duration::ZERO), 0);
    assert_eq!(wakes(Duration::from_secs(3600)), 1);
}
