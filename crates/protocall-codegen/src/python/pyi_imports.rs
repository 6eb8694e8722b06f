//! The head of a `_pb2.pyi`: imports, and the names by which imported modules go.

use std::collections::{HashMap, HashSet};

use buffa_descriptor::generated::descriptor::{DescriptorProto, FileDescriptorProto};

use crate::error::CodegenError;
use crate::python::linked::{Declared, Kind, Linked, full_name, is_repeated};
use crate::python::module;
use crate::python::named::Named;
use crate::python::pb2::has_generic_services;
use crate::python::release::Rules;
use crate::python::source::Source;

/// Messages to which Python's protobuf adds methods.
const WELL_KNOWN: &[&str] = &[
    ".google.protobuf.Any",
    ".google.protobuf.Duration",
    ".google.protobuf.FieldMask",
    ".google.protobuf.ListValue",
    ".google.protobuf.Struct",
    ".google.protobuf.Timestamp",
];

/// The type of Python's library that stands for a message, by the message's full name.
pub(super) fn datetime(full_name: &str) -> Option<&'static str> {
    match full_name {
        ".google.protobuf.Timestamp" => Some("datetime.datetime"),
        ".google.protobuf.Duration" => Some("datetime.timedelta"),
        _ => None,
    }
}

pub(super) fn is_well_known(full_name: &str) -> bool {
    WELL_KNOWN.contains(&full_name)
}

/// Names of imported modules, by import path.
pub(super) struct Aliases<'a> {
    by_file: HashMap<&'a str, String>,
    taken: HashSet<String>,
    has_importlib: bool,
}

impl<'a> Aliases<'a> {
    /// Prints the imports of a file's own imports, and of what those import publicly.
    fn print(
        out: &mut Source,
        file: &'a FileDescriptorProto,
        linked: &Linked<'a>,
    ) -> Result<Self, CodegenError> {
        let mut aliases =
            Self { by_file: HashMap::new(), taken: HashSet::new(), has_importlib: false };
        for import in &file.dependency {
            let import = linked.import(import)?;
            aliases.import(out, import);
            for public in linked.public_imports(import)? {
                aliases.import(out, public);
            }
        }
        Ok(aliases)
    }

    fn import(&mut self, out: &mut Source, file: &'a FileDescriptorProto) {
        let module = module::name(file.name());
        let mut alias = short_alias(&module);
        while self.taken.contains(&alias) {
            alias.push_str("_1");
        }
        if module::has_keyword(&module) {
            if !self.has_importlib {
                out.line("import importlib");
                self.has_importlib = true;
            }
            // The generator does not remember these: a later module may get the same alias.
            out.line(module::import_by_name(&module, &alias));
        } else {
            out.line(module::import(&module, &alias));
            self.by_file.insert(file.name(), alias.clone());
            self.taken.insert(alias);
        }
    }

    /// What a type is called inside of the file that these imports belong to.
    pub(super) fn name(&self, own_file: &str, declared: &Declared<'_>) -> String {
        let path = module::class_path(&declared.names);
        if declared.file == own_file {
            return path;
        }
        match self.by_file.get(declared.file) {
            Some(alias) => format!("{alias}.{path}"),
            None => format!("{}.{path}", short_alias(&module::name(declared.file))),
        }
    }
}

/// The last part of a module's name, made private.
fn short_alias(module: &str) -> String {
    let last = module.rsplit('.').next().unwrap_or(module);
    format!("_{last}")
}

/// What a file needs from the runtime and from `typing`.
#[derive(Default)]
struct Needs {
    containers: bool,
    enums: bool,
    extensions: bool,
    well_known: bool,
    iterable: bool,
    mapping: bool,
    optional: bool,
    union: bool,
    datetime: bool,
}

impl Needs {
    fn add(
        &mut self,
        message: &DescriptorProto,
        full_name: &str,
        linked: &Linked<'_>,
    ) -> Result<(), CodegenError> {
        self.extensions |= !message.extension_range.is_empty();
        self.enums |= !message.enum_type.is_empty();
        self.well_known |= is_well_known(full_name);
        for field in message.field.iter().filter(|field| !module::is_keyword(field.name())) {
            self.optional = true;
            self.containers |= is_repeated(field);
            if let Some((_, value)) = linked.map(field)? {
                self.mapping = true;
                self.union |= linked.field_type(value)?.is_some();
                self.datetime |= value.type_name.as_deref().and_then(datetime).is_some();
                continue;
            }
            self.datetime |= field.type_name.as_deref().and_then(datetime).is_some();
            self.iterable |= is_repeated(field);
            if let Some(declared) = linked.field_type(field)? {
                self.union = true;
                self.mapping |= matches!(declared.kind, Kind::Message(_));
            }
        }
        for nested in &message.nested_type {
            self.add(nested, &format!("{full_name}.{}", nested.name()), linked)?;
        }
        Ok(())
    }
}

/// Prints all imports of a file, and the names that are public through them.
pub(super) fn print<'a>(
    out: &mut Source,
    file: &'a FileDescriptorProto,
    linked: &Linked<'a>,
    rules: &Rules,
) -> Result<Aliases<'a>, CodegenError> {
    let mut needs = Needs { enums: !file.enum_type.is_empty(), ..Needs::default() };
    let package = file.package.as_deref().unwrap_or_default();
    for message in &file.message_type {
        needs.add(message, &full_name(package, &[message.name()]), linked)?;
    }
    if needs.datetime && rules.datetimes {
        out.line("import datetime");
        out.blank();
    }
    let aliases = Aliases::print(out, file, linked)?;
    from_runtime(out, file, &needs);
    from_typing(out, &needs, rules);
    for public in linked.public_imports(file)? {
        let module = module::name(public.name());
        let messages = public.message_type.iter().map(Named::name);
        for name in messages.chain(public.enum_type.iter().map(Named::name)) {
            out.line(format_args!("from {module} import {name} as {name}"));
        }
    }
    Ok(aliases)
}

fn from_runtime(out: &mut Source, file: &FileDescriptorProto, needs: &Needs) {
    let internal = [
        (needs.containers, "containers"),
        (needs.enums, "enum_type_wrapper"),
        (needs.extensions, "python_message"),
        (needs.well_known, "well_known_types"),
    ];
    let public = [
        (true, "descriptor"),
        (!file.message_type.is_empty(), "message"),
        (has_generic_services(file), "service"),
    ];
    for name in wanted(&internal) {
        out.line(format_args!("from google.protobuf.internal import {name} as _{name}"));
    }
    for name in wanted(&public) {
        out.line(format_args!("from google.protobuf import {name} as _{name}"));
    }
}

fn from_typing(out: &mut Source, needs: &Needs, rules: &Rules) {
    let first = [(true, "ClassVar")];
    let collections = [(needs.iterable, "Iterable"), (needs.mapping, "Mapping")];
    let last = [(needs.optional, "Optional"), (needs.union, "Union")];
    let list = |names: &mut dyn Iterator<Item = &str>| {
        names.map(|name| format!("{name} as _{name}")).collect::<Vec<_>>().join(", ")
    };
    if !rules.abstract_collections {
        let names = &mut wanted(&first).chain(wanted(&collections)).chain(wanted(&last));
        out.line(format_args!("from typing import {}", list(names)));
        return;
    }
    if needs.iterable || needs.mapping {
        let names = list(&mut wanted(&collections));
        out.line(format_args!("from collections.abc import {names}"));
    }
    let names = list(&mut wanted(&first).chain(wanted(&last)));
    out.line(format_args!("from typing import {names}"));
}

fn wanted<'n>(names: &[(bool, &'n str)]) -> impl Iterator<Item = &'n str> {
    names.iter().filter(|(wanted, _)| *wanted).map(|(_, name)| *name)
}
