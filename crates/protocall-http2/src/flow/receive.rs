//! The windows for what we receive. Credit is never carried around as a sum that could leak: what
//! the peer may have is computed from what is in use, and the difference is granted.

use super::{MAX_WINDOW, PROTOCOL_WINDOW, WindowExceeded};

/// The connection's receive window. Credit returns on receipt, so that a slow stream never starves
/// the others, until the unconsumed bytes reach the budget; then consumption gives it back, or the
/// streams' windows are narrow and bound by themselves what can come.
#[derive(Debug)]
pub(crate) struct ConnectionCredit {
    window: i64,
    target: i64,
    budget: i64,
    unconsumed: i64,
    /// What streams may send beyond the initial window.
    promised: i64,
    /// What all streams' initial windows let through together, when that is little.
    narrow: Option<i64>,
    /// The budget is used up: less than the target is granted.
    withheld: bool,
}

impl ConnectionCredit {
    /// Starts at the protocol's window; `due(AT_ONCE)` is then the increment that lifts it to
    /// `target`.
    pub(crate) fn new(target: u32, budget: u64) -> Self {
        let target = i64::from(target).clamp(PROTOCOL_WINDOW, MAX_WINDOW);
        let budget = i64::try_from(budget).unwrap_or(i64::MAX).max(target);
        let (window, unconsumed, promised) = (PROTOCOL_WINDOW, 0, 0);
        Self { window, target, budget, unconsumed, promised, narrow: None, withheld: false }
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

    /// What streams may send beyond the initial window.
    pub(crate) const fn promised(&self) -> u64 {
        self.promised.unsigned_abs()
    }

    /// A stream's window went so much further beyond the initial one.
    pub(crate) fn promise(&mut self, bytes: i64) {
        self.promised += bytes;
    }

    /// The streams' initial windows let through so much together; `None`: too much to rely on.
    pub(crate) fn certify(&mut self, narrow: Option<u64>) {
        self.narrow = narrow.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX / 2));
    }

    /// The increment to grant, if it is worth it: see [`worth_a_frame`], of what may be granted.
    pub(crate) fn due(&self, worth: u32) -> Option<u32> {
        let left = self.budget - self.unconsumed;
        // narrow windows let that much through and no more: none of them waits for another
        let left = self.narrow.map_or(left, |narrow| left.max(narrow + self.promised));
        // a part of what is allowed: one of the target could be more than is left for ever
        let allowed = self.target.min(left);
        increment(allowed - self.window, worth_a_frame(allowed, worth))
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
    /// What of it belongs to a message that is not whole and that its reader waits for.
    partial: u32,
    /// What that message lacks.
    missing: u32,
}

impl StreamCredit {
    pub(crate) const fn window(&self, initial: i64) -> i64 {
        initial + self.delta
    }

    pub(crate) const fn unconsumed(&self) -> u64 {
        self.unconsumed
    }

    /// What the message that its reader waits for still lacks.
    pub(crate) const fn missing(&self) -> u32 {
        self.missing
    }

    /// How far the window is beyond the initial one.
    pub(crate) const fn promised(&self) -> i64 {
        if self.delta > 0 { self.delta } else { 0 }
    }

    /// The peer sent a DATA frame of `bytes` payload, of which `held` go to the application.
    /// Returns how much of it had been promised beyond the initial window.
    pub(crate) fn debit(
        &mut self,
        initial: i64,
        bytes: u32,
        held: u32,
    ) -> Result<i64, WindowExceeded> {
        if i64::from(bytes) > self.window(initial) && bytes > 0 {
            return Err(WindowExceeded);
        }
        let before = self.promised();
        self.delta -= i64::from(bytes);
        self.unconsumed += u64::from(held);
        Ok(if before > 0 { before - self.promised() } else { 0 })
    }

    /// The application consumed up to `bytes`; returns how many of them it had.
    pub(crate) fn consume(&mut self, bytes: u64) -> u64 {
        let taken = bytes.min(self.unconsumed);
        self.unconsumed -= taken;
        if self.partial > 0 {
            // whole messages come before the one that is not
            let taken = u32::try_from(taken).unwrap_or(u32::MAX);
            self.partial = self.partial.saturating_sub(taken);
        }
        taken
    }

    /// The application waits for the `missing` bytes behind the `partial` ones that it has.
    pub(crate) fn wait_for_rest(&mut self, partial: usize, missing: usize) {
        let partial = (partial as u64).min(self.unconsumed);
        self.partial = u32::try_from(partial).unwrap_or(u32::MAX);
        self.missing = u32::try_from(missing).unwrap_or(u32::MAX);
    }

    /// So many bytes came; whether the message that is waited for is whole with them.
    pub(crate) fn note_arrival(&mut self, bytes: u32) -> bool {
        if self.missing == 0 {
            return false;
        }
        self.missing = self.missing.saturating_sub(bytes);
        self.missing == 0
    }

    /// The increment to grant, if it is worth it: see [`worth_a_frame`], of the window. What is
    /// there of a message that is waited for does not count, unless windows are narrow.
    pub(crate) fn due(&self, initial: i64, worth: u32, narrow: bool) -> Option<u32> {
        let kept = self.unconsumed - if narrow { 0 } else { u64::from(self.partial) };
        let allowed = initial - kept as i64;
        increment(allowed - self.window(initial), worth_a_frame(initial, worth))
    }

    /// The increment that lets the rest of the message come at once; of more than `most`, that
    /// much at a time.
    pub(crate) fn due_for_rest(&self, initial: i64, most: u32) -> Option<u32> {
        let (most, missing) = (i64::from(most), i64::from(self.missing));
        if missing == 0 {
            return None;
        }
        let least = if missing > most { most / REST_SHARE } else { 1 };
        increment(missing.min(most) - self.window(initial), least)
    }

    /// Nothing more comes. Returns what had been promised beyond the initial window.
    pub(crate) fn end(&mut self) -> i64 {
        let promised = self.promised();
        self.delta -= promised;
        self.missing = 0;
        promised
    }

    /// Grants so much; returns how much further beyond the initial window that goes.
    pub(crate) fn grant(&mut self, increment: u32) -> i64 {
        let before = self.promised();
        self.delta += i64::from(increment);
        self.promised() - before
    }
}

/// The share of the largest window that must be due before a message larger than that is granted
/// more.
const REST_SHARE: i64 = 4;

/// Credit that is worth a frame however wide the window is: 5 ms at 100 MB/s. Half of a wide window
/// would be missed on a path that holds as much, which then carries a seventh less.
const MOST_KEPT_BACK: i64 = 512 * 1024;

/// What must be due of a window, which is halved `worth` times, before it is worth a frame.
fn worth_a_frame(window: i64, worth: u32) -> i64 {
    (window >> worth).min(MOST_KEPT_BACK)
}

fn increment(difference: i64, least: i64) -> Option<u32> {
    if difference <= 0 || difference < least {
        return None;
    }
    u32::try_from(difference.min(MAX_WINDOW)).ok()
}
