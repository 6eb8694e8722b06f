//! Token buckets under a clock of our own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::TokenBucket;
use crate::config::Rate;
use crate::time::Timestamp;

const SECOND: u64 = 1_000_000_000;

fn take_all(bucket: &mut TokenBucket, nanos: u64) -> u32 {
    let mut taken = 0;
    while bucket.take(Timestamp::from_nanos(nanos)) {
        taken += 1;
    }
    taken
}

#[test]
fn the_burst_then_the_rate() {
    let mut bucket = TokenBucket::new(Rate { burst: 200, per_second: 50 });
    let start = 77 * SECOND;
    assert_eq!(take_all(&mut bucket, start), 200);
    assert_eq!(take_all(&mut bucket, start + SECOND / 2), 25);
    assert_eq!(take_all(&mut bucket, start + SECOND / 2), 0);
    assert_eq!(take_all(&mut bucket, start + 1000 * SECOND), 200, "never more than the burst");
}

#[test]
fn a_completed_stream_gives_a_token_back() {
    let mut bucket = TokenBucket::new(Rate { burst: 2, per_second: 0 });
    bucket.give();
    assert_eq!(take_all(&mut bucket, 0), 2, "a full bucket takes no more");
    bucket.give();
    assert_eq!(take_all(&mut bucket, 0), 1);
}

#[test]
fn time_that_runs_backwards_gives_nothing() {
    let mut bucket = TokenBucket::new(Rate { burst: 1, per_second: 1 });
    assert_eq!(take_all(&mut bucket, 9 * SECOND), 1);
    assert_eq!(take_all(&mut bucket, SECOND), 0);
    assert_eq!(take_all(&mut bucket, 9 * SECOND), 0);
}
