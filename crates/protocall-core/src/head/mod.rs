//! gRPC's header fields: the only place that knows their names and forms (`PROTOCOL-HTTP2.md`).
//!
//! Input is any list of name and value pairs, output is a [`FieldList`]: HTTP/2 is not known here.
//! [`request`] is the head that a client sends, [`response`] the head and trailers of a server.

pub mod request;
pub mod response;

use crate::{Compression, Compressions};

/// The media type that all of gRPC's begin with.
const MEDIA_TYPE: &[u8] = b"application/grpc";

/// Name and value pairs in one buffer, reusable: a header list on its way out.
#[derive(Debug, Default)]
pub struct FieldList {
    bytes: Vec<u8>,
    ends: Vec<(usize, usize)>,
}

impl FieldList {
    /// An empty list; does not allocate.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), ends: Vec::new() }
    }

    /// Empties the list and keeps its memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Adds a pair.
    pub fn push(&mut self, name: &[u8], value: &[u8]) {
        self.bytes.extend_from_slice(name);
        let name_end = self.bytes.len();
        self.bytes.extend_from_slice(value);
        self.ends.push((name_end, self.bytes.len()));
    }

    /// Whether there is no pair.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The pairs in order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut start = 0;
        self.ends.iter().map(move |&(name_end, value_end)| {
            let name = self.bytes.get(start..name_end).unwrap_or_default();
            let value = self.bytes.get(name_end..value_end).unwrap_or_default();
            start = value_end;
            (name, value)
        })
    }
}

/// What the messages of a stream are compressed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// One that this side undoes.
    Known(Compression),
    /// An encoding that this side does not have, by its name.
    Unsupported(String),
}

impl Default for Encoding {
    fn default() -> Self {
        Self::Known(Compression::IDENTITY)
    }
}

impl Encoding {
    fn from_wire(value: &[u8], ours: &Compressions) -> Self {
        let unknown = || Self::Unsupported(String::from_utf8_lossy(value).into_owned());
        ours.find(value).map_or_else(unknown, Self::Known)
    }
}

/// Whether a media type is gRPC's: `application/grpc`, alone or followed by `+sub` or `;params`.
fn is_grpc(content_type: &[u8]) -> bool {
    match content_type.split_at_checked(MEDIA_TYPE.len()) {
        Some((head, rest)) => {
            head.eq_ignore_ascii_case(MEDIA_TYPE)
                && matches!(rest.first(), None | Some(b'+' | b';'))
        }
        None => false,
    }
}

#[cfg(test)]
mod tests;
