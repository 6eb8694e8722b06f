//! What the task that owns a connection and the holder of a stream share: bytes both ways.
//!
//! The task appends DATA to one contiguous buffer and counts message boundaries; the holder takes
//! all complete messages at once and decodes them on its own thread. Sending is the same in the
//! other direction. The lock is held for an append or a swap, never while decoding.

mod receive;

pub(crate) use receive::step;

use crate::intercept::Hooks;
use crate::mailbox::{Mailbox, Signal};
use crate::stats::Totals;
use bytes::{Bytes, BytesMut};
use protocall_core::head::response::Trailers;
use protocall_core::{Compression, Metadata, Path, Status};
use protocall_http2::{Connection, StreamKey};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use tokio::time::Instant;

/// Bytes that a sender may have waiting before `send` waits: one stream's share of memory.
const SEND_BUFFER: usize = 64 * 1024;
/// Credit below this is kept back until more comes together, so that reading small messages does
/// not wake the connection for each; unless the connection's receive budget is nearly used up.
const CREDIT_BATCH: usize = 4 * 1024;
/// Messages from this size on are sent by reference instead of being copied together.
const SHARE_FROM: usize = 2 * 1024;

/// The head of a call that a client makes.
#[derive(Clone, Debug)]
pub(crate) struct CallHead {
    pub(crate) path: Path,
    pub(crate) metadata: Metadata,
    pub(crate) max_receive_message: usize,
    /// What the requests are compressed with.
    pub(crate) compression: Compression,
    /// What interceptors have left with the call.
    pub(crate) hooks: Option<Arc<Hooks>>,
}

/// How compressed messages of a stream are read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Inflation {
    pub(crate) compression: Compression,
    /// The largest message, in bytes.
    pub(crate) limit: usize,
}

/// Both halves of a stream, shared by the connection's task and its holders.
#[derive(Debug)]
pub(crate) struct Exchange {
    state: Mutex<State>,
    /// Wake the receiver only when the call ended: the holder wants all of it (unary responses).
    wake_at_end: bool,
    /// When the call ends by itself with DEADLINE_EXCEEDED.
    deadline: Option<Instant>,
    /// Where messages are counted that are too large.
    totals: Totals,
}

#[derive(Debug, Default)]
struct State {
    link: Link,
    call: Option<CallHead>,
    /// The call waits through failed attempts to connect.
    patient: bool,
    /// A server has not processed the call, and it was sent again.
    resent: bool,
    // receiving
    /// Complete messages with their prefixes, some in each buffer.
    ready: VecDeque<BytesMut>,
    /// The message that is not complete, alone in its buffer.
    partial: BytesMut,
    head: Option<Metadata>,
    inflation: Inflation,
    end: Option<Trailers>,
    receiver: Option<Waker>,
    /// Bytes in `ready`.
    complete: usize,
    /// What the message in `partial` still lacks.
    missing: usize,
    /// Bytes that were taken and whose credit is to go back.
    unreturned: usize,
    /// Credit is not kept back.
    eager: bool,
    // sending
    outgoing: VecDeque<Bytes>,
    tail: Vec<u8>,
    waiting: usize,
    finished: bool,
    signalled: bool,
    sender: Option<Waker>,
}

/// How the exchange reaches its connection.
#[derive(Debug, Default)]
enum Link {
    /// No connection yet.
    #[default]
    Waiting,
    /// On a connection; the key is known once the stream is open.
    Attached(Arc<Mailbox>, Option<StreamKey>),
    /// Over.
    Closed,
}

/// What [`Exchange::poll_receive`] brings.
#[derive(Debug)]
pub(crate) enum Received {
    /// Complete messages with their prefixes were put into the holder's list.
    Messages,
    /// The call ended.
    End(Trailers),
}

/// What HTTP/2 is told of a stream's received bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Credit {
    /// So many bytes were taken: their credit goes back.
    pub(crate) back: usize,
    /// The holder waits for a message of which so much is there...
    pub(crate) partial: usize,
    /// ...and so much is not; 0 when there is no such message.
    pub(crate) missing: usize,
}

impl Credit {
    pub(crate) fn tell(self, http2: &mut Connection, key: StreamKey) {
        if self.back > 0 {
            http2.consume(key, self.back);
        }
        if self.missing > 0 {
            http2.expect(key, self.partial, self.missing);
        }
    }
}

/// What waits to be sent.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    pub(crate) chunks: VecDeque<Bytes>,
    /// Behind the chunks.
    pub(crate) tail: Vec<u8>,
    pub(crate) end: bool,
}

/// The whole answer to a call with one response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) trailers: Trailers,
    pub(crate) head: Metadata,
    /// Its first messages, as they came.
    pub(crate) message: Option<BytesMut>,
    /// There are more.
    pub(crate) more: bool,
}

impl Exchange {
    /// A call that a client is going to make.
    pub(crate) fn outgoing(
        call: CallHead,
        deadline: Option<Instant>,
        wake_at_end: bool,
        totals: Totals,
    ) -> Self {
        let state = State { inflation: inflation(&call), call: Some(call), ..State::default() };
        Self { state: Mutex::new(state), wake_at_end, deadline, totals }
    }

    /// Makes a call of an exchange whose call is over, in its memory.
    pub(crate) fn renew(&mut self, call: CallHead, deadline: Option<Instant>, wake_at_end: bool) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        let mut kept = std::mem::take(state);
        kept.ready.clear();
        kept.outgoing.clear();
        kept.partial.clear();
        kept.tail.clear();
        *state = State {
            inflation: inflation(&call),
            call: Some(call),
            ready: kept.ready,
            outgoing: kept.outgoing,
            partial: kept.partial,
            tail: kept.tail,
            ..State::default()
        };
        self.wake_at_end = wake_at_end;
        self.deadline = deadline;
    }

    /// Lets go of what a call that is over holds, but for small buffers, among them that of its
    /// response; `false` when the exchange is not worth keeping.
    pub(crate) fn retire(&mut self, response: BytesMut) -> bool {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        let buffers = [response.capacity(), state.tail.capacity(), state.outgoing.capacity()];
        if state.end.is_none() || buffers.iter().any(|size| *size > SHARE_FROM) {
            return false;
        }
        state.partial = response;
        state.call = None;
        state.head = None;
        state.end = None;
        true
    }

    /// A stream of requests that a server receives.
    pub(crate) fn incoming(
        mailbox: Arc<Mailbox>,
        key: StreamKey,
        inflation: Inflation,
        eager: bool,
        totals: Totals,
    ) -> Self {
        let link = Link::Attached(mailbox, Some(key));
        let state = State { link, inflation, eager, ..State::default() };
        Self { state: Mutex::new(state), wake_at_end: false, deadline: None, totals }
    }

    pub(crate) const fn totals(&self) -> &Totals {
        &self.totals
    }

    pub(crate) const fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Whether the holder waits for one message and the end of the call.
    pub(crate) const fn wants_one(&self) -> bool {
        self.wake_at_end
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The holder's side.
impl Exchange {
    /// Takes all complete messages into `messages`, which must be empty, or the end of the call.
    pub(crate) fn poll_receive(
        self: &Arc<Self>,
        messages: &mut VecDeque<BytesMut>,
        cx: &Context<'_>,
    ) -> Poll<Received> {
        let mut state = self.lock();
        let early = self.wake_at_end && state.end.is_none();
        if !early && !state.ready.is_empty() {
            std::mem::swap(&mut state.ready, messages);
            state.unreturned += std::mem::take(&mut state.complete);
            if state.eager || state.unreturned + state.partial.len() >= CREDIT_BATCH {
                self.signal(state, Signal::Credit);
            }
            return Poll::Ready(Received::Messages);
        }
        if let Some(end) = &state.end {
            return Poll::Ready(Received::End(end.clone()));
        }
        register(&mut state.receiver, cx);
        if state.eager && !state.partial.is_empty() {
            // when memory is short, a message is asked for only while somebody waits for it
            self.signal(state, Signal::Credit);
        }
        Poll::Pending
    }

    /// How compressed messages are read: known once one is there.
    pub(crate) fn inflation(&self) -> Inflation {
        self.lock().inflation
    }

    /// Notes what the requests are compressed with; of no effect once a connection has the call.
    pub(crate) fn set_compression(&self, compression: Compression) {
        if let Some(call) = &mut self.lock().call {
            call.compression = compression;
        }
    }

    /// Waits for the leading metadata; `Err` when the call ended without any.
    pub(crate) fn poll_head(&self, cx: &Context<'_>) -> Poll<Result<Metadata, Status>> {
        let mut state = self.lock();
        if let Some(head) = &state.head {
            return Poll::Ready(Ok(head.clone()));
        }
        if let Some(end) = &state.end {
            return Poll::Ready(end.status.clone().map(|()| Metadata::new()));
        }
        register(&mut state.receiver, cx);
        Poll::Pending
    }

    /// Waits for the end of a call with one response and takes all that came.
    pub(crate) fn poll_answer(&self, cx: &Context<'_>) -> Poll<Answer> {
        let mut state = self.lock();
        let Some(trailers) = state.end.clone() else {
            register(&mut state.receiver, cx);
            return Poll::Pending;
        };
        Poll::Ready(Answer {
            trailers,
            head: state.head.take().unwrap_or_default(),
            message: state.ready.pop_front(),
            more: !state.ready.is_empty(),
        })
    }

    /// A buffer to encode a message into, for [`Exchange::send`].
    pub(crate) fn take_buffer(&self) -> Vec<u8> {
        let mut state = self.lock();
        if state.tail.is_empty() { std::mem::take(&mut state.tail) } else { Vec::new() }
    }

    /// Whether there is room for another message; `Err` with the status when the call is over.
    pub(crate) fn poll_room(&self, cx: &Context<'_>) -> Poll<Result<(), Trailers>> {
        let mut state = self.lock();
        if let Some(end) = &state.end {
            return Poll::Ready(Err(end.clone()));
        }
        if state.waiting < SEND_BUFFER {
            return Poll::Ready(Ok(()));
        }
        register(&mut state.sender, cx);
        Poll::Pending
    }

    /// Adds enveloped bytes to what is to be sent; large ones are taken out of `bytes`, small ones
    /// copied, so that the caller's buffer serves again.
    pub(crate) fn send(self: &Arc<Self>, bytes: &mut Vec<u8>, finish: bool) {
        let mut state = self.lock();
        if state.end.is_some() {
            // above all no end of the stream: a cancelled call must not look like a whole one
            return;
        }
        state.waiting += bytes.len();
        if bytes.len() >= SHARE_FROM {
            if !state.tail.is_empty() {
                let tail = std::mem::take(&mut state.tail);
                state.outgoing.push_back(tail.into());
            }
            state.outgoing.push_back(std::mem::take(bytes).into());
        } else if state.tail.is_empty() {
            std::mem::swap(&mut state.tail, bytes);
        } else {
            state.tail.extend_from_slice(bytes);
        }
        state.finished |= finish;
        if !std::mem::replace(&mut state.signalled, true) {
            self.signal(state, Signal::Send);
        }
    }

    /// Ends the call from this side: the holder is gone, or its deadline passed.
    pub(crate) fn cancel(self: &Arc<Self>, status: Status) {
        let mut state = self.lock();
        if state.end.is_some() {
            return;
        }
        state.end = Some(Trailers::failed(status));
        state.wake_all();
        self.signal(state, Signal::Cancel);
    }

    pub(crate) fn set_patient(&self, patient: bool) {
        self.lock().patient = patient;
    }

    pub(crate) fn is_patient(&self) -> bool {
        self.lock().patient
    }

    /// Adds to the head of a call whose stream is not open.
    pub(crate) fn add_metadata(&self, metadata: &Metadata) {
        if let Some(call) = &mut self.lock().call {
            call.metadata.extend(metadata);
        }
    }

    /// Interceptors learn when the call goes to a connection.
    pub(crate) fn set_hooks(&self, hooks: Arc<Hooks>) {
        if let Some(call) = &mut self.lock().call {
            call.hooks = Some(hooks);
        }
    }

    /// Leading metadata that is here.
    pub(crate) fn head(&self) -> Option<Metadata> {
        self.lock().head.clone()
    }

    /// Whether the call has ended.
    pub(crate) fn is_over(&self) -> bool {
        self.lock().end.is_some()
    }

    /// Tells the connection, outside of the lock.
    fn signal(
        self: &Arc<Self>,
        state: MutexGuard<'_, State>,
        signal: impl FnOnce(Arc<Self>) -> Signal,
    ) {
        if let Link::Attached(mailbox, _) = &state.link {
            let mailbox = Arc::clone(mailbox);
            drop(state);
            // a connection that is gone has ended the exchange, or is about to
            let _ = mailbox.push(signal(Arc::clone(self)));
        }
    }
}

/// The side of the connection's task.
impl Exchange {
    /// Gives the exchange to a connection. What the holder does from now on is signalled there.
    /// `false` when the call is over already.
    pub(crate) fn attach(&self, mailbox: &Arc<Mailbox>) -> bool {
        let mut state = self.lock();
        if state.end.is_some() {
            return false;
        }
        state.link = Link::Attached(Arc::clone(mailbox), None);
        true
    }

    /// The head of the call, to open its stream; `None` when the call is over already.
    pub(crate) fn call(&self) -> Option<CallHead> {
        let state = self.lock();
        if state.end.is_some() { None } else { state.call.clone() }
    }

    /// Takes the exchange off a connection that never opened its stream.
    pub(crate) fn detach(&self) {
        self.lock().link = Link::Waiting;
    }

    /// Whether the call may be sent again when a server has not processed it: once. A server that
    /// refuses everything must not see every call for ever (gRFC A6).
    pub(crate) fn may_be_sent_again(&self) -> bool {
        let mut state = self.lock();
        state.end.is_none() && !std::mem::replace(&mut state.resent, true)
    }

    /// Takes the exchange off a connection whose server has not processed it, and puts what was
    /// sent in front of what is to be sent. `false` when the call is over already.
    pub(crate) fn restore(&self, mut sent: Outgoing) -> bool {
        let mut state = self.lock();
        if state.end.is_some() {
            return false;
        }
        state.link = Link::Waiting;
        state.signalled = false;
        if state.outgoing.is_empty() && state.tail.is_empty() {
            state.outgoing = sent.chunks;
            state.tail = sent.tail;
            return true;
        }
        if !sent.tail.is_empty() {
            sent.chunks.push_back(sent.tail.into());
        }
        sent.chunks.append(&mut state.outgoing);
        state.outgoing = sent.chunks;
        true
    }

    /// The stream is open.
    pub(crate) fn set_key(&self, key: StreamKey, eager: bool) {
        let mut state = self.lock();
        state.eager = eager;
        if let Link::Attached(_, slot) = &mut state.link {
            *slot = Some(key);
        }
    }

    /// The open stream.
    pub(crate) fn key(&self) -> Option<StreamKey> {
        match self.lock().link {
            Link::Attached(_, key) => key,
            Link::Waiting | Link::Closed => None,
        }
    }

    /// Leading metadata arrived.
    pub(crate) fn receive_head(&self, head: Metadata, encoding: Compression) -> Option<Waker> {
        let mut state = self.lock();
        state.inflation.compression = encoding;
        state.head = Some(head);
        if self.wake_at_end { None } else { state.receiver.take() }
    }

    /// The call ended, and how; keeps an end that is there.
    pub(crate) fn end(&self, trailers: Trailers) -> [Option<Waker>; 2] {
        let mut state = self.lock();
        state.end.get_or_insert(trailers);
        state.link = Link::Closed;
        state.outgoing.clear();
        state.tail.clear();
        [state.receiver.take(), state.sender.take()]
    }

    /// No more comes, but the stream lives on until it is answered: what the holder still takes
    /// gives its credit back.
    pub(crate) fn end_receiving(&self, trailers: Trailers) -> Option<Waker> {
        let mut state = self.lock();
        state.end.get_or_insert(trailers);
        state.receiver.take()
    }

    /// What HTTP/2 is to be told since this was asked last.
    pub(crate) fn take_credit(&self) -> Credit {
        self.lock().credit(self.wake_at_end)
    }

    /// Memory is short, or no longer: whether credit is given at once from now on, however little
    /// it is, and no message is asked for that nobody waits for.
    pub(crate) fn set_eager(&self, eager: bool, http2: &mut Connection, key: StreamKey) {
        let mut state = self.lock();
        state.eager = eager;
        let Credit { back, partial, missing } = state.credit(self.wake_at_end);
        drop(state);
        http2.consume(key, back);
        http2.expect(key, partial, missing);
    }

    /// Takes what is to be sent into `outgoing`, which must be empty and whose memory serves in its
    /// place. Returns the sender if it waits for room.
    pub(crate) fn take_outgoing(&self, outgoing: &mut Outgoing) -> Option<Waker> {
        let mut state = self.lock();
        state.signalled = false;
        state.waiting = 0;
        std::mem::swap(&mut state.outgoing, &mut outgoing.chunks);
        std::mem::swap(&mut state.tail, &mut outgoing.tail);
        outgoing.end = state.finished;
        state.sender.take()
    }
}

impl State {
    /// What goes back, and what the holder waits for: it has taken all whole messages, and when
    /// memory is short it is there for the next; or it wants them together with the end.
    fn credit(&mut self, all_at_once: bool) -> Credit {
        let back = std::mem::take(&mut self.unreturned);
        let waits = self.ready.is_empty() && (!self.eager || self.receiver.is_some());
        if waits || all_at_once {
            let partial = self.complete + self.partial.len();
            Credit { back, partial, missing: self.missing }
        } else {
            Credit { back, partial: 0, missing: 0 }
        }
    }

    fn wake_all(&mut self) {
        for waker in [self.receiver.take(), self.sender.take()].into_iter().flatten() {
            waker.wake();
        }
    }
}

/// Of the responses to a call whose head has not come.
const fn inflation(call: &CallHead) -> Inflation {
    Inflation { compression: Compression::IDENTITY, limit: call.max_receive_message }
}

fn register(slot: &mut Option<Waker>, cx: &Context<'_>) {
    if !slot.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
        *slot = Some(cx.waker().clone());
    }
}
