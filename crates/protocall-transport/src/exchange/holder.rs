//! The holder's side of an exchange: takes messages, waits, leaves what is to be sent.

use super::{Answer, Exchange, Flow, Inflation, Link, Received, SHARE_FROM, State};
use crate::intercept::Hooks;
use crate::mailbox::Signal;
use bytes::BytesMut;
use protocall_core::head::response::Trailers;
use protocall_core::{Compression, Metadata, Status};
use std::collections::VecDeque;
use std::sync::{Arc, MutexGuard};
use std::task::{Context, Poll, Waker};

/// Bytes that a sender may have waiting before `send` waits: one stream's share of memory.
const SEND_BUFFER: usize = 64 * 1024;
/// Credit below this is kept back until more comes together, so that reading small messages does
/// not wake the connection for each; unless the connection's receive budget is nearly used up.
const CREDIT_BATCH: usize = 4 * 1024;

impl Exchange {
    /// Takes all complete messages into `messages`, which must be empty, or the end of the call.
    pub(crate) fn poll_receive(
        self: &Arc<Self>,
        messages: &mut VecDeque<BytesMut>,
        cx: &Context<'_>,
    ) -> Poll<Received> {
        let mut guard = self.lock();
        let state = &mut *guard;
        if let Some(flow) = &mut state.flow {
            let early = self.wake_at_end && flow.end.is_none();
            if !early && !flow.ready.is_empty() {
                std::mem::swap(&mut flow.ready, messages);
                flow.unreturned += std::mem::take(&mut flow.complete);
                if state.eager || flow.unreturned + flow.partial.len() >= CREDIT_BATCH {
                    self.signal(guard, Signal::Credit(Arc::clone(self)));
                }
                return Poll::Ready(Received::Messages);
            }
            if let Some(end) = &flow.end {
                return Poll::Ready(Received::End(end.clone()));
            }
        }
        self.register(state, cx);
        if state.eager && state.flow.as_ref().is_some_and(|flow| !flow.partial.is_empty()) {
            // when memory is short, a message is asked for only while somebody waits for it
            self.signal(guard, Signal::Credit(Arc::clone(self)));
        }
        Poll::Pending
    }

    /// How compressed messages are read: known once one is there.
    pub(crate) fn inflation(&self) -> Inflation {
        self.lock().flow.as_ref().map_or_else(Inflation::default, |flow| flow.inflation)
    }

    /// Notes what the requests are compressed with; of no effect once a connection has the call.
    pub(crate) fn set_compression(&self, compression: Compression) {
        if let Some(call) = &mut self.lock().flow().call {
            call.compression = compression;
        }
    }

    /// Waits for the leading metadata; `Err` when the call ended without any.
    pub(crate) fn poll_head(self: &Arc<Self>, cx: &Context<'_>) -> Poll<Result<Metadata, Status>> {
        let mut state = self.lock();
        if let Some(flow) = &state.flow {
            if let Some(head) = &flow.head {
                return Poll::Ready(Ok(head.clone()));
            }
            if let Some(end) = &flow.end {
                return Poll::Ready(end.status.clone().map(|()| Metadata::new()));
            }
        }
        self.register(&mut state, cx);
        Poll::Pending
    }

    /// Waits for the end of a call with one response and takes all that came.
    pub(crate) fn poll_answer(&self, cx: &Context<'_>) -> Poll<Answer> {
        let mut state = self.lock();
        let flow = state.flow();
        let Some(trailers) = flow.end.clone() else {
            register(&mut flow.receiver, cx);
            return Poll::Pending;
        };
        Poll::Ready(Answer {
            trailers,
            head: flow.head.take().unwrap_or_default(),
            message: flow.ready.pop_front(),
            more: !flow.ready.is_empty(),
        })
    }

    /// A buffer to encode a message into, for [`Exchange::send`].
    pub(crate) fn take_buffer(&self) -> Vec<u8> {
        let mut state = self.lock();
        let flow = state.flow();
        if flow.tail.is_empty() { std::mem::take(&mut flow.tail) } else { Vec::new() }
    }

    /// Whether there is room for another message; `Err` with the status when the call is over.
    pub(crate) fn poll_room(&self, cx: &Context<'_>) -> Poll<Result<(), Trailers>> {
        let mut state = self.lock();
        let flow = state.flow();
        if let Some(end) = &flow.end {
            return Poll::Ready(Err(end.clone()));
        }
        if flow.waiting < SEND_BUFFER {
            return Poll::Ready(Ok(()));
        }
        register(&mut flow.sender, cx);
        Poll::Pending
    }

    /// Adds enveloped bytes to what is to be sent; large ones are taken out of `bytes`, small ones
    /// copied, so that the caller's buffer serves again.
    pub(crate) fn send(self: &Arc<Self>, bytes: &mut Vec<u8>, finish: bool) {
        let mut state = self.lock();
        let flow = state.flow();
        if flow.end.is_some() {
            // above all no end of the stream: a cancelled call must not look like a whole one
            return;
        }
        flow.waiting += bytes.len();
        if bytes.len() >= SHARE_FROM {
            if !flow.tail.is_empty() {
                let tail = std::mem::take(&mut flow.tail);
                flow.outgoing.push_back(tail.into());
            }
            flow.outgoing.push_back(std::mem::take(bytes).into());
        } else if flow.tail.is_empty() {
            std::mem::swap(&mut flow.tail, bytes);
        } else {
            flow.tail.extend_from_slice(bytes);
        }
        flow.finished |= finish;
        let told = std::mem::replace(&mut flow.signalled, true);
        // the connection takes what is there when it opens the stream
        if let (Link::Attached(Some(key)), false) = (&flow.link, told) {
            let key = *key;
            self.signal(state, Signal::Send(key));
        }
    }

    /// Ends the call from this side: the holder is gone, or its deadline passed.
    pub(crate) fn cancel(self: &Arc<Self>, status: Status) {
        let mut state = self.lock();
        let flow = state.flow();
        if flow.end.is_some() {
            return;
        }
        flow.end = Some(Trailers::failed(status));
        for waker in [flow.receiver.take(), flow.sender.take()].into_iter().flatten() {
            waker.wake();
        }
        self.signal(state, Signal::Cancel(Arc::clone(self)));
    }

    pub(crate) fn set_patient(&self, patient: bool) {
        self.lock().flow().patient = patient;
    }

    pub(crate) fn is_patient(&self) -> bool {
        self.lock().flow().patient
    }

    /// Adds to the head of a call whose stream is not open.
    pub(crate) fn add_metadata(&self, metadata: &Metadata) {
        if let Some(call) = &mut self.lock().flow().call {
            call.metadata.extend(metadata);
        }
    }

    /// Interceptors learn when the call goes to a connection.
    pub(crate) fn set_hooks(&self, hooks: Arc<Hooks>) {
        if let Some(call) = &mut self.lock().flow().call {
            call.hooks = Some(hooks);
        }
    }

    /// Leading metadata that is here.
    pub(crate) fn head(&self) -> Option<Metadata> {
        self.lock().flow.as_ref().and_then(|flow| flow.head.clone())
    }

    /// Whether the call has ended.
    pub(crate) fn is_over(&self) -> bool {
        self.lock().flow.as_ref().is_some_and(|flow| flow.end.is_some())
    }

    /// Tells the connection, if one has the call; wakes it once the lock is given back.
    fn signal(&self, state: MutexGuard<'_, State>, signal: Signal) {
        // a connection that is gone has ended the exchange, or is about to
        if let Some(served) = &self.home.served {
            drop(state);
            let _ = served.mailbox.push(signal);
            return;
        }
        let Some(Flow { link: Link::Attached(_), mailbox: Some(mailbox), .. }) =
            state.flow.as_deref()
        else {
            return;
        };
        let left = mailbox.leave(signal);
        drop(state);
        if let Ok(Some(sleeper)) = left {
            sleeper.wake();
        }
    }

    /// Whoever polls is to be woken when there is something to receive.
    fn register(self: &Arc<Self>, state: &mut State, cx: &Context<'_>) {
        state.waits = self.is_own(cx.waker());
        if !state.waits {
            register(&mut state.flow().receiver, cx);
        }
    }

    /// Takes the waker of whoever waits to receive.
    pub(super) fn take_receiver(self: &Arc<Self>, state: &mut State) -> Option<Waker> {
        if std::mem::take(&mut state.waits) {
            return Some(Waker::from(Arc::clone(self)));
        }
        state.flow.as_mut()?.receiver.take()
    }
}

fn register(slot: &mut Option<Waker>, cx: &Context<'_>) {
    if !slot.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
        *slot = Some(cx.waker().clone());
    }
}
