//! How other tasks and threads reach the task that owns a connection.
//!
//! A list behind a lock that is held for a push or a swap only. The owner is woken on the edge from
//! idle to busy, not for each signal, so signals that come while it works join its batch.

use crate::exchange::Exchange;
use protocall_http2::StreamKey;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};

/// What the owner of a connection is told.
#[derive(Debug)]
pub(crate) enum Signal {
    /// The handler in this slot can go on (server).
    Poll(usize),
    /// A call wants to start (client).
    Start(Arc<Exchange>),
    /// The sending half of this open stream has bytes, or its end (client).
    Send(StreamKey),
    /// The receiving half took bytes, whose credit goes back to the peer.
    Credit(Arc<Exchange>),
    /// Nobody wants the call any more (client).
    Cancel(Arc<Exchange>),
    /// Finish what is running, take nothing new.
    Drain,
    /// Stop at once.
    Abort,
}

/// The signals that wait for a connection's owner.
#[derive(Default)]
pub(crate) struct Mailbox {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    signals: Vec<Signal>,
    /// Present while the owner sleeps.
    sleeper: Option<Waker>,
    closed: bool,
}

impl Mailbox {
    /// Leaves a signal and wakes the owner if it sleeps.
    ///
    /// # Errors
    /// The signal, when the owner is gone.
    pub(crate) fn push(&self, signal: Signal) -> Result<(), Signal> {
        if let Some(sleeper) = self.leave(signal)? {
            sleeper.wake();
        }
        Ok(())
    }

    /// As [`Mailbox::push`], for those who hold a lock: returns the waker of an owner that sleeps,
    /// which they wake when they have given the lock back.
    ///
    /// # Errors
    /// The signal, when the owner is gone.
    pub(crate) fn leave(&self, signal: Signal) -> Result<Option<Waker>, Signal> {
        let mut state = self.lock();
        if state.closed {
            return Err(signal);
        }
        state.signals.push(signal);
        Ok(state.sleeper.take())
    }

    /// For the owner: takes all signals into `batch`, which must be empty, or, when there are none,
    /// registers to be woken. Says whether there were any.
    pub(crate) fn take(&self, batch: &mut Vec<Signal>, cx: &Context<'_>) -> bool {
        let mut state = self.lock();
        if state.signals.is_empty() {
            if !state.sleeper.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
                state.sleeper = Some(cx.waker().clone());
            }
            return false;
        }
        std::mem::swap(&mut state.signals, batch);
        true
    }

    /// For the owner: gives memory back that no signal needs.
    pub(crate) fn trim(&self) {
        let mut state = self.lock();
        if state.signals.is_empty() {
            state.signals = Vec::new();
        }
    }

    /// For the owner: refuses signals from now on and returns those that nobody will read.
    pub(crate) fn close(&self) -> Vec<Signal> {
        let mut state = self.lock();
        state.closed = true;
        state.sleeper = None;
        std::mem::take(&mut state.signals)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox").finish_non_exhaustive()
    }
}
