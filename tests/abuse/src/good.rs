//! The good client beside an attack: one call after the other, each timed.

use protocall_tests::numbered;
use protocall_tests::proto::trial::TrialClient;
use std::time::{Duration, Instant};

/// Calls in a window, whose 99th percentile is its third slowest. A window takes some 30 ms: short
/// enough that on a busy machine some pass without the system running something else.
pub const WINDOW: usize = 200;

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
