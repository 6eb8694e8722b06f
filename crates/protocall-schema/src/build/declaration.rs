//! What an extension range says of the extensions that may stand in it.

use crate::model::{Declaration, Declarations};
use crate::source::Span;
use crate::syntax::{AggregateField, OptionList, ValueKind};

/// Reads the range's options; whether they are valid options is checked by `options`.
pub(super) fn declarations(options: Option<&OptionList>) -> Declarations {
    let mut found = Declarations::default();
    for setting in options.into_iter().flat_map(|list| &list.settings) {
        match (setting.simple_name(), &setting.value.kind) {
            (Some("verification"), ValueKind::Identifier(value)) => {
                found.verified = Some(value == "DECLARATION");
            }
            (Some("declaration"), ValueKind::Message(fields)) => {
                found.list.push(declaration(fields, setting.span));
            }
            _ => {}
        }
    }
    found
}

fn declaration(fields: &[AggregateField], span: Span) -> Declaration {
    let mut declaration = Declaration { span, ..Declaration::default() };
    for field in fields {
        match (field.name.text.as_str(), &field.value.kind) {
            ("number", ValueKind::Integer { negative: false, magnitude }) => {
                declaration.number = magnitude.and_then(|number| i32::try_from(number).ok());
            }
            ("full_name", ValueKind::String(text)) => declaration.full_name = Some(lossy(text)),
            ("type", ValueKind::String(text)) => declaration.type_name = Some(lossy(text)),
            ("reserved", value) => declaration.reserved = is_true(value),
            ("repeated", value) => declaration.repeated = is_true(value),
            _ => {}
        }
    }
    declaration
}

fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// As text format has it.
fn is_true(value: &ValueKind) -> bool {
    match value {
        ValueKind::Identifier(text) => matches!(text.as_str(), "true" | "True" | "t"),
        ValueKind::Integer { magnitude, .. } => *magnitude == Some(1),
        _ => false,
    }
}
