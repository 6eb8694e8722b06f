//! What protobuf refuses and buffa's runtime lets pass: tags in more bytes than any tag needs, and
//! extensions that are not the text that they should be.
//!
//! Generated code calls these functions in place of buffa's loops over fields; the fields are read
//! by buffa. `codec::wire` makes the same checks in code of its own.

use buffa::bytes::Buf;
use buffa::encoding::{Tag, WireType};
use buffa::{DecodeContext, DecodeError, Message, UnknownField, UnknownFieldData};

/// The most bytes that a tag takes: 32 bits, seven a byte. Who writes more hides something from
/// readers that count; protobuf's parsers refuse it, whatever the value.
pub const MAX_TAG_LEN: usize = 5;

/// Reads fields until `limit` bytes remain, as [`Message::merge_to_limit`] does.
///
/// # Errors
/// As there, and [`DecodeError::VarintTooLong`] for a tag above [`MAX_TAG_LEN`] bytes.
#[inline]
pub fn merge_to_limit<M: Message>(
    message: &mut M,
    buf: &mut impl Buf,
    ctx: DecodeContext<'_>,
    limit: usize,
) -> Result<(), DecodeError> {
    while buf.remaining() > limit {
        let tag = decode_tag(buf)?;
        message.merge_field(tag, buf, ctx)?;
    }
    Ok(())
}

/// Reads fields until the end of the group `number`, as [`Message::merge_group`] does.
///
/// # Errors
/// As there, and [`DecodeError::VarintTooLong`] for a tag above [`MAX_TAG_LEN`] bytes.
#[inline]
pub fn merge_group<M: Message>(
    message: &mut M,
    buf: &mut impl Buf,
    ctx: DecodeContext<'_>,
    number: u32,
) -> Result<(), DecodeError> {
    let ctx = ctx.descend()?;
    loop {
        if !buf.has_remaining() {
            return Err(DecodeError::UnexpectedEof);
        }
        let tag = decode_tag(buf)?;
        match tag.wire_type() {
            WireType::EndGroup if tag.field_number() == number => return Ok(()),
            WireType::EndGroup => return Err(DecodeError::InvalidEndGroup(tag.field_number())),
            _ => message.merge_field(tag, buf, ctx)?,
        }
    }
}

#[inline]
fn decode_tag(buf: &mut impl Buf) -> Result<Tag, DecodeError> {
    let before = buf.remaining();
    let tag = Tag::decode(buf)?;
    if before - buf.remaining() > MAX_TAG_LEN {
        return Err(DecodeError::VarintTooLong);
    }
    Ok(tag)
}

/// Whether a field that is kept as it came is UTF-8, if it is one of the extensions `texts`, which
/// are strings; others are none of its business.
///
/// # Errors
/// [`DecodeError::InvalidUtf8`] if it is not.
pub fn text(field: &UnknownField, texts: &[u32]) -> Result<(), DecodeError> {
    match &field.data {
        UnknownFieldData::LengthDelimited(bytes)
            if texts.contains(&field.number) && std::str::from_utf8(bytes).is_err() =>
        {
            Err(DecodeError::InvalidUtf8)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
