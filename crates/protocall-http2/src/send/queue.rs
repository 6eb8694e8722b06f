//! Whose turn it is: streams with queued data are in one of three lists, linked through the streams
//! themselves. `ready` ones have stream credit and need only connection credit, and so have `brief`
//! ones, which have little queued; `stalled` ones wait for stream credit. Streams without queued
//! data are in none, so trailers never wait alone.

use std::collections::VecDeque;

use crate::config::BRIEF_BYTES;
use crate::connection::Connection;
use crate::flow::PROTOCOL_WINDOW;
use crate::stream::{Store, Stream, StreamKey};

/// No stream.
const NIL: u32 = u32::MAX;

/// Which list a stream is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Place {
    #[default]
    None,
    Ready,
    Brief,
    Stalled,
}

/// A stream's links in its list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Links {
    previous: u32,
    next: u32,
}

impl Default for Links {
    fn default() -> Self {
        Self { previous: NIL, next: NIL }
    }
}

/// A doubly linked list through the slots.
#[derive(Clone, Copy, Debug)]
struct List {
    first: u32,
    last: u32,
}

impl List {
    const EMPTY: Self = Self { first: NIL, last: NIL };
}

/// The connection's side of sending.
#[derive(Debug)]
pub(crate) struct Sending {
    /// The connection's send window.
    pub(crate) window: i64,
    /// Bytes queued on all streams.
    pub(crate) queued: usize,
    /// No stream's window is further above the initial window than this.
    pub(crate) largest_delta: i64,
    /// Too much waits: only streams that wait for nothing may send, and those only while not
    /// `choked`.
    pub(crate) full: bool,
    /// What could go out does not: the peer takes nothing, or the connection's window is used up.
    choked: bool,
    ready: List,
    brief: List,
    stalled: List,
    /// A brief stream had the last turn, so that it is not a brief one's again.
    was_brief: bool,
    writable: VecDeque<StreamKey>,
    /// Slots from here on are to be named as writable, after the connection was full.
    announce: Option<u32>,
}

impl Sending {
    pub(crate) fn new() -> Self {
        Self {
            window: PROTOCOL_WINDOW,
            queued: 0,
            largest_delta: 0,
            full: false,
            choked: false,
            ready: List::EMPTY,
            brief: List::EMPTY,
            stalled: List::EMPTY,
            was_brief: false,
            writable: VecDeque::new(),
            announce: None,
        }
    }

    pub(crate) fn nothing_ready(&self) -> bool {
        self.ready.first == NIL && self.brief.first == NIL
    }

    /// Puts the stream where it belongs, last in turn if it was elsewhere.
    pub(crate) fn place(&mut self, store: &mut Store, key: StreamKey, initial: i64) {
        let slot = key.slot() as u32;
        let Some(stream) = store.get(key) else {
            return;
        };
        let place = match (stream.queued(), stream.window.available(initial)) {
            (0, _) => Place::None,
            (..=BRIEF_BYTES, 1..) => Place::Brief,
            (_, 1..) => Place::Ready,
            _ => Place::Stalled,
        };
        if place != stream.place {
            self.unlink(store, slot);
            self.link_last(store, slot, place);
        }
    }

    /// Takes the stream out of its list.
    pub(crate) fn remove(&mut self, store: &mut Store, key: StreamKey) {
        if store.get(key).is_some() {
            self.unlink(store, key.slot() as u32);
        }
    }

    /// Takes the stream whose turn it is: in each of the two lists the first, of the two lists one
    /// after the other. What is brief passes what is long, and neither waits for all of the other.
    pub(crate) fn take_ready(&mut self, store: &mut Store) -> Option<StreamKey> {
        let brief = self.brief.first != NIL && (!self.was_brief || self.ready.first == NIL);
        self.was_brief = brief;
        let slot = if brief { self.brief.first } else { self.ready.first };
        let id = store.at(slot)?.id;
        self.unlink(store, slot);
        Some(StreamKey::new(slot, id))
    }

    /// After the initial window rose: looks at the stalled streams once.
    pub(crate) fn unblock_all(&mut self, store: &mut Store, initial: i64) {
        let mut slot = self.stalled.first;
        while let Some(stream) = store.at(slot) {
            let (key, next) = (StreamKey::new(slot, stream.id), stream.links.next);
            self.place(store, key, initial);
            slot = next;
        }
    }

    pub(crate) fn push_writable(&mut self, key: StreamKey) {
        self.writable.push_back(key);
    }

    pub(crate) fn announce_all(&mut self) {
        self.announce = Some(0);
    }

    fn list(&mut self, place: Place) -> Option<&mut List> {
        match place {
            Place::None => None,
            Place::Ready => Some(&mut self.ready),
            Place::Brief => Some(&mut self.brief),
            Place::Stalled => Some(&mut self.stalled),
        }
    }

    fn unlink(&mut self, store: &mut Store, slot: u32) {
        let Some(stream) = store.at_mut(slot) else {
            return;
        };
        let place = core::mem::take(&mut stream.place);
        let Links { previous, next } = core::mem::take(&mut stream.links);
        let Some(list) = self.list(place) else {
            return;
        };
        match store.at_mut(previous) {
            Some(stream) => stream.links.next = next,
            None => list.first = next,
        }
        match store.at_mut(next) {
            Some(stream) => stream.links.previous = previous,
            None => list.last = previous,
        }
    }

    fn link_last(&mut self, store: &mut Store, slot: u32, place: Place) {
        let Some(list) = self.list(place) else {
            return;
        };
        let previous = list.last;
        list.last = slot;
        match store.at_mut(previous) {
            Some(stream) => stream.links.next = slot,
            None => list.first = slot,
        }
        if let Some(stream) = store.at_mut(slot) {
            stream.place = place;
            stream.links = Links { previous, next: NIL };
        }
    }
}

impl Connection {
    /// How many more bytes the stream's send buffer takes before its sender should wait; 0: wait
    /// for [`Connection::next_writable`]. 0 too when the stream is gone. Sending more than this is
    /// accepted all the same and is queued.
    ///
    /// While the connection as a whole has too much queued, a stream may still send when it has
    /// nothing queued and a window: what waits belongs to streams whose readers are slow, and they
    /// stop themselves alone.
    pub fn capacity(&self, stream: StreamKey) -> usize {
        match self.store.get(stream) {
            Some(stream) if !stream.full && self.takes_more(stream) => {
                self.config.stream_send_buffer.saturating_sub(stream.queued())
            }
            _ => 0,
        }
    }

    fn takes_more(&self, stream: &Stream) -> bool {
        let initial = i64::from(self.peer.initial_window);
        let is_idle = || stream.queued() == 0 && stream.window.available(initial) > 0;
        !self.sending.full || (!self.is_choked() && is_idle())
    }

    /// Half of what the connection queues waits for the peer to read, or all for its window, or the
    /// peer reads nothing: then a thousand streams would queue a message each for nobody.
    fn is_choked(&self) -> bool {
        self.is_blocked()
            || self.output.len() > self.config.connection_send_buffer / 2
            || self.sending.window <= 0
    }

    /// Bytes of the stream that wait for a window or their turn; 0 when the stream is gone.
    pub fn queued(&self, stream: StreamKey) -> usize {
        self.store.get(stream).map_or(0, |stream| stream.queued())
    }

    /// The next stream whose capacity came back after having been 0, each once. After the whole
    /// connection was full, every stream that can still send is named, also one that waits for
    /// nothing. To be asked after [`Connection::flush`] and after output was written.
    pub fn next_writable(&mut self) -> Option<StreamKey> {
        self.refill();
        while let Some(key) = self.sending.writable.pop_front() {
            if self.store.get(key).is_some() {
                return Some(key);
            }
        }
        while let Some(slot) = self.sending.announce {
            if slot as usize >= self.store.slots() || (self.sending.full && self.is_choked()) {
                self.sending.announce = None;
                break;
            }
            self.sending.announce = Some(slot + 1);
            if let Some(stream) = self.store.at(slot)
                && !stream.send.is_ended()
                && !stream.full
                && self.takes_more(stream)
            {
                return Some(StreamKey::new(slot, stream.id));
            }
        }
        None
    }

    /// Notes that the stream (and with it the connection) has more queued.
    pub(crate) fn note_queued(&mut self, key: StreamKey) {
        if let Some(stream) = self.store.get_mut(key)
            && stream.queued() >= self.config.stream_send_buffer
            && !stream.full
        {
            stream.full = true;
            self.counters.met().stream_send_buffers_filled += 1;
        }
        if self.output.len() + self.sending.queued >= self.config.connection_send_buffer
            && !self.sending.full
        {
            self.sending.full = true;
            self.sending.choked = true;
            self.counters.met().connection_send_buffer_filled += 1;
        }
    }

    /// Notes that the stream has less queued; wakes its sender at half, so that it can send a
    /// good deal.
    pub(crate) fn note_sent(&mut self, key: StreamKey) {
        let Some(stream) = self.store.get_mut(key) else {
            return;
        };
        let refilled = stream.full && stream.queued() <= self.config.stream_send_buffer / 2;
        stream.full &= !refilled;
        if refilled || (self.sending.full && stream.queued() == 0) {
            self.sending.push_writable(key);
        }
    }

    /// Notes that the stream has a larger window; one with nothing queued may have waited for it.
    pub(crate) fn note_window(&mut self, key: StreamKey) {
        if self.sending.full {
            self.sending.push_writable(key);
        }
    }

    /// Notes that all streams have a larger window.
    pub(crate) fn note_windows(&mut self) {
        if self.sending.full {
            self.sending.announce_all();
        }
    }

    /// Ends the connection's fullness once half of what waited is gone.
    pub(crate) fn refill(&mut self) {
        if !self.sending.full {
            return;
        }
        let waiting = self.output.len() + self.sending.queued;
        if waiting <= self.config.connection_send_buffer / 2 {
            self.sending.full = false;
            self.sending.choked = false;
            self.sending.announce_all();
            return;
        }
        let choked = self.is_choked();
        if core::mem::replace(&mut self.sending.choked, choked) && !choked {
            self.sending.announce_all();
        }
    }
}
