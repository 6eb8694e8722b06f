//! Default values of proto2 fields, in the textual form that descriptors keep them in.

use buffa_descriptor::generated::descriptor::field_descriptor_proto::{Label, Type};

use super::Builder;
use crate::code;
use crate::number;
use crate::syntax::{OptionSetting, ValueKind};

/// The text of a default value; reports one that does not fit its field.
pub(super) fn value(
    builder: &mut Builder<'_, '_>,
    setting: &OptionSetting,
    ty: Option<Type>,
    type_name: &str,
    label: Label,
) -> Option<String> {
    let ty = ty?;
    let problem = if label == Label::LABEL_REPEATED {
        "a repeated field has no default value".to_owned()
    } else {
        match scalar(&setting.value.kind, ty) {
            Ok(Some(text)) => return Some(text),
            Ok(None) => match enumerator(builder, &setting.value.kind, type_name) {
                Ok(text) => return Some(text),
                Err(problem) => problem,
            },
            Err(problem) => problem.to_owned(),
        }
    };
    builder.error(
        code::BAD_DEFAULT,
        "this default value does not fit the field",
        setting.value.span,
        &problem,
    );
    None
}

/// `Ok(None)` for enums, whose values are looked up.
fn scalar(value: &ValueKind, ty: Type) -> Result<Option<String>, &'static str> {
    use Type::*;
    Ok(match (ty, value) {
        (TYPE_ENUM, _) => None,
        (TYPE_MESSAGE | TYPE_GROUP, _) => return Err("a message has no default value"),
        (TYPE_BOOL, ValueKind::Identifier(text)) if text == "true" || text == "false" => {
            Some(text.clone())
        }
        (TYPE_BOOL, _) => return Err("expected `true` or `false`"),
        (TYPE_STRING, ValueKind::String(bytes)) => match String::from_utf8(bytes.clone()) {
            Ok(text) => Some(text),
            Err(_) => return Err("not valid UTF-8"),
        },
        (TYPE_BYTES, ValueKind::String(bytes)) => Some(number::c_escape(bytes)),
        (TYPE_STRING | TYPE_BYTES, _) => return Err("expected a string"),
        (TYPE_FLOAT | TYPE_DOUBLE, _) => match number::as_float(value) {
            Some(float) if ty == TYPE_FLOAT => Some(number::float_text(number::to_f32(float))),
            Some(float) => Some(number::double_text(float)),
            None => return Err("expected a number"),
        },
        _ => match number::as_integer(value, ty) {
            Ok(integer) => Some(integer.to_string()),
            Err(problem) => return Err(problem),
        },
    })
}

fn enumerator(
    builder: &Builder<'_, '_>,
    value: &ValueKind,
    type_name: &str,
) -> Result<String, String> {
    let ValueKind::Identifier(name) = value else {
        return Err("expected the name of an enum value".to_owned());
    };
    // The enum may stand further below in this file and is then checked by `check`.
    match builder.model.enumeration(type_name) {
        Some(info) if info.value(name).is_none() => {
            let known: Vec<&str> = info.values.iter().map(|v| v.name.as_str()).take(8).collect();
            Err(format!("`{type_name}` has no value `{name}`; it has {}", known.join(", ")))
        }
        _ => Ok(name.clone()),
    }
}
