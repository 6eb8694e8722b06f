//! The envelope of a message on a stream: one flag byte, four bytes of length, the message
//! (`PROTOCOL-HTTP2.md`, Length-Prefixed-Message).
//!
//! [`Scanner`] walks over chunks of a stream as they arrive and only counts; [`split`] takes whole
//! messages out of a contiguous buffer. Neither holds bytes: buffers belong to the transport.

use crate::compression::{Compression, CompressionError};
use crate::{Code, Status};
use std::fmt;
use std::sync::Arc;

/// Bytes in front of each message.
pub const PREFIX_LEN: usize = 5;

/// The first bytes of a message on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// Whether the message is compressed by the stream's `grpc-encoding`.
    pub compressed: bool,
    /// The message's length in bytes, as it follows on the wire.
    pub len: u32,
}

impl Prefix {
    /// Reads a prefix.
    ///
    /// # Errors
    /// [`EnvelopeError::InvalidFlag`] when the first byte is neither 0 nor 1.
    pub const fn parse(bytes: [u8; PREFIX_LEN]) -> Result<Self, EnvelopeError> {
        let [flag, a, b, c, d] = bytes;
        if flag > 1 {
            return Err(EnvelopeError::InvalidFlag(flag));
        }
        Ok(Self { compressed: flag == 1, len: u32::from_be_bytes([a, b, c, d]) })
    }

    /// The prefix as it goes on the wire.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; PREFIX_LEN] {
        let [a, b, c, d] = self.len.to_be_bytes();
        [self.compressed as u8, a, b, c, d]
    }
}

/// Why bytes are not a stream of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// The flag byte has a bit that nobody has given a meaning.
    InvalidFlag(u8),
    /// The message is longer than the receiver takes.
    TooLarge {
        /// The message's length in bytes.
        len: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// A message is marked as compressed, but the stream names no compression.
    Compressed,
    /// The stream ended within a message.
    Truncated,
}

impl fmt::Display for EnvelopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidFlag(flag) => {
                write!(f, "message with unknown compression flag 0x{flag:02x}")
            }
            Self::TooLarge { len, limit } => {
                write!(f, "message of {len} bytes is larger than the limit of {limit} bytes")
            }
            Self::Compressed => {
                f.write_str("a message is compressed, but the stream has no grpc-encoding")
            }
            Self::Truncated => f.write_str("the stream ended within a message"),
        }
    }
}

impl std::error::Error for EnvelopeError {}

impl From<EnvelopeError> for Status {
    fn from(error: EnvelopeError) -> Self {
        let code = match error {
            EnvelopeError::TooLarge { .. } => Code::ResourceExhausted,
            EnvelopeError::InvalidFlag(_)
            | EnvelopeError::Compressed
            | EnvelopeError::Truncated => Code::Internal,
        };
        Self::new(code, error.to_string()).with_source(Arc::new(error))
    }
}

/// Follows the message boundaries of a stream without keeping its bytes: sixteen of its own, since
/// each open stream has one.
#[derive(Clone, Debug)]
pub struct Scanner {
    limit: u32,
    /// What the current message still lacks.
    missing: u32,
    prefix: [u8; PREFIX_LEN],
    /// How much of `prefix` is filled; [`PREFIX_LEN`] while inside a message.
    filled: u8,
    /// Messages may be compressed.
    compressed: bool,
}

const _: () = assert!(size_of::<Scanner>() == 16);

/// Where a chunk shows that its stream is useless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Why.
    pub error: EnvelopeError,
    /// How many bytes of the chunk end with a whole message, so that what came before the broken
    /// one need not depend on how it was cut.
    pub whole: usize,
}

/// What a chunk brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scanned {
    /// Messages that this chunk completed.
    pub completed: usize,
    /// Bytes that the message begun last still lacks; 0 between messages and within a prefix.
    pub missing: usize,
    /// Bytes of the message begun last that are there, its prefix included; 0 between messages.
    pub partial: usize,
}

impl Scanner {
    /// A scanner at the start of a stream whose messages may have `limit` bytes.
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        // no prefix can tell more
        let limit = if limit > u32::MAX as usize { u32::MAX } else { limit as u32 };
        Self { limit, missing: 0, prefix: [0; PREFIX_LEN], filled: 0, compressed: false }
    }

    /// The stream's head names a compression, so that messages may be compressed from here on. The
    /// limit holds for their compressed bytes too.
    pub const fn allow_compressed(&mut self) {
        self.compressed = true;
    }

    /// Walks over the next bytes of the stream.
    ///
    /// # Errors
    /// [`Broken`]; the stream is then useless. A too large message is found by its prefix, before
    /// its bytes are there.
    pub fn scan(&mut self, mut chunk: &[u8]) -> Result<Scanned, Broken> {
        let mut completed = 0;
        let all = chunk.len();
        let mut whole = 0;
        while !chunk.is_empty() {
            let filled = usize::from(self.filled);
            if filled < PREFIX_LEN {
                let take = chunk.len().min(PREFIX_LEN - filled);
                let (head, rest) = chunk.split_at(take);
                if let Some(space) = self.prefix.get_mut(filled..filled + take) {
                    space.copy_from_slice(head);
                }
                chunk = rest;
                self.filled += take as u8;
                if filled + take < PREFIX_LEN {
                    break;
                }
                self.missing = self.begin().map_err(|error| Broken { error, whole })?;
            }
            let take = chunk.len().min(self.missing as usize);
            chunk = chunk.get(take..).unwrap_or_default();
            if self.advance(take) {
                whole = all - chunk.len();
                completed += 1;
            }
        }
        Ok(Scanned { completed, missing: self.missing as usize, partial: self.partial() })
    }

    /// The length of the message whose prefix is there.
    fn begin(&self) -> Result<u32, EnvelopeError> {
        let Prefix { compressed, len } = Prefix::parse(self.prefix)?;
        if compressed && !self.compressed {
            return Err(EnvelopeError::Compressed);
        }
        if len > self.limit {
            let (len, limit) = (len as usize, self.limit as usize);
            return Err(EnvelopeError::TooLarge { len, limit });
        }
        Ok(len)
    }

    /// What is there of the current message, prefix included.
    fn partial(&self) -> usize {
        let [_, a, b, c, d] = self.prefix;
        match usize::from(self.filled) {
            PREFIX_LEN => PREFIX_LEN + (u32::from_be_bytes([a, b, c, d]) - self.missing) as usize,
            filled => filled,
        }
    }

    /// The next `bytes` of the stream are where they belong: the same as [`Scanner::scan`] with
    /// them. Of more than the message lacks that was begun last, only so many count.
    pub fn skip(&mut self, bytes: usize) -> Scanned {
        let taken = bytes.min(self.missing as usize);
        let completed = usize::from(taken > 0 && self.advance(taken));
        Scanned { completed, missing: self.missing as usize, partial: self.partial() }
    }

    /// So many more bytes of the message are there, at most all; whether it is whole with them.
    const fn advance(&mut self, bytes: usize) -> bool {
        self.missing -= bytes as u32;
        if self.missing == 0 {
            self.filled = 0;
        }
        self.missing == 0
    }

    /// Bytes that the message begun last still lacks, as in [`Scanned::missing`].
    #[must_use]
    pub const fn missing(&self) -> usize {
        self.missing as usize
    }

    /// The limit that messages are held to, in bytes.
    #[must_use]
    pub const fn limit(&self) -> usize {
        self.limit as usize
    }

    /// Whether the stream may end here: not within a message.
    ///
    /// # Errors
    /// [`EnvelopeError::Truncated`] within a prefix or a message.
    pub const fn finish(&self) -> Result<(), EnvelopeError> {
        if self.filled == 0 { Ok(()) } else { Err(EnvelopeError::Truncated) }
    }
}

/// The first message of a buffer that [`Scanner`] has found to be complete: its prefix and its
/// bytes. `None` when the buffer holds no whole message.
#[must_use]
pub fn split(buffer: &[u8]) -> Option<(Prefix, &[u8])> {
    let (prefix, rest) = buffer.split_first_chunk::<PREFIX_LEN>()?;
    let prefix = Prefix::parse(*prefix).ok()?;
    Some((prefix, rest.get(..prefix.len as usize)?))
}

/// Appends a message in its envelope: room for the prefix, then what `encode` writes, then the
/// prefix is filled in. On error the buffer is as it was.
///
/// # Errors
/// What `encode` returns, or [`EnvelopeError::TooLarge`] as `E` above `limit` bytes.
pub fn append<E: From<EnvelopeError>>(
    buffer: &mut Vec<u8>,
    limit: usize,
    encode: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let start = buffer.len();
    buffer.extend_from_slice(&[0; PREFIX_LEN]);
    let result = encode(buffer).and_then(|()| {
        let len = buffer.len().saturating_sub(start + PREFIX_LEN);
        let limit = limit.min(u32::MAX as usize);
        if len > limit {
            return Err(E::from(EnvelopeError::TooLarge { len, limit }));
        }
        let prefix = Prefix { compressed: false, len: len as u32 }.to_bytes();
        if let Some(space) = buffer.get_mut(start..start + PREFIX_LEN) {
            space.copy_from_slice(&prefix);
        }
        Ok(())
    });
    if result.is_err() {
        buffer.truncate(start);
    }
    result
}

/// Compresses the message whose envelope begins at `start`, the last of the buffer, in place;
/// `scratch` is used and need not be empty. A message of no bytes stays as it is.
///
/// # Errors
/// What the compression says, or [`EnvelopeError::TooLarge`] for what no prefix can tell; the
/// buffer then ends at `start`.
pub fn compress(
    buffer: &mut Vec<u8>,
    start: usize,
    compression: Compression,
    scratch: &mut Vec<u8>,
) -> Result<(), Status> {
    let message = buffer.get(start + PREFIX_LEN..).unwrap_or_default();
    if message.is_empty() || compression.is_identity() {
        return Ok(());
    }
    scratch.clear();
    let compressed = compression.compress(message, scratch);
    buffer.truncate(start);
    compressed?;
    let Ok(len) = u32::try_from(scratch.len()) else {
        let (len, limit) = (scratch.len(), u32::MAX as usize);
        return Err(EnvelopeError::TooLarge { len, limit }.into());
    };
    buffer.extend_from_slice(&Prefix { compressed: true, len }.to_bytes());
    buffer.extend_from_slice(scratch);
    Ok(())
}

/// The bytes of a compressed message, of at most `limit` bytes.
///
/// # Errors
/// As [`Compressor::decompress`](crate::compression::Compressor::decompress).
pub fn decompress(
    message: &[u8],
    compression: Compression,
    limit: usize,
) -> Result<Vec<u8>, CompressionError> {
    let mut plain = Vec::new();
    compression.decompress(message, limit, &mut plain)?;
    Ok(plain)
}

#[cfg(test)]
mod tests;
