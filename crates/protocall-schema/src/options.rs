//! Pass 5: options to bytes. Each setting becomes one record of the options message, in statement
//! order (`options/aggregate` writes values); `options/canonical` merges and sorts the records;
//! decoding them into the descriptor's own type then parts standard options from custom ones.

mod aggregate;
mod canonical;
mod lifetime;
mod place;
mod wire;

use std::collections::{BTreeSet, HashMap};

use buffa_descriptor::generated::descriptor::FileDescriptorProto;

use crate::build::{OptionSite, OptionsKind};
use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::features;
use crate::load::Unit;
use crate::model::{FieldInfo, MessageInfo, Model};
use crate::scope::{Scope, Want};
use crate::source::Span;
use crate::suggest;
use crate::symbols::SymbolKind;
use crate::syntax::{NamePart, OptionId, OptionSetting, ValueKind};
use wire::{Payload, Record};

/// Where each option ended up. Source info needs it.
pub(crate) type OptionPaths = HashMap<OptionId, OptionPlace>;

/// Where one option ended up.
#[derive(Debug)]
pub(crate) struct OptionPlace {
    /// Path inside the element's options message.
    pub(crate) path: Vec<i32>,
    /// False if the option is for the source only and left out of descriptors.
    pub(crate) kept: bool,
    /// False if that left no option of the element.
    pub(crate) siblings_kept: bool,
}

/// What became of the options of one file.
#[derive(Default)]
pub(crate) struct Interpreted {
    pub(crate) paths: OptionPaths,
    /// The options messages that descriptors hold otherwise than they were written.
    pub(crate) as_written: Vec<AsWritten>,
}

/// An options message with all its settings, those for the source included, in statement order.
#[derive(Clone, Debug)]
pub(crate) struct AsWritten {
    path: Vec<i32>,
    kind: OptionsKind,
    bytes: Vec<u8>,
}

impl AsWritten {
    /// Sets it in a descriptor of its file.
    pub(crate) fn put_into(&self, descriptor: &mut FileDescriptorProto) {
        // it decoded before, when the descriptor's own form was made of it
        place::set(descriptor, &self.path, self.kind, &self.bytes);
    }
}

/// Interprets all options of one file and sets them in its descriptor.
pub(crate) fn interpret(
    unit: FileOfOptions<'_>,
    sites: &[OptionSite<'_>],
    scope: &Scope<'_>,
    model: &Model,
    descriptor: &mut FileDescriptorProto,
    diagnostics: &mut Diagnostics,
) -> Interpreted {
    let mut interpreted = Interpreted::default();
    let FileOfOptions { unit, file, is_root } = unit;
    for site in sites {
        // What a copy gives has been noted and reported at the original.
        let (mut unseen, mut unnoted) = (Diagnostics::default(), OptionPaths::new());
        let (diagnostics, paths) = match site.is_copy {
            true => (&mut unseen, &mut unnoted),
            false => (&mut *diagnostics, &mut interpreted.paths),
        };
        let mut interpreter =
            Interpreter { unit, file, is_root, site, scope, model, diagnostics: &mut *diagnostics };
        let mut written = Written::default();
        let is_kept = interpreter.site(&mut written, paths);
        let mut keep_as_written = |bytes| {
            let path = site.path.clone();
            interpreted.as_written.push(AsWritten { path, kind: site.kind, bytes });
        };
        if !is_kept {
            keep_as_written(written.all);
            continue;
        }
        let message = options_message(site.kind);
        let (code, message) = match canonical::canonical(model, message, &written.kept) {
            Ok(bytes) if place::set(descriptor, &site.path, site.kind, &bytes) => {
                if bytes != written.all {
                    keep_as_written(written.all);
                }
                continue;
            }
            Err(canonical::Defect::Missing(field)) => {
                (code::OPTION_MISSING_REQUIRED, format!("required field `{field}` is missing"))
            }
            Ok(_) | Err(canonical::Defect::Invalid) => {
                let text = "these options do not form a valid options message";
                (code::DESCRIPTOR_INVALID, text.to_owned())
            }
        };
        let span = site.settings.first().map(|setting| setting.span).unwrap_or_default();
        diagnostics.push(Diagnostic::error(code, message).at(&unit.source, span, ""));
    }
    interpreted
}

/// The options of one element as records, in statement order.
#[derive(Default)]
struct Written {
    /// Those that descriptors keep.
    kept: Vec<u8>,
    all: Vec<u8>,
}

/// The file whose options are interpreted.
#[derive(Clone, Copy)]
pub(crate) struct FileOfOptions<'a> {
    pub(crate) unit: &'a Unit,
    pub(crate) file: usize,
    /// Whether it was asked for: warnings are for its author.
    pub(crate) is_root: bool,
}

struct Interpreter<'a> {
    unit: &'a Unit,
    file: usize,
    is_root: bool,
    site: &'a OptionSite<'a>,
    scope: &'a Scope<'a>,
    model: &'a Model,
    diagnostics: &'a mut Diagnostics,
}

/// What is wrong has been reported.
struct Reported;

type Outcome<T> = Result<T, Reported>;

impl<'a> Interpreter<'a> {
    /// Writes the options of the site; false if all of them are for the source only.
    fn site(&mut self, written: &mut Written, paths: &mut OptionPaths) -> bool {
        let mut taken: BTreeSet<Vec<i32>> = BTreeSet::new();
        let mut counts: HashMap<Vec<i32>, i32> = HashMap::new();
        let mut any_kept = self.site.settings.is_empty();
        for setting in &self.site.settings {
            let mark = self.diagnostics.mark();
            let steps = self.resolve(setting);
            self.diagnostics.lead_since(mark, &self.unit.source, setting.name_span, "in this name");
            let Ok(steps) = steps else { continue };
            let mut path: Vec<i32> = steps.iter().filter_map(|field| field.number).collect();
            let Some(leaf) = steps.last() else { continue };
            if leaf.repeated {
                let count = counts.entry(path.clone()).or_default();
                path.push(*count);
                *count += 1;
            } else if taken
                .range(path.clone()..)
                .next()
                .is_some_and(|other| other.starts_with(&path))
            {
                let name = self.unit.source.slice(setting.name_span);
                let message = format!("option `{name}` is set already");
                self.error(code::OPTION_REPEATED, message, setting.name_span, "");
                continue;
            }
            taken.insert(path.clone());
            let Ok(record) = self.leaf(leaf, setting) else { continue };
            if let Payload::Bytes(bytes) | Payload::Group(bytes) = &record.payload
                && leaf.is_message()
            {
                canonical::set_paths(self.model, &leaf.type_name, bytes, &path, &mut taken);
            }
            let cut = steps.iter().position(|step| step.options.source_only);
            wire::write_nested(&steps, &record, cut, &mut written.kept);
            wire::write_nested(&steps, &record, None, &mut written.all);
            any_kept |= cut != Some(0);
            let place = OptionPlace { path, kept: cut.is_none(), siblings_kept: true };
            paths.insert(setting.id, place);
        }
        for setting in self.site.settings.iter().filter(|_| !any_kept) {
            if let Some(place) = paths.get_mut(&setting.id) {
                place.siblings_kept = false;
            }
        }
        any_kept
    }

    fn error(
        &mut self,
        code: code::Code,
        message: impl Into<String>,
        span: Span,
        label: &str,
    ) -> Reported {
        self.diagnostics.push(Diagnostic::error(code, message).at(&self.unit.source, span, label));
        Reported
    }

    /// The fields along an option's dotted name.
    fn resolve(&mut self, setting: &OptionSetting) -> Outcome<Vec<&'a FieldInfo>> {
        let model = self.model;
        let Some(mut message) = model.message(options_message(self.site.kind)) else {
            let text = "`google/protobuf/descriptor.proto` does not define the standard options";
            return Err(self.error(code::UNKNOWN_OPTION, text, setting.name_span, ""));
        };
        let mut steps: Vec<&FieldInfo> = Vec::new();
        for part in &setting.name {
            if let Some(last) = steps.last() {
                let inside = last.is_message().then(|| model.message(&last.type_name)).flatten();
                message = match inside {
                    Some(inside) if !last.repeated => inside,
                    found => {
                        let why = if found.is_some() { "repeated" } else { "not a message" };
                        let text =
                            format!("`{}` is {why}: nothing inside it can be named", last.name);
                        return Err(self.error(
                            code::UNKNOWN_OPTION_FIELD,
                            text,
                            part.name.span,
                            "",
                        ));
                    }
                };
            }
            let field = self.part(part, message, steps.is_empty())?;
            self.check_allowed(field, part)?;
            self.check_defined_elsewhere(field, part, setting)?;
            self.check_lifetime(field, part.name.span);
            steps.push(field);
        }
        Ok(steps)
    }

    fn part(
        &mut self,
        part: &NamePart,
        message: &'a MessageInfo,
        first: bool,
    ) -> Outcome<&'a FieldInfo> {
        if part.extension {
            return self.extension(&part.name, &self.site.scope, message);
        }
        let name = part.name.text.as_str();
        if name == "uninterpreted_option" {
            let text = "`uninterpreted_option` is the compiler's own";
            return Err(self.error(code::UNKNOWN_OPTION, text, part.name.span, ""));
        }
        if let Some(field) = message.field(name) {
            return Ok(field);
        }
        let hint = suggest::similar(name, message.fields.iter().map(|field| field.name.as_str()));
        let (code, text) = if first {
            (
                code::UNKNOWN_OPTION,
                format!("unknown option `{name}` for {}", element(self.site.kind)),
            )
        } else {
            (code::UNKNOWN_OPTION_FIELD, format!("`{}` has no field `{name}`", message.full_name))
        };
        let hint = hint.map(|similar| format!("did you mean `{similar}`?"));
        let fallback =
            || first.then(|| format!("a custom option is written in parentheses: `({name})`"));
        let diagnostic = Diagnostic::error(code, text)
            .at(&self.unit.source, part.name.span, "")
            .maybe_hint(hint.or_else(fallback));
        self.diagnostics.push(diagnostic);
        Err(Reported)
    }

    /// An extension of `message` by name.
    fn extension(
        &mut self,
        name: &crate::syntax::Name,
        scope: &str,
        message: &MessageInfo,
    ) -> Outcome<&'a FieldInfo> {
        let (full_name, symbol) = match self.scope.find(&name.text, scope, Want::Any) {
            Ok(found) => found,
            Err(miss) => {
                let diagnostic = self.scope.missing(name, scope, miss, Want::Any);
                self.diagnostics.push(diagnostic);
                return Err(Reported);
            }
        };
        match self.model.extension(&full_name) {
            Some(field) if symbol.kind == SymbolKind::Extension => match &field.extendee {
                Some((extendee, _)) if *extendee == message.full_name => Ok(field),
                _ => {
                    let extendee = field.extendee.as_ref().map_or("", |(extendee, _)| extendee);
                    let text =
                        format!("`{full_name}` extends `{extendee}`, not `{}`", message.full_name);
                    Err(self.error(code::UNKNOWN_OPTION, text, name.span, ""))
                }
            },
            _ => {
                let text = format!("`{full_name}` is {}, not an option", symbol.kind.describe());
                Err(self.error(code::UNKNOWN_OPTION, text, name.span, ""))
            }
        }
    }

    /// In text format a message set's member goes by its type's name as well: the extension that
    /// the type itself defines of its own type.
    fn message_set_member(&self, name: &str, set: &MessageInfo) -> Option<&'a FieldInfo> {
        set.message_set?;
        let (type_name, symbol) = self.scope.find(name, &set.full_name, Want::Any).ok()?;
        self.model.extensions().iter().filter(|_| symbol.kind == SymbolKind::Message).find(
            |field| {
                let extendee = field.extendee.as_ref().map(|(extendee, _)| extendee.as_str());
                extendee == Some(set.full_name.as_str())
                    && field.type_name == type_name
                    && crate::names::parent(&field.full_name) == type_name
                    && !field.repeated
            },
        )
    }

    fn check_allowed(&mut self, field: &FieldInfo, part: &NamePart) -> Outcome<()> {
        if !part.extension && field.full_name.starts_with("google.protobuf.") {
            let name = field.name.as_str();
            let owner = crate::names::parent(&field.full_name);
            let is_edition = self.unit.tree.level().is_edition();
            if name == "features" && owner == options_message(self.site.kind) && !is_edition {
                let text = "features exist under editions only";
                let source = &self.unit.source;
                let diagnostic = Diagnostic::error(code::OPTION_FORBIDDEN, text);
                let diagnostic = diagnostic.at(source, part.name.span, "");
                self.diagnostics.push(diagnostic.led_by(source, self.site.name, "set on this"));
                return Err(Reported);
            }
        }
        self.check_target(field, part.name.span)
    }

    /// A feature cannot decide how the file that defines it is read.
    fn check_defined_elsewhere(
        &mut self,
        field: &FieldInfo,
        part: &NamePart,
        setting: &OptionSetting,
    ) -> Outcome<()> {
        if field.file != self.file || !features::is_feature(setting) {
            return Ok(());
        }
        let text = format!("feature `{}` is defined in this file", field.name);
        let label = "features are used in other files than their own";
        Err(self.error(code::OPTION_FORBIDDEN, text, part.name.span, label))
    }

    /// The elements an option may stand on, where its field names them.
    fn check_target(&mut self, field: &FieldInfo, span: Span) -> Outcome<()> {
        let targets = &field.options.targets;
        if targets.is_empty() || targets.iter().any(|target| target == target_type(self.site.kind))
        {
            return Ok(());
        }
        let text = format!("option `{}` is not for {}", field.name, element(self.site.kind));
        Err(self.error(code::OPTION_FORBIDDEN, text, span, ""))
    }

    fn leaf(&mut self, field: &FieldInfo, setting: &OptionSetting) -> Outcome<Record> {
        if matches!(setting.value.kind, ValueKind::Unreadable) {
            return Err(Reported);
        }
        let number = field.number.unwrap_or_default();
        if !field.is_message() {
            let payload = self.scalar(field, &setting.value, aggregate::Dialect::Option)?;
            return Ok(Record { number, payload });
        }
        let ValueKind::Message(fields) = &setting.value.kind else {
            let name = self.unit.source.slice(setting.name_span);
            let text = format!("option `{name}` is a message");
            let diagnostic = Diagnostic::error(code::OPTION_TYPE, text)
                .at(&self.unit.source, setting.value.span, "expected `{ ... }`")
                .hint(format!("write `{name} = {{ field: value }}` or `{name}.field = value`"));
            self.diagnostics.push(diagnostic);
            return Err(Reported);
        };
        let mark = self.diagnostics.mark();
        let payload = self.message_payload(field, fields, setting.value.span);
        let open = Span { end: setting.value.span.start + 1, ..setting.value.span };
        self.diagnostics.lead_since(mark, &self.unit.source, open, "in this value");
        Ok(Record { number, payload: payload? })
    }
}

/// The full name of an element's options message.
fn options_message(kind: OptionsKind) -> &'static str {
    match kind {
        OptionsKind::File => "google.protobuf.FileOptions",
        OptionsKind::Message => "google.protobuf.MessageOptions",
        OptionsKind::Field => "google.protobuf.FieldOptions",
        OptionsKind::Oneof => "google.protobuf.OneofOptions",
        OptionsKind::ExtensionRange => "google.protobuf.ExtensionRangeOptions",
        OptionsKind::Enum => "google.protobuf.EnumOptions",
        OptionsKind::EnumValue => "google.protobuf.EnumValueOptions",
        OptionsKind::Service => "google.protobuf.ServiceOptions",
        OptionsKind::Method => "google.protobuf.MethodOptions",
    }
}

fn element(kind: OptionsKind) -> &'static str {
    match kind {
        OptionsKind::File => "a file",
        OptionsKind::Message => "a message",
        OptionsKind::Field => "a field",
        OptionsKind::Oneof => "a oneof",
        OptionsKind::ExtensionRange => "an extension range",
        OptionsKind::Enum => "an enum",
        OptionsKind::EnumValue => "an enum value",
        OptionsKind::Service => "a service",
        OptionsKind::Method => "a method",
    }
}

fn target_type(kind: OptionsKind) -> &'static str {
    match kind {
        OptionsKind::File => "TARGET_TYPE_FILE",
        OptionsKind::Message => "TARGET_TYPE_MESSAGE",
        OptionsKind::Field => "TARGET_TYPE_FIELD",
        OptionsKind::Oneof => "TARGET_TYPE_ONEOF",
        OptionsKind::ExtensionRange => "TARGET_TYPE_EXTENSION_RANGE",
        OptionsKind::Enum => "TARGET_TYPE_ENUM",
        OptionsKind::EnumValue => "TARGET_TYPE_ENUM_ENTRY",
        OptionsKind::Service => "TARGET_TYPE_SERVICE",
        OptionsKind::Method => "TARGET_TYPE_METHOD",
    }
}
