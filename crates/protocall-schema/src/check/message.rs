//! Messages: numbers used once and not reserved, ranges apart, oneofs not empty.

use std::collections::HashMap;

use super::{Checker, describe, overlap};
use crate::code;
use crate::limits::{IMPLEMENTATION_RESERVED, MAX_FIELD_NUMBER};
use crate::model::{FieldInfo, MessageInfo, NumberRange};
use crate::names::last;
use crate::source::Span;
use crate::syntax::Level;

impl Checker<'_> {
    pub(super) fn message(&mut self, message: &MessageInfo) {
        if message.is_map_entry {
            self.map_entry(message);
            return;
        }
        self.message_options(message);
        self.numbers(message);
        self.reserved_names(message);
        self.ranges(message);
        for oneof in message.oneofs.iter().filter(|oneof| oneof.fields == 0) {
            let text = format!("oneof `{}` has no fields", oneof.name);
            let label = "add at least one";
            self.report(message.file, code::EMPTY_ONEOF, text, oneof.span, label, |d, source| {
                match oneof.empty {
                    Some(close) => d.led_by(source, close, "before this"),
                    None => d,
                }
            });
        }
        for field in &message.fields {
            self.field(field);
        }
        self.json_names(message);
        self.declarations(message);
        self.collisions(message);
        self.message_export(message);
    }

    fn message_options(&mut self, message: &MessageInfo) {
        if let Some(span) = message.map_entry_option {
            let text = "`map_entry` is set by the compiler only";
            self.report(message.file, code::OPTION_FORBIDDEN, text, span, "", |diagnostic, _| {
                diagnostic.hint("write a map field: `map<key, value> name = number;`")
            });
        }
        let Some(span) = message.message_set else { return };
        if message.level == Level::Proto3 {
            let text = "message sets do not exist in proto3";
            self.report(message.file, code::BAD_MESSAGE_SET, text, span, "", |d, source| {
                d.led_by(source, message.name_span, "this message")
            });
        }
        if let Some(field) = message.fields.first() {
            let text = "a message set has extensions only, no fields";
            self.error(message.file, code::BAD_MESSAGE_SET, text, field.name_span, "");
        }
    }

    fn numbers(&mut self, message: &MessageInfo) {
        let mut first_by_number: HashMap<i32, &FieldInfo> = HashMap::new();
        for field in &message.fields {
            let Some(number) = field.number else { continue };
            if !self.number_in_range(field, number, Some(message)) {
                continue;
            }
            if let Some(first) = first_by_number.get(&number) {
                let text = format!("number {number} is used twice");
                let label = format!("used again by `{}`", field.name);
                let hint = self.next_free(message);
                self.report(
                    message.file,
                    code::DUPLICATE_NUMBER,
                    text,
                    field.number_span,
                    &label,
                    |d, source| {
                        d.also(source, first.number_span, format!("first used by `{}`", first.name))
                            .maybe_hint(hint)
                    },
                );
                continue;
            }
            first_by_number.insert(number, field);
            self.number_not_reserved(message, field, number);
        }
    }

    /// Also for extensions, which have no message here.
    pub(super) fn number_in_range(
        &mut self,
        field: &FieldInfo,
        number: i32,
        message: Option<&MessageInfo>,
    ) -> bool {
        if !(1..=MAX_FIELD_NUMBER).contains(&number) {
            let hint = message.and_then(|message| self.next_free(message));
            let text = format!("field number {number} is out of range");
            let label = format!("numbers go from 1 to {MAX_FIELD_NUMBER}");
            self.report(
                field.file,
                code::NUMBER_OUT_OF_RANGE,
                text,
                field.number_span,
                &label,
                |d, _| d.maybe_hint(hint),
            );
            return false;
        }
        if IMPLEMENTATION_RESERVED.contains(&number) {
            let hint = message.and_then(|message| self.next_free(message));
            let text = format!("field number {number} is kept for implementations");
            let label = format!(
                "{} to {} cannot be used",
                IMPLEMENTATION_RESERVED.start(),
                IMPLEMENTATION_RESERVED.end()
            );
            self.report(
                field.file,
                code::NUMBER_IMPLEMENTATION,
                text,
                field.number_span,
                &label,
                |d, _| d.maybe_hint(hint),
            );
            return false;
        }
        true
    }

    /// The next free number as a hint, unless nobody would see it.
    fn next_free(&self, message: &MessageInfo) -> Option<String> {
        (!self.diagnostics.is_full()).then(|| next_free(message))
    }

    fn number_not_reserved(&mut self, message: &MessageInfo, field: &FieldInfo, number: i32) {
        if let Some(range) = message.reserved.iter().find(|range| range.contains(number)) {
            let hint = self.next_free(message);
            let text = format!("number {number} is reserved");
            let label = format!("field `{}`", field.name);
            self.report(
                message.file,
                code::NUMBER_RESERVED,
                text,
                field.number_span,
                &label,
                |d, source| d.also_led_by(source, range.span, "reserved here").maybe_hint(hint),
            );
        } else if let Some(range) =
            message.extension_ranges.iter().find(|range| range.contains(number))
        {
            let hint = self.next_free(message);
            let text = format!("number {number} is set apart for extensions");
            let label = format!("field `{}`", field.name);
            self.report(
                message.file,
                code::NUMBER_RESERVED,
                text,
                field.number_span,
                &label,
                |d, source| {
                    d.also_led_by(source, range.span, "the extension range").maybe_hint(hint)
                },
            );
        }
    }

    fn reserved_names(&mut self, message: &MessageInfo) {
        let used = message.fields.iter().map(|field| (field.name.as_str(), field.name_span));
        let owner = (message.file, message.name_span);
        self.names_not_reserved(owner, &message.reserved_names, used);
    }

    /// For messages and enums alike.
    pub(super) fn names_not_reserved<'n>(
        &mut self,
        (file, owner): (usize, Span),
        reserved: &[(String, Span)],
        used: impl Iterator<Item = (&'n str, Span)>,
    ) {
        let mut places: HashMap<&str, Span> = HashMap::new();
        for (name, span) in reserved {
            match places.get(name.as_str()) {
                None => {
                    places.insert(name, *span);
                }
                Some(first) => {
                    let text = format!("name \"{name}\" is reserved twice");
                    self.report(file, code::DUPLICATE_RESERVED, text, *span, "", |d, source| {
                        d.also(source, *first, "the first time").led_by(source, owner, "in this")
                    });
                }
            }
        }
        for (name, span) in used {
            if let Some(reserved) = places.get(name) {
                let text = format!("name `{name}` is reserved");
                self.report(file, code::NAME_RESERVED, text, span, "", |d, source| {
                    d.also(source, *reserved, "reserved here")
                });
            }
        }
    }

    fn ranges(&mut self, message: &MessageInfo) {
        let highest = if message.message_set.is_some() { i32::MAX - 1 } else { MAX_FIELD_NUMBER };
        let all = || message.reserved.iter().chain(&message.extension_ranges);
        for (at, range) in all().enumerate() {
            // A number beyond the highest may be reserved, but not extended.
            let is_reserved = at < message.reserved.len();
            // Descriptors hold the number behind the last one.
            let unwritable = range.end == i32::MAX;
            if range.start < 1 || unwritable || (range.end > highest && !is_reserved) {
                let text = format!("range {} goes beyond the field numbers", describe(range));
                let label = format!("numbers go from 1 to {highest}");
                self.error(message.file, code::BAD_RANGE, text, range.span, &label);
            }
        }
        if let Some((first, second)) = overlap(all()) {
            let is_reserved =
                |range: &NumberRange| message.reserved.iter().any(|r| r.span == range.span);
            // of a reserved range and one for extensions protoc names the latter
            match is_reserved(&first) && !is_reserved(&second) {
                true => self.overlapping(message.file, &second, &first),
                false => self.overlapping(message.file, &first, &second),
            }
        }
        if let Some(range) =
            message.extension_ranges.first().filter(|_| message.level == Level::Proto3)
        {
            let text = "proto3 messages have no extension ranges";
            self.report(
                message.file,
                code::PROTO3_EXTENSION_RANGE,
                text,
                range.span,
                "",
                |d, _| d.hint("use a field of type `google.protobuf.Any`"),
            );
        }
    }

    pub(super) fn overlapping(&mut self, file: usize, first: &NumberRange, second: &NumberRange) {
        let text = format!("range {} overlaps range {}", describe(second), describe(first));
        self.report(file, code::OVERLAPPING_RANGE, text, second.span, "", |d, source| {
            d.also_led_by(source, first.span, "the other range")
        });
    }

    fn map_entry(&mut self, entry: &MessageInfo) {
        use buffa_descriptor::generated::descriptor::field_descriptor_proto::Type;
        let Some(key) = entry.field("key") else { return };
        let allowed = !matches!(
            key.ty,
            Some(
                Type::TYPE_FLOAT
                    | Type::TYPE_DOUBLE
                    | Type::TYPE_BYTES
                    | Type::TYPE_MESSAGE
                    | Type::TYPE_GROUP
                    | Type::TYPE_ENUM
            )
        );
        if !allowed {
            let text = "this type cannot be a map's key";
            self.error(
                entry.file,
                code::BAD_MAP_KEY,
                text,
                key.ty_span,
                "keys are integers, `bool` or `string`",
            );
        }
        let Some(value) = entry.field("value") else { return };
        let enumeration = self.model.enumeration(&value.type_name);
        let first = enumeration.and_then(|info| info.values.first());
        if first.is_some_and(|first| first.number != Some(0)) {
            let text = format!("enum `{}` cannot be a map's value", last(&value.type_name));
            let label = "its first value is not zero";
            self.error(entry.file, code::BAD_MAP_VALUE, text, value.ty_span, label);
        }
        self.closed_enum_in_proto3(value);
        self.implicit_presence(value);
    }
}

/// What number to take instead.
fn next_free(message: &MessageInfo) -> String {
    let mut taken: Vec<(i32, i32)> = message
        .fields
        .iter()
        .filter_map(|field| field.number.map(|number| (number, number)))
        .chain(message.reserved.iter().chain(&message.extension_ranges).map(|r| (r.start, r.end)))
        .chain([(*IMPLEMENTATION_RESERVED.start(), *IMPLEMENTATION_RESERVED.end())])
        .collect();
    taken.sort_unstable();
    let mut free = 1i32;
    for (start, end) in taken {
        if start > free {
            break;
        }
        free = free.max(end.saturating_add(1));
    }
    if free > MAX_FIELD_NUMBER {
        return "the message has no free number left".to_owned();
    }
    format!("the next free number is {free}")
}
