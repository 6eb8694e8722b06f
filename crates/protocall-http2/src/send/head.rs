//! Header lists on their way out: templates, heads that wait, and the HEADERS frame around them.

use crate::connection::{Connection, Part, TemplateId};
use crate::fields::{FIELD_OVERHEAD, Field, Indexing};
use crate::frame::{HEAD_BYTES, Head, continuation, flag, kind};
use crate::hpack::Encoder;

/// Fields that own their bytes.
#[derive(Debug, Default)]
struct OwnedFields {
    bytes: Vec<u8>,
    /// Ends of name and value.
    spans: Vec<(usize, usize, Indexing)>,
}

impl OwnedFields {
    fn push(&mut self, field: &Field<'_>) {
        self.bytes.extend_from_slice(field.name);
        let name_end = self.bytes.len();
        self.bytes.extend_from_slice(field.value);
        self.spans.push((name_end, self.bytes.len(), field.indexing));
    }

    fn iter(&self) -> impl Iterator<Item = Field<'_>> {
        let mut start = 0;
        self.spans.iter().map(move |&(name_end, end, indexing)| {
            let name = self.bytes.get(start..name_end).unwrap_or_default();
            let value = self.bytes.get(name_end..end).unwrap_or_default();
            start = end;
            Field { name, value, indexing }
        })
    }
}

/// A run of fields known beforehand, with the bytes they were last encoded to.
#[derive(Debug, Default)]
struct Template {
    fields: OwnedFields,
    list_size: usize,
    is_head_request: bool,
    encoded: Vec<u8>,
    /// The encoder's generation for which `encoded` holds.
    valid_for: Option<u64>,
}

/// The templates of a connection.
#[derive(Debug, Default)]
pub(crate) struct Templates {
    list: Vec<Template>,
}

impl Templates {
    /// Keeps no more memory than the templates need.
    pub(crate) fn trim(&mut self) {
        self.list.shrink_to_fit();
        for template in &mut self.list {
            template.fields.bytes.shrink_to_fit();
            template.fields.spans.shrink_to_fit();
            template.encoded.shrink_to_fit();
        }
    }

    fn get(&self, id: TemplateId) -> Option<&Template> {
        self.list.get(id.0 as usize)
    }

    /// Appends the template's fields to the block in `out`; replays the bytes if they still hold.
    fn encode(&mut self, id: TemplateId, encoder: &mut Encoder, out: &mut Vec<u8>) {
        let Some(template) = self.list.get_mut(id.0 as usize) else {
            return;
        };
        let generation = encoder.generation();
        if template.valid_for == Some(generation) {
            out.extend_from_slice(&template.encoded);
            return;
        }
        let start = out.len();
        for field in template.fields.iter() {
            encoder.encode(&field, out);
        }
        if encoder.generation() == generation {
            template.encoded.clear();
            template.encoded.extend_from_slice(out.get(start..).unwrap_or_default());
            template.valid_for = Some(generation);
        }
    }
}

/// Trailers that wait behind data. They are encoded when their turn comes, since the encoder's
/// state must follow the order on the wire.
#[derive(Debug, Default)]
pub(crate) struct QueuedHead {
    fields: OwnedFields,
    /// Templates, and after how many of the fields each stands.
    templates: Vec<(usize, TemplateId)>,
}

impl QueuedHead {
    pub(crate) fn new(parts: &[Part<'_>]) -> Self {
        let mut queued = Self::default();
        for part in parts {
            match part {
                Part::Template(id) => queued.templates.push((queued.fields.spans.len(), *id)),
                Part::Field(field) => queued.fields.push(field),
            }
        }
        queued
    }

    fn encode(&self, templates: &mut Templates, encoder: &mut Encoder, out: &mut Vec<u8>) {
        let mut waiting = self.templates.iter().peekable();
        for (index, field) in self.fields.iter().enumerate() {
            while let Some((_, id)) = waiting.next_if(|(at, _)| *at <= index) {
                templates.encode(*id, encoder, out);
            }
            encoder.encode(&field, out);
        }
        for (_, id) in waiting {
            templates.encode(*id, encoder, out);
        }
    }
}

impl Connection {
    /// Keeps a run of fields that is encoded once and replayed as bytes while the encoder's table
    /// is unchanged. Templates live as long as the connection.
    pub fn add_template(&mut self, fields: &[Field<'_>]) -> TemplateId {
        let mut template = Template::default();
        for field in fields {
            template.fields.push(field);
            template.list_size += list_size(field);
            template.is_head_request |= is_head_request(field);
        }
        self.templates.list.push(template);
        TemplateId((self.templates.list.len() - 1) as u32)
    }

    /// Tells that every response has these fields, so that requests of a client whose
    /// SETTINGS_MAX_HEADER_LIST_SIZE leaves no room for them are refused before anybody works for
    /// them (servers only). Each costs the client what breaking a rule on a stream costs it.
    pub fn set_least_response(&mut self, head: &[Part<'_>]) {
        self.least_response = u32::try_from(self.list_size(head)).unwrap_or(u32::MAX);
    }

    fn list_size(&self, parts: &[Part<'_>]) -> usize {
        parts
            .iter()
            .map(|part| match part {
                Part::Field(field) => list_size(field),
                Part::Template(id) => self.templates.get(*id).map_or(0, |found| found.list_size),
            })
            .sum()
    }

    /// Whether the peer accepts a list of this size (RFC 9113 section 6.5.2).
    pub(super) fn fits_peer(&self, parts: &[Part<'_>]) -> bool {
        let Some(limit) = self.peer.max_header_list_bytes else {
            return true;
        };
        self.list_size(parts) <= limit as usize
    }

    pub(super) fn is_head_request(&self, parts: &[Part<'_>]) -> bool {
        parts.iter().any(|part| match part {
            Part::Field(field) => is_head_request(field),
            Part::Template(id) => {
                self.templates.get(*id).is_some_and(|found| found.is_head_request)
            }
        })
    }

    /// Writes HEADERS (and CONTINUATION, if the peer's frames are too small for the block).
    pub(super) fn write_head(&mut self, stream: u32, parts: &[Part<'_>], end_stream: bool) {
        let at = self.open_block();
        let out = self.output.buffer();
        for part in parts {
            match part {
                Part::Field(field) => self.encoder.encode(field, out),
                Part::Template(id) => self.templates.encode(*id, &mut self.encoder, out),
            }
        }
        self.close_block(at, stream, end_stream);
    }

    /// Writes trailers that had to wait.
    pub(super) fn write_queued_head(&mut self, stream: u32, queued: &QueuedHead) {
        let at = self.open_block();
        queued.encode(&mut self.templates, &mut self.encoder, self.output.buffer());
        self.close_block(at, stream, true);
    }

    fn open_block(&mut self) -> usize {
        let out = self.output.buffer();
        let at = out.len();
        out.extend_from_slice(&[0; HEAD_BYTES]);
        self.encoder.begin_block(out);
        at
    }

    fn close_block(&mut self, at: usize, stream: u32, end_stream: bool) {
        self.liveness.sent_payload();
        let max = self.peer.max_frame_bytes;
        let out = self.output.buffer();
        let length = (out.len() - at - HEAD_BYTES) as u32;
        let end = if end_stream { flag::END_STREAM } else { 0 };
        let head = Head { length, kind: kind::HEADERS, flags: flag::END_HEADERS | end, stream };
        if length > max {
            continuation::split(out, at, head, max as usize);
        } else if let Some(place) = out.get_mut(at..at + HEAD_BYTES) {
            place.copy_from_slice(&head.to_bytes());
        }
    }
}

fn list_size(field: &Field<'_>) -> usize {
    field.name.len() + field.value.len() + FIELD_OVERHEAD
}

fn is_head_request(field: &Field<'_>) -> bool {
    field.name == b":method" && field.value == b"HEAD"
}
