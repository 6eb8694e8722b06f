//! Metadata: the key and value pairs that travel beside messages, before and after them.
//!
//! Keys ending in `-bin` hold bytes, all others printable ASCII (`PROTOCOL-HTTP2.md`,
//! Custom-Metadata). All pairs live in one buffer, so metadata costs one allocation however many
//! pairs it has, and none when it is empty. Reading and writing it as header fields is
//! [`head`](crate::head).

mod recent;
mod records;

pub use recent::Recent;

use crate::Status;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use records::Records;
use std::fmt;
use std::sync::Arc;

/// The longest key, in bytes: what a record can say of itself, and far above any header limit.
const MAX_KEY: usize = u16::MAX as usize;

/// Base64 as `-bin` fields use it: written without padding, read with and without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Names that gRPC or HTTP/2 gives a meaning of its own: never metadata, in neither direction.
const RESERVED: &[&[u8]] = &[
    b"content-length",
    b"content-type",
    b"connection",
    b"grpc-accept-encoding",
    b"grpc-encoding",
    b"grpc-message",
    b"grpc-message-type",
    b"grpc-status",
    b"grpc-status-details-bin",
    b"grpc-timeout",
    b"host",
    b"keep-alive",
    b"proxy-connection",
    b"te",
    b"transfer-encoding",
    b"upgrade",
];

/// Pairs of key and value in the order in which they were added; a key may come several times.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    records: Records,
}

/// Why a pair was not taken into metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetadataError {
    /// The key is empty, longer than 65,535 bytes, or has a byte other than `0-9 a-z _ - .`
    InvalidKey(String),
    /// The key means something to gRPC or HTTP/2 itself.
    ReservedKey(String),
    /// A text value has a byte outside 0x20 to 0x7E; for bytes use a key that ends in `-bin`.
    InvalidValue(String),
    /// Bytes were given for a key without `-bin` at its end, or text for one with it.
    WrongKind(String),
}

impl fmt::Display for MetadataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidKey(key) => {
                write!(f, "invalid metadata key {key:?}: use 0-9, a-z, '_', '-' and '.'")
            }
            Self::ReservedKey(key) => {
                write!(f, "metadata key {key:?} is reserved for gRPC and HTTP/2: choose another")
            }
            Self::InvalidValue(key) => write!(
                f,
                "the value of metadata key {key:?} is not printable ASCII: use a key that ends in \
                 \"-bin\""
            ),
            Self::WrongKind(key) => write!(
                f,
                "metadata key {key:?}: keys that end in \"-bin\" take bytes, all others take text"
            ),
        }
    }
}

impl std::error::Error for MetadataError {}

impl From<MetadataError> for Status {
    /// INTERNAL: a program that makes metadata that cannot be sent has a mistake in it.
    fn from(error: MetadataError) -> Self {
        Self::internal(error.to_string()).with_source(Arc::new(error))
    }
}

/// A value of metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Of a key that does not end in `-bin`. A peer may send bytes above 0x7E, which are kept.
    Text(&'a [u8]),
    /// Of a key that ends in `-bin`, decoded.
    Bytes(&'a [u8]),
}

impl<'a> Value<'a> {
    /// The value's bytes, whichever kind it is.
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        match self {
            Self::Text(bytes) | Self::Bytes(bytes) => bytes,
        }
    }
}

impl Metadata {
    /// No pairs; does not allocate.
    #[must_use]
    pub const fn new() -> Self {
        Self { records: Records::new() }
    }

    /// Whether there is no pair.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The number of pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// All pairs in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Value<'_>)> {
        self.raw().map(|(key, value)| {
            let value = if is_binary(key) { Value::Bytes(value) } else { Value::Text(value) };
            (std::str::from_utf8(key).unwrap_or_default(), value)
        })
    }

    /// The first value of a text key. `None` also when it is not UTF-8: see [`Metadata::iter`].
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        let found = self.find(key).filter(|_| !is_binary(key.as_bytes()))?;
        std::str::from_utf8(found).ok()
    }

    /// All values of a text key, in order.
    pub fn get_all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        let wanted = !is_binary(key.as_bytes());
        self.values(key).filter(move |_| wanted).filter_map(|value| std::str::from_utf8(value).ok())
    }

    /// The first value of a `-bin` key.
    #[must_use]
    pub fn get_bin(&self, key: &str) -> Option<&[u8]> {
        self.find(key).filter(|_| is_binary(key.as_bytes()))
    }

    /// All values of a `-bin` key, in order.
    pub fn get_all_bin<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let wanted = is_binary(key.as_bytes());
        self.values(key).filter(move |_| wanted)
    }

    /// Adds a text pair behind those that are there, also behind others of its key.
    ///
    /// # Errors
    /// [`MetadataError`], and nothing is added.
    pub fn append(&mut self, key: &str, value: &str) -> Result<(), MetadataError> {
        check_key(key)?;
        if is_binary(key.as_bytes()) {
            return Err(MetadataError::WrongKind(key.to_owned()));
        }
        if !value.bytes().all(|byte| (0x20..=0x7e).contains(&byte)) {
            return Err(MetadataError::InvalidValue(key.to_owned()));
        }
        // HTTP strips the spaces around a value, so a peer could not see them anyway
        self.push(key.as_bytes(), value.trim_matches(' ').as_bytes());
        Ok(())
    }

    /// Adds a pair of bytes, behind those that are there; the key must end in `-bin`.
    ///
    /// # Errors
    /// [`MetadataError`], and nothing is added.
    pub fn append_bin(&mut self, key: &str, value: &[u8]) -> Result<(), MetadataError> {
        check_key(key)?;
        if !is_binary(key.as_bytes()) {
            return Err(MetadataError::WrongKind(key.to_owned()));
        }
        self.push(key.as_bytes(), value);
        Ok(())
    }

    /// Sets a text pair in place of all others of its key.
    ///
    /// # Errors
    /// [`MetadataError`], and nothing is changed.
    pub fn insert(&mut self, key: &str, value: &str) -> Result<(), MetadataError> {
        let mut added = Self::new();
        added.append(key, value)?;
        self.remove(key);
        self.extend(&added);
        Ok(())
    }

    /// Sets a pair of bytes in place of all others of its key, which must end in `-bin`.
    ///
    /// # Errors
    /// [`MetadataError`], and nothing is changed.
    pub fn insert_bin(&mut self, key: &str, value: &[u8]) -> Result<(), MetadataError> {
        let mut added = Self::new();
        added.append_bin(key, value)?;
        self.remove(key);
        self.extend(&added);
        Ok(())
    }

    /// Removes all pairs of a key; says whether there was one.
    pub fn remove(&mut self, key: &str) -> bool {
        if !self.raw().any(|(other, _)| other == key.as_bytes()) {
            return false;
        }
        let mut kept = Self::new();
        for (other, value) in self.raw().filter(|&(other, _)| other != key.as_bytes()) {
            kept.push(other, value);
        }
        *self = kept;
        true
    }

    /// Adds all pairs of another behind those that are there.
    pub fn extend(&mut self, other: &Self) {
        if !other.is_empty() {
            self.records.change(|records| records.extend_from_slice(&other.records));
        }
    }

    /// Takes a header field that a peer sent. Fields that are not metadata are left out; a `-bin`
    /// value is split at commas and decoded.
    ///
    /// # Errors
    /// [`InvalidBase64`] for a `-bin` value that is none.
    pub(crate) fn receive(&mut self, name: &[u8], value: &[u8]) -> Result<(), InvalidBase64> {
        if name.first() == Some(&b':') || name.len() > MAX_KEY || RESERVED.contains(&name) {
            return Ok(());
        }
        if !is_binary(name) {
            self.push(name, value);
            return Ok(());
        }
        for part in value.split(|&byte| byte == b',') {
            let decoded = decode_binary(part.trim_ascii())?;
            self.push(name, &decoded);
        }
        Ok(())
    }

    /// Hands out each pair as a header field, `-bin` values encoded.
    pub(crate) fn send(&self, mut field: impl FnMut(&[u8], &[u8])) {
        for (key, value) in self.raw() {
            if is_binary(key) {
                field(key, encode_binary(value).as_bytes());
            } else {
                field(key, value);
            }
        }
    }

    fn find(&self, key: &str) -> Option<&[u8]> {
        self.raw().find(|&(other, _)| other == key.as_bytes()).map(|(_, value)| value)
    }

    fn values<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.raw().filter(move |&(other, _)| other == key.as_bytes()).map(|(_, value)| value)
    }

    fn raw(&self) -> RecordsIter<'_> {
        RecordsIter { rest: &self.records }
    }

    fn push(&mut self, key: &[u8], value: &[u8]) {
        let (Ok(key_len), Ok(value_len)) = (u16::try_from(key.len()), u32::try_from(value.len()))
        else {
            // a value of 4 GiB passes no header limit: it is dropped as HTTP/2 would refuse it
            return;
        };
        self.records.change(|records| {
            records.reserve(6 + key.len() + value.len());
            records.extend_from_slice(&key_len.to_ne_bytes());
            records.extend_from_slice(&value_len.to_ne_bytes());
            records.extend_from_slice(key);
            records.extend_from_slice(value);
        });
    }
}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // escaped, so that bytes that are no text stay apart
        f.debug_map()
            .entries(self.iter().map(|(key, value)| (key, Escaped(value.as_bytes()))))
            .finish()
    }
}

struct Escaped<'a>(&'a [u8]);

impl fmt::Debug for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

struct RecordsIter<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for RecordsIter<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (key_len, rest) = self.rest.split_first_chunk()?;
        let (value_len, rest) = rest.split_first_chunk()?;
        let (key, rest) = rest.split_at_checked(usize::from(u16::from_ne_bytes(*key_len)))?;
        let (value, rest) = rest.split_at_checked(u32::from_ne_bytes(*value_len) as usize)?;
        self.rest = rest;
        Some((key, value))
    }
}

/// A `-bin` value that is not base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidBase64;

/// Decodes a `-bin` value, padded or not.
pub(crate) fn decode_binary(value: &[u8]) -> Result<Vec<u8>, InvalidBase64> {
    BASE64.decode(value).map_err(|_| InvalidBase64)
}

/// Encodes a `-bin` value, without padding.
pub(crate) fn encode_binary(value: &[u8]) -> String {
    BASE64.encode(value)
}

fn is_binary(key: &[u8]) -> bool {
    key.ends_with(b"-bin")
}

fn check_key(key: &str) -> Result<(), MetadataError> {
    let valid = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'_' | b'-' | b'.');
    if key.is_empty() || key.len() > MAX_KEY || !key.bytes().all(valid) {
        return Err(MetadataError::InvalidKey(key.to_owned()));
    }
    // "user-agent" is the channel's to set, "grpc-" names are gRPC's now and later
    if RESERVED.contains(&key.as_bytes()) || key.starts_with("grpc-") || key == "user-agent" {
        return Err(MetadataError::ReservedKey(key.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
