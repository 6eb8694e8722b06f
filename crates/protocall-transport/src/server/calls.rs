//! The calls of a connection: from a request's head to the end of its response.
//!
//! Each stream has a slot, the same as in HTTP/2's store. A call is begun when its head (streams)
//! or its message (unary) is there, polled at once, and again when it is woken or there is room.

mod in_place;
mod room;
mod trim;

pub(super) use in_place::Place;

use super::attention::Attention;
use super::connection::Config;
use super::dispatch::{Dispatch, Incoming, Input, Route};
use super::guard::{PANICKED, guarded, let_go};
use super::outcome::{Rejected, Then};
use super::refuse::{refuse, refuse_encoding};
use super::slot::{Collecting, Ended, Reply, Slot, Stage};
use super::spares::Spares;
use super::stalled::Stalled;
use super::tarpit::Tarpit;
use super::work::WorkLimit;
use super::writer::{ResponseWriter, Workspace};
use crate::bounds::inflate;
use crate::buffers::Rounds;
use crate::exchange::{Home, Inflation, Seat, Served, step};
use crate::mailbox::Mailbox;
use crate::message::{ConnectionInfo, Context};
use crate::stats::Totals;
use protocall_core::codec::Payload;
use protocall_core::compression::Negotiation;
use protocall_core::envelope::{self, Broken, EnvelopeError};
use protocall_core::head::Encoding;
use protocall_core::head::request::{Refusal, RequestHead};
use protocall_core::head::response::Trailers;
use protocall_core::metadata::Recent;
use protocall_core::{Metadata, Path, Status, mapping};
use protocall_http2::{Connection, ErrorCode, Fields, StreamKey};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{self, Poll, Waker};
use std::time::Duration;
use tokio::time::Instant;

/// The longest wait that is kept: a deadline further away (about 30 years) is none.
const FAR_AWAY: Duration = Duration::from_secs(1_000_000_000);

/// Slots are made by so many, or an eighth of those that are there: see HTTP/2's store.
const FIRST_SLOTS: usize = 8;
const MORE_SLOTS: usize = 8;

/// All calls of a connection.
pub(crate) struct Calls {
    home: Arc<Home>,
    space: Workspace,
    slots: Vec<Slot>,
    spares: Spares,
    /// Metadata that clients send again and again is kept once.
    recent: Recent,
    negotiation: Negotiation,
    /// No call's deadline is before this.
    deadline: Option<Instant>,
    attention: Attention,
    tarpit: Tarpit,
    stalled: Stalled,
    /// Buffers of large messages.
    rounds: Rounds,
    /// Bytes of whole responses that may wait for their clients before no further ones are made.
    stalled_limit: usize,
    pub(crate) totals: Totals,
    work: WorkLimit,
}

impl Calls {
    pub(crate) fn new(
        dispatch: Arc<dyn Dispatch>,
        connection: Arc<ConnectionInfo>,
        mailbox: Arc<Mailbox>,
        space: Workspace,
        config: &Config,
    ) -> Self {
        let served = Served { info: connection, mailbox, dispatch, path: Path::default() };
        Self {
            stalled: Stalled::new(config.http2.response_timeout),
            stalled_limit: config.http2.response_budget,
            totals: config.totals.clone(),
            work: config.work.clone(),
            home: Arc::new(Home { totals: config.totals.clone(), served: Some(served) }),
            negotiation: Negotiation::new(space.compressions.clone()),
            space,
            slots: Vec::new(),
            spares: Spares::default(),
            recent: Recent::default(),
            deadline: None,
            attention: Attention::default(),
            rounds: Rounds::default(),
            tarpit: Tarpit::new(config.refusal_delay),
        }
    }

    /// When [`Calls::expire`] has something to do, at the earliest.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        [self.deadline, self.tarpit.next(), self.stalled.next()].into_iter().flatten().min()
    }

    /// Reads a request's head; the answer, if there is one already, is given by [`Calls::begin`].
    pub(crate) fn read_head(&mut self, fields: &Fields) -> Result<(RequestHead, Route), Rejected> {
        let pairs = fields.iter().map(|field| (field.name, field.value));
        let pseudo = |name| fields.find(name).map(|field| field.value).unwrap_or_default();
        let (method, room) = (pseudo(b":method"), self.recent.room());
        let mut head = RequestHead::parse_into(method, pairs, room, &mut self.negotiation)?;
        head.metadata = self.recent.settle(head.metadata);
        let Some(Served { dispatch, .. }) = &self.home.served else {
            return Err(Status::internal("nobody serves this connection").into());
        };
        let route = dispatch.route(pseudo(b":path"))?;
        if dispatch.path(route).is_none() {
            let path = std::str::from_utf8(pseudo(b":path")).unwrap_or_default();
            head.path = Some(
                Path::parse(path)
                    .map_err(|status| Status::unimplemented(status.message().to_owned()))?,
            );
        }
        match &head.encoding {
            Encoding::Known(_) => Ok((head, route)),
            Encoding::Unsupported(name) => Err(Rejected::Unsupported(name.clone())),
        }
    }

    /// A request's head is there.
    pub(crate) fn begin(
        &mut self,
        http2: &mut Connection,
        key: StreamKey,
        head: Result<(RequestHead, Route), Rejected>,
        end_stream: bool,
    ) {
        let (head, route) = match head {
            Ok(found) => found,
            Err(Rejected::NotGrpc(refusal @ (Refusal::Method | Refusal::ContentType))) => {
                return self.tarpit.push(Instant::now(), key, refusal);
            }
            Err(Rejected::NotGrpc(refusal)) => return refuse(http2, key, &refusal),
            Err(Rejected::Status(status)) => return self.reject(http2, key, &status),
            Err(Rejected::Unsupported(name)) => {
                return refuse_encoding(http2, key, &name, &self.space.compressions);
            }
        };
        let Some(handler) = self.home.handler(route) else {
            return self.reject(http2, key, &Status::internal("the route has no handler"));
        };
        let (streams, most) = (handler.client_streams(), handler.max_receive_message());
        if head.timeout.is_some_and(|timeout| timeout.is_zero()) {
            let status = Status::deadline_exceeded("the call came with no time left");
            return self.reject(http2, key, &status);
        }
        let deadline = head.timeout.filter(|timeout| *timeout < FAR_AWAY);
        let deadline = deadline.map(|timeout| Instant::now() + timeout);
        if let Some(at) = deadline {
            self.deadline = Some(self.deadline.map_or(at, |other| other.min(at)));
        }
        let slot = self.occupy(key, route, most);
        slot.reply.accepts = head.accepts;
        if let Some(content_type) = head.content_type {
            slot.reply.set_content_type(content_type);
        }
        if let Encoding::Known(encoding) = head.encoding
            && !encoding.is_identity()
        {
            slot.reply.set_encoding(encoding);
            slot.scanner.allow_compressed();
        }
        self.compress(key);
        let home = head.path.map(|path| self.home.at(path));
        if streams {
            return self.begin_stream(http2, key, head.metadata, (home, deadline), end_stream);
        }
        let mut collecting = self.spares.collecting();
        collecting.metadata = head.metadata;
        collecting.deadline = deadline;
        collecting.home = home;
        if let Some(slot) = self.slots.get_mut(key.slot()) {
            slot.stage = Stage::Collecting(collecting);
        }
        if end_stream {
            self.fail(http2, key, &Status::unimplemented(NO_MESSAGE));
        }
    }

    fn begin_stream(
        &mut self,
        http2: &mut Connection,
        key: StreamKey,
        metadata: Metadata,
        (home, deadline): (Option<Arc<Home>>, Option<Instant>),
        end_stream: bool,
    ) {
        let home = home.unwrap_or_else(|| Arc::clone(&self.home));
        let Some(slot) = self.slots.get(key.slot()) else { return };
        let (route, compression) = (slot.route(), slot.reply.encoding());
        let Some(handler) = home.handler(route) else { return };
        let seat = Seat { home: Arc::clone(&home), key, route, deadline };
        let exchange = self.spares.exchange(seat, false);
        if !compression.is_identity() {
            exchange.inflate(Inflation { compression, limit: handler.max_receive_message() });
        }
        if http2.is_pressed() {
            exchange.be_eager();
        }
        if end_stream {
            exchange.end_receiving(success());
        }
        let incoming = Incoming { exchange: Arc::clone(&exchange), hooks: None };
        let context = Context::new(Arc::clone(&exchange));
        let call = self
            .enter(key)
            .and_then(|()| guarded(|| handler.call(Input::Stream(incoming), metadata, context)));
        match call {
            Ok(call) => {
                if let Some(slot) = self.slots.get_mut(key.slot()) {
                    slot.stage = Stage::Running { call, exchange, streams: true, begun: false };
                }
                self.run(http2, key.slot());
            }
            Err(status) => {
                exchange.mark_over();
                exchange.tell_end(Trailers::failed(status.clone()));
                self.fail(http2, key, &status);
            }
        }
    }

    /// A handler is about to be called, if there may be another one at work.
    fn enter(&mut self, key: StreamKey) -> Result<(), Status> {
        let permit = self.work.enter().map_err(|limit| over_limit(&self.totals, limit))?;
        if let Some(slot) = self.slots.get_mut(key.slot()) {
            slot.reply.hold(permit);
        }
        Ok(())
    }

    /// A piece of a request's body.
    pub(crate) fn data(&mut self, key: StreamKey, bytes: &[u8], end_stream: bool) -> Then {
        let Some(slot) = self.slots.get_mut(key.slot()).filter(|slot| slot.is(key)) else {
            return Then::Drop;
        };
        let scanned = match slot.scanner.scan(bytes) {
            Ok(scanned) => scanned,
            Err(Broken { error, .. }) => {
                if matches!(error, EnvelopeError::TooLarge { .. }) {
                    self.totals.count(|tally| &tally.messages_too_large);
                }
                return Then::Fail(error.into());
            }
        };
        if end_stream && slot.scanner.finish().is_err() {
            return Then::Fail(EnvelopeError::Truncated.into());
        }
        match &mut slot.stage {
            Stage::Empty | Stage::Running { streams: false, .. } => Then::Drop,
            Stage::Running { exchange, .. } => {
                let (waker, credit) = exchange.receive(bytes, scanned, &mut self.rounds);
                waker.into_iter().for_each(Waker::wake);
                if end_stream {
                    exchange.end_receiving(success()).into_iter().for_each(Waker::wake);
                }
                Then::Expect(credit)
            }
            Stage::Collecting(collecting) if end_stream && collecting.message.is_empty() => {
                self.call_unary(key, Some(bytes))
            }
            Stage::Collecting(collecting) => {
                let message = &mut collecting.message;
                // one reservation for a large message, but never more than has come so far again
                message
                    .reserve(bytes.len() + step(message.len().max(bytes.len()), scanned.missing));
                message.extend_from_slice(bytes);
                self.collected(key, scanned.missing, end_stream)
            }
        }
    }

    /// There is more of the one message of a call, in the slot.
    fn collected(&mut self, key: StreamKey, missing: usize, end_stream: bool) -> Then {
        let Some(Stage::Collecting(collecting)) =
            self.slots.get(key.slot()).map(|slot| &slot.stage)
        else {
            return Then::Drop;
        };
        let message = &collecting.message;
        if end_stream {
            self.call_unary(key, None)
        } else if has_more_than_one(message) {
            // at once: nothing bounds what follows
            Then::Fail(Status::unimplemented(MORE_THAN_ONE))
        } else {
            Then::Collect { partial: message.len(), missing }
        }
    }

    /// The one message of a call is complete: in `bytes`, or in the slot.
    fn call_unary(&mut self, key: StreamKey, bytes: Option<&[u8]>) -> Then {
        let Some(slot) = self.slots.get_mut(key.slot()) else { return Then::Drop };
        let Stage::Collecting(mut collecting) = std::mem::replace(&mut slot.stage, Stage::Empty)
        else {
            return Then::Drop;
        };
        let then = self.call_with(key, &mut collecting, bytes);
        self.spares.keep_collecting(collecting);
        then
    }

    fn call_with(
        &mut self,
        key: StreamKey,
        collecting: &mut Collecting,
        bytes: Option<&[u8]>,
    ) -> Then {
        let Some(slot) = self.slots.get_mut(key.slot()) else { return Then::Drop };
        let body = bytes.unwrap_or(&collecting.message);
        let Some((prefix, message)) = envelope::split(body) else {
            return Then::Fail(Status::unimplemented(NO_MESSAGE));
        };
        if message.len() + envelope::PREFIX_LEN != body.len() {
            return Then::Fail(Status::unimplemented(MORE_THAN_ONE));
        }
        let (route, encoding) = (slot.route(), slot.reply.encoding());
        let Some(handler) = self.home.handler(route) else {
            return Then::Drop;
        };
        let limit = handler.max_receive_message();
        let payload = if prefix.compressed {
            match inflate(message, encoding, limit, &self.totals) {
                Ok(plain) => Payload::shared(plain.into()),
                Err(status) => return Then::Fail(status),
            }
        } else if bytes.is_none() && message.len() >= KEEP_MESSAGE_BUFFER {
            let whole = bytes::Bytes::from(std::mem::take(&mut collecting.message));
            Payload::shared(whole.slice(envelope::PREFIX_LEN..))
        } else {
            Payload::borrowed(message)
        };
        match self.work.enter() {
            Ok(permit) => slot.reply.hold(permit),
            Err(limit) => return Then::Fail(over_limit(&self.totals, limit)),
        }
        let home = collecting.home.take().unwrap_or_else(|| Arc::clone(&self.home));
        let seat = Seat { home, key, route, deadline: collecting.deadline };
        let exchange = self.spares.exchange(seat, prefix.compressed);
        if !encoding.is_identity() {
            exchange.inflate(Inflation { compression: encoding, limit });
        }
        let (input, context) = (Input::Message(payload), Context::new(Arc::clone(&exchange)));
        let (spare, metadata) = (self.spares.take(route), std::mem::take(&mut collecting.metadata));
        let result = guarded(|| match spare {
            Some(mut call) => call.as_mut().restart(input, metadata, context).map(|()| call),
            None => handler.call(input, metadata, context),
        });
        match result {
            Ok(call) => {
                slot.stage = Stage::Running { call, exchange, streams: false, begun: false };
                Then::Run
            }
            Err(status) => Then::Fail(status),
        }
    }

    /// Trailers of a request: the end of its body.
    pub(crate) fn end(&mut self, key: StreamKey) -> Then {
        self.data(key, &[], true)
    }

    /// The stream is gone: its client cancelled, or broke a rule.
    pub(crate) fn reset(&mut self, key: StreamKey, code: ErrorCode, reason: &'static str) {
        let Some(slot) = self.slots.get_mut(key.slot()).filter(|slot| slot.is(key)) else {
            return;
        };
        let message = if reason.is_empty() { "the client cancelled the call" } else { reason };
        let ended = slot.close();
        self.let_go(ended, || Status::new(mapping::from_reset(code.to_wire()), message));
    }

    /// Polls the call in a slot.
    pub(crate) fn run(&mut self, http2: &mut Connection, index: usize) {
        if self.stalled.any() && !self.may_answer(http2, index) {
            self.totals.count(|tally| &tally.calls_parked);
            return self.stalled.park(index);
        }
        let Some(slot) = self.slots.get_mut(index) else { return };
        let (Some(key), route) = (slot.key(index), slot.route()) else { return };
        let Stage::Running { call, exchange, begun, .. } = &mut slot.stage else { return };
        let Some(handler) = self.home.handler(route) else { return };
        let one_answer = !handler.server_streams();
        *begun = true;
        let (space, reply, totals) = (&mut self.space, &mut slot.reply, &self.totals);
        let max_message = handler.max_send_message();
        let mut out = ResponseWriter { http2, key, space, reply, max_message, totals, hooks: None };
        exchange.polled();
        let waker = Waker::from(Arc::clone(exchange));
        let mut cx = task::Context::from_waker(&waker);
        // what runs elsewhere measures itself
        let look = if handler.cost().is_slow() { None } else { self.attention.begin() };
        let polled = catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(&mut cx, &mut out)));
        if let Some(took) = look.and_then(|look| self.attention.end(look)) {
            handler.cost().note(took);
        }
        match polled {
            Ok(Poll::Pending) => out.flush(),
            Ok(Poll::Ready(())) => {
                drop(waker);
                if let Some(Ended { call, exchange }) = slot.close() {
                    self.spares.keep(route, call);
                    self.spares.retire(exchange, answered);
                }
                if one_answer {
                    handler.cost().note_waiting(self.stalled.watch(http2, key));
                }
            }
            Err(_panic) => {
                out.space.messages.clear();
                out.finish(Err(&Status::unknown(PANICKED)));
                let ended = slot.close();
                self.let_go(ended, answered);
            }
        }
    }

    /// Drops what did a call's work, and then tells who else works for the call.
    fn let_go(&mut self, ended: Option<Ended>, status: impl FnOnce() -> Status) {
        if let Some(Ended { call, exchange }) = ended {
            let_go(call);
            self.spares.retire(exchange, status);
        }
    }

    /// Whether handlers give credit back at once, since the receive budget is nearly used up.
    pub(crate) fn set_eager(&self, http2: &mut Connection, eager: bool) {
        for (index, slot) in self.slots.iter().enumerate() {
            if let (Some(key), Stage::Running { exchange, streams: true, .. }) =
                (slot.key(index), &slot.stage)
            {
                exchange.set_eager(eager, http2, key);
            }
        }
    }

    /// The connection has polled what there was to poll.
    pub(crate) fn end_turn(&mut self) {
        self.attention.end_turn();
    }

    /// There is room in a stream that had none.
    pub(crate) fn writable(&mut self, http2: &mut Connection, key: StreamKey) {
        if self.slots.get(key.slot()).is_some_and(|slot| slot.is(key)) {
            self.run(http2, key.slot());
        }
    }

    /// Ends a call with an error.
    pub(crate) fn fail(&mut self, http2: &mut Connection, key: StreamKey, status: &Status) {
        let Some(slot) = self.slots.get_mut(key.slot()).filter(|slot| slot.is(key)) else {
            return;
        };
        let (space, reply, totals) = (&mut self.space, &mut slot.reply, &self.totals);
        if !reply.finished {
            ResponseWriter { http2, key, space, reply, max_message: 0, totals, hooks: None }
                .finish(Err(status));
        }
        let ended = slot.close();
        self.let_go(ended, || status.clone());
    }

    /// Ends the calls whose deadline has passed, and answers the refused whose time has come.
    pub(crate) fn expire(&mut self, http2: &mut Connection, now: Instant) {
        while let Some((key, refusal)) = self.tarpit.pop(now) {
            refuse(http2, key, &refusal);
        }
        while let Some(key) = self.stalled.pop(http2, now) {
            self.totals.count(|tally| &tally.stalled_responses);
            // it is open: something of it waits
            let _ = http2.reset(key, ErrorCode::ENHANCE_YOUR_CALM);
        }
        if self.deadline.is_none_or(|at| at > now) {
            return;
        }
        for index in 0..self.slots.len() {
            let expired = self.slots.get(index).and_then(|slot| {
                slot.deadline().filter(|at| *at <= now)?;
                slot.key(index)
            });
            if let Some(key) = expired {
                self.fail(http2, key, &Status::deadline_exceeded("the call's deadline passed"));
            }
        }
        self.deadline = self.slots.iter().filter_map(Slot::deadline).min();
    }

    /// Ends all calls: the connection is gone.
    pub(crate) fn abandon(&mut self, reason: &str) {
        self.tarpit.clear();
        self.stalled.clear();
        for index in 0..self.slots.len() {
            let ended = self.slots.get_mut(index).and_then(Slot::close);
            self.let_go(ended, || Status::unavailable(format!("the connection is gone: {reason}")));
        }
    }

    fn occupy(&mut self, key: StreamKey, route: Route, max_message: usize) -> &mut Slot {
        while self.slots.len() <= key.slot() {
            if self.slots.len() == self.slots.capacity() {
                self.slots.reserve_exact((self.slots.len() / MORE_SLOTS).max(FIRST_SLOTS));
            }
            self.slots.push(Slot::EMPTY);
        }
        let ended = self.slots[key.slot()].close();
        self.let_go(ended, || Status::internal("the stream's slot was reused"));
        let slot = &mut self.slots[key.slot()];
        slot.occupy(key, route, max_message);
        slot
    }

    /// Compresses the response as the server is set to, if the client accepts that.
    fn compress(&mut self, key: StreamKey) {
        let Workspace { compression, compressions, .. } = &self.space;
        if !compression.is_identity()
            && let Some(slot) = self.slots.get_mut(key.slot())
            && compressions.allows(slot.reply.accepts, *compression)
        {
            slot.reply.set_compression(*compression);
        }
    }

    /// Ends a call that never had a handler.
    fn reject(&mut self, http2: &mut Connection, key: StreamKey, status: &Status) {
        let (space, reply, totals) = (&mut self.space, &mut Reply::default(), &self.totals);
        ResponseWriter { http2, key, space, reply, max_message: 0, totals, hooks: None }
            .finish(Err(status));
    }
}

/// From this size on the buffer of a message goes to its call instead of being kept for the next.
const KEEP_MESSAGE_BUFFER: usize = 16 * 1024;

const NO_MESSAGE: &str = "the client sent no message to a method that takes one";

const MORE_THAN_ONE: &str = "the client sent more than one message to a method that takes one";

/// Whether there is something behind the first message.
fn has_more_than_one(body: &[u8]) -> bool {
    let whole = envelope::split(body).map(|(_, message)| envelope::PREFIX_LEN + message.len());
    whole.is_some_and(|whole| whole < body.len())
}

fn over_limit(totals: &Totals, limit: usize) -> Status {
    totals.count(|tally| &tally.calls_over_limit);
    Status::resource_exhausted(format!("the server has {limit} calls at work, as many as it may"))
}

fn success() -> Trailers {
    Trailers { status: Ok(()), metadata: Metadata::new() }
}

/// What a request stream that is still read yields once its call was answered.
fn answered() -> Status {
    Status::cancelled("the call was answered")
}
