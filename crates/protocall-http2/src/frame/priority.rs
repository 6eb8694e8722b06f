//! PRIORITY (RFC 9113 section 6.3): deprecated, never sent, read only to be checked.

use super::u31_at;

/// Size of the payload.
pub(crate) const BYTES: u32 = 5;

/// The stream that the frame's stream is said to depend on; `None` if the payload is too short.
pub(crate) fn dependency(payload: &[u8]) -> Option<u32> {
    u31_at(payload, 0)
}
