//! Pass 3, first half: every name a file defines goes into one table; a name defined twice is
//! reported with both places. Resolving uses of names is `scope`'s.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

// Seeded like the standard library's hasher, and several times faster on names.
use foldhash::fast::RandomState;

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::features::{self, Features};
use crate::limits::{MAX_NAME_BYTES, MAX_PACKAGE_DOTS};
use crate::load::Unit;
use crate::names::{join, map_entry, parent, synthetic_oneofs};
use crate::source::{SourceFile, Span};
use crate::syntax::{
    Block, Enum, EnumItem, Extend, Field, FieldType, Item, Label, Level, MessageItem, Name,
    OneofItem, Service, ServiceItem, Visibility,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SymbolKind {
    Message,
    MapEntry,
    Enum,
    EnumValue,
    Field,
    Oneof,
    Extension,
    Service,
    Method,
}

impl SymbolKind {
    /// Whether a field can have it as its type.
    pub(crate) fn is_type(self) -> bool {
        matches!(self, Self::Message | Self::MapEntry | Self::Enum)
    }

    /// Whether an option import makes it known.
    pub(crate) fn can_be_option(self) -> bool {
        matches!(self, Self::Extension | Self::Field)
    }

    /// Whether names can lie inside it.
    pub(crate) fn is_scope(self) -> bool {
        matches!(self, Self::Message | Self::MapEntry | Self::Enum | Self::Service)
    }

    /// With its article, for messages.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Message => "a message",
            Self::MapEntry => "a map's entry type",
            Self::Enum => "an enum",
            Self::EnumValue => "an enum value",
            Self::Field => "a field",
            Self::Oneof => "a oneof",
            Self::Extension => "an extension",
            Self::Service => "a service",
            Self::Method => "a method",
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Symbol {
    pub(crate) kind: SymbolKind,
    pub(crate) file: usize,
    pub(crate) span: Span,
    /// Whether other files can use it.
    pub(crate) exported: bool,
}

/// Files by their number.
pub(crate) type FileSet = HashSet<usize, RandomState>;

/// All names of a compilation by full name (without leading dot).
#[derive(Debug, Default)]
pub(crate) struct Symbols {
    table: HashMap<String, Symbol, RandomState>,
    packages: HashMap<String, FileSet, RandomState>,
}

impl Symbols {
    pub(crate) fn get(&self, full_name: &str) -> Option<Symbol> {
        self.table.get(full_name).copied()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Symbol)> {
        self.table.iter().map(|(name, symbol)| (name.as_str(), *symbol))
    }

    /// The files that declare the package, or one inside it.
    pub(crate) fn package_files(&self, full_name: &str) -> Option<&FileSet> {
        self.packages.get(full_name)
    }
}

/// Collects the names of all files.
pub(crate) fn declare(units: &[Unit], diagnostics: &mut Diagnostics) -> Symbols {
    let mut symbols = Symbols::default();
    for file in 0..units.len() {
        let features = units.get(file).map(|unit| features::of_file(&unit.tree));
        let features = features.unwrap_or_else(|| Features::defaults(Level::Proto2));
        let mut declarer = Declarer { units, file, features, symbols: &mut symbols, diagnostics };
        declarer.file();
    }
    symbols
}

struct Declarer<'a> {
    units: &'a [Unit],
    file: usize,
    features: Features,
    symbols: &'a mut Symbols,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> Declarer<'a> {
    fn file(&mut self) {
        let units = self.units;
        let Some(unit) = units.get(self.file) else { return };
        let package = unit.tree.package();
        if let Some(package) = package {
            self.package(&package.name, &unit.source);
        }
        let scope = package.map_or("", |package| package.name.text.as_str());
        for item in &unit.tree.items {
            match item {
                Item::Message(message) => {
                    let exported = self.exported(message.visibility, false);
                    self.message(&message.name, exported, &message.body, scope);
                }
                Item::Enum(item) => self.enumeration(item, false, scope),
                Item::Service(service) => self.service(service, scope),
                Item::Extend(extend) => self.extend(extend, scope),
                Item::Package(_) | Item::Import(_) | Item::Option(_) | Item::Empty(_) => {}
            }
        }
    }

    fn package(&mut self, name: &Name, source: &Arc<SourceFile>) {
        if name.text.matches('.').count() > MAX_PACKAGE_DOTS {
            let message = format!("a package has at most {MAX_PACKAGE_DOTS} dots in its name");
            let diagnostic =
                Diagnostic::error(code::NESTED_TOO_DEEPLY, message).at(source, name.span, "");
            self.diagnostics.push(diagnostic);
        }
        let mut full_name = name.text.as_str();
        while !full_name.is_empty() {
            if let Some(other) = self.symbols.get(full_name) {
                let message = format!(
                    "`{full_name}` is a package here and {} elsewhere",
                    other.kind.describe()
                );
                let diagnostic =
                    Diagnostic::error(code::PACKAGE_CLASH, message).at(source, name.span, "");
                self.report_with_other(diagnostic, other);
            }
            self.symbols.packages.entry(full_name.to_owned()).or_default().insert(self.file);
            full_name = parent(full_name);
        }
    }

    fn declare(&mut self, kind: SymbolKind, scope: &str, name: &Name) -> String {
        self.declare_type(kind, scope, name, true)
    }

    fn declare_type(
        &mut self,
        kind: SymbolKind,
        scope: &str,
        name: &Name,
        exported: bool,
    ) -> String {
        let full_name = join(scope, &name.text);
        if full_name.len() > MAX_NAME_BYTES
            && let Some(unit) = self.units.get(self.file)
        {
            let message = format!("full names have at most {MAX_NAME_BYTES} bytes");
            let diagnostic = Diagnostic::error(code::NAME_TOO_LONG, message);
            self.diagnostics.push(diagnostic.at(&unit.source, name.span, ""));
        }
        let symbol = Symbol { kind, file: self.file, span: name.span, exported };
        if let Some(first) = self.symbols.get(&full_name) {
            self.report_duplicate(&full_name, symbol, first);
        } else if self.symbols.packages.contains_key(&full_name) {
            let message =
                format!("`{full_name}` is {} here and a package elsewhere", kind.describe());
            if let Some(unit) = self.units.get(self.file) {
                let diagnostic =
                    Diagnostic::error(code::PACKAGE_CLASH, message).at(&unit.source, name.span, "");
                self.diagnostics.push(diagnostic);
            }
        } else {
            self.symbols.table.insert(full_name.clone(), symbol);
        }
        full_name
    }

    fn report_duplicate(&mut self, full_name: &str, second: Symbol, first: Symbol) {
        // protoc goes through a scope kind by kind, so that it may find the one above last
        let is_swapped = first.file == second.file
            && self.turn(full_name, first.kind) > self.turn(full_name, second.kind);
        let (first, second) = if is_swapped { (second, first) } else { (first, second) };
        let Some(unit) = self.units.get(second.file) else { return };
        let message = if second.kind == SymbolKind::MapEntry {
            format!("the entry type of this map, `{full_name}`, is defined already")
        } else {
            format!("`{full_name}` is defined twice")
        };
        let mut diagnostic = Diagnostic::error(code::DUPLICATE_NAME, message).at(
            &unit.source,
            second.span,
            format!("{} of that name", second.kind.describe()),
        );
        if second.kind == SymbolKind::EnumValue {
            diagnostic = diagnostic.hint(
                "enum values lie in the scope around their enum, not inside it: prefix them with the enum's name",
            );
        }
        if second.kind == SymbolKind::MapEntry
            && let Some(owner) = self.symbols.get(parent(full_name))
        {
            diagnostic = diagnostic.led_by(&unit.source, owner.span, "in this message");
        }
        self.report_with_other(diagnostic, first);
    }

    /// When protoc comes to a name of that kind, among the names of one scope.
    fn turn(&self, full_name: &str, kind: SymbolKind) -> u8 {
        use SymbolKind::*;
        let in_message = self.symbols.get(parent(full_name)).is_some();
        match kind {
            Message if !in_message => 0,
            Oneof => 1,
            Field => 2,
            Enum | EnumValue => 3,
            Service | Method => 4,
            Extension => 5,
            Message | MapEntry => 6,
        }
    }

    fn report_with_other(&mut self, diagnostic: Diagnostic, other: Symbol) {
        let diagnostic = match self.units.get(other.file) {
            Some(unit) => diagnostic.also(
                &unit.source,
                other.span,
                format!("also defined here, as {}", other.kind.describe()),
            ),
            None => diagnostic,
        };
        self.diagnostics.push(diagnostic);
    }

    /// Whether a message or an enum can be used in other files.
    fn exported(&self, written: Option<(Visibility, Span)>, nested: bool) -> bool {
        match written {
            Some((visibility, _)) => visibility == Visibility::Export,
            None => self.features.exports(nested),
        }
    }

    fn message(&mut self, name: &Name, exported: bool, body: &'a Block<MessageItem>, scope: &str) {
        let scope = self.declare_type(SymbolKind::Message, scope, name, exported);
        for item in &body.items {
            match item {
                MessageItem::Field(field) => self.field(field, SymbolKind::Field, &scope),
                MessageItem::Oneof(oneof) => {
                    self.declare(SymbolKind::Oneof, &scope, &oneof.name);
                    for item in &oneof.body.items {
                        if let OneofItem::Field(field) = item {
                            self.field(field, SymbolKind::Field, &scope);
                        }
                    }
                }
                MessageItem::Message(message) => {
                    let exported = self.exported(message.visibility, true);
                    self.message(&message.name, exported, &message.body, &scope);
                }
                MessageItem::Enum(item) => self.enumeration(item, true, &scope),
                MessageItem::Extend(extend) => self.extend(extend, &scope),
                MessageItem::Extensions(_)
                | MessageItem::Reserved(_)
                | MessageItem::Option(_)
                | MessageItem::Empty(_) => {}
            }
        }
        self.synthetic_oneofs(body, &scope);
    }

    /// The oneofs behind `optional` fields of proto3 take names as well.
    fn synthetic_oneofs(&mut self, body: &Block<MessageItem>, scope: &str) {
        let level = self.units.get(self.file).map(|unit| unit.tree.level());
        if level != Some(Level::Proto3) {
            return;
        }
        let mut optional = Vec::new();
        let mut taken = HashSet::new();
        for item in &body.items {
            match item {
                MessageItem::Field(field) => {
                    taken.insert(field.name.text.clone());
                    if matches!(field.label, Some((Label::Optional, _))) {
                        optional.push(&field.name);
                    }
                }
                MessageItem::Oneof(oneof) => {
                    taken.insert(oneof.name.text.clone());
                    taken.extend(oneof.body.items.iter().filter_map(|item| match item {
                        OneofItem::Field(field) => Some(field.name.text.clone()),
                        OneofItem::Option(_) => None,
                    }));
                }
                _ => {}
            }
        }
        let names = synthetic_oneofs(optional.iter().map(|name| name.text.as_str()), taken);
        for (field, text) in optional.iter().zip(names) {
            self.declare(SymbolKind::Oneof, scope, &Name { text, span: field.span });
        }
    }

    fn field(&mut self, field: &'a Field, kind: SymbolKind, scope: &str) {
        match &field.ty {
            FieldType::Plain(_) => {
                self.declare(kind, scope, &field.name);
            }
            FieldType::Map { .. } => {
                self.declare(kind, scope, &field.name);
                let entry = Name { text: map_entry(&field.name.text), span: field.name.span };
                self.declare(SymbolKind::MapEntry, scope, &entry);
            }
            FieldType::Group(body) => {
                let lower =
                    Name { text: field.name.text.to_ascii_lowercase(), span: field.name.span };
                self.declare(kind, scope, &lower);
                self.message(&field.name, true, body, scope);
            }
        }
    }

    fn enumeration(&mut self, item: &Enum, nested: bool, scope: &str) {
        let exported = self.exported(item.visibility, nested);
        self.declare_type(SymbolKind::Enum, scope, &item.name, exported);
        for item in &item.body.items {
            if let EnumItem::Value(value) = item {
                self.declare(SymbolKind::EnumValue, scope, &value.name);
            }
        }
    }

    fn extend(&mut self, extend: &'a Extend, scope: &str) {
        for field in &extend.body.items {
            self.field(field, SymbolKind::Extension, scope);
        }
    }

    fn service(&mut self, service: &Service, scope: &str) {
        let scope = self.declare(SymbolKind::Service, scope, &service.name);
        for item in &service.body.items {
            if let ServiceItem::Method(method) = item {
                self.declare(SymbolKind::Method, &scope, &method.name);
            }
        }
    }
}
