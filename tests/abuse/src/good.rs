//! The good client beside an attack: one call after the other, each timed.

use protocall_tests::numbered;
use protocall_tests::proto::trial::TrialClient;
use std::time::{Duration, Instant};

/// Calls in a window: the 99th percentile of a window is its fourth slowest.
pub const WINDOW: usize = 300;

/// The 99th percentile of that many calls, one after the other.
///
/// # Panics
/// When a call fails: a good client beside an attack is served.
pub async fn window(client: &TrialClient) -> Duration {
    let mut times = Vec::with_capacity(WINDOW);
    for number in 1..=WINDOW as i64 {
        let begin = Instant::now();
        let answer = client.unary(numbered(number)).await.expect("the good client is served");
        times.push(begin.elapsed());
        assert_eq!(answer.message().number, number);
    }
    times.sort_unstable();
    times[WINDOW * 99 / 100]
}
