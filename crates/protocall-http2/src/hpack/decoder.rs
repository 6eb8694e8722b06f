//! Blocks to field lists (RFC 7541 sections 3 and 6).
//! Every size is checked before bytes are copied or Huffman-decoded. Characters are checked in the
//! same pass; a breach only marks the list. Complete blocks come in: HEADERS and CONTINUATION are
//! joined by the connection.

#[cfg(test)]
mod tests;

use super::static_table::{self, StaticName};
use super::table::{DynamicTable, NewEntry};
use super::text::{self, Flaw};
use super::{DecodeError, HARD_LIMIT_FACTOR, HeaderLimits, Outcome, huffman, integer};
use crate::fields::{FIELD_OVERHEAD, Fields, Origin};

/// Decodes the header blocks of one direction of one connection, in the order they arrive.
///
/// Memory is bounded by the table size: about twice its bytes, and 24 bytes for each entry.
#[derive(Debug)]
pub struct Decoder {
    table: DynamicTable,
    /// The largest size update that the peer may send: what our SETTINGS said.
    allowed_table_size: usize,
    /// We lowered the size below what the peer uses: the next block must open with an update to
    /// this or less.
    owed_update: Option<usize>,
}

impl Decoder {
    /// A decoder whose dynamic table may take `max_table_size` bytes: the value of
    /// SETTINGS_HEADER_TABLE_SIZE that we advertise, or 4096 if we advertise none.
    pub fn new(max_table_size: usize) -> Self {
        Self {
            table: DynamicTable::new(max_table_size),
            allowed_table_size: max_table_size,
            owed_update: None,
        }
    }

    /// Keeps no more memory than the table's entries need.
    pub(crate) fn trim(&mut self) {
        self.table.trim();
    }

    /// Applies a new SETTINGS_HEADER_TABLE_SIZE of ours, once the peer has acknowledged it.
    ///
    /// If it is lower than the size in use, the peer's next block must open with a table size
    /// update (RFC 9113 section 4.3.1), or decoding it fails.
    pub fn set_max_table_size(&mut self, max_table_size: usize) {
        self.allowed_table_size = max_table_size;
        if max_table_size < self.table.max_size() {
            let owed = self.owed_update.map_or(max_table_size, |owed| owed.min(max_table_size));
            self.owed_update = Some(owed);
        }
    }

    /// Decodes one complete header block, appending to `fields`.
    ///
    /// The limits hold for the whole of `fields`. Beyond them the rest of the list is dropped, but
    /// the block is still worked through to keep the table in step, up to
    /// [`HARD_LIMIT_FACTOR`] times the limits. Nothing is allocated once `fields` and the table
    /// have grown to their usual size.
    ///
    /// # Errors
    /// The connection can decode nothing more after an error: see [`DecodeError`]. `fields` then
    /// holds the fields before it.
    pub fn decode(
        &mut self,
        block: &[u8],
        limits: &HeaderLimits,
        fields: &mut Fields,
    ) -> Result<Outcome, DecodeError> {
        let mut input = block;
        self.size_updates(&mut input)?;
        let mut list = List::new(limits, fields);
        while let Some((&first, rest)) = input.split_first() {
            input = rest;
            if first & 0x80 != 0 {
                let index = integer::decode(first, 7, &mut input)?;
                self.indexed(index, &mut list)?;
            } else if first & 0x40 != 0 {
                self.literal(first, 6, &mut input, &mut list)?;
            } else if first & 0x20 != 0 {
                return Err(DecodeError::MisplacedSizeUpdate);
            } else {
                self.literal(first, 4, &mut input, &mut list)?;
            }
        }
        Ok(if list.dropping { Outcome::TooLarge } else { Outcome::Complete })
    }

    /// Takes the size updates that may open a block (RFC 7541 section 6.3).
    fn size_updates(&mut self, input: &mut &[u8]) -> Result<(), DecodeError> {
        while let Some((&first, rest)) = input.split_first() {
            if first & 0xe0 != 0x20 {
                break;
            }
            *input = rest;
            let size = integer::decode(first, 5, input)?;
            if size > self.allowed_table_size {
                return Err(DecodeError::SizeUpdateTooLarge);
            }
            if self.owed_update.take_if(|owed| size <= *owed).is_none()
                && self.owed_update.is_some()
            {
                return Err(DecodeError::MissingSizeUpdate);
            }
            self.table.resize(size);
        }
        if self.owed_update.is_some() {
            return Err(DecodeError::MissingSizeUpdate);
        }
        Ok(())
    }

    /// An indexed field (RFC 7541 section 6.1).
    #[inline]
    fn indexed(&self, index: usize, list: &mut List<'_>) -> Result<(), DecodeError> {
        if let Some(entry) = static_table::entry(index) {
            if list.admit(entry.list_size())? {
                list.fields.push_static(index as u8, entry);
            }
            return Ok(());
        }
        let (number, entry) = self.dynamic(index)?;
        if list.admit(entry.name_len() + entry.value_len() + FIELD_OVERHEAD)? {
            let start = list.fields.arena().len();
            list.fields.arena().extend_from_slice(self.table.bytes(entry));
            let origin = Origin::Dynamic(number);
            list.fields.commit(start, entry.stored_name_len(), entry.name_id, origin);
            if let Some(flaw) = entry.flaw {
                list.fields.mark_malformed(flaw.reason());
            }
        }
        Ok(())
    }

    #[inline]
    fn dynamic(&self, index: usize) -> Result<(u64, &super::table::Entry), DecodeError> {
        index
            .checked_sub(static_table::LEN + 1)
            .and_then(|back| self.table.get(back))
            .ok_or(DecodeError::InvalidIndex)
    }

    /// A literal field (RFC 7541 section 6.2), whose name index has a prefix of `prefix_bits`: six
    /// if the field enters the table.
    fn literal(
        &mut self,
        first: u8,
        prefix_bits: u32,
        input: &mut &[u8],
        list: &mut List<'_>,
    ) -> Result<(), DecodeError> {
        let start = list.fields.arena().len();
        let name = self.literal_name(first, prefix_bits, input, list)?;
        let value_start = list.fields.arena().len();
        let listed_name = name.id.map_or(value_start - start, |id| id.as_bytes().len());
        let flags = list.string(input, listed_name + FIELD_OVERHEAD)?;

        let arena = list.fields.arena();
        let (name_bytes, value) =
            arena.get(start..).unwrap_or_default().split_at(value_start - start);
        let flaw = name.flaw.or_else(|| text::value_flaw(value, flags));
        let (name_len, value_len) = (name_bytes.len(), value.len());
        if prefix_bits == 6 {
            self.table.insert(NewEntry {
                name: name_bytes,
                value,
                name_id: name.id,
                name_flaw: name.flaw,
                flaw,
            });
        }
        if !list.admit(listed_name + value_len + FIELD_OVERHEAD)? {
            list.fields.arena().truncate(start);
            return Ok(());
        }
        list.fields.commit(start, name_len, name.id, Origin::Literal);
        if let Some(flaw) = flaw {
            list.fields.mark_malformed(flaw.reason());
        }
        Ok(())
    }

    /// The name of a literal field, put in the arena unless it is a static one.
    fn literal_name(
        &self,
        first: u8,
        prefix_bits: u32,
        input: &mut &[u8],
        list: &mut List<'_>,
    ) -> Result<Name, DecodeError> {
        let index = integer::decode(first, prefix_bits, input)?;
        if let Some(entry) = static_table::entry(index) {
            return Ok(Name { id: Some(entry.name), flaw: None });
        }
        let start = list.fields.arena().len();
        if index != 0 {
            let (_, entry) = self.dynamic(index)?;
            list.may_hold(entry.name_len() + FIELD_OVERHEAD)?;
            let name = self.table.bytes(entry).get(..entry.stored_name_len()).unwrap_or_default();
            list.fields.arena().extend_from_slice(name);
            return Ok(Name { id: entry.name_id, flaw: entry.name_flaw });
        }
        let flags = list.string(input, FIELD_OVERHEAD)?;
        let name = list.fields.arena().get(start..).unwrap_or_default();
        let (id, flaw) = (StaticName::from_bytes(name), text::name_flaw(name, flags));
        if id.is_some() {
            list.fields.arena().truncate(start);
        }
        Ok(Name { id, flaw })
    }
}

/// The name of a literal field.
struct Name {
    id: Option<StaticName>,
    flaw: Option<Flaw>,
}

/// The list under construction and its limits.
struct List<'a> {
    fields: &'a mut Fields,
    /// Bytes and number of all fields so far, dropped ones included.
    bytes: usize,
    count: usize,
    limits: HeaderLimits,
    hard: HeaderLimits,
    /// A limit was passed: this and every later field is dropped.
    dropping: bool,
}

impl<'a> List<'a> {
    fn new(limits: &HeaderLimits, fields: &'a mut Fields) -> Self {
        // The arena's spans are 32 bits wide; no honest limit comes near.
        let hard_bytes = limits.list_bytes.saturating_mul(HARD_LIMIT_FACTOR);
        let hard = HeaderLimits {
            list_bytes: hard_bytes.min(u32::MAX as usize),
            fields: limits.fields.saturating_mul(HARD_LIMIT_FACTOR),
        };
        let limits = HeaderLimits {
            list_bytes: limits.list_bytes.min(hard.list_bytes),
            fields: limits.fields,
        };
        let (bytes, count) = (fields.list_size(), fields.len());
        Self { fields, bytes, count, limits, hard, dropping: false }
    }

    /// Fails if `more` bytes would pass the hard limit.
    #[inline]
    fn may_hold(&self, more: usize) -> Result<(), DecodeError> {
        match self.bytes.checked_add(more) {
            Some(bytes) if bytes <= self.hard.list_bytes => Ok(()),
            _ => Err(DecodeError::TooLarge),
        }
    }

    /// Counts a field of `size` bytes, and tells whether the list takes it.
    #[inline]
    fn admit(&mut self, size: usize) -> Result<bool, DecodeError> {
        self.may_hold(size)?;
        self.bytes += size;
        self.count += 1;
        if self.count > self.hard.fields {
            return Err(DecodeError::TooLarge);
        }
        if self.bytes > self.limits.list_bytes || self.count > self.limits.fields {
            self.dropping = true;
        }
        Ok(!self.dropping)
    }

    /// Reads a string (RFC 7541 section 5.2) to the end of the arena and returns its joined
    /// character flags. `beside` is what its field counts beside it.
    #[inline]
    fn string(&mut self, input: &mut &[u8], beside: usize) -> Result<u8, DecodeError> {
        let (&first, mut rest) = input.split_first().ok_or(DecodeError::Truncated)?;
        let len = integer::decode(first, 7, &mut rest)?;
        let (string, rest) = rest.split_at_checked(len).ok_or(DecodeError::Truncated)?;
        *input = rest;
        if first & 0x80 != 0 {
            self.may_hold(beside + huffman::min_decoded_len(len))?;
            huffman::decode(string, self.fields.arena())
        } else {
            self.may_hold(beside + len)?;
            self.fields.arena().extend_from_slice(string);
            Ok(text::classify(string))
        }
    }
}
