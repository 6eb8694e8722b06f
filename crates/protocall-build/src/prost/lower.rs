//! Descriptors as prost's generator understands them: editions as proto3 with everything said that
//! proto3 leaves to be understood, comments as documentation that rustdoc neither compiles nor
//! complains about.

use buffa_descriptor::features::{
    FieldPresence, MessageEncoding, RepeatedFieldEncoding, ResolvedFeatures, field_features,
    for_file, message_features, oneof_features, resolve_child,
};
use buffa_descriptor::generated::descriptor::field_descriptor_proto::{Label, Type};
use buffa_descriptor::generated::descriptor::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorProto,
};

/// A file of any syntax, as a file of proto2 or proto3 with the same wire format and presence.
pub(super) fn file(file: &FileDescriptorProto) -> FileDescriptorProto {
    let mut lowered = file.clone();
    if let Some(info) = lowered.source_code_info.as_option_mut() {
        for location in &mut info.location {
            for comment in [&mut location.leading_comments, &mut location.trailing_comments] {
                *comment = comment.take().map(|text| protocall_codegen::documentation(&text));
            }
        }
    }
    if file.syntax.as_deref() == Some("editions") {
        let features = for_file(file);
        lowered.syntax = Some("proto3".to_owned());
        lowered.edition = None;
        lowered.message_type.iter_mut().for_each(|item| message(item, &features));
    }
    lowered
}

/// Whether a message is the entry that a `map` field stands for.
fn is_entry(message: &DescriptorProto) -> bool {
    message.options.as_option().and_then(|options| options.map_entry).unwrap_or(false)
}

fn message(message: &mut DescriptorProto, parent: &ResolvedFeatures) {
    let features = resolve_child(parent, message_features(message));
    let nested = message.nested_type.iter_mut();
    nested.filter(|item| !is_entry(item)).for_each(|item| self::message(item, &features));
    let oneofs: Vec<ResolvedFeatures> = message
        .oneof_decl
        .iter()
        .map(|oneof| resolve_child(&features, oneof_features(oneof)))
        .collect();
    let entries: Vec<String> = message
        .nested_type
        .iter()
        .filter(|item| is_entry(item))
        .map(|entry| format!(".{}", entry.name.as_deref().unwrap_or_default()))
        .collect();
    // maps are what they are in every edition
    let is_map = |item: &FieldDescriptorProto| {
        let name = item.type_name.as_deref().unwrap_or_default();
        entries.iter().any(|entry| name.ends_with(entry.as_str()))
    };
    for item in message.field.iter_mut().filter(|item| !is_map(item)) {
        let oneof = item.oneof_index.and_then(|at| oneofs.get(usize::try_from(at).ok()?));
        field(item, &resolve_child(oneof.unwrap_or(&features), field_features(item)));
    }
}

fn field(field: &mut FieldDescriptorProto, features: &ResolvedFeatures) {
    let kind = field.r#type.unwrap_or_default();
    if kind == Type::TYPE_MESSAGE && features.message_encoding == MessageEncoding::Delimited {
        field.r#type = Some(Type::TYPE_GROUP);
    }
    match field.label.unwrap_or_default() {
        Label::LABEL_REPEATED => {
            let packed = features.repeated_field_encoding == RepeatedFieldEncoding::Packed;
            field.options.get_or_insert_default().packed = Some(packed);
        }
        // `features.field_presence = LEGACY_REQUIRED` has this label in no descriptor
        _ if features.field_presence == FieldPresence::LegacyRequired => {
            field.label = Some(Label::LABEL_REQUIRED);
        }
        // messages and groups have presence whatever the file says of the rest
        _ if field.oneof_index.is_none()
            && (features.field_presence == FieldPresence::Explicit
                || field.type_name.is_some() && kind != Type::TYPE_ENUM) =>
        {
            field.proto3_optional = Some(true);
        }
        _ => {}
    }
}
