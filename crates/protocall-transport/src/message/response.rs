//! A response: one message, or a stream of them, with metadata before and after.

use protocall_core::{Compression, Metadata};

/// A message on its way to a client, or arrived there.
#[derive(Clone, Debug)]
pub struct Response<M> {
    message: M,
    metadata: Metadata,
    trailers: Metadata,
    compression: Option<Compression>,
    compressed: bool,
}

impl<M> Response<M> {
    /// A response without metadata.
    #[must_use]
    pub const fn new(message: M) -> Self {
        Self::from_parts(message, Metadata::new(), Metadata::new())
    }

    /// A response of these parts: message, leading metadata, trailing metadata.
    #[must_use]
    pub const fn from_parts(message: M, metadata: Metadata, trailers: Metadata) -> Self {
        Self { message, metadata, trailers, compression: None, compressed: false }
    }

    /// The parts: message, leading metadata, trailing metadata.
    pub fn into_parts(self) -> (M, Metadata, Metadata) {
        (self.message, self.metadata, self.trailers)
    }

    /// The message.
    pub const fn message(&self) -> &M {
        &self.message
    }

    /// The message, to change it.
    pub const fn message_mut(&mut self) -> &mut M {
        &mut self.message
    }

    /// The message alone.
    pub fn into_inner(self) -> M {
        self.message
    }

    /// The same response with another message.
    pub fn map<N>(self, convert: impl FnOnce(M) -> N) -> Response<N> {
        Response {
            message: convert(self.message),
            metadata: self.metadata,
            trailers: self.trailers,
            compression: self.compression,
            compressed: self.compressed,
        }
    }

    /// On a server: the same response with its messages compressed so, or, with
    /// [`Compression::IDENTITY`], not at all, whatever the server's own setting. A client that does
    /// not accept that compression gets them as they are.
    #[must_use]
    pub const fn with_compression(mut self, compression: Compression) -> Self {
        self.compression = Some(compression);
        self
    }

    /// What [`Response::with_compression`] was told.
    #[must_use]
    pub const fn compression(&self) -> Option<Compression> {
        self.compression
    }

    /// On a client: whether the one message came compressed. Of a stream of responses
    /// [`Streaming::was_compressed`](super::Streaming::was_compressed) tells.
    #[must_use]
    pub const fn was_compressed(&self) -> bool {
        self.compressed
    }

    pub(crate) const fn came_compressed(mut self, compressed: bool) -> Self {
        self.compressed = compressed;
        self
    }

    /// Metadata in front of the messages.
    pub const fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The leading metadata, to change it.
    pub const fn metadata_mut(&mut self) -> &mut Metadata {
        &mut self.metadata
    }

    /// Metadata behind the messages, beside the status.
    ///
    /// Of a stream that a client receives it is not known yet: see
    /// [`Streaming::trailers`](super::Streaming::trailers).
    pub const fn trailers(&self) -> &Metadata {
        &self.trailers
    }

    /// The trailing metadata, to change it.
    pub const fn trailers_mut(&mut self) -> &mut Metadata {
        &mut self.trailers
    }
}
