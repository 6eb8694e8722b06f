//! What stands where in a descriptor set: files by name, types by full name, and what they refer
//! to.
//!
//! A look-up table made once per run; it decides nothing.

use std::collections::{BTreeMap, HashMap, HashSet};

use buffa_descriptor::generated::descriptor::field_descriptor_proto::Type;
use buffa_descriptor::generated::descriptor::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
};

use crate::error::CodegenError;
use crate::names;

/// The table. Full names carry a leading dot.
pub(crate) struct Index<'a> {
    files: HashMap<&'a str, &'a FileDescriptorProto>,
    /// Messages and enums. Ordered, so that whatever is derived from it is too.
    types: BTreeMap<String, Entry<'a>>,
}

/// A field in a oneof, by both of its names.
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) in_oneof: String,
}

struct Entry<'a> {
    file: &'a str,
    message: Option<&'a DescriptorProto>,
}

impl<'a> Index<'a> {
    pub(crate) fn new(files: &'a [FileDescriptorProto]) -> Result<Self, CodegenError> {
        let mut index = Self { files: HashMap::new(), types: BTreeMap::new() };
        for file in files {
            let Some(name) = file.name.as_deref() else {
                return Err(CodegenError::InvalidDescriptor {
                    reason: "a file has no name".to_owned(),
                });
            };
            check_names(file)?;
            index.files.insert(name, file);
            let scope = scope(file);
            for message in &file.message_type {
                index.add_message(name, &scope, message);
            }
            for item in &file.enum_type {
                let full = format!("{scope}.{}", item.name.as_deref().unwrap_or_default());
                index.types.insert(full, Entry { file: name, message: None });
            }
        }
        Ok(index)
    }

    fn add_message(&mut self, file: &'a str, scope: &str, message: &'a DescriptorProto) {
        let full = format!("{scope}.{}", message.name.as_deref().unwrap_or_default());
        for nested in &message.nested_type {
            self.add_message(file, &full, nested);
        }
        for item in &message.enum_type {
            let full = format!("{full}.{}", item.name.as_deref().unwrap_or_default());
            self.types.insert(full, Entry { file, message: None });
        }
        self.types.insert(full, Entry { file, message: Some(message) });
    }

    pub(crate) fn file(&self, name: &str) -> Option<&'a FileDescriptorProto> {
        self.files.get(name).copied()
    }

    /// The file that declares a type.
    pub(crate) fn file_of(&self, full_name: &str) -> Option<&'a str> {
        self.types.get(full_name).map(|entry| entry.file)
    }

    pub(crate) fn message(&self, full_name: &str) -> Option<&'a DescriptorProto> {
        self.types.get(full_name)?.message
    }

    /// Full names of all messages and enums of the set.
    pub(crate) fn types(&self) -> impl Iterator<Item = &str> {
        self.types.keys().map(String::as_str)
    }

    /// Full names of the messages declared in `selected`, map entries included.
    pub(crate) fn messages<'i>(&'i self, selected: &'i [String]) -> impl Iterator<Item = &'i str> {
        self.selected(selected).map(|(name, _)| name)
    }

    /// Full names of the fields of type `bytes` in `selected`. A map's values go by the map's name.
    pub(crate) fn bytes_fields(&self, selected: &[String]) -> Vec<String> {
        let mut names = Vec::new();
        for (owner, message) in self.selected(selected) {
            let fields = message.field.iter().filter(|field| self.holds_bytes(field));
            names.extend(
                fields.map(|f| format!("{owner}.{}", f.name.as_deref().unwrap_or_default())),
            );
        }
        names
    }

    /// Full names of the `map` fields in `selected`.
    pub(crate) fn map_fields(&self, selected: &[String]) -> Vec<String> {
        self.fields_of_type(selected, |entry| entry.is_some_and(is_map_entry))
    }

    /// Full names of the fields in `selected` whose type is a message; maps are none.
    pub(crate) fn message_fields(&self, selected: &[String]) -> Vec<String> {
        self.fields_of_type(selected, |message| message.is_some_and(|m| !is_map_entry(m)))
    }

    fn fields_of_type(
        &self,
        selected: &[String],
        is_wanted: impl Fn(Option<&DescriptorProto>) -> bool,
    ) -> Vec<String> {
        self.parts(selected, |message| {
            let fields = message.field.iter().filter(|field| {
                is_wanted(field.type_name.as_deref().and_then(|name| self.message(name)))
            });
            fields.map(|field| field.name.as_deref()).collect()
        })
    }

    /// Full names of the services in `selected`, with a leading dot.
    pub(crate) fn services(&self, selected: &[String]) -> Vec<String> {
        let mut names: Vec<String> = self
            .files_in(selected)
            .flat_map(|(scope, file)| {
                let named = move |name: &str| format!("{scope}.{name}");
                file.service.iter().filter_map(|s| s.name.as_deref()).map(named)
            })
            .collect();
        names.sort_unstable();
        names
    }

    /// Full names of the methods in `selected`, with a leading dot, and what each is asked with.
    pub(crate) fn methods(&self, selected: &[String]) -> Vec<(String, &'a str)> {
        let mut methods = Vec::new();
        for (scope, file) in self.files_in(selected) {
            for service in &file.service {
                let service_name = service.name.as_deref().unwrap_or_default();
                methods.extend(service.method.iter().map(|method| {
                    let name = method.name.as_deref().unwrap_or_default();
                    let name = format!("{scope}.{service_name}.{name}");
                    (name, method.input_type.as_deref().unwrap_or_default())
                }));
            }
        }
        methods
    }

    /// The selected files, each with what stands before its names.
    fn files_in<'i>(
        &'i self,
        selected: &'i [String],
    ) -> impl Iterator<Item = (String, &'a FileDescriptorProto)> {
        selected.iter().filter_map(|name| self.file(name)).map(|file| (scope(file), file))
    }

    /// Full names of all fields in `selected`.
    pub(crate) fn fields(&self, selected: &[String]) -> Vec<String> {
        self.parts(selected, |message| message.field.iter().map(|f| f.name.as_deref()).collect())
    }

    /// The members of oneofs in `selected`: each by its full name, and by the name that message
    /// generators give it, which has the oneof's in it (`.a.Message.oneof.field`).
    pub(crate) fn members(&self, selected: &[String]) -> Vec<Member> {
        let mut members = Vec::new();
        for (owner, message) in self.selected(selected) {
            for field in message.field.iter().filter(|f| !f.proto3_optional.unwrap_or(false)) {
                let at = field.oneof_index.and_then(|at| usize::try_from(at).ok());
                let Some(oneof) = at.and_then(|at| message.oneof_decl.get(at)) else { continue };
                let (oneof, field) = (oneof.name.as_deref(), field.name.as_deref());
                let (oneof, field) = (oneof.unwrap_or_default(), field.unwrap_or_default());
                members.push(Member {
                    name: format!("{owner}.{field}"),
                    in_oneof: format!("{owner}.{oneof}.{field}"),
                });
            }
        }
        members
    }

    /// Full names of all oneofs in `selected`.
    pub(crate) fn oneofs(&self, selected: &[String]) -> Vec<String> {
        self.parts(selected, |message| {
            message.oneof_decl.iter().map(|o| o.name.as_deref()).collect()
        })
    }

    fn parts(
        &self,
        selected: &[String],
        names: impl Fn(&'a DescriptorProto) -> Vec<Option<&'a str>>,
    ) -> Vec<String> {
        self.selected(selected)
            .flat_map(|(owner, message)| {
                names(message).into_iter().flatten().map(move |name| format!("{owner}.{name}"))
            })
            .collect()
    }

    /// Full names of the messages and enums declared in `selected`.
    pub(crate) fn types_in<'i>(&'i self, selected: &'i [String]) -> impl Iterator<Item = &'i str> {
        let selected: HashSet<&str> = selected.iter().map(String::as_str).collect();
        self.types
            .iter()
            .filter(move |(_, entry)| selected.contains(entry.file))
            .map(|(name, _)| name.as_str())
    }

    fn selected<'i>(
        &'i self,
        selected: &'i [String],
    ) -> impl Iterator<Item = (&'i str, &'a DescriptorProto)> {
        let selected: HashSet<&str> = selected.iter().map(String::as_str).collect();
        self.types
            .iter()
            .filter(move |(_, entry)| selected.contains(entry.file))
            .filter_map(|(name, entry)| Some((name.as_str(), entry.message?)))
    }

    fn holds_bytes(&self, field: &FieldDescriptorProto) -> bool {
        let is_bytes = |f: &FieldDescriptorProto| f.r#type == Some(Type::TYPE_BYTES);
        is_bytes(field)
            || field
                .type_name
                .as_deref()
                .and_then(|name| self.message(name))
                .filter(|message| is_map_entry(message))
                .is_some_and(|entry| entry.field.iter().any(is_bytes))
    }
}

/// What stands before the names of a file's declarations: nothing, or `.package`.
fn scope(file: &FileDescriptorProto) -> String {
    match file.package.as_deref() {
        None | Some("") => String::new(),
        Some(package) => format!(".{package}"),
    }
}

/// Refuses names that are no identifiers, which no compiler writes but a file or a plugin's caller
/// may.
fn check_names(file: &FileDescriptorProto) -> Result<(), CodegenError> {
    let package = file.package.as_deref().filter(|package| !package.is_empty());
    let mut found: Vec<Option<&str>> =
        package.into_iter().flat_map(|package| package.split('.')).map(Some).collect();
    let mut open: Vec<&DescriptorProto> = file.message_type.iter().collect();
    let mut enums: Vec<&EnumDescriptorProto> = file.enum_type.iter().collect();
    found.extend(file.extension.iter().map(|field| field.name.as_deref()));
    while let Some(message) = open.pop() {
        open.extend(&message.nested_type);
        enums.extend(&message.enum_type);
        found.push(message.name.as_deref());
        found.extend(message.field.iter().map(|field| field.name.as_deref()));
        found.extend(message.extension.iter().map(|field| field.name.as_deref()));
        found.extend(message.oneof_decl.iter().map(|oneof| oneof.name.as_deref()));
    }
    for item in enums {
        found.push(item.name.as_deref());
        found.extend(item.value.iter().map(|value| value.name.as_deref()));
    }
    found.into_iter().try_for_each(|name| names::ident(name.unwrap_or_default()).map(drop))
}

/// Whether the well-known types' package is among the files' packages.
pub(crate) fn declares_well_known(files: &[&FileDescriptorProto]) -> bool {
    files.iter().any(|file| file.package.as_deref() == Some("google.protobuf"))
}

/// Whether a message is the entry that a `map` field stands for.
pub(crate) fn is_map_entry(message: &DescriptorProto) -> bool {
    message.options.as_option().and_then(|options| options.map_entry).unwrap_or(false)
}

/// The full names that a file's declarations refer to: fields, extensions and methods; not options.
pub(crate) fn references(file: &FileDescriptorProto) -> Vec<&str> {
    let mut found = Vec::new();
    let mut open: Vec<&DescriptorProto> = file.message_type.iter().collect();
    let mut fields: Vec<&FieldDescriptorProto> = file.extension.iter().collect();
    while let Some(message) = open.pop() {
        open.extend(&message.nested_type);
        fields.extend(&message.field);
        fields.extend(&message.extension);
    }
    found.extend(fields.iter().filter_map(|field| field.type_name.as_deref()));
    for method in file.service.iter().flat_map(|service| &service.method) {
        found.extend(method.input_type.as_deref());
        found.extend(method.output_type.as_deref());
    }
    found
}
