//! Whole responses that wait because their client opens no window for them.
//!
//! A client that asked for one message reads it at once, so what waits here is a network that is
//! slow or a client that pins memory on purpose. Streams are not watched: their readers may take
//! their time, and what they hold is bounded by their send buffers.

use protocall_http2::{Connection, StreamKey};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// Responses that wait, the one that is looked at next first.
#[derive(Debug)]
pub(crate) struct Stalled {
    /// A response of which nothing was taken for this long is given up.
    patience: Duration,
    waiting: VecDeque<Waiting>,
    /// Calls that are not polled until less waits, by their slots.
    parked: VecDeque<usize>,
}

#[derive(Debug)]
struct Waiting {
    look_at: Instant,
    key: StreamKey,
    /// Bytes that waited when it was last looked at.
    queued: usize,
}

impl Stalled {
    pub(crate) const fn new(patience: Duration) -> Self {
        Self { patience, waiting: VecDeque::new(), parked: VecDeque::new() }
    }

    /// A response is complete; if some of it waits for its client, it is watched. Returns how many
    /// bytes wait.
    pub(crate) fn watch(&mut self, http2: &Connection, key: StreamKey) -> usize {
        let queued = http2.queued(key);
        if queued > 0 {
            let look_at = Instant::now() + self.patience;
            self.waiting.push_back(Waiting { look_at, key, queued });
        }
        queued
    }

    /// Whether any waits, or a call for one.
    pub(crate) fn any(&self) -> bool {
        !self.waiting.is_empty() || !self.parked.is_empty()
    }

    /// When the next one is to be looked at.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.waiting.front().map(|waiting| waiting.look_at)
    }

    /// The next response whose client took nothing of it for all that time.
    pub(crate) fn pop(&mut self, http2: &Connection, now: Instant) -> Option<StreamKey> {
        while self.next().is_some_and(|at| at <= now) {
            let waiting = self.waiting.pop_front()?;
            let queued = http2.queued(waiting.key);
            if queued == waiting.queued {
                return Some(waiting.key);
            }
            if queued > 0 {
                let look_at = now + self.patience;
                self.waiting.push_back(Waiting { look_at, key: waiting.key, queued });
            }
        }
        None
    }

    /// Whether so much waits that no further response should be made. Forgets what has gone out.
    pub(crate) fn is_full(&mut self, http2: &Connection, limit: usize) -> bool {
        if self.waiting.is_empty() {
            return false;
        }
        let mut bytes = 0;
        self.waiting.retain(|waiting| {
            let queued = http2.queued(waiting.key);
            bytes += queued;
            queued > 0
        });
        bytes >= limit
    }

    /// A call is to go on when less waits.
    pub(crate) fn park(&mut self, slot: usize) {
        if !self.parked.contains(&slot) {
            self.parked.push_back(slot);
        }
    }

    /// How many calls are to go on when less waits.
    pub(crate) fn parked(&self) -> usize {
        self.parked.len()
    }

    /// The one that waits longest, which goes on, or is parked again behind the others.
    pub(crate) fn unpark(&mut self) -> Option<usize> {
        self.parked.pop_front()
    }

    /// Nobody waits for answers any more.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
        self.parked.clear();
    }
}
