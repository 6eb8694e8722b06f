//! DATA on its way to the holder of a stream: copied behind what is there of its message, or read
//! into that message's buffer by the connection's task, which borrows it for that.

use super::{Credit, Exchange, Flow, State};
use crate::buffers::Rounds;
use bytes::BytesMut;
use protocall_core::envelope::Scanned;
use std::sync::{Arc, MutexGuard};
use std::task::Waker;

/// The memory that a message's length alone, before its bytes, may claim.
const LARGEST_STEP: usize = 64 * 1024;

impl Exchange {
    /// Adds DATA that was scanned. Says whose waker is due and what HTTP/2 is told.
    ///
    /// While the holder has a message to take, no more is asked for. While it has none, the message
    /// that is not whole is asked for. Which goes first is HTTP/2's to decide: large messages of
    /// many streams share the connection's receive budget.
    pub(crate) fn receive(
        self: &Arc<Self>,
        data: &[u8],
        scanned: Scanned,
        rounds: &mut Rounds,
    ) -> (Option<Waker>, Credit) {
        let Scanned { partial, missing, .. } = scanned;
        let mut state = self.lock();
        let flow = state.flow();
        let (completing, begun) = data.split_at(data.len() - partial.min(data.len()));
        if !completing.is_empty() {
            rounds.reserve(&mut flow.partial, completing.len());
            flow.partial.extend_from_slice(completing);
            flow.complete_partial(rounds);
        }
        if !begun.is_empty() {
            let step = step(flow.partial.len(), missing);
            rounds.reserve(&mut flow.partial, begun.len() + step);
            flow.partial.extend_from_slice(begun);
        }
        self.received(state, !completing.is_empty(), missing)
    }

    /// The buffer of the message that is not complete, with room for some of the `due` bytes that
    /// come next, and for how many. It is to be given back by [`Exchange::receive_in_place`], the
    /// next thing that is done with the receiving side.
    pub(crate) fn lend(&self, due: usize, rounds: &mut Rounds) -> (BytesMut, usize) {
        let mut state = self.lock();
        let flow = state.flow();
        let due = due.min(flow.missing);
        let mut buffer = std::mem::take(&mut flow.partial);
        if buffer.capacity() - buffer.len() < due {
            let step = step(buffer.len(), flow.missing);
            rounds.reserve(&mut buffer, step);
        }
        let room = buffer.capacity() - buffer.len();
        (buffer, due.min(room))
    }

    /// Gives back what [`Exchange::lend`] gave, with what has come in it. As [`Exchange::receive`]
    /// with that, behind which the message lacks `missing` more.
    pub(crate) fn receive_in_place(
        self: &Arc<Self>,
        buffer: BytesMut,
        missing: usize,
        rounds: &mut Rounds,
    ) -> (Option<Waker>, Credit) {
        let mut state = self.lock();
        let flow = state.flow();
        let completed = missing == 0 && flow.missing > 0;
        flow.partial = buffer;
        if completed {
            flow.complete_partial(rounds);
        }
        self.received(state, completed, missing)
    }

    fn received(
        self: &Arc<Self>,
        mut state: MutexGuard<'_, State>,
        completed: bool,
        missing: usize,
    ) -> (Option<Waker>, Credit) {
        state.flow().missing = missing;
        let credit = state.credit(self.wake_at_end);
        let wake = completed && !self.wake_at_end;
        (if wake { self.take_receiver(&mut state) } else { None }, credit)
    }
}

impl Flow {
    /// What is in `partial` ends with a whole message.
    fn complete_partial(&mut self, rounds: &mut Rounds) {
        let mut messages = std::mem::take(&mut self.partial);
        rounds.hand_on(&mut messages);
        self.complete += messages.len();
        self.ready.push_back(messages);
    }
}

/// How much room a message gets that lacks so much: it grows with what has come, so that a length
/// that lies costs no memory.
pub(crate) fn step(len: usize, missing: usize) -> usize {
    missing.min(len.max(LARGEST_STEP))
}
