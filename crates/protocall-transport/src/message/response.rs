//! A response: one message, or a stream of them, with metadata before and after.

use protocall_core::Metadata;

/// A message on its way to a client, or arrived there.
#[derive(Clone, Debug)]
pub struct Response<M> {
    message: M,
    metadata: Metadata,
    trailers: Metadata,
}

impl<M> Response<M> {
    /// A response without metadata.
    #[must_use]
    pub const fn new(message: M) -> Self {
        Self { message, metadata: Metadata::new(), trailers: Metadata::new() }
    }

    /// A response of these parts: message, leading metadata, trailing metadata.
    #[must_use]
    pub const fn from_parts(message: M, metadata: Metadata, trailers: Metadata) -> Self {
        Self { message, metadata, trailers }
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
        }
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
