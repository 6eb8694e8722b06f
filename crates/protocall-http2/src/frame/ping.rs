//! PING (RFC 9113 section 6.7).

use super::{Head, flag, kind};
use crate::error::ConnectionError;

/// What a PING carries.
pub(crate) type Payload = [u8; 8];

pub(crate) fn read(head: Head, payload: &[u8]) -> Result<Payload, ConnectionError> {
    if head.stream != 0 {
        return Err(ConnectionError::protocol("PING on a stream"));
    }
    payload.try_into().map_err(|_| ConnectionError::frame_size("PING must carry 8 bytes"))
}

pub(crate) fn write(payload: Payload, ack: bool, out: &mut Vec<u8>) {
    let flags = if ack { flag::ACK } else { 0 };
    Head { length: 8, kind: kind::PING, flags, stream: 0 }.write(out);
    out.extend_from_slice(&payload);
}
