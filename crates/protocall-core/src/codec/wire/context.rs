//! What reading a message carries along: the limits that buffa has, and what went wrong.
//!
//! The limits are buffa's constants, counted as buffa counts; only where they are kept differs.

use buffa::{
    DEFAULT_ELEMENT_MEMORY_LIMIT, DEFAULT_UNKNOWN_FIELD_LIMIT, DecodeError, RECURSION_LIMIT,
};
use bytes::Bytes;

/// Why bytes are no message: [`DecodeError`] in eight bytes, so that results stay in registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The input ended within a value.
    UnexpectedEof,
    /// A varint of more than 64 bits.
    VarintTooLong,
    /// A wire type that does not exist, or an end of a group that did not begin.
    InvalidWireType(u8),
    /// Field number 0, or one above 2^29-1.
    InvalidFieldNumber,
    /// A length above 2 GiB.
    MessageTooLarge,
    /// A known field in a wire type that it cannot have.
    WireTypeMismatch {
        /// The field.
        field: u32,
        /// What it is written in.
        expected: u8,
        /// What came.
        actual: u8,
    },
    /// A string that is not UTF-8.
    InvalidUtf8,
    /// More levels of messages and groups than [`RECURSION_LIMIT`].
    RecursionLimitExceeded,
    /// The end of another group than the open one.
    InvalidEndGroup(u32),
    /// More unknown fields than [`DEFAULT_UNKNOWN_FIELD_LIMIT`].
    UnknownFieldLimitExceeded,
    /// Elements of more memory than [`DEFAULT_ELEMENT_MEMORY_LIMIT`].
    ElementMemoryLimitExceeded,
    /// buffa refused a message that it read; the [`Context`] keeps its error.
    Foreign,
}

/// The limits of one decoding, used up as it goes, and the payload that `Bytes` fields share.
#[derive(Debug)]
pub struct Context<'a> {
    pub(super) depth: u32,
    pub(super) unknown_fields: usize,
    pub(super) element_memory: usize,
    pub(super) shared: Option<&'a Bytes>,
    pub(super) foreign: Option<DecodeError>,
}

impl<'a> Context<'a> {
    /// The limits that buffa starts from, and nothing to share.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            depth: RECURSION_LIMIT,
            unknown_fields: DEFAULT_UNKNOWN_FIELD_LIMIT,
            element_memory: DEFAULT_ELEMENT_MEMORY_LIMIT,
            shared: None,
            foreign: None,
        }
    }

    /// Lets `Bytes` fields be parts of `payload`, which must be what is then read.
    pub const fn share(&mut self, payload: Option<&'a Bytes>) {
        self.shared = payload;
    }

    /// Counts an unknown field.
    ///
    /// # Errors
    /// [`Fault::UnknownFieldLimitExceeded`].
    #[inline]
    pub const fn register_unknown_field(&mut self) -> Result<(), Fault> {
        match self.unknown_fields.checked_sub(1) {
            Some(left) => {
                self.unknown_fields = left;
                Ok(())
            }
            None => Err(Fault::UnknownFieldLimitExceeded),
        }
    }

    /// Counts the memory of an element of a list or a map.
    ///
    /// # Errors
    /// [`Fault::ElementMemoryLimitExceeded`].
    #[inline]
    pub const fn register_element_memory(&mut self, bytes: usize) -> Result<(), Fault> {
        match self.element_memory.checked_sub(bytes) {
            Some(left) => {
                self.element_memory = left;
                Ok(())
            }
            None => Err(Fault::ElementMemoryLimitExceeded),
        }
    }

    /// Enters a message or group; [`Context::ascend`] leaves it.
    #[inline]
    pub(super) const fn descend(&mut self) -> Result<(), Fault> {
        match self.depth.checked_sub(1) {
            Some(left) => {
                self.depth = left;
                Ok(())
            }
            None => Err(Fault::RecursionLimitExceeded),
        }
    }

    #[inline]
    pub(super) const fn ascend(&mut self) {
        self.depth += 1;
    }

    /// What buffa says of the same fault.
    #[must_use]
    pub fn error(self, fault: Fault) -> DecodeError {
        match fault {
            Fault::UnexpectedEof => DecodeError::UnexpectedEof,
            Fault::VarintTooLong => DecodeError::VarintTooLong,
            Fault::InvalidWireType(value) => DecodeError::InvalidWireType(value.into()),
            Fault::InvalidFieldNumber => DecodeError::InvalidFieldNumber,
            Fault::MessageTooLarge => DecodeError::MessageTooLarge,
            Fault::WireTypeMismatch { field: field_number, expected, actual } => {
                DecodeError::WireTypeMismatch { field_number, expected, actual }
            }
            Fault::InvalidUtf8 => DecodeError::InvalidUtf8,
            Fault::RecursionLimitExceeded => DecodeError::RecursionLimitExceeded,
            Fault::InvalidEndGroup(number) => DecodeError::InvalidEndGroup(number),
            Fault::UnknownFieldLimitExceeded => DecodeError::UnknownFieldLimitExceeded,
            Fault::ElementMemoryLimitExceeded => DecodeError::ElementMemoryLimitExceeded,
            Fault::Foreign => self.foreign.unwrap_or(DecodeError::UnexpectedEof),
        }
    }
}

impl Default for Context<'_> {
    fn default() -> Self {
        Self::new()
    }
}
