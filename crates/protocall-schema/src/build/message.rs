//! Messages: their fields, oneofs, nested types, ranges, and the oneofs behind `optional`.

use buffa_descriptor::generated::descriptor::descriptor_proto::{ExtensionRange, ReservedRange};
use buffa_descriptor::generated::descriptor::{
    DescriptorProto, FieldDescriptorProto, OneofDescriptorProto,
};

use super::declaration::declarations;
use super::field::{FieldPlace, Sink};
use super::{Builder, OptionsKind, boolean, extend_path, find_setting, index, visibility};
use crate::limits::MAX_FIELD_NUMBER;
use crate::model::{FieldInfo, MessageInfo, NameStyle, OneofInfo};
use crate::names::{self, join, parent};
use crate::source::Span;
use crate::syntax::{
    Block, Extensions, Field, Level, MessageItem, Name, Oneof, OneofItem, OptionSetting, Reserved,
    ReservedWhat, Visibility,
};

/// A message under construction: the descriptor and what the model learns of it.
struct Draft {
    descriptor: DescriptorProto,
    info: MessageInfo,
    path: Vec<i32>,
    /// Highest number that `max` means.
    max_number: i32,
}

impl<'a> Builder<'a, '_> {
    pub(super) fn message(
        &mut self,
        (name, keyword): (&'a Name, Option<(Visibility, Span)>),
        body: &'a Block<MessageItem>,
        scope: &str,
        path: &[i32],
    ) -> DescriptorProto {
        let options: Vec<&OptionSetting> = body.items.iter().filter_map(as_option).collect();
        let mut draft = self.draft(name, scope, path, &options);
        draft.info.visibility = keyword;
        self.styled("message", NameStyle::Title, name, draft.info.features);
        let around = std::mem::replace(&mut self.features, draft.info.features);
        for item in &body.items {
            self.message_item(item, &mut draft);
        }
        self.features = around;
        synthetic_oneofs(&mut draft.descriptor);
        if !options.is_empty() {
            self.site((OptionsKind::Message, name.span), path, scope, options);
        }
        self.model.add_message(draft.info);
        draft.descriptor
    }

    fn draft(
        &mut self,
        name: &Name,
        scope: &str,
        path: &[i32],
        options: &[&OptionSetting],
    ) -> Draft {
        let option = |name| find_setting(options.iter().copied(), name);
        let is_true = |setting: &&OptionSetting| boolean(setting) == Some(true);
        let message_set = option("message_set_wire_format").filter(is_true).map(|s| s.span);
        let info = MessageInfo {
            file: self.file,
            level: self.level,
            features: self.features_with(options.iter().copied(), name.span),
            visibility: None,
            nested: matches!(path, [4, _, 3, ..]),
            full_name: join(scope, &name.text),
            name_span: name.span,
            fields: Vec::new(),
            oneofs: Vec::new(),
            reserved: Vec::new(),
            reserved_names: Vec::new(),
            extension_ranges: Vec::new(),
            declarations: Vec::new(),
            is_map_entry: false,
            message_set,
            map_entry_option: option("map_entry").map(|s| s.span),
            json_conflicts_allowed: option("deprecated_legacy_json_field_conflicts")
                .is_some_and(|s| is_true(&s)),
        };
        Draft {
            descriptor: DescriptorProto { name: Some(name.text.clone()), ..Default::default() },
            info,
            path: path.to_vec(),
            max_number: if message_set.is_some() { i32::MAX - 1 } else { MAX_FIELD_NUMBER },
        }
    }

    fn message_item(&mut self, item: &'a MessageItem, draft: &mut Draft) {
        let scope = draft.info.full_name.clone();
        let message = &mut draft.descriptor;
        match item {
            MessageItem::Field(field) => self.message_field(field, None, draft),
            MessageItem::Oneof(oneof) => self.oneof(oneof, draft),
            MessageItem::Message(nested) => {
                let path = extend_path(&draft.path, &[3, index(message.nested_type.len())]);
                let name = (&nested.name, nested.visibility);
                let mut built = self.message(name, &nested.body, &scope, &path);
                built.visibility = visibility(nested.visibility);
                message.nested_type.push(built);
            }
            MessageItem::Enum(nested) => {
                let path = extend_path(&draft.path, &[4, index(message.enum_type.len())]);
                let built = self.enumeration(nested, &scope, &path);
                message.enum_type.push(built);
            }
            MessageItem::Extend(extend) => {
                let path = extend_path(&draft.path, &[6]);
                let nested_path = extend_path(&draft.path, &[3]);
                let sink = Sink { messages: &mut message.nested_type, path: nested_path };
                self.extend(extend, &scope, &path, &mut message.extension, sink);
            }
            MessageItem::Extensions(ranges) => self.extension_ranges(ranges, draft),
            MessageItem::Reserved(reserved) => self.reserved(reserved, draft),
            MessageItem::Option(_) | MessageItem::Empty(_) => {}
        }
    }

    fn message_field(&mut self, ast: &'a Field, oneof: Option<usize>, draft: &mut Draft) {
        let scope = draft.info.full_name.clone();
        let path = extend_path(&draft.path, &[2, index(draft.descriptor.field.len())]);
        let place = FieldPlace { scope: &scope, path: &path, oneof, extendee: None };
        let nested_path = extend_path(&draft.path, &[3]);
        let sink = Sink { messages: &mut draft.descriptor.nested_type, path: nested_path };
        let (descriptor, info): (_, FieldInfo) = self.field(ast, place, sink);
        draft.descriptor.field.push(descriptor);
        draft.info.fields.push(info);
    }

    fn oneof(&mut self, ast: &'a Oneof, draft: &mut Draft) {
        let position = draft.descriptor.oneof_decl.len();
        let path = extend_path(&draft.path, &[8, index(position)]);
        draft
            .descriptor
            .oneof_decl
            .push(OneofDescriptorProto { name: Some(ast.name.text.clone()), ..Default::default() });
        let own = ast.body.items.iter().filter_map(|item| match item {
            OneofItem::Option(setting) => Some(setting),
            OneofItem::Field(_) => None,
        });
        let inside = self.features_with(own, ast.name.span);
        self.styled("oneof", NameStyle::LowerSnake, &ast.name, inside);
        let around = std::mem::replace(&mut self.features, inside);
        let mut fields = 0;
        let mut options = Vec::new();
        for item in &ast.body.items {
            match item {
                OneofItem::Field(field) => {
                    fields += 1;
                    self.message_field(field, Some(position), draft);
                }
                OneofItem::Option(setting) => options.push(setting),
            }
        }
        self.features = around;
        let name = ast.name.text.clone();
        let empty = ast.body.items.is_empty().then_some(ast.body.close);
        let span = ast.name.span;
        draft.info.oneofs.push(OneofInfo { name, span, empty, fields, features: inside });
        if !options.is_empty() {
            let scope = draft.info.full_name.clone();
            self.site((OptionsKind::Oneof, ast.name.span), &path, &scope, options);
        }
    }

    fn extension_ranges(&mut self, ast: &'a Extensions, draft: &mut Draft) {
        for range in &ast.ranges {
            let Some(range) = self.range(range, draft.max_number) else { continue };
            let position = index(draft.descriptor.extension_range.len());
            let path = extend_path(&draft.path, &[5, position]);
            draft.descriptor.extension_range.push(ExtensionRange {
                start: Some(range.start),
                end: Some(range.end.saturating_add(1)),
                ..Default::default()
            });
            let element = (OptionsKind::ExtensionRange, range.span);
            draft.info.extension_ranges.push(range);
            draft.info.declarations.push(declarations(ast.options.as_ref()));
            let scope = parent(&draft.info.full_name).to_owned();
            self.list_site(element, &path, &scope, ast.options.as_ref());
        }
    }

    fn reserved(&mut self, ast: &Reserved, draft: &mut Draft) {
        match &ast.what {
            ReservedWhat::Names(names) => {
                for name in names {
                    draft.descriptor.reserved_name.push(name.text.clone());
                    draft.info.reserved_names.push((name.text.clone(), name.span));
                }
            }
            ReservedWhat::Ranges(ranges) => {
                for range in ranges {
                    let Some(range) = self.range(range, draft.max_number) else { continue };
                    draft.descriptor.reserved_range.push(ReservedRange {
                        start: Some(range.start),
                        end: Some(range.end.saturating_add(1)),
                        ..Default::default()
                    });
                    draft.info.reserved.push(range);
                }
            }
        }
    }
}

fn as_option(item: &MessageItem) -> Option<&OptionSetting> {
    match item {
        MessageItem::Option(setting) => Some(setting),
        _ => None,
    }
}

/// Gives each `optional` field of proto3 a oneof of its own, behind all real ones.
fn synthetic_oneofs(message: &mut DescriptorProto) {
    let is_optional = |field: &&mut FieldDescriptorProto| field.proto3_optional == Some(true);
    let fields = message.field.iter().filter_map(|field| field.name.clone());
    let oneofs = message.oneof_decl.iter().filter_map(|oneof| oneof.name.clone());
    let taken = fields.chain(oneofs).collect();
    let optional = message.field.iter().filter(|field| field.proto3_optional == Some(true));
    let names = names::synthetic_oneofs(optional.filter_map(|field| field.name.as_deref()), taken);
    for (field, name) in message.field.iter_mut().filter(is_optional).zip(names) {
        field.oneof_index = Some(index(message.oneof_decl.len()));
        message.oneof_decl.push(OneofDescriptorProto { name: Some(name), ..Default::default() });
    }
}

/// Whether `optional` means presence of its own here, rather than being the only choice.
pub(super) fn optional_is_explicit(level: Level) -> bool {
    level == Level::Proto3
}
