//! Fields: types, labels, map entries, groups, extensions.

use buffa_descriptor::generated::descriptor::field_descriptor_proto::{Label as ProtoLabel, Type};
use buffa_descriptor::generated::descriptor::{
    DescriptorProto, FieldDescriptorProto, MessageOptions,
};

use super::message::optional_is_explicit;
use super::{Builder, OptionSite, OptionsKind, boolean, default, extend_path, find_setting, index};
use crate::code;
use crate::features::{self, Explicit, Features};
use crate::model::{FieldInfo, FieldOptionFacts, MessageInfo, NameStyle};
use crate::names::{join, json_name, map_entry};
use crate::scope::Want;
use crate::source::Span;
use crate::support::support;
use crate::symbols::SymbolKind;
use crate::syntax::{Extend, Field, FieldType, Label, Level, Name, OptionSetting, ValueKind};

/// Where messages made by the way (groups, map entries) go.
pub(super) struct Sink<'s> {
    pub(super) messages: &'s mut Vec<DescriptorProto>,
    /// Path of that list.
    pub(super) path: Vec<i32>,
}

/// Where a field stands.
pub(super) struct FieldPlace<'p> {
    /// The message around it, or the package.
    pub(super) scope: &'p str,
    pub(super) path: &'p [i32],
    pub(super) oneof: Option<usize>,
    /// For extensions: the resolved name of the extended message (or as written) and its place.
    pub(super) extendee: Option<(&'p str, Span)>,
}

/// A field's type after resolving: the kind if known, and the full name of a message or enum.
#[derive(Clone, Default)]
struct Resolved {
    ty: Option<Type>,
    type_name: String,
}

impl Resolved {
    /// As a descriptor writes it.
    fn descriptor_name(&self, written: &str) -> Option<String> {
        match self.ty {
            None => Some(written.to_owned()),
            Some(_) if self.type_name.is_empty() => None,
            Some(_) => Some(format!(".{}", self.type_name)),
        }
    }
}

impl<'a> Builder<'a, '_> {
    pub(super) fn extend(
        &mut self,
        ast: &'a Extend,
        scope: &str,
        path: &[i32],
        into: &mut Vec<FieldDescriptorProto>,
        sink: Sink<'_>,
    ) {
        let rule = "only messages can be extended";
        let extendee = self.resolve_message(&ast.extendee, scope, rule);
        let written = match &extendee {
            Some(full_name) => format!(".{full_name}"),
            None => ast.extendee.text.clone(),
        };
        for field in &ast.body.items {
            let path = extend_path(path, &[index(into.len())]);
            let extendee = Some((written.as_str(), ast.extendee.span));
            let place = FieldPlace { scope, path: &path, oneof: None, extendee };
            let sink = Sink { messages: &mut *sink.messages, path: sink.path.clone() };
            let (descriptor, info) = self.field(field, place, sink);
            into.push(descriptor);
            self.model.add_extension(info);
        }
    }

    pub(super) fn field(
        &mut self,
        ast: &'a Field,
        place: FieldPlace<'_>,
        sink: Sink<'_>,
    ) -> (FieldDescriptorProto, FieldInfo) {
        let is_group = matches!(ast.ty, FieldType::Group(_));
        let name =
            if is_group { ast.name.text.to_ascii_lowercase() } else { ast.name.text.clone() };
        let (resolved, written) = self.field_type(ast, place.scope, sink);
        let label = self.label(ast, &place);
        let settings = || ast.options.iter().flat_map(|list| &list.settings);
        let json = find_setting(settings(), "json_name");
        let custom_json = json.and_then(|setting| self.json_name(&name, setting, &place));
        let default = find_setting(settings(), "default");
        self.pseudo_options_once(ast);
        let default_value = default.and_then(|setting| {
            default::value(self, setting, resolved.ty, &resolved.type_name, label)
        });
        let explicit =
            optional_is_explicit(self.level) && matches!(ast.label, Some((Label::Optional, _)));
        let json_name = custom_json.clone().unwrap_or_else(|| json_name(&name));
        let descriptor = FieldDescriptorProto {
            name: Some(name.clone()),
            number: ast.number.value,
            label: Some(label),
            r#type: resolved.ty,
            type_name: resolved.descriptor_name(&written),
            extendee: place.extendee.map(|(extendee, _)| extendee.to_owned()),
            default_value,
            oneof_index: place.oneof.map(index),
            json_name: Some(json_name.clone()),
            proto3_optional: explicit.then_some(true),
            ..Default::default()
        };
        let real: Vec<&OptionSetting> = settings().filter(|s| !is_pseudo_option(s)).collect();
        if !real.is_empty() {
            self.site((OptionsKind::Field, ast.name.span), place.path, place.scope, real);
        }
        let options = facts(settings());
        let explicit = self.explicit(settings(), ast.name.span);
        let features = self.field_features(&explicit, &options);
        self.styled("field", NameStyle::LowerSnake, &ast.name, features);
        let delimited = features.is_delimited() && !matches!(ast.ty, FieldType::Map { .. });
        let info = FieldInfo {
            file: self.file,
            level: self.level,
            features,
            explicit,
            full_name: join(place.scope, &name),
            name,
            name_span: ast.name.span,
            number: ast.number.value,
            number_span: ast.number.span,
            label: ast.label,
            repeated: label == ProtoLabel::LABEL_REPEATED,
            ty: encoded(resolved.ty, delimited),
            ty_span: ast.ty_span,
            type_name: resolved.type_name,
            extendee: place
                .extendee
                .map(|(name, span)| (name.trim_start_matches('.').to_owned(), span)),
            oneof: place.oneof,
            json_name,
            json_name_span: json.map(|setting| setting.span),
            default: default.map(default_name),
            options,
        };
        (descriptor, info)
    }

    /// What is in force for a field, with what the old options and syntax mean in features.
    fn field_features(&self, explicit: &[Explicit], options: &FieldOptionFacts) -> Features {
        let features = self.features.with(explicit);
        match options.packed {
            Some((packed, _)) if !self.level.is_edition() => features.with_packed(packed),
            _ => features,
        }
    }

    fn pseudo_options_once(&mut self, ast: &Field) {
        for name in ["default", "json_name"] {
            let settings = ast.options.iter().flat_map(|list| &list.settings);
            for again in settings.filter(|s| s.simple_name() == Some(name)).skip(1) {
                let message = format!("`{name}` is set already");
                self.error(code::OPTION_REPEATED, message, again.name_span, "");
            }
        }
    }

    /// The type, and the name to show if it is unknown.
    fn field_type(&mut self, ast: &'a Field, scope: &str, sink: Sink<'_>) -> (Resolved, String) {
        match &ast.ty {
            FieldType::Plain(name) => (self.resolve_type(name, scope), name.text.clone()),
            FieldType::Group(body) => {
                let path = extend_path(&sink.path, &[index(sink.messages.len())]);
                let group = self.message((&ast.name, None), body, scope, &path);
                sink.messages.push(group);
                let type_name = join(scope, &ast.name.text);
                (Resolved { ty: Some(Type::TYPE_GROUP), type_name }, String::new())
            }
            FieldType::Map { key, value } => {
                let path = extend_path(&sink.path, &[index(sink.messages.len())]);
                let entry = self.map_entry(ast, key, value, scope);
                self.copy_features(ast, scope, &path);
                let type_name = join(scope, entry.name.as_deref().unwrap_or_default());
                sink.messages.push(entry);
                (Resolved { ty: Some(Type::TYPE_MESSAGE), type_name }, String::new())
            }
        }
    }

    fn resolve_type(&mut self, name: &Name, scope: &str) -> Resolved {
        if let Some(ty) = scalar(&name.text) {
            return Resolved { ty: Some(ty), type_name: String::new() };
        }
        match self.scope.find(&name.text, scope, Want::Type) {
            Ok((type_name, symbol)) => match symbol.kind {
                SymbolKind::Message => {
                    self.check_visible(name, &type_name, symbol);
                    Resolved { ty: Some(Type::TYPE_MESSAGE), type_name }
                }
                SymbolKind::Enum => {
                    self.check_visible(name, &type_name, symbol);
                    Resolved { ty: Some(Type::TYPE_ENUM), type_name }
                }
                SymbolKind::MapEntry => {
                    let message =
                        format!("`{type_name}` is a map's entry type and cannot be used itself");
                    self.error(code::NOT_A_TYPE, message, name.span, "use the map field");
                    Resolved::default()
                }
                kind => {
                    let message = format!("`{type_name}` is {}, not a type", kind.describe());
                    self.error(code::NOT_A_TYPE, message, name.span, "");
                    Resolved::default()
                }
            },
            Err(miss) => {
                let diagnostic = self.scope.missing(name, scope, miss, Want::Type);
                self.diagnostics.push(diagnostic);
                Resolved::default()
            }
        }
    }

    /// The parts of a map's entry have the features that the map has.
    fn copy_features(&mut self, ast: &'a Field, scope: &str, entry: &[i32]) {
        let settings = ast.options.iter().flat_map(|list| &list.settings);
        let settings: Vec<_> = settings.filter(|setting| features::is_feature(setting)).collect();
        if settings.is_empty() {
            return;
        }
        for part in 0..2 {
            self.sites.push(OptionSite {
                kind: OptionsKind::Field,
                name: ast.name.span,
                path: extend_path(entry, &[2, part]),
                scope: scope.to_owned(),
                settings: settings.clone(),
                is_copy: true,
            });
        }
    }

    /// The message behind a map field.
    fn map_entry(&mut self, ast: &Field, key: &Name, value: &Name, scope: &str) -> DescriptorProto {
        let name = map_entry(&ast.name.text);
        let full_name = join(scope, &name);
        let mut info = self.entry_info(&full_name, ast.name.span);
        let settings = ast.options.iter().flat_map(|list| &list.settings);
        let features = match self.level.is_edition() {
            true => self.features.with(&features::explicit(settings)),
            false => self.features,
        };
        let mut entry = DescriptorProto {
            name: Some(name),
            options: buffa::MessageField::some(MessageOptions {
                map_entry: Some(true),
                ..Default::default()
            }),
            ..Default::default()
        };
        for (number, part, written) in [(1, "key", key), (2, "value", value)] {
            let resolved = self.resolve_type(written, scope);
            entry.field.push(FieldDescriptorProto {
                name: Some(part.to_owned()),
                number: Some(number),
                label: Some(ProtoLabel::LABEL_OPTIONAL),
                r#type: resolved.ty,
                type_name: resolved.descriptor_name(&written.text),
                json_name: Some(part.to_owned()),
                ..Default::default()
            });
            info.fields.push(FieldInfo {
                file: self.file,
                level: self.level,
                features,
                explicit: Vec::new(),
                name: part.to_owned(),
                full_name: join(&full_name, part),
                name_span: ast.name.span,
                number: Some(number),
                number_span: ast.number.span,
                label: None,
                repeated: false,
                ty: resolved.ty,
                ty_span: written.span,
                type_name: resolved.type_name,
                extendee: None,
                oneof: None,
                json_name: part.to_owned(),
                json_name_span: None,
                default: None,
                options: FieldOptionFacts::default(),
            });
        }
        self.model.add_message(info);
        entry
    }

    fn entry_info(&self, full_name: &str, name_span: Span) -> MessageInfo {
        MessageInfo {
            file: self.file,
            level: self.level,
            features: self.features,
            visibility: None,
            nested: true,
            full_name: full_name.to_owned(),
            name_span,
            fields: Vec::new(),
            oneofs: Vec::new(),
            reserved: Vec::new(),
            reserved_names: Vec::new(),
            extension_ranges: Vec::new(),
            declarations: Vec::new(),
            is_map_entry: true,
            message_set: None,
            map_entry_option: None,
            json_conflicts_allowed: false,
        }
    }

    fn label(&mut self, ast: &Field, place: &FieldPlace<'_>) -> ProtoLabel {
        let is_map = matches!(ast.ty, FieldType::Map { .. });
        if is_map && place.extendee.is_some() {
            self.error(code::MISPLACED_LABEL, "a map cannot be an extension", ast.ty_span, "");
        }
        match ast.label {
            Some((_, span)) if is_map => {
                self.error(code::MISPLACED_LABEL, "a map field has no label", span, "remove this");
                ProtoLabel::LABEL_REPEATED
            }
            None if is_map => ProtoLabel::LABEL_REPEATED,
            Some((Label::Repeated, _)) => ProtoLabel::LABEL_REPEATED,
            Some((Label::Required, _)) => ProtoLabel::LABEL_REQUIRED,
            Some((Label::Optional, _)) => ProtoLabel::LABEL_OPTIONAL,
            None => {
                if self.level == Level::Proto2 && place.oneof.is_none() {
                    let message = "a field of a proto2 file needs a label";
                    let label = "write `optional`, `required` or `repeated` in front";
                    self.error(code::MISSING_LABEL, message, ast.ty_span, label);
                }
                ProtoLabel::LABEL_OPTIONAL
            }
        }
    }

    fn json_name(
        &mut self,
        field: &str,
        setting: &OptionSetting,
        place: &FieldPlace<'_>,
    ) -> Option<String> {
        let ValueKind::String(bytes) = &setting.value.kind else {
            self.error(code::OPTION_TYPE, "`json_name` is a string", setting.value.span, "");
            return None;
        };
        let name = String::from_utf8_lossy(bytes).into_owned();
        if place.extendee.is_some() && name != json_name(field) {
            let message = "an extension cannot choose its JSON name";
            self.error(code::BAD_JSON_NAME, message, setting.span, "");
        }
        if name.starts_with('[') && name.ends_with(']') {
            let message = "a JSON name in brackets would look like an extension's";
            self.error(code::BAD_JSON_NAME, message, setting.value.span, "");
        }
        if name.contains('\0') {
            self.error(code::BAD_JSON_NAME, "a JSON name has no NUL", setting.value.span, "");
        }
        Some(name)
    }
}

/// The type as it is on the wire: messages that are delimited are what groups were.
fn encoded(ty: Option<Type>, delimited: bool) -> Option<Type> {
    match ty {
        Some(Type::TYPE_MESSAGE) if delimited => Some(Type::TYPE_GROUP),
        other => other,
    }
}

/// `default` and `json_name` are written like options but are parts of the field itself.
fn is_pseudo_option(setting: &OptionSetting) -> bool {
    matches!(setting.simple_name(), Some("default" | "json_name"))
}

fn facts<'s>(settings: impl Iterator<Item = &'s OptionSetting> + Clone) -> FieldOptionFacts {
    let find = |name| find_setting(settings.clone(), name);
    let place_if_true = |name| {
        find(name).filter(|setting| boolean(setting) == Some(true)).map(|setting| setting.span)
    };
    let targets = settings.clone().filter(|setting| setting.simple_name() == Some("targets"));
    FieldOptionFacts {
        packed: find("packed").and_then(|s| boolean(s).map(|value| (value, s.span))),
        jstype: find("jstype")
            .filter(|s| !matches!(&s.value.kind, ValueKind::Identifier(text) if text == "JS_NORMAL"))
            .map(|s| s.span),
        lazy: place_if_true("lazy").or_else(|| place_if_true("unverified_lazy")),
        unverified_lazy: place_if_true("unverified_lazy"),
        ctype: find("ctype").map(|setting| setting.span),
        support: support(settings.clone()),
        source_only: find("retention").is_some_and(|setting| {
            matches!(&setting.value.kind, ValueKind::Identifier(text) if text == "RETENTION_SOURCE")
        }),
        targets: targets
            .filter_map(|setting| match &setting.value.kind {
                ValueKind::Identifier(target) => Some(target.clone()),
                _ => None,
            })
            .collect(),
    }
}

/// A default's place, and its name if it is a value of an enum.
fn default_name(setting: &OptionSetting) -> (String, Span) {
    let name = match &setting.value.kind {
        ValueKind::Identifier(name) => name.clone(),
        _ => String::new(),
    };
    (name, setting.span)
}

/// The scalar type of that keyword.
pub(crate) fn scalar(keyword: &str) -> Option<Type> {
    Some(match keyword {
        "double" => Type::TYPE_DOUBLE,
        "float" => Type::TYPE_FLOAT,
        "int32" => Type::TYPE_INT32,
        "int64" => Type::TYPE_INT64,
        "uint32" => Type::TYPE_UINT32,
        "uint64" => Type::TYPE_UINT64,
        "sint32" => Type::TYPE_SINT32,
        "sint64" => Type::TYPE_SINT64,
        "fixed32" => Type::TYPE_FIXED32,
        "fixed64" => Type::TYPE_FIXED64,
        "sfixed32" => Type::TYPE_SFIXED32,
        "sfixed64" => Type::TYPE_SFIXED64,
        "bool" => Type::TYPE_BOOL,
        "string" => Type::TYPE_STRING,
        "bytes" => Type::TYPE_BYTES,
        _ => return None,
    })
}
