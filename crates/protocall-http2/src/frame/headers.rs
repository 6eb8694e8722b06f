//! HEADERS (RFC 9113 section 6.2): how a header block starts. Decoding it is `hpack`'s part,
//! gathering it from several frames is `recv`'s.

use super::{Head, flag, u31_at};
use crate::error::ConnectionError;

/// What a HEADERS frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Headers<'a> {
    /// The (first) fragment of the header block.
    pub(crate) fragment: &'a [u8],
    /// The stream that the (deprecated) priority field names.
    pub(crate) dependency: Option<u32>,
}

impl<'a> Headers<'a> {
    /// Bytes that may stand beside the fragment: pad length, padding and priority.
    pub(crate) const MAX_EXTRA_BYTES: u32 = 1 + 255 + 5;

    pub(crate) fn read(head: Head, payload: &'a [u8]) -> Result<Self, ConnectionError> {
        const SHORT: ConnectionError = ConnectionError::frame_size("HEADERS frame is too short");
        let mut rest = payload;
        let mut padding = 0;
        if head.has(flag::PADDED) {
            let (&length, tail) = rest.split_first().ok_or(SHORT)?;
            padding = usize::from(length);
            rest = tail;
        }
        let mut dependency = None;
        if head.has(flag::PRIORITY) {
            dependency = Some(u31_at(rest, 0).ok_or(SHORT)?);
            rest = rest.get(5..).ok_or(SHORT)?;
        }
        let Some(end) = rest.len().checked_sub(padding) else {
            return Err(ConnectionError::protocol("HEADERS padding is longer than its frame"));
        };
        Ok(Self { fragment: rest.get(..end).unwrap_or_default(), dependency })
    }
}
