//! The wire codec: what generated code calls to read and write messages whose types are buffa's.
//!
//! `protocall-codegen` writes one [`WireMessage`] a message when its option `wire_codec` is on; the
//! bytes and what is refused are buffa's, by one pass over a slice instead of its generic buffers.
//! Here is what those implementations share: `read`, `write`, `unknown`, and `foreign` for messages
//! that have no implementation of their own. Everything public but [`Wire`] is for generated code.
//!
//! Functions are inlined by force only where the compiler optimises: elsewhere each inlined copy
//! has its own place in the caller's frame, and a hundred levels are a hundred frames.

use super::{Codec, CodecError, Payload, Repr};
use buffa::{EncodeError, MAX_MESSAGE_BYTES, Message};
use std::sync::Arc;

mod context;
mod foreign;
mod read;
mod unknown;
mod write;

pub use context::{Context, Fault};
pub use foreign::{Foreign, ForeignItem, Item, Own, OwnItem, Slot};
pub use read::*;
pub use unknown::{finish, other, put_unknown_fields, skip_field, text_extension};
pub use write::*;

/// From this length on, `Bytes` fields are parts of a shared payload. Below it the copy costs less
/// than the reference counts do, and a small field would keep the whole payload.
const SHARE_FROM: usize = 2048;

/// A message that is read and written in one pass. Implemented by generated code.
///
/// What is not overridden is done by [`buffa::Message`], so an empty implementation is right, too.
pub trait WireMessage: Message {
    /// Reads fields until the input is empty or, in a group, until the tag `end`; returns what is
    /// left. `end` is 0 outside of groups.
    ///
    /// # Errors
    /// [`Fault`] for bytes that buffa refuses; the message is then partly filled.
    fn merge_wire<'a>(
        &mut self,
        input: &'a [u8],
        ctx: &mut Context<'a>,
        end: u32,
    ) -> Result<&'a [u8], Fault> {
        foreign::merge(self, input, ctx, end)
    }

    /// Writes all fields, without a length in front.
    fn write_wire(&self, buf: &mut Writer<'_>) {
        foreign::write(self, buf);
    }
}

/// The codec of messages that [`WireMessage`] is implemented for.
///
/// The same bytes as [`Buffa`](super::Buffa) writes, and the same messages; see `DESIGN.md` for
/// what it gains.
#[derive(Debug)]
pub enum Wire {}

impl<M: WireMessage> Codec<M> for Wire {
    fn encode(message: &M, buffer: &mut Vec<u8>) -> Result<(), CodecError> {
        let start = buffer.len();
        let mut writer = Writer::new(buffer);
        message.write_wire(&mut writer);
        writer.finish();
        if buffer.len() - start > MAX_MESSAGE_BYTES as usize {
            buffer.truncate(start);
            let error = Arc::new(EncodeError::MessageTooLarge);
            return Err(CodecError::new("cannot encode the message", error));
        }
        Ok(())
    }

    fn decode(payload: Payload<'_>) -> Result<M, CodecError> {
        let mut message = M::default();
        let mut ctx = Context::new();
        let merged = match &payload.0 {
            Repr::Borrowed(bytes) => message.merge_wire(bytes, &mut ctx, 0),
            Repr::Shared(bytes) => {
                ctx.share((bytes.len() >= SHARE_FROM).then_some(bytes));
                message.merge_wire(bytes, &mut ctx, 0)
            }
        };
        match merged {
            Ok(_) => Ok(message),
            Err(fault) => {
                Err(CodecError::new("cannot decode the message", Arc::new(ctx.error(fault))))
            }
        }
    }
}

#[cfg(test)]
mod tests;
