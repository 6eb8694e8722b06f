//! Pass 4: syntax tree to descriptors, with type names resolved and options left out.
//! Options are collected as sites for `options`; facts with their spans go to the model.
//! Order everywhere is the one of the text, synthetic oneofs last, as `protoc` does it.

mod default;
mod enumeration;
mod field;
mod message;

use buffa_descriptor::generated::descriptor::{
    FileDescriptorProto, MethodDescriptorProto, ServiceDescriptorProto,
};

pub(crate) use field::scalar;

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::load::Unit;
use crate::model::{Model, NumberRange};
use crate::names::join;
use crate::scope::{Scope, Want};
use crate::source::Span;
use crate::symbols::SymbolKind;
use crate::syntax::{
    ImportKind, Item, Level, MethodItem, MethodType, Name, OptionList, OptionSetting, Range,
    RangeEnd, Service, ServiceItem, ValueKind,
};

/// Which options message an element has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OptionsKind {
    File,
    Message,
    Field,
    Oneof,
    ExtensionRange,
    Enum,
    EnumValue,
    Service,
    Method,
}

/// The options of one element, to be interpreted when all types are known.
#[derive(Debug)]
pub(crate) struct OptionSite<'a> {
    pub(crate) kind: OptionsKind,
    /// Path of the element inside the file descriptor.
    pub(crate) path: Vec<i32>,
    /// Innermost scope in which option names are searched.
    pub(crate) scope: String,
    pub(crate) settings: Vec<&'a OptionSetting>,
}

/// One file's descriptor before options.
pub(crate) struct Built<'a> {
    pub(crate) descriptor: FileDescriptorProto,
    pub(crate) sites: Vec<OptionSite<'a>>,
}

/// Builds the descriptor of one file.
pub(crate) fn build<'a>(
    unit: &'a Unit,
    file: usize,
    scope: &Scope<'_>,
    model: &mut Model,
    diagnostics: &mut Diagnostics,
) -> Built<'a> {
    let level = unit.tree.level();
    let mut builder = Builder { unit, file, level, scope, model, diagnostics, sites: Vec::new() };
    let descriptor = builder.file();
    Built { descriptor, sites: builder.sites }
}

struct Builder<'a, 'b> {
    unit: &'a Unit,
    file: usize,
    level: Level,
    scope: &'b Scope<'b>,
    model: &'b mut Model,
    diagnostics: &'b mut Diagnostics,
    sites: Vec<OptionSite<'a>>,
}

/// `path` with more steps.
fn extend_path(path: &[i32], steps: &[i32]) -> Vec<i32> {
    [path, steps].concat()
}

/// An index as descriptors count; files are far too small for it to overflow.
fn index(len: usize) -> i32 {
    i32::try_from(len).unwrap_or(i32::MAX)
}

impl<'a> Builder<'a, '_> {
    fn file(&mut self) -> FileDescriptorProto {
        let tree = &self.unit.tree;
        let mut file = FileDescriptorProto {
            name: Some(self.unit.source.path().to_owned()),
            package: tree.package().map(|package| package.name.text.clone()),
            syntax: (self.level == Level::Proto3).then(|| "proto3".to_owned()),
            ..Default::default()
        };
        for import in tree.imports() {
            let position = index(file.dependency.len());
            match import.kind {
                ImportKind::Plain => {}
                ImportKind::Public => file.public_dependency.push(position),
                ImportKind::Weak => file.weak_dependency.push(position),
            }
            file.dependency.push(import.path.clone());
        }
        let package = file.package.clone().unwrap_or_default();
        let mut options = Vec::new();
        for item in &tree.items {
            match item {
                Item::Message(message) => {
                    let path = vec![4, index(file.message_type.len())];
                    let built = self.message(&message.name, &message.body, &package, &path);
                    file.message_type.push(built);
                }
                Item::Enum(item) => {
                    let path = vec![5, index(file.enum_type.len())];
                    let built = self.enumeration(item, &package, &path);
                    file.enum_type.push(built);
                }
                Item::Service(service) => {
                    let path = vec![6, index(file.service.len())];
                    let built = self.service(service, &package, &path);
                    file.service.push(built);
                }
                Item::Extend(extend) => {
                    let sink = field::Sink { messages: &mut file.message_type, path: vec![4] };
                    self.extend(extend, &package, &[7], &mut file.extension, sink);
                }
                Item::Option(setting) => options.push(setting),
                Item::Package(_) | Item::Import(_) | Item::Empty(_) => {}
            }
        }
        if !options.is_empty() {
            self.site(OptionsKind::File, &[], &package, options);
        }
        file
    }

    fn service(&mut self, ast: &'a Service, scope: &str, path: &[i32]) -> ServiceDescriptorProto {
        let full_name = join(scope, &ast.name.text);
        let mut service =
            ServiceDescriptorProto { name: Some(ast.name.text.clone()), ..Default::default() };
        let mut options = Vec::new();
        for item in &ast.body.items {
            match item {
                ServiceItem::Option(setting) => options.push(setting),
                ServiceItem::Empty(_) => {}
                ServiceItem::Method(method) => {
                    let path = extend_path(path, &[2, index(service.method.len())]);
                    service.method.push(MethodDescriptorProto {
                        name: Some(method.name.text.clone()),
                        input_type: Some(self.method_type(&method.input, &full_name)),
                        output_type: Some(self.method_type(&method.output, &full_name)),
                        client_streaming: method.input.stream.map(|_| true),
                        server_streaming: method.output.stream.map(|_| true),
                        ..Default::default()
                    });
                    if let Some(body) = &method.body {
                        let settings = body.items.iter().filter_map(|item| match item {
                            MethodItem::Option(setting) => Some(setting),
                            MethodItem::Empty(_) => None,
                        });
                        // `{}` gives the method an empty options message.
                        self.site(OptionsKind::Method, &path, &full_name, settings.collect());
                    }
                }
            }
        }
        if !options.is_empty() {
            self.site(OptionsKind::Service, path, scope, options);
        }
        service
    }

    fn method_type(&mut self, ast: &MethodType, scope: &str) -> String {
        match self.resolve_message(&ast.name, scope, "a method's request and response are messages")
        {
            Some(full_name) => format!(".{full_name}"),
            None => ast.name.text.clone(),
        }
    }

    /// Finds a message by name; reports what is not one.
    fn resolve_message(&mut self, name: &Name, scope: &str, rule: &str) -> Option<String> {
        match self.scope.find(&name.text, scope, Want::Type) {
            Ok((full_name, symbol)) if symbol.kind == SymbolKind::Message => Some(full_name),
            Ok((full_name, symbol)) => {
                let message = format!("`{full_name}` is {}, not a message", symbol.kind.describe());
                self.error(code::NOT_A_MESSAGE, message, name.span, rule);
                None
            }
            Err(_) if scalar(&name.text).is_some() => {
                let message = format!("`{}` is not a message", name.text);
                let diagnostic = Diagnostic::error(code::NOT_A_MESSAGE, message)
                    .at(&self.unit.source, name.span, rule)
                    .hint("wrap it into a message of your own, or use one of google/protobuf/wrappers.proto");
                self.diagnostics.push(diagnostic);
                None
            }
            Err(miss) => {
                let diagnostic = self.scope.missing(name, scope, miss, Want::Type);
                self.diagnostics.push(diagnostic);
                None
            }
        }
    }

    fn error(&mut self, code: code::Code, message: impl Into<String>, span: Span, label: &str) {
        self.diagnostics.push(Diagnostic::error(code, message).at(&self.unit.source, span, label));
    }

    fn site(
        &mut self,
        kind: OptionsKind,
        path: &[i32],
        scope: &str,
        settings: Vec<&'a OptionSetting>,
    ) {
        let (path, scope) = (path.to_vec(), scope.to_owned());
        self.sites.push(OptionSite { kind, path, scope, settings });
    }

    /// A site for a bracketed list, if there is one.
    fn list_site(
        &mut self,
        kind: OptionsKind,
        path: &[i32],
        scope: &str,
        list: Option<&'a OptionList>,
    ) {
        if let Some(list) = list {
            self.site(kind, path, scope, list.settings.iter().collect());
        }
    }

    /// A range's numbers, inclusive; reports one that runs backwards.
    fn range(&mut self, ast: &Range, max: i32) -> Option<NumberRange> {
        let start = ast.start.value?;
        let end = match &ast.end {
            RangeEnd::Same => start,
            RangeEnd::To(end) => end.value?,
            RangeEnd::Max(_) => max,
        };
        if end < start {
            let message = format!("the range ends ({end}) before it starts ({start})");
            self.error(code::BAD_RANGE, message, ast.span, "");
            return None;
        }
        Some(NumberRange { start, end, span: ast.span })
    }
}

/// The last setting of a plain option in a list of settings.
fn find_setting<'s>(
    mut settings: impl Iterator<Item = &'s OptionSetting>,
    name: &str,
) -> Option<&'s OptionSetting> {
    settings.find(|setting| setting.simple_name() == Some(name))
}

/// The value of a boolean option, if it is one.
fn boolean(setting: &OptionSetting) -> Option<bool> {
    match &setting.value.kind {
        ValueKind::Identifier(text) => text.parse().ok(),
        _ => None,
    }
}
