//! Single fields: what their syntax level, type and options allow.

use buffa_descriptor::generated::descriptor::field_descriptor_proto::Type;

use super::Checker;
use crate::code;
use crate::model::FieldInfo;
use crate::source::Span;
use crate::syntax::{Label, Level};

impl Checker<'_> {
    /// Rules for fields of messages and extensions alike.
    pub(super) fn field(&mut self, field: &FieldInfo) {
        if field.level == Level::Proto3 {
            self.proto3_field(field);
        }
        self.default_of_enum(field);
        self.field_options(field);
        self.field_features(field);
        self.feature_support(field);
    }

    fn proto3_field(&mut self, field: &FieldInfo) {
        if let Some((Label::Required, span)) = field.label {
            let text = "proto3 has no required fields";
            self.error(field.file, code::PROTO3_REQUIRED, text, span, "remove this");
        }
        if let Some((_, span)) = field.default {
            let text = "proto3 fields have no default values of their own";
            self.error(field.file, code::PROTO3_DEFAULT, text, span, "remove this");
        }
        if field.ty == Some(Type::TYPE_GROUP) {
            let text = "proto3 has no groups";
            self.report(field.file, code::PROTO3_GROUP, text, field.ty_span, "", |d, _| {
                d.hint("write a nested message and a field of its type")
            });
        }
        self.closed_enum_in_proto3(field);
    }

    /// An enum of a proto2 file is closed: its unknown values cannot be kept as proto3 demands.
    pub(super) fn closed_enum_in_proto3(&mut self, field: &FieldInfo) {
        let Some(info) = self.model.enumeration(&field.type_name) else { return };
        if field.level != Level::Proto3 || !info.features.is_closed() {
            return;
        }
        let text = format!("enum `{}` is closed and cannot be used in proto3", info.full_name);
        let other = self.source(info.file);
        let name_span = info.name_span;
        self.report(field.file, code::PROTO3_CLOSED_ENUM, text, field.ty_span, "", |d, _| {
            match other {
                Some(other) => d.also(other, name_span, "defined here"),
                None => d,
            }
        });
    }

    /// Defaults of enums are checked here, since the enum may be defined after the field.
    fn default_of_enum(&mut self, field: &FieldInfo) {
        let (Some((value, span)), Some(info)) =
            (&field.default, self.model.enumeration(&field.type_name))
        else {
            return;
        };
        if info.value(value).is_none() {
            let text = format!("enum `{}` has no value `{value}`", info.full_name);
            self.error(field.file, code::BAD_DEFAULT, text, *span, "");
        }
    }

    fn field_options(&mut self, field: &FieldInfo) {
        let Some(ty) = field.ty else { return };
        if let Some((true, span)) = field.options.packed
            && !field.is_packable()
        {
            let text = "only repeated numbers, booleans and enums can be packed";
            self.not_for_field(field, text, span);
        }
        if let Some(span) = field.options.lazy
            && ty != Type::TYPE_MESSAGE
        {
            self.not_for_field(field, "only message fields can be lazy", span);
        }
        if let Some(span) = field.options.unverified_lazy
            && field.extendee.is_some()
        {
            self.not_for_field(field, "an extension cannot be `unverified_lazy`", span);
        }
        let is_64_bit = matches!(
            ty,
            Type::TYPE_INT64
                | Type::TYPE_UINT64
                | Type::TYPE_SINT64
                | Type::TYPE_FIXED64
                | Type::TYPE_SFIXED64
        );
        if let Some(span) = field.options.jstype
            && !is_64_bit
        {
            self.not_for_field(field, "`jstype` is for 64-bit integers only", span);
        }
    }

    fn not_for_field(&mut self, field: &FieldInfo, text: &str, span: Span) {
        self.report(field.file, code::OPTION_NOT_FOR_FIELD, text, span, "", |d, source| {
            d.led_by(source, field.ty_span, "of this type")
        });
    }
}
