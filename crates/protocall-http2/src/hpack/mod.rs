//! HPACK, header compression for HTTP/2 (RFC 7541): blocks to field lists and back.
//! Pure and free of allocation in the steady state. Not here: HEADERS and CONTINUATION framing,
//! which hands over complete blocks, and the rules of pseudo-header fields; both are the
//! connection's. Character rules (RFC 9113 section 8.2.1) are checked here, in the decoding pass.

mod decoder;
mod encoder;
mod huffman;
mod integer;
pub(crate) mod static_table;
mod table;
mod text;

use std::error::Error;
use std::fmt;

pub use decoder::Decoder;
pub use encoder::Encoder;
pub use static_table::StaticName;

/// The dynamic table's size in bytes until a SETTINGS frame says otherwise (RFC 9113 section
/// 6.5.2). It is also the most that our encoder ever uses, so that no peer can make it grow.
pub const DEFAULT_TABLE_SIZE: usize = 4096;

/// How many times the limits a block may reach before decoding stops with an error. Up to there
/// an oversized block is worked through, since skipping it would lose the table's state and with
/// it the connection; beyond, the work is the peer's weapon.
pub const HARD_LIMIT_FACTOR: usize = 4;

/// Limits on one decoded header list.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct HeaderLimits {
    /// Bytes of names and values, plus 32 for each field (RFC 9113 section 6.5.2).
    pub list_bytes: usize,
    /// Number of fields; indexed fields cost the peer a byte each, so bytes alone are no bound
    /// on the work behind them.
    pub fields: usize,
}

impl Default for HeaderLimits {
    /// 16 KiB and 128 fields: twice what common servers accept.
    fn default() -> Self {
        Self { list_bytes: 16 * 1024, fields: 128 }
    }
}

/// What became of a block that was decoded without error.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// The list is whole. See [`Fields::malformed`](crate::Fields::malformed) for its characters.
    Complete,
    /// The list passed a limit of [`HeaderLimits`]: it holds the fields up to there and the rest
    /// was dropped. The dynamic table is in step with the peer's, so the connection can live on.
    TooLarge,
}

/// Why a block could not be decoded. The connection is lost, since the dynamic tables of the two
/// ends no longer agree: GOAWAY with COMPRESSION_ERROR (RFC 9113 section 4.3), or with
/// ENHANCE_YOUR_CALM for [`TooLarge`](Self::TooLarge).
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// The block ends inside an integer or a string.
    Truncated,
    /// An integer has more than five continuation octets or does not fit in 32 bits (RFC 7541
    /// section 5.1).
    IntegerOverflow,
    /// An index is zero or names no entry (RFC 7541 sections 2.3.3 and 6.1).
    InvalidIndex,
    /// A Huffman-coded string contains EOS, or ends in more than seven bits of padding or in
    /// padding other than ones (RFC 7541 section 5.2).
    InvalidHuffman,
    /// A dynamic table size update comes after a field (RFC 7541 section 4.2).
    MisplacedSizeUpdate,
    /// A dynamic table size update is above the size we allowed (RFC 7541 section 6.3).
    SizeUpdateTooLarge,
    /// We lowered the table's size and the block does not open with the update that this demands
    /// (RFC 9113 section 4.3.1).
    MissingSizeUpdate,
    /// The list is more than [`HARD_LIMIT_FACTOR`] times over a limit.
    TooLarge,
}

impl DecodeError {
    /// A constant sentence, fit for GOAWAY's debug data.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Truncated => "hpack: block ends inside a field",
            Self::IntegerOverflow => "hpack: integer too large",
            Self::InvalidIndex => "hpack: index names no entry",
            Self::InvalidHuffman => "hpack: invalid Huffman code or padding",
            Self::MisplacedSizeUpdate => "hpack: table size update after a field",
            Self::SizeUpdateTooLarge => "hpack: table size update above the limit",
            Self::MissingSizeUpdate => "hpack: table size update missing after SETTINGS",
            Self::TooLarge => "hpack: header list far above the limit",
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

impl Error for DecodeError {}
