//! Frames that carry no message: PRIORITY, RST_STREAM, PING, GOAWAY, WINDOW_UPDATE.

use super::{Reset, Step};
use crate::budget::Limit;
use crate::config::RAPID_RESET_AGE;
use crate::connection::{Connection, Side};
use crate::error::{ConnectionError, ErrorCode};
use crate::event::Initiator;
use crate::flow::MAX_WINDOW;
use crate::frame::goaway::Goaway;
use crate::frame::{Head, flag, ping, priority, rst_stream, window_update};
use crate::stream::{Closed, Half, Known, StreamKey};

use super::headers::SELF_DEPENDENCY;

type Outcomes<'i> = Result<Option<Step<'i>>, ConnectionError>;

impl Connection {
    /// RFC 9113 section 6.3: ignored, but its form is checked.
    pub(super) fn on_priority(&mut self, head: Head, payload: &[u8]) -> Outcomes<'static> {
        if head.stream == 0 {
            return Err(ConnectionError::protocol("PRIORITY on stream 0"));
        }
        self.counters.met().priority_frames += 1;
        self.useless_frame()?;
        let fault = if head.length != priority::BYTES {
            (ErrorCode::FRAME_SIZE_ERROR, "PRIORITY must carry 5 bytes")
        } else if priority::dependency(payload) == Some(head.stream) {
            (ErrorCode::PROTOCOL_ERROR, SELF_DEPENDENCY)
        } else {
            return Ok(None);
        };
        match self.find_stream(head.stream) {
            Ok(Known::Live(key)) => self.stream_error(head.stream, Some(key), fault.0, fault.1),
            // RST_STREAM must not name an idle stream, so the connection has to answer for it.
            Err(_) | Ok(Known::Skipped) => Err(ConnectionError::broken(fault.0, fault.1)),
            Ok(Known::Closed(_) | Known::Forgotten) => {
                self.stream_error(head.stream, None, fault.0, fault.1)
            }
        }
    }

    /// RFC 9113 section 6.4.
    pub(super) fn on_rst_stream(&mut self, head: Head, payload: &[u8]) -> Outcomes<'static> {
        let code = rst_stream::read(head, payload)?;
        match self.find_stream(head.stream)? {
            Known::Live(key) => self.on_reset_of(key, code),
            Known::Skipped => Err(ConnectionError::protocol("RST_STREAM on an idle stream")),
            // One may cross our own end of the stream; after that the peer only makes noise.
            Known::Closed(Closed::Ended | Closed::ResetByUs) => {
                self.counters.met().stray_frames += 1;
                self.store.note_closed(head.stream, Closed::ResetByPeer);
                Ok(None)
            }
            Known::Closed(Closed::ResetByPeer) | Known::Forgotten => {
                self.stray_frame()?;
                Ok(None)
            }
        }
    }

    fn on_reset_of(&mut self, stream: StreamKey, code: ErrorCode) -> Outcomes<'static> {
        self.counters.met().resets_received += 1;
        // Only a client opens streams, so only a client's resets can make work for nothing, and
        // only where the stream was too young for the concurrency limit to bound that work. Who
        // may have seen the beginning of an answer had a use for the call.
        if self.side == Side::Server
            && let Some(found) = self.store.get(stream)
        {
            if found.send != Half::Head && self.output.written() >= found.answered_at {
                self.budgets.resets_received.give();
            } else if self.now.since(found.opened) < RAPID_RESET_AGE {
                self.counters.met().rapid_resets += 1;
                if !self.budgets.resets_received.take(self.now) {
                    return Err(ConnectionError::abuse(Limit::RapidResets));
                }
            }
        }
        self.remove_stream(stream, Closed::ResetByPeer);
        let unprocessed = code == ErrorCode::REFUSED_STREAM;
        let (by, reason) = (Initiator::Remote, "the peer reset the stream");
        Ok(Some(Reset { stream, code, by, unprocessed, reason }.into()))
    }

    /// RFC 9113 section 6.7.
    pub(super) fn on_ping(&mut self, head: Head, payload: &[u8]) -> Outcomes<'static> {
        let payload = ping::read(head, payload)?;
        if head.has(flag::ACK) {
            return self.on_pong(payload);
        }
        self.counters.met().pings_received += 1;
        self.judge_ping()?;
        ping::write(payload, true, self.output.buffer());
        self.note_answer()?;
        Ok(None)
    }

    /// RFC 9113 section 6.8.
    pub(super) fn on_goaway<'i>(&mut self, head: Head, payload: &'i [u8]) -> Outcomes<'i> {
        let Goaway { last_stream, code, debug } = Goaway::read(head, payload)?;
        if self.peer_last_stream.is_some_and(|earlier| last_stream > earlier) {
            return Err(ConnectionError::protocol("GOAWAY raised the last stream"));
        }
        if self.peer_last_stream.replace(last_stream).is_some() {
            // each may cost a look at every stream, and a graceful shutdown needs two
            self.counters.met().goaways_repeated += 1;
            self.useless_frame()?;
        }
        if self.side == Side::Client {
            let above = self.store.iter().map(|(key, _)| key).filter(|key| key.id() > last_stream);
            self.reader.abandoned.clear();
            self.reader.abandoned.extend(above);
        }
        Ok(Some(Step::GoAway { last_stream, code, debug }))
    }

    /// RFC 9113 section 6.9.
    pub(super) fn on_window_update(&mut self, head: Head, payload: &[u8]) -> Outcomes<'static> {
        let increment = window_update::read(head, payload)?;
        if head.stream == 0 {
            if increment == 0 {
                return Err(ConnectionError::protocol("WINDOW_UPDATE of 0 on the connection"));
            }
            self.sending.window += i64::from(increment);
            if self.sending.window > MAX_WINDOW {
                return Err(ConnectionError::flow_control("connection window above 2^31-1"));
            }
            return Ok(None);
        }
        match self.find_stream(head.stream)? {
            Known::Live(key) => self.on_stream_credit(key, increment),
            Known::Skipped => Err(ConnectionError::protocol("WINDOW_UPDATE on an idle stream")),
            Known::Closed(_) | Known::Forgotten => Ok(None),
        }
    }

    fn on_stream_credit(&mut self, key: StreamKey, increment: u32) -> Outcomes<'static> {
        let initial = i64::from(self.peer.initial_window);
        let Some(stream) = self.store.get_mut(key) else {
            return Ok(None);
        };
        let (code, reason) = if increment == 0 {
            (ErrorCode::PROTOCOL_ERROR, "WINDOW_UPDATE of 0 on a stream")
        } else if stream.window.credit(initial, increment) {
            let delta = stream.window.delta();
            self.sending.largest_delta = self.sending.largest_delta.max(delta);
            self.sending.place(&mut self.store, key, initial);
            self.note_window(key);
            return Ok(None);
        } else {
            (ErrorCode::FLOW_CONTROL_ERROR, "stream window above 2^31-1")
        };
        self.stream_error(key.id(), Some(key), code, reason)
    }
}
