//! Fields of unknown types: as records, as text, and back as bytes.

use std::fmt::Write as _;

use super::MAX_DEPTH;
use crate::number::c_escape;

/// A field that no type explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unknown {
    pub(super) number: u32,
    pub(super) value: Value,
}

/// What the wire says of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Varint(u64),
    Fixed64(u64),
    Bytes(Vec<u8>),
    Group(Vec<Unknown>),
    Fixed32(u32),
}

/// A record's head and its value, but for groups.
pub(super) enum Wire<'b> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'b [u8]),
    StartGroup,
    EndGroup,
    Fixed32(u32),
}

/// How deep embedded messages are guessed.
const GUESSED_DEPTH: usize = 10;

pub(super) fn decode(bytes: &[u8]) -> Option<String> {
    let records = read(&mut Reader { rest: bytes }, None, MAX_DEPTH)?;
    let mut out = String::new();
    print(&records, 0, GUESSED_DEPTH, &mut out);
    Some(out)
}

/// Bytes on their way in.
#[derive(Clone)]
pub(super) struct Reader<'b> {
    pub(super) rest: &'b [u8],
}

impl<'b> Reader<'b> {
    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// A number and what follows it; `None` for bytes that are no record.
    pub(super) fn record(&mut self) -> Option<(u32, Wire<'b>)> {
        let tag = u32::try_from(self.varint()?).ok()?;
        let number = tag >> 3;
        if number == 0 {
            return None;
        }
        Some((number, self.value(tag & 7)?))
    }

    pub(super) fn value(&mut self, wire_type: u32) -> Option<Wire<'b>> {
        Some(match wire_type {
            0 => Wire::Varint(self.varint()?),
            1 => Wire::Fixed64(u64::from_le_bytes(self.take(8)?.try_into().ok()?)),
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                Wire::Bytes(self.take(length)?)
            }
            3 => Wire::StartGroup,
            4 => Wire::EndGroup,
            5 => Wire::Fixed32(u32::from_le_bytes(self.take(4)?.try_into().ok()?)),
            _ => return None,
        })
    }

    pub(super) fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..70).step_by(7) {
            let (&byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            // of the tenth byte one bit is left
            value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    /// A record of unknown type whose head was read.
    pub(super) fn unknown(
        &mut self,
        number: u32,
        wire: &Wire<'b>,
        depth: usize,
    ) -> Option<Unknown> {
        let value = match wire {
            Wire::Varint(value) => Value::Varint(*value),
            Wire::Fixed64(value) => Value::Fixed64(*value),
            Wire::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
            Wire::StartGroup => Value::Group(read(self, Some(number), depth.checked_sub(1)?)?),
            Wire::EndGroup => return None,
            Wire::Fixed32(value) => Value::Fixed32(*value),
        };
        Some(Unknown { number, value })
    }
}

/// Records up to the end of the bytes, or of the group.
fn read(reader: &mut Reader<'_>, group: Option<u32>, depth: usize) -> Option<Vec<Unknown>> {
    let mut records = Vec::new();
    while !reader.is_empty() {
        match reader.record()? {
            (number, Wire::EndGroup) => return (group == Some(number)).then_some(records),
            (number, wire) => records.push(reader.unknown(number, &wire, depth)?),
        }
    }
    group.is_none().then_some(records)
}

/// Prints records; bytes that could be a message are taken for one.
pub(super) fn print(records: &[Unknown], indent: usize, guesses: usize, out: &mut String) {
    for record in records {
        let number = record.number;
        // writing to a String cannot fail
        let _ = write!(out, "{:indent$}{number}", "");
        let _ = match &record.value {
            Value::Varint(value) => writeln!(out, ": {value}"),
            Value::Fixed32(value) => writeln!(out, ": 0x{value:08x}"),
            Value::Fixed64(value) => writeln!(out, ": 0x{value:016x}"),
            Value::Group(records) => {
                block(records, indent, guesses.saturating_sub(1), out);
                Ok(())
            }
            Value::Bytes(bytes) => match guess(bytes, guesses) {
                Some(records) => {
                    block(&records, indent, guesses - 1, out);
                    Ok(())
                }
                None => writeln!(out, ": \"{}\"", c_escape(bytes)),
            },
        };
    }
}

fn guess(bytes: &[u8], guesses: usize) -> Option<Vec<Unknown>> {
    if bytes.is_empty() || guesses == 0 {
        return None;
    }
    read(&mut Reader { rest: bytes }, None, guesses)
}

fn block(records: &[Unknown], indent: usize, guesses: usize, out: &mut String) {
    out.push_str(" {\n");
    print(records, indent + 2, guesses, out);
    let _ = writeln!(out, "{:indent$}}}", "");
}

/// Writes records as they were.
pub(super) fn write(records: &[Unknown], out: &mut Vec<u8>) {
    for Unknown { number, value } in records {
        match value {
            Value::Varint(value) => {
                tag(*number, 0, out);
                varint(*value, out);
            }
            Value::Fixed64(value) => {
                tag(*number, 1, out);
                out.extend(value.to_le_bytes());
            }
            Value::Bytes(value) => {
                tag(*number, 2, out);
                varint(value.len() as u64, out);
                out.extend(value);
            }
            Value::Group(records) => {
                tag(*number, 3, out);
                write(records, out);
                tag(*number, 4, out);
            }
            Value::Fixed32(value) => {
                tag(*number, 5, out);
                out.extend(value.to_le_bytes());
            }
        }
    }
}

pub(super) fn tag(number: u32, wire_type: u32, out: &mut Vec<u8>) {
    varint(u64::from(number << 3 | wire_type), out);
}

pub(super) fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}
