//! The receive budget when it is nearly used up: which windows are left to the streams, and whose
//! message is let through. Only the rules; what they lead to is `recv::pressure`'s part.
//!
//! A budget cannot be kept by withholding the connection's credit alone: messages that are not
//! whole would share it and wait for each other for ever, and slow readers would take all of it
//! from their neighbours. So windows are narrowed, by SETTINGS, until all streams together fit into
//! an eighth of the budget. From then on the connection's credit need not be withheld, whoever has
//! taken what little is his stops himself alone, and messages larger than a window are let through
//! by grants of their own: as many as fit into the budget, and always one, which lacks least.

use core::time::Duration;

use crate::stream::StreamKey;
use crate::time::Timestamp;

#[cfg(test)]
mod tests;

/// Parts of the budget held, out of eight, at which windows are narrowed, and widened again. Far
/// apart, so that a change is worth its SETTINGS; below all of it, so that what comes until the
/// SETTINGS are in force has room.
const NARROW_AT: u64 = 6;
const WIDEN_AT: u64 = 3;

/// How long windows stay narrow at least: twenty SETTINGS a second are honest to every peer,
/// however fast messages use up the budget and are taken.
const LEAST_TIME: Duration = Duration::from_millis(100);

/// Parts of the budget for the narrow windows of all streams together.
const NARROW_SHARE: u64 = 1;

/// Parts of the budget that grants may promise, one that may pass it apart: what is promised can
/// come on top of the budget once windows are narrow.
const GRANTS: u64 = 4;

const PARTS: u64 = 8;

/// The least window of a stream: the head of a message fits.
const LEAST_WINDOW: u64 = 16;

/// Narrow windows are made for at least so many streams, and for so many times more whenever there
/// are more streams: each time is a SETTINGS, and an eighth of the budget at most.
const FIRST_STREAMS: u32 = 16;
const MORE_STREAMS: u32 = 4;

/// Nobody waits.
const NOBODY: u32 = u32::MAX;

/// The state of the budget.
#[derive(Debug)]
pub(crate) struct Pressure {
    budget: u64,
    /// What is held when windows are to be narrowed; nothing is that much while they are.
    high: u64,
    narrow: bool,
    /// When it narrowed last.
    since: Timestamp,
    /// The peer keeps to the narrow windows.
    in_force: bool,
    /// Streams that the narrow windows are made for.
    streams: u32,
    /// What is held at most without the messages that were let through since windows are narrow;
    /// 0 until they were in force.
    limit: u64,
    /// The stream whose message may pass the budget.
    favourite: Option<StreamKey>,
    /// No grant that a message waits for is less.
    waiting: u32,
}

impl Pressure {
    pub(crate) fn new(budget: u64) -> Self {
        Self {
            budget,
            high: budget / PARTS * NARROW_AT,
            narrow: false,
            since: Timestamp::ZERO,
            in_force: false,
            streams: FIRST_STREAMS,
            limit: 0,
            favourite: None,
            waiting: NOBODY,
        }
    }

    /// Windows are narrow, or are to become so.
    pub(crate) const fn is_narrow(&self) -> bool {
        self.narrow
    }

    /// Nothing is to be done when bytes are consumed.
    pub(crate) const fn is_quiet(&self) -> bool {
        !self.narrow && self.waiting == NOBODY && self.favourite.is_none()
    }

    /// Whether windows are to be narrowed, now that so much is held.
    #[inline]
    pub(crate) const fn is_high(&self, held: u64) -> bool {
        held >= self.high
    }

    /// Whether they are to be widened.
    pub(crate) fn is_low(&self, held: u64, now: Timestamp) -> bool {
        self.narrow && held <= self.budget / PARTS * WIDEN_AT && now.since(self.since) >= LEAST_TIME
    }

    /// Windows are to be narrow from now on.
    pub(crate) fn narrow(&mut self, now: Timestamp) {
        self.narrow = true;
        self.since = now;
        self.high = u64::MAX;
        self.streams = FIRST_STREAMS;
        self.limit = 0;
    }

    pub(crate) fn widen(&mut self) {
        self.narrow = false;
        self.in_force = false;
        self.high = self.budget / PARTS * NARROW_AT;
    }

    /// Whether the narrow windows are made for so many streams.
    pub(crate) fn fits(&self, streams: usize) -> bool {
        streams <= self.streams as usize
    }

    /// Makes them for so many.
    pub(crate) fn fit(&mut self, streams: usize) {
        while !self.fits(streams) {
            self.streams = self.streams.saturating_mul(MORE_STREAMS);
        }
    }

    /// A stream's narrow window.
    pub(crate) fn window(&self) -> u32 {
        let all = self.budget / PARTS * NARROW_SHARE;
        let window = (all / u64::from(self.streams)).max(LEAST_WINDOW);
        u32::try_from(window).unwrap_or(u32::MAX)
    }

    /// Whether windows of `window` bytes, which are in force, are narrow enough for so many
    /// streams. When they have just become so, with so much held and promised to others than the
    /// favourite: what all of them let through together.
    pub(crate) fn certify(
        &mut self,
        window: u64,
        streams: usize,
        held: u64,
        promised: u64,
    ) -> Option<u64> {
        let before = self.in_force;
        self.in_force = self.narrow && window <= u64::from(self.window()) && self.fits(streams);
        if before || !self.in_force {
            return None;
        }
        let all = window.saturating_mul(u64::from(self.streams));
        if self.limit == 0 {
            self.limit = self.budget.max(held).saturating_add(promised);
        }
        self.limit = self.limit.saturating_add(all);
        Some(all)
    }

    /// The stream whose message may pass the budget.
    pub(crate) const fn favourite(&self) -> Option<StreamKey> {
        self.favourite
    }

    /// The peer keeps to the narrow windows.
    pub(crate) const fn is_in_force(&self) -> bool {
        self.in_force
    }

    /// Whether `bytes` more of a message may be granted to `stream`, with so much held and so much
    /// promised by earlier grants.
    ///
    /// Of what is held, all but the messages that were let through since windows are narrow is
    /// within the limit, and those are taken once they are whole, for somebody waited: so one more
    /// may always pass, and nobody waits for ever.
    pub(crate) fn grants(
        &mut self,
        stream: StreamKey,
        bytes: u32,
        held: u64,
        promised: u64,
    ) -> bool {
        if self.has_room(bytes, held, promised) {
            return true;
        }
        if self.is_free(held) {
            self.favourite = Some(stream);
        }
        self.favourite == Some(stream)
    }

    fn has_room(&self, bytes: u32, held: u64, promised: u64) -> bool {
        let promised = promised.saturating_add(u64::from(bytes));
        // what comes until narrow windows are in force is not known
        (self.in_force || !self.narrow)
            && promised <= self.budget / PARTS * GRANTS
            && held.saturating_add(promised) <= self.budget
    }

    /// Whether a message may pass the budget.
    fn is_free(&self, held: u64) -> bool {
        self.in_force && self.favourite.is_none() && held <= self.limit
    }

    /// A message waits for a grant of so many bytes; 0: some may wait, for whatever.
    pub(crate) fn wait(&mut self, bytes: u32) {
        self.waiting = self.waiting.min(bytes);
    }

    /// Whether one of those that wait could be granted now. They are not looked at without need.
    pub(crate) fn may_grant(&self, held: u64, promised: u64) -> bool {
        self.waiting != NOBODY
            && (self.is_free(held) || self.has_room(self.waiting, held, promised))
    }

    /// All that wait are looked at anew.
    pub(crate) fn look_again(&mut self) {
        self.waiting = NOBODY;
    }

    /// The stream's message is whole, or will never be. Whether it was the one let through.
    pub(crate) fn is_over(&mut self, stream: StreamKey) -> bool {
        self.favourite.take_if(|favourite| *favourite == stream).is_some()
    }
}
