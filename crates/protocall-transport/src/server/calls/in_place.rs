//! Large messages that are read from the socket to where they belong, without a copy between.
//! When that is worth it, the connection's task decides; what then happens is the same as in
//! [`Calls::data`].

use super::{Calls, Stage};
use crate::buffers::IN_PLACE_FROM;
use crate::exchange::step;
use crate::server::outcome::Then;
use bytes::BytesMut;
use protocall_http2::StreamKey;
use std::task::Waker;

/// The buffer of a message that is not whole.
pub(crate) enum Place {
    /// Of a request stream.
    Stream(BytesMut),
    /// Of the one request of a call.
    One(Vec<u8>),
}

impl Calls {
    /// The buffer of the message that a stream's next `due` bytes of data belong to, and how many
    /// of them may be read into it; `None` when they are better brought to [`Calls::data`]. It is
    /// to be given back by [`Calls::data_in_place`].
    pub(crate) fn lend(&mut self, key: StreamKey, due: usize) -> Option<(Place, usize)> {
        let slot = self.slots.get_mut(key.slot()).filter(|slot| slot.is(key))?;
        let missing = slot.scanner.missing();
        let due = due.min(missing);
        if due < IN_PLACE_FROM {
            return None;
        }
        match &mut slot.stage {
            Stage::Running { exchange, streams: true, .. } => {
                let (buffer, room) = exchange.lend(due, &mut self.rounds);
                Some((Place::Stream(buffer), room))
            }
            Stage::Collecting(collecting) => {
                let mut message = std::mem::take(&mut collecting.message);
                if message.capacity() - message.len() < due {
                    message.reserve(step(message.len(), missing));
                }
                let room = due.min(message.capacity() - message.len());
                Some((Place::One(message), room))
            }
            _ => None,
        }
    }

    /// A piece of a request's body, none or some bytes, was read into what [`Calls::lend`] gave.
    pub(crate) fn data_in_place(
        &mut self,
        key: StreamKey,
        place: Place,
        bytes: usize,
        end_stream: bool,
    ) -> Then {
        let Some(slot) = self.slots.get_mut(key.slot()).filter(|slot| slot.is(key)) else {
            return Then::Drop;
        };
        let missing = slot.scanner.skip(bytes).missing;
        if end_stream && let Err(error) = slot.scanner.finish() {
            return Then::Fail(error.into());
        }
        match (place, &mut slot.stage) {
            (Place::Stream(buffer), Stage::Running { exchange, streams: true, .. }) => {
                let (waker, credit) = exchange.receive_in_place(buffer, missing, &mut self.rounds);
                waker.into_iter().for_each(Waker::wake);
                if end_stream {
                    exchange.end_receiving(super::success()).into_iter().for_each(Waker::wake);
                }
                Then::Expect(credit)
            }
            (Place::One(message), Stage::Collecting(collecting)) => {
                collecting.message = message;
                self.collected(key, missing, end_stream)
            }
            _ => Then::Drop,
        }
    }
}
