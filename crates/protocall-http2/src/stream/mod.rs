//! Streams: their names, their states and where they are kept. What happens on them is decided in
//! `recv` and `send`.

mod state;
mod store;

use std::collections::VecDeque;

use bytes::Bytes;

use crate::flow::{StreamCredit, StreamWindow};
use crate::send::{Ending, Links};
use crate::time::Timestamp;

pub(crate) use state::{Closed, Half, Misfit, Passage};
pub(crate) use store::{Known, Store};

/// Names a stream of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StreamKey {
    slot: u32,
    id: u32,
}

impl StreamKey {
    pub(crate) const fn new(slot: u32, id: u32) -> Self {
        Self { slot, id }
    }

    /// The stream identifier on the wire (RFC 9113 section 5.1.1). Never reused in a connection.
    pub const fn id(self) -> u32 {
        self.id
    }

    /// The stream's place: dense, and reused after the stream is gone, so that a driver can keep
    /// its own state in a `Vec` beside (with the id as a guard against the reuse).
    pub const fn slot(self) -> usize {
        self.slot as usize
    }
}

/// Queue places that a freed slot keeps, so that a burst does not stay in memory.
const KEPT_QUEUE: usize = 16;

/// A stream that is not closed. A default one is a free slot (its id is 0).
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) id: u32,
    pub(crate) recv: Half,
    pub(crate) send: Half,
    /// The receiving side was given up (its header list was too large): DATA is dropped.
    pub(crate) discard: bool,
    /// The request was HEAD: a content-length announces no data (RFC 9110 section 8.6).
    pub(crate) head_request: bool,
    /// The send buffer was full; the driver is owed a wake-up.
    pub(crate) full: bool,
    /// DATA bytes that content-length still announces; `None` without one.
    pub(crate) content_left: Option<u64>,
    pub(crate) opened: Timestamp,
    /// Where in the output the response's head ends, counted from the connection's first byte.
    pub(crate) answered_at: u64,
    pub(crate) credit: StreamCredit,
    pub(crate) window: StreamWindow,
    pub(crate) links: Links,
    pub(crate) queue: VecDeque<Bytes>,
    /// Bytes in `queue`.
    pub(crate) queued: usize,
    /// What follows the queue.
    pub(crate) ending: Ending,
}

impl Default for Stream {
    fn default() -> Self {
        Self {
            id: 0,
            recv: Half::Head,
            send: Half::Head,
            discard: false,
            head_request: false,
            full: false,
            content_left: None,
            opened: Timestamp::ZERO,
            answered_at: 0,
            credit: StreamCredit::default(),
            window: StreamWindow::default(),
            links: Links::default(),
            queue: VecDeque::new(),
            queued: 0,
            ending: Ending::Open,
        }
    }
}

impl Stream {
    /// More may come, and goes to the application.
    pub(crate) const fn is_read(&self) -> bool {
        !self.recv.is_ended() && !self.discard
    }

    /// Makes a free slot a new stream, keeping the queue's memory.
    #[inline]
    fn renew(&mut self, id: u32) {
        let queue = core::mem::take(&mut self.queue);
        *self = Self { id, queue, ..Self::default() };
    }

    /// Makes it a free slot.
    #[inline]
    fn retire(&mut self) {
        self.id = 0;
        self.queued = 0;
        self.queue.clear();
        self.ending = Ending::Open;
        if self.queue.capacity() > KEPT_QUEUE {
            self.queue = VecDeque::new();
        }
    }
}
