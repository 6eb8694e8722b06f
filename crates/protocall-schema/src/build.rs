//! Pass 4: syntax tree to descriptors, with type names resolved and options left out.
//! Options are collected as sites for `options`; facts with their spans go to the model.
//! Order everywhere is the one of the text, synthetic oneofs last, as `protoc` does it.

mod declaration;
mod default;
mod enumeration;
mod field;
mod message;
mod service;
mod style;

use buffa_descriptor::generated::descriptor::{Edition, FileDescriptorProto, SymbolVisibility};

pub(crate) use field::scalar;

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::features::{self, Explicit, Features};
use crate::load::Unit;
use crate::model::{Model, NameStyle, NumberRange};
use crate::scope::{Scope, Want};
use crate::source::Span;
use crate::symbols::{Symbol, SymbolKind};
use crate::syntax::{
    Import, ImportKind, Item, Level, Name, OptionList, OptionSetting, Range, RangeEnd, ValueKind,
    Visibility,
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
    /// The element's name; of a file its beginning, of ranges the numbers.
    pub(crate) name: Span,
    /// Path of the element inside the file descriptor.
    pub(crate) path: Vec<i32>,
    /// Innermost scope in which option names are searched.
    pub(crate) scope: String,
    pub(crate) settings: Vec<&'a OptionSetting>,
    /// A copy for an element that is not written itself: the parts of a map's entry.
    pub(crate) is_copy: bool,
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
    let features = features::of_file(&unit.tree);
    let sites = Vec::new();
    let mut builder = Builder { unit, file, level, features, scope, model, diagnostics, sites };
    let descriptor = builder.file();
    Built { descriptor, sites: builder.sites }
}

struct Builder<'a, 'b> {
    unit: &'a Unit,
    file: usize,
    level: Level,
    /// In force around what is being built.
    features: Features,
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
            ..Default::default()
        };
        (file.syntax, file.edition) = match self.level {
            Level::Proto2 => (None, None),
            Level::Proto3 => (Some("proto3".to_owned()), None),
            Level::Edition2023 => (Some("editions".to_owned()), Some(Edition::EDITION_2023)),
            Level::Edition2024 => (Some("editions".to_owned()), Some(Edition::EDITION_2024)),
        };
        imports(tree.imports(), &mut file);
        let start = file_start(self.unit);
        self.explicit(tree.options(), start);
        if let Some(package) = tree.package() {
            self.styled("package", NameStyle::LowerSnake, &package.name, self.features);
        }
        let package = file.package.clone().unwrap_or_default();
        let mut options = Vec::new();
        for item in &tree.items {
            match item {
                Item::Message(message) => {
                    let path = vec![4, index(file.message_type.len())];
                    let mut built = self.message(
                        (&message.name, message.visibility),
                        &message.body,
                        &package,
                        &path,
                    );
                    built.visibility = visibility(message.visibility);
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
            self.site((OptionsKind::File, start), &[], &package, options);
        }
        file
    }

    /// Finds a message by name; reports what is not one.
    fn resolve_message(&mut self, name: &Name, scope: &str, rule: &str) -> Option<String> {
        let is_keyword = scalar(&name.text).is_some() || name.text == "group";
        let found = match is_keyword {
            true => return self.keyword_for_message(name, rule),
            false => self.scope.find(&name.text, scope, Want::Type),
        };
        match found {
            Ok((full_name, symbol)) if symbol.kind == SymbolKind::Message => {
                self.check_visible(name, &full_name, symbol);
                Some(full_name)
            }
            Ok((full_name, symbol)) => {
                let message = format!("`{full_name}` is {}, not a message", symbol.kind.describe());
                self.error(code::NOT_A_MESSAGE, message, name.span, rule);
                None
            }
            Err(miss) => {
                let diagnostic = self.scope.missing(name, scope, miss, Want::Type);
                self.diagnostics.push(diagnostic);
                None
            }
        }
    }

    /// `int32` and its like mean the types of the language, even beside a message of that name.
    fn keyword_for_message(&mut self, name: &Name, rule: &str) -> Option<String> {
        const HINT: &str = "wrap it into a message of your own, or use one of \
                            google/protobuf/wrappers.proto";
        let message = format!("`{}` is not a message", name.text);
        let diagnostic = Diagnostic::error(code::NOT_A_MESSAGE, message)
            .at(&self.unit.source, name.span, rule)
            .hint(HINT);
        self.diagnostics.push(diagnostic);
        None
    }

    /// Other files use only what is exported.
    fn check_visible(&mut self, name: &Name, full_name: &str, symbol: Symbol) {
        if symbol.file == self.file || symbol.exported {
            return;
        }
        let message = format!("`{full_name}` is local to its file");
        let mut diagnostic =
            Diagnostic::error(code::NOT_VISIBLE, message).at(&self.unit.source, name.span, "");
        if let Some(other) = self.scope.unit(symbol.file) {
            diagnostic = diagnostic.also(&other.source, symbol.span, "defined here");
        }
        self.diagnostics.push(diagnostic.hint("write `export` in front of its definition"));
    }

    fn error(&mut self, code: code::Code, message: impl Into<String>, span: Span, label: &str) {
        self.diagnostics.push(Diagnostic::error(code, message).at(&self.unit.source, span, label));
    }

    fn site(
        &mut self,
        (kind, name): (OptionsKind, Span),
        path: &[i32],
        scope: &str,
        settings: Vec<&'a OptionSetting>,
    ) {
        let (path, scope) = (path.to_vec(), scope.to_owned());
        self.sites.push(OptionSite { kind, name, path, scope, settings, is_copy: false });
    }

    /// A site for a bracketed list, if there is one.
    fn list_site(
        &mut self,
        element: (OptionsKind, Span),
        path: &[i32],
        scope: &str,
        list: Option<&'a OptionList>,
    ) {
        if let Some(list) = list {
            self.site(element, path, scope, list.settings.iter().collect());
        }
    }

    /// The features among the settings of an element of that name; reports those set to no value.
    fn explicit<'s>(
        &mut self,
        settings: impl Iterator<Item = &'s OptionSetting>,
        name: Span,
    ) -> Vec<Explicit> {
        if !self.level.is_edition() {
            return Vec::new(); // that they are set is an error of its own
        }
        let found = features::explicit(settings);
        for setting in found.iter().filter(|setting| setting.is_unknown()) {
            let message = format!("feature `{}` is set to no value", setting.name());
            let source = &self.unit.source;
            let diagnostic =
                Diagnostic::error(code::BAD_FEATURE, message).at(source, setting.span, "");
            self.diagnostics.push(diagnostic.led_by(source, name, "set on this"));
        }
        found
    }

    /// What is in force inside an element with these settings.
    fn features_with<'s>(
        &mut self,
        settings: impl Iterator<Item = &'s OptionSetting>,
        name: Span,
    ) -> Features {
        let explicit = self.explicit(settings, name);
        self.features.with(&explicit)
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

fn imports<'t>(imports: impl Iterator<Item = &'t Import>, file: &mut FileDescriptorProto) {
    for import in imports {
        let position = index(file.dependency.len());
        match import.kind {
            ImportKind::Plain => {}
            ImportKind::Public => file.public_dependency.push(position),
            ImportKind::Weak => file.weak_dependency.push(position),
            ImportKind::Option => {
                file.option_dependency.push(import.path.clone());
                continue;
            }
        }
        file.dependency.push(import.path.clone());
    }
}

/// A file's first token: where protoc sees what it has to say of a file as a whole.
pub(crate) fn file_start(unit: &Unit) -> Span {
    let start = unit.tree.span.start;
    Span { start, end: start }
}

/// As descriptors write it.
fn visibility(written: Option<(Visibility, Span)>) -> Option<SymbolVisibility> {
    Some(match written?.0 {
        Visibility::Export => SymbolVisibility::VISIBILITY_EXPORT,
        Visibility::Local => SymbolVisibility::VISIBILITY_LOCAL,
    })
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
