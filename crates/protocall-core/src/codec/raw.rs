//! Bytes as they are, for proxies and for messages that something else reads.

use super::{Codec, CodecError, Payload};
use bytes::Bytes;

/// A codec whose messages are [`Bytes`].
#[derive(Debug)]
pub enum Raw {}

impl Codec<Bytes> for Raw {
    fn encode(message: &Bytes, buffer: &mut Vec<u8>) -> Result<(), CodecError> {
        buffer.extend_from_slice(message);
        Ok(())
    }

    fn decode(payload: Payload<'_>) -> Result<Bytes, CodecError> {
        Ok(payload.into_bytes())
    }
}
