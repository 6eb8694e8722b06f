//! Messages whose types prost generated, for people who have them.

use super::{Codec, CodecError, Payload};
use prost::Message;
use std::sync::Arc;

/// A codec for every [`prost::Message`].
#[derive(Debug)]
pub enum Prost {}

impl<M: Message + Default> Codec<M> for Prost {
    fn encode(message: &M, buffer: &mut Vec<u8>) -> Result<(), CodecError> {
        message
            .encode(buffer)
            .map_err(|error| CodecError::new("cannot encode the message", Arc::new(error)))
    }

    fn decode(payload: Payload<'_>) -> Result<M, CodecError> {
        let decoded = if payload.is_shared() {
            M::decode(payload.into_bytes())
        } else {
            M::decode(payload.as_slice())
        };
        decoded.map_err(|error| CodecError::new("cannot decode the message", Arc::new(error)))
    }
}
