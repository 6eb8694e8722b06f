//! Brings the records of an options message into the form a serializer that knows every custom
//! option would give them: by field number, nested settings merged, runs packed as declared.
//! `protoc` writes descriptor sets in this form (its generators see the records as they were set).

use std::collections::{BTreeMap, BTreeSet};

use super::wire::{self, Payload, Records};
use crate::model::{FieldInfo, MessageInfo, Model};

/// Why there is no such form.
pub(super) enum Defect {
    /// The bytes are not a message.
    Invalid,
    /// The full name of a required field that is not set.
    Missing(String),
}

/// Rewrites the bytes of a message of type `message`; what is for the source only is left out.
pub(super) fn canonical(model: &Model, message: &str, bytes: &[u8]) -> Result<Vec<u8>, Defect> {
    rewrite(model, message, bytes, Keep::Runtime)
}

/// The same for what an `Any` holds, where nobody looks for options of the source: all stay.
pub(super) fn canonical_any(model: &Model, message: &str, bytes: &[u8]) -> Result<Vec<u8>, Defect> {
    rewrite(model, message, bytes, Keep::All)
}

/// Which fields stay.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    Runtime,
    All,
}

fn rewrite(model: &Model, message: &str, bytes: &[u8], keep: Keep) -> Result<Vec<u8>, Defect> {
    let mut known: BTreeMap<i32, (&FieldInfo, Vec<Payload>)> = BTreeMap::new();
    let mut unknown = Vec::new();
    for record in Records::new(bytes) {
        let record = record.ok_or(Defect::Invalid)?;
        match field_by_number(model, message, record.number) {
            Some(field) if keep == Keep::Runtime && field.options.source_only => {}
            Some(field) => {
                // Of a oneof the last member stays.
                known.retain(|number, (other, _)| {
                    field.oneof.is_none() || other.oneof != field.oneof || *number == record.number
                });
                let values =
                    &mut known.entry(record.number).or_insert_with(|| (field, Vec::new())).1;
                add(field, record.payload, values).ok_or(Defect::Invalid)?;
            }
            None => wire::write(record.number, &record.payload, &mut unknown),
        }
    }
    let info = model.message(message);
    if let Some(info) = info {
        complete(info, &mut known)?;
    }
    let is_set = info.is_some_and(|info| info.message_set.is_some());
    // both parts of an entry are written, whatever their values
    let is_entry = info.is_some_and(|info| info.is_map_entry);
    let mut out = Vec::new();
    for (number, (field, values)) in known {
        if field.is_packed() {
            wire::write_packed(number, &values, &mut out);
            continue;
        }
        for value in values {
            let value = if field.is_message() { nested(model, field, value, keep)? } else { value };
            if is_set {
                wire::write_set_member(number, &value, &mut out);
            } else if is_entry || !(field.has_implicit_presence() && value.is_zero()) {
                wire::write(number, &value, &mut out);
            }
        }
    }
    out.extend(unknown);
    Ok(out)
}

/// Looks for required fields, and gives a map's entry the part that it lacks.
fn complete<'m>(
    info: &'m MessageInfo,
    known: &mut BTreeMap<i32, (&'m FieldInfo, Vec<Payload>)>,
) -> Result<(), Defect> {
    for field in &info.fields {
        let Some(number) = field.number.filter(|number| !known.contains_key(number)) else {
            continue;
        };
        if field.is_required() {
            return Err(Defect::Missing(field.full_name.clone()));
        }
        if let Some(ty) = field.ty.filter(|_| info.is_map_entry) {
            known.insert(number, (field, vec![wire::zero(ty)]));
        }
    }
    Ok(())
}

/// Adds the paths of all single fields that are set in a message's bytes, without its own.
pub(super) fn set_paths(
    model: &Model,
    message: &str,
    bytes: &[u8],
    path: &[i32],
    into: &mut BTreeSet<Vec<i32>>,
) {
    for record in Records::new(bytes).flatten() {
        let Some(field) = field_by_number(model, message, record.number) else { continue };
        if field.repeated {
            continue;
        }
        let path = [path, &[record.number]].concat();
        match &record.payload {
            Payload::Bytes(bytes) | Payload::Group(bytes) if field.is_message() => {
                set_paths(model, &field.type_name, bytes, &path, into);
            }
            _ => {}
        }
        into.insert(path);
    }
}

fn field_by_number<'m>(model: &'m Model, message: &str, number: i32) -> Option<&'m FieldInfo> {
    let declared = model.message(message)?.fields.iter().find(|field| field.number == Some(number));
    declared.or_else(|| model.extension_by_number(message, number))
}

/// Adds one record's value or values to those before it: a single message is merged with what was
/// there, another single value replaces it.
fn add(field: &FieldInfo, payload: Payload, values: &mut Vec<Payload>) -> Option<()> {
    if field.is_packable()
        && let Payload::Bytes(run) = &payload
    {
        values.extend(wire::unpack(run, field.ty?)?);
        return Some(());
    }
    if field.repeated {
        values.push(payload);
        return Some(());
    }
    match (values.pop(), payload) {
        (Some(Payload::Bytes(mut before)), Payload::Bytes(more)) if field.is_message() => {
            before.extend(more);
            values.push(Payload::Bytes(before));
        }
        (Some(Payload::Group(mut before)), Payload::Group(more)) => {
            before.extend(more);
            values.push(Payload::Group(before));
        }
        (_, payload) => values.push(payload),
    }
    Some(())
}

fn nested(
    model: &Model,
    field: &FieldInfo,
    payload: Payload,
    keep: Keep,
) -> Result<Payload, Defect> {
    Ok(match payload {
        Payload::Bytes(bytes) => Payload::Bytes(rewrite(model, &field.type_name, &bytes, keep)?),
        Payload::Group(bytes) => Payload::Group(rewrite(model, &field.type_name, &bytes, keep)?),
        other => other,
    })
}
