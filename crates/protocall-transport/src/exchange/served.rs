//! A call that a server has, beside its bytes: where it is served, its handler's waker, and who is
//! to learn that it is over. Calls that clients make have none of this.

use super::{Exchange, Flow, Inflation, State};
use crate::mailbox::{Mailbox, Signal};
use crate::message::ConnectionInfo;
use crate::server::{Dispatch, Handler, Route};
use crate::stats::Totals;
use protocall_core::head::response::Trailers;
use protocall_core::{Path, Status};
use protocall_http2::StreamKey;
use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, Weak};
use std::task::{Context, Poll, Wake, Waker};
use tokio::time::Instant;

/// What many calls have in common.
#[derive(Debug, Default)]
pub(crate) struct Home {
    /// Where messages are counted that are too large.
    pub(crate) totals: Totals,
    /// What the calls of a server's connection share; `None` for those that a client makes.
    pub(crate) served: Option<Served>,
}

/// Who serves the calls of a connection.
pub(crate) struct Served {
    pub(crate) info: Arc<ConnectionInfo>,
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) dispatch: Arc<dyn Dispatch>,
    /// The path of a call whose route has none of its own: such a call has all this to itself.
    pub(crate) path: Path,
}

impl Home {
    /// The same for a call with that path.
    pub(crate) fn at(&self, path: Path) -> Arc<Self> {
        let served = self.served.as_ref().map(|served| Served {
            info: Arc::clone(&served.info),
            mailbox: Arc::clone(&served.mailbox),
            dispatch: Arc::clone(&served.dispatch),
            path,
        });
        Arc::new(Self { totals: self.totals.clone(), served })
    }

    /// The handler of a route.
    pub(crate) fn handler(&self, route: Route) -> Option<&dyn Handler> {
        self.served.as_ref()?.dispatch.handler(route)
    }
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Served").finish_non_exhaustive()
    }
}

/// A call's place at its connection.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) home: Arc<Home>,
    pub(crate) key: StreamKey,
    pub(crate) route: Route,
    pub(crate) deadline: Option<Instant>,
}

/// Whom a call's end concerns.
#[derive(Default)]
pub(super) struct Waiting {
    wakers: Vec<Waker>,
    /// Calls that were made for this one.
    calls: Vec<Weak<Exchange>>,
}

impl Exchange {
    /// A call that is served there, its one message maybe compressed.
    pub(crate) fn served(seat: Seat, compressed: bool) -> Self {
        let Seat { home, key, route, deadline } = seat;
        let mut exchange = Self::of(State::default(), home);
        exchange.place(key, route, deadline, compressed);
        exchange
    }

    /// Makes this, of which nobody has a part any more, a call that is served there.
    pub(crate) fn serve(&mut self, seat: Seat, compressed: bool) {
        let Seat { home, key, route, deadline } = seat;
        self.home = home;
        self.place(key, route, deadline, compressed);
    }

    fn place(&mut self, key: StreamKey, route: Route, deadline: Option<Instant>, compressed: bool) {
        // slots are a server's open streams, routes its methods
        (self.slot, self.stream, self.route) = (key.slot() as u32, key.id(), route.0 as u32);
        self.deadline = deadline;
        self.compressed = compressed;
        *self.over.get_mut() = false;
        *self.queued.get_mut() = false;
    }

    /// Lets go of what the call held, now that it is over and nobody else has a part of it.
    /// `false`, and nothing is done, when somebody is to be told all the same.
    pub(crate) fn clear(&mut self) -> bool {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        let ended = state.flow.as_ref().and_then(|flow| flow.ended.as_ref());
        if ended.is_some_and(|ended| !ended.calls.is_empty()) {
            return false;
        }
        *state = State::default();
        true
    }

    /// Messages may be compressed so; larger ones than that are refused.
    pub(crate) fn inflate(&self, inflation: Inflation) {
        self.lock().flow().inflation = inflation;
    }

    /// Credit is given at once, however little it is.
    pub(crate) fn be_eager(&self) {
        self.lock().eager = true;
    }

    /// The handler is about to be polled: the next wake-up counts again.
    pub(crate) fn polled(&self) {
        self.queued.store(false, Ordering::Release);
    }

    /// The call is served no more; whom that concerns learns it by [`Exchange::tell_end`].
    pub(crate) fn mark_over(&self) {
        self.over.store(true, Ordering::Release);
    }

    /// Whether the call is served no more.
    pub(crate) fn is_served_no_more(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// Tells all who still work for a call that is over, and what its stream of requests ends with.
    pub(crate) fn tell_end(self: &Arc<Self>, trailers: Trailers) {
        let mut state = self.lock();
        let receiver = self.take_receiver(&mut state);
        let flow = state.flow();
        flow.end.get_or_insert(trailers);
        let ended = flow.ended.take();
        drop(state);
        receiver.into_iter().for_each(Waker::wake);
        let Waiting { wakers, calls } = ended.map(|ended| *ended).unwrap_or_default();
        wakers.into_iter().for_each(Waker::wake);
        for call in calls {
            if let Some(call) = call.upgrade() {
                call.cancel(orphaned(&call));
            }
        }
    }

    /// Waits until the call is served no more.
    pub(crate) fn poll_over(&self, cx: &Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if self.is_served_no_more() {
            return Poll::Ready(());
        }
        let wakers = &mut state.flow().ended.get_or_insert_default().wakers;
        if !wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
            wakers.push(cx.waker().clone());
        }
        Poll::Pending
    }

    /// Makes a call part of this one: it ends when this one does.
    pub(crate) fn adopt(&self, call: &Arc<Self>) {
        let mut state = self.lock();
        if self.is_served_no_more() {
            drop(state);
            return call.cancel(orphaned(call));
        }
        let calls = &mut state.flow().ended.get_or_insert_default().calls;
        if calls.len() == calls.capacity() {
            // a call that makes others for ever keeps no more than twice those under way
            calls.retain(|call| call.upgrade().is_some_and(|call| !call.is_over()));
        }
        calls.push(Arc::downgrade(call));
    }

    /// Gives back memory that nothing uses while the stream is idle.
    pub(crate) fn trim(&self) {
        self.lock().flow.take_if(|flow| flow.is_idle());
    }

    /// The connection by which a call came that is served.
    pub(crate) fn connection(&self) -> Option<&ConnectionInfo> {
        self.home.served.as_ref().map(|served| &*served.info)
    }

    /// The path of a call that is served.
    pub(crate) fn path(&self) -> Option<&Path> {
        let served = self.home.served.as_ref()?;
        Some(served.dispatch.path(Route(self.route as usize)).unwrap_or(&served.path))
    }

    /// Whether the one message of a call that is served came compressed.
    pub(crate) const fn was_compressed(&self) -> bool {
        self.compressed
    }

    /// Whether that is the waker of the call's handler.
    pub(super) fn is_own(self: &Arc<Self>, waker: &Waker) -> bool {
        std::ptr::addr_eq(waker.data(), Arc::as_ptr(self))
            && waker.will_wake(&Waker::from(Arc::clone(self)))
    }
}

impl Flow {
    fn is_idle(&self) -> bool {
        let buffers = self.ready.is_empty() && self.partial.is_empty();
        let counts = self.complete + self.missing + self.unreturned == 0;
        let plain = self.inflation.compression.is_identity();
        let nobody = self.receiver.is_none() && self.ended.is_none();
        buffers && counts && plain && nobody && self.end.is_none()
    }
}

/// The waker of a handler: leaves word in its connection's mailbox which slot can go on.
impl Wake for Exchange {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let Some(served) = &self.home.served else { return };
        if !self.queued.swap(true, Ordering::AcqRel) && !self.is_served_no_more() {
            // a connection that is gone polls nothing
            let _ = served.mailbox.push(Signal::Poll(self.slot as usize));
        }
    }
}

/// What a call ends with that was made for another, when that one is over.
fn orphaned(call: &Exchange) -> Status {
    if call.deadline().is_some_and(|at| at <= Instant::now()) {
        return Status::deadline_exceeded("the call's deadline passed");
    }
    Status::cancelled("the call that this one was made for is over")
}
