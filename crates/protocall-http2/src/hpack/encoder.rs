//! Field lists to blocks (RFC 7541 sections 4.2 and 6).
//! The dynamic table only grows: when the next entry would evict another it is frozen, and from
//! then on the same fields are the same bytes, fit to be kept and replayed. Which fields enter the
//! table is the caller's choice, field by field.

mod lookup;
#[cfg(test)]
mod tests;

use self::lookup::{Lookup, field_hash, name_hash};
use super::static_table::{self, StaticName};
use super::{DEFAULT_TABLE_SIZE, huffman, integer};
use crate::fields::{FIELD_OVERHEAD, Field, Indexing};

/// The part of the table that one entry may take. A field above it is written out each time: it
/// would push a dozen ordinary fields out, and a single one must not freeze the table.
const LARGEST_SHARE: usize = 4;

/// First octet and prefix of the representations (RFC 7541 section 6).
const INDEXED: (u8, u32) = (0x80, 7);
const LITERAL_INSERTED: (u8, u32) = (0x40, 6);
const LITERAL: (u8, u32) = (0x00, 4);
const LITERAL_NEVER: (u8, u32) = (0x10, 4);
const SIZE_UPDATE: (u8, u32) = (0x20, 5);

/// Encodes the header blocks of one direction of one connection, in the order they are sent.
///
/// Its dynamic table takes at most 4096 bytes whatever the peer offers, or less where that is
/// wanted, so that no peer makes it grow. Strings are sent as they are; see
/// [`set_huffman`](Self::set_huffman).
#[derive(Debug)]
pub struct Encoder {
    lookup: Lookup,
    /// Sum of the entries' sizes, 32 a piece included.
    size: usize,
    /// The table's size in force: the peer's, or `most` if that is less.
    limit: usize,
    most: usize,
    /// The smallest size since the last block, which the next one must announce before `limit`.
    unannounced: Option<usize>,
    frozen: bool,
    generation: u64,
    huffman: bool,
}

impl Default for Encoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Encoder {
    /// An encoder for a peer that has not yet sent SETTINGS: its table takes
    /// [`DEFAULT_TABLE_SIZE`] bytes.
    pub fn new() -> Self {
        Self {
            lookup: Lookup::default(),
            size: 0,
            limit: DEFAULT_TABLE_SIZE,
            most: DEFAULT_TABLE_SIZE,
            unannounced: None,
            frozen: false,
            generation: 0,
            huffman: false,
        }
    }

    /// The same with a table of at most `most` bytes, [`DEFAULT_TABLE_SIZE`] at most; with 0 it
    /// has none. The first block says so (RFC 7541 section 4.2), if it is less than the default.
    pub fn limited_to(most: usize) -> Self {
        let mut encoder = Self { most: most.min(DEFAULT_TABLE_SIZE), ..Self::new() };
        encoder.set_peer_table_size(DEFAULT_TABLE_SIZE);
        encoder
    }

    /// Keeps no more memory than the table's entries need.
    pub(crate) fn trim(&mut self) {
        self.lookup.trim();
    }

    /// Switches Huffman coding of strings on or off, from the next field on; it is off at first.
    ///
    /// It saves about a quarter of a literal's bytes and costs several times the time of a copy:
    /// worth it on slow links only.
    pub fn set_huffman(&mut self, on: bool) {
        self.huffman = on;
    }

    /// Applies the peer's SETTINGS_HEADER_TABLE_SIZE, in bytes.
    ///
    /// The next block will open with the size updates that RFC 7541 section 4.2 demands. If the
    /// entries no longer fit, all of them go, so that the fields in use now can enter again.
    pub fn set_peer_table_size(&mut self, size: usize) {
        let limit = size.min(self.most);
        if limit == self.limit {
            return;
        }
        let mut smallest = self.unannounced.map_or(limit, |smallest| smallest.min(limit));
        if limit < self.size {
            self.lookup.clear();
            self.size = 0;
            self.generation += 1;
            // The peer evicts the oldest only; an update to zero empties its table too.
            smallest = 0;
        }
        self.unannounced = Some(smallest);
        self.limit = limit;
        self.frozen = self.largest_entry() <= FIELD_OVERHEAD;
    }

    /// Opens a header block at the end of `out`: to be called before the first field of each.
    pub fn begin_block(&mut self, out: &mut Vec<u8>) {
        if let Some(smallest) = self.unannounced.take() {
            if smallest < self.limit {
                put_integer(SIZE_UPDATE, smallest, out);
            }
            put_integer(SIZE_UPDATE, self.limit, out);
        }
    }

    /// Appends one field to the block in `out`.
    pub fn encode(&mut self, field: &Field<'_>, out: &mut Vec<u8>) {
        let id = StaticName::from_bytes(field.name);
        if field.indexing == Indexing::Never {
            let name_index = self.name_index(id, field.name);
            return self.literal(LITERAL_NEVER, name_index, field, out);
        }
        if let Some(index) = id.and_then(|id| id.index_with_value(field.value)) {
            return put_integer(INDEXED, index, out);
        }
        if field.indexing == Indexing::Literal {
            let name_index = self.name_index(id, field.name);
            return self.literal(LITERAL, name_index, field, out);
        }
        self.encode_indexed(id, field, out);
    }

    /// A number that changes whenever bytes encoded earlier stop being valid to replay: on each
    /// insertion, which shifts the dynamic indices, and when the table is emptied.
    ///
    /// Bytes are fit to be replayed, in this or a later block, if encoding them left the generation
    /// as it was and it is still the same: else encode the fields anew.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Whether the table is full: nothing more is inserted and the generation stands still, until
    /// the peer changes the table's size.
    pub fn is_frozen(&self) -> bool {
        self.frozen
    }

    fn encode_indexed(&mut self, id: Option<StaticName>, field: &Field<'_>, out: &mut Vec<u8>) {
        let name = name_hash(field.name);
        let hash = field_hash(name, field.value);
        if let Some(back) = self.lookup.find_field(hash, field.name, field.value) {
            return put_integer(INDEXED, static_table::LEN + 1 + back, out);
        }
        let name_index = match id {
            Some(id) => usize::from(id.index()),
            None => self.dynamic_name_index(name, field.name),
        };
        if !self.reserve(field) {
            return self.literal(LITERAL, name_index, field, out);
        }
        self.literal(LITERAL_INSERTED, name_index, field, out);
        self.lookup.insert(hash, id.is_none().then_some(name), field.name, field.value);
        self.generation += 1;
    }

    /// Takes room for `field` in the table, or freezes it if there is not enough.
    fn reserve(&mut self, field: &Field<'_>) -> bool {
        let size = field.name.len() + field.value.len() + FIELD_OVERHEAD;
        if self.frozen || size > self.largest_entry() {
            return false;
        }
        if self.size + size > self.limit {
            self.frozen = true;
            return false;
        }
        self.size += size;
        true
    }

    fn largest_entry(&self) -> usize {
        self.limit / LARGEST_SHARE
    }

    /// The wire index of an entry with this name, or zero.
    fn name_index(&self, id: Option<StaticName>, name: &[u8]) -> usize {
        match id {
            Some(id) => usize::from(id.index()),
            None if self.size == 0 => 0,
            None => self.dynamic_name_index(name_hash(name), name),
        }
    }

    fn dynamic_name_index(&self, hash: u64, name: &[u8]) -> usize {
        self.lookup.find_name(hash, name).map_or(0, |back| static_table::LEN + 1 + back)
    }

    fn literal(&self, form: (u8, u32), name_index: usize, field: &Field<'_>, out: &mut Vec<u8>) {
        put_integer(form, name_index, out);
        if name_index == 0 {
            self.string(field.name, out);
        }
        self.string(field.value, out);
    }

    /// A string (RFC 7541 section 5.2), Huffman-coded if that is wanted and shorter.
    fn string(&self, string: &[u8], out: &mut Vec<u8>) {
        if self.huffman {
            let len = huffman::encoded_len(string);
            if len < string.len() {
                integer::encode(len, 7, 0x80, out);
                return huffman::encode(string, out);
            }
        }
        integer::encode(string.len(), 7, 0, out);
        out.extend_from_slice(string);
    }
}

#[inline]
fn put_integer((pattern, prefix_bits): (u8, u32), value: usize, out: &mut Vec<u8>) {
    integer::encode(value, prefix_bits, pattern, out);
}
