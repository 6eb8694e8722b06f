//! DATA (RFC 9113 section 6.1): accounted when its head arrives, handed on piece by piece.

use super::{Position, Progress, Step};
use crate::budget::Limit;
use crate::connection::Connection;
use crate::error::{ConnectionError, ErrorCode};
use crate::flow::WORTH_A_WRITE;
use crate::frame::data::Layout;
use crate::frame::{Head, flag};
use crate::stream::{Closed, Known, Misfit, Passage, StreamKey};

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

    /// Hands on what is there of the payload.
    pub(super) fn data_piece<'i>(
        &mut self,
        mut progress: DataProgress,
        input: &mut &'i [u8],
    ) -> Progress<'i> {
        let (bytes, rest) = input.split_at(progress.data.min(input.len()));
        let (padding, rest) = rest.split_at(progress.padding.min(rest.len()));
        let waits = progress.data > 0 && bytes.is_empty();
        progress.data -= bytes.len();
        if progress.data == 0 {
            progress.padding -= padding.len();
            *input = rest;
        } else {
            *input = &[];
        }
        let told = progress.end_stream && progress.data == 0;
        progress.end_stream &= !told;
        let whole = progress.data == 0 && progress.padding == 0;
        self.reader.position = if whole { Position::Frame } else { Position::Data(progress) };
        if let Some(stream) = progress.stream
            && (told || !bytes.is_empty())
            && self.store.get(stream).is_some()
        {
            if told {
                self.finish_receiving(stream);
            }
            return Progress::Step(Step::Data { stream, bytes, end_stream: told });
        }
        if whole && !waits { Progress::Done } else { Progress::Incomplete }
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
