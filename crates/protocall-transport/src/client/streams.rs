//! The calls of a connection: what each open stream brings, and to whom it goes.

use super::resend::Sent;
use crate::buffers::{IN_PLACE_FROM, Rounds};
use crate::exchange::{Credit, Exchange};
use crate::stats::Totals;
use bytes::BytesMut;
use protocall_core::envelope::{Broken, EnvelopeError, Scanned, Scanner};
use protocall_core::head::Encoding;
use protocall_core::head::response::{Opening, Trailers};
use protocall_core::{Code, Compressions, Status, mapping};
use protocall_http2::{Connection, ErrorCode, Fields, StreamKey};
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;
use tokio::time::Instant;

/// The open streams, by their slots in HTTP/2's store.
#[derive(Debug)]
pub(crate) struct Streams {
    slots: Vec<Option<Stream>>,
    /// What the calls have sent, by their slots.
    sent: Vec<Sent>,
    /// How much of it is kept.
    resend_buffer: usize,
    /// Calls that the server has not processed, to be sent again.
    pub(crate) unprocessed: Vec<Arc<Exchange>>,
    /// A server has begun to answer.
    pub(crate) answered: bool,
    /// What the server was told to be accepted.
    compressions: Compressions,
    /// Callers to wake when the whole batch was looked at.
    pub(crate) wakers: Vec<Waker>,
    /// No stream's deadline is before this.
    pub(crate) deadline: Option<Instant>,
    /// HTTP/2's receive budget is nearly used up.
    pub(crate) pressed: bool,
    /// Buffers of large messages.
    pub(crate) rounds: Rounds,
    pub(crate) totals: Totals,
}

#[derive(Debug)]
struct Stream {
    key: StreamKey,
    exchange: Arc<Exchange>,
    scanner: Scanner,
    /// Messages that came.
    messages: usize,
    /// The response's head was read.
    opened: bool,
}

impl Stream {
    /// Counts the messages of a piece; whether there are more than the call has room for.
    fn counts_too_many(&mut self, scanned: Scanned) -> bool {
        self.messages = self.messages.saturating_add(scanned.completed);
        let begun = self.messages.saturating_add(usize::from(scanned.partial > 0));
        self.exchange.wants_one() && begun > 1
    }
}

/// A server's clock and timers may be ahead of ours by this much: a cancellation that comes so
/// shortly before a call's deadline is the deadline's. Timers of some systems tick at 15.6 ms.
const DEADLINE_SLACK: Duration = Duration::from_millis(20);

/// Whether the call's deadline has passed, or as good as passed.
fn is_late(exchange: &Exchange) -> bool {
    exchange.deadline().is_some_and(|at| at <= Instant::now() + DEADLINE_SLACK)
}

fn past_deadline() -> Status {
    Status::deadline_exceeded("the call's deadline passed")
}

/// What a call with one response ends with when there are more.
pub(crate) const MORE_THAN_ONE: &str = "the server sent more than one message where one is due";

/// What is to be done with HTTP/2 once an event was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    Nothing,
    /// It went to the caller, who gives the rest of its credit back by taking it.
    Expect(Credit),
    /// So many bytes are of no use: their credit goes back.
    Drop,
    /// Nobody wants the rest of the stream.
    Reset(ErrorCode),
}

impl Streams {
    pub(crate) const fn new(
        totals: Totals,
        compressions: Compressions,
        resend_buffer: usize,
    ) -> Self {
        Self {
            slots: Vec::new(),
            sent: Vec::new(),
            resend_buffer,
            unprocessed: Vec::new(),
            answered: false,
            compressions,
            wakers: Vec::new(),
            deadline: None,
            pressed: false,
            rounds: Rounds::new(),
            totals,
        }
    }

    pub(crate) fn add(&mut self, key: StreamKey, exchange: Arc<Exchange>, limit: usize) {
        if let Some(at) = exchange.deadline() {
            self.deadline = Some(self.deadline.map_or(at, |other| other.min(at)));
        }
        while self.slots.len() <= key.slot() {
            self.slots.push(None);
            self.sent.push(Sent::default());
        }
        if let Some(sent) = self.sent.get_mut(key.slot()) {
            sent.begin(self.resend_buffer);
        }
        let scanner = Scanner::new(limit);
        if let Some(slot) = self.slots.get_mut(key.slot()) {
            *slot = Some(Stream { key, exchange, scanner, messages: 0, opened: false });
        }
    }

    /// A stream's exchange, and what it has sent.
    pub(crate) fn sending(&mut self, key: StreamKey) -> Option<(&Arc<Exchange>, &mut Sent)> {
        let stream = self.slots.get(key.slot())?.as_ref().filter(|stream| stream.key == key)?;
        Some((&stream.exchange, self.sent.get_mut(key.slot())?))
    }

    /// The final head of a response.
    pub(crate) fn head(&mut self, key: StreamKey, fields: &Fields, end_stream: bool) -> Then {
        // not `find`, which borrows all of it
        let slot = self.slots.get_mut(key.slot()).and_then(Option::as_mut);
        let Some(stream) = slot.filter(|stream| stream.key == key) else { return Then::Nothing };
        self.answered = true;
        if let Some(sent) = self.sent.get_mut(key.slot()) {
            sent.forget();
        }
        let pairs = || fields.iter().map(|field| (field.name, field.value));
        let status = fields.find(b":status").map(|field| field.value).unwrap_or_default();
        match Opening::parse(status, pairs, end_stream, &self.compressions) {
            Opening::Head(head) => {
                let encoding = match head.encoding {
                    Encoding::Known(encoding) => encoding,
                    Encoding::Unsupported(name) => {
                        let text = "the response is compressed by";
                        let text = format!("{text} {name:?}, which was not asked for");
                        return self.fail(key, Status::internal(text));
                    }
                };
                if !encoding.is_identity() {
                    stream.scanner.allow_compressed();
                }
                stream.opened = true;
                let waker = stream.exchange.receive_head(head.metadata, encoding);
                self.wakers.extend(waker);
                Then::Nothing
            }
            Opening::End(trailers) => self.end(key, trailers, end_stream),
        }
    }

    /// A piece of a response's body.
    pub(crate) fn data(&mut self, key: StreamKey, bytes: &[u8], end_stream: bool) -> Then {
        // not `find`, which borrows all of it
        let slot = self.slots.get_mut(key.slot()).and_then(Option::as_mut);
        let Some(stream) = slot.filter(|stream| stream.key == key) else { return Then::Drop };
        let scanned = match stream.scanner.scan(bytes) {
            Ok(scanned) => scanned,
            Err(Broken { error, whole }) => {
                // messages before the broken one arrive, however the bytes were cut
                let whole = bytes.get(..whole).unwrap_or_default();
                if !whole.is_empty() {
                    let (waker, _) =
                        stream.exchange.receive(whole, Scanned::default(), &mut self.rounds);
                    self.wakers.extend(waker);
                }
                if matches!(error, EnvelopeError::TooLarge { .. }) {
                    self.totals.count(|tally| &tally.messages_too_large);
                }
                return self.fail(key, error.into());
            }
        };
        if stream.counts_too_many(scanned) {
            // at once: it is asked for as it comes, so more of it would have no bound
            return self.fail(key, Status::unimplemented(MORE_THAN_ONE));
        }
        let received = stream.exchange.receive(bytes, scanned, &mut self.rounds);
        self.received(key, received, end_stream)
    }

    /// The buffer of the message that a stream's next `due` bytes of data belong to, and how many
    /// of them may be read into it; `None` when they are better brought to [`Streams::data`]. It is
    /// to be given back by [`Streams::data_in_place`].
    pub(crate) fn lend(&mut self, key: StreamKey, due: usize) -> Option<(BytesMut, usize)> {
        // not `find`, which borrows all of it
        let slot = self.slots.get(key.slot()).and_then(Option::as_ref);
        let stream = slot.filter(|stream| stream.key == key)?;
        let due = due.min(stream.scanner.missing());
        (due >= IN_PLACE_FROM).then(|| stream.exchange.lend(due, &mut self.rounds))
    }

    /// A piece of a response's body, none or some bytes, was read into the buffer that
    /// [`Streams::lend`] gave.
    pub(crate) fn data_in_place(
        &mut self,
        key: StreamKey,
        buffer: BytesMut,
        bytes: usize,
        end_stream: bool,
    ) -> Then {
        let slot = self.slots.get_mut(key.slot()).and_then(Option::as_mut);
        let Some(stream) = slot.filter(|stream| stream.key == key) else { return Then::Drop };
        let scanned = stream.scanner.skip(bytes);
        // it was counted when it began
        stream.messages = stream.messages.saturating_add(scanned.completed);
        let received = stream.exchange.receive_in_place(buffer, scanned.missing, &mut self.rounds);
        self.received(key, received, end_stream)
    }

    fn received(
        &mut self,
        key: StreamKey,
        (waker, credit): (Option<Waker>, Credit),
        end_stream: bool,
    ) -> Then {
        self.wakers.extend(waker);
        if end_stream {
            let status = Status::internal("the server ended the stream without trailers");
            return self.end(key, Trailers::failed(status), true);
        }
        Then::Expect(credit)
    }

    /// The trailers of a response.
    pub(crate) fn trailers(&mut self, key: StreamKey, fields: &Fields) -> Then {
        let Some(stream) = self.find(key) else { return Then::Nothing };
        let mut trailers = Trailers::parse(fields.iter().map(|field| (field.name, field.value)));
        if let (Ok(()), Err(error)) = (&trailers.status, stream.scanner.finish()) {
            trailers = Trailers::failed(error.into());
        }
        self.end(key, trailers, true)
    }

    /// The stream is gone.
    pub(crate) fn reset(
        &mut self,
        key: StreamKey,
        code: ErrorCode,
        unprocessed: bool,
        reason: &str,
    ) {
        if unprocessed && self.send_again(key) {
            return;
        }
        let Some(stream) = self.find(key) else { return };
        let late = is_late(&stream.exchange);
        let status = if unprocessed {
            Status::unavailable(format!("the server did not process the call: {code}"))
        } else if late && code == ErrorCode::CANCEL {
            past_deadline()
        } else if reason.is_empty() {
            let code_of_call = mapping::from_reset(code.to_wire());
            Status::new(code_of_call, format!("the server reset the stream: {code}"))
        } else if code == ErrorCode::ENHANCE_YOUR_CALM {
            Status::resource_exhausted(format!("the response is over a limit: {reason}"))
        } else {
            Status::new(Code::Internal, format!("the response is malformed: {reason}"))
        };
        self.end(key, Trailers::failed(status), true);
    }

    /// Takes a call that the server has not processed off its stream, to be sent again, if that was
    /// not done before, nothing was answered, and all that it sent is still here.
    fn send_again(&mut self, key: StreamKey) -> bool {
        let Some((exchange, sent)) = self.sending(key) else { return false };
        let exchange = Arc::clone(exchange);
        if !exchange.may_be_sent_again() {
            return false;
        }
        let Some(outgoing) = sent.take() else { return false };
        if exchange.restore(outgoing) {
            self.remove(key);
            self.unprocessed.push(exchange);
            return true;
        }
        false
    }

    /// Ends a call from this side.
    pub(crate) fn fail(&mut self, key: StreamKey, status: Status) -> Then {
        self.end(key, Trailers::failed(status), false)
    }

    /// The call is over. A server that has said all need not hear the rest of the request.
    fn end(&mut self, key: StreamKey, mut trailers: Trailers, ended: bool) -> Then {
        if let Some(exchange) = self.remove(key) {
            if let Err(status) = &trailers.status
                && status.code() == Code::Cancelled
                && is_late(&exchange)
            {
                // the server noticed first, and told it as a cancellation
                trailers = Trailers::failed(past_deadline());
            }
            self.wakers.extend(exchange.end(trailers).into_iter().flatten());
        }
        Then::Reset(if ended { ErrorCode::NO_ERROR } else { ErrorCode::CANCEL })
    }

    /// Forgets a stream.
    pub(crate) fn remove(&mut self, key: StreamKey) -> Option<Arc<Exchange>> {
        let slot = self.slots.get_mut(key.slot())?;
        slot.take_if(|stream| stream.key == key).map(|stream| stream.exchange)
    }

    /// Ends the calls whose deadline has passed.
    pub(crate) fn expire(&mut self, http2: &mut Connection, now: Instant) {
        if self.deadline.is_none_or(|at| at > now) {
            return;
        }
        let mut next: Option<Instant> = None;
        for slot in &mut self.slots {
            let Some(at) = slot.as_ref().and_then(|stream| stream.exchange.deadline()) else {
                continue;
            };
            if at > now {
                next = Some(next.map_or(at, |other| other.min(at)));
            } else if let Some(stream) = slot.take() {
                let status = past_deadline();
                let wakers = stream.exchange.end(Trailers::failed(status));
                self.wakers.extend(wakers.into_iter().flatten());
                let _ = http2.reset(stream.key, ErrorCode::CANCEL);
            }
        }
        self.deadline = next;
    }

    /// Ends all calls: the connection is gone.
    pub(crate) fn abandon(&mut self, status: &Status) {
        for stream in self.slots.iter_mut().filter_map(Option::take) {
            let wakers = stream.exchange.end(Trailers::failed(status.clone()));
            self.wakers.extend(wakers.into_iter().flatten());
        }
    }

    /// Callers give credit back at once while the receive budget is nearly used up.
    pub(crate) fn follow_pressure(&mut self, http2: &mut Connection) {
        if self.pressed == http2.is_pressed() {
            return;
        }
        self.pressed = !self.pressed;
        for stream in self.slots.iter().flatten() {
            stream.exchange.set_eager(self.pressed, http2, stream.key);
        }
    }

    /// Wakes the callers whose calls went on.
    pub(crate) fn wake(&mut self) -> bool {
        let any = !self.wakers.is_empty();
        self.wakers.drain(..).for_each(Waker::wake);
        any
    }

    fn find(&mut self, key: StreamKey) -> Option<&mut Stream> {
        self.slots.get_mut(key.slot())?.as_mut().filter(|stream| stream.key == key)
    }
}
