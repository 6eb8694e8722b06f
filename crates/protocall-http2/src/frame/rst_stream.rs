//! RST_STREAM (RFC 9113 section 6.4).

use super::{Head, kind};
use crate::error::{ConnectionError, ErrorCode};

pub(crate) fn read(head: Head, payload: &[u8]) -> Result<ErrorCode, ConnectionError> {
    if head.stream == 0 {
        return Err(ConnectionError::protocol("RST_STREAM on stream 0"));
    }
    match payload.try_into() {
        Ok(code) => Ok(ErrorCode::from_wire(u32::from_be_bytes(code))),
        Err(_) => Err(ConnectionError::frame_size("RST_STREAM must carry 4 bytes")),
    }
}

pub(crate) fn write(stream: u32, code: ErrorCode, out: &mut Vec<u8>) {
    Head { length: 4, kind: kind::RST_STREAM, flags: 0, stream }.write(out);
    out.extend_from_slice(&code.to_wire().to_be_bytes());
}
