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

/// Where the stream is, or how it ended: a slot, or one of the numbers that no slot has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place(u32);

impl Place {
    const EMPTY: Self = Self(u32::MAX);
    /// The lowest number that is no slot: of [`Closed`]'s, the last.
    const NO_SLOT: u32 = u32::MAX - 3;

    const fn closed(how: Closed) -> Self {
        Self(match how {
            Closed::Ended => u32::MAX - 1,
            Closed::ResetByPeer => u32::MAX - 2,
            Closed::ResetByUs => Self::NO_SLOT,
        })
    }

    /// How the stream ended, or `Err` with its slot.
    const fn how(self) -> Result<Option<Closed>, u32> {
        Ok(match self {
            Self::EMPTY => None,
            _ if self.0 == Self::closed(Closed::Ended).0 => Some(Closed::Ended),
            _ if self.0 == Self::closed(Closed::ResetByPeer).0 => Some(Closed::ResetByPeer),
            _ if self.0 == Self::closed(Closed::ResetByUs).0 => Some(Closed::ResetByUs),
            Self(slot) => return Err(slot),
        })
    }
}

/// Eight bytes, and twice as many entries as streams.
#[derive(Clone, Copy, Debug)]
struct Entry {
    id: u32,
    place: Place,
}

impl Entry {
    const fn of(stream: StreamKey) -> Self {
        Self { id: stream.id, place: Place(stream.slot) }
    }
}

const EMPTY: Entry = Entry { id: 0, place: Place::EMPTY };

/// Slots are made by so many, or an eighth of those that are there: doubling would leave a
/// connection with a thousand idle streams as much memory again.
const FIRST_SLOTS: usize = 8;
const MORE_SLOTS: usize = 8;

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
            match entry.place.how() {
                Err(slot) => return Known::Live(StreamKey::new(slot, id)),
                Ok(Some(how)) => return Known::Closed(how),
                Ok(None) => {}
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
                if self.slots.len() == self.slots.capacity() {
                    self.slots.reserve_exact((self.slots.len() / MORE_SLOTS).max(FIRST_SLOTS));
                }
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
        self.put(Entry { id, place: Place(slot) });
        StreamKey::new(slot, id)
    }

    /// A stream that was refused at once, without ever taking a slot.
    pub(crate) fn note_refused(&mut self, id: u32) {
        if self.ring.is_empty() {
            self.grow();
        }
        self.newest = id;
        self.put(Entry { id, place: Place::closed(Closed::ResetByUs) });
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
            entry.place = Place::closed(how);
        }
    }

    /// Gives back memory that the live streams do not need.
    pub(crate) fn trim(&mut self) {
        let used = self.slots.iter().rposition(|stream| stream.id != 0);
        self.slots.truncate(used.map_or(0, |last| last + 1));
        self.slots.shrink_to_fit();
        self.slots.iter_mut().for_each(Stream::trim);
        self.free.retain(|slot| (*slot as usize) < self.slots.len());
        self.free.shrink_to_fit();
        self.trim_ring();
    }

    /// Keeps the ring's entries of live streams alone: how others ended matters to nobody after a
    /// while without work.
    fn trim_ring(&mut self) {
        let size = if self.is_empty() { 0 } else { (2 * self.len()).next_power_of_two() };
        if size >= self.ring.len() {
            return;
        }
        self.floor = self.newest;
        self.spilled = HashMap::new();
        self.ring = vec![EMPTY; size];
        let mut live: Vec<Entry> = self.iter().map(|(key, _)| Entry::of(key)).collect();
        live.sort_unstable_by_key(|entry| entry.id);
        for entry in live {
            self.put(entry);
        }
    }

    fn index(&self, id: u32) -> usize {
        (id >> 1) as usize & self.ring.len().wrapping_sub(1)
    }

    fn put(&mut self, new: Entry) {
        let index = self.index(new.id);
        if let Some(entry) = self.ring.get_mut(index) {
            let old = core::mem::replace(entry, new);
            if let Err(slot) = old.place.how() {
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
