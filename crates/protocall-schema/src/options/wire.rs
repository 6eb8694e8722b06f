//! The few lines of wire format that options need.
//! Encoding specification: protobuf.dev/programming-guides/encoding.

use buffa_descriptor::generated::descriptor::field_descriptor_proto::Type;

use crate::model::FieldInfo;

/// One field's value.
pub(super) enum Payload {
    Varint(u64),
    Fixed32(u32),
    Fixed64(u64),
    Bytes(Vec<u8>),
    Group(Vec<u8>),
}

/// A field number with a value.
pub(super) struct Record {
    pub(super) number: i32,
    pub(super) payload: Payload,
}

impl Payload {
    /// Whether it is the value that implicit presence leaves out.
    pub(super) fn is_zero(&self) -> bool {
        match self {
            Self::Varint(value) | Self::Fixed64(value) => *value == 0,
            Self::Fixed32(value) => *value == 0,
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::Group(_) => false,
        }
    }

    fn wire_type(&self) -> u64 {
        match self {
            Self::Varint(_) => 0,
            Self::Fixed64(_) => 1,
            Self::Bytes(_) => 2,
            Self::Group(_) => START_GROUP,
            Self::Fixed32(_) => 5,
        }
    }

    fn write_value(&self, out: &mut Vec<u8>) {
        match self {
            Self::Varint(value) => write_varint(*value, out),
            Self::Fixed32(value) => out.extend(value.to_le_bytes()),
            Self::Fixed64(value) => out.extend(value.to_le_bytes()),
            Self::Bytes(bytes) => {
                write_varint(bytes.len() as u64, out);
                out.extend(bytes);
            }
            Self::Group(bytes) => out.extend(bytes),
        }
    }
}

const START_GROUP: u64 = 3;
const END_GROUP: u64 = 4;

/// Writes one value with its tag.
pub(super) fn write(number: i32, payload: &Payload, out: &mut Vec<u8>) {
    write_tag(number, payload.wire_type(), out);
    payload.write_value(out);
    if matches!(payload, Payload::Group(_)) {
        write_tag(number, END_GROUP, out);
    }
}

/// Writes a member of a message set in the form that only those have: a group of the member's
/// number and its bytes.
pub(super) fn write_set_member(number: i32, payload: &Payload, out: &mut Vec<u8>) {
    const ITEM: i32 = 1;
    const TYPE_ID: i32 = 2;
    const MESSAGE: i32 = 3;
    let mut item = Vec::new();
    write(TYPE_ID, &Payload::Varint(u64::from(number.unsigned_abs())), &mut item);
    write(MESSAGE, payload, &mut item);
    write(ITEM, &Payload::Group(item), out);
}

/// What a field of that type holds when nothing was put into it.
pub(super) fn zero(ty: Type) -> Payload {
    match ty {
        Type::TYPE_STRING | Type::TYPE_BYTES | Type::TYPE_MESSAGE => Payload::Bytes(Vec::new()),
        Type::TYPE_GROUP => Payload::Group(Vec::new()),
        Type::TYPE_FIXED32 | Type::TYPE_SFIXED32 | Type::TYPE_FLOAT => Payload::Fixed32(0),
        Type::TYPE_FIXED64 | Type::TYPE_SFIXED64 | Type::TYPE_DOUBLE => Payload::Fixed64(0),
        _ => Payload::Varint(0),
    }
}

/// Writes several values as one packed run.
pub(super) fn write_packed(number: i32, payloads: &[Payload], out: &mut Vec<u8>) {
    let mut run = Vec::new();
    for payload in payloads {
        payload.write_value(&mut run);
    }
    write(number, &Payload::Bytes(run), out);
}

/// Writes a record inside the messages along `steps`, whose last one is the record's own field.
/// The step at `cut` and those inside it are left out.
pub(super) fn write_nested(
    steps: &[&FieldInfo],
    record: &Record,
    cut: Option<usize>,
    out: &mut Vec<u8>,
) {
    let mut bytes = Vec::new();
    if cut.is_none() {
        write(record.number, &record.payload, &mut bytes);
    }
    let around = cut.unwrap_or_else(|| steps.len().saturating_sub(1));
    for step in steps.iter().take(around).rev() {
        let payload = match step.ty {
            Some(Type::TYPE_GROUP) => Payload::Group(bytes),
            _ => Payload::Bytes(bytes),
        };
        bytes = Vec::new();
        write(step.number.unwrap_or_default(), &payload, &mut bytes);
    }
    out.extend(bytes);
}

fn write_tag(number: i32, wire_type: u64, out: &mut Vec<u8>) {
    write_varint(u64::from(number.unsigned_abs()) << 3 | wire_type, out);
}

fn write_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

/// The records in bytes that this module has written.
pub(super) struct Records<'a> {
    rest: &'a [u8],
}

impl<'a> Records<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }
}

impl Iterator for Records<'_> {
    /// `None` inside means that the bytes are not valid.
    type Item = Option<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let record = read_record(&mut self.rest);
        if record.is_none() {
            self.rest = &[];
        }
        Some(record)
    }
}

fn read_record(rest: &mut &[u8]) -> Option<Record> {
    let tag = read_varint(rest)?;
    let number = i32::try_from(tag >> 3).ok()?;
    let payload = match tag & 7 {
        START_GROUP => Payload::Group(read_group(rest, number)?),
        wire_type => read_payload(rest, wire_type)?,
    };
    Some(Record { number, payload })
}

fn read_payload(rest: &mut &[u8], wire_type: u64) -> Option<Payload> {
    Some(match wire_type {
        0 => Payload::Varint(read_varint(rest)?),
        1 => Payload::Fixed64(u64::from_le_bytes(take(rest, 8)?.try_into().ok()?)),
        2 => {
            let length = usize::try_from(read_varint(rest)?).ok()?;
            Payload::Bytes(take(rest, length)?.to_vec())
        }
        5 => Payload::Fixed32(u32::from_le_bytes(take(rest, 4)?.try_into().ok()?)),
        _ => return None,
    })
}

/// A group's content up to its end tag, which is consumed. Groups inside it are counted, not
/// entered, so that depth costs no stack.
fn read_group(rest: &mut &[u8], number: i32) -> Option<Vec<u8>> {
    let start = *rest;
    let mut open = vec![u64::from(number.unsigned_abs())];
    loop {
        let before = start.len() - rest.len();
        let tag = read_varint(rest)?;
        match tag & 7 {
            START_GROUP => open.push(tag >> 3),
            END_GROUP => {
                if open.pop()? != tag >> 3 {
                    return None;
                }
                if open.is_empty() {
                    return start.get(..before).map(<[u8]>::to_vec);
                }
            }
            wire_type => {
                read_payload(rest, wire_type)?;
            }
        }
    }
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}

fn read_varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = *take(rest, 1)?.first()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// The values of a packed run.
pub(super) fn unpack(mut run: &[u8], ty: Type) -> Option<Vec<Payload>> {
    let wire_type = match ty {
        Type::TYPE_FIXED32 | Type::TYPE_SFIXED32 | Type::TYPE_FLOAT => 5,
        Type::TYPE_FIXED64 | Type::TYPE_SFIXED64 | Type::TYPE_DOUBLE => 1,
        _ => 0,
    };
    let mut values = Vec::new();
    while !run.is_empty() {
        values.push(read_payload(&mut run, wire_type)?);
    }
    Some(values)
}

/// An integer as its type is written; it is in range.
pub(super) fn integer(value: i128, ty: Type) -> Payload {
    // Truncation keeps the two's complement bits, which is what the wire holds.
    let (wide, narrow) = (value as i64, value as i32);
    match ty {
        Type::TYPE_SINT32 | Type::TYPE_SINT64 => {
            Payload::Varint(((wide << 1) ^ (wide >> 63)) as u64)
        }
        Type::TYPE_FIXED32 | Type::TYPE_SFIXED32 => Payload::Fixed32(narrow as u32),
        Type::TYPE_FIXED64 | Type::TYPE_SFIXED64 => Payload::Fixed64(wide as u64),
        _ => Payload::Varint(wide as u64),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]
    use super::*;

    #[test]
    fn integers_of_every_kind() {
        let varint = |value, ty| match integer(value, ty) {
            Payload::Varint(value) => value,
            _ => panic!("not a varint"),
        };
        assert_eq!(varint(-1, Type::TYPE_INT32), u64::MAX);
        assert_eq!(varint(-1, Type::TYPE_SINT32), 1);
        assert_eq!(varint(i128::from(u64::MAX), Type::TYPE_UINT64), u64::MAX);
        let mut out = Vec::new();
        write(1, &integer(-2, Type::TYPE_SFIXED32), &mut out);
        assert_eq!(out, [0x0d, 0xfe, 0xff, 0xff, 0xff]);
    }

    #[test]
    fn groups_are_closed() {
        let mut out = Vec::new();
        write(2, &Payload::Group(vec![0x08, 0x01]), &mut out);
        assert_eq!(out, [0x13, 0x08, 0x01, 0x14]);
    }
}
