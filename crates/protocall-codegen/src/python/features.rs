//! Resolved features, which generated Python needs of `descriptor.proto` alone: everywhere else the
//! runtime resolves them, with the help of that file.

use buffa_descriptor::generated::descriptor::field_descriptor_proto::{Label, Type};
use buffa_descriptor::generated::descriptor::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
};

use crate::error::CodegenError;
use crate::python::linked::{Linked, invalid};
use crate::python::named::Named;
use crate::python::source::Source;
use crate::python::spans::global;

/// The features that are kept at run time, in the order of their numbers, with their values in
/// proto2, in which `descriptor.proto` is written.
const PROTO2: [(&str, &str); 6] = [
    (FIELD_PRESENCE, "EXPLICIT"),
    ("enum_type", "CLOSED"),
    (REPEATED_FIELD_ENCODING, "EXPANDED"),
    ("utf8_validation", "NONE"),
    (MESSAGE_ENCODING, "LENGTH_PREFIXED"),
    ("json_format", "LEGACY_BEST_EFFORT"),
];
const FIELD_PRESENCE: &str = "field_presence";
const REPEATED_FIELD_ENCODING: &str = "repeated_field_encoding";
const MESSAGE_ENCODING: &str = "message_encoding";

/// The class that stands in for `FeatureSet` before that exists.
const CLASS: &str = "class _ResolvedFeatures:
  def __init__(self, features = None, **kwargs):
    if features:
      for k, v in features.FIELDS.items():
        setattr(self, k, getattr(features, k))
    else:
      for k, v in kwargs.items():
        setattr(self, k, v)";

/// Prints the features of the file and of everything in it.
pub(super) fn print(
    out: &mut Source,
    file: &FileDescriptorProto,
    linked: &Linked<'_>,
) -> Result<(), CodegenError> {
    if !matches!(file.syntax.as_deref(), None | Some("" | "proto2")) {
        return Err(invalid(format!("`{}` is not in proto2", file.name())));
    }
    let features = Features::new(file, linked)?;
    out.lines(CLASS);
    let plain = features.resolved(&[]);
    out.line(format_args!("DESCRIPTOR._features = {plain}"));
    for message in &file.message_type {
        features.in_message(out, &mut Vec::new(), message);
    }
    for message in &file.message_type {
        features.in_enums(out, &mut Vec::new(), message);
    }
    for item in &file.enum_type {
        features.in_enum(out, &global(&[item.name()]), item);
    }
    Ok(())
}

/// For each feature, the variable that holds its enum's descriptor.
struct Features {
    enums: Vec<String>,
}

impl Features {
    fn new(file: &FileDescriptorProto, linked: &Linked<'_>) -> Result<Self, CodegenError> {
        let missing = |name: &str| invalid(format!("`{}` has no {name}", file.name()));
        let set = file.message_type.iter().find(|message| message.name() == "FeatureSet");
        let set = set.ok_or_else(|| missing("`FeatureSet`"))?;
        let variable = |feature: &str| {
            let field = set.field.iter().find(|field| field.name() == feature);
            let field = field.ok_or_else(|| missing(&format!("feature `{feature}`")))?;
            let declared = linked.field_type(field)?;
            let declared = declared.ok_or_else(|| missing(&format!("enum for `{feature}`")))?;
            Ok(global(&declared.names))
        };
        let enums = PROTO2.iter().map(|(feature, _)| variable(feature));
        Ok(Self { enums: enums.collect::<Result<_, CodegenError>>()? })
    }

    /// The expression for proto2's features with some of them changed.
    fn resolved(&self, changes: &[(&str, &str)]) -> String {
        let features = PROTO2.iter().zip(&self.enums).map(|((feature, default), variable)| {
            let changed = changes.iter().find(|(name, _)| name == feature);
            let value = changed.map_or(default, |(_, value)| value);
            format!("{feature}={variable}.values_by_name[\"{value}\"].number")
        });
        format!("_ResolvedFeatures({})", features.collect::<Vec<_>>().join(","))
    }

    /// What proto2 says in other words than features.
    fn of_field(&self, field: &FieldDescriptorProto) -> String {
        let packed = field.options.as_option().and_then(|options| options.packed);
        let inferred = [
            (field.label == Some(Label::LABEL_REQUIRED), (FIELD_PRESENCE, "LEGACY_REQUIRED")),
            (field.r#type == Some(Type::TYPE_GROUP), (MESSAGE_ENCODING, "DELIMITED")),
            (packed == Some(true), (REPEATED_FIELD_ENCODING, "PACKED")),
        ];
        let changes = inferred.into_iter().filter(|(holds, _)| *holds).map(|(_, change)| change);
        self.resolved(&changes.collect::<Vec<_>>())
    }

    fn in_message<'a>(
        &self,
        out: &mut Source,
        names: &mut Vec<&'a str>,
        message: &'a DescriptorProto,
    ) {
        names.push(message.name());
        let (name, plain) = (global(names), self.resolved(&[]));
        out.line(format_args!("{name}._features = {plain}"));
        for (index, field) in message.field.iter().enumerate() {
            let features = self.of_field(field);
            out.line(format_args!("{name}.fields[{index}]._features = {features}"));
        }
        for index in 0..message.oneof_decl.len() {
            out.line(format_args!("{name}.oneofs[{index}]._features = {plain}"));
        }
        for (index, field) in message.extension.iter().enumerate() {
            let features = self.of_field(field);
            out.line(format_args!("{name}.extensions[{index}]._features = {features}"));
        }
        for nested in &message.nested_type {
            self.in_message(out, names, nested);
        }
        names.pop();
    }

    fn in_enums<'a>(
        &self,
        out: &mut Source,
        names: &mut Vec<&'a str>,
        message: &'a DescriptorProto,
    ) {
        names.push(message.name());
        for item in &message.enum_type {
            names.push(item.name());
            self.in_enum(out, &global(names), item);
            names.pop();
        }
        for nested in &message.nested_type {
            self.in_enums(out, names, nested);
        }
        names.pop();
    }

    fn in_enum(&self, out: &mut Source, name: &str, item: &EnumDescriptorProto) {
        let plain = self.resolved(&[]);
        out.line(format_args!("{name}._features = {plain}"));
        for index in 0..item.value.len() {
            out.line(format_args!("{name}.values[{index}]._features = {plain}"));
        }
    }
}
