//! HEADERS and CONTINUATION (RFC 9113 sections 6.2 and 6.10): gathering a block, and what the
//! decoded list means for its stream. Every block is decoded, also one that nobody wants, since
//! the compression state must stay in step.

use super::Step;
use super::message::{self, Malformed};
use crate::budget::Limit;
use crate::connection::{Connection, Side};
use crate::error::{ConnectionError, ErrorCode};
use crate::event::HeadersKind;
use crate::frame::headers::Headers;
use crate::frame::{Head, flag, rst_stream};
use crate::hpack::{DecodeError, HeaderLimits, Outcome};
use crate::stream::{Closed, Half, Known, Misfit, Passage, StreamKey};
use crate::time::Timestamp;

/// A header block that is being gathered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub(super) stream: u32,
    end_stream: bool,
    /// The stream is said to depend on itself.
    self_dependent: bool,
    continuations: u32,
    pub(super) since: Timestamp,
}

type Outcomes = Result<Option<Step<'static>>, ConnectionError>;

impl Connection {
    pub(super) fn on_headers(&mut self, head: Head, payload: &[u8]) -> Outcomes {
        if head.stream.is_multiple_of(2) {
            return Err(ConnectionError::protocol("HEADERS on a stream with an even id"));
        }
        let headers = Headers::read(head, payload)?;
        let block = Block {
            stream: head.stream,
            end_stream: head.has(flag::END_STREAM),
            self_dependent: headers.dependency == Some(head.stream),
            continuations: 0,
            since: self.now,
        };
        if head.has(flag::END_HEADERS) {
            let outcome = self.decode(headers.fragment)?;
            return self.on_block(block, outcome);
        }
        self.reader.fragments.clear();
        self.reader.block = Some(block);
        self.add_fragment(headers.fragment)?;
        Ok(None)
    }

    pub(super) fn on_continuation(&mut self, head: Head, payload: &[u8]) -> Outcomes {
        let Some(block) = &mut self.reader.block else {
            return Err(ConnectionError::protocol("CONTINUATION without a header block"));
        };
        block.continuations += 1;
        if block.continuations > self.config.limits.continuations {
            return Err(ConnectionError::abuse(Limit::Continuations));
        }
        let block = *block;
        self.add_fragment(payload)?;
        if !head.has(flag::END_HEADERS) {
            return Ok(None);
        }
        self.reader.block = None;
        let fragments = core::mem::take(&mut self.reader.fragments);
        let outcome = self.decode(&fragments);
        self.reader.fragments = fragments;
        self.on_block(block, outcome?)
    }

    fn add_fragment(&mut self, fragment: &[u8]) -> Result<(), ConnectionError> {
        let total = self.reader.fragments.len() + fragment.len();
        if total > self.config.limits.header_block_bytes {
            return Err(ConnectionError::abuse(Limit::HeaderBlockBytes));
        }
        self.reader.fragments.extend_from_slice(fragment);
        Ok(())
    }

    fn decode(&mut self, block: &[u8]) -> Result<Outcome, ConnectionError> {
        if block.len() > self.config.limits.header_block_bytes {
            return Err(ConnectionError::abuse(Limit::HeaderBlockBytes));
        }
        let limits = HeaderLimits {
            list_bytes: self.config.limits.header_list_bytes,
            fields: self.config.limits.header_fields,
        };
        self.fields.clear();
        self.decoder.decode(block, &limits, &mut self.fields).map_err(|error| match error {
            DecodeError::TooLarge => ConnectionError::abuse(Limit::HeaderFlood),
            DecodeError::SizeUpdateTooLarge => {
                ConnectionError::beyond(ErrorCode::COMPRESSION_ERROR, Limit::HeaderTableBytes)
            }
            _ => ConnectionError::broken(ErrorCode::COMPRESSION_ERROR, error.reason()),
        })
    }

    /// A whole block was decoded into `fields`.
    fn on_block(&mut self, block: Block, outcome: Outcome) -> Outcomes {
        if self.side == Side::Server && block.stream > self.last_peer_stream {
            return self.on_request(block, outcome);
        }
        match self.find_stream(block.stream)? {
            Known::Live(key) if block.self_dependent => self.fault(key, SELF_DEPENDENCY),
            Known::Live(key) => self.on_further_block(key, block, outcome),
            // A server's answers may well be on their way when a client cancels; a client has
            // little reason for trailers, and none for many.
            Known::Closed(Closed::ResetByUs) | Known::Forgotten if self.side == Side::Client => {
                Ok(None)
            }
            Known::Closed(Closed::ResetByUs) | Known::Forgotten => {
                self.stray_frame()?;
                Ok(None)
            }
            Known::Closed(Closed::Ended | Closed::ResetByPeer) => {
                Err(ConnectionError::broken(ErrorCode::STREAM_CLOSED, "HEADERS on a closed stream"))
            }
            Known::Skipped => {
                Err(ConnectionError::protocol("HEADERS with a stream id below an earlier one"))
            }
        }
    }

    /// A request opens a stream.
    fn on_request(&mut self, block: Block, outcome: Outcome) -> Outcomes {
        self.last_peer_stream = block.stream;
        if let Some(step) = self.refuse(block.stream)? {
            return step;
        }
        if block.self_dependent {
            self.store.note_refused(block.stream);
            let (code, reason) = (ErrorCode::PROTOCOL_ERROR, SELF_DEPENDENCY);
            return self.stream_error(block.stream, None, code, reason);
        }
        if self.peer.max_header_list_bytes.is_some_and(|most| most < self.least_response) {
            self.store.note_refused(block.stream);
            let (code, reason) = (ErrorCode::ENHANCE_YOUR_CALM, "the client accepts no response");
            return self.stream_error(block.stream, None, code, reason);
        }
        let too_large = outcome == Outcome::TooLarge;
        let request = if too_large {
            self.count_too_large();
            Ok(None)
        } else {
            message::check_request(&self.fields)
        };
        let content_left = match request {
            Ok(length) if !(block.end_stream && length.is_some_and(|length| length > 0)) => length,
            Ok(_) => return self.malformed_request(block.stream, message::WRONG_LENGTH),
            Err(Malformed(reason)) => return self.malformed_request(block.stream, reason),
        };
        let key = self.store.insert(block.stream);
        self.stream_opened();
        self.last_processed = block.stream;
        let now = self.now;
        if let Some(stream) = self.store.get_mut(key) {
            stream.opened = now;
            stream.set_content_left(content_left);
            stream.recv = if block.end_stream { Half::Ended } else { Half::Body };
            stream.discard = too_large;
        }
        Ok(Some(if too_large {
            Step::HeadersTooLarge { stream: key }
        } else {
            let kind = HeadersKind::Request;
            Step::Headers { stream: key, kind, end_stream: block.end_stream }
        }))
    }

    /// Counts a list that was cut, by the limit that cut it.
    fn count_too_large(&mut self) {
        if self.fields.len() >= self.config.limits.header_fields {
            self.counters.met().header_fields_exceeded += 1;
        } else {
            self.counters.met().header_list_bytes_exceeded += 1;
        }
    }

    fn malformed_request(&mut self, id: u32, reason: &'static str) -> Outcomes {
        self.store.note_refused(id);
        self.stream_error(id, None, ErrorCode::PROTOCOL_ERROR, reason)
    }

    /// Refuses a new stream if there are too many, or if this side is going away.
    fn refuse(&mut self, id: u32) -> Result<Option<Outcomes>, ConnectionError> {
        let leaving = self.shutdown.refuses_streams();
        if !leaving && self.store.len() < self.config.max_concurrent_streams as usize {
            return Ok(None);
        }
        if leaving {
            self.counters.met().streams_refused_leaving += 1;
        } else {
            self.counters.met().streams_refused += 1;
        }
        self.store.note_refused(id);
        // A peer that could not know better is not to blame: it pays only for what it knew.
        if !leaving && self.local.known_to_peer {
            let (code, reason) = (ErrorCode::REFUSED_STREAM, "too many streams");
            return Ok(Some(self.stream_error(id, None, code, reason)));
        }
        rst_stream::write(id, ErrorCode::REFUSED_STREAM, self.output.buffer());
        self.note_answer()?;
        Ok(Some(Ok(None)))
    }

    /// A block on a stream that is open: a response's head, or trailers.
    fn on_further_block(&mut self, key: StreamKey, block: Block, outcome: Outcome) -> Outcomes {
        let Some(stream) = self.store.get(key) else {
            return Ok(None);
        };
        let (recv, head_request, discard) = (stream.recv, stream.head_request, stream.discard);
        if recv.is_ended() {
            let (code, reason) = (ErrorCode::STREAM_CLOSED, "HEADERS after END_STREAM");
            return self.stream_error(key.id(), Some(key), code, reason);
        }
        if discard {
            if block.end_stream {
                self.finish_receiving(key);
            }
            return Ok(None);
        }
        if outcome == Outcome::TooLarge {
            self.count_too_large();
            let (code, reason) = (ErrorCode::ENHANCE_YOUR_CALM, "header list is too large");
            return self.stream_error(key.id(), Some(key), code, reason);
        }
        match recv {
            Half::Head => self.on_response(key, block, head_request),
            Half::Body | Half::Ended => self.on_trailers(key, block),
        }
    }

    fn on_response(&mut self, key: StreamKey, block: Block, head_request: bool) -> Outcomes {
        let response = match message::check_response(&self.fields) {
            Ok(response) => response,
            Err(Malformed(reason)) => return self.fault(key, reason),
        };
        let end_stream = block.end_stream;
        if response.interim && end_stream {
            return self.fault(key, "an interim response ends its stream");
        }
        let passage =
            if response.interim { Passage::Interim } else { Passage::Headers { end_stream } };
        let Ok(after) = Half::Head.after(passage) else {
            return self.fault(key, "a response out of order");
        };
        if response.interim {
            self.counters.met().interim_responses += 1;
            self.useless_frame()?;
            let kind = HeadersKind::Informational;
            return Ok(Some(Step::Headers { stream: key, kind, end_stream }));
        }
        let bodiless = head_request || response.bodiless;
        let content_left = response.content_length.filter(|_| !bodiless);
        if end_stream && content_left.is_some_and(|left| left > 0) {
            return self.fault(key, message::WRONG_LENGTH);
        }
        if let Some(stream) = self.store.get_mut(key) {
            stream.set_content_left(content_left);
            stream.recv = after;
        }
        if end_stream {
            self.finish_receiving(key);
        }
        Ok(Some(Step::Headers { stream: key, kind: HeadersKind::Response, end_stream }))
    }

    fn on_trailers(&mut self, key: StreamKey, block: Block) -> Outcomes {
        let Some(stream) = self.store.get(key) else {
            return Ok(None);
        };
        let end_stream = block.end_stream;
        if stream.recv.after(Passage::Headers { end_stream }) == Err(Misfit::Order) {
            return self.fault(key, "HEADERS in the middle of a message do not end the stream");
        }
        if stream.content_left().is_some_and(|left| left > 0) {
            return self.fault(key, message::WRONG_LENGTH);
        }
        if let Err(Malformed(reason)) = message::check_trailers(&self.fields) {
            return self.fault(key, reason);
        }
        self.finish_receiving(key);
        let kind = HeadersKind::Trailers;
        Ok(Some(Step::Headers { stream: key, kind, end_stream: true }))
    }

    /// A malformed message (RFC 9113 section 8.1.1).
    fn fault(&mut self, key: StreamKey, reason: &'static str) -> Outcomes {
        self.stream_error(key.id(), Some(key), ErrorCode::PROTOCOL_ERROR, reason)
    }

    /// END_STREAM came: the stream's receiving side has ended, and perhaps the stream.
    #[inline]
    pub(super) fn finish_receiving(&mut self, key: StreamKey) {
        let Some(stream) = self.store.get_mut(key) else {
            return;
        };
        stream.recv = Half::Ended;
        let promised = stream.credit.end();
        if promised > 0 {
            self.credit.promise(-promised);
        }
        let complete = stream.send.is_ended();
        self.message_over(key);
        if complete {
            self.complete(key);
        }
    }

    /// What is known about the stream that a frame names; an idle one is an error (RFC 9113
    /// section 5.1, "idle").
    pub(super) fn find_stream(&self, id: u32) -> Result<Known, ConnectionError> {
        let newest = match self.side {
            Side::Client => self.next_stream.saturating_sub(2),
            Side::Server => self.last_peer_stream,
        };
        if id > newest || id.is_multiple_of(2) {
            return Err(ConnectionError::protocol("frame on an idle stream"));
        }
        Ok(self.store.find(id))
    }
}

/// RFC 9113 leaves this to RFC 7540 section 5.3.1.
pub(super) const SELF_DEPENDENCY: &str = "a stream depends on itself";
