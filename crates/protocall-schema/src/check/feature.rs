//! What editions ask of features, and of the options that features took the place of.
//! Specification: protobuf.dev/editions/features and `descriptor.proto`.

use buffa_descriptor::generated::descriptor::field_descriptor_proto::Type;

use super::Checker;
use crate::build::file_start;
use crate::code;
use crate::features::{self, Feature};
use crate::model::{EnumInfo, FieldInfo};
use crate::source::Span;
use crate::syntax::{Level, ValueKind};

impl Checker<'_> {
    /// The features and options of files themselves.
    pub(super) fn files(&mut self) {
        let units = self.units;
        for (file, unit) in units.iter().enumerate() {
            if !unit.tree.level().is_edition() {
                continue;
            }
            let required = features::explicit(unit.tree.options());
            if let Some(setting) = required.iter().find(|setting| setting.is_required())
                && features::of_file(&unit.tree).is_required()
            {
                let text = "not all fields of a file can be required";
                self.report(file, code::BAD_FEATURE, text, setting.span, "", |d, source| {
                    d.led_by(source, file_start(unit), "")
                });
            }
            let checks_utf8 = unit.tree.options().find(|setting| {
                setting.simple_name() == Some("java_string_check_utf8")
                    && matches!(&setting.value.kind, ValueKind::Identifier(text) if text == "true")
            });
            if let Some(setting) = checks_utf8 {
                let text = "`java_string_check_utf8` does not exist in editions";
                let hint = "use the feature `(pb.java).utf8_validation`";
                self.report(file, code::EDITION_OPTION, text, setting.span, "", |d, source| {
                    d.led_by(source, file_start(unit), "").hint(hint)
                });
            }
        }
    }

    pub(super) fn field_features(&mut self, field: &FieldInfo) {
        if !field.level.is_edition() {
            return;
        }
        if let Some((_, span)) = field.options.packed {
            let text = "`packed` does not exist in editions";
            self.report(field.file, code::EDITION_OPTION, text, span, "", |d, source| {
                d.led_by(source, field.name_span, "of this field")
                    .hint("use `features.repeated_field_encoding = PACKED` or `EXPANDED`")
            });
        }
        if let Some(span) = field.options.ctype.filter(|_| field.level >= Level::Edition2024) {
            let text = "`ctype` does not exist from edition 2024 on";
            self.report(field.file, code::EDITION_OPTION, text, span, "", |d, source| {
                d.led_by(source, field.ty_span, "of this field")
                    .hint("use the feature `(pb.cpp).string_type`")
            });
        }
        self.implicit_presence(field);
        for setting in &field.explicit {
            let problem = match setting.feature {
                Feature::FieldPresence => {
                    presence(field, setting.is_required(), setting.is_implicit())
                }
                Feature::RepeatedFieldEncoding if !field.repeated => {
                    Some("only repeated fields have an encoding of their own")
                }
                Feature::RepeatedFieldEncoding if setting.is_packed() && !field.is_packable() => {
                    Some("only repeated numbers, booleans and enums can be packed")
                }
                Feature::Utf8Validation if !self.holds_strings(field) => {
                    Some("only strings are checked for UTF-8")
                }
                Feature::MessageEncoding if !field.is_message() || self.is_map(field) => {
                    Some("only messages have a message encoding")
                }
                _ => None,
            };
            if let Some(problem) = problem {
                self.report(
                    field.file,
                    code::BAD_FEATURE,
                    problem,
                    setting.span,
                    "",
                    |d, source| d.led_by(source, field.name_span, "of this field"),
                );
            }
        }
    }

    fn is_map(&self, field: &FieldInfo) -> bool {
        self.model.message(&field.type_name).is_some_and(|message| message.is_map_entry)
    }

    /// A string, or a map with a string on either side.
    fn holds_strings(&self, field: &FieldInfo) -> bool {
        if field.ty == Some(Type::TYPE_STRING) {
            return true;
        }
        let entry = self.model.message(&field.type_name).filter(|message| message.is_map_entry);
        entry
            .is_some_and(|entry| entry.fields.iter().any(|part| part.ty == Some(Type::TYPE_STRING)))
    }

    /// A field whose zero means absence has a zero of its own, and no other default.
    pub(super) fn implicit_presence(&mut self, field: &FieldInfo) {
        if !field.level.is_edition() || !field.has_implicit_presence() {
            return;
        }
        if let Some((_, span)) = field.default {
            let text = "a field with implicit presence has no default value of its own";
            self.report(
                field.file,
                code::IMPLICIT_PRESENCE,
                text,
                span,
                "remove this",
                |d, source| d.led_by(source, field.name_span, "of this field"),
            );
        }
        let closed = |info: &&EnumInfo| info.features.is_closed();
        let Some(info) = self.model.enumeration(&field.type_name).filter(closed) else { return };
        let text = format!("closed enum `{}` cannot have implicit presence", info.full_name);
        let span: Span = field.ty_span;
        self.report(field.file, code::IMPLICIT_PRESENCE, text, span, "", |d, source| {
            d.led_by(source, field.name_span, "of this field")
        });
    }

    /// What a field says of the editions it is for.
    pub(super) fn feature_support(&mut self, field: &FieldInfo) {
        let Some(support) = &field.options.support else { return };
        if let Some(problem) = support.problem() {
            let text = format!("lifetime of `{}`: {problem}", field.name);
            self.error(field.file, code::BAD_FEATURE_SUPPORT, text, support.span, "");
        }
        let Some(info) = self.model.enumeration(&field.type_name) else { return };
        for value in &info.values {
            let Some(of_value) = &value.support else { continue };
            if let Some(problem) = of_value.problem_inside(support) {
                let text = format!("value `{}` of `{}`: {problem}", value.name, field.name);
                self.error(field.file, code::BAD_FEATURE_SUPPORT, text, support.span, "");
            }
        }
    }

    /// What the values of an enum say of the editions they are for.
    pub(super) fn value_support(&mut self, item: &EnumInfo) {
        for value in &item.values {
            let Some(support) = &value.support else { continue };
            if let Some(problem) = support.problem() {
                let text = format!("lifetime of `{}`: {problem}", value.name);
                self.error(item.file, code::BAD_FEATURE_SUPPORT, text, support.span, "");
            }
        }
    }
}

/// Why a field cannot choose its presence.
fn presence(field: &FieldInfo, required: bool, implicit: bool) -> Option<&'static str> {
    if field.oneof.is_some() {
        Some("the fields of a oneof always have presence")
    } else if field.repeated {
        Some("a repeated field has no presence")
    } else if field.extendee.is_some() && !required {
        Some("extensions always have presence")
    } else if field.is_message() && implicit {
        Some("messages always have presence")
    } else {
        None
    }
}
