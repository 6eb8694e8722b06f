//! Extensions: inside a range of the extended message, each number once, only options in proto3.

use std::collections::HashMap;

use buffa_descriptor::generated::descriptor::field_descriptor_proto::Type;

use super::{Checker, describe};
use crate::code;
use crate::model::{FieldInfo, MessageInfo};
use crate::syntax::{Label, Level};

/// The messages that proto3 files may extend.
const OPTIONS: [&str; 10] = [
    "google.protobuf.FileOptions",
    "google.protobuf.MessageOptions",
    "google.protobuf.FieldOptions",
    "google.protobuf.OneofOptions",
    "google.protobuf.ExtensionRangeOptions",
    "google.protobuf.EnumOptions",
    "google.protobuf.EnumValueOptions",
    "google.protobuf.ServiceOptions",
    "google.protobuf.MethodOptions",
    "google.protobuf.StreamOptions",
];

impl Checker<'_> {
    pub(super) fn extension(&mut self, field: &FieldInfo) {
        self.field(field);
        // Labels of other levels are reported as such.
        let required = match field.label {
            Some((Label::Required, span)) if field.level == Level::Proto2 => Some(span),
            None if field.is_required() => Some(field.name_span),
            _ => None,
        };
        if let Some(span) = required {
            let text = "an extension cannot be required";
            self.error(field.file, code::MISPLACED_LABEL, text, span, "");
        }
        let Some((extendee, span)) = &field.extendee else { return };
        let Some(message) = self.model.message(extendee) else { return };
        if field.level == Level::Proto3 && !OPTIONS.contains(&extendee.as_str()) {
            let text = "proto3 files extend options only";
            self.report(field.file, code::PROTO3_EXTENSION, text, *span, "", |d, _| {
                d.hint("use a field of type `google.protobuf.Any`")
            });
        }
        let Some(number) = field.number else { return };
        if message.message_set.is_some() {
            self.message_set_member(field);
        } else if !self.number_in_range(field, number, None) {
            return;
        }
        match message.extension_ranges.iter().position(|range| range.contains(number)) {
            None => self.outside_ranges(field, number, message),
            Some(range) => self.declared(field, number, message, range),
        }
    }

    fn message_set_member(&mut self, field: &FieldInfo) {
        if field.repeated || field.is_required() || field.ty != Some(Type::TYPE_MESSAGE) {
            let text = "extensions of a message set are single messages";
            self.error(field.file, code::BAD_MESSAGE_SET, text, field.ty_span, "");
        }
    }

    fn outside_ranges(&mut self, field: &FieldInfo, number: i32, message: &MessageInfo) {
        let text = format!("`{}` cannot be extended with number {number}", message.full_name);
        let ranges: Vec<String> = message.extension_ranges.iter().map(describe).collect();
        let hint = if ranges.is_empty() {
            "the message has no extension range".to_owned()
        } else {
            format!("its numbers for extensions are {}", ranges.join(", "))
        };
        self.report(
            field.file,
            code::NUMBER_NOT_EXTENDABLE,
            text,
            field.number_span,
            "",
            |d, _| d.hint(hint),
        );
    }

    pub(super) fn duplicate_extension_numbers(&mut self) {
        let mut seen: HashMap<(&str, i32), &FieldInfo> = HashMap::new();
        for field in self.model.extensions() {
            let (Some((extendee, _)), Some(number)) = (&field.extendee, field.number) else {
                continue;
            };
            let Some(first) = seen.get(&(extendee.as_str(), number)) else {
                seen.insert((extendee, number), field);
                continue;
            };
            let text = format!("`{extendee}` has an extension with number {number} already");
            let other = self.source(first.file);
            let label = format!("`{}`", first.full_name);
            self.report(field.file, code::DUPLICATE_NUMBER, text, field.number_span, "", |d, _| {
                match other {
                    Some(other) => d.also(other, first.number_span, label),
                    None => d,
                }
            });
        }
    }
}
