//! Messages of both kinds inside of messages: those that [`WireMessage`] is implemented for, and
//! those that buffa alone knows, such as the well-known types.
//!
//! Generated code names a type that may be either. `Slot(x).merge_message(..)` is the method of
//! [`Own`] if the message has its own implementation and, since that is then no candidate, the
//! method of [`Foreign`] one reference further if not.

use super::WireMessage;
use super::context::{Context, Fault};
use super::read::decode_slice;
use super::write::{Writer, put_len_delimited_header, put_tag};
use buffa::{DecodeContext, MAX_MESSAGE_BYTES, Message, SizeCache};
use bytes::Buf;
use std::cell::Cell;

/// A message to be filled.
#[derive(Debug)]
pub struct Slot<'m, M>(pub &'m mut M);

/// A message to be written.
#[derive(Debug)]
pub struct Item<'m, M>(pub &'m M);

/// Fills a message by its own implementation.
pub trait Own<'a> {
    /// Reads a length and as many bytes.
    ///
    /// # Errors
    /// As [`WireMessage::merge_wire`], and [`Fault::RecursionLimitExceeded`].
    fn merge_message(self, buf: &mut &'a [u8], ctx: &mut Context<'a>) -> Result<(), Fault>;

    /// Reads until the group `number` ends.
    ///
    /// # Errors
    /// As [`Own::merge_message`].
    fn merge_group(
        self,
        buf: &mut &'a [u8],
        ctx: &mut Context<'a>,
        number: u32,
    ) -> Result<(), Fault>;
}

/// Fills or writes a message by buffa.
pub trait Foreign<'a> {
    /// See [`Own::merge_message`].
    ///
    /// # Errors
    /// As [`Own::merge_message`].
    fn merge_message(self, buf: &mut &'a [u8], ctx: &mut Context<'a>) -> Result<(), Fault>;

    /// See [`Own::merge_group`].
    ///
    /// # Errors
    /// As [`Own::merge_message`].
    fn merge_group(
        self,
        buf: &mut &'a [u8],
        ctx: &mut Context<'a>,
        number: u32,
    ) -> Result<(), Fault>;
}

/// Writes a message by its own implementation.
pub trait OwnItem {
    /// Writes it as a field, behind its length.
    fn write_message(self, number: u32, buf: &mut Writer<'_>);

    /// Writes it as a group.
    fn write_group(self, number: u32, buf: &mut Writer<'_>);
}

impl<'a, M: WireMessage> Own<'a> for Slot<'_, M> {
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn merge_message(self, buf: &mut &'a [u8], ctx: &mut Context<'a>) -> Result<(), Fault> {
        let bytes = decode_message(buf)?;
        ctx.descend()?;
        self.0.merge_wire(bytes, ctx, 0)?;
        ctx.ascend();
        Ok(())
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn merge_group(
        self,
        buf: &mut &'a [u8],
        ctx: &mut Context<'a>,
        number: u32,
    ) -> Result<(), Fault> {
        ctx.descend()?;
        *buf = self.0.merge_wire(buf, ctx, number << 3 | 4)?;
        ctx.ascend();
        Ok(())
    }
}

impl<'a, M: Message> Foreign<'a> for &mut Slot<'_, M> {
    fn merge_message(self, buf: &mut &'a [u8], ctx: &mut Context<'a>) -> Result<(), Fault> {
        let bytes = decode_message(buf)?;
        ctx.descend()?;
        merge(self.0, bytes, ctx, 0)?;
        ctx.ascend();
        Ok(())
    }

    fn merge_group(
        self,
        buf: &mut &'a [u8],
        ctx: &mut Context<'a>,
        number: u32,
    ) -> Result<(), Fault> {
        ctx.descend()?;
        *buf = merge(self.0, buf, ctx, number << 3 | 4)?;
        ctx.ascend();
        Ok(())
    }
}

impl<M: WireMessage> OwnItem for Item<'_, M> {
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_message(self, number: u32, buf: &mut Writer<'_>) {
        if buf.may_nest() {
            let mark = buf.begin(number);
            self.0.write_wire(buf);
            buf.end(mark);
        } else {
            write_sized(self.0, number, buf);
        }
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_group(self, number: u32, buf: &mut Writer<'_>) {
        if buf.may_nest() {
            buf.begin_group(number);
            self.0.write_wire(buf);
            buf.end_group(number);
        } else {
            write_group(self.0, number, buf);
        }
    }
}

/// Writes a message by buffa.
pub trait ForeignItem {
    /// See [`OwnItem::write_message`].
    fn write_message(self, number: u32, buf: &mut Writer<'_>);

    /// See [`OwnItem::write_group`].
    fn write_group(self, number: u32, buf: &mut Writer<'_>);
}

impl<M: Message> ForeignItem for &Item<'_, M> {
    fn write_message(self, number: u32, buf: &mut Writer<'_>) {
        write_sized(self.0, number, buf);
    }

    fn write_group(self, number: u32, buf: &mut Writer<'_>) {
        write_group(self.0, number, buf);
    }
}

/// The bytes of a nested message; buffa takes none above 2 GiB.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
fn decode_message<'a>(buf: &mut &'a [u8]) -> Result<&'a [u8], Fault> {
    let bytes = decode_slice(buf)?;
    if bytes.len() > MAX_MESSAGE_BYTES as usize {
        return Err(Fault::MessageTooLarge);
    }
    Ok(bytes)
}

/// Fills a message by buffa, under what is left of the limits. The level that the message is on was
/// entered already.
pub(super) fn merge<'a, M: Message>(
    message: &mut M,
    input: &'a [u8],
    ctx: &mut Context<'a>,
    end: u32,
) -> Result<&'a [u8], Fault> {
    let left = match ctx.shared {
        // so that its `Bytes` fields share as well
        Some(payload) => merge_buf(message, &mut payload.slice_ref(input), ctx, end)?,
        None => merge_buf(message, &mut &*input, ctx, end)?,
    };
    Ok(&input[input.len() - left..])
}

fn merge_buf<M: Message>(
    message: &mut M,
    buf: &mut impl Buf,
    ctx: &mut Context<'_>,
    end: u32,
) -> Result<usize, Fault> {
    let unknown_fields = Cell::new(ctx.unknown_fields);
    let element_memory = Cell::new(ctx.element_memory);
    let limits =
        |depth| DecodeContext::new(depth, &unknown_fields).with_element_memory(&element_memory);
    let merged = match end {
        0 => message.merge(buf, limits(ctx.depth)),
        // which enters the level itself
        _ => message.merge_group(buf, limits(ctx.depth + 1), end >> 3),
    };
    ctx.unknown_fields = unknown_fields.get();
    ctx.element_memory = element_memory.get();
    match merged {
        Ok(()) => Ok(buf.remaining()),
        Err(error) => {
            ctx.foreign = Some(error);
            Err(Fault::Foreign)
        }
    }
}

/// Writes a message's fields by buffa.
pub(super) fn write<M: Message>(message: &M, buf: &mut Writer<'_>) {
    let mut cache = SizeCache::new();
    message.compute_size(&mut cache);
    buf.append(|bytes| message.write_to(&mut cache, bytes));
}

#[inline(never)]
fn write_sized<M: Message>(message: &M, number: u32, buf: &mut Writer<'_>) {
    let mut cache = SizeCache::new();
    let size = message.compute_size(&mut cache);
    put_len_delimited_header(number, u64::from(size), buf);
    buf.append(|bytes| message.write_to(&mut cache, bytes));
}

#[inline(never)]
fn write_group<M: Message>(message: &M, number: u32, buf: &mut Writer<'_>) {
    put_tag(number << 3 | 3, buf);
    write(message, buf);
    put_tag(number << 3 | 4, buf);
}
