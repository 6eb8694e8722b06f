//! Compression of messages: which there are, and how a message's bytes become fewer and back
//! (`compression.md` of the gRPC project).
//!
//! Each message is compressed by itself, so that one can be read without those before it. Which of
//! them two peers may use is [`accept`](self)'s part, [`Compressions`]; the flag in front of a
//! message is [`envelope`](crate::envelope)'s.

mod accept;
#[cfg(feature = "gzip")]
mod gzip;
#[cfg(feature = "snappy")]
mod snappy;
#[cfg(feature = "zstd")]
mod zstd;

pub use accept::{Accepts, Compressions, Negotiation};
#[cfg(feature = "gzip")]
pub use gzip::{Deflate, Gzip};
#[cfg(feature = "snappy")]
pub use snappy::Snappy;
#[cfg(feature = "zstd")]
pub use zstd::Zstd;

use crate::{Code, Status};
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// A way to compress messages, under a name that both peers know. Implemented by what has no
/// content of its own but settings, since one value serves all messages of a program.
pub trait Compressor: Send + Sync + 'static {
    /// The name in `grpc-encoding`: lower-case letters, digits and `-`.
    fn name(&self) -> &'static str;

    /// Appends the compressed form of all of `message` to `out`.
    ///
    /// # Errors
    /// [`CompressionError::Failed`] when it cannot be compressed; `out` may have grown.
    fn compress(&self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressionError>;

    /// Appends what all of `compressed` stands for to `out`. Must stop as soon as that is more than
    /// `limit` bytes, and must not allocate by lengths that the input states.
    ///
    /// # Errors
    /// [`CompressionError::TooLarge`] beyond `limit`, [`CompressionError::Failed`] for bytes that
    /// are not of this form; `out` may have grown.
    fn decompress(
        &self,
        compressed: &[u8],
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), CompressionError>;
}

/// What messages are compressed with; [`Compression::IDENTITY`] is nothing. Two are equal when
/// their names are.
#[derive(Clone, Copy, Default)]
pub struct Compression(Option<&'static dyn Compressor>);

impl Compression {
    /// Messages as they are.
    pub const IDENTITY: Self = Self(None);
    /// `gzip` at level 6, which every gRPC knows.
    #[cfg(feature = "gzip")]
    pub const GZIP: Self = Self(Some(&Gzip::DEFAULT));
    /// `deflate` (RFC 1950, with zlib's head, as HTTP means it) at level 6.
    #[cfg(feature = "gzip")]
    pub const DEFLATE: Self = Self(Some(&Deflate::DEFAULT));
    /// `zstd`, for peers that prefer it: in Rust it is about as quick and as small as gzip.
    #[cfg(feature = "zstd")]
    pub const ZSTD: Self = Self(Some(&Zstd));
    /// `snappy`, in its framing format: quick and large.
    #[cfg(feature = "snappy")]
    pub const SNAPPY: Self = Self(Some(&Snappy));

    /// Another one, or one of the above with other settings. Peers that name it to each other can
    /// use it once it is among what they accept: [`Compressions::with`].
    #[must_use]
    pub const fn new(compressor: &'static dyn Compressor) -> Self {
        Self(Some(compressor))
    }

    /// The name in `grpc-encoding`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.map_or("identity", Compressor::name)
    }

    /// Whether messages stay as they are.
    #[must_use]
    pub const fn is_identity(self) -> bool {
        self.0.is_none()
    }

    /// Appends the compressed form of `message` to `out`.
    ///
    /// # Errors
    /// As [`Compressor::compress`].
    pub fn compress(self, message: &[u8], out: &mut Vec<u8>) -> Result<(), CompressionError> {
        match self.0 {
            Some(compressor) => compressor.compress(message, out),
            None => {
                out.extend_from_slice(message);
                Ok(())
            }
        }
    }

    /// Appends what `compressed` stands for to `out`, at most `limit` bytes.
    ///
    /// # Errors
    /// As [`Compressor::decompress`].
    pub fn decompress(
        self,
        compressed: &[u8],
        limit: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), CompressionError> {
        match self.0 {
            Some(compressor) => compressor.decompress(compressed, limit, out),
            None if compressed.len() > limit => Err(CompressionError::TooLarge { limit }),
            None => {
                out.extend_from_slice(compressed);
                Ok(())
            }
        }
    }
}

impl PartialEq for Compression {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Compression {}

impl fmt::Debug for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Compression({})", self.name())
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a message could not be compressed or decompressed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CompressionError {
    /// Decompressed, the message is longer than the receiver takes. By how much is not known:
    /// nothing behind the limit was looked at.
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The compression's own error.
    Failed {
        /// The compression's name.
        name: &'static str,
        /// What it met.
        source: Arc<dyn Error + Send + Sync>,
    },
}

impl CompressionError {
    /// A failure of that compression.
    #[must_use]
    pub fn failed(name: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Failed { name, source: Arc::from(source.into()) }
    }
}

impl fmt::Display for CompressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit } => {
                write!(f, "decompressed, a message is larger than the limit of {limit} bytes")
            }
            Self::Failed { name, source } => write!(f, "a message is not valid {name}: {source}"),
        }
    }
}

impl Error for CompressionError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::TooLarge { .. } => None,
            Self::Failed { source, .. } => Some(&**source),
        }
    }
}

impl From<CompressionError> for Status {
    fn from(error: CompressionError) -> Self {
        let code = match error {
            CompressionError::TooLarge { .. } => Code::ResourceExhausted,
            CompressionError::Failed { .. } => Code::Internal,
        };
        Self::new(code, error.to_string()).with_source(Arc::new(error))
    }
}

/// Reads a decompressing reader to its end, or until it has given more than `limit` bytes.
#[cfg(any(feature = "zstd", feature = "snappy"))]
fn read_within(
    reader: impl std::io::Read,
    name: &'static str,
    limit: usize,
    out: &mut Vec<u8>,
) -> Result<(), CompressionError> {
    let start = out.len();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    // grows by doubling what has come
    std::io::Read::read_to_end(&mut std::io::Read::take(reader, most), out)
        .map_err(|error| CompressionError::failed(name, error))?;
    if out.len() - start > limit { Err(CompressionError::TooLarge { limit }) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
