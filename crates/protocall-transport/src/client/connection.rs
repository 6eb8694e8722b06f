//! The task that owns a client's end of a connection.
//!
//! It takes all calls that wait, opens their streams, writes once, reads what is there, and wakes
//! the callers when the whole batch was looked at. What calls send is `send`'s part, what a stream
//! brings that of [`streams`](super::streams), how it ends that of `ending`.

mod ending;
mod send;

use super::handle::Signs;
use super::head::templates;
use super::streams::{Streams, Then};
use super::{Call, Config, Handle, TakeBack};
use crate::buffers::IN_PLACE_FROM;
use crate::busy_poll::BusyPoll;
use crate::clock::Clock;
use crate::exchange::{Exchange, Outgoing};
use crate::io::Transport;
use crate::mailbox::{Mailbox, Signal};
use crate::socket::Socket;
use crate::timer::Timer;
use protocall_core::Status;
use protocall_core::head::FieldList;
use protocall_http2::{
    self as http2, ErrorCode, Event, HeadersKind, Initiator, Side, StreamKey, TemplateId,
};
use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::time::Instant;

/// Turns of reading and writing before other tasks get theirs.
const TURNS: usize = 16;
/// Output below this waits for one turn of the scheduler while several calls are under way, so
/// that callers woken together write together.
const JOIN_BELOW: usize = 4 * 1024;
/// Bytes that are read in one turn at least before the turn goes on, if they are there: two large
/// messages. Callers wait for its end, with what they send and with what has come for them.
const TURN_READ: usize = 128 * 1024;

/// Characters of a GOAWAY's debug data that errors repeat.
const MAX_WORDS: usize = 200;

/// Why a connection ended.
#[derive(Debug)]
pub struct Closed {
    /// What its last calls were told; `None` when it had been told to close.
    pub status: Option<Status>,
    /// Calls that were never sent, or that the server has not processed: they can go elsewhere.
    pub unsent: Vec<Call>,
    /// The server's SETTINGS had come: it was a working HTTP/2 connection.
    pub established: bool,
}

/// A connection of a client: a future that is ready when the connection is closed.
pub struct Connection<S> {
    socket: Socket<S>,
    http2: http2::Connection,
    busy: BusyPoll,
    streams: Streams,
    waiting: VecDeque<Arc<Exchange>>,
    mailbox: Arc<Mailbox>,
    signs: Arc<Signs>,
    take_back: Option<TakeBack>,
    batch: Vec<Signal>,
    clock: Clock,
    timer: Timer,
    /// As much was read as in one turn may be.
    batch_full: bool,
    /// Pseudo-fields before the path, and what follows the timeout.
    templates: [TemplateId; 2],
    fields: FieldList,
    metadata: FieldList,
    outgoing: Outgoing,
    established: bool,
    /// The server has answered a call.
    answered: bool,
    yielded: bool,
    /// The server as errors name it.
    name: Box<str>,
    /// Why the server began to leave, in its words.
    goaway: Option<Box<str>>,
    end: Option<End>,
}

#[derive(Debug)]
struct End {
    status: Option<Status>,
}

impl<S: Transport> Connection<S> {
    /// A connection over a stream of bytes that is connected.
    pub fn new(stream: S, config: &Config) -> (Self, Handle) {
        let mut http2 = http2::Connection::new(Side::Client, config.http2.clone());
        let templates = templates(&mut http2, config);
        let mailbox = Arc::new(Mailbox::default());
        let signs = Signs::new();
        let handle = Handle::new(Arc::clone(&mailbox), Arc::clone(&signs));
        let connection = Self {
            socket: Socket::new(stream, config.buffers.clone()),
            http2,
            busy: BusyPoll::new(config.busy_poll),
            streams: Streams::new(
                config.totals.clone(),
                config.compressions.clone(),
                config.resend_buffer,
            ),
            waiting: VecDeque::new(),
            mailbox,
            signs,
            take_back: config.take_back.clone(),
            batch: Vec::new(),
            clock: Clock::new(),
            timer: Timer::default(),
            batch_full: false,
            templates,
            fields: FieldList::new(),
            metadata: FieldList::new(),
            outgoing: Outgoing::default(),
            established: false,
            answered: false,
            yielded: false,
            name: config.name.as_str().into(),
            goaway: None,
            end: None,
        };
        (connection, handle)
    }

    /// Runs the connection until the server's SETTINGS have come: it speaks HTTP/2, and how many
    /// streams it takes is known. The connection is to be run on by awaiting it.
    ///
    /// # Errors
    /// Why the connection ended before.
    ///
    /// # Cancel safety
    /// Safe: what was read and written stays in the connection.
    pub async fn established(&mut self) -> Result<(), Closed> {
        poll_fn(|cx| match Pin::new(&mut *self).poll(cx) {
            Poll::Ready(closed) => Poll::Ready(Err(closed)),
            Poll::Pending if self.established => Poll::Ready(Ok(())),
            Poll::Pending => Poll::Pending,
        })
        .await
    }

    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        for _ in 0..TURNS {
            let started = self.handle_signals(cx);
            let mut progress = started | self.read(cx);
            self.streams.follow_pressure(&mut self.http2);
            self.open_waiting();
            self.give_back();
            progress |= self.streams.wake();
            progress |= self.check_time(cx);
            while self.end.is_none()
                && let Some(key) = self.http2.next_writable()
            {
                progress = true;
                self.pump(key);
            }
            if started && self.should_join() {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            self.yielded = false;
            self.http2.flush();
            let waits = self.http2.output().len();
            if let Poll::Ready(Err(error)) = self.write(cx) {
                self.lose(&error);
            }
            // what was written may let streams send, and reading go on
            progress |= waits != self.http2.output().len();
            if self.end.is_none() && self.is_finished() {
                self.end = Some(End { status: None });
            }
            if self.end.is_some() {
                return Poll::Ready(());
            }
            if !progress {
                // an answer is due only where there is a call
                if self.http2.active_streams() > 0 {
                    self.busy.idle(cx);
                } else {
                    self.streams.rounds.clear();
                }
                return Poll::Pending;
            }
            self.busy.worked();
            if self.batch_full {
                // messages are taken while they are in the cache, and their buffers serve again
                break;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Whether to give other callers one turn to join this batch.
    fn should_join(&mut self) -> bool {
        let join = !self.yielded
            && self.end.is_none()
            && self.http2.active_streams() > 1
            && self.http2.output().len() < JOIN_BELOW;
        self.yielded = join;
        join
    }

    fn is_finished(&mut self) -> bool {
        self.http2.is_drained() && self.http2.output().is_empty()
    }

    fn handle_signals(&mut self, cx: &Context<'_>) -> bool {
        if !self.mailbox.take(&mut self.batch, cx) {
            return false;
        }
        let mut batch = std::mem::take(&mut self.batch);
        for signal in batch.drain(..) {
            match signal {
                Signal::Start(exchange) => self.start(exchange),
                Signal::Send(key) => self.pump(key),
                Signal::Credit(exchange) => {
                    if let Some(key) = exchange.key() {
                        exchange.take_credit().tell(&mut self.http2, key);
                    }
                }
                Signal::Cancel(exchange) => {
                    if let Some(key) = exchange.key() {
                        self.streams.remove(key);
                        let _ = self.http2.reset(key, ErrorCode::CANCEL);
                    }
                }
                Signal::Drain | Signal::Abort => self.leave(),
                Signal::Poll(_) => {} // a server's
            }
        }
        self.batch = batch;
        true
    }

    fn read(&mut self, cx: &mut Context<'_>) -> bool {
        self.batch_full = false;
        if self.http2.wants_write() {
            return false;
        }
        // HTTP/2 may have paused before the end of what was read
        let mut progress = !self.socket.unread().is_empty() && self.process();
        let mut read = 0;
        while self.end.is_none() && read < TURN_READ {
            let (polled, goes_on) = match self.read_in_place(cx) {
                Some(polled) => polled,
                None => self.read_frames(cx),
            };
            match polled {
                Poll::Pending => {
                    self.socket.release();
                    return progress;
                }
                Poll::Ready(Ok(0)) => self.lose(&io::ErrorKind::UnexpectedEof.into()),
                Poll::Ready(Ok(bytes)) => read += bytes,
                Poll::Ready(Err(error)) => self.lose(&error),
            }
            progress = true;
            if !goes_on {
                break;
            }
        }
        self.batch_full = read >= TURN_READ;
        progress
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
        let (mut buffer, room) = self.streams.lend(key, due)?;
        let polled = self.socket.poll_fill_place(cx, &mut buffer, room);
        let bytes = match &polled {
            Poll::Ready(Ok(bytes)) => *bytes,
            _ => 0,
        };
        let ended = self.http2.receive_in_place(bytes, self.clock.now());
        let then = self.streams.data_in_place(key, buffer, bytes, ended == Some(true));
        self.follow(key, bytes, then);
        Some((polled, bytes == room))
    }

    /// Hands what was read to HTTP/2 and acts on its events; says whether anything was used.
    fn process(&mut self) -> bool {
        let now = self.clock.now();
        let mut used = 0;
        loop {
            let mut rest = self.socket.unread().get(used..).unwrap_or_default();
            let before = rest.len();
            let received = self.http2.receive(&mut rest, now);
            used += before - rest.len();
            match received {
                Ok(None) => break,
                Ok(Some(Event::Settings)) => self.established = true,
                Ok(Some(Event::GoAway { code, debug, .. })) => {
                    self.signs.refuse();
                    self.goaway = words(code, debug);
                    if code == ErrorCode::ENHANCE_YOUR_CALM && debug == b"too_many_pings" {
                        self.signs.calm();
                    }
                }
                Ok(Some(event)) => {
                    if let Some((key, len, then)) = act(&mut self.streams, event) {
                        self.follow(key, len, then);
                    }
                }
                Err(error) => {
                    let what = match self.met_tls() {
                        Some(what) => what,
                        None => format!("the server at {} broke HTTP/2: {error}", self.name),
                    };
                    self.close(Status::unavailable(what));
                    return true;
                }
            }
        }
        if self.streams.answered {
            self.streams.answered = false;
            if !std::mem::replace(&mut self.answered, true) {
                self.signs.answer();
            }
        }
        self.socket.consume(used);
        used > 0
    }

    fn follow(&mut self, key: StreamKey, len: usize, then: Then) {
        match then {
            Then::Nothing => {}
            Then::Expect(credit) => credit.tell(&mut self.http2, key),
            Then::Drop => self.http2.consume(key, len),
            Then::Reset(code) => {
                self.http2.consume(key, len);
                // a stream that both sides have ended needs none
                let _ = self.http2.reset(key, code);
            }
        }
    }

    fn write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            self.http2.flush();
            if self.http2.output().is_empty() {
                return Poll::Ready(Ok(()));
            }
            match self.socket.poll_write(cx, self.http2.output()) {
                Poll::Ready(Ok(())) => {}
                Poll::Pending => {
                    self.http2.note_blocked(self.clock.now());
                    return Poll::Pending;
                }
                failed @ Poll::Ready(Err(_)) => return failed,
            }
        }
    }

    fn check_time(&mut self, cx: &mut Context<'_>) -> bool {
        let mut acted = false;
        while self.end.is_none() {
            let http2 = self.http2.next_timeout().map(|at| self.clock.instant(at));
            let Some(at) = [http2, self.streams.deadline].into_iter().flatten().min() else {
                break;
            };
            self.timer.arm(at);
            if !self.timer.poll(cx) {
                break;
            }
            acted = true;
            let now = Instant::now();
            self.expire_waiting(now);
            self.streams.expire(&mut self.http2, now);
            for exchange in &self.waiting {
                if let Some(at) = exchange.deadline() {
                    let sooner = self.streams.deadline.map_or(at, |other| other.min(at));
                    self.streams.deadline = Some(sooner);
                }
            }
            self.streams.wake();
            if let Err(error) = self.http2.handle_timeout(self.clock.now()) {
                let what = format!("the connection to {} is dead: {error}", self.name);
                self.close(Status::unavailable(what));
            }
        }
        acted
    }

    fn expire_waiting(&mut self, now: Instant) {
        self.waiting.retain(|exchange| {
            let late = exchange.deadline().is_some_and(|at| at <= now);
            if late {
                let status = "the call's deadline passed while it waited for a free stream";
                exchange.cancel(Status::deadline_exceeded(status));
            }
            !late
        });
    }
}

impl<S: Transport> Future for Connection<S> {
    type Output = Closed;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Closed> {
        let this = &mut *self;
        let open = this.poll_open(cx);
        this.streams.totals.publish(&mut this.http2);
        if open.is_pending() {
            return Poll::Pending;
        }
        // last words, such as a GOAWAY, if the socket takes them at once
        let _ = this.socket.poll_write(cx, this.http2.output());
        Poll::Ready(this.finish())
    }
}

impl<S> fmt::Debug for Connection<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("streams", &self.streams).finish_non_exhaustive()
    }
}

/// A GOAWAY's code and debug data, where they say more than that the server leaves.
fn words(code: ErrorCode, debug: &[u8]) -> Option<Box<str>> {
    if code == ErrorCode::NO_ERROR && debug.is_empty() {
        return None;
    }
    let debug: String = debug.escape_ascii().map(char::from).take(MAX_WORDS).collect();
    Some(format!("{code} {debug:?}").into())
}

fn act(streams: &mut Streams, event: Event<'_>) -> Option<(StreamKey, usize, Then)> {
    Some(match event {
        Event::Headers { stream, fields, kind: HeadersKind::Response, end_stream } => {
            (stream, 0, streams.head(stream, fields, end_stream))
        }
        Event::Headers { stream, fields, kind: HeadersKind::Trailers, .. } => {
            (stream, 0, streams.trailers(stream, fields))
        }
        Event::Data { stream, bytes, end_stream } => {
            (stream, bytes.len(), streams.data(stream, bytes, end_stream))
        }
        Event::Reset { stream, code, by, unprocessed, reason } => {
            let reason = if by == Initiator::Remote { "" } else { reason };
            streams.reset(stream, code, unprocessed, reason);
            return None;
        }
        Event::HeadersTooLarge { stream } => {
            let status = "the response's metadata is larger than the limit";
            (stream, 0, streams.fail(stream, Status::resource_exhausted(status)))
        }
        _ => return None,
    })
}
