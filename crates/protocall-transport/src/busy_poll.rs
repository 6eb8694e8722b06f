//! Busy polling: a connection's task that looks at its socket again and again for a while instead
//! of sleeping, so that the next bytes meet a core that is awake.
//!
//! Waking a thread that sleeps takes a core out of its idle state, which can cost more than all the
//! rest of a small call. Off unless asked for: it spends CPU for latency. Real time counts here,
//! whatever clock deadlines go by: what is bounded is work, and a paused clock does none less.

use std::future::Future;
use std::pin::pin;
use std::task::Context;
use std::time::{Duration, Instant};

#[cfg(test)]
mod tests;

/// When a connection's task last had something to do, and how long it looks on from then.
#[derive(Debug)]
pub(crate) struct BusyPoll {
    limit: Duration,
    since: Option<Instant>,
}

impl BusyPoll {
    /// Looks on for that long at most; with zero never.
    pub(crate) const fn new(limit: Duration) -> Self {
        Self { limit, since: None }
    }

    /// There was something to do: the time counts anew from the next idle moment.
    pub(crate) const fn worked(&mut self) {
        self.since = None;
    }

    /// There is nothing to do. Has the task polled again, once the runtime has run its other tasks
    /// and looked for events, unless the time is over.
    pub(crate) fn idle(&mut self, cx: &mut Context<'_>) {
        if !self.limit.is_zero() && self.looks_on(Instant::now()) {
            // wakes the task behind the runtime's look for events, not before
            let _ = pin!(tokio::task::yield_now()).poll(cx);
        }
    }

    fn looks_on(&mut self, now: Instant) -> bool {
        let since = *self.since.get_or_insert(now);
        now.saturating_duration_since(since) < self.limit
    }
}
