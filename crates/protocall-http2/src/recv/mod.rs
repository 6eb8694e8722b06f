//! The receiving half: bytes to events. This file cuts the input into frames and keeps the rules
//! that hold for all of them; each kind of frame has its own file beside, `message` holds the
//! rules of header lists, `credit` gives windows back, `adapt` makes them fit the
//! path, `pressure` keeps them within the budget.

mod adapt;
mod control;
mod credit;
mod data;
mod headers;
mod message;
mod preface;
mod pressure;

use crate::budget::Limit;
use crate::config::MAX_GOAWAY_DEBUG_BYTES;
use crate::connection::{Connection, Side};
use crate::error::{ConnectionError, ErrorCode};
use crate::event::{Event, HeadersKind, Initiator};
use crate::frame::{HEAD_BYTES, Head, MIN_MAX_FRAME_BYTES, flag, goaway, headers as frame_headers};
use crate::frame::{kind, rst_stream, settings};
use crate::stream::{Closed, StreamKey};
use crate::time::Timestamp;

pub(crate) use adapt::estimator;
use data::DataProgress;
use headers::Block;
pub(crate) use preface::PREFACE;

/// An event before it borrows the connection's fields.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step<'i> {
    Headers { stream: StreamKey, kind: HeadersKind, end_stream: bool },
    Data { stream: StreamKey, bytes: &'i [u8], end_stream: bool },
    Reset(Reset),
    HeadersTooLarge { stream: StreamKey },
    GoAway { last_stream: u32, code: ErrorCode, debug: &'i [u8] },
    Settings,
    Pong { payload: [u8; 8] },
}

/// The early end of a stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reset {
    pub(crate) stream: StreamKey,
    pub(crate) code: ErrorCode,
    pub(crate) by: Initiator,
    pub(crate) unprocessed: bool,
    pub(crate) reason: &'static str,
}

impl From<Reset> for Step<'_> {
    fn from(reset: Reset) -> Self {
        Self::Reset(reset)
    }
}

/// Where in the input the connection stands.
#[derive(Debug)]
enum Position {
    /// In the client's preface, of which this many bytes matched.
    Preface(usize),
    /// Before a frame.
    Frame,
    /// In the payload of a DATA frame.
    Data(DataProgress),
    /// In a payload that nobody wants, with this much of it left.
    Skip(usize),
}

/// The state of reading.
#[derive(Debug)]
pub(crate) struct Reader {
    position: Position,
    /// The peer's first SETTINGS, which must come before all else, have come.
    settings_seen: bool,
    /// A header block whose CONTINUATION frames are still to come.
    block: Option<Block>,
    /// Room for header blocks that come in several frames.
    fragments: Vec<u8>,
    /// Streams above GOAWAY's last one, still to be reported.
    abandoned: Vec<StreamKey>,
}

impl Reader {
    pub(crate) fn new(side: Side) -> Self {
        let position = match side {
            Side::Client => Position::Frame,
            Side::Server => Position::Preface(0),
        };
        Self {
            position,
            settings_seen: false,
            block: None,
            fragments: Vec::new(),
            abandoned: Vec::new(),
        }
    }

    pub(crate) fn settings_seen(&self) -> bool {
        self.settings_seen
    }

    /// When the header block that is still open began.
    pub(crate) fn block_since(&self) -> Option<Timestamp> {
        self.block.as_ref().map(|block| block.since)
    }

    /// What of a stream's DATA frame has not been handed on yet.
    pub(crate) fn undelivered(&self, stream: StreamKey) -> usize {
        match &self.position {
            Position::Data(progress) => progress.left_of(stream),
            Position::Preface(_) | Position::Frame | Position::Skip(_) => 0,
        }
    }

    pub(crate) fn trim(&mut self) {
        if self.block.is_none() {
            self.fragments = Vec::new();
        }
        self.abandoned.shrink_to_fit();
    }
}

/// What became of the frame at the front of the input.
enum Progress<'i> {
    /// More input is needed.
    Incomplete,
    /// It was taken, and there is nothing to tell.
    Done,
    Step(Step<'i>),
}

impl<'i> From<Option<Step<'i>>> for Progress<'i> {
    fn from(step: Option<Step<'i>>) -> Self {
        step.map_or(Self::Done, Self::Step)
    }
}

impl Connection {
    /// Parses from the front of `input`, advancing it. `None`: everything usable was consumed; the
    /// rest of `input` (part of a frame) must come again with more bytes behind it, or, when
    /// [`Connection::wants_write`] says so, after output was written. No piece larger than
    /// [`MAX_CONTIGUOUS_INPUT`](crate::config::MAX_CONTIGUOUS_INPUT) is ever waited for.
    ///
    /// To be called until it answers `None`, also when the input is used up: one frame can end
    /// several streams.
    ///
    /// # Errors
    /// The connection is dead: GOAWAY is in the output (unless the kind is
    /// [`NotHttp2`](crate::ConnectionErrorKind::NotHttp2)); write it and close.
    pub fn receive<'a, 'i: 'a>(
        &'a mut self,
        input: &mut &'i [u8],
        now: Timestamp,
    ) -> Result<Option<Event<'a>>, ConnectionError> {
        if let Some(error) = self.dead {
            return Err(error);
        }
        self.set_now(now);
        if !input.is_empty() {
            self.liveness.heard(now);
        }
        match self.step(input) {
            Ok(step) => Ok(step.map(|step| self.event(step))),
            Err(error) => Err(self.die(error)),
        }
    }

    fn step<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<Step<'i>>, ConnectionError> {
        loop {
            if let Some(step) = self.next_abandoned() {
                return Ok(Some(step));
            }
            if self.wants_write() {
                self.counters.met().input_paused += 1;
                return Ok(None);
            }
            let progress = match self.reader.position {
                Position::Frame => self.frame(input)?,
                Position::Data(progress) => self.data_piece(progress, input),
                Position::Skip(left) => self.skip(left, input),
                Position::Preface(matched) => self.preface(matched, input)?,
            };
            match progress {
                Progress::Step(step) => return Ok(Some(step)),
                Progress::Done => {}
                Progress::Incomplete => return Ok(None),
            }
        }
    }

    fn event<'a>(&'a self, step: Step<'a>) -> Event<'a> {
        match step {
            Step::Headers { stream, kind, end_stream } => {
                Event::Headers { stream, fields: &self.fields, kind, end_stream }
            }
            Step::Data { stream, bytes, end_stream } => Event::Data { stream, bytes, end_stream },
            Step::Reset(Reset { stream, code, by, unprocessed, reason }) => {
                Event::Reset { stream, code, by, unprocessed, reason }
            }
            Step::HeadersTooLarge { stream } => Event::HeadersTooLarge { stream },
            Step::GoAway { last_stream, code, debug } => Event::GoAway { last_stream, code, debug },
            Step::Settings => Event::Settings,
            Step::Pong { payload } => Event::Pong { payload },
        }
    }

    /// The frame at the front of the input.
    fn frame<'i>(&mut self, input: &mut &'i [u8]) -> Result<Progress<'i>, ConnectionError> {
        self.check_for_http1(input)?;
        let Some(head) = Head::read(input) else {
            return Ok(Progress::Incomplete);
        };
        let wanted = self.check_head(head)?;
        let rest = input.get(HEAD_BYTES..).unwrap_or_default();
        if head.kind == kind::DATA {
            return self.data_frame(head, rest, input);
        }
        let Some((payload, rest)) = rest.split_at_checked(wanted) else {
            return Ok(Progress::Incomplete);
        };
        *input = rest;
        let unread = head.length as usize - wanted;
        if unread > 0 {
            self.reader.position = Position::Skip(unread);
        }
        let step = match head.kind {
            kind::HEADERS => self.on_headers(head, payload)?,
            kind::CONTINUATION => self.on_continuation(head, payload)?,
            kind::PRIORITY => self.on_priority(head, payload)?,
            kind::RST_STREAM => self.on_rst_stream(head, payload)?,
            kind::SETTINGS => {
                self.reader.settings_seen = true;
                self.on_settings(head, payload)?
            }
            kind::PING => self.on_ping(head, payload)?,
            kind::GOAWAY => self.on_goaway(head, payload)?,
            kind::WINDOW_UPDATE => self.on_window_update(head, payload)?,
            _ => self.on_unknown()?,
        };
        Ok(step.into())
    }

    /// The rules that need only the head, so that no payload is waited for in vain. Returns how
    /// many bytes of the payload are to be gathered (DATA is not gathered).
    fn check_head(&self, head: Head) -> Result<usize, ConnectionError> {
        if head.length > self.config.max_frame_bytes.max(MIN_MAX_FRAME_BYTES) {
            return Err(ConnectionError::beyond(ErrorCode::FRAME_SIZE_ERROR, Limit::FrameBytes));
        }
        let is_block = matches!(head.kind, kind::HEADERS | kind::CONTINUATION);
        let too_large = head.length as usize > self.largest_block_frame();
        if is_block && too_large && self.side == Side::Server {
            return Err(ConnectionError::frame_size(
                "frame of a header block is larger than any header list may be",
            ));
        }
        let first_settings = head.kind == kind::SETTINGS && !head.has(flag::ACK);
        if !self.reader.settings_seen && !first_settings {
            return Err(ConnectionError::protocol("the first frame is not SETTINGS"));
        }
        match &self.reader.block {
            Some(block) if head.kind != kind::CONTINUATION || head.stream != block.stream => {
                return Err(ConnectionError::protocol("a header block was interrupted"));
            }
            None if head.kind == kind::CONTINUATION => {
                return Err(ConnectionError::protocol("CONTINUATION without a header block"));
            }
            _ => {}
        }
        self.gathered(head)
    }

    /// HEADERS and CONTINUATION have a limit of their own (RFC 9113 section 4.2): what no header
    /// list we accept can need, but never less than every peer may send. A block is no longer
    /// than its list's size, so the limit on lists bounds both. Held against clients only: they
    /// were told the limit on lists, and a server that errs in one answer should not take the
    /// other calls with it.
    fn largest_block_frame(&self) -> usize {
        let block = self.config.limits.header_list_bytes.max(MIN_MAX_FRAME_BYTES as usize);
        block + frame_headers::Headers::MAX_EXTRA_BYTES as usize
    }

    fn gathered(&self, head: Head) -> Result<usize, ConnectionError> {
        let length = head.length as usize;
        let limits = &self.config.limits;
        let block = limits.header_block_bytes;
        let most = match head.kind {
            kind::PUSH_PROMISE => {
                return Err(ConnectionError::protocol("PUSH_PROMISE, but push is disabled"));
            }
            kind::HEADERS => block + frame_headers::Headers::MAX_EXTRA_BYTES as usize,
            kind::CONTINUATION => block,
            kind::SETTINGS => {
                settings::check(head)?;
                if length > limits.settings_entries * settings::ENTRY_BYTES {
                    return Err(ConnectionError::abuse(Limit::SettingsEntries));
                }
                length
            }
            kind::GOAWAY => return Ok(length.min(goaway::FIXED_BYTES + MAX_GOAWAY_DEBUG_BYTES)),
            // Fixed sizes: a wrong one is an error, for which these bytes suffice.
            kind::PRIORITY | kind::RST_STREAM | kind::PING | kind::WINDOW_UPDATE => {
                return Ok(length.min(16));
            }
            _ => return Ok(0),
        };
        if length > most {
            return Err(ConnectionError::abuse(Limit::HeaderBlockBytes));
        }
        Ok(length)
    }

    fn skip<'i>(&mut self, left: usize, input: &mut &'i [u8]) -> Progress<'i> {
        let now = left.min(input.len());
        *input = input.get(now..).unwrap_or_default();
        if now < left {
            self.reader.position = Position::Skip(left - now);
            return Progress::Incomplete;
        }
        self.reader.position = Position::Frame;
        Progress::Done
    }

    fn next_abandoned(&mut self) -> Option<Step<'static>> {
        while let Some(stream) = self.reader.abandoned.pop() {
            if self.store.get(stream).is_some() {
                self.remove_stream(stream, Closed::ResetByUs);
                return Some(Step::Reset(Reset {
                    stream,
                    code: ErrorCode::REFUSED_STREAM,
                    by: Initiator::Remote,
                    unprocessed: true,
                    reason: "the peer is going away and has not processed the stream",
                }));
            }
        }
        None
    }

    /// The peer broke a rule on one stream: resets it, and tells the driver if it knows the stream.
    fn stream_error(
        &mut self,
        id: u32,
        known: Option<StreamKey>,
        code: ErrorCode,
        reason: &'static str,
    ) -> Result<Option<Step<'static>>, ConnectionError> {
        self.counters.met().resets_provoked += 1;
        rst_stream::write(id, code, self.output.buffer());
        self.note_answer()?;
        if !self.budgets.resets_sent.take(self.now) {
            return Err(ConnectionError::abuse(Limit::ProvokedResets));
        }
        let Some(stream) = known else {
            self.store.note_closed(id, Closed::ResetByUs);
            return Ok(None);
        };
        self.remove_stream(stream, Closed::ResetByUs);
        let by = Initiator::Library;
        Ok(Some(Step::Reset(Reset { stream, code, by, unprocessed: false, reason })))
    }

    /// A frame that does nothing.
    pub(crate) fn useless_frame(&mut self) -> Result<(), ConnectionError> {
        if self.budgets.useless_frames.take(self.now) {
            return Ok(());
        }
        Err(ConnectionError::abuse(Limit::UselessFrames))
    }

    /// A frame for something that has ended or was never asked for.
    pub(crate) fn stray_frame(&mut self) -> Result<(), ConnectionError> {
        self.counters.met().stray_frames += 1;
        self.useless_frame()
    }

    /// An answer that the peer made us write was queued.
    pub(crate) fn note_answer(&mut self) -> Result<(), ConnectionError> {
        if self.output.written() >= self.answers_end {
            self.answers = 0;
        }
        self.answers += 1;
        self.answers_end = self.output.end();
        if self.answers > self.config.limits.control_frames_kill {
            return Err(ConnectionError::abuse(Limit::ControlFrames));
        }
        Ok(())
    }

    /// So many answers wait to be written that no input is taken until they are.
    pub fn wants_write(&self) -> bool {
        self.answers >= self.config.limits.control_frames_pause
            && self.output.written() < self.answers_end
    }

    fn on_unknown(&mut self) -> Result<Option<Step<'static>>, ConnectionError> {
        self.counters.met().unknown_frames += 1;
        self.useless_frame()?;
        Ok(None)
    }
}
