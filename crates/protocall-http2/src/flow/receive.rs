//! The windows for what we receive. Credit is never carried around as a sum that could leak: what
//! the peer may have is computed from what is in use, and the difference is granted.

use super::{MAX_WINDOW, PROTOCOL_WINDOW, WindowExceeded};

/// The connection's receive window. Credit returns on receipt, so that a slow stream never starves
/// the others, until the unconsumed bytes reach the budget; then consumption gives it back.
#[derive(Debug)]
pub(crate) struct ConnectionCredit {
    window: i64,
    target: i64,
    budget: i64,
    unconsumed: i64,
    /// The budget is used up: less than the target is granted.
    withheld: bool,
}

impl ConnectionCredit {
    /// Starts at the protocol's window; `due(i64::MAX)` is then the increment that lifts it to
    /// `target`.
    pub(crate) fn new(target: u32, budget: u64) -> Self {
        let target = i64::from(target).clamp(PROTOCOL_WINDOW, MAX_WINDOW);
        let budget = i64::try_from(budget).unwrap_or(i64::MAX).max(target);
        Self { window: PROTOCOL_WINDOW, target, budget, unconsumed: 0, withheld: false }
    }

    /// The window that is kept up from now on, if that is more than before.
    pub(crate) fn raise_target(&mut self, target: u32) {
        self.target = self.target.max(i64::from(target).min(MAX_WINDOW));
    }

    pub(crate) const fn window(&self) -> i64 {
        self.window
    }

    pub(crate) const fn unconsumed(&self) -> u64 {
        self.unconsumed.unsigned_abs()
    }

    /// The peer sent a DATA frame of `bytes` payload, padding included.
    pub(crate) fn debit(&mut self, bytes: u32) -> Result<(), WindowExceeded> {
        let rest = self.window - i64::from(bytes);
        if rest < 0 {
            return Err(WindowExceeded);
        }
        self.window = rest;
        Ok(())
    }

    /// `bytes` went to the application, which will consume them.
    pub(crate) fn hold(&mut self, bytes: u64) {
        self.unconsumed += bytes as i64;
    }

    /// `bytes` that were held are consumed, or their stream is gone.
    pub(crate) fn release(&mut self, bytes: u64) {
        self.unconsumed -= bytes as i64;
    }

    /// The increment to grant, if it is at least the `share`-th part of the window.
    pub(crate) fn due(&self, share: i64) -> Option<u32> {
        let allowed = self.target.min(self.budget - self.unconsumed);
        increment(allowed - self.window, self.target / share)
    }

    pub(crate) fn grant(&mut self, increment: u32) {
        self.window += i64::from(increment);
    }

    /// Whether the budget began to hold credit back since this was last asked.
    pub(crate) fn newly_withheld(&mut self) -> bool {
        let withheld = self.budget - self.unconsumed < self.target;
        let before = core::mem::replace(&mut self.withheld, withheld);
        withheld && !before
    }
}

/// A stream's receive window, as a difference to our initial window in force.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StreamCredit {
    delta: i64,
    unconsumed: u64,
}

impl StreamCredit {
    pub(crate) const fn window(&self, initial: i64) -> i64 {
        initial + self.delta
    }

    pub(crate) const fn unconsumed(&self) -> u64 {
        self.unconsumed
    }

    /// The peer sent a DATA frame of `bytes` payload, of which `held` go to the application.
    pub(crate) fn debit(
        &mut self,
        initial: i64,
        bytes: u32,
        held: u32,
    ) -> Result<(), WindowExceeded> {
        if i64::from(bytes) > self.window(initial) && bytes > 0 {
            return Err(WindowExceeded);
        }
        self.delta -= i64::from(bytes);
        self.unconsumed += u64::from(held);
        Ok(())
    }

    /// The application consumed up to `bytes`; returns how many of them it had.
    pub(crate) fn consume(&mut self, bytes: u64) -> u64 {
        let taken = bytes.min(self.unconsumed);
        self.unconsumed -= taken;
        taken
    }

    /// The increment to grant, if it is at least the `share`-th part of the window.
    pub(crate) fn due(&self, initial: i64, share: i64) -> Option<u32> {
        let allowed = initial - self.unconsumed as i64;
        increment(allowed - self.window(initial), initial / share)
    }

    /// The increment that lets `bytes` more come at once.
    pub(crate) fn due_for(&self, initial: i64, bytes: i64) -> Option<u32> {
        increment(bytes - self.window(initial), 1)
    }

    pub(crate) fn grant(&mut self, increment: u32) {
        self.delta += i64::from(increment);
    }
}

fn increment(difference: i64, least: i64) -> Option<u32> {
    if difference <= 0 || difference < least {
        return None;
    }
    u32::try_from(difference.min(MAX_WINDOW)).ok()
}
