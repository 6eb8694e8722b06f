//! The walk itself: one function per construct, each recording in the order of the grammar.

use super::{Mark, Recorder};
use crate::source::Span;
use crate::syntax::{
    Block, Enum, EnumItem, EnumValue, Extend, Extensions, Field, FieldType, File, Import,
    ImportKind, Item, MessageItem, Method, MethodItem, Name, Oneof, OneofItem, OptionList,
    OptionSetting, Range, RangeEnd, Reserved, ReservedWhat, Service, ServiceItem,
};

/// Elements seen so far in a file or message, by the field of the descriptor that holds them.
#[derive(Default)]
struct Counts {
    messages: i32,
    enums: i32,
    services: i32,
    extensions: i32,
    fields: i32,
    oneofs: i32,
    extension_ranges: i32,
    reserved_ranges: i32,
    reserved_names: i32,
    imports: i32,
    public_imports: i32,
    weak_imports: i32,
    option_imports: i32,
}

fn next(count: &mut i32) -> i32 {
    let index = *count;
    *count += 1;
    index
}

fn join(path: &[i32], steps: &[i32]) -> Vec<i32> {
    [path, steps].concat()
}

/// Where messages that fields bring with them are counted.
struct Nested<'n> {
    /// Path of the list of messages.
    path: Vec<i32>,
    count: &'n mut i32,
}

impl Recorder<'_> {
    pub(super) fn file(&mut self, file: &File) {
        self.begin();
        self.record(Vec::new(), file.span);
        if let Some(syntax) = &file.syntax {
            let mark = self.record(vec![12], syntax.span);
            self.end_of_head(syntax.span.end, Some(mark));
        }
        let mut counts = Counts::default();
        for item in &file.items {
            match item {
                Item::Empty(span) => self.empty_statement(*span),
                Item::Package(package) => {
                    let mark = self.record(vec![2], package.span);
                    self.end_of_head(package.span.end, Some(mark));
                }
                Item::Import(import) => self.import(import, &mut counts),
                Item::Option(setting) => self.option_statement(setting, &[8]),
                Item::Message(message) => {
                    let path = [4, next(&mut counts.messages)];
                    self.message(&message.name, &message.body, message.span, &path);
                }
                Item::Enum(item) => self.enumeration(item, &[5, next(&mut counts.enums)]),
                Item::Service(service) => self.service(service, &[6, next(&mut counts.services)]),
                Item::Extend(extend) => {
                    let nested = Nested { path: vec![4], count: &mut counts.messages };
                    self.extend(extend, &[7], &mut counts.extensions, nested);
                }
            }
        }
    }

    fn import(&mut self, import: &Import, counts: &mut Counts) {
        if import.kind == ImportKind::Option {
            let mark = self.record(vec![15, next(&mut counts.option_imports)], import.span);
            self.end_of_head(import.span.end, Some(mark));
            return;
        }
        let mark = self.record(vec![3, next(&mut counts.imports)], import.span);
        match import.kind {
            ImportKind::Plain | ImportKind::Option => {}
            ImportKind::Public => {
                self.record(vec![10, next(&mut counts.public_imports)], import.kind_span);
            }
            ImportKind::Weak => {
                self.record(vec![11, next(&mut counts.weak_imports)], import.kind_span);
            }
        }
        self.end_of_head(import.span.end, Some(mark));
    }

    fn message(&mut self, name: &Name, body: &Block<MessageItem>, span: Span, path: &[i32]) {
        let mark = self.record(path.to_vec(), span);
        self.record(join(path, &[1]), name.span);
        self.message_body(body, mark, path);
    }

    fn message_body(&mut self, body: &Block<MessageItem>, mark: Mark, path: &[i32]) {
        self.end_of_head(body.open.end, Some(mark));
        let mut counts = Counts::default();
        for item in &body.items {
            self.message_item(item, path, &mut counts);
        }
        self.end_of_block(body.close);
    }

    fn message_item(&mut self, item: &MessageItem, path: &[i32], counts: &mut Counts) {
        match item {
            MessageItem::Empty(span) => self.empty_statement(*span),
            MessageItem::Option(setting) => self.option_statement(setting, &join(path, &[7])),
            MessageItem::Message(nested) => {
                let path = join(path, &[3, next(&mut counts.messages)]);
                self.message(&nested.name, &nested.body, nested.span, &path);
            }
            MessageItem::Enum(nested) => {
                self.enumeration(nested, &join(path, &[4, next(&mut counts.enums)]));
            }
            MessageItem::Extend(extend) => {
                let nested = Nested { path: join(path, &[3]), count: &mut counts.messages };
                self.extend(extend, &join(path, &[6]), &mut counts.extensions, nested);
            }
            MessageItem::Extensions(ranges) => {
                self.extensions(ranges, &join(path, &[5]), &mut counts.extension_ranges);
            }
            MessageItem::Reserved(reserved) => {
                let lists = ReservedLists {
                    ranges: (join(path, &[9]), &mut counts.reserved_ranges),
                    names: (join(path, &[10]), &mut counts.reserved_names),
                };
                self.reserved(reserved, lists);
            }
            MessageItem::Oneof(oneof) => self.oneof(oneof, path, counts),
            MessageItem::Field(field) => {
                let field_path = join(path, &[2, next(&mut counts.fields)]);
                let nested = Nested { path: join(path, &[3]), count: &mut counts.messages };
                self.field(field, &field_path, None, nested);
            }
        }
    }

    fn oneof(&mut self, oneof: &Oneof, path: &[i32], counts: &mut Counts) {
        let oneof_path = join(path, &[8, next(&mut counts.oneofs)]);
        let mark = self.record(oneof_path.clone(), oneof.span);
        self.record(join(&oneof_path, &[1]), oneof.name.span);
        self.end_of_head(oneof.body.open.end, Some(mark));
        for item in &oneof.body.items {
            match item {
                OneofItem::Option(setting) => {
                    self.option_statement(setting, &join(&oneof_path, &[2]))
                }
                OneofItem::Field(field) => {
                    let field_path = join(path, &[2, next(&mut counts.fields)]);
                    let nested = Nested { path: join(path, &[3]), count: &mut counts.messages };
                    self.field(field, &field_path, None, nested);
                }
            }
        }
        self.end_of_block(oneof.body.close);
    }

    fn extend(&mut self, extend: &Extend, path: &[i32], count: &mut i32, nested: Nested<'_>) {
        let mark = self.record(path.to_vec(), extend.span);
        self.end_of_head(extend.body.open.end, Some(mark));
        for field in &extend.body.items {
            let path = join(path, &[next(count)]);
            let nested = Nested { path: nested.path.clone(), count: &mut *nested.count };
            self.field(field, &path, Some(extend.extendee.span), nested);
        }
        self.end_of_block(extend.body.close);
    }

    fn field(&mut self, field: &Field, path: &[i32], extendee: Option<Span>, nested: Nested<'_>) {
        let mark = self.record(path.to_vec(), field.span);
        if let Some(extendee) = extendee {
            self.record(join(path, &[2]), extendee);
        }
        if let Some((_, span)) = field.label {
            self.record(join(path, &[4]), span);
        }
        let is_scalar = match &field.ty {
            FieldType::Plain(name) => crate::build::scalar(&name.text).is_some(),
            FieldType::Group(_) => true,
            FieldType::Map { .. } => false,
        };
        self.record(join(path, &[if is_scalar { 5 } else { 6 }]), field.ty_span);
        self.record(join(path, &[1]), field.name.span);
        self.record(join(path, &[3]), field.number.span);
        self.field_options(field.options.as_ref(), path);
        match &field.ty {
            FieldType::Group(body) => {
                let group_path = join(&nested.path, &[next(nested.count)]);
                let group = self.record(group_path.clone(), field.span);
                self.record(join(&group_path, &[1]), field.name.span);
                self.record(join(path, &[6]), field.name.span);
                self.message_body(body, group, &group_path);
            }
            FieldType::Map { .. } => {
                next(nested.count);
                self.end_of_head(field.span.end, Some(mark));
            }
            FieldType::Plain(_) => self.end_of_head(field.span.end, Some(mark)),
        }
    }

    /// A field's list, which also holds its default value and its JSON name.
    fn field_options(&mut self, list: Option<&OptionList>, path: &[i32]) {
        let Some(list) = list else { return };
        let options = join(path, &[8]);
        let real = list.settings.iter().find(|setting| self.options.contains_key(&setting.id));
        if real.is_none_or(|setting| self.element_keeps_options(setting)) {
            self.record(options.clone(), list.span);
        }
        for setting in &list.settings {
            match setting.simple_name() {
                Some("default") => {
                    self.record(join(path, &[7]), setting.value.span);
                }
                Some("json_name") => {
                    self.record(join(path, &[10]), setting.span);
                    self.record(join(path, &[10]), setting.value.span);
                }
                _ => {
                    self.option(setting, &options);
                }
            }
        }
    }

    fn option_list(&mut self, list: Option<&OptionList>, path: &[i32]) {
        let Some(list) = list else { return };
        if list.settings.iter().any(|setting| self.element_keeps_options(setting)) {
            self.record(path.to_vec(), list.span);
        }
        for setting in &list.settings {
            self.option(setting, path);
        }
    }

    fn element_keeps_options(&self, setting: &OptionSetting) -> bool {
        self.options.get(&setting.id).is_some_and(|place| place.siblings_kept)
    }

    /// Options for the source only have no location either.
    fn option(&mut self, setting: &OptionSetting, path: &[i32]) -> Option<Mark> {
        let place = self.options.get(&setting.id).filter(|place| place.kept)?;
        Some(self.record(join(path, &place.path), setting.span))
    }

    fn option_statement(&mut self, setting: &OptionSetting, path: &[i32]) {
        if self.element_keeps_options(setting) {
            self.record(path.to_vec(), setting.span);
        }
        let mark = self.option(setting, path);
        self.end_of_head(setting.span.end, mark);
    }

    fn extensions(&mut self, ast: &Extensions, path: &[i32], count: &mut i32) {
        let mark = self.record(path.to_vec(), ast.span);
        let first = *count;
        for range in &ast.ranges {
            self.range(range, &join(path, &[next(count)]));
        }
        for index in first..*count {
            self.option_list(ast.options.as_ref(), &join(path, &[index, 3]));
        }
        self.end_of_head(ast.span.end, Some(mark));
    }

    fn range(&mut self, range: &Range, path: &[i32]) {
        self.record(path.to_vec(), range.span);
        self.record(join(path, &[1]), range.start.span);
        let end = match &range.end {
            // Of a negative number the first token, as in protoc.
            RangeEnd::Same if self.source.slice(range.start.span).starts_with('-') => {
                let start = range.start.span.start;
                Span { start, end: start + 1 }
            }
            RangeEnd::Same => range.start.span,
            RangeEnd::To(number) => number.span,
            RangeEnd::Max(span) => *span,
        };
        self.record(join(path, &[2]), end);
    }

    fn reserved(&mut self, reserved: &Reserved, lists: ReservedLists<'_>) {
        let mark = match &reserved.what {
            ReservedWhat::Names(names) => {
                let (path, count) = lists.names;
                let mark = self.record(path.clone(), reserved.span);
                for name in names {
                    self.record(join(&path, &[next(count)]), name.span);
                }
                mark
            }
            ReservedWhat::Ranges(ranges) => {
                let (path, count) = lists.ranges;
                let mark = self.record(path.clone(), reserved.span);
                for range in ranges {
                    self.range(range, &join(&path, &[next(count)]));
                }
                mark
            }
        };
        self.end_of_head(reserved.span.end, Some(mark));
    }

    fn enumeration(&mut self, item: &Enum, path: &[i32]) {
        let mark = self.record(path.to_vec(), item.span);
        self.record(join(path, &[1]), item.name.span);
        self.end_of_head(item.body.open.end, Some(mark));
        let mut counts = Counts::default();
        for item in &item.body.items {
            match item {
                EnumItem::Empty(span) => self.empty_statement(*span),
                EnumItem::Option(setting) => self.option_statement(setting, &join(path, &[3])),
                EnumItem::Value(value) => {
                    self.enum_value(value, &join(path, &[2, next(&mut counts.fields)]));
                }
                EnumItem::Reserved(reserved) => {
                    let lists = ReservedLists {
                        ranges: (join(path, &[4]), &mut counts.reserved_ranges),
                        names: (join(path, &[5]), &mut counts.reserved_names),
                    };
                    self.reserved(reserved, lists);
                }
            }
        }
        self.end_of_block(item.body.close);
    }

    fn enum_value(&mut self, value: &EnumValue, path: &[i32]) {
        let mark = self.record(path.to_vec(), value.span);
        self.record(join(path, &[1]), value.name.span);
        self.record(join(path, &[2]), value.number.span);
        self.option_list(value.options.as_ref(), &join(path, &[3]));
        self.end_of_head(value.span.end, Some(mark));
    }

    fn service(&mut self, service: &Service, path: &[i32]) {
        let mark = self.record(path.to_vec(), service.span);
        self.record(join(path, &[1]), service.name.span);
        self.end_of_head(service.body.open.end, Some(mark));
        let mut methods = 0;
        for item in &service.body.items {
            match item {
                ServiceItem::Empty(span) => self.empty_statement(*span),
                ServiceItem::Option(setting) => self.option_statement(setting, &join(path, &[3])),
                ServiceItem::Method(method) => {
                    self.method(method, &join(path, &[2, next(&mut methods)]));
                }
            }
        }
        self.end_of_block(service.body.close);
    }

    fn method(&mut self, method: &Method, path: &[i32]) {
        let mark = self.record(path.to_vec(), method.span);
        self.record(join(path, &[1]), method.name.span);
        if let Some(stream) = method.input.stream {
            self.record(join(path, &[5]), stream);
        }
        self.record(join(path, &[2]), method.input.name.span);
        if let Some(stream) = method.output.stream {
            self.record(join(path, &[6]), stream);
        }
        self.record(join(path, &[3]), method.output.name.span);
        let Some(body) = &method.body else {
            self.end_of_head(method.span.end, Some(mark));
            return;
        };
        self.end_of_head(body.open.end, Some(mark));
        for item in &body.items {
            match item {
                MethodItem::Empty(span) => self.empty_statement(*span),
                MethodItem::Option(setting) => self.option_statement(setting, &join(path, &[4])),
            }
        }
        self.end_of_block(body.close);
    }
}

/// The two lists that `reserved` statements fill, with what they hold so far.
struct ReservedLists<'r> {
    ranges: (Vec<i32>, &'r mut i32),
    names: (Vec<i32>, &'r mut i32),
}
