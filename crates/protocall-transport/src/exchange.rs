//! What the task that owns a connection and the holder of a stream share: bytes both ways.
//!
//! The task appends DATA to one contiguous buffer and counts message boundaries; the holder takes
//! all complete messages at once and decodes them on its own thread. Sending is the same in the
//! other direction. The lock is held for an append or a swap, never while decoding.
//! What a call of a server has beside its bytes is [`served`]'s.

mod holder;
mod receive;
mod served;

use crate::intercept::Hooks;
use crate::mailbox::Mailbox;
use crate::stats::Totals;
use bytes::{Bytes, BytesMut};
use protocall_core::head::response::Trailers;
use protocall_core::{Compression, Metadata, Path};
use protocall_http2::{Connection, StreamKey};
use served::Waiting;
use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use tokio::time::Instant;

pub(crate) use receive::step;
pub(crate) use served::{Home, Seat, Served};

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

/// Both halves of a stream, shared by the connection's task and its holders: the one allocation
/// that a call has beside its handler.
pub(crate) struct Exchange {
    state: Mutex<State>,
    /// When the call ends by itself with DEADLINE_EXCEEDED.
    deadline: Option<Instant>,
    /// What it has in common with others: with the calls of a connection, if it is served.
    home: Arc<Home>,
    /// Where it is served.
    slot: u32,
    stream: u32,
    route: u32,
    /// Wake the receiver only when the call ended: the holder wants all of it (unary responses).
    wake_at_end: bool,
    /// The one message of a call that is served came compressed.
    compressed: bool,
    /// The call is served no more.
    over: AtomicBool,
    /// The connection was told that the handler can go on.
    queued: AtomicBool,
}

// ten thousand streams may wait for their next message
const _: () = assert!(size_of::<Exchange>() <= 64);

#[derive(Default)]
struct State {
    /// What an idle call of a server does not need. The call of a client always has it.
    flow: Option<Box<Flow>>,
    /// The handler itself waits to receive: the one waker that is not kept, since it can be made.
    waits: bool,
    /// Credit is not kept back.
    eager: bool,
}

#[derive(Default)]
struct Flow {
    link: Link,
    /// The connection that has the call, or had the last one in this memory. It stays, since the
    /// next call is mostly the same connection's: all callers' cores write where its references
    /// are counted.
    mailbox: Option<Arc<Mailbox>>,
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
    // sending
    outgoing: VecDeque<Bytes>,
    tail: Vec<u8>,
    waiting: usize,
    finished: bool,
    signalled: bool,
    sender: Option<Waker>,
    /// Whom the end of a call that is served concerns.
    ended: Option<Box<Waiting>>,
}

/// How the exchange reaches its connection.
#[derive(Debug, Default)]
enum Link {
    /// No connection yet.
    #[default]
    Waiting,
    /// On the connection of the mailbox; the key is known once the stream is open.
    Attached(Option<StreamKey>),
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
        home: Arc<Home>,
    ) -> Self {
        let flow = Flow { inflation: inflation(&call), call: Some(call), ..Flow::default() };
        let state = State { flow: Some(Box::new(flow)), ..State::default() };
        Self { deadline, wake_at_end, ..Self::of(state, home) }
    }

    /// Makes a call of an exchange whose call is over, in its memory.
    pub(crate) fn renew(&mut self, call: CallHead, deadline: Option<Instant>, wake_at_end: bool) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        state.waits = false;
        state.eager = false;
        let flow = state.flow();
        let mut kept = std::mem::take(flow);
        kept.ready.clear();
        kept.outgoing.clear();
        kept.partial.clear();
        kept.tail.clear();
        *flow = Flow {
            inflation: inflation(&call),
            call: Some(call),
            ready: kept.ready,
            outgoing: kept.outgoing,
            partial: kept.partial,
            tail: kept.tail,
            mailbox: kept.mailbox,
            ..Flow::default()
        };
        self.wake_at_end = wake_at_end;
        self.deadline = deadline;
    }

    /// Lets go of what a call that is over holds, but for small buffers, among them that of its
    /// response; `false` when the exchange is not worth keeping.
    pub(crate) fn retire(&mut self, response: BytesMut) -> bool {
        let flow = self.state.get_mut().unwrap_or_else(PoisonError::into_inner).flow();
        let buffers = [response.capacity(), flow.tail.capacity(), flow.outgoing.capacity()];
        if flow.end.is_none() || buffers.iter().any(|size| *size > SHARE_FROM) {
            return false;
        }
        flow.partial = response;
        flow.call = None;
        flow.head = None;
        flow.end = None;
        true
    }

    const fn of(state: State, home: Arc<Home>) -> Self {
        Self {
            state: Mutex::new(state),
            deadline: None,
            home,
            slot: 0,
            stream: 0,
            route: 0,
            wake_at_end: false,
            compressed: false,
            over: AtomicBool::new(false),
            queued: AtomicBool::new(false),
        }
    }

    /// Where messages are counted that are too large.
    pub(crate) fn totals(&self) -> &Totals {
        &self.home.totals
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

/// The side of the connection's task.
impl Exchange {
    /// Gives the exchange to a connection. What the holder does from now on is signalled there.
    /// `false` when the call is over already.
    pub(crate) fn attach(&self, mailbox: &Arc<Mailbox>) -> bool {
        let mut state = self.lock();
        let flow = state.flow();
        if flow.end.is_some() {
            return false;
        }
        if !flow.mailbox.as_ref().is_some_and(|last| Arc::ptr_eq(last, mailbox)) {
            flow.mailbox = Some(Arc::clone(mailbox));
        }
        flow.link = Link::Attached(None);
        true
    }

    /// The head of the call, to open its stream; `None` when the call is over already.
    pub(crate) fn call(&self) -> Option<CallHead> {
        let mut state = self.lock();
        let flow = state.flow();
        if flow.end.is_some() { None } else { flow.call.clone() }
    }

    /// Takes the exchange off a connection that never opened its stream.
    pub(crate) fn detach(&self) {
        self.lock().flow().link = Link::Waiting;
    }

    /// Whether the call may be sent again when a server has not processed it: once. A server that
    /// refuses everything must not see every call for ever (gRFC A6).
    pub(crate) fn may_be_sent_again(&self) -> bool {
        let mut state = self.lock();
        let flow = state.flow();
        flow.end.is_none() && !std::mem::replace(&mut flow.resent, true)
    }

    /// Takes the exchange off a connection whose server has not processed it, and puts what was
    /// sent in front of what is to be sent. `false` when the call is over already.
    pub(crate) fn restore(&self, mut sent: Outgoing) -> bool {
        let mut state = self.lock();
        let flow = state.flow();
        if flow.end.is_some() {
            return false;
        }
        flow.link = Link::Waiting;
        flow.signalled = false;
        if flow.outgoing.is_empty() && flow.tail.is_empty() {
            flow.outgoing = sent.chunks;
            flow.tail = sent.tail;
            return true;
        }
        if !sent.tail.is_empty() {
            sent.chunks.push_back(sent.tail.into());
        }
        sent.chunks.append(&mut flow.outgoing);
        flow.outgoing = sent.chunks;
        true
    }

    /// The stream is open.
    pub(crate) fn set_key(&self, key: StreamKey, eager: bool) {
        let mut state = self.lock();
        state.eager = eager;
        if let Link::Attached(slot) = &mut state.flow().link {
            *slot = Some(key);
        }
    }

    /// The open stream.
    pub(crate) fn key(&self) -> Option<StreamKey> {
        if self.home.served.is_some() {
            let key = StreamKey::from_parts(self.slot, self.stream);
            return (!self.is_served_no_more()).then_some(key);
        }
        match self.lock().flow.as_ref()?.link {
            Link::Attached(key) => key,
            Link::Waiting | Link::Closed => None,
        }
    }

    /// Leading metadata arrived.
    pub(crate) fn receive_head(&self, head: Metadata, encoding: Compression) -> Option<Waker> {
        let mut state = self.lock();
        let flow = state.flow();
        flow.inflation.compression = encoding;
        flow.head = Some(head);
        if self.wake_at_end { None } else { flow.receiver.take() }
    }

    /// The call ended, and how; keeps an end that is there.
    pub(crate) fn end(&self, trailers: Trailers) -> [Option<Waker>; 2] {
        let mut state = self.lock();
        let flow = state.flow();
        flow.end.get_or_insert(trailers);
        flow.link = Link::Closed;
        flow.outgoing.clear();
        flow.tail.clear();
        [flow.receiver.take(), flow.sender.take()]
    }

    /// No more comes, but the stream lives on until it is answered: what the holder still takes
    /// gives its credit back.
    pub(crate) fn end_receiving(self: &Arc<Self>, trailers: Trailers) -> Option<Waker> {
        let mut state = self.lock();
        state.flow().end.get_or_insert(trailers);
        self.take_receiver(&mut state)
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
        let flow = state.flow();
        flow.signalled = false;
        flow.waiting = 0;
        std::mem::swap(&mut flow.outgoing, &mut outgoing.chunks);
        std::mem::swap(&mut flow.tail, &mut outgoing.tail);
        outgoing.end = flow.finished;
        flow.sender.take()
    }
}

impl State {
    /// What idle calls do not have, to be changed.
    fn flow(&mut self) -> &mut Flow {
        self.flow.get_or_insert_default()
    }

    /// What goes back, and what the holder waits for: it has taken all whole messages, and when
    /// memory is short it is there for the next; or it wants them together with the end.
    fn credit(&mut self, all_at_once: bool) -> Credit {
        let Some(flow) = &mut self.flow else { return Credit::default() };
        let back = std::mem::take(&mut flow.unreturned);
        let receives = self.waits || flow.receiver.is_some();
        let waits = flow.ready.is_empty() && (!self.eager || receives);
        if waits || all_at_once {
            let partial = flow.complete + flow.partial.len();
            Credit { back, partial, missing: flow.missing }
        } else {
            Credit { back, partial: 0, missing: 0 }
        }
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").finish_non_exhaustive()
    }
}

/// Of the responses to a call whose head has not come.
const fn inflation(call: &CallHead) -> Inflation {
    Inflation { compression: Compression::IDENTITY, limit: call.max_receive_message }
}
