//! What the later passes know of every message, enum and extension: the descriptor's facts beside
//! the places they were written at. Made by `build`; read by `options` and `check`.

use std::collections::HashMap;

use buffa_descriptor::generated::descriptor::field_descriptor_proto::Type;
use foldhash::fast::RandomState;

use crate::features::{Explicit, Features};
use crate::names;
use crate::source::Span;
use crate::support::Support;
use crate::syntax::{Label, Level, Visibility};

/// All types of a compilation by full name.
#[derive(Debug, Default)]
pub(crate) struct Model {
    messages: Vec<MessageInfo>,
    enums: Vec<EnumInfo>,
    extensions: Vec<FieldInfo>,
    styled: Vec<StyledName>,
    message_index: HashMap<String, usize, RandomState>,
    enum_index: HashMap<String, usize, RandomState>,
    extension_index: HashMap<String, usize, RandomState>,
    /// By extended message, then number.
    extension_numbers: HashMap<String, HashMap<i32, usize, RandomState>, RandomState>,
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

    pub(crate) fn add_styled(&mut self, name: StyledName) {
        self.styled.push(name);
    }

    /// The names that a naming style is enforced for.
    pub(crate) fn styled(&self) -> &[StyledName] {
        &self.styled
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

/// Which style a name has to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameStyle {
    LowerSnake,
    UpperSnake,
    Title,
}

/// A name that has to have a style.
#[derive(Debug)]
pub(crate) struct StyledName {
    pub(crate) file: usize,
    /// What it is the name of.
    pub(crate) what: &'static str,
    pub(crate) style: NameStyle,
    pub(crate) text: String,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) struct MessageInfo {
    pub(crate) file: usize,
    pub(crate) level: Level,
    pub(crate) features: Features,
    pub(crate) full_name: String,
    pub(crate) name_span: Span,
    pub(crate) visibility: Option<(Visibility, Span)>,
    pub(crate) nested: bool,
    pub(crate) fields: Vec<FieldInfo>,
    pub(crate) oneofs: Vec<OneofInfo>,
    pub(crate) reserved: Vec<NumberRange>,
    pub(crate) reserved_names: Vec<(String, Span)>,
    pub(crate) extension_ranges: Vec<NumberRange>,
    /// What each of the ranges above says of the extensions in it.
    pub(crate) declarations: Vec<Declarations>,
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

/// The options of an extension range that say which extensions there may be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Declarations {
    /// `verification`: whether only declared extensions are allowed.
    pub(crate) verified: Option<bool>,
    pub(crate) list: Vec<Declaration>,
}

/// `declaration = { ... }`
#[derive(Clone, Debug, Default)]
pub(crate) struct Declaration {
    pub(crate) number: Option<i32>,
    pub(crate) full_name: Option<String>,
    pub(crate) type_name: Option<String>,
    pub(crate) reserved: bool,
    pub(crate) repeated: bool,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) struct OneofInfo {
    pub(crate) name: String,
    pub(crate) span: Span,
    /// The closing brace, if nothing stands before it.
    pub(crate) empty: Option<Span>,
    pub(crate) fields: usize,
    pub(crate) features: Features,
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
    pub(crate) features: Features,
    /// The features that it sets itself.
    pub(crate) explicit: Vec<Explicit>,
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
    /// As it is written, if it is a name, and where.
    pub(crate) default: Option<(String, Span)>,
    pub(crate) options: FieldOptionFacts,
}

/// The options that other passes need before options are interpreted.
#[derive(Debug, Default)]
pub(crate) struct FieldOptionFacts {
    pub(crate) packed: Option<(bool, Span)>,
    pub(crate) jstype: Option<Span>,
    pub(crate) lazy: Option<Span>,
    pub(crate) unverified_lazy: Option<Span>,
    pub(crate) ctype: Option<Span>,
    pub(crate) support: Option<Support>,
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
        self.is_packable() && self.features.is_packed()
    }

    /// Whether a zero value and no value are the same.
    pub(crate) fn has_implicit_presence(&self) -> bool {
        self.features.is_implicit()
            && !self.repeated
            && self.oneof.is_none()
            && self.label.is_none()
            && self.extendee.is_none()
            && !self.is_message()
    }

    /// Whether a message without it is incomplete.
    pub(crate) fn is_required(&self) -> bool {
        match self.label {
            Some((label, _)) => label == Label::Required,
            None => !self.repeated && self.oneof.is_none() && self.features.is_required(),
        }
    }

    /// Whether it is written in text format by its type's name, as a group always was.
    pub(crate) fn is_group_like(&self) -> bool {
        self.ty == Some(Type::TYPE_GROUP)
            && names::last(&self.type_name).to_ascii_lowercase() == self.name
            && names::parent(&self.type_name) == names::parent(&self.full_name)
    }

    pub(crate) fn is_message(&self) -> bool {
        matches!(self.ty, Some(Type::TYPE_MESSAGE | Type::TYPE_GROUP))
    }
}

#[derive(Debug)]
pub(crate) struct EnumInfo {
    pub(crate) file: usize,
    pub(crate) level: Level,
    pub(crate) features: Features,
    pub(crate) visibility: Option<(Visibility, Span)>,
    pub(crate) nested: bool,
    pub(crate) full_name: String,
    pub(crate) name_span: Span,
    pub(crate) values: Vec<EnumValueInfo>,
    pub(crate) reserved: Vec<NumberRange>,
    pub(crate) reserved_names: Vec<(String, Span)>,
    pub(crate) allow_alias: Option<(bool, Span)>,
    /// The token after it.
    pub(crate) next: Span,
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
    pub(crate) support: Option<Support>,
}
