//! Values out of a slice: each function takes what it reads off the front.
//!
//! They are named as buffa's, which generated code would call instead. Slow paths take the slice by
//! value: a reference to it that leaves the caller would keep it out of registers.

use super::context::{Context, Fault};
use crate::codec::checks::MAX_TAG_LEN;
use buffa::{MapStorage, WirePayload};
use bytes::Bytes;

/// A varint.
///
/// # Errors
/// [`Fault::UnexpectedEof`], [`Fault::VarintTooLong`].
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn decode_varint(buf: &mut &[u8]) -> Result<u64, Fault> {
    let bytes = *buf;
    match *bytes {
        [first, ref rest @ ..] if first < 0x80 => {
            *buf = rest;
            Ok(u64::from(first))
        }
        [first, second, ref rest @ ..] if second < 0x80 => {
            *buf = rest;
            Ok(u64::from(first & 0x7f) | u64::from(second) << 7)
        }
        _ => {
            let (value, rest) = long_varint(bytes)?;
            *buf = rest;
            Ok(value)
        }
    }
}

#[inline(never)]
fn long_varint(bytes: &[u8]) -> Result<(u64, &[u8]), Fault> {
    let mut value = 0;
    for (at, &byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte < 0x80 {
            // the tenth byte has room for one bit
            return match byte {
                2.. if at == 9 => Err(Fault::VarintTooLong),
                _ => Ok((value, &bytes[at + 1..])),
            };
        }
    }
    Err(if bytes.len() < 10 { Fault::UnexpectedEof } else { Fault::VarintTooLong })
}

/// A message's tag: field number and wire type, neither of which is checked here.
///
/// # Errors
/// As [`decode_varint`], [`Fault::VarintTooLong`] above [`MAX_TAG_LEN`] bytes, and
/// [`Fault::InvalidFieldNumber`] above 32 bits.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn decode_tag(buf: &mut &[u8]) -> Result<u32, Fault> {
    let bytes = *buf;
    match *bytes {
        [first, ref rest @ ..] if first < 0x80 => {
            *buf = rest;
            Ok(u32::from(first))
        }
        [first, second, ref rest @ ..] if second < 0x80 => {
            *buf = rest;
            Ok(u32::from(first & 0x7f) | u32::from(second) << 7)
        }
        _ => {
            let (tag, rest) = long_tag(bytes)?;
            *buf = rest;
            Ok(tag)
        }
    }
}

#[inline(never)]
fn long_tag(bytes: &[u8]) -> Result<(u32, &[u8]), Fault> {
    let (value, rest) = long_varint(bytes)?;
    if bytes.len() - rest.len() > MAX_TAG_LEN {
        return Err(Fault::VarintTooLong);
    }
    Ok((u32::try_from(value).map_err(|_| Fault::InvalidFieldNumber)?, rest))
}

/// A tag within a map's entry or a group that nobody knows, where buffa takes any length.
///
/// # Errors
/// As [`decode_tag`], but for its length.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn decode_inner_tag(buf: &mut &[u8]) -> Result<u32, Fault> {
    u32::try_from(decode_varint(buf)?).map_err(|_| Fault::InvalidFieldNumber)
}

/// The bytes behind a length.
///
/// # Errors
/// As [`decode_varint`], and [`Fault::UnexpectedEof`] if there are fewer.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn decode_slice<'a>(buf: &mut &'a [u8]) -> Result<&'a [u8], Fault> {
    let len = decode_varint(buf)?;
    let len = usize::try_from(len).map_err(|_| Fault::MessageTooLarge)?;
    match buf.split_at_checked(len) {
        Some((front, rest)) => {
            *buf = rest;
            Ok(front)
        }
        None => Err(Fault::UnexpectedEof),
    }
}

macro_rules! varints {
    ($($name:ident: $type:ty, $convert:expr;)*) => {$(
        /// A varint field's value.
        ///
        /// # Errors
        /// As [`decode_varint`].
        #[cfg_attr(debug_assertions, inline)]
        #[cfg_attr(not(debug_assertions), inline(always))]
        pub fn $name(buf: &mut &[u8]) -> Result<$type, Fault> {
            let convert: fn(u64) -> $type = $convert;
            decode_varint(buf).map(convert)
        }
    )*};
}

varints! {
    decode_int32: i32, |value| value as i32;
    decode_int64: i64, |value| value as i64;
    decode_uint32: u32, |value| value as u32;
    decode_uint64: u64, |value| value;
    decode_sint32: i32, |value| ((value as u32 >> 1) as i32) ^ -((value & 1) as i32);
    decode_sint64: i64, |value| ((value >> 1) as i64) ^ -((value & 1) as i64);
    decode_bool: bool, |value| value != 0;
}

macro_rules! fixed {
    ($($name:ident, $extend:ident: $type:ty, $width:literal;)*) => {$(
        /// A fixed-width field's value.
        ///
        /// # Errors
        /// [`Fault::UnexpectedEof`].
        #[cfg_attr(debug_assertions, inline)]
        #[cfg_attr(not(debug_assertions), inline(always))]
        pub fn $name(buf: &mut &[u8]) -> Result<$type, Fault> {
            match buf.split_first_chunk::<$width>() {
                Some((bytes, rest)) => {
                    *buf = rest;
                    Ok(<$type>::from_le_bytes(*bytes))
                }
                None => Err(Fault::UnexpectedEof),
            }
        }

        /// All values of a packed field.
        ///
        /// # Errors
        /// [`Fault::UnexpectedEof`] if the last one is cut off.
        #[inline]
        pub fn $extend(list: &mut Vec<$type>, packed: &[u8]) -> Result<(), Fault> {
            let (values, []) = packed.as_chunks::<$width>() else {
                return Err(Fault::UnexpectedEof);
            };
            list.extend(values.iter().map(|bytes| <$type>::from_le_bytes(*bytes)));
            Ok(())
        }
    )*};
}

fixed! {
    decode_float, extend_float: f32, 4;
    decode_double, extend_double: f64, 8;
    decode_fixed32, extend_fixed32: u32, 4;
    decode_fixed64, extend_fixed64: u64, 8;
    decode_sfixed32, extend_sfixed32: i32, 4;
    decode_sfixed64, extend_sfixed64: i64, 8;
}

/// How many varints there are, for a list to make room once.
#[inline]
#[must_use]
pub fn count_varints(packed: &[u8]) -> usize {
    packed.iter().filter(|byte| **byte < 0x80).count()
}

/// A string's bytes, once buffa has seen that they are UTF-8: its feature `fast-utf8` serves both.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
fn with_text<T>(bytes: &[u8], use_text: impl FnOnce(&str) -> T) -> Result<T, Fault> {
    match WirePayload::borrowed(bytes).to_str() {
        Ok(text) => Ok(use_text(text)),
        Err(_) => Err(Fault::InvalidUtf8),
    }
}

/// A string.
///
/// # Errors
/// As [`decode_slice`], and [`Fault::InvalidUtf8`].
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn decode_string(buf: &mut &[u8]) -> Result<String, Fault> {
    with_text(decode_slice(buf)?, str::to_owned)
}

/// A string, in place of another whose memory it takes over.
///
/// # Errors
/// As [`decode_string`].
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn merge_string(value: &mut String, buf: &mut &[u8]) -> Result<(), Fault> {
    with_text(decode_slice(buf)?, |text| {
        value.clear();
        value.push_str(text);
    })
}

/// Bytes.
///
/// # Errors
/// As [`decode_slice`].
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn decode_bytes(buf: &mut &[u8]) -> Result<Vec<u8>, Fault> {
    decode_slice(buf).map(<[u8]>::to_vec)
}

/// Bytes, in place of others whose memory they take over.
///
/// # Errors
/// As [`decode_slice`].
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn merge_bytes(value: &mut Vec<u8>, buf: &mut &[u8]) -> Result<(), Fault> {
    let bytes = decode_slice(buf)?;
    value.clear();
    value.extend_from_slice(bytes);
    Ok(())
}

/// Bytes, as a part of the payload if it is shared.
///
/// # Errors
/// As [`decode_slice`].
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn decode_bytes_to_bytes<'a>(buf: &mut &'a [u8], ctx: &Context<'a>) -> Result<Bytes, Fault> {
    let bytes = decode_slice(buf)?;
    Ok(match ctx.shared {
        Some(payload) => payload.slice_ref(bytes),
        None => Bytes::copy_from_slice(bytes),
    })
}

/// A new element at the end of a list of messages.
///
/// # Errors
/// [`Fault::ElementMemoryLimitExceeded`].
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn push_element<'v, M: Default>(
    list: &'v mut Vec<M>,
    ctx: &mut Context<'_>,
) -> Result<&'v mut M, Fault> {
    ctx.register_element_memory(size_of::<M>())?;
    list.push(M::default());
    list.last_mut().ok_or(Fault::ElementMemoryLimitExceeded)
}

/// Runs a part of reading whose variables would make the frame of every level of messages larger.
///
/// # Errors
/// What the part meets.
#[inline]
pub fn apart(part: impl FnOnce() -> Result<(), Fault>) -> Result<(), Fault> {
    part()
}

/// A new entry for a map, to be filled and then inserted.
///
/// # Errors
/// [`Fault::ElementMemoryLimitExceeded`].
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn new_entry<C>(_map: &C, ctx: &mut Context<'_>) -> Result<(C::Key, C::Value), Fault>
where
    C: MapStorage<Key: Default, Value: Default>,
{
    ctx.register_element_memory(size_of::<C::Key>() + size_of::<C::Value>())?;
    Ok((C::Key::default(), C::Value::default()))
}

/// Puts an entry into its map, in place of one with the same key.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn insert_entry<C: MapStorage>(map: &mut C, key: C::Key, value: C::Value) {
    map.storage_insert(key, value);
}

/// The entries of a map, in its own order.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn entries<C: MapStorage>(map: &C) -> impl Iterator<Item = (&C::Key, &C::Value)> {
    map.storage_iter()
}
