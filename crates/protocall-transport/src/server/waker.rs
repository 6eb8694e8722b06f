//! The waker of a call: leaves word in the connection's mailbox which slot can go on.

use crate::mailbox::{Mailbox, Signal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Wake;

/// Belongs to a slot, not to a call, so that a call costs no allocation. A wake-up that comes
/// after its call has ended polls the slot's next call once for nothing.
#[derive(Debug)]
pub(crate) struct SlotWaker {
    slot: usize,
    mailbox: Arc<Mailbox>,
    queued: AtomicBool,
}

impl SlotWaker {
    pub(crate) const fn new(slot: usize, mailbox: Arc<Mailbox>) -> Self {
        Self { slot, mailbox, queued: AtomicBool::new(false) }
    }

    /// The call is about to be polled: the next wake-up counts again.
    pub(crate) fn polled(&self) {
        self.queued.store(false, Ordering::Release);
    }
}

impl Wake for SlotWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.swap(true, Ordering::AcqRel) {
            // a connection that is gone polls nothing
            let _ = self.mailbox.push(Signal::Poll(self.slot));
        }
    }
}
