//! The decoder's dynamic table (RFC 7541 sections 2.3.2 and 4): a queue of entries over one
//! bounded arena. Entries are numbered in the order of insertion, for ever; the wire's indices,
//! counted back from the newest, are translated here.

use std::collections::VecDeque;
use std::fmt;

use super::StaticName;
use super::text::Flaw;
use crate::fields::FIELD_OVERHEAD;

/// Dead bytes at the arena's front that are not worth moving the live ones for.
const COMPACT_AT_LEAST: usize = 256;

/// Entries, newest last. The arena never takes more than twice the table's size and
/// [`COMPACT_AT_LEAST`] bytes: it is compacted when the dead bytes at its front outnumber the live
/// ones, so each byte is moved once on average.
pub(super) struct DynamicTable {
    entries: VecDeque<Entry>,
    bytes: Vec<u8>,
    /// Bytes at the front of `bytes` whose entries were evicted.
    dead: usize,
    /// Bytes ever removed from the front of `bytes`; an entry's `start` counts them in.
    removed: u64,
    /// Sum of the entries' sizes, 32 a piece included.
    size: usize,
    max_size: usize,
    inserted: u64,
}

/// One entry. Its name is in the arena only if `name_id` does not tell it; the value follows.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    start: u64,
    name_len: u32,
    value_len: u32,
    /// The name, if the static table has it.
    pub(super) name_id: Option<StaticName>,
    /// What is wrong with the name.
    pub(super) name_flaw: Option<Flaw>,
    /// What is wrong with the field, name or value.
    pub(super) flaw: Option<Flaw>,
}

/// A field about to be inserted.
#[derive(Clone, Copy)]
pub(super) struct NewEntry<'a> {
    /// The name's bytes; empty if `name_id` tells it.
    pub(super) name: &'a [u8],
    pub(super) value: &'a [u8],
    pub(super) name_id: Option<StaticName>,
    pub(super) name_flaw: Option<Flaw>,
    pub(super) flaw: Option<Flaw>,
}

impl DynamicTable {
    /// An empty table of at most `max_size` bytes. Allocates nothing yet.
    pub(super) fn new(max_size: usize) -> Self {
        Self {
            entries: VecDeque::new(),
            bytes: Vec::new(),
            dead: 0,
            removed: 0,
            size: 0,
            max_size,
            inserted: 0,
        }
    }

    /// Keeps no more memory than the entries need.
    pub(super) fn trim(&mut self) {
        self.entries.shrink_to_fit();
        self.bytes.shrink_to_fit();
    }

    /// The size in bytes that the entries may reach together.
    pub(super) fn max_size(&self) -> usize {
        self.max_size
    }

    /// Changes the size, evicting what no longer fits (RFC 7541 section 4.3).
    pub(super) fn resize(&mut self, max_size: usize) {
        self.max_size = max_size;
        self.evict_to(max_size);
    }

    /// The entry `back` places before the newest (0 is the newest), and its insertion number.
    #[inline]
    pub(super) fn get(&self, back: usize) -> Option<(u64, &Entry)> {
        let position = self.entries.len().checked_sub(back + 1)?;
        Some((self.inserted - 1 - back as u64, self.entries.get(position)?))
    }

    /// Name (empty if `name_id` tells it) and value of `entry`, contiguous.
    #[inline]
    pub(super) fn bytes(&self, entry: &Entry) -> &[u8] {
        let start = (entry.start - self.removed) as usize;
        self.bytes.get(start..start + entry.stored_len()).unwrap_or_default()
    }

    /// Adds an entry, evicting the oldest to make room; one that is larger than the whole table
    /// empties it, which is no error (RFC 7541 section 4.4).
    pub(super) fn insert(&mut self, new: NewEntry<'_>) {
        let number = self.inserted;
        let entry = Entry {
            start: 0,
            name_len: new.name.len() as u32,
            value_len: new.value.len() as u32,
            name_id: new.name_id,
            name_flaw: new.name_flaw,
            flaw: new.flaw,
        };
        let Some(room) = self.max_size.checked_sub(entry.size()) else {
            self.evict_to(0);
            return;
        };
        self.evict_to(room);
        self.make_room(entry.stored_len());
        let start = self.removed + self.bytes.len() as u64;
        self.bytes.extend_from_slice(new.name);
        self.bytes.extend_from_slice(new.value);
        self.size += entry.size();
        self.entries.push_back(Entry { start, ..entry });
        self.inserted = number + 1;
    }

    fn evict_to(&mut self, size: usize) {
        while self.size > size {
            let Some(oldest) = self.entries.pop_front() else { return };
            self.size -= oldest.size();
            self.dead += oldest.stored_len();
        }
    }

    /// Readies the arena for `more` bytes, which fit in the table beside the live ones.
    fn make_room(&mut self, more: usize) {
        let live = self.bytes.len() - self.dead;
        if self.dead >= live.max(COMPACT_AT_LEAST) {
            self.bytes.drain(..self.dead);
            self.removed += self.dead as u64;
            self.dead = 0;
        }
        let needed = self.bytes.len() + more;
        if needed > self.bytes.capacity() {
            // Doubles as a vector would by itself, but not beyond what the arena can come to.
            let most = self.max_size.saturating_mul(2).saturating_add(COMPACT_AT_LEAST);
            let target = needed.next_power_of_two().min(most).max(needed);
            self.bytes.reserve_exact(target - self.bytes.len());
        }
    }
}

/// Figures only: the peer may have indexed a secret.
impl fmt::Debug for DynamicTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamicTable")
            .field("entries", &self.entries.len())
            .field("size", &self.size)
            .field("max_size", &self.max_size)
            .field("inserted", &self.inserted)
            .finish_non_exhaustive()
    }
}

impl Entry {
    /// Length of the name, wherever it is kept.
    #[inline]
    pub(super) fn name_len(&self) -> usize {
        self.name_id.map_or(self.name_len as usize, |id| id.as_bytes().len())
    }

    /// Length of the part of the entry's bytes that is the name.
    #[inline]
    pub(super) fn stored_name_len(&self) -> usize {
        self.name_len as usize
    }

    /// Length of the value.
    #[inline]
    pub(super) fn value_len(&self) -> usize {
        self.value_len as usize
    }

    /// The entry's size as RFC 7541 section 4.1 counts it.
    fn size(&self) -> usize {
        self.name_len() + self.value_len() + FIELD_OVERHEAD
    }

    fn stored_len(&self) -> usize {
        self.name_len as usize + self.value_len as usize
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    fn insert(table: &mut DynamicTable, name: &[u8], value: &[u8]) {
        table.insert(NewEntry { name, value, name_id: None, name_flaw: None, flaw: None });
    }

    /// The arena's bound and the order of entries hold through thousands of evictions.
    #[test]
    fn arena_stays_bounded_and_entries_stay_right() {
        let mut table = DynamicTable::new(4096);
        let mut expected: VecDeque<(u64, Vec<u8>)> = VecDeque::new();
        for number in 0_u64..5000 {
            let value = vec![number as u8; (number * 7919 % 1500) as usize];
            insert(&mut table, b"name", &value);
            expected.push_back((number, value));
            while expected.iter().map(|(_, value)| value.len() + 36).sum::<usize>() > 4096 {
                expected.pop_front();
            }
            for (back, (number, value)) in expected.iter().rev().enumerate() {
                let (found, entry) = table.get(back).unwrap();
                assert_eq!(found, *number);
                assert_eq!(table.bytes(entry), [b"name", &value[..]].concat());
            }
            assert!(table.get(expected.len()).is_none());
            assert!(table.bytes.capacity() <= 2 * 4096 + COMPACT_AT_LEAST);
            assert!(table.entries.capacity() <= 128);
        }
    }

    #[test]
    fn too_large_an_entry_empties_the_table_and_takes_no_number() {
        let mut table = DynamicTable::new(100);
        insert(&mut table, b"a", b"b");
        insert(&mut table, b"a", &[0; 68]);
        assert!(table.get(0).is_none());
        insert(&mut table, b"a", &[0; 67]);
        assert_eq!(table.get(0).unwrap().0, 1);
        assert_eq!(table.size, 100);
        table.resize(99);
        assert!(table.get(0).is_none());
    }
}
