//! Header fields as values: the decoded list that the connection hands out, and the field to send.
//! Not here: the wire form (`hpack`), and which fields a request or response may have (the
//! connection). Sizes follow RFC 9113 section 6.5.2.

#[cfg(test)]
mod tests;

use std::fmt;

use crate::hpack::{StaticName, static_table};

/// What a field counts beside the bytes of its name and value (RFC 9113 section 6.5.2, RFC 7541
/// section 4.1), so that many tiny fields are not free.
pub(crate) const FIELD_OVERHEAD: usize = 32;

/// One decoded header list, in the order of the wire.
///
/// Names and values are spans in one arena, or in HPACK's static table. A list is meant to be
/// reused: [`clear`](Self::clear) keeps the memory.
#[derive(Clone, Default)]
pub struct Fields {
    bytes: Vec<u8>,
    spans: Vec<Span>,
    list_size: usize,
    malformed: Option<&'static str>,
}

/// Where one field's bytes are. The arena holds the name only if `name_id` does not tell it, and
/// the value only if `origin` is not the static table; the value follows the name.
#[derive(Clone, Copy)]
struct Span {
    start: u32,
    name_len: u32,
    value_len: u32,
    name_id: Option<StaticName>,
    origin: Origin,
}

/// One field of a decoded list.
#[derive(Copy, Clone)]
pub struct FieldRef<'a> {
    /// The name as received; never empty and in lower case unless the list is malformed.
    pub name: &'a [u8],
    /// The value as received.
    pub value: &'a [u8],
    /// How the field was represented; a key for remembering what an indexed field means.
    pub origin: Origin,
    /// The name as a small integer: `Some` exactly if HPACK's static table has this name, however
    /// the peer wrote it. So matching on it needs no second look at `name`.
    pub name_id: Option<StaticName>,
}

/// How a received field was represented on the wire (RFC 7541 section 6).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The value was written out (the name may have been an index).
    Literal,
    /// Name and value are this entry of the static table, 1 to 61.
    Static(u8),
    /// Name and value are the dynamic table's entry with this insertion number: entries are
    /// numbered from 0 since the connection began and a number is never reused, so equal numbers
    /// mean equal fields for the life of the connection.
    Dynamic(u64),
}

/// A field to send.
///
/// The sender sees to it that the name is in lower case and that name and value hold only the
/// characters RFC 9113 section 8.2.1 allows; the encoder does not look.
#[derive(Copy, Clone)]
pub struct Field<'a> {
    /// The name, in lower case.
    pub name: &'a [u8],
    /// The value.
    pub value: &'a [u8],
    /// Whether the field may enter the dynamic table.
    pub indexing: Indexing,
}

/// What the encoder may do with a field (RFC 7541 sections 6.1 and 6.2).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Indexing {
    /// The field will come again: use an index, and add it to the dynamic table while it has room.
    Indexed,
    /// The field is unlikely to come again: write it out, and leave the table alone.
    Literal,
    /// The value is a secret: write it out and forbid every hop to index it (RFC 7541, 7.1.3).
    Never,
}

impl Fields {
    /// An empty list. Allocates nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Empties the list and keeps its memory for the next one.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.spans.clear();
        self.list_size = 0;
        self.malformed = None;
    }

    /// The number of fields.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The fields in the order of the wire.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = FieldRef<'_>> + DoubleEndedIterator {
        self.spans.iter().map(|span| self.resolve(span))
    }

    /// The field at `index`, counted from 0 in the order of the wire.
    pub fn get(&self, index: usize) -> Option<FieldRef<'_>> {
        self.spans.get(index).map(|span| self.resolve(span))
    }

    /// The first field called `name` (in lower case).
    pub fn find(&self, name: &[u8]) -> Option<FieldRef<'_>> {
        match StaticName::from_bytes(name) {
            Some(id) => self.spans.iter().find(|span| span.name_id == Some(id)),
            None => self
                .spans
                .iter()
                .find(|span| span.name_id.is_none() && self.resolve(span).name == name),
        }
        .map(|span| self.resolve(span))
    }

    /// The size of the list in bytes as SETTINGS_MAX_HEADER_LIST_SIZE counts it: the lengths of
    /// names and values, and 32 for each field (RFC 9113 section 6.5.2).
    pub fn list_size(&self) -> usize {
        self.list_size
    }

    /// Why a name or value breaks RFC 9113 section 8.2.1, if one does: the message is malformed
    /// and its stream is to be reset with PROTOCOL_ERROR, while the connection is sound.
    pub fn malformed(&self) -> Option<&'static str> {
        self.malformed
    }

    /// Notes a reason why the list is malformed; the first one stays.
    pub(crate) fn mark_malformed(&mut self, reason: &'static str) {
        self.malformed.get_or_insert(reason);
    }

    /// The arena. Bytes appended here become a field by [`commit`](Self::commit), or must be
    /// truncated away again.
    pub(crate) fn arena(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Appends the field whose name (unless `name_id` tells it) and value were put in the arena
    /// from `start` on. The caller keeps the arena below 4 GiB.
    pub(crate) fn commit(
        &mut self,
        start: usize,
        name_len: usize,
        name_id: Option<StaticName>,
        origin: Origin,
    ) {
        let value_len = self.bytes.len() - start - name_len;
        let listed_name = name_id.map_or(name_len, |id| id.as_bytes().len());
        self.list_size += listed_name + value_len + FIELD_OVERHEAD;
        self.spans.push(Span {
            start: start as u32,
            name_len: name_len as u32,
            value_len: value_len as u32,
            name_id,
            origin,
        });
    }

    /// Appends a whole entry of the static table; nothing is copied.
    pub(crate) fn push_static(&mut self, index: u8, entry: &static_table::Entry) {
        self.list_size += entry.list_size();
        self.spans.push(Span {
            start: 0,
            name_len: 0,
            value_len: 0,
            name_id: Some(entry.name),
            origin: Origin::Static(index),
        });
    }

    fn resolve(&self, span: &Span) -> FieldRef<'_> {
        let name_start = span.start as usize;
        let value_start = name_start + span.name_len as usize;
        let value_end = value_start + span.value_len as usize;
        let name = match span.name_id {
            Some(id) => id.as_bytes(),
            None => self.bytes.get(name_start..value_start).unwrap_or_default(),
        };
        let value = match span.origin {
            Origin::Static(index) => {
                static_table::entry(index as usize).map_or(&[][..], |entry| entry.value.as_bytes())
            }
            Origin::Literal | Origin::Dynamic(_) => {
                self.bytes.get(value_start..value_end).unwrap_or_default()
            }
        };
        FieldRef { name, value, origin: span.origin, name_id: span.name_id }
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Hides the values of the fields that carry credentials by definition.
impl fmt::Debug for FieldRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_secret = matches!(
            self.name_id,
            Some(
                StaticName::Authorization
                    | StaticName::ProxyAuthorization
                    | StaticName::Cookie
                    | StaticName::SetCookie
            )
        );
        let mut out = f.debug_struct("FieldRef");
        debug_pair(&mut out, self.name, (!is_secret).then_some(self.value));
        out.field("origin", &self.origin).finish()
    }
}

impl<'a> Field<'a> {
    /// A field that will come again (`content-type`, `:path`): it may enter the dynamic table.
    pub const fn indexed(name: &'a [u8], value: &'a [u8]) -> Self {
        Self { name, value, indexing: Indexing::Indexed }
    }

    /// A field whose value changes (`grpc-timeout`, a request id): it leaves the table alone.
    pub const fn literal(name: &'a [u8], value: &'a [u8]) -> Self {
        Self { name, value, indexing: Indexing::Literal }
    }

    /// A secret (`authorization`, `cookie`): no hop may index it.
    pub const fn secret(name: &'a [u8], value: &'a [u8]) -> Self {
        Self { name, value, indexing: Indexing::Never }
    }
}

/// Hides the value of a secret, which logs must never show.
impl fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Field");
        debug_pair(&mut out, self.name, (self.indexing != Indexing::Never).then_some(self.value));
        out.field("indexing", &self.indexing).finish()
    }
}

fn debug_pair(out: &mut fmt::DebugStruct<'_, '_>, name: &[u8], value: Option<&[u8]>) {
    out.field("name", &format_args!("{}", name.escape_ascii()));
    match value {
        Some(value) => out.field("value", &format_args!("{}", value.escape_ascii())),
        None => out.field("value", &format_args!("<secret>")),
    };
}
