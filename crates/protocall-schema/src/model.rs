//! What the later passes know of every message, enum and extension: the descriptor's facts beside
//! the places they were written at. Made by `build`; read by `options` and `check`.

use std::collections::HashMap;

use buffa_descriptor::generated::descriptor::field_descriptor_proto::Type;

use crate::source::Span;
use crate::syntax::{Label, Level};

/// All types of a compilation by full name.
#[derive(Debug, Default)]
pub(crate) struct Model {
    messages: Vec<MessageInfo>,
    enums: Vec<EnumInfo>,
    extensions: Vec<FieldInfo>,
    message_index: HashMap<String, usize>,
    enum_index: HashMap<String, usize>,
    extension_index: HashMap<String, usize>,
    /// By extended message, then number.
    extension_numbers: HashMap<String, HashMap<i32, usize>>,
}

impl Model {
    pub(crate) fn add_message(&mut self, message: MessageInfo) {
        self.message_index.insert(message.full_name.clone(), self.messages.len());
        self.messages.push(message);
    }

    pub(crate) fn add_enum(&mut self, info: EnumInfo) {
        self.enum_index.insert(info.full_name.clone(), self.enums.len());
        self.enums.push(info);
    }

    pub(crate) fn add_extension(&mut self, field: FieldInfo) {
        let index = self.extensions.len();
        self.extension_index.insert(field.full_name.clone(), index);
        if let (Some((extendee, _)), Some(number)) = (&field.extendee, field.number) {
            self.extension_numbers.entry(extendee.clone()).or_default().insert(number, index);
        }
        self.extensions.push(field);
    }

    pub(crate) fn message(&self, full_name: &str) -> Option<&MessageInfo> {
        self.message_index.get(full_name).and_then(|&index| self.messages.get(index))
    }

    pub(crate) fn enumeration(&self, full_name: &str) -> Option<&EnumInfo> {
        self.enum_index.get(full_name).and_then(|&index| self.enums.get(index))
    }

    pub(crate) fn extension(&self, full_name: &str) -> Option<&FieldInfo> {
        self.extension_index.get(full_name).and_then(|&index| self.extensions.get(index))
    }

    pub(crate) fn extension_by_number(&self, extendee: &str, number: i32) -> Option<&FieldInfo> {
        let index = *self.extension_numbers.get(extendee)?.get(&number)?;
        self.extensions.get(index)
    }

    pub(crate) fn messages(&self) -> &[MessageInfo] {
        &self.messages
    }

    pub(crate) fn enums(&self) -> &[EnumInfo] {
        &self.enums
    }

    pub(crate) fn extensions(&self) -> &[FieldInfo] {
        &self.extensions
    }
}

#[derive(Debug)]
pub(crate) struct MessageInfo {
    pub(crate) file: usize,
    pub(crate) level: Level,
    pub(crate) full_name: String,
    pub(crate) fields: Vec<FieldInfo>,
    pub(crate) oneofs: Vec<OneofInfo>,
    pub(crate) reserved: Vec<NumberRange>,
    pub(crate) reserved_names: Vec<(String, Span)>,
    pub(crate) extension_ranges: Vec<NumberRange>,
    pub(crate) is_map_entry: bool,
    /// `option message_set_wire_format = true`, and where.
    pub(crate) message_set: Option<Span>,
    /// `option map_entry` written by hand.
    pub(crate) map_entry_option: Option<Span>,
    pub(crate) json_conflicts_allowed: bool,
}

impl MessageInfo {
    pub(crate) fn field(&self, name: &str) -> Option<&FieldInfo> {
        self.fields.iter().find(|field| field.name == name)
    }
}

#[derive(Debug)]
pub(crate) struct OneofInfo {
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) fields: usize,
}

/// Numbers from `start` to `end`, both inclusive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NumberRange {
    pub(crate) start: i32,
    pub(crate) end: i32,
    pub(crate) span: Span,
}

impl NumberRange {
    pub(crate) fn contains(&self, number: i32) -> bool {
        (self.start..=self.end).contains(&number)
    }
}

/// A field or an extension.
#[derive(Debug)]
pub(crate) struct FieldInfo {
    pub(crate) file: usize,
    pub(crate) level: Level,
    pub(crate) name: String,
    pub(crate) full_name: String,
    pub(crate) name_span: Span,
    /// `None` if it did not fit.
    pub(crate) number: Option<i32>,
    pub(crate) number_span: Span,
    pub(crate) label: Option<(Label, Span)>,
    pub(crate) repeated: bool,
    /// `None` if the type is unknown.
    pub(crate) ty: Option<Type>,
    pub(crate) ty_span: Span,
    /// The message's or enum's full name, without leading dot.
    pub(crate) type_name: String,
    /// The extended message's full name, for extensions.
    pub(crate) extendee: Option<(String, Span)>,
    pub(crate) oneof: Option<usize>,
    pub(crate) json_name: String,
    /// Where `json_name` was written by hand.
    pub(crate) json_name_span: Option<Span>,
    pub(crate) default_span: Option<Span>,
    pub(crate) options: FieldOptionFacts,
}

/// The options that other passes need before options are interpreted.
#[derive(Debug, Default)]
pub(crate) struct FieldOptionFacts {
    pub(crate) packed: Option<(bool, Span)>,
    pub(crate) jstype: Option<Span>,
    pub(crate) lazy: Option<Span>,
    pub(crate) targets: Vec<String>,
    /// `retention = RETENTION_SOURCE`: the option stays out of descriptors.
    pub(crate) source_only: bool,
}

impl FieldInfo {
    /// Whether several values may stand in one length-delimited run.
    pub(crate) fn is_packable(&self) -> bool {
        use Type::*;
        self.repeated
            && !matches!(self.ty, None | Some(TYPE_STRING | TYPE_BYTES | TYPE_MESSAGE | TYPE_GROUP))
    }

    /// Whether an encoder packs it.
    pub(crate) fn is_packed(&self) -> bool {
        let default = self.level == Level::Proto3;
        self.is_packable() && self.options.packed.map_or(default, |(packed, _)| packed)
    }

    /// Whether a zero value and no value are the same.
    pub(crate) fn has_implicit_presence(&self) -> bool {
        self.level == Level::Proto3
            && !self.repeated
            && self.oneof.is_none()
            && self.label.is_none()
            && self.extendee.is_none()
            && !matches!(self.ty, Some(Type::TYPE_MESSAGE | Type::TYPE_GROUP))
    }

    pub(crate) fn is_message(&self) -> bool {
        matches!(self.ty, Some(Type::TYPE_MESSAGE | Type::TYPE_GROUP))
    }
}

#[derive(Debug)]
pub(crate) struct EnumInfo {
    pub(crate) file: usize,
    pub(crate) level: Level,
    pub(crate) full_name: String,
    pub(crate) name_span: Span,
    pub(crate) values: Vec<EnumValueInfo>,
    pub(crate) reserved: Vec<NumberRange>,
    pub(crate) reserved_names: Vec<(String, Span)>,
    pub(crate) allow_alias: Option<(bool, Span)>,
    pub(crate) json_conflicts_allowed: bool,
}

impl EnumInfo {
    pub(crate) fn value(&self, name: &str) -> Option<&EnumValueInfo> {
        self.values.iter().find(|value| value.name == name)
    }
}

#[derive(Debug)]
pub(crate) struct EnumValueInfo {
    pub(crate) name: String,
    pub(crate) name_span: Span,
    pub(crate) number: Option<i32>,
    pub(crate) number_span: Span,
}
