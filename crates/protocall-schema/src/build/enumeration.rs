//! Enums and their values.

use buffa_descriptor::generated::descriptor::enum_descriptor_proto::EnumReservedRange;
use buffa_descriptor::generated::descriptor::{EnumDescriptorProto, EnumValueDescriptorProto};

use super::{Builder, OptionsKind, boolean, extend_path, find_setting, index, visibility};
use crate::model::{EnumInfo, EnumValueInfo, NameStyle};
use crate::names::join;
use crate::support::support;
use crate::syntax::{Enum, EnumItem, OptionSetting, ReservedWhat};

impl<'a> Builder<'a, '_> {
    pub(super) fn enumeration(
        &mut self,
        ast: &'a Enum,
        scope: &str,
        path: &[i32],
    ) -> EnumDescriptorProto {
        let mut descriptor = EnumDescriptorProto {
            name: Some(ast.name.text.clone()),
            visibility: visibility(ast.visibility),
            ..Default::default()
        };
        let options: Vec<&OptionSetting> = ast
            .body
            .items
            .iter()
            .filter_map(|item| match item {
                EnumItem::Option(setting) => Some(setting),
                _ => None,
            })
            .collect();
        let mut info = self.enum_info(ast, scope, &options);
        info.nested = matches!(path, [4, _, 3 | 4, ..]);
        self.styled("enum", NameStyle::Title, &ast.name, info.features);
        for item in &ast.body.items {
            match item {
                EnumItem::Value(value) => {
                    let settings = || value.options.iter().flat_map(|list| &list.settings);
                    let explicit = self.explicit(settings(), value.name.span);
                    let features = info.features.with(&explicit);
                    self.styled("enum value", NameStyle::UpperSnake, &value.name, features);
                    let path = extend_path(path, &[2, index(descriptor.value.len())]);
                    descriptor.value.push(EnumValueDescriptorProto {
                        name: Some(value.name.text.clone()),
                        number: value.number.value,
                        ..Default::default()
                    });
                    info.values.push(EnumValueInfo {
                        name: value.name.text.clone(),
                        name_span: value.name.span,
                        number: value.number.value,
                        number_span: value.number.span,
                        support: support(settings()),
                    });
                    let element = (OptionsKind::EnumValue, value.name.span);
                    self.list_site(element, &path, scope, value.options.as_ref());
                }
                EnumItem::Reserved(reserved) => {
                    self.enum_reserved(&reserved.what, &mut descriptor, &mut info);
                }
                EnumItem::Option(_) | EnumItem::Empty(_) => {}
            }
        }
        if !options.is_empty() {
            self.site((OptionsKind::Enum, ast.name.span), path, scope, options);
        }
        self.model.add_enum(info);
        descriptor
    }

    fn enum_info(&mut self, ast: &Enum, scope: &str, options: &[&OptionSetting]) -> EnumInfo {
        let option = |name| find_setting(options.iter().copied(), name);
        EnumInfo {
            file: self.file,
            level: self.level,
            features: self.features_with(options.iter().copied(), ast.name.span),
            visibility: ast.visibility,
            nested: false,
            full_name: join(scope, &ast.name.text),
            name_span: ast.name.span,
            values: Vec::new(),
            reserved: Vec::new(),
            reserved_names: Vec::new(),
            next: ast.next,
            allow_alias: option("allow_alias")
                .and_then(|s| boolean(s).map(|value| (value, s.span))),
            json_conflicts_allowed: option("deprecated_legacy_json_field_conflicts")
                .is_some_and(|setting| boolean(setting) == Some(true)),
        }
    }

    fn enum_reserved(
        &mut self,
        what: &ReservedWhat,
        descriptor: &mut EnumDescriptorProto,
        info: &mut EnumInfo,
    ) {
        match what {
            ReservedWhat::Names(names) => {
                for name in names {
                    descriptor.reserved_name.push(name.text.clone());
                    info.reserved_names.push((name.text.clone(), name.span));
                }
            }
            ReservedWhat::Ranges(ranges) => {
                for range in ranges {
                    let Some(range) = self.range(range, i32::MAX) else { continue };
                    // Unlike in messages, the end is inclusive.
                    descriptor.reserved_range.push(EnumReservedRange {
                        start: Some(range.start),
                        end: Some(range.end),
                        ..Default::default()
                    });
                    info.reserved.push(range);
                }
            }
        }
    }
}
