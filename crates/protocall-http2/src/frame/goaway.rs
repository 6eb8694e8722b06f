//! GOAWAY (RFC 9113 section 6.8).

use super::{Head, kind, u31_at, u32_at};
use crate::error::{ConnectionError, ErrorCode};

/// What a GOAWAY frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Goaway<'a> {
    pub(crate) last_stream: u32,
    pub(crate) code: ErrorCode,
    pub(crate) debug: &'a [u8],
}

/// The fixed part of the payload.
pub(crate) const FIXED_BYTES: usize = 8;

/// Debug data that we send at most: a sentence.
const MAX_SENT_DEBUG_BYTES: usize = 256;

impl<'a> Goaway<'a> {
    /// Reads the payload, or as much of its debug data as the caller chose to gather.
    pub(crate) fn read(head: Head, payload: &'a [u8]) -> Result<Self, ConnectionError> {
        if head.stream != 0 {
            return Err(ConnectionError::protocol("GOAWAY on a stream"));
        }
        match (u31_at(payload, 0), u32_at(payload, 4)) {
            (Some(last_stream), Some(code)) => Ok(Self {
                last_stream,
                code: ErrorCode::from_wire(code),
                debug: payload.get(FIXED_BYTES..).unwrap_or_default(),
            }),
            _ => Err(ConnectionError::frame_size("GOAWAY is too short")),
        }
    }
}

pub(crate) fn write(last_stream: u32, code: ErrorCode, debug: &[u8], out: &mut Vec<u8>) {
    let debug = debug.get(..MAX_SENT_DEBUG_BYTES).unwrap_or(debug);
    let length = (FIXED_BYTES + debug.len()) as u32;
    Head { length, kind: kind::GOAWAY, flags: 0, stream: 0 }.write(out);
    out.extend_from_slice(&last_stream.to_be_bytes());
    out.extend_from_slice(&code.to_wire().to_be_bytes());
    out.extend_from_slice(debug);
}
