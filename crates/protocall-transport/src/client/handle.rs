//! Reaches a client's connection from elsewhere: gives it calls, keeps it open.
//!
//! What the connection does with them is [`connection`](super::connection)'s business.

use super::Call;
use crate::mailbox::{Mailbox, Signal};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

/// Gives calls to a connection. The connection closes when the last handle is gone and its calls
/// are over.
#[derive(Clone, Debug)]
pub struct Handle {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    mailbox: Arc<Mailbox>,
    signs: Arc<Signs>,
}

/// What a connection lets its handles know.
#[derive(Debug)]
pub(super) struct Signs {
    accepts: AtomicBool,
    answered: AtomicBool,
    pinged_too_often: AtomicBool,
}

impl Signs {
    pub(super) fn new() -> Arc<Self> {
        let no = || AtomicBool::new(false);
        Arc::new(Self { accepts: AtomicBool::new(true), answered: no(), pinged_too_often: no() })
    }

    /// The connection takes no more calls.
    pub(super) fn refuse(&self) {
        self.accepts.store(false, Ordering::Release);
    }

    /// The server has answered a call.
    pub(super) fn answer(&self) {
        self.answered.store(true, Ordering::Release);
    }

    /// The server has said "too_many_pings".
    pub(super) fn calm(&self) {
        self.pinged_too_often.store(true, Ordering::Release);
    }
}

impl Handle {
    /// A handle of the connection that reads this mailbox and gives these signs.
    pub(super) fn new(mailbox: Arc<Mailbox>, signs: Arc<Signs>) -> Self {
        Self { shared: Arc::new(Shared { mailbox, signs }) }
    }

    /// Starts a call.
    ///
    /// # Errors
    /// The call, when the connection takes no more: it is closed or its server is going away.
    pub fn start(&self, call: Call) -> Result<(), Call> {
        if !self.is_open() {
            return Err(call);
        }
        if !call.exchange.attach(&self.shared.mailbox) {
            return Ok(());
        }
        let exchange = Arc::clone(&call.exchange);
        self.shared.mailbox.push(Signal::Start(exchange)).map_err(|_refused| {
            call.exchange.detach();
            call
        })
    }

    /// Whether the connection takes calls.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.shared.signs.accepts.load(Ordering::Acquire)
    }

    /// Whether the server has answered a call on this connection.
    #[must_use]
    pub fn has_answered(&self) -> bool {
        self.shared.signs.answered.load(Ordering::Acquire)
    }

    /// Whether the server closed the connection because it was asked too often whether it is alive
    /// (gRFC A8): the next connection should ask half as often.
    #[must_use]
    pub fn pinged_too_often(&self) -> bool {
        self.shared.signs.pinged_too_often.load(Ordering::Acquire)
    }

    /// A handle that does not keep the connection open.
    #[must_use]
    pub fn downgrade(&self) -> WeakHandle {
        WeakHandle { shared: Arc::downgrade(&self.shared) }
    }
}

/// Knows a connection without keeping it open.
#[derive(Clone, Debug)]
pub struct WeakHandle {
    shared: Weak<Shared>,
}

impl WeakHandle {
    /// Whether both are of the same connection.
    #[must_use]
    pub fn is(&self, handle: &Handle) -> bool {
        Weak::as_ptr(&self.shared) == Arc::as_ptr(&handle.shared)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // a connection that is gone needs no word
        let _ = self.mailbox.push(Signal::Drain);
    }
}
