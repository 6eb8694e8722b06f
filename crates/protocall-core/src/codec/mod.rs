//! The codec seam: how a message becomes bytes and back.
//!
//! A codec appends to a buffer that has room in front for the envelope, and reads from one
//! contiguous [`Payload`]. Adapters: [`Buffa`] (what generated code uses), [`Wire`] for the same
//! types by generated code of our own, [`Prost`] for types that people have today, [`Raw`] for
//! bytes as they are. Compression is not a codec's business.

use crate::Status;
use bytes::Bytes;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

#[cfg(feature = "buffa")]
mod buffa;
#[cfg(feature = "buffa")]
pub mod checks;
#[cfg(feature = "prost")]
mod prost;
mod raw;
#[cfg(feature = "text")]
pub mod text;
#[cfg(feature = "buffa")]
pub mod wire;

#[cfg(feature = "buffa")]
pub use self::buffa::Buffa;
#[cfg(feature = "prost")]
pub use self::prost::Prost;
#[cfg(feature = "buffa")]
pub use self::wire::Wire;
pub use raw::Raw;

/// Encodes and decodes messages of type `M`. Implemented by a marker type, never by a value, so
/// that generated code names it in a type parameter and nothing is stored.
pub trait Codec<M>: Send + Sync + 'static {
    /// Appends the message to the buffer, whose content must stay as it is.
    ///
    /// # Errors
    /// [`CodecError`] for a message that has no encoding, such as one above 2 GiB.
    fn encode(message: &M, buffer: &mut Vec<u8>) -> Result<(), CodecError>;

    /// Reads a message from all of the payload.
    ///
    /// # Errors
    /// [`CodecError`] for bytes that are no such message.
    fn decode(payload: Payload<'_>) -> Result<M, CodecError>;
}

/// The bytes of one message, contiguous: borrowed from a receive buffer, or shared.
#[derive(Debug)]
pub struct Payload<'a>(Repr<'a>);

#[derive(Debug)]
enum Repr<'a> {
    Borrowed(&'a [u8]),
    Shared(Bytes),
}

impl<'a> Payload<'a> {
    /// Bytes that stay where they are; to keep them is to copy them.
    #[must_use]
    pub const fn borrowed(bytes: &'a [u8]) -> Self {
        Self(Repr::Borrowed(bytes))
    }

    /// Bytes that can be kept, or cut into parts, without a copy.
    #[must_use]
    pub const fn shared(bytes: Bytes) -> Self {
        Self(Repr::Shared(bytes))
    }

    /// The bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        match &self.0 {
            Repr::Borrowed(bytes) => bytes,
            Repr::Shared(bytes) => bytes,
        }
    }

    /// Whether [`Payload::into_bytes`] needs no copy.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        matches!(self.0, Repr::Shared(_))
    }

    /// The bytes, to keep; copies borrowed ones.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        match self.0 {
            Repr::Borrowed(bytes) => Bytes::copy_from_slice(bytes),
            Repr::Shared(bytes) => bytes,
        }
    }
}

/// Why a message could not be encoded or decoded. Keeps the library's error as its source.
#[derive(Clone, Debug)]
pub struct CodecError {
    what: &'static str,
    source: Arc<dyn Error + Send + Sync>,
}

impl CodecError {
    /// An error with its cause.
    #[must_use]
    pub fn new(what: &'static str, source: Arc<dyn Error + Send + Sync>) -> Self {
        Self { what, source }
    }
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.source)
    }
}

impl Error for CodecError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

impl From<CodecError> for Status {
    fn from(error: CodecError) -> Self {
        Self::internal(error.to_string()).with_source(Arc::new(error))
    }
}

#[cfg(test)]
mod tests;
