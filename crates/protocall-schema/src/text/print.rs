//! Messages as text.

use std::fmt::Write as _;

use buffa_descriptor::generated::descriptor::field_descriptor_proto::Type;

use super::raw;
use super::tree::{self, Tree, Value};
use super::types::{Field, Message, Types};
use crate::number::{c_escape, double_text, float_text};

/// How deep bytes of unknown fields are guessed to be messages.
const GUESSED_DEPTH: usize = 10;

pub(super) fn print(types: &Types<'_>, message: &Message<'_>, tree: &Tree) -> String {
    let mut out = String::new();
    print_message(types, message, tree, 0, &mut out);
    out
}

fn print_message(
    types: &Types<'_>,
    message: &Message<'_>,
    tree: &Tree,
    indent: usize,
    out: &mut String,
) {
    let complete = message.is_map_entry.then(|| tree::complete_entry(types, message, tree));
    let tree = complete.as_ref().unwrap_or(tree);
    for (&number, values) in &tree.known {
        let Some(field) = types.field(message, number) else { continue };
        let mut values: Vec<&Value> = values.iter().collect();
        if types.is_map(field) {
            tree::sort_entries(types, field, &mut values);
        }
        for value in values {
            // writing to a String cannot fail
            let _ = write!(out, "{:indent$}{}", "", field.printed);
            print_value(types, field, value, indent, out);
        }
    }
    raw::print(&tree.unknown, indent, GUESSED_DEPTH, out);
}

fn print_value(
    types: &Types<'_>,
    field: &Field<'_>,
    value: &Value,
    indent: usize,
    out: &mut String,
) {
    match value {
        Value::Message(inner) => {
            out.push_str(" {\n");
            if let Some(message) = types.message(field.type_name) {
                print_message(types, message, inner, indent + 2, out);
            }
            let _ = writeln!(out, "{:indent$}}}", "");
        }
        Value::Bytes(bytes) => {
            let _ = writeln!(out, ": \"{}\"", c_escape(bytes));
        }
        Value::Number(bits) => {
            let _ = writeln!(out, ": {}", number(types, field, *bits));
        }
    }
}

fn number(types: &Types<'_>, field: &Field<'_>, bits: u64) -> String {
    match field.ty {
        Type::TYPE_DOUBLE => double_text(f64::from_bits(bits)),
        Type::TYPE_FLOAT => float_text(f32::from_bits(bits as u32)),
        Type::TYPE_BOOL => (bits != 0).to_string(),
        Type::TYPE_ENUM => {
            let number = bits as i32;
            let name = types.enumeration(field.type_name).and_then(|item| item.name_of(number));
            name.map_or_else(|| number.to_string(), str::to_owned)
        }
        Type::TYPE_UINT32 | Type::TYPE_UINT64 | Type::TYPE_FIXED32 | Type::TYPE_FIXED64 => {
            bits.to_string()
        }
        _ => (bits as i64).to_string(),
    }
}
