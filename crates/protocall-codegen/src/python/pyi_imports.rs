//! The head of a `_pb2.pyi`: imports, and the names by which imported modules go.

use std::collections::{HashMap, HashSet};

use buffa_descriptor::generated::descriptor::{DescriptorProto, FileDescriptorProto};

use crate::error::CodegenError;
use crate::python::linked::{Declared, Kind, Linked, full_name, is_repeated};
use crate::python::module;
use crate::python::named::Named;
use crate::python::pb2::has_generic_services;
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
    pub(super) fn print(
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
                continue;
            }
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

/// Prints the imports from the runtime, from `typing`, and the names that are public through
/// imports.
pub(super) fn print(
    out: &mut Source,
    file: &FileDescriptorProto,
    linked: &Linked<'_>,
) -> Result<(), CodegenError> {
    let mut needs = Needs { enums: !file.enum_type.is_empty(), ..Needs::default() };
    let package = file.package.as_deref().unwrap_or_default();
    for message in &file.message_type {
        needs.add(message, &full_name(package, &[message.name()]), linked)?;
    }
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
    let typing = [
        (true, "ClassVar"),
        (needs.iterable, "Iterable"),
        (needs.mapping, "Mapping"),
        (needs.optional, "Optional"),
        (needs.union, "Union"),
    ];
    for name in wanted(&internal) {
        out.line(format_args!("from google.protobuf.internal import {name} as _{name}"));
    }
    for name in wanted(&public) {
        out.line(format_args!("from google.protobuf import {name} as _{name}"));
    }
    let typing: Vec<String> = wanted(&typing).map(|name| format!("{name} as _{name}")).collect();
    out.line(format_args!("from typing import {}", typing.join(", ")));
    for public in linked.public_imports(file)? {
        let module = module::name(public.name());
        let messages = public.message_type.iter().map(Named::name);
        for name in messages.chain(public.enum_type.iter().map(Named::name)) {
            out.line(format_args!("from {module} import {name} as {name}"));
        }
    }
    Ok(())
}

fn wanted<'n>(names: &[(bool, &'n str)]) -> impl Iterator<Item = &'n str> {
    names.iter().filter(|(wanted, _)| *wanted).map(|(_, name)| *name)
}
