//! WINDOW_UPDATE (RFC 9113 section 6.9).

use super::{Head, kind, u31_at};
use crate::error::ConnectionError;

/// The increment; 0 is for the caller to reject, since its level depends on the stream.
pub(crate) fn read(head: Head, payload: &[u8]) -> Result<u32, ConnectionError> {
    match u31_at(payload, 0) {
        Some(increment) if head.length == 4 => Ok(increment),
        _ => Err(ConnectionError::frame_size("WINDOW_UPDATE must carry 4 bytes")),
    }
}

pub(crate) fn write(stream: u32, increment: u32, out: &mut Vec<u8>) {
    Head { length: 4, kind: kind::WINDOW_UPDATE, flags: 0, stream }.write(out);
    out.extend_from_slice(&increment.to_be_bytes());
}
