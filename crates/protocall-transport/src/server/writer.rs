//! What a handler answers into: head, messages, status, straight into the connection's output.

use super::slot::Reply;
use crate::bounds::enclose;
use crate::intercept::Hooks;
use crate::parts::{literal, with_parts};
use crate::stats::Totals;
use bytes::Bytes;
use protocall_core::codec::Codec;
use protocall_core::envelope;
use protocall_core::head::FieldList;
use protocall_core::head::request::{write_encoding, write_metadata};
use protocall_core::head::response::write_trailers;
use protocall_core::{Code, Compression, Compressions, Metadata, Status};
use protocall_http2::{
    Connection, ErrorCode, Field, Indexing, Output, Part, SendError, StreamKey, TemplateId,
};

/// Enveloped messages of this size or more are sent by reference, smaller ones are copied into the
/// output, where the copy costs less than another slice of the write.
const SHARE_FROM: usize = 2 * 1024;
/// Messages are sent together up to this many bytes: one DATA frame's worth.
const BATCH: usize = 16 * 1024;

/// Header lists that every response has, encoded once for the connection.
#[derive(Debug)]
pub(crate) struct Templates {
    head: TemplateId,
    success: TemplateId,
}

impl Templates {
    pub(crate) fn new(http2: &mut Connection) -> Self {
        let field = |name, value| Field { name, value, indexing: Indexing::Indexed };
        let head = http2.add_template(&[
            field(&b":status"[..], &b"200"[..]),
            field(b"content-type", b"application/grpc"),
        ]);
        let success = http2.add_template(&[field(b"grpc-status", b"0")]);
        http2.set_least_response(&[Part::Template(head)]);
        Self { head, success }
    }
}

/// Memory that the responses of a connection share.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) templates: Templates,
    pub(crate) messages: Vec<u8>,
    pub(crate) fields: FieldList,
    /// What messages are compressed into.
    pub(crate) scratch: Vec<u8>,
    /// What this side undoes, and may use where the client undoes it too.
    pub(crate) compressions: Compressions,
    /// What responses are compressed with unless their handler says something else.
    pub(crate) compression: Compression,
}

impl Workspace {
    /// Gives memory back; between two polls of handlers nothing of it is in use.
    pub(crate) fn trim(&mut self) {
        self.messages = Vec::new();
        self.fields = FieldList::new();
        self.scratch = Vec::new();
    }
}

/// Takes a call's response: [`head`](Self::head) if there is leading metadata, messages, then
/// [`finish`](Self::finish).
#[derive(Debug)]
pub struct ResponseWriter<'a> {
    pub(crate) http2: &'a mut Connection,
    pub(crate) key: StreamKey,
    pub(crate) space: &'a mut Workspace,
    pub(crate) reply: &'a mut Reply,
    pub(crate) max_message: usize,
    pub(crate) totals: &'a Totals,
    /// What interceptors have left with the call.
    pub(crate) hooks: Option<&'a Hooks>,
}

impl ResponseWriter<'_> {
    /// The same writer, for a call that interceptors have left something with.
    pub const fn with_hooks<'b>(&'b mut self, hooks: &'b Hooks) -> ResponseWriter<'b> {
        ResponseWriter {
            http2: self.http2,
            key: self.key,
            space: self.space,
            reply: self.reply,
            max_message: self.max_message,
            totals: self.totals,
            hooks: Some(hooks),
        }
    }

    /// Sends the head with leading metadata; without this call the head goes with the first
    /// message, or with the status.
    pub fn head(&mut self, metadata: &Metadata) {
        if self.reply.head_sent {
            return;
        }
        self.space.fields.clear();
        write_encoding(self.reply.compression(), &mut self.space.fields);
        match self.hooks {
            Some(hooks) => write_metadata(&hooks.head(metadata.clone()), &mut self.space.fields),
            None => write_metadata(metadata, &mut self.space.fields),
        }
        self.send_head(false);
    }

    /// Compresses the messages so from here on, if the client accepts it, else not at all. Of no
    /// effect behind the head, which says it.
    pub fn compress_with(&mut self, compression: Compression) {
        if !self.reply.head_sent && self.space.messages.is_empty() {
            let allowed = self.space.compressions.allows(self.reply.accepts, compression);
            let compression = if allowed { compression } else { Compression::IDENTITY };
            self.reply.set_compression(compression);
        }
    }

    /// Whether the client takes more now. More is still accepted when it does not, and kept.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.http2.capacity(self.key) > self.space.messages.len()
    }

    /// Sends a message.
    ///
    /// # Errors
    /// The message cannot be encoded or is larger than the limit; nothing of it was sent.
    pub fn message<C: Codec<M>, M>(&mut self, message: &M) -> Result<(), Status> {
        self.message_with::<C, M>(message, self.reply.compression())
    }

    /// Sends a message as it is, also where the others are compressed.
    ///
    /// # Errors
    /// As [`ResponseWriter::message`].
    pub fn message_uncompressed<C: Codec<M>, M>(&mut self, message: &M) -> Result<(), Status> {
        self.message_with::<C, M>(message, Compression::IDENTITY)
    }

    fn message_with<C: Codec<M>, M>(
        &mut self,
        message: &M,
        compression: Compression,
    ) -> Result<(), Status> {
        if let Some(hooks) = self.hooks {
            return self.hooked::<C, M>(hooks, message, compression);
        }
        let Workspace { messages, scratch, .. } = &mut *self.space;
        let start = messages.len();
        enclose::<C, M>(message, messages, self.max_message, self.totals)?;
        if !compression.is_identity() {
            envelope::compress(messages, start, compression, scratch)?;
        }
        if self.space.messages.len() >= BATCH {
            self.flush();
        }
        Ok(())
    }

    fn hooked<C: Codec<M>, M>(
        &mut self,
        hooks: &Hooks,
        message: &M,
        compression: Compression,
    ) -> Result<(), Status> {
        self.head(&Metadata::new());
        let mut bytes = Vec::new();
        enclose::<C, M>(message, &mut bytes, self.max_message, self.totals)?;
        let mut bytes = hooks.reply(bytes)?;
        if !compression.is_identity() {
            envelope::compress(&mut bytes, 0, compression, &mut self.space.scratch)?;
        }
        self.space.messages.extend_from_slice(&bytes);
        if self.space.messages.len() >= BATCH {
            self.flush();
        }
        Ok(())
    }

    /// Ends the response with its trailing metadata, or with an error. What the client still sends
    /// is of no use then, and it is told so.
    pub fn finish(&mut self, status: Result<&Metadata, &Status>) {
        match self.hooks {
            Some(hooks) => {
                if let Err(status) = status
                    && !status.headers().is_empty()
                {
                    self.head(status.headers());
                }
                let mut outcome = status.cloned().map_err(Status::clone);
                hooks.end(&mut outcome);
                self.write_end(outcome.as_ref());
            }
            None => self.write_end(status),
        }
        self.http2.discard(self.key);
    }

    fn write_end(&mut self, status: Result<&Metadata, &Status>) {
        if let Err(status) = status
            && !status.headers().is_empty()
        {
            self.head(status.headers());
        }
        self.flush();
        self.reply.finished = true;
        if self.reply.broken {
            return;
        }
        self.space.fields.clear();
        if let Ok(metadata) = status
            && metadata.is_empty()
            && self.reply.head_sent
        {
            let trailers = [Part::Template(self.space.templates.success)];
            let sent = self.http2.send_headers(self.key, &trailers, true);
            self.check(sent, false);
            return;
        }
        write_trailers(status, &mut self.space.fields);
        if self.reply.head_sent { self.send_trailers() } else { self.send_head(true) }
    }

    /// Hands the messages that were gathered to the stream.
    pub(crate) fn flush(&mut self) {
        if self.space.messages.is_empty() {
            return;
        }
        if !self.reply.head_sent && !self.reply.broken {
            self.space.fields.clear();
            write_encoding(self.reply.compression(), &mut self.space.fields);
            self.send_head(false);
        }
        let messages = &mut self.space.messages;
        if self.reply.broken {
            return messages.clear();
        }
        let sent = if messages.len() < SHARE_FROM {
            let sent = self.http2.send_data_copied(self.key, messages, false);
            messages.clear();
            sent
        } else {
            let shared = share(messages, self.http2.output());
            self.http2.send_data(self.key, shared, false)
        };
        self.check(sent, false);
    }

    /// Sends the head, with the fields that were gathered; with `end` it is trailers-only.
    fn send_head(&mut self, end: bool) {
        self.reply.head_sent = true;
        let template = Part::Template(self.space.templates.head);
        let sent = match self.reply.content_type() {
            None if self.space.fields.is_empty() => {
                self.http2.send_headers(self.key, &[template], end)
            }
            None => {
                let fields = || self.space.fields.iter().map(literal);
                let head = || [template].into_iter().chain(fields());
                with_parts(head, |head| self.http2.send_headers(self.key, head, end))
            }
            Some(content_type) => {
                let fields = || self.space.fields.iter().map(literal);
                let first: [(&[u8], &[u8]); 2] =
                    [(b":status", b"200"), (b"content-type", content_type)];
                let head = || first.into_iter().map(literal).chain(fields());
                with_parts(head, |head| self.http2.send_headers(self.key, head, end))
            }
        };
        self.check(sent, true);
    }

    fn send_trailers(&mut self) {
        let trailers = || self.space.fields.iter().map(literal);
        let sent = with_parts(trailers, |all| self.http2.send_headers(self.key, all, true));
        self.check(sent, false);
    }

    /// A header list that the client would not take ends the call, in as few words as there are.
    fn check(&mut self, sent: Result<(), SendError>, is_head: bool) {
        // gone: the client no longer waits, and is told nothing
        let Err(error) = sent.or_else(|error| match error {
            SendError::StreamGone => Ok(()),
            other => Err(other),
        }) else {
            return;
        };
        self.reply.broken = true;
        let status = literal((b"grpc-status", Code::ResourceExhausted.wire().as_bytes()));
        let list = [
            Part::Template(self.space.templates.head),
            status,
            literal((b"grpc-message", TOO_MUCH)),
        ];
        let list = if is_head { &list[..] } else { &list[1..] };
        let told = error == SendError::HeaderListTooLarge
            && self.http2.send_headers(self.key, list, true).is_ok();
        if !told {
            let _ = self.http2.reset(self.key, ErrorCode::INTERNAL_ERROR);
        }
    }
}

/// The messages by reference, and a buffer for further ones in their place. A buffer of more than
/// twice their size stays: what waits for windows is to hold what it counts as.
fn share(messages: &mut Vec<u8>, output: &mut Output) -> Bytes {
    if messages.capacity() / 2 > messages.len() {
        let shared = Bytes::copy_from_slice(messages);
        messages.clear();
        return shared;
    }
    let spent = if messages.len() >= BATCH { output.take_spent() } else { None };
    Bytes::from(std::mem::replace(messages, spent.unwrap_or_default()))
}

/// What a client is told whose SETTINGS_MAX_HEADER_LIST_SIZE is below what a call has to say.
const TOO_MUCH: &[u8] = b"the response's metadata is larger than the client accepts";
