//! Streams: their names, their states and where they are kept. What happens on them is decided in
//! `recv` and `send`.

mod state;
mod store;

use std::collections::VecDeque;

use bytes::Bytes;

use crate::flow::{StreamCredit, StreamWindow};
use crate::send::{Ending, Links, Place};
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

    /// The key of these parts, for a driver that keeps them apart.
    pub const fn from_parts(slot: u32, id: u32) -> Self {
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
///
/// Ten thousand of them may be open and idle: what few streams need, and those not for long, is
/// [`Aside`].
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
    /// Which list `links` are of.
    pub(crate) place: Place,
    pub(crate) links: Links,
    pub(crate) window: StreamWindow,
    pub(crate) opened: Timestamp,
    /// Where in the output the response's head ends, counted from the connection's first byte.
    pub(crate) answered_at: u64,
    pub(crate) credit: StreamCredit,
    aside: Option<Box<Aside>>,
}

// with its two places in the ring, a third of what an idle stream may hold
const _: () = assert!(size_of::<Stream>() <= 72);

/// What a stream has while it waits to send, or was told a content-length.
#[derive(Debug, Default)]
pub(crate) struct Aside {
    pub(crate) queue: VecDeque<Bytes>,
    /// Bytes in `queue`.
    pub(crate) queued: usize,
    /// What follows the queue.
    pub(crate) ending: Ending,
    /// DATA bytes that content-length still announces; `None` without one.
    content_left: Option<u64>,
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
            place: Place::None,
            links: Links::default(),
            window: StreamWindow::default(),
            opened: Timestamp::ZERO,
            answered_at: 0,
            credit: StreamCredit::default(),
            aside: None,
        }
    }
}

impl Stream {
    /// More may come, and goes to the application.
    pub(crate) const fn is_read(&self) -> bool {
        !self.recv.is_ended() && !self.discard
    }

    /// Bytes that wait to be sent.
    #[inline]
    pub(crate) fn queued(&self) -> usize {
        self.aside.as_ref().map_or(0, |aside| aside.queued)
    }

    /// What is to follow the bytes that wait.
    #[inline]
    pub(crate) fn ending(&self) -> &Ending {
        self.aside.as_ref().map_or(&Ending::Open, |aside| &aside.ending)
    }

    /// DATA bytes that content-length still announces; `None` without one.
    #[inline]
    pub(crate) fn content_left(&self) -> Option<u64> {
        self.aside.as_ref().and_then(|aside| aside.content_left)
    }

    #[inline]
    pub(crate) fn set_content_left(&mut self, left: Option<u64>) {
        if left.is_some() || self.aside.is_some() {
            self.aside().content_left = left;
        }
    }

    /// What is kept aside, to be changed.
    pub(crate) fn aside(&mut self) -> &mut Aside {
        self.aside.get_or_insert_default()
    }

    /// Makes a free slot a new stream, keeping the queue's memory.
    #[inline]
    fn renew(&mut self, id: u32) {
        let aside = self.aside.take();
        *self = Self { id, aside, ..Self::default() };
    }

    /// Makes it a free slot.
    #[inline]
    fn retire(&mut self) {
        self.id = 0;
        if let Some(aside) = &mut self.aside {
            aside.queue.clear();
            aside.queued = 0;
            aside.ending = Ending::Open;
            aside.content_left = None;
            if aside.queue.capacity() > KEPT_QUEUE {
                self.aside = None;
            }
        }
    }

    /// Gives back memory that nothing uses.
    fn trim(&mut self) {
        self.aside.take_if(|aside| aside.queued == 0 && aside.content_left.is_none());
    }
}
