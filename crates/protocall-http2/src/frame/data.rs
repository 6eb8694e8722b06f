//! DATA (RFC 9113 section 6.1). Payloads are never gathered: only the layout is read here, and
//! `recv` hands the bytes on as they arrive.

use super::{Head, flag, kind};
use crate::error::ConnectionError;

/// How a DATA frame's payload is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Bytes before the data: the pad length field, or none.
    pub(crate) prefix: u32,
    /// Bytes of data.
    pub(crate) data: u32,
    /// Bytes of padding after the data.
    pub(crate) padding: u32,
}

impl Layout {
    /// Reads the layout from the head and the payload's first byte; `None` if that byte is needed
    /// and has not arrived.
    pub(crate) fn read(head: Head, payload: &[u8]) -> Result<Option<Self>, ConnectionError> {
        if !head.has(flag::PADDED) {
            return Ok(Some(Self { prefix: 0, data: head.length, padding: 0 }));
        }
        let Some(rest) = head.length.checked_sub(1) else {
            return Err(ConnectionError::frame_size("padded DATA without a pad length"));
        };
        let Some(&padding) = payload.first() else {
            return Ok(None);
        };
        let padding = u32::from(padding);
        match rest.checked_sub(padding) {
            Some(data) => Ok(Some(Self { prefix: 1, data, padding })),
            None => Err(ConnectionError::protocol("DATA padding is longer than its frame")),
        }
    }
}

/// The head of a DATA frame that carries `length` bytes.
pub(crate) const fn head(stream: u32, length: u32, end_stream: bool) -> Head {
    let flags = if end_stream { flag::END_STREAM } else { 0 };
    Head { length, kind: kind::DATA, flags, stream }
}
