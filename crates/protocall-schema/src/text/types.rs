//! The types of a descriptor set as text format needs them: fields by number and by the names that
//! text uses, with what their features say.

use std::collections::{BTreeMap, HashMap, HashSet};

use buffa_descriptor::features::{
    self, EnumType, FieldPresence, MessageEncoding, RepeatedFieldEncoding, ResolvedFeatures,
    Utf8Validation,
};
use buffa_descriptor::generated::descriptor::field_descriptor_proto::{Label, Type};
use buffa_descriptor::generated::descriptor::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet,
};

use crate::names;

#[derive(Default)]
pub(super) struct Types<'s> {
    messages: HashMap<String, Message<'s>>,
    enums: HashMap<String, Enum<'s>>,
    extensions: HashMap<String, BTreeMap<u32, Field<'s>>>,
    /// The extended message and the number of each extension.
    extension_names: HashMap<String, (&'s str, u32)>,
}

pub(super) struct Message<'s> {
    pub(super) full_name: String,
    fields: BTreeMap<u32, Field<'s>>,
    by_name: HashMap<&'s str, u32>,
    pub(super) oneofs: Vec<&'s str>,
    pub(super) reserved_names: HashSet<&'s str>,
    pub(super) is_map_entry: bool,
    pub(super) is_set: bool,
}

pub(super) struct Field<'s> {
    pub(super) name: &'s str,
    /// As text writes it: a group by its type's name, an extension in brackets.
    pub(super) printed: String,
    pub(super) number: u32,
    pub(super) ty: Type,
    /// Without the leading dot; empty for scalars.
    pub(super) type_name: &'s str,
    pub(super) repeated: bool,
    pub(super) packed: bool,
    /// Whether a zero is as good as nothing.
    pub(super) implicit: bool,
    pub(super) required: bool,
    pub(super) utf8: bool,
    pub(super) oneof: Option<usize>,
    pub(super) is_deprecated: bool,
}

pub(super) struct Enum<'s> {
    pub(super) values: Vec<(&'s str, i32)>,
    pub(super) closed: bool,
}

impl Enum<'_> {
    pub(super) fn name_of(&self, number: i32) -> Option<&str> {
        self.values.iter().find(|(_, value)| *value == number).map(|(name, _)| *name)
    }

    pub(super) fn number_of(&self, name: &str) -> Option<i32> {
        self.values.iter().find(|(value, _)| *value == name).map(|(_, number)| *number)
    }
}

impl<'s> Message<'s> {
    pub(super) fn named(&self, name: &str) -> Option<&Field<'s>> {
        if let Some(field) = self.by_name.get(name).and_then(|number| self.fields.get(number)) {
            return Some(field);
        }
        // a group goes by its type's name as well
        let lower = name.to_ascii_lowercase();
        let field = self.fields.get(self.by_name.get(lower.as_str())?)?;
        (field.printed == name).then_some(field)
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = &Field<'s>> {
        self.fields.values()
    }
}

impl Field<'_> {
    pub(super) fn is_message(&self) -> bool {
        matches!(self.ty, Type::TYPE_MESSAGE | Type::TYPE_GROUP)
    }

    pub(super) fn is_packable(&self) -> bool {
        !self.is_message() && !matches!(self.ty, Type::TYPE_STRING | Type::TYPE_BYTES)
    }
}

impl<'s> Types<'s> {
    pub(super) fn new(files: &'s FileDescriptorSet) -> Self {
        let mut types = Self::default();
        for file in &files.file {
            let features = features::for_file(file);
            let package = given(&file.package);
            for message in &file.message_type {
                types.add_message(message, package, &features);
            }
            for item in &file.enum_type {
                types.add_enum(item, package, &features);
            }
            types.add_extensions(&file.extension, package, &features);
        }
        types.name_set_members();
        types
    }

    pub(super) fn message(&self, full_name: &str) -> Option<&Message<'s>> {
        self.messages.get(full_name)
    }

    pub(super) fn enumeration(&self, full_name: &str) -> Option<&Enum<'s>> {
        self.enums.get(full_name)
    }

    /// A field or extension by number.
    pub(super) fn field<'t>(
        &'t self,
        message: &'t Message<'s>,
        number: u32,
    ) -> Option<&'t Field<'s>> {
        message
            .fields
            .get(&number)
            .or_else(|| self.extensions.get(&message.full_name)?.get(&number))
    }

    /// An extension by the name that text writes in brackets.
    pub(super) fn extension(&self, message: &Message<'s>, name: &str) -> Option<&Field<'s>> {
        let of_message = self.extensions.get(&message.full_name)?;
        if let Some((extendee, number)) = self.extension_names.get(name) {
            return of_message.get(number).filter(|_| *extendee == message.full_name);
        }
        of_message.values().find(|field| {
            field.printed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) == Some(name)
        })
    }

    pub(super) fn is_map(&self, field: &Field<'_>) -> bool {
        field.repeated
            && field.is_message()
            && self.message(field.type_name).is_some_and(|message| message.is_map_entry)
    }

    fn add_message(&mut self, message: &'s DescriptorProto, scope: &str, above: &ResolvedFeatures) {
        let full_name = names::join(scope, given(&message.name));
        let features = features::resolve_child(above, features::message_features(message));
        let options = message.options.as_option();
        let is_map_entry = options.is_some_and(|options| options.map_entry == Some(true));
        let maps: HashSet<&str> = message
            .nested_type
            .iter()
            .filter(|nested| {
                nested.options.as_option().is_some_and(|options| options.map_entry == Some(true))
            })
            .map(|nested| given(&nested.name))
            .collect();
        let mut fields = BTreeMap::new();
        let mut by_name = HashMap::new();
        for field in &message.field {
            let features = match field.oneof_index.and_then(|index| usize::try_from(index).ok()) {
                Some(index) => features::resolve_child(
                    &features,
                    message.oneof_decl.get(index).and_then(features::oneof_features),
                ),
                None => features,
            };
            // maps and what is in them are never delimited
            let of_map = is_map_entry || maps.contains(names::last(given(&field.type_name)));
            let field = make_field(field, &full_name, &features, of_map);
            by_name.insert(field.name, field.number);
            fields.insert(field.number, field);
        }
        for nested in &message.nested_type {
            self.add_message(nested, &full_name, &features);
        }
        for item in &message.enum_type {
            self.add_enum(item, &full_name, &features);
        }
        self.add_extensions(&message.extension, &full_name, &features);
        let made = Message {
            full_name: full_name.clone(),
            fields,
            by_name,
            oneofs: message.oneof_decl.iter().map(|oneof| given(&oneof.name)).collect(),
            reserved_names: message.reserved_name.iter().map(String::as_str).collect(),
            is_map_entry,
            is_set: options.is_some_and(|options| options.message_set_wire_format == Some(true)),
        };
        self.messages.insert(full_name, made);
    }

    fn add_enum(&mut self, item: &'s EnumDescriptorProto, scope: &str, above: &ResolvedFeatures) {
        let features = features::resolve_child(above, features::enum_features(item));
        let values =
            item.value.iter().map(|value| (given(&value.name), value.number.unwrap_or_default()));
        let made =
            Enum { values: values.collect(), closed: features.enum_type == EnumType::Closed };
        self.enums.insert(names::join(scope, given(&item.name)), made);
    }

    fn add_extensions(
        &mut self,
        extensions: &'s [FieldDescriptorProto],
        scope: &str,
        features: &ResolvedFeatures,
    ) {
        for extension in extensions {
            let extendee = undotted(given(&extension.extendee));
            let mut field = make_field(extension, scope, features, false);
            let full_name = names::join(scope, field.name);
            field.printed = format!("[{full_name}]");
            self.extension_names.insert(full_name, (extendee, field.number));
            self.extensions.entry(extendee.to_owned()).or_default().insert(field.number, field);
        }
    }

    /// A member of a message set that is declared inside its own type goes by that type's name.
    fn name_set_members(&mut self) {
        let names = &self.extension_names;
        for (extendee, fields) in &mut self.extensions {
            if !self.messages.get(extendee).is_some_and(|message| message.is_set) {
                continue;
            }
            for field in fields.values_mut().filter(|field| field.is_message() && !field.repeated) {
                let declared_inside = names::join(field.type_name, field.name);
                if names.get(&declared_inside) == Some(&(extendee.as_str(), field.number)) {
                    field.printed = format!("[{}]", field.type_name);
                }
            }
        }
    }
}

fn make_field<'s>(
    field: &'s FieldDescriptorProto,
    scope: &str,
    above: &ResolvedFeatures,
    of_map: bool,
) -> Field<'s> {
    let features = features::resolve_child(above, features::field_features(field));
    let repeated = field.label == Some(Label::LABEL_REPEATED);
    let declared = field.r#type.unwrap_or(Type::TYPE_MESSAGE);
    let ty = match declared {
        Type::TYPE_MESSAGE
            if features.message_encoding == MessageEncoding::Delimited && !of_map =>
        {
            Type::TYPE_GROUP
        }
        ty => ty,
    };
    let type_name = undotted(given(&field.type_name));
    let is_group_like = ty == Type::TYPE_GROUP
        && names::last(type_name).to_ascii_lowercase() == given(&field.name)
        && names::parent(type_name) == scope;
    let options = field.options.as_option();
    let mut made = Field {
        name: given(&field.name),
        printed: if is_group_like { names::last(type_name) } else { given(&field.name) }.to_owned(),
        number: field.number.and_then(|number| u32::try_from(number).ok()).unwrap_or_default(),
        ty,
        type_name,
        repeated,
        packed: false,
        implicit: features.field_presence == FieldPresence::Implicit
            && !repeated
            && field.oneof_index.is_none()
            && field.extendee.is_none()
            && !matches!(ty, Type::TYPE_MESSAGE | Type::TYPE_GROUP),
        required: field.label == Some(Label::LABEL_REQUIRED)
            || (features.field_presence == FieldPresence::LegacyRequired && !repeated),
        utf8: ty == Type::TYPE_STRING && features.utf8_validation == Utf8Validation::Verify,
        oneof: field.oneof_index.and_then(|index| usize::try_from(index).ok()),
        is_deprecated: options.is_some_and(|options| options.deprecated == Some(true)),
    };
    made.packed = repeated
        && made.is_packable()
        && options
            .and_then(|options| options.packed)
            .unwrap_or(features.repeated_field_encoding == RepeatedFieldEncoding::Packed);
    made
}

fn given(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

fn undotted(name: &str) -> &str {
    name.strip_prefix('.').unwrap_or(name)
}
