//! The task that owns a server's end of a connection.
//!
//! It reads what is there, runs what that asks for, and writes all answers at once: at most one
//! read and one write a batch. How calls are run is [`calls`](super::calls), what bytes mean is
//! HTTP/2's business; how bytes are read is `read`'s.

mod read;

use super::calls::Calls;
use super::dispatch::Dispatch;
use super::outcome::{Rejected, Then};
use super::refuse::{foreign_answer, refuse_headers};
use super::tarpit::DEFAULT_REFUSAL_DELAY;
use super::work::WorkLimit;
use super::writer::{Templates, Workspace};
use crate::buffers::Buffers;
use crate::busy_poll::BusyPoll;
use crate::clock::Clock;
use crate::io::Transport;
use crate::lull::Lull;
use crate::mailbox::{Mailbox, Signal};
use crate::message::{ConnectionInfo, Work};
use crate::socket::Socket;
use crate::stats::Totals;
use crate::timer::Timer;
use protocall_core::head::FieldList;
use protocall_core::{Compression, Compressions};
use protocall_http2::{
    self as http2, ConnectionErrorKind, ErrorCode, Event, HeadersKind, Initiator, Side,
};
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::Instant;

/// Turns of reading, running and writing before other tasks get theirs.
const TURNS: usize = 16;
/// Calls that are begun before their answers are written, so that the first does not wait for the
/// last of a long row.
const BATCH_CALLS: usize = 64;
/// Output that is written before more calls are begun.
const BATCH_OUTPUT: usize = 64 * 1024;
/// Output that waits for the peer to read before nothing more is read from it.
const OUTPUT_PAUSE: usize = 256 * 1024;
/// Bytes of one read from which on they are work, as each call is; less is what clients send that
/// want to cost something, and answers to keepalive.
const MUCH: usize = 1024;
/// How long a closed connection goes on reading: bytes that nobody reads would turn the close into
/// a reset, which takes our last words from the peer.
const LINGER: Duration = Duration::from_secs(1);

/// How a connection behaves.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// HTTP/2's own settings and limits, which connections share.
    pub http2: Arc<http2::Config>,
    /// Receive buffers, shared by all connections that were given a clone of this.
    pub buffers: Buffers,
    /// The compressions that requests may have.
    pub compressions: Compressions,
    /// What responses are compressed with whose handler says nothing else, if the client accepts.
    pub compression: Compression,
    /// Where connections count what they meet.
    pub totals: Totals,
    /// How long a connection looks for more before it sleeps; zero: not at all.
    pub busy_poll: Duration,
    /// How long a request that is no gRPC call waits for its refusal, as an open stream.
    pub refusal_delay: Duration,
    /// How many calls may be at work at once, over all connections that were given a clone.
    pub work: WorkLimit,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            http2: Arc::new(http2::Config::server()),
            buffers: Buffers::default(),
            totals: Totals::default(),
            work: WorkLimit::default(),
            compressions: Compressions::default(),
            compression: Compression::IDENTITY,
            busy_poll: Duration::ZERO,
            refusal_delay: DEFAULT_REFUSAL_DELAY,
        }
    }
}

/// Reaches a connection from elsewhere.
#[derive(Clone, Debug)]
pub struct Handle {
    mailbox: Arc<Mailbox>,
    work: Arc<Work>,
}

impl Handle {
    /// Lets running calls finish and takes no new ones; the connection then closes by itself.
    pub fn drain(&self) {
        // a connection that is gone has drained
        let _ = self.mailbox.push(Signal::Drain);
    }

    /// Closes the connection and drops its calls; it waits for nothing that they left behind.
    pub fn abort(&self) {
        self.work.abandon();
        let _ = self.mailbox.push(Signal::Abort);
    }

    /// Whether the connection is gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.mailbox.is_closed()
    }
}

/// A connection of a server: a future that is ready when the connection is closed.
///
/// Dropping it closes the connection at once and drops its calls.
pub struct Connection<S> {
    socket: Socket<S>,
    http2: http2::Connection,
    busy: BusyPoll,
    calls: Calls,
    mailbox: Arc<Mailbox>,
    /// What calls have left behind, and how many streams there may be with it.
    work: Arc<Work>,
    max_streams: usize,
    batch: Vec<Signal>,
    clock: Clock,
    timer: Timer,
    /// As much was read as in one turn may be.
    batch_full: bool,
    lull: Lull,
    phase: Phase,
    first_bytes: bool,
    /// HTTP/2's receive budget is nearly used up.
    pressed: bool,
    /// The batch was full before all that was read was used.
    more: bool,
    /// Time matters when calls go on, too.
    tells_time: bool,
}

#[derive(Debug)]
enum Phase {
    Open,
    /// Writes what is left, or the foreign answer, then says goodbye.
    Closing {
        answer: Option<&'static [u8]>,
        written: usize,
    },
    Lingering,
    /// Nothing is left but what calls have left behind.
    Closed,
}

impl<S: Transport> Connection<S> {
    /// Serves a connection that was accepted; `info` is its other end, or all that is known of it.
    pub fn new(
        stream: S,
        info: impl Into<ConnectionInfo>,
        dispatch: Arc<dyn Dispatch>,
        config: &Config,
    ) -> (Self, Handle) {
        let mut http2 = http2::Connection::new(Side::Server, Arc::clone(&config.http2));
        let mailbox = Arc::new(Mailbox::default());
        let space = Workspace {
            templates: Templates::new(&mut http2),
            messages: Vec::new(),
            fields: FieldList::new(),
            scratch: Vec::new(),
            compressions: config.compressions.clone(),
            compression: config.compression,
        };
        let info = Arc::new(info.into());
        let work = Arc::clone(info.work());
        let connection = Self {
            socket: Socket::new(stream, config.buffers.clone()),
            http2,
            busy: BusyPoll::new(config.busy_poll),
            calls: Calls::new(dispatch, info, Arc::clone(&mailbox), space, config),
            mailbox: Arc::clone(&mailbox),
            work: Arc::clone(&work),
            max_streams: config.http2.max_concurrent_streams as usize,
            batch: Vec::new(),
            clock: Clock::new(),
            timer: Timer::default(),
            batch_full: false,
            lull: Lull::default(),
            phase: Phase::Open,
            first_bytes: true,
            pressed: false,
            more: false,
            tells_time: config.http2.max_connection_idle.is_some(),
        };
        (connection, Handle { mailbox, work })
    }

    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        for _ in 0..TURNS {
            let mut progress = self.handle_signals(cx);
            if progress {
                self.lull.work();
            }
            progress |= self.read(cx);
            if !matches!(self.phase, Phase::Open) {
                return Poll::Ready(());
            }
            if self.pressed != self.http2.is_pressed() {
                self.pressed = !self.pressed;
                self.calls.set_eager(&mut self.http2, self.pressed);
            }
            while let Some(key) = self.http2.next_writable() {
                progress = true;
                self.calls.writable(&mut self.http2, key);
            }
            progress |= self.calls.resume(&mut self.http2);
            self.calls.end_turn();
            self.http2.flush();
            let waits = self.http2.output().len();
            if let Poll::Ready(Err(error)) = self.write(cx) {
                self.broke(&error);
                return Poll::Ready(());
            }
            // what was written may let streams send, and reading go on
            progress |= waits != self.http2.output().len();
            if self.http2.is_drained()
                && self.http2.output().is_empty()
                && self.work.poll_idle(cx).is_ready()
            {
                self.close(None);
                return Poll::Ready(());
            }
            progress |= self.check_time(cx);
            if !progress {
                self.busy.idle(cx);
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

    fn handle_signals(&mut self, cx: &Context<'_>) -> bool {
        if !self.mailbox.take(&mut self.batch, cx) {
            return false;
        }
        let mut batch = std::mem::take(&mut self.batch);
        for signal in batch.drain(..) {
            match signal {
                Signal::Poll(slot) => {
                    if self.tells_time {
                        // a stream may end now, and idleness begin
                        self.http2.tell_time(self.clock.now());
                    }
                    self.calls.run(&mut self.http2, slot);
                }
                Signal::Credit(exchange) => {
                    if let Some(key) = exchange.key() {
                        exchange.take_credit().tell(&mut self.http2, key);
                    }
                }
                Signal::Drain => self.http2.shutdown(),
                Signal::Abort => {
                    self.http2.close(ErrorCode::NO_ERROR, "the server stops");
                    self.close(None);
                }
                // these are a client's
                Signal::Start(_) | Signal::Send(_) | Signal::Cancel(_) => {}
            }
        }
        self.batch = batch;
        true
    }

    /// Hands what was read to HTTP/2 and acts on its events; says whether anything was used.
    fn process(&mut self) -> bool {
        let now = self.clock.now();
        let (mut used, mut begun) = (0, 0);
        let enough = self.http2.output().len() + BATCH_OUTPUT;
        loop {
            if begun >= BATCH_CALLS || self.http2.output().len() >= enough {
                self.more = true;
                self.calls.totals.count(|tally| &tally.batches_cut);
                break;
            }
            let unread = self.socket.unread();
            let mut rest = unread.get(used..).unwrap_or_default();
            let before = rest.len();
            let event = match self.http2.receive(&mut rest, now) {
                Ok(Some(event)) => event,
                Ok(None) => {
                    used += before - rest.len();
                    break;
                }
                Err(error) => {
                    let first = if self.first_bytes { unread } else { &[] };
                    let answer = match error.kind {
                        ConnectionErrorKind::NotHttp2 => foreign_answer(first),
                        _ => None,
                    };
                    self.fail(&error, answer);
                    return true;
                }
            };
            used += before - rest.len();
            begun += usize::from(matches!(event, Event::Headers { .. }));
            match act(&mut self.calls, event) {
                Rest::Begin(call) if self.is_full() => {
                    // what calls have left behind takes the place of streams
                    let _ = self.http2.reset(call.key, ErrorCode::REFUSED_STREAM);
                }
                rest => rest.finish(&mut self.calls, &mut self.http2),
            }
        }
        self.first_bytes = false;
        self.socket.consume(used);
        if begun > 0 || used >= MUCH {
            self.lull.work();
        } else {
            self.lull.stir();
        }
        used > 0
    }

    fn write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            match self.socket.poll_write(cx, self.http2.output()) {
                Poll::Ready(Ok(())) => {
                    self.http2.flush();
                    if self.http2.output().is_empty() {
                        return Poll::Ready(Ok(()));
                    }
                }
                Poll::Pending => {
                    self.http2.note_blocked(self.clock.now());
                    return Poll::Pending;
                }
                failed @ Poll::Ready(Err(_)) => return failed,
            }
        }
    }

    /// Does what time asks for and arms the timer for the next of it.
    fn check_time(&mut self, cx: &mut Context<'_>) -> bool {
        let mut acted = false;
        loop {
            let http2 = self.http2.next_timeout().map(|at| self.clock.instant(at));
            let next = [http2, self.calls.next_deadline(), self.lull.next()];
            let Some(at) = next.into_iter().flatten().min() else { return acted };
            self.timer.arm(at);
            if !self.timer.poll(cx) {
                return acted;
            }
            acted = true;
            let now = Instant::now();
            if self.lull.begins(now) {
                self.trim();
            }
            self.calls.expire(&mut self.http2, now);
            if let Err(error) = self.http2.handle_timeout(self.clock.now()) {
                self.fail(&error, None);
                return true;
            }
        }
    }

    /// Gives back what only work needs; the next call allocates again.
    fn trim(&mut self) {
        self.http2.trim();
        self.calls.trim();
        self.mailbox.trim();
        self.batch = Vec::new();
        self.socket.rest();
    }

    /// HTTP/2 gave up: its last words are in the output.
    fn fail(&mut self, error: &http2::ConnectionError, answer: Option<&'static [u8]>) {
        if error.kind == ConnectionErrorKind::NotHttp2 && answer.is_none() {
            let mut goodbye = http2::Connection::new(Side::Server, http2::Config::server());
            goodbye.close(error.code, error.reason);
            self.calls.totals.publish(&mut self.http2);
            self.http2 = goodbye;
        }
        self.calls.abandon(error.reason);
        self.close(answer);
    }

    /// Whether the stream that was opened last is one too many, with what calls have left behind.
    fn is_full(&self) -> bool {
        let orphans = self.work.orphans();
        orphans > 0 && orphans + self.http2.active_streams() > self.max_streams
    }

    fn broke(&mut self, error: &io::Error) {
        self.calls.totals.broke(error);
        self.lose(&error.to_string());
    }

    /// The peer is gone: nothing more can be said.
    fn lose(&mut self, reason: &str) {
        self.calls.abandon(reason);
        self.mailbox.close();
        self.phase = Phase::Lingering;
        self.timer.arm(Instant::now());
    }

    fn close(&mut self, answer: Option<&'static [u8]>) {
        self.calls.abandon("the server closed it");
        self.mailbox.close();
        self.timer.arm(Instant::now() + LINGER);
        self.phase = Phase::Closing { answer, written: 0 };
    }

    /// Writes the last words and ends the direction out; ready also when the peer takes too long.
    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Phase::Closing { answer, written } = &mut self.phase {
            let sent = match answer {
                Some(answer) => self.socket.poll_write_all(cx, answer, written),
                None => self.socket.poll_write(cx, self.http2.output()),
            };
            let ended = match sent {
                Poll::Ready(Ok(())) => self.socket.poll_shutdown(cx).map(|_| ()),
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Pending => Poll::Pending,
            };
            if ended.is_ready() {
                self.phase = Phase::Lingering;
            }
        }
        if matches!(self.phase, Phase::Lingering) && self.socket.poll_drain(cx).is_ready() {
            return Poll::Ready(());
        }
        if self.timer.poll(cx) { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl<S: Transport> Future for Connection<S> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if matches!(this.phase, Phase::Open) {
            let open = this.poll_open(cx);
            this.calls.totals.publish(&mut this.http2);
            if open.is_pending() {
                return Poll::Pending;
            }
        }
        if !matches!(this.phase, Phase::Closed) {
            ready!(this.poll_close(cx));
            this.phase = Phase::Closed;
        }
        this.work.poll_idle(cx)
    }
}

impl<S> Drop for Connection<S> {
    fn drop(&mut self) {
        self.calls.abandon("the server dropped it");
        self.mailbox.close();
    }
}

impl<S> fmt::Debug for Connection<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("phase", &self.phase).finish_non_exhaustive()
    }
}

/// What is left to do of an event once HTTP/2 can be commanded again: the event borrows from it.
#[allow(clippy::large_enum_variant, reason = "moved once a request, cheaper than a box")]
enum Rest {
    Nothing,
    Begin(BeginCall),
    TooLarge(http2::StreamKey),
    Data(http2::StreamKey, Then),
}

struct BeginCall {
    key: http2::StreamKey,
    head: Result<(protocall_core::head::request::RequestHead, super::dispatch::Route), Rejected>,
    end_stream: bool,
}

/// Does the part of an event that needs its bytes.
fn act(calls: &mut Calls, event: Event<'_>) -> Rest {
    match event {
        Event::Headers { stream, fields, kind: HeadersKind::Request, end_stream } => {
            let head = calls.read_head(fields);
            Rest::Begin(BeginCall { key: stream, head, end_stream })
        }
        Event::Headers { stream, kind: HeadersKind::Trailers, .. } => {
            Rest::Data(stream, calls.end(stream))
        }
        Event::Data { stream, bytes, end_stream } => {
            Rest::Data(stream, calls.data(stream, bytes, end_stream))
        }
        Event::Reset { stream, code, by, reason, .. } => {
            calls.reset(stream, code, if by == Initiator::Remote { "" } else { reason });
            Rest::Nothing
        }
        Event::HeadersTooLarge { stream } => Rest::TooLarge(stream),
        _ => Rest::Nothing,
    }
}

impl Rest {
    fn finish(self, calls: &mut Calls, http2: &mut http2::Connection) {
        match self {
            Self::Nothing => {}
            Self::Begin(call) => calls.begin(http2, call.key, call.head, call.end_stream),
            Self::TooLarge(key) => refuse_headers(http2, key),
            Self::Data(key, then) => match then {
                Then::Drop => http2.consume(key, EVERYTHING),
                Then::Collect { partial, missing } => http2.expect(key, partial, missing),
                Then::Expect(credit) => credit.tell(http2, key),
                Then::Run => {
                    http2.consume(key, EVERYTHING);
                    calls.run(http2, key.slot());
                }
                Then::Fail(status) => {
                    http2.consume(key, EVERYTHING);
                    calls.fail(http2, key, &status);
                }
            },
        }
    }
}

/// All that a stream holds, however much that is.
const EVERYTHING: usize = usize::MAX;
