//! Fields that a message does not know: kept as buffa keeps them, and written again.
//!
//! Groups nest; reading them counts depth and fields against the [`Context`]'s limits.

use super::context::{Context, Fault};
use super::read::{decode_fixed32, decode_fixed64, decode_inner_tag, decode_slice, decode_varint};
use super::write::{Writer, put_tag};
use crate::codec::checks;
use buffa::{UnknownField, UnknownFieldData, UnknownFields};

const VARINT: u8 = 0;
const FIXED64: u8 = 1;
const LENGTH_DELIMITED: u8 = 2;
const START_GROUP: u8 = 3;
const END_GROUP: u8 = 4;
const FIXED32: u8 = 5;

/// Takes a field whose tag is none of the message's `tags`. Returns what is left behind it, or
/// `None` when `tag` ends the group that the message is.
///
/// # Errors
/// A tag that cannot be, a known field in a wrong wire type, and what reading an unknown field
/// meets.
#[cold]
#[inline(never)]
pub fn other<'a>(
    unknown: &mut UnknownFields,
    tag: u32,
    end: u32,
    tags: &[u32],
    buf: &'a [u8],
    ctx: &mut Context<'a>,
) -> Result<Option<&'a [u8]>, Fault> {
    let (number, actual) = split(tag)?;
    if tag == end {
        return Ok(None);
    }
    if end != 0 && actual == END_GROUP {
        return Err(Fault::InvalidEndGroup(number));
    }
    if let Some(known) = tags.iter().find(|known| *known >> 3 == number) {
        let expected = (known & 7) as u8;
        return Err(Fault::WireTypeMismatch { field: number, expected, actual });
    }
    let mut rest = buf;
    unknown.push(read(number, actual, &mut rest, ctx)?);
    Ok(Some(rest))
}

/// What is left when the input is used up: an error within a group.
///
/// # Errors
/// [`Fault::UnexpectedEof`].
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub const fn finish(buf: &[u8], end: u32) -> Result<&[u8], Fault> {
    if end == 0 { Ok(buf) } else { Err(Fault::UnexpectedEof) }
}

/// Field number and wire type.
fn split(tag: u32) -> Result<(u32, u8), Fault> {
    match ((tag >> 3), (tag & 7) as u8) {
        (_, wire_type @ 6..) => Err(Fault::InvalidWireType(wire_type)),
        (0, _) => Err(Fault::InvalidFieldNumber),
        parts => Ok(parts),
    }
}

fn read(
    number: u32,
    wire_type: u8,
    buf: &mut &[u8],
    ctx: &mut Context<'_>,
) -> Result<UnknownField, Fault> {
    ctx.register_unknown_field()?;
    let data = match wire_type {
        VARINT => UnknownFieldData::Varint(decode_varint(buf)?),
        FIXED64 => UnknownFieldData::Fixed64(decode_fixed64(buf)?),
        FIXED32 => UnknownFieldData::Fixed32(decode_fixed32(buf)?),
        LENGTH_DELIMITED => UnknownFieldData::LengthDelimited(decode_slice(buf)?.to_vec()),
        START_GROUP => UnknownFieldData::Group(read_group(number, buf, ctx)?),
        other => return Err(Fault::InvalidWireType(other)),
    };
    Ok(UnknownField { number, data })
}

fn read_group(group: u32, buf: &mut &[u8], ctx: &mut Context<'_>) -> Result<UnknownFields, Fault> {
    ctx.descend()?;
    let mut fields = UnknownFields::new();
    loop {
        let (number, wire_type) = split(decode_inner_tag(buf)?)?;
        if wire_type == END_GROUP {
            if number != group {
                return Err(Fault::InvalidEndGroup(number));
            }
            ctx.ascend();
            return Ok(fields);
        }
        fields.push(read(number, wire_type, buf, ctx)?);
    }
}

/// Keeps an extension that is a string; the tag has been read.
///
/// # Errors
/// [`Fault::InvalidUtf8`], and those of a value that is cut short or one too many.
#[cold]
#[inline(never)]
pub fn text_extension<'a>(
    unknown: &mut UnknownFields,
    number: u32,
    buf: &'a [u8],
    ctx: &mut Context<'a>,
) -> Result<&'a [u8], Fault> {
    let mut rest = buf;
    let field = read(number, LENGTH_DELIMITED, &mut rest, ctx)?;
    checks::text(&field, &[number]).map_err(|_| Fault::InvalidUtf8)?;
    unknown.push(field);
    Ok(rest)
}

/// Passes over a field of a map's entry, where nothing unknown is kept; returns what is left.
/// `tags` are those of key and value.
///
/// # Errors
/// As [`other`].
#[cold]
#[inline(never)]
pub fn skip_field<'a>(
    tag: u32,
    tags: [u32; 2],
    buf: &'a [u8],
    ctx: &Context<'_>,
) -> Result<&'a [u8], Fault> {
    let (number, actual) = split(tag)?;
    if let Some(known) = tags.iter().find(|known| *known >> 3 == number) {
        let expected = (known & 7) as u8;
        return Err(Fault::WireTypeMismatch { field: number, expected, actual });
    }
    let mut rest = buf;
    skip(number, actual, &mut rest, ctx.depth)?;
    Ok(rest)
}

fn skip(number: u32, wire_type: u8, buf: &mut &[u8], depth: u32) -> Result<(), Fault> {
    match wire_type {
        VARINT => decode_varint(buf).map(drop),
        FIXED64 => decode_fixed64(buf).map(drop),
        FIXED32 => decode_fixed32(buf).map(drop),
        LENGTH_DELIMITED => decode_slice(buf).map(drop),
        START_GROUP => {
            let depth = depth.checked_sub(1).ok_or(Fault::RecursionLimitExceeded)?;
            loop {
                let (inner, wire_type) = split(decode_inner_tag(buf)?)?;
                match wire_type {
                    END_GROUP if inner == number => return Ok(()),
                    END_GROUP => return Err(Fault::InvalidEndGroup(inner)),
                    _ => skip(inner, wire_type, buf, depth)?,
                }
            }
        }
        other => Err(Fault::InvalidWireType(other)),
    }
}

/// Writes unknown fields as they came.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn put_unknown_fields(fields: &UnknownFields, buf: &mut Writer<'_>) {
    if !fields.is_empty() {
        write(fields, buf);
    }
}

#[cold]
fn write(fields: &UnknownFields, buf: &mut Writer<'_>) {
    for field in fields {
        let tag = |wire_type: u8| field.number << 3 | u32::from(wire_type);
        match &field.data {
            UnknownFieldData::Varint(value) => {
                put_tag(tag(VARINT), buf);
                buf.varint(*value);
            }
            UnknownFieldData::Fixed64(value) => {
                put_tag(tag(FIXED64), buf);
                buf.slice(&value.to_le_bytes());
            }
            UnknownFieldData::Fixed32(value) => {
                put_tag(tag(FIXED32), buf);
                buf.slice(&value.to_le_bytes());
            }
            UnknownFieldData::LengthDelimited(bytes) => {
                put_tag(tag(LENGTH_DELIMITED), buf);
                buf.varint(bytes.len() as u64);
                buf.slice(bytes);
            }
            UnknownFieldData::Group(fields) => {
                put_tag(tag(START_GROUP), buf);
                write(fields, buf);
                put_tag(tag(END_GROUP), buf);
            }
        }
    }
}
