//! What the names in a descriptor set stand for: files by import path, types by full name.
//! Made once per run; it decides nothing.

use std::collections::HashMap;

use buffa_descriptor::generated::descriptor::field_descriptor_proto::{Label, Type};
use buffa_descriptor::generated::descriptor::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
};

use crate::error::CodegenError;
use crate::index::is_map_entry;
use crate::python::named::all_named;

/// How deep messages may be nested: what decoders of descriptors take, too. Printers recurse.
const MAX_NESTING: usize = 100;

pub(super) struct Linked<'a> {
    files: HashMap<&'a str, &'a FileDescriptorProto>,
    /// By full name with a leading dot.
    types: HashMap<String, Declared<'a>>,
}

/// A message or an enum, and where it is declared.
#[derive(Clone)]
pub(super) struct Declared<'a> {
    pub(super) file: &'a str,
    /// Its name after the names of the messages around it, outermost first.
    pub(super) names: Vec<&'a str>,
    pub(super) kind: Kind<'a>,
}

#[derive(Clone, Copy)]
pub(super) enum Kind<'a> {
    Message(&'a DescriptorProto),
    Enum(&'a EnumDescriptorProto),
}

impl<'a> Linked<'a> {
    pub(super) fn new(files: &'a [FileDescriptorProto]) -> Result<Self, CodegenError> {
        let mut linked = Self { files: HashMap::new(), types: HashMap::new() };
        for file in files {
            let name = required(file.name.as_deref(), "a file")?;
            all_named(&file.extension, "an extension")?;
            all_named(&file.service, "a service")?;
            for service in &file.service {
                all_named(&service.method, "a method")?;
            }
            // Imports come before importers, so there can be no cycle.
            if let Some(missing) = file.dependency.iter().find(|name| linked.file(name).is_none()) {
                return Err(invalid(format!(
                    "`{name}` imports `{missing}`, which the set does not hold before it"
                )));
            }
            linked.files.insert(name, file);
            let scope = full_name(file.package.as_deref().unwrap_or_default(), &[]);
            linked.add_enums(name, &scope, &[], &file.enum_type)?;
            for message in &file.message_type {
                linked.add_message(name, &scope, &[], message)?;
            }
        }
        Ok(linked)
    }

    fn add_message(
        &mut self,
        file: &'a str,
        scope: &str,
        parents: &[&'a str],
        message: &'a DescriptorProto,
    ) -> Result<(), CodegenError> {
        let name = required(message.name.as_deref(), "a message")?;
        let full = format!("{scope}.{name}");
        if parents.len() >= MAX_NESTING {
            return Err(invalid(format!("`{full}` is nested more than {MAX_NESTING} deep")));
        }
        all_named(&message.field, "a field")?;
        all_named(&message.extension, "an extension")?;
        all_named(&message.oneof_decl, "a oneof")?;
        let names = [parents, &[name]].concat();
        self.add_enums(file, &full, &names, &message.enum_type)?;
        for nested in &message.nested_type {
            self.add_message(file, &full, &names, nested)?;
        }
        self.types.insert(full, Declared { file, names, kind: Kind::Message(message) });
        Ok(())
    }

    fn add_enums(
        &mut self,
        file: &'a str,
        scope: &str,
        parents: &[&'a str],
        enums: &'a [EnumDescriptorProto],
    ) -> Result<(), CodegenError> {
        for item in enums {
            let name = required(item.name.as_deref(), "an enum")?;
            all_named(&item.value, "a value of an enum")?;
            let names = [parents, &[name]].concat();
            let declared = Declared { file, names, kind: Kind::Enum(item) };
            self.types.insert(format!("{scope}.{name}"), declared);
        }
        Ok(())
    }

    pub(super) fn file(&self, name: &str) -> Option<&'a FileDescriptorProto> {
        self.files.get(name).copied()
    }

    /// A file that another one of the set imports.
    pub(super) fn import(&self, name: &str) -> Result<&'a FileDescriptorProto, CodegenError> {
        self.file(name).ok_or_else(|| invalid(format!("the import `{name}` is missing")))
    }

    /// The files that importing `file` makes visible as well.
    pub(super) fn public_imports(
        &self,
        file: &'a FileDescriptorProto,
    ) -> Result<Vec<&'a FileDescriptorProto>, CodegenError> {
        let public = file.public_dependency.iter().map(|&index| {
            let name = usize::try_from(index).ok().and_then(|index| file.dependency.get(index));
            let name = name.ok_or_else(|| invalid(format!("there is no import {index}")))?;
            self.import(name)
        });
        public.collect()
    }

    pub(super) fn declared(&self, full_name: &str) -> Result<&Declared<'a>, CodegenError> {
        self.types
            .get(full_name)
            .ok_or_else(|| invalid(format!("the type `{full_name}` is not in the set")))
    }

    /// The message or enum that a field holds, if it holds one.
    pub(super) fn field_type(
        &self,
        field: &FieldDescriptorProto,
    ) -> Result<Option<&Declared<'a>>, CodegenError> {
        match field.r#type {
            Some(Type::TYPE_MESSAGE | Type::TYPE_GROUP | Type::TYPE_ENUM) => {
                let name = required(field.type_name.as_deref(), "the type of a field")?;
                self.declared(name).map(Some)
            }
            Some(_) => Ok(None),
            None => {
                let name = field.name.as_deref().unwrap_or_default();
                Err(invalid(format!("the field `{name}` has no type")))
            }
        }
    }

    /// The fields for the key and the value, if a field is a map.
    pub(super) fn map(
        &self,
        field: &FieldDescriptorProto,
    ) -> Result<Option<(&'a FieldDescriptorProto, &'a FieldDescriptorProto)>, CodegenError> {
        let Some(Declared { kind: Kind::Message(entry), .. }) = self.field_type(field)? else {
            return Ok(None);
        };
        if !is_repeated(field) || !is_map_entry(entry) {
            return Ok(None);
        }
        match entry.field.as_slice() {
            [key, value] => Ok(Some((key, value))),
            _ => Err(invalid("a map's entry does not consist of key and value".to_owned())),
        }
    }
}

/// `.package.A.B`.
pub(super) fn full_name(package: &str, names: &[&str]) -> String {
    let package = Some(package).filter(|package| !package.is_empty());
    package.iter().chain(names).flat_map(|name| [".", name]).collect()
}

pub(super) fn is_repeated(field: &FieldDescriptorProto) -> bool {
    field.label == Some(Label::LABEL_REPEATED)
}

/// A name that no descriptor may lack.
pub(super) fn required<'a>(name: Option<&'a str>, what: &str) -> Result<&'a str, CodegenError> {
    name.filter(|name| !name.is_empty()).ok_or_else(|| invalid(format!("{what} has no name")))
}

pub(super) fn invalid(reason: String) -> CodegenError {
    CodegenError::InvalidDescriptor { reason }
}
