//! Where streams are kept: a slab with reused slots, and the way from a stream id to its slot.
//!
//! Ids of a connection only rise and are all odd (nothing is ever pushed), so a ring indexed by the
//! id finds nearly all of them; streams that outlive a turn of the ring spill into a map. The ring
//! also remembers for a while how closed streams ended.

use std::collections::HashMap;

use super::{Closed, Stream, StreamKey};

#[cfg(test)]
mod tests;

/// Ring entries at first: half a kilobyte.
const FIRST_RING: usize = 64;

/// Ring entries at most: twice the streams that a server allows by default, so that they rarely
/// spill.
const LARGEST_RING: usize = 2048;

/// What is known about a stream id that is not above the highest one seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    Live(StreamKey),
    Closed(Closed),
    /// Closed so long ago that nothing else is known.
    Forgotten,
    /// Skipped: a higher id was opened first (RFC 9113 section 5.1.1).
    Skipped,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Empty,
    Slot(u32),
    Closed(Closed),
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    id: u32,
    place: Place,
}

const EMPTY: Entry = Entry { id: 0, place: Place::Empty };

/// The streams of a connection.
#[derive(Debug, Default)]
pub(crate) struct Store {
    slots: Vec<Stream>,
    free: Vec<u32>,
    ring: Vec<Entry>,
    spilled: HashMap<u32, u32>,
    newest: u32,
    /// Ids up to here were lost when the ring grew.
    floor: u32,
}

impl Store {
    /// Streams that are not closed.
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Slots ever in use at once.
    pub(crate) fn slots(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn get(&self, key: StreamKey) -> Option<&Stream> {
        self.slots.get(key.slot()).filter(|stream| stream.id == key.id())
    }

    pub(crate) fn get_mut(&mut self, key: StreamKey) -> Option<&mut Stream> {
        self.slots.get_mut(key.slot()).filter(|stream| stream.id == key.id())
    }

    /// The stream in a slot, if any.
    pub(crate) fn at(&self, slot: u32) -> Option<&Stream> {
        self.slots.get(slot as usize).filter(|stream| stream.id != 0)
    }

    /// The same, to be changed.
    pub(crate) fn at_mut(&mut self, slot: u32) -> Option<&mut Stream> {
        self.slots.get_mut(slot as usize).filter(|stream| stream.id != 0)
    }

    /// The live streams.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (StreamKey, &Stream)> {
        let streams = self.slots.iter().zip(0..).filter(|(stream, _)| stream.id != 0);
        streams.map(|(stream, slot)| (StreamKey::new(slot, stream.id), stream))
    }

    /// What is known about `id`, which must not be above the highest one seen.
    pub(crate) fn find(&self, id: u32) -> Known {
        let entry = self.ring.get(self.index(id)).copied().unwrap_or(EMPTY);
        if entry.id == id {
            match entry.place {
                Place::Slot(slot) => return Known::Live(StreamKey::new(slot, id)),
                Place::Closed(how) => return Known::Closed(how),
                Place::Empty => {}
            }
        } else if let Some(&slot) = self.spilled.get(&id) {
            return Known::Live(StreamKey::new(slot, id));
        }
        let remembered = self.newest.saturating_sub(2 * self.ring.len() as u32).max(self.floor);
        if id <= remembered { Known::Forgotten } else { Known::Skipped }
    }

    /// A new stream; `id` is above every one before.
    pub(crate) fn insert(&mut self, id: u32) -> StreamKey {
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                self.slots.push(Stream::default());
                (self.slots.len() - 1) as u32
            }
        };
        if let Some(stream) = self.slots.get_mut(slot as usize) {
            stream.renew(id);
        }
        if self.len() * 2 > self.ring.len() && self.ring.len() < LARGEST_RING {
            self.grow();
        }
        self.newest = id;
        self.put(Entry { id, place: Place::Slot(slot) });
        StreamKey::new(slot, id)
    }

    /// A stream that was refused at once, without ever taking a slot.
    pub(crate) fn note_refused(&mut self, id: u32) {
        if self.ring.is_empty() {
            self.grow();
        }
        self.newest = id;
        self.put(Entry { id, place: Place::Closed(Closed::ResetByUs) });
    }

    /// Frees a stream's slot.
    pub(crate) fn remove(&mut self, key: StreamKey, how: Closed) {
        let Some(stream) = self.get_mut(key) else {
            return;
        };
        stream.retire();
        self.free.push(key.slot() as u32);
        self.note_closed(key.id(), how);
        if !self.spilled.is_empty() {
            self.spilled.remove(&key.id());
        }
    }

    /// Remembers how a closed stream ended, as long as it is remembered at all.
    pub(crate) fn note_closed(&mut self, id: u32, how: Closed) {
        let index = self.index(id);
        if let Some(entry) = self.ring.get_mut(index).filter(|entry| entry.id == id) {
            entry.place = Place::Closed(how);
        }
    }

    /// Gives back memory if no stream is live.
    pub(crate) fn trim(&mut self) {
        if self.is_empty() {
            self.slots = Vec::new();
            self.free = Vec::new();
            self.spilled = HashMap::new();
            // how streams ended long ago matters to nobody
            self.ring = Vec::new();
            self.floor = self.newest;
        }
    }

    fn index(&self, id: u32) -> usize {
        (id >> 1) as usize & self.ring.len().wrapping_sub(1)
    }

    fn put(&mut self, new: Entry) {
        let index = self.index(new.id);
        if let Some(entry) = self.ring.get_mut(index) {
            let old = core::mem::replace(entry, new);
            if let Place::Slot(slot) = old.place {
                self.spilled.insert(old.id, slot);
            }
        }
    }

    fn grow(&mut self) {
        let size = (self.ring.len() * 2).max(FIRST_RING);
        self.floor = self.newest.saturating_sub(2 * self.ring.len() as u32).max(self.floor);
        let mut old = core::mem::replace(&mut self.ring, vec![EMPTY; size]);
        old.sort_unstable_by_key(|entry| entry.id);
        for entry in old.into_iter().filter(|entry| entry.id != 0) {
            self.put(entry);
        }
    }
}
