//! Requests that are no gRPC calls wait a moment for their refusal.
//!
//! Meanwhile their streams count as open, so that whoever probes or floods a server with them is
//! held to the limit on concurrent streams. gRPC clients never get here.

use std::collections::VecDeque;
use std::time::Duration;

use protocall_core::head::request::Refusal;
use protocall_http2::StreamKey;
use tokio::time::Instant;

/// How long unless set: a person at a browser does not notice it, and no connection gets more than
/// ten times its limit of concurrent streams refused in a second.
pub const DEFAULT_REFUSAL_DELAY: Duration = Duration::from_millis(100);

/// Refusals to come, the earliest first. A stream that ends meanwhile stays listed until its time:
/// its key then names nothing. The budget for resets bounds how many there can be.
#[derive(Debug)]
pub(crate) struct Tarpit {
    delay: Duration,
    waiting: VecDeque<(Instant, StreamKey, Refusal)>,
}

impl Tarpit {
    /// Keeps each refusal for that long.
    pub(crate) const fn new(delay: Duration) -> Self {
        Self { delay, waiting: VecDeque::new() }
    }

    /// Keeps a refusal for its time.
    pub(crate) fn push(&mut self, now: Instant, key: StreamKey, refusal: Refusal) {
        self.waiting.push_back((now + self.delay, key, refusal));
    }

    /// When the next one is due.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.waiting.front().map(|(at, ..)| *at)
    }

    /// The next one that is due.
    pub(crate) fn pop(&mut self, now: Instant) -> Option<(StreamKey, Refusal)> {
        self.next().filter(|at| *at <= now)?;
        self.waiting.pop_front().map(|(_, key, refusal)| (key, refusal))
    }

    /// Gives memory back that nothing uses.
    pub(crate) fn trim(&mut self) {
        self.waiting.shrink_to_fit();
    }

    /// Nobody waits for answers any more.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use protocall_http2::{Config, Connection, Field, Part, Side};

    #[test]
    fn refusals_come_out_in_order_when_their_time_has_come() {
        let mut client = Connection::new(Side::Client, Config::client());
        let head = [Part::Field(Field::indexed(b":method", b"GET"))];
        let (first, second) =
            (client.open(&head, true).unwrap(), client.open(&head, true).unwrap());
        const DELAY: Duration = Duration::from_millis(70);
        let mut tarpit = Tarpit::new(DELAY);
        let start = Instant::now();
        let later = start + Duration::from_millis(1);
        tarpit.push(start, first, Refusal::Method);
        tarpit.push(later, second, Refusal::ContentType);
        assert_eq!(tarpit.next(), Some(start + DELAY));
        assert!(tarpit.pop(start + DELAY - Duration::from_nanos(1)).is_none());
        assert!(tarpit.pop(start + DELAY).is_some_and(|(key, _)| key == first));
        assert!(tarpit.pop(start + DELAY).is_none());
        assert!(tarpit.pop(later + DELAY).is_some_and(|(key, _)| key == second));
        assert_eq!(tarpit.next(), None);
    }
}
