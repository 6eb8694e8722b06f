//! DATA on its way out: straight into the output when nothing waits and the windows allow, else
//! queued on its stream until `flush`.

use bytes::Bytes;

use crate::config::{COPY_BELOW, MAX_SENT_FRAME_BYTES};
use crate::connection::Connection;
use crate::error::SendError;
use crate::flow::WORTH_A_RIDE;
use crate::frame::data;
use crate::send::Ending;
use crate::stream::{Half, StreamKey};

/// A payload on its way.
enum Payload<'a> {
    Copied(&'a [u8]),
    Referenced(Bytes),
}

impl Payload<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Copied(data) => data.len(),
            Self::Referenced(data) => data.len(),
        }
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Self::Copied(data) => Bytes::copy_from_slice(data),
            Self::Referenced(data) => data,
        }
    }
}

impl Connection {
    /// Sends data by reference: payloads of [`COPY_BELOW`] bytes and more are never copied. Always
    /// accepted; [`Connection::capacity`] says when its sender should wait.
    ///
    /// # Errors
    /// See [`SendError`]; nothing was sent.
    pub fn send_data(
        &mut self,
        stream: StreamKey,
        data: Bytes,
        end_stream: bool,
    ) -> Result<(), SendError> {
        self.send_payload(stream, Payload::Referenced(data), end_stream)
    }

    /// Sends data by copying it: straight into the output when the windows allow and nothing is
    /// queued, else into a queued buffer. Always accepted, as [`Connection::send_data`].
    ///
    /// # Errors
    /// See [`SendError`]; nothing was sent.
    pub fn send_data_copied(
        &mut self,
        stream: StreamKey,
        data: &[u8],
        end_stream: bool,
    ) -> Result<(), SendError> {
        self.send_payload(stream, Payload::Copied(data), end_stream)
    }

    /// Moves queued stream data into the output: round-robin, a frame of a stream in a turn, within
    /// the windows and the flush target.
    pub fn flush(&mut self) {
        while self.sending.window > 0 && self.output.len() < self.config.flush_target {
            let Some(key) = self.sending.take_ready(&mut self.store) else {
                break;
            };
            self.send_turn(key);
        }
        if !self.output.is_empty() {
            self.return_connection_credit(WORTH_A_RIDE);
        }
        self.refill();
    }

    fn send_payload(
        &mut self,
        key: StreamKey,
        mut payload: Payload<'_>,
        end_stream: bool,
    ) -> Result<(), SendError> {
        let stream = self.store.get(key).ok_or(SendError::StreamGone)?;
        if stream.send != Half::Body || !matches!(stream.ending(), Ending::Open) {
            return Err(SendError::OutOfOrder);
        }
        if stream.queued() == 0 && self.write_direct(key, &mut payload, end_stream) {
            return Ok(());
        }
        let length = payload.len();
        if let Some(stream) = self.store.get_mut(key) {
            let aside = stream.aside();
            if length > 0 {
                aside.queue.push_back(payload.into_bytes());
                aside.queued += length;
                self.sending.queued += length;
            }
            if end_stream {
                aside.ending = Ending::EndStream;
            }
        }
        self.sending.place(&mut self.store, key, i64::from(self.peer.initial_window));
        self.note_queued(key);
        Ok(())
    }

    /// Writes as much as may go at once, and cuts it off the payload; true if that was all.
    fn write_direct(&mut self, key: StreamKey, payload: &mut Payload<'_>, end: bool) -> bool {
        if payload.len() == 0 {
            if end {
                self.write_data_head(key, 0, true);
                self.finish_sending(key);
            }
            return true;
        }
        while self.output.len() < self.config.flush_target {
            let allowed = self.frame_allowance(key);
            let length = payload.len().min(allowed);
            if length == 0 || (length < payload.len() && !self.sending.nothing_ready()) {
                return false;
            }
            let last = length == payload.len();
            self.write_data_head(key, length, end && last);
            match payload {
                Payload::Copied(data) => {
                    let (now, rest) = data.split_at(length);
                    self.output.buffer().extend_from_slice(now);
                    *data = rest;
                }
                Payload::Referenced(data) if length < COPY_BELOW => {
                    self.output.buffer().extend_from_slice(&data.split_to(length));
                }
                Payload::Referenced(data) => self.output.push(data.split_to(length)),
            }
            if last {
                if end {
                    self.finish_sending(key);
                }
                self.note_queued(key);
                return true;
            }
        }
        false
    }

    /// One DATA frame of a stream whose turn it is, and what follows its last one.
    fn send_turn(&mut self, key: StreamKey) {
        let allowed = self.frame_allowance(key);
        let Some(stream) = self.store.get(key) else {
            return;
        };
        let length = stream.queued().min(allowed);
        let emptied = length == stream.queued();
        let ends = emptied && matches!(stream.ending(), Ending::EndStream);
        if length > 0 {
            self.write_data_head(key, length, ends);
            self.move_queued(key, length);
        }
        if emptied {
            self.end_queue(key, ends);
        } else {
            let initial = i64::from(self.peer.initial_window);
            self.sending.place(&mut self.store, key, initial);
        }
        self.note_sent(key);
    }

    fn end_queue(&mut self, key: StreamKey, ended: bool) {
        let Some(stream) = self.store.get_mut(key) else {
            return;
        };
        if ended {
            self.finish_sending(key);
        } else if let Ending::Trailers(head) = core::mem::take(&mut stream.aside().ending) {
            self.write_queued_head(key.id(), &head);
            self.finish_sending(key);
        }
    }

    /// Bytes that a DATA frame of the stream may carry now.
    fn frame_allowance(&self, key: StreamKey) -> usize {
        let Some(stream) = self.store.get(key) else {
            return 0;
        };
        let window = stream.window.available(i64::from(self.peer.initial_window));
        let window = usize::try_from(window.min(self.sending.window)).unwrap_or(0);
        window.min(self.peer.max_frame_bytes as usize).min(MAX_SENT_FRAME_BYTES)
    }

    /// Writes a DATA frame's head and takes its payload off the windows.
    fn write_data_head(&mut self, key: StreamKey, length: usize, end_stream: bool) {
        self.liveness.sent_payload();
        self.sending.window -= length as i64;
        if let Some(stream) = self.store.get_mut(key) {
            stream.window.debit(length);
        }
        data::head(key.id(), length as u32, end_stream).write(self.output.buffer());
    }

    /// Moves `length` bytes of the stream's queue into the output.
    fn move_queued(&mut self, key: StreamKey, length: usize) {
        let Some(stream) = self.store.get_mut(key) else {
            return;
        };
        let aside = stream.aside();
        aside.queued -= length;
        self.sending.queued -= length;
        let mut left = length;
        while left > 0 {
            let Some(front) = aside.queue.front_mut() else {
                break;
            };
            let piece = if front.len() <= left {
                aside.queue.pop_front().unwrap_or_default()
            } else {
                front.split_to(left)
            };
            left -= piece.len();
            if piece.len() < COPY_BELOW {
                self.output.copy(piece);
            } else {
                self.output.push(piece);
            }
        }
    }
}
