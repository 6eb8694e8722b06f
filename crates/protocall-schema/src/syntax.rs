//! The syntax tree: what a file says, statement by statement, with spans. Names are unresolved.
//! Statement order is kept, since source info and option order follow it.

use crate::source::Span;

/// One parsed file.
#[derive(Debug, Default)]
pub(crate) struct File {
    pub(crate) syntax: Option<Syntax>,
    pub(crate) items: Vec<Item>,
    /// First to last token.
    pub(crate) span: Span,
}

/// `syntax = "proto3";` or `edition = "2023";`
#[derive(Debug)]
pub(crate) struct Syntax {
    pub(crate) level: Level,
    pub(crate) span: Span,
}

/// Which rules a file is under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Level {
    #[default]
    Proto2,
    Proto3,
    Edition2023,
    Edition2024,
}

impl Level {
    /// Whether features, rather than the syntax, decide.
    pub(crate) fn is_edition(self) -> bool {
        self >= Self::Edition2023
    }
}

impl File {
    pub(crate) fn level(&self) -> Level {
        self.syntax.as_ref().map(|syntax| syntax.level).unwrap_or_default()
    }

    pub(crate) fn package(&self) -> Option<&Package> {
        self.items.iter().find_map(|item| match item {
            Item::Package(package) => Some(package),
            _ => None,
        })
    }

    /// The file's own options.
    pub(crate) fn options(&self) -> impl Iterator<Item = &OptionSetting> {
        self.items.iter().filter_map(|item| match item {
            Item::Option(setting) => Some(setting),
            _ => None,
        })
    }

    pub(crate) fn imports(&self) -> impl Iterator<Item = &Import> {
        self.items.iter().filter_map(|item| match item {
            Item::Import(import) => Some(import),
            _ => None,
        })
    }
}

/// A statement of a file.
#[derive(Debug)]
pub(crate) enum Item {
    Package(Package),
    Import(Import),
    Option(OptionSetting),
    Message(Message),
    Enum(Enum),
    Service(Service),
    Extend(Extend),
    /// A lone `;`.
    Empty(Span),
}

#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: Name,
    pub(crate) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ImportKind {
    Plain,
    Public,
    Weak,
    /// For custom options only.
    Option,
}

/// `export` or `local` in front of a message or an enum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Visibility {
    Export,
    Local,
}

#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) kind: ImportKind,
    /// `public`, `weak` or `option`; empty for a plain import.
    pub(crate) kind_span: Span,
    pub(crate) path: String,
    pub(crate) path_span: Span,
    pub(crate) span: Span,
}

/// An identifier or a dotted name, with a leading dot if it was written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// `{ ... }` around statements.
#[derive(Debug)]
pub(crate) struct Block<T> {
    pub(crate) open: Span,
    pub(crate) items: Vec<T>,
    pub(crate) close: Span,
}

#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) visibility: Option<(Visibility, Span)>,
    pub(crate) name: Name,
    pub(crate) body: Block<MessageItem>,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) enum MessageItem {
    Field(Field),
    Oneof(Oneof),
    Message(Message),
    Enum(Enum),
    Extend(Extend),
    Extensions(Extensions),
    Reserved(Reserved),
    Option(OptionSetting),
    Empty(Span),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    Optional,
    Required,
    Repeated,
}

/// A number as written; `value` is `None` when it does not fit.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Number {
    pub(crate) value: Option<i32>,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) label: Option<(Label, Span)>,
    pub(crate) ty: FieldType,
    pub(crate) ty_span: Span,
    pub(crate) name: Name,
    pub(crate) number: Number,
    pub(crate) options: Option<OptionList>,
    /// From the first token to the `;` or the `}` of a group.
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) enum FieldType {
    /// A scalar keyword or a type name; which one is decided by `scalar`.
    Plain(Name),
    Map {
        key: Name,
        value: Name,
    },
    Group(Block<MessageItem>),
}

#[derive(Debug)]
pub(crate) struct Oneof {
    pub(crate) name: Name,
    pub(crate) body: Block<OneofItem>,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) enum OneofItem {
    Field(Field),
    Option(OptionSetting),
}

/// `extend Foo { ... }`
#[derive(Debug)]
pub(crate) struct Extend {
    pub(crate) extendee: Name,
    pub(crate) body: Block<Field>,
    pub(crate) span: Span,
}

/// `extensions 100 to 199, 500 to max [...];`
#[derive(Debug)]
pub(crate) struct Extensions {
    pub(crate) ranges: Vec<Range>,
    pub(crate) options: Option<OptionList>,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) struct Range {
    pub(crate) start: Number,
    pub(crate) end: RangeEnd,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) enum RangeEnd {
    Same,
    To(Number),
    Max(Span),
}

#[derive(Debug)]
pub(crate) struct Reserved {
    pub(crate) what: ReservedWhat,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) enum ReservedWhat {
    Names(Vec<Name>),
    Ranges(Vec<Range>),
}

#[derive(Debug)]
pub(crate) struct Enum {
    pub(crate) visibility: Option<(Visibility, Span)>,
    pub(crate) name: Name,
    pub(crate) body: Block<EnumItem>,
    pub(crate) span: Span,
    /// The token after it.
    pub(crate) next: Span,
}

#[derive(Debug)]
pub(crate) enum EnumItem {
    Value(EnumValue),
    Option(OptionSetting),
    Reserved(Reserved),
    Empty(Span),
}

#[derive(Debug)]
pub(crate) struct EnumValue {
    pub(crate) name: Name,
    pub(crate) number: Number,
    pub(crate) options: Option<OptionList>,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) name: Name,
    pub(crate) body: Block<ServiceItem>,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) enum ServiceItem {
    Method(Method),
    Option(OptionSetting),
    Empty(Span),
}

#[derive(Debug)]
pub(crate) struct Method {
    pub(crate) name: Name,
    pub(crate) input: MethodType,
    pub(crate) output: MethodType,
    /// `{ ... }` instead of `;`.
    pub(crate) body: Option<Block<MethodItem>>,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) struct MethodType {
    /// The keyword `stream`.
    pub(crate) stream: Option<Span>,
    pub(crate) name: Name,
}

#[derive(Debug)]
pub(crate) enum MethodItem {
    Option(OptionSetting),
    Empty(Span),
}

/// `[a = 1, b = 2]`
#[derive(Debug)]
pub(crate) struct OptionList {
    pub(crate) settings: Vec<OptionSetting>,
    pub(crate) span: Span,
}

/// One option and its value, as a statement or in a list.
#[derive(Debug)]
pub(crate) struct OptionSetting {
    /// Unique in its file.
    pub(crate) id: OptionId,
    pub(crate) name: Vec<NamePart>,
    pub(crate) name_span: Span,
    pub(crate) value: Value,
    /// The whole statement with `option` and `;`, or the list entry.
    pub(crate) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct OptionId(pub(crate) u32);

impl OptionSetting {
    /// The name if it is a single plain identifier.
    pub(crate) fn simple_name(&self) -> Option<&str> {
        match self.name.as_slice() {
            [part] if !part.extension => Some(&part.name.text),
            _ => None,
        }
    }
}

/// `foo` or `(foo.bar)` in an option's name.
#[derive(Debug)]
pub(crate) struct NamePart {
    pub(crate) name: Name,
    pub(crate) extension: bool,
}

/// An option's value, or one inside an aggregate.
#[derive(Debug)]
pub(crate) struct Value {
    pub(crate) kind: ValueKind,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) enum ValueKind {
    Identifier(String),
    /// Magnitude and sign apart, so that both 64-bit ranges fit. `None` when too large.
    Integer {
        negative: bool,
        magnitude: Option<u64>,
    },
    /// Decimal digits beyond 64 bits: a number for floating-point fields only.
    Huge(f64),
    /// Also `-inf` and `-nan`.
    Float(f64),
    String(Vec<u8>),
    Message(Vec<AggregateField>),
    List(Vec<Value>),
    /// What is wrong with it has been reported.
    Unreadable,
}

/// One `name: value` of an aggregate.
#[derive(Debug)]
pub(crate) struct AggregateField {
    pub(crate) name: Name,
    pub(crate) kind: AggregateName,
    /// Whether there is a `:`, which messages and lists of them can do without.
    pub(crate) colon: bool,
    pub(crate) value: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AggregateName {
    /// `name`
    Field,
    /// `[package.name]`
    Extension,
    /// `[type.googleapis.com/package.Type]` inside a `google.protobuf.Any`
    AnyType,
}
