//! The encoder's side of the dynamic table: entries found by field or by name. Entries are only
//! added or all removed together, so positions are stable and nothing is ever unlinked. When there
//! is room for an entry is the encoder's business.

use std::fmt;

use super::DEFAULT_TABLE_SIZE;
use crate::fields::FIELD_OVERHEAD;

/// Slots of each index: twice the entries that 4096 bytes can hold, and a power of two.
const SLOTS: usize = 256;

// A slot holds an entry's position plus one in an octet, and an index is at most half full, so
// that a search ends; positions in the arena fit in 16 bits.
const _: () = assert!(DEFAULT_TABLE_SIZE / FIELD_OVERHEAD <= SLOTS / 2);
const _: () = assert!(DEFAULT_TABLE_SIZE <= u16::MAX as usize);

/// Entries that are looked at one by one before an index is worth its memory: a server's connection
/// rarely has more.
const FEW: usize = 8;

/// An index with linear probing; zero is a free slot. Made when it is first needed.
type Index = Option<Box<[u8; SLOTS]>>;

/// Entries in the order of insertion, and two indices.
#[derive(Default)]
pub(super) struct Lookup {
    entries: Vec<Entry>,
    bytes: Vec<u8>,
    /// From [`FEW`] entries on.
    by_field: Index,
    by_name: Index,
}

#[derive(Clone, Copy)]
struct Entry {
    hash: u64,
    start: u16,
    name_len: u16,
    value_len: u16,
}

impl Lookup {
    /// Keeps no more memory than the entries need.
    pub(super) fn trim(&mut self) {
        self.entries.shrink_to_fit();
        self.bytes.shrink_to_fit();
    }

    /// Removes every entry.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.bytes.clear();
        self.by_field = None;
        self.by_name = None;
    }

    /// How many places before the newest entry (0 is the newest) the field is, if it is there.
    pub(super) fn find_field(&self, hash: u64, name: &[u8], value: &[u8]) -> Option<usize> {
        let is_wanted = |entry: &Entry| {
            entry.hash == hash && self.name(entry) == name && self.value(entry) == value
        };
        match &self.by_field {
            Some(index) => self.find(index, hash, is_wanted),
            None => self.entries.iter().rev().position(is_wanted),
        }
    }

    /// How many places before the newest entry one with this name is. Names of the static table
    /// are not kept, since their index there is shorter.
    pub(super) fn find_name(&self, hash: u64, name: &[u8]) -> Option<usize> {
        self.find(self.by_name.as_ref()?, hash, |entry| self.name(entry) == name)
    }

    /// Adds a field that is not there yet; `name_hash` is that of a name to be found by
    /// [`find_name`](Self::find_name). The caller keeps the sizes within [`DEFAULT_TABLE_SIZE`].
    pub(super) fn insert(&mut self, hash: u64, name_hash: Option<u64>, name: &[u8], value: &[u8]) {
        let new_name = name_hash.filter(|&hash| self.find_name(hash, name).is_none());
        self.entries.push(Entry {
            hash,
            start: self.bytes.len() as u16,
            name_len: name.len() as u16,
            value_len: value.len() as u16,
        });
        self.bytes.extend_from_slice(name);
        self.bytes.extend_from_slice(value);
        let link = self.entries.len() as u8;
        if let Some(index) = &mut self.by_field {
            occupy(index, hash, link);
        } else if self.entries.len() > FEW {
            let index = self.by_field.insert(Box::new([0; SLOTS]));
            for (entry, link) in self.entries.iter().zip(1..) {
                occupy(index, entry.hash, link);
            }
        }
        if let Some(hash) = new_name {
            occupy(self.by_name.get_or_insert_with(|| Box::new([0; SLOTS])), hash, link);
        }
    }

    #[inline]
    fn find(
        &self,
        index: &[u8; SLOTS],
        hash: u64,
        is_wanted: impl Fn(&Entry) -> bool,
    ) -> Option<usize> {
        let mut slot = first_slot(hash);
        loop {
            let position = usize::from(index[slot].checked_sub(1)?);
            if is_wanted(self.entries.get(position)?) {
                return Some(self.entries.len() - 1 - position);
            }
            slot = (slot + 1) % SLOTS;
        }
    }

    fn name(&self, entry: &Entry) -> &[u8] {
        let start = usize::from(entry.start);
        self.bytes.get(start..start + usize::from(entry.name_len)).unwrap_or_default()
    }

    fn value(&self, entry: &Entry) -> &[u8] {
        let start = usize::from(entry.start) + usize::from(entry.name_len);
        self.bytes.get(start..start + usize::from(entry.value_len)).unwrap_or_default()
    }
}

/// Figures only, as values are nobody's business.
impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookup").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}

fn occupy(index: &mut [u8; SLOTS], hash: u64, link: u8) {
    let mut slot = first_slot(hash);
    while index[slot] != 0 {
        slot = (slot + 1) % SLOTS;
    }
    index[slot] = link;
}

#[inline]
fn first_slot(hash: u64) -> usize {
    (hash >> 32) as usize % SLOTS
}

/// The hash of a name. Not secret: whoever picks fields that collide makes a search of at most 128
/// entries out of one, and nothing else.
#[inline]
pub(super) fn name_hash(name: &[u8]) -> u64 {
    mix(0, name)
}

/// The hash of a field, from that of its name.
#[inline]
pub(super) fn field_hash(name_hash: u64, value: &[u8]) -> u64 {
    mix(name_hash, value)
}

/// Folds `bytes` into `hash`, eight at a time.
#[inline]
fn mix(hash: u64, bytes: &[u8]) -> u64 {
    // An odd number with many bits set, from the digits of the golden ratio.
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let step = |hash: u64, word: u64| (hash.rotate_left(23) ^ word).wrapping_mul(FACTOR);
    let mut hash = step(hash, bytes.len() as u64);
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        hash = step(hash, chunk.try_into().map_or(0, u64::from_le_bytes));
    }
    let rest = chunks.remainder().iter().fold(0, |word, &byte| word << 8 | u64::from(byte));
    step(hash, rest)
}
