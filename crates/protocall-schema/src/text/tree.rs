//! A message's fields by number: read from bytes as C++'s dynamic messages read them, and written.

use std::collections::BTreeMap;

use buffa_descriptor::generated::descriptor::field_descriptor_proto::Type;

use super::MAX_DEPTH;
use super::raw::{self, Reader, Unknown, Wire};
use super::types::{Enum, Field, Message, Types};

/// A message's content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tree {
    pub(super) known: BTreeMap<u32, Vec<Value>>,
    pub(super) unknown: Vec<Unknown>,
}

/// One value; numbers as their type's bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Integers sign-extended, `sint` as it is meant; floats as their bits.
    Number(u64),
    Bytes(Vec<u8>),
    Message(Tree),
}

impl Tree {
    /// Adds a value of a repeated field, or sets a single one's, which unsets others of its oneof.
    pub(super) fn put(&mut self, message: &Message<'_>, field: &Field<'_>, value: Value) {
        if field.repeated {
            self.known.entry(field.number).or_default().push(value);
            return;
        }
        if let Some(oneof) = field.oneof {
            for other in message.fields().filter(|other| other.oneof == Some(oneof)) {
                if other.number != field.number {
                    self.known.remove(&other.number);
                }
            }
        }
        if field.implicit && is_zero(&value) {
            self.known.remove(&field.number);
        } else {
            self.known.insert(field.number, vec![value]);
        }
    }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Number(bits) => *bits == 0,
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::Message(_) => false,
    }
}

/// A message from its bytes; `None` if they are none of that type.
pub(super) fn read(types: &Types<'_>, message: &Message<'_>, bytes: &[u8]) -> Option<Tree> {
    let mut tree = Tree::default();
    Decoder { types, reader: Reader { rest: bytes } }
        .message(message, &mut tree, None, MAX_DEPTH)?;
    Some(tree)
}

struct Decoder<'t, 's, 'b> {
    types: &'t Types<'s>,
    reader: Reader<'b>,
}

impl<'t, 's, 'b> Decoder<'t, 's, 'b> {
    fn message(
        &mut self,
        message: &Message<'s>,
        tree: &mut Tree,
        group: Option<u32>,
        depth: usize,
    ) -> Option<()> {
        while !self.reader.is_empty() {
            let (number, wire) = self.reader.record()?;
            match wire {
                Wire::EndGroup => return (group == Some(number)).then_some(()),
                Wire::StartGroup if message.is_set && number == 1 => {
                    self.set_item(message, tree, depth)?;
                }
                wire => self.field(message, tree, number, wire, depth)?,
            }
        }
        group.is_none().then_some(())
    }

    fn field(
        &mut self,
        message: &Message<'s>,
        tree: &mut Tree,
        number: u32,
        wire: Wire<'b>,
        depth: usize,
    ) -> Option<()> {
        let types = self.types;
        let Some(field) = types.field(message, number) else {
            tree.unknown.push(self.reader.unknown(number, &wire, depth)?);
            return Some(());
        };
        match (&wire, field.ty) {
            (Wire::Bytes(bytes), Type::TYPE_MESSAGE) => {
                if let Some(entry) = self.strange_entry(field, bytes, depth)? {
                    tree.unknown.push(Unknown { number, value: raw::Value::Bytes(entry) });
                    return Some(());
                }
                let mut inner = Decoder { types, reader: Reader { rest: bytes } };
                inner.nested(message, field, tree, None, depth)
            }
            (Wire::StartGroup, Type::TYPE_GROUP) => {
                self.nested(message, field, tree, Some(number), depth)
            }
            (Wire::Bytes(bytes), Type::TYPE_STRING | Type::TYPE_BYTES) => {
                if field.utf8 && std::str::from_utf8(bytes).is_err() {
                    return None;
                }
                tree.put(message, field, Value::Bytes(bytes.to_vec()));
                Some(())
            }
            (Wire::Bytes(run), _) if field.repeated && field.is_packable() => {
                let mut run = Reader { rest: run };
                while !run.is_empty() {
                    let wire = run.value(wire_type(field.ty))?;
                    self.number(message, field, tree, &wire)?;
                }
                Some(())
            }
            _ => {
                if field.is_packable() && self.number(message, field, tree, &wire).is_some() {
                    return Some(());
                }
                tree.unknown.push(self.reader.unknown(number, &wire, depth)?);
                Some(())
            }
        }
    }

    /// A map's entry, if it has a value that its closed enum does not know: then all of the entry
    /// is unknown, its key and its value as they would be written.
    fn strange_entry(
        &self,
        field: &Field<'_>,
        bytes: &[u8],
        depth: usize,
    ) -> Option<Option<Vec<u8>>> {
        const VALUE: u32 = 2;
        let types = self.types;
        let is_closed = |entry: &Message<'_>| {
            let value = types.field(entry, VALUE).filter(|value| value.ty == Type::TYPE_ENUM);
            value
                .and_then(|value| types.enumeration(value.type_name))
                .is_some_and(|item| item.closed)
        };
        let entry = types.message(field.type_name).filter(|ty| ty.is_map_entry && is_closed(ty));
        let Some(entry) = entry else { return Some(None) };
        let mut content = Tree::default();
        let mut decoder = Decoder { types, reader: Reader { rest: bytes } };
        decoder.message(entry, &mut content, None, depth.checked_sub(1)?)?;
        let values = content.unknown.iter().filter(|unknown| unknown.number == VALUE);
        let Some(raw::Value::Varint(value)) = values.map(|unknown| &unknown.value).next_back()
        else {
            return Some(None);
        };
        let value = Value::Number(*value);
        content.unknown.clear();
        let mut pair = complete_entry(types, entry, &content);
        pair.known.insert(VALUE, vec![value]);
        let mut out = Vec::new();
        write(types, entry, &pair, false, &mut out);
        Some(Some(out))
    }

    /// A scalar; `None` if it is of another wire type.
    fn number(
        &self,
        message: &Message<'s>,
        field: &Field<'_>,
        tree: &mut Tree,
        wire: &Wire<'_>,
    ) -> Option<()> {
        let bits = bits(field.ty, wire)?;
        let is_strange = |item: &Enum<'_>| item.closed && item.name_of(bits as i32).is_none();
        if field.ty == Type::TYPE_ENUM
            && self.types.enumeration(field.type_name).is_some_and(is_strange)
        {
            tree.unknown.push(Unknown { number: field.number, value: raw::Value::Varint(bits) });
        } else {
            tree.put(message, field, Value::Number(bits));
        }
        Some(())
    }

    fn nested(
        &mut self,
        message: &Message<'s>,
        field: &Field<'_>,
        tree: &mut Tree,
        group: Option<u32>,
        depth: usize,
    ) -> Option<()> {
        let inner = self.types.message(field.type_name)?;
        // a single message is merged with what came before
        let mut content = match tree.known.get_mut(&field.number).and_then(Vec::pop) {
            Some(Value::Message(before)) if !field.repeated => before,
            Some(before) => {
                tree.known.entry(field.number).or_default().push(before);
                Tree::default()
            }
            None => Tree::default(),
        };
        self.message(inner, &mut content, group, depth.checked_sub(1)?)?;
        if inner.is_map_entry {
            // an entry is a pair and nothing else
            content.unknown.clear();
        }
        tree.put(message, field, Value::Message(content));
        Some(())
    }

    /// `repeated group Item = 1 { required int32 type_id = 2; required bytes message = 3; }`
    fn set_item(&mut self, message: &Message<'s>, tree: &mut Tree, depth: usize) -> Option<()> {
        let (mut id, mut content) = (None, None);
        loop {
            match self.reader.record()? {
                (1, Wire::EndGroup) => break,
                (2, Wire::Varint(value)) => id = id.or_else(|| u32::try_from(value).ok()),
                (3, Wire::Bytes(bytes)) => content = content.or(Some(bytes)),
                (number, wire) => {
                    self.reader.unknown(number, &wire, depth)?;
                }
            }
        }
        let (Some(id), Some(content)) = (id, content) else { return Some(()) };
        self.field(message, tree, id, Wire::Bytes(content), depth)
    }
}

fn wire_type(ty: Type) -> u32 {
    match ty {
        Type::TYPE_FIXED32 | Type::TYPE_SFIXED32 | Type::TYPE_FLOAT => 5,
        Type::TYPE_FIXED64 | Type::TYPE_SFIXED64 | Type::TYPE_DOUBLE => 1,
        _ => 0,
    }
}

/// A scalar's bits, or `None` if the wire's type is not that of its own.
fn bits(ty: Type, wire: &Wire<'_>) -> Option<u64> {
    use Type::*;
    // truncation is what every implementation does to varints that are too large
    match (wire, ty) {
        (Wire::Varint(value), TYPE_INT32 | TYPE_ENUM) => Some(*value as i32 as u64),
        (Wire::Varint(value), TYPE_UINT32) => Some(u64::from(*value as u32)),
        (Wire::Varint(value), TYPE_INT64 | TYPE_UINT64) => Some(*value),
        (Wire::Varint(value), TYPE_SINT32) => {
            let value = *value as u32;
            Some(((value >> 1) as i32 ^ -((value & 1) as i32)) as u64)
        }
        (Wire::Varint(value), TYPE_SINT64) => {
            Some(((value >> 1) as i64 ^ -((value & 1) as i64)) as u64)
        }
        (Wire::Varint(value), TYPE_BOOL) => Some(u64::from(*value != 0)),
        (Wire::Fixed32(value), TYPE_SFIXED32) => Some(*value as i32 as u64),
        (Wire::Fixed32(value), TYPE_FIXED32 | TYPE_FLOAT) => Some(u64::from(*value)),
        (Wire::Fixed64(value), TYPE_FIXED64 | TYPE_SFIXED64 | TYPE_DOUBLE) => Some(*value),
        _ => None,
    }
}

/// Writes a message, fields in the order of their numbers and those without a type behind them.
pub(super) fn write(
    types: &Types<'_>,
    message: &Message<'_>,
    tree: &Tree,
    sort_maps: bool,
    out: &mut Vec<u8>,
) {
    for (&number, values) in &tree.known {
        let Some(field) = types.field(message, number) else { continue };
        if field.packed {
            let mut run = Vec::new();
            for value in values {
                write_scalar(field.ty, value, &mut run);
            }
            raw::tag(number, 2, out);
            raw::varint(run.len() as u64, out);
            out.extend(run);
            continue;
        }
        let mut order: Vec<&Value> = values.iter().collect();
        if sort_maps && types.is_map(field) {
            sort_entries(types, field, &mut order);
        }
        for value in order {
            write_value(types, message, field, value, sort_maps, out);
        }
    }
    raw::write(&tree.unknown, out);
}

fn write_value(
    types: &Types<'_>,
    message: &Message<'_>,
    field: &Field<'_>,
    value: &Value,
    sort_maps: bool,
    out: &mut Vec<u8>,
) {
    let content = |inner: &Tree| {
        let mut bytes = Vec::new();
        if let Some(ty) = types.message(field.type_name) {
            let complete = ty.is_map_entry.then(|| complete_entry(types, ty, inner));
            write(types, ty, complete.as_ref().unwrap_or(inner), sort_maps, &mut bytes);
        }
        bytes
    };
    match value {
        Value::Message(inner) if message.is_set => {
            let bytes = content(inner);
            raw::tag(1, 3, out);
            raw::tag(2, 0, out);
            raw::varint(u64::from(field.number), out);
            raw::tag(3, 2, out);
            raw::varint(bytes.len() as u64, out);
            out.extend(bytes);
            raw::tag(1, 4, out);
        }
        Value::Message(inner) if field.ty == Type::TYPE_GROUP => {
            raw::tag(field.number, 3, out);
            out.extend(content(inner));
            raw::tag(field.number, 4, out);
        }
        Value::Message(inner) => {
            let bytes = content(inner);
            raw::tag(field.number, 2, out);
            raw::varint(bytes.len() as u64, out);
            out.extend(bytes);
        }
        Value::Bytes(bytes) => {
            raw::tag(field.number, 2, out);
            raw::varint(bytes.len() as u64, out);
            out.extend(bytes);
        }
        Value::Number(_) => {
            raw::tag(field.number, wire_type(field.ty), out);
            write_scalar(field.ty, value, out);
        }
    }
}

fn write_scalar(ty: Type, value: &Value, out: &mut Vec<u8>) {
    let Value::Number(bits) = value else { return };
    let signed = *bits as i64;
    match ty {
        Type::TYPE_SINT32 => {
            let narrow = *bits as i32;
            raw::varint(u64::from(((narrow << 1) ^ (narrow >> 31)) as u32), out);
        }
        Type::TYPE_SINT64 => raw::varint(((signed << 1) ^ (signed >> 63)) as u64, out),
        Type::TYPE_FIXED32 | Type::TYPE_SFIXED32 | Type::TYPE_FLOAT => {
            out.extend((*bits as u32).to_le_bytes());
        }
        Type::TYPE_FIXED64 | Type::TYPE_SFIXED64 | Type::TYPE_DOUBLE => {
            out.extend(bits.to_le_bytes());
        }
        _ => raw::varint(*bits, out),
    }
}

/// Both parts of a map's entry are always there.
pub(super) fn complete_entry(types: &Types<'_>, entry: &Message<'_>, tree: &Tree) -> Tree {
    let mut tree = tree.clone();
    for field in entry.fields() {
        tree.known.entry(field.number).or_insert_with(|| vec![default_value(types, field)]);
    }
    tree
}

fn default_value(types: &Types<'_>, field: &Field<'_>) -> Value {
    match field.ty {
        Type::TYPE_STRING | Type::TYPE_BYTES => Value::Bytes(Vec::new()),
        Type::TYPE_MESSAGE | Type::TYPE_GROUP => Value::Message(Tree::default()),
        Type::TYPE_ENUM => {
            let first = types.enumeration(field.type_name).and_then(|item| item.values.first());
            Value::Number(first.map_or(0, |(_, number)| *number as u64))
        }
        _ => Value::Number(0),
    }
}

/// Brings a map's entries into the order of their keys; equal ones keep theirs.
pub(super) fn sort_entries(types: &Types<'_>, field: &Field<'_>, entries: &mut [&Value]) {
    const KEY: u32 = 1;
    let key_type = types
        .message(field.type_name)
        .and_then(|entry| types.field(entry, KEY))
        .map_or(Type::TYPE_STRING, |key| key.ty);
    let is_unsigned = matches!(
        key_type,
        Type::TYPE_UINT32
            | Type::TYPE_UINT64
            | Type::TYPE_FIXED32
            | Type::TYPE_FIXED64
            | Type::TYPE_BOOL
    );
    entries.sort_by_key(|entry| {
        let key = match entry {
            Value::Message(tree) => tree.known.get(&KEY).and_then(|values| values.first()),
            _ => None,
        };
        match key {
            Some(Value::Bytes(bytes)) => (0, bytes.clone()),
            Some(Value::Number(bits)) if is_unsigned => (i128::from(*bits), Vec::new()),
            Some(Value::Number(bits)) => (i128::from(*bits as i64), Vec::new()),
            _ => (0, Vec::new()),
        }
    });
}

/// The paths of required fields that are not there.
pub(super) fn missing(types: &Types<'_>, message: &Message<'_>, tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    look_for_missing(types, message, tree, "", &mut found);
    found
}

fn look_for_missing(
    types: &Types<'_>,
    message: &Message<'_>,
    tree: &Tree,
    prefix: &str,
    found: &mut Vec<String>,
) {
    for field in message.fields().filter(|field| field.required) {
        if !tree.known.contains_key(&field.number) {
            found.push(format!("{prefix}{}", field.name));
        }
    }
    for (&number, values) in &tree.known {
        let Some(field) = types.field(message, number) else { continue };
        let Some(inner) = types.message(field.type_name).filter(|_| field.is_message()) else {
            continue;
        };
        let name = if field.printed.starts_with('[') {
            format!("({})", field.printed.trim_matches(['[', ']']))
        } else {
            field.name.to_owned()
        };
        for (index, value) in values.iter().enumerate() {
            let Value::Message(content) = value else { continue };
            let place = if field.repeated { format!("[{index}]") } else { String::new() };
            look_for_missing(types, inner, content, &format!("{prefix}{name}{place}."), found);
        }
    }
}
