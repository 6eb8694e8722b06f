//! DATA (RFC 9113 section 6.1): accounted when its head arrives, handed on piece by piece, or left
//! to the driver that reads it to where it belongs.

use super::{Position, Progress, Step};
use crate::budget::Limit;
use crate::connection::Connection;
use crate::error::{ConnectionError, ErrorCode};
use crate::flow::WORTH_A_WRITE;
use crate::frame::data::Layout;
use crate::frame::{Head, flag};
use crate::stream::{Closed, Known, Misfit, Passage, StreamKey};
use crate::time::Timestamp;

/// How much of a DATA frame is still to come.
#[derive(Clone, Copy, Debug)]
pub(super) struct DataProgress {
    /// Who gets the data; `None`: nobody.
    stream: Option<StreamKey>,
    data: usize,
    padding: usize,
    /// END_STREAM is still to be told.
    end_stream: bool,
}

impl DataProgress {
    /// What is still to come for `stream`.
    pub(super) fn left_of(&self, stream: StreamKey) -> usize {
        if self.stream == Some(stream) { self.data } else { 0 }
    }
}

/// What was taken of a payload.
struct Taken {
    data: usize,
    padding: usize,
    /// Nothing of the frame is still to come.
    whole: bool,
    /// Who is told of the data, and whether it is the stream's last.
    told: Option<(StreamKey, bool)>,
}

/// Who gets a frame's data, and what else there is to tell.
type Receiver = (Option<StreamKey>, Option<Step<'static>>);

impl Connection {
    /// The head of a DATA frame is at the front of `input`, `rest` behind it.
    pub(super) fn data_frame<'i>(
        &mut self,
        head: Head,
        rest: &'i [u8],
        input: &mut &'i [u8],
    ) -> Result<Progress<'i>, ConnectionError> {
        if head.stream == 0 {
            return Err(ConnectionError::protocol("DATA on stream 0"));
        }
        let Some(layout) = Layout::read(head, rest)? else {
            return Ok(Progress::Incomplete);
        };
        *input = rest.get(layout.prefix as usize..).unwrap_or_default();
        if self.credit.debit(head.length).is_err() {
            return Err(ConnectionError::beyond(ErrorCode::FLOW_CONTROL_ERROR, Limit::Window));
        }
        let end_stream = head.has(flag::END_STREAM);
        if layout.data == 0 && !end_stream {
            self.counters.met().empty_data += 1;
            self.useless_frame()?;
        }
        let (stream, step) = match self.find_stream(head.stream)? {
            Known::Live(key) => self.data_on_stream(key, head, layout)?,
            known => (None, self.data_on_closed(head.stream, known)?),
        };
        self.reader.position = Position::Data(DataProgress {
            stream,
            data: layout.data as usize,
            padding: layout.padding as usize,
            end_stream: end_stream && stream.is_some(),
        });
        if self.estimator.data(head.length, self.now) {
            self.probe(head.length);
        }
        self.return_connection_credit(WORTH_A_WRITE);
        if let Some(key) = stream.filter(|_| !end_stream) {
            self.return_stream_credit(key, WORTH_A_WRITE);
        }
        Ok(step.into())
    }

    /// The stream whose data the next bytes of the input are, and how many of them: what is still
    /// to come of a DATA frame whose head came. The driver may read that many or fewer to where
    /// the data is to be, and tells it by [`Connection::receive_in_place`], instead of bringing
    /// them through [`Connection::receive`]. `None` when something else comes next.
    pub fn awaited_data(&self) -> Option<(StreamKey, usize)> {
        let Position::Data(progress) = self.reader.position else {
            return None;
        };
        let stream = progress.stream.filter(|stream| self.is_open(*stream))?;
        let is_next = self.dead.is_none() && self.reader.abandoned.is_empty();
        let takes_input = is_next && progress.data > 0 && !self.wants_write();
        takes_input.then_some((stream, progress.data))
    }

    /// The first `bytes` of what [`Connection::awaited_data`] names arrived and are where they are
    /// to be. The same as [`Connection::receive`] with these bytes and its event; says whether the
    /// peer sends nothing more on this stream. `None`, and nothing happens, when no data is awaited
    /// or less than that.
    pub fn receive_in_place(&mut self, bytes: usize, now: Timestamp) -> Option<bool> {
        let (_, awaited) = self.awaited_data()?;
        let Position::Data(progress) = self.reader.position else {
            return None;
        };
        if bytes == 0 || bytes > awaited {
            return None;
        }
        self.set_now(now);
        self.liveness.heard(now);
        Some(self.take_payload(progress, bytes).told.is_some_and(|(_, end_stream)| end_stream))
    }

    /// Hands on what is there of the payload.
    pub(super) fn data_piece<'i>(
        &mut self,
        progress: DataProgress,
        input: &mut &'i [u8],
    ) -> Progress<'i> {
        let taken = self.take_payload(progress, input.len());
        let (bytes, rest) = input.split_at(taken.data.min(input.len()));
        *input = rest.get(taken.padding..).unwrap_or_default();
        match taken.told {
            Some((stream, end_stream)) => Progress::Step(Step::Data { stream, bytes, end_stream }),
            None if taken.whole => Progress::Done,
            None => Progress::Incomplete,
        }
    }

    /// Accounts for the payload's next `here` bytes, or as many of them as belong to it.
    fn take_payload(&mut self, mut progress: DataProgress, here: usize) -> Taken {
        let data = progress.data.min(here);
        progress.data -= data;
        let padding = progress.padding.min(here - data);
        progress.padding -= padding;
        let told = progress.end_stream && progress.data == 0;
        progress.end_stream &= !told;
        let whole = progress.data == 0 && progress.padding == 0;
        self.reader.position = if whole { Position::Frame } else { Position::Data(progress) };
        let mut taken = Taken { data, padding, whole, told: None };
        if let Some(stream) = progress.stream
            && (told || data > 0)
            && self.is_open(stream)
        {
            if told {
                self.finish_receiving(stream);
            }
            taken.told = Some((stream, told));
        }
        taken
    }

    fn data_on_stream(
        &mut self,
        key: StreamKey,
        head: Head,
        layout: Layout,
    ) -> Result<Receiver, ConnectionError> {
        let end_stream = head.has(flag::END_STREAM);
        let initial = self.local.stream_window;
        let Some(stream) = self.store.get_mut(key) else {
            return Ok((None, None));
        };
        let data = u64::from(layout.data);
        let misfit = stream.recv.after(Passage::Data { end_stream }).err();
        let left = stream.content_left().map(|left| left.checked_sub(data));
        let wrong_length = match left {
            Some(None) => true,
            Some(Some(left)) => end_stream && left > 0,
            None => false,
        };
        let discard = stream.discard;
        let held = if discard { 0 } else { layout.data };
        let mut whole = false;
        let fault = if misfit == Some(Misfit::Ended) {
            Some((ErrorCode::STREAM_CLOSED, "DATA after END_STREAM"))
        } else if misfit.is_some() {
            Some((ErrorCode::PROTOCOL_ERROR, "DATA before HEADERS"))
        } else if wrong_length {
            Some((ErrorCode::PROTOCOL_ERROR, "DATA does not add up to content-length"))
        } else if let Ok(promised) = stream.credit.debit(initial, head.length, held) {
            if promised > 0 {
                self.credit.promise(-promised);
            }
            whole = stream.credit.note_arrival(held);
            None
        } else {
            self.counters.met().windows_exceeded += 1;
            Some((ErrorCode::FLOW_CONTROL_ERROR, "DATA beyond the stream's window"))
        };
        if let Some((code, reason)) = fault {
            return Ok((None, self.stream_error(key.id(), Some(key), code, reason)?));
        }
        stream.set_content_left(left.flatten());
        self.credit.hold(u64::from(held));
        if whole {
            self.message_over(key);
        }
        if self.pressure.is_high(self.credit.unconsumed()) {
            self.narrow_windows();
        }
        if discard {
            if end_stream {
                self.finish_receiving(key);
            }
            return Ok((None, None));
        }
        Ok((Some(key), None))
    }

    /// DATA on a stream that is no longer there (RFC 9113 section 5.1, "closed").
    fn data_on_closed(
        &mut self,
        id: u32,
        known: Known,
    ) -> Result<Option<Step<'static>>, ConnectionError> {
        match known {
            Known::Closed(Closed::Ended | Closed::ResetByPeer) => {
                self.counters.met().stray_frames += 1;
                self.stream_error(id, None, ErrorCode::STREAM_CLOSED, "DATA on a closed stream")
            }
            Known::Skipped => Err(ConnectionError::broken(
                ErrorCode::STREAM_CLOSED,
                "DATA on a stream that was never opened",
            )),
            Known::Live(_) | Known::Closed(Closed::ResetByUs) | Known::Forgotten => Ok(None),
        }
    }
}
