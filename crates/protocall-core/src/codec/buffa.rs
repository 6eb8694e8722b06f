//! Messages whose types buffa generated: the default of generated code.

use super::{Codec, CodecError, Payload};
use buffa::Message;
use std::sync::Arc;

/// From this length on, a shared payload is decoded by reference, so that its `Bytes` fields are
/// parts of it. Below it the copy costs less than the reference counts and chunked reading do.
const SHARE_FROM: usize = 2048;

/// A codec for every [`buffa::Message`].
#[derive(Debug)]
pub enum Buffa {}

impl<M: Message> Codec<M> for Buffa {
    fn encode(message: &M, buffer: &mut Vec<u8>) -> Result<(), CodecError> {
        message
            .try_encode(buffer)
            .map_err(|error| CodecError::new("cannot encode the message", Arc::new(error)))
    }

    fn decode(payload: Payload<'_>) -> Result<M, CodecError> {
        let decoded = if payload.is_shared() && payload.as_slice().len() >= SHARE_FROM {
            M::decode(&mut payload.into_bytes())
        } else {
            M::decode_from_slice(payload.as_slice())
        };
        decoded.map_err(|error| CodecError::new("cannot decode the message", Arc::new(error)))
    }
}
