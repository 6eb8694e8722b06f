//! Every limit of the compiler, with its reason.

/// Largest source file in bytes. Generated schemas reach a few megabytes; spans are 32-bit.
pub(crate) const MAX_FILE_BYTES: usize = 32 * 1024 * 1024;

/// Most files in one compilation: an order of magnitude above the largest public corpus.
pub(crate) const MAX_FILES: usize = 100_000;

/// Longest chain of imports. The loader recurses along it; real corpora stay below 40.
pub(crate) const MAX_IMPORT_DEPTH: usize = 256;

/// Deepest nesting of messages and groups, the same number as in `protoc`.
pub(crate) const MAX_MESSAGE_NESTING: usize = 31;

/// Most dots in a package's name, the same number as in `protoc`.
pub(crate) const MAX_PACKAGE_DOTS: usize = 100;

/// Longest full name in bytes, about the same number as in `protoc`, whose tables have 16 bits.
pub(crate) const MAX_NAME_BYTES: usize = 65_535;

/// Deepest nesting of `{ }` and `[ ]` in one option value. Decoders stop at 100 levels, and an
/// option can already lie a few levels deep in its descriptor.
pub(crate) const MAX_OPTION_NESTING: usize = 48;

/// Deepest nesting of messages in text format that is encoded: twice what decoders take. The parser
/// recurses along it.
pub(crate) const MAX_TEXT_NESTING: usize = 200;

/// Most diagnostics kept: beyond it a report helps nobody, and hostile input must not grow memory.
pub(crate) const MAX_DIAGNOSTICS: usize = 500;

/// Highest field number (29 bits).
pub(crate) const MAX_FIELD_NUMBER: i32 = 536_870_911;

/// Field numbers that the wire format keeps for its implementations.
pub(crate) const IMPLEMENTATION_RESERVED: std::ops::RangeInclusive<i32> = 19_000..=19_999;

/// Longest identifier for which a similar name is searched; the search is quadratic in length.
pub(crate) const MAX_SUGGESTION_LENGTH: usize = 64;
