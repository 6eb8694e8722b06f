//! Reading: frames into the socket's buffer, and large messages to where they belong, past it.
//! What was read goes to HTTP/2 in `process`, or is told to it when it is in its place.

use super::{Connection, OUTPUT_PAUSE, Phase, Rest};
use crate::buffers::{IN_PLACE_FROM, LARGEST};
use crate::io::Transport;
use crate::server::calls::Place;
use std::io;
use std::task::{Context, Poll};

/// Bytes that are read in one turn at least before the turn goes on, if they are there.
const BATCH_READ: usize = LARGEST;

impl<S: Transport> Connection<S> {
    /// Reads what is there and acts on it; says whether there was anything.
    pub(super) fn read(&mut self, cx: &mut Context<'_>) -> bool {
        if self.http2.output().len() >= OUTPUT_PAUSE || !matches!(self.phase, Phase::Open) {
            return false;
        }
        self.batch_full = false;
        if self.http2.wants_write() {
            return false;
        }
        self.more = false;
        let mut progress = !self.socket.unread().is_empty() && self.process();
        let mut read = 0;
        while !self.more && matches!(self.phase, Phase::Open) && read < BATCH_READ {
            let (polled, goes_on) = match self.read_in_place(cx) {
                Some(polled) => polled,
                None => self.read_frames(cx),
            };
            match polled {
                Poll::Pending => {
                    self.socket.release();
                    return progress;
                }
                Poll::Ready(Ok(0)) => self.lose("the client closed it"),
                Poll::Ready(Ok(bytes)) => read += bytes,
                Poll::Ready(Err(error)) => self.broke(&error),
            }
            progress = true;
            if !goes_on {
                break;
            }
        }
        self.batch_full = read >= BATCH_READ;
        progress || self.more
    }

    /// Reads frames, whatever they are, and acts on them; whether there is more to read in this
    /// turn, the rest of a large frame.
    fn read_frames(&mut self, cx: &mut Context<'_>) -> (Poll<io::Result<usize>>, bool) {
        let polled = self.socket.poll_fill(cx);
        let some = matches!(polled, Poll::Ready(Ok(1..)));
        if some {
            self.process();
        }
        let awaited = self.http2.awaited_data();
        (polled, some && awaited.is_some_and(|(_, due)| due >= IN_PLACE_FROM))
    }

    /// Reads what is to come of a large DATA frame to where it belongs, if that is next; whether
    /// there is more to read in this turn.
    fn read_in_place(&mut self, cx: &mut Context<'_>) -> Option<(Poll<io::Result<usize>>, bool)> {
        let (key, due) = self.http2.awaited_data().filter(|(_, due)| *due >= IN_PLACE_FROM)?;
        if !self.socket.unread().is_empty() {
            return None;
        }
        let (mut place, room) = self.calls.lend(key, due)?;
        let polled = match &mut place {
            Place::Stream(buffer) => self.socket.poll_fill_place(cx, buffer, room),
            Place::One(message) => self.socket.poll_fill_place(cx, message, room),
        };
        let bytes = match &polled {
            Poll::Ready(Ok(bytes)) => *bytes,
            _ => 0,
        };
        let ended = self.http2.receive_in_place(bytes, self.clock.now());
        let then = self.calls.data_in_place(key, place, bytes, ended == Some(true));
        Rest::Data(key, then).finish(&mut self.calls, &mut self.http2);
        Some((polled, bytes == room))
    }
}
