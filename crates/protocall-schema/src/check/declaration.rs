//! Extension declarations: a range that says which extensions it is for.
//! Specification: `ExtensionRangeOptions` in `google/protobuf/descriptor.proto` and
//! protobuf.dev/programming-guides/extension_declarations.

use std::collections::HashSet;

use super::Checker;
use crate::code;
use crate::model::{Declaration, FieldInfo, MessageInfo, NumberRange};
use crate::source::Span;

impl Checker<'_> {
    /// The declarations of a message's ranges.
    pub(super) fn declarations(&mut self, message: &MessageInfo) {
        let mut names = HashSet::new();
        for (range, declared) in message.extension_ranges.iter().zip(&message.declarations) {
            let Some(first) = declared.list.first() else { continue };
            if declared.verified == Some(false) {
                let text = "a range with declarations cannot be `UNVERIFIED`";
                self.error(message.file, code::BAD_DECLARATION, text, first.span, "");
                return;
            }
            let mut numbers = HashSet::new();
            for declaration in &declared.list {
                self.declaration(message, range, declaration, &mut numbers);
                let name = declaration.full_name.as_deref();
                if let Some(name) = name.filter(|_| declaration.type_name.is_some())
                    && !names.insert(name)
                {
                    let text = format!("extension \"{name}\" is declared twice");
                    self.error(message.file, code::BAD_DECLARATION, text, declaration.span, "");
                }
            }
        }
    }

    fn declaration(
        &mut self,
        message: &MessageInfo,
        range: &NumberRange,
        declaration: &Declaration,
        numbers: &mut HashSet<i32>,
    ) {
        let number = declaration.number.unwrap_or_default();
        let mut problems = Vec::new();
        if !range.contains(number) {
            problems.push(format!("number {number} is not in the range"));
        }
        if !numbers.insert(number) {
            problems.push(format!("number {number} is declared twice"));
        }
        match (&declaration.full_name, &declaration.type_name) {
            (None, None) if declaration.reserved => {}
            (Some(name), Some(ty)) => {
                problems.extend(name_problem(name));
                if crate::build::scalar(ty).is_none() && ty != "enum" {
                    problems.extend(name_problem(ty));
                }
            }
            _ => problems.push("a declaration has both `full_name` and `type`".to_owned()),
        }
        for problem in problems {
            let (file, span) = (message.file, declaration.span);
            self.report(file, code::BAD_DECLARATION, problem, span, "", |d, source| {
                d.led_by(source, range.span, "of this range")
            });
        }
    }

    /// Whether an extension is one of those that its range is for.
    pub(super) fn declared(
        &mut self,
        field: &FieldInfo,
        number: i32,
        message: &MessageInfo,
        range: usize,
    ) {
        let file = self.units.get(message.file).map(|unit| unit.source.path());
        if file == Some("google/protobuf/descriptor.proto") {
            return;
        }
        let Some(declarations) = message.declarations.get(range) else { return };
        let Some(declaration) =
            declarations.list.iter().find(|declaration| declaration.number == Some(number))
        else {
            if !declarations.list.is_empty() || declarations.verified == Some(true) {
                let text = format!("number {number} of `{}` is not declared", message.full_name);
                let place = field.number_span;
                self.report(
                    field.file,
                    code::UNDECLARED_EXTENSION,
                    text,
                    place,
                    "",
                    |d, source| d.led_by(source, extendee_span(field), "in this extension"),
                );
            }
            return;
        };
        if let Some(problem) = mismatch(field, declaration) {
            let other = self.source(message.file);
            let text = format!("extension `{}` is not the declared one: {problem}", field.name);
            let (span, place) = (declaration.span, field.name_span);
            self.report(field.file, code::UNDECLARED_EXTENSION, text, place, "", |d, source| {
                let d = match other {
                    Some(other) => d.also(other, span, "declared here"),
                    None => d,
                };
                d.led_by(source, extendee_span(field), "in this extension")
            });
        }
    }
}

/// Where the extended message is named.
fn extendee_span(field: &FieldInfo) -> Span {
    field.extendee.as_ref().map_or(field.name_span, |(_, span)| *span)
}

fn mismatch(field: &FieldInfo, declaration: &Declaration) -> Option<String> {
    if declaration.reserved {
        return Some("its number is reserved".to_owned());
    }
    let expected = declaration.type_name.as_deref().unwrap_or_default();
    let actual = if field.type_name.is_empty() {
        field.ty.map(type_name).unwrap_or_default().to_owned()
    } else {
        format!(".{}", field.type_name)
    };
    let plain = crate::build::scalar(expected).is_some() || expected == "enum";
    let dotted = !expected.is_empty() && !plain && !expected.starts_with('.');
    let expected = if dotted { format!(".{expected}") } else { expected.to_owned() };
    if !expected.is_empty() && expected != actual {
        return Some(format!("its type is `{expected}`"));
    }
    let name = declaration.full_name.as_deref().unwrap_or_default();
    if !name.is_empty() && name.strip_prefix('.') != Some(&field.full_name) {
        return Some(format!("its name is `{name}`"));
    }
    (declaration.repeated != field.repeated).then(|| {
        let expected = if declaration.repeated { "repeated" } else { "not repeated" };
        format!("it is {expected}")
    })
}

/// Why a name cannot be declared.
fn name_problem(name: &str) -> Option<String> {
    let Some(parts) = name.strip_prefix('.') else {
        return Some(format!("\"{name}\" needs a leading dot"));
    };
    let valid = parts.split('.').all(|part| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    });
    (!valid).then(|| format!("\"{name}\" is not a full name"))
}

/// A scalar type's keyword.
fn type_name(
    ty: buffa_descriptor::generated::descriptor::field_descriptor_proto::Type,
) -> &'static str {
    const KEYWORDS: [&str; 15] = [
        "double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32",
        "fixed64", "sfixed32", "sfixed64", "bool", "string", "bytes",
    ];
    KEYWORDS
        .into_iter()
        .find(|keyword| crate::build::scalar(keyword) == Some(ty))
        .unwrap_or_default()
}
