//! Values of options: scalars by type, and messages written in text format.
//! Text format specification: protobuf.dev/reference/protobuf/textformat-spec.

use std::collections::BTreeMap;

use buffa_descriptor::generated::descriptor::field_descriptor_proto::Type;

use super::wire::{self, Payload};
use super::{Interpreter, Outcome, Reported, canonical};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::model::{FieldInfo, MessageInfo};
use crate::number;
use crate::scope::Want;
use crate::source::Span;
use crate::suggest;
use crate::syntax::{AggregateField, AggregateName, Name, Value, ValueKind};

/// Which of two grammars a scalar is under: text format is laxer about booleans and enums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Option,
    TextFormat,
}

const ANY: &str = "google.protobuf.Any";

/// What a type's URL begins with, where types are looked up.
const ANY_PREFIXES: [&str; 2] = ["type.googleapis.com", "type.googleprod.com"];

/// The fields of one message value so far, by number.
type Filled<'m> = BTreeMap<i32, (&'m FieldInfo, Vec<Payload>)>;

impl<'a> Interpreter<'a> {
    /// A message value for a message or group field.
    pub(super) fn message_payload(
        &mut self,
        field: &FieldInfo,
        fields: &[AggregateField],
        span: Span,
    ) -> Outcome<Payload> {
        let Some(message) = self.model.message(&field.type_name) else { return Err(Reported) };
        let bytes = self.message(message, fields, span)?;
        Ok(match field.ty {
            Some(Type::TYPE_GROUP) => Payload::Group(bytes),
            _ => Payload::Bytes(bytes),
        })
    }

    fn message(
        &mut self,
        message: &'a MessageInfo,
        fields: &[AggregateField],
        span: Span,
    ) -> Outcome<Vec<u8>> {
        if let [any] = fields
            && any.kind == AggregateName::AnyType
        {
            return self.any(message, any);
        }
        let mut filled = Filled::new();
        let mut outcome = Ok(());
        for setting in fields {
            if self.fill(message, setting, &mut filled).is_err() {
                outcome = Err(Reported);
            }
        }
        outcome?;
        let missing = |field: &&FieldInfo| {
            field.is_required() && field.number.is_some_and(|number| !filled.contains_key(&number))
        };
        if let Some(field) = message.fields.iter().find(missing) {
            let text =
                format!("required field `{}` of `{}` is missing", field.name, message.full_name);
            return Err(self.error(code::OPTION_MISSING_REQUIRED, text, span, ""));
        }
        if message.is_map_entry {
            complete(message, &mut filled);
        }
        Ok(encode(&filled, message.is_map_entry))
    }

    fn fill(
        &mut self,
        message: &'a MessageInfo,
        setting: &AggregateField,
        filled: &mut Filled<'a>,
    ) -> Outcome<()> {
        let field = self.aggregate_field(message, setting)?;
        self.check_target(field, setting.name.span)?;
        self.check_lifetime(field, setting.name.span);
        let Some(number) = field.number else { return Err(Reported) };
        if !field.repeated {
            self.check_single(field, setting, filled)?;
        }
        if !setting.colon && field.type_name.is_empty() {
            let text = format!("a `:` is missing between `{}` and its value", field.name);
            return Err(self.error(code::OPTION_TYPE, text, setting.name.span, ""));
        }
        let values = match &setting.value.kind {
            ValueKind::List(values) if field.repeated => values.as_slice(),
            ValueKind::List(_) => {
                let text = format!("`{}` is not repeated and takes one value", field.name);
                return Err(self.error(code::OPTION_TYPE, text, setting.value.span, ""));
            }
            _ => std::slice::from_ref(&setting.value),
        };
        let mut payloads = Vec::new();
        for value in values {
            payloads.push(self.value(field, value)?);
        }
        filled.entry(number).or_insert_with(|| (field, Vec::new())).1.extend(payloads);
        Ok(())
    }

    fn aggregate_field(
        &mut self,
        message: &'a MessageInfo,
        setting: &AggregateField,
    ) -> Outcome<&'a FieldInfo> {
        let name = setting.name.text.as_str();
        match setting.kind {
            AggregateName::Extension => {
                if let Some(member) = self.message_set_member(&setting.name.text, message) {
                    return Ok(member);
                }
                return self.extension(&setting.name, &message.full_name, message);
            }
            AggregateName::AnyType => {
                let text = "a type's URL stands alone in a `google.protobuf.Any`";
                return Err(self.error(code::UNKNOWN_OPTION_FIELD, text, setting.name.span, ""));
            }
            AggregateName::Field => {}
        }
        let is_group = |field: &&FieldInfo| {
            field.is_group_like() && crate::names::last(&field.type_name) == name
        };
        // A group goes by its type's name as well.
        let found = message.field(name).or_else(|| message.fields.iter().find(is_group));
        if let Some(field) = found {
            return Ok(field);
        }
        let hint = suggest::similar(name, message.fields.iter().map(|field| field.name.as_str()))
            .map(|similar| format!("did you mean `{similar}`?"));
        let text = format!("`{}` has no field `{name}`", message.full_name);
        let diagnostic = Diagnostic::error(code::UNKNOWN_OPTION_FIELD, text)
            .at(&self.unit.source, setting.name.span, "")
            .maybe_hint(hint);
        self.diagnostics.push(diagnostic);
        Err(Reported)
    }

    /// A single field is set once, and of a oneof only one.
    fn check_single(
        &mut self,
        field: &FieldInfo,
        setting: &AggregateField,
        filled: &Filled<'_>,
    ) -> Outcome<()> {
        let span = setting.name.span;
        if field.number.is_some_and(|number| filled.contains_key(&number)) {
            let text = format!("`{}` is set already", field.name);
            return Err(self.error(code::OPTION_REPEATED, text, span, ""));
        }
        let other = filled.values().find(|(other, _)| {
            field.oneof.is_some() && other.oneof == field.oneof && other.extendee.is_none()
        });
        if let Some((other, _)) = other {
            let text = format!(
                "`{}` and `{}` are of one oneof: only one can be set",
                other.name, field.name
            );
            return Err(self.error(code::OPTION_REPEATED, text, span, ""));
        }
        Ok(())
    }

    fn value(&mut self, field: &FieldInfo, value: &Value) -> Outcome<Payload> {
        match &value.kind {
            ValueKind::Message(fields) if field.is_message() => {
                self.message_payload(field, fields, value.span)
            }
            _ if field.is_message() => {
                let text = format!("`{}` is a message", field.name);
                Err(self.error(code::OPTION_TYPE, text, value.span, "expected `{ ... }`"))
            }
            _ => self.scalar(field, value, Dialect::TextFormat),
        }
    }

    /// `[type.googleapis.com/package.Type] { ... }`
    fn any(&mut self, message: &MessageInfo, setting: &AggregateField) -> Outcome<Vec<u8>> {
        let span = setting.name.span;
        if message.full_name != ANY {
            let text =
                format!("a type's URL stands in a `{ANY}` only, not in `{}`", message.full_name);
            return Err(self.error(code::UNKNOWN_OPTION_FIELD, text, span, ""));
        }
        let (prefix, type_name) = setting.name.text.split_once('/').unwrap_or_default();
        if !ANY_PREFIXES.contains(&prefix) {
            let text = format!("types are not known by `{prefix}`");
            let label = format!("expected `{}`", ANY_PREFIXES.join("` or `"));
            return Err(self.error(code::UNKNOWN_NAME, text, span, &label));
        }
        let inner = self.any_type(type_name, span)?;
        let ValueKind::Message(fields) = &setting.value.kind else {
            let text = format!("the value of a `{ANY}` is a message");
            return Err(self.error(
                code::OPTION_TYPE,
                text,
                setting.value.span,
                "expected `{ ... }`",
            ));
        };
        let value = self.message(inner, fields, setting.value.span)?;
        // What lies inside is bytes to the passes that follow.
        let value = canonical::canonical_any(self.model, &inner.full_name, &value);
        let value = value.map_err(|_| Reported)?;
        let mut out = Vec::new();
        wire::write(1, &Payload::Bytes(setting.name.text.clone().into_bytes()), &mut out);
        // `Any` is of proto3: what is empty is not there
        if !value.is_empty() {
            wire::write(2, &Payload::Bytes(value), &mut out);
        }
        Ok(out)
    }

    /// The message in an `Any`, which this file must see like a field's type.
    fn any_type(&mut self, type_name: &str, span: Span) -> Outcome<&'a MessageInfo> {
        let name = Name { text: format!(".{type_name}"), span };
        match self.scope.find(&name.text, "", Want::Type) {
            Ok((full_name, _)) => self.model.message(&full_name).ok_or_else(|| {
                self.error(code::NOT_A_MESSAGE, format!("`{full_name}` is not a message"), span, "")
            }),
            Err(miss) => {
                let diagnostic = self.scope.missing(&name, "", miss, Want::Type);
                self.diagnostics.push(diagnostic);
                Err(Reported)
            }
        }
    }

    /// A value that is not a message.
    pub(super) fn scalar(
        &mut self,
        field: &FieldInfo,
        value: &Value,
        dialect: Dialect,
    ) -> Outcome<Payload> {
        let Some(ty) = field.ty else { return Err(Reported) };
        let problem = match ty {
            Type::TYPE_BOOL => match boolean(&value.kind, dialect) {
                Some(value) => return Ok(Payload::Varint(u64::from(value))),
                None => "expected `true` or `false`",
            },
            Type::TYPE_STRING | Type::TYPE_BYTES => match &value.kind {
                // Custom options may hold any bytes; the standard ones are text in descriptors.
                ValueKind::String(bytes)
                    if ty == Type::TYPE_STRING
                        && field.full_name.starts_with("google.protobuf.")
                        && std::str::from_utf8(bytes).is_err() =>
                {
                    "not valid UTF-8"
                }
                ValueKind::String(bytes) => return Ok(Payload::Bytes(bytes.clone())),
                _ => "expected a string",
            },
            Type::TYPE_FLOAT | Type::TYPE_DOUBLE
                if dialect == Dialect::TextFormat && self.is_hex_or_octal(value) =>
            {
                "expected a decimal number"
            }
            Type::TYPE_FLOAT | Type::TYPE_DOUBLE => match float(&value.kind, dialect) {
                Some(float) if ty == Type::TYPE_FLOAT => {
                    return Ok(Payload::Fixed32(number::to_f32(float).to_bits()));
                }
                Some(float) => return Ok(Payload::Fixed64(float.to_bits())),
                None => "expected a number",
            },
            Type::TYPE_ENUM => return self.enumerator(field, value, dialect),
            _ => match number::as_integer(&value.kind, ty) {
                Ok(integer) => return Ok(wire::integer(integer, ty)),
                Err(problem) => problem,
            },
        };
        let is_number = matches!(value.kind, ValueKind::Integer { .. } | ValueKind::Huge(_));
        let code = if is_number { code::OPTION_VALUE_RANGE } else { code::OPTION_TYPE };
        let text = format!("this value does not fit `{}`", field.name);
        Err(self.error(code, text, value.span, problem))
    }

    fn is_hex_or_octal(&self, value: &Value) -> bool {
        // the number is the last token behind its sign
        let text = self.unit.source.slice(value.span);
        let start = text.rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
        let digits = text.get(start..).unwrap_or_default();
        matches!(value.kind, ValueKind::Integer { .. })
            && digits.len() > 1
            && digits.starts_with('0')
    }

    fn enumerator(
        &mut self,
        field: &FieldInfo,
        written: &Value,
        dialect: Dialect,
    ) -> Outcome<Payload> {
        let Some(info) = self.model.enumeration(&field.type_name) else { return Err(Reported) };
        let by_number = number::as_integer(&written.kind, Type::TYPE_INT32);
        let name = match (&written.kind, by_number) {
            (ValueKind::Identifier(name), _) => name,
            (_, Ok(number)) if dialect == Dialect::TextFormat => {
                return Ok(wire::integer(number, Type::TYPE_INT32));
            }
            _ => {
                let text = format!("this value does not fit `{}`", field.name);
                let label = "expected the name of an enum value";
                return Err(self.error(code::OPTION_TYPE, text, written.span, label));
            }
        };
        if let Some(value) = info.value(name)
            && let Some(number) = value.number
        {
            self.check_value_lifetime(info, value, written.span);
            return Ok(wire::integer(i128::from(number), Type::TYPE_INT32));
        }
        let hint = suggest::similar(name, info.values.iter().map(|value| value.name.as_str()))
            .map(|similar| format!("did you mean `{similar}`?"));
        let text = format!("enum `{}` has no value `{name}`", info.full_name);
        let diagnostic = Diagnostic::error(code::OPTION_TYPE, text)
            .at(&self.unit.source, written.span, "")
            .maybe_hint(hint);
        self.diagnostics.push(diagnostic);
        Err(Reported)
    }
}

fn float(value: &ValueKind, dialect: Dialect) -> Option<f64> {
    match value {
        ValueKind::Identifier(text) if dialect == Dialect::TextFormat => {
            match text.to_ascii_lowercase().as_str() {
                "inf" | "infinity" => Some(f64::INFINITY),
                "nan" => Some(f64::NAN),
                _ => None,
            }
        }
        // an option's integer is one before it becomes a number with a fraction: `-0` has no sign
        ValueKind::Integer { magnitude: Some(0), .. } if dialect == Dialect::Option => Some(0.0),
        _ => number::as_float(value),
    }
}

fn boolean(value: &ValueKind, dialect: Dialect) -> Option<bool> {
    let lax = dialect == Dialect::TextFormat;
    match value {
        ValueKind::Identifier(text) => match text.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            "True" | "t" if lax => Some(true),
            "False" | "f" if lax => Some(false),
            _ => None,
        },
        ValueKind::Integer { negative: false, magnitude: Some(value @ (0 | 1)) } if lax => {
            Some(*value == 1)
        }
        _ => None,
    }
}

/// Both parts of a map's entry are written, whatever their values.
fn complete<'m>(entry: &'m MessageInfo, filled: &mut Filled<'m>) {
    for field in &entry.fields {
        if let (Some(number), Some(ty)) = (field.number, field.ty) {
            filled.entry(number).or_insert_with(|| (field, vec![wire::zero(ty)]));
        }
    }
}

/// The message's bytes: fields by number, as a serializer writes them.
fn encode(filled: &Filled<'_>, is_map_entry: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for (number, (field, payloads)) in filled {
        if field.is_packed() && !payloads.is_empty() {
            wire::write_packed(*number, payloads, &mut out);
            continue;
        }
        for payload in payloads {
            if is_map_entry || !(field.has_implicit_presence() && payload.is_zero()) {
                wire::write(*number, payload, &mut out);
            }
        }
    }
    out
}
