//! `_pb2.pyi`: the classes that Python's protobuf builds at run time, for checkers and editors.
//! Imports and names of imported modules are in `pyi_imports`.

use buffa_descriptor::generated::descriptor::field_descriptor_proto::Type;
use buffa_descriptor::generated::descriptor::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
};

use crate::error::CodegenError;
use crate::output::GeneratedFile;
use crate::python::linked::{Declared, Kind, Linked, full_name, is_repeated};
use crate::python::module;
use crate::python::named::Named;
use crate::python::pb2::has_generic_services;
use crate::python::pyi_imports::{self, Aliases, datetime};
use crate::python::release::Rules;
use crate::python::source::Source;

const INDENT: usize = 4;

pub(super) fn generate<'a>(
    file: &'a FileDescriptorProto,
    linked: &Linked<'a>,
    rules: &Rules,
) -> Result<GeneratedFile, CodegenError> {
    let mut out = Source::new(INDENT);
    let aliases = pyi_imports::print(&mut out, file, linked, rules)?;
    out.blank();
    out.line("DESCRIPTOR: _descriptor.FileDescriptor");

    let printer = Printer { file, linked, rules, aliases };
    for public in linked.public_imports(file)? {
        extensions(&mut out, &public.extension);
        printer.values_of(&mut out, public, &public.enum_type)?;
    }
    for item in &file.enum_type {
        out.blank();
        printer.enumeration(&mut out, &[], item)?;
    }
    printer.values_of(&mut out, file, &file.enum_type)?;
    extensions(&mut out, &file.extension);
    for message in &file.message_type {
        out.blank();
        printer.message(&mut out, &mut Vec::new(), message)?;
    }
    if has_generic_services(file) {
        for name in file.service.iter().map(Named::name) {
            out.blank();
            out.line(format_args!("class {name}(_service.service): ..."));
            out.blank();
            out.line(format_args!("class {name}_Stub({name}): ..."));
        }
    }
    Ok(GeneratedFile { path: module::path(file.name(), "pyi"), content: out.finish() })
}

fn extensions(out: &mut Source, extensions: &[FieldDescriptorProto]) {
    for name in extensions.iter().map(Named::name) {
        out.line(format_args!("{}_FIELD_NUMBER: _ClassVar[int]", name.to_ascii_uppercase()));
        out.line(format_args!("{name}: _descriptor.FieldDescriptor"));
    }
}

struct Printer<'p, 'a> {
    file: &'a FileDescriptorProto,
    linked: &'p Linked<'a>,
    rules: &'p Rules,
    aliases: Aliases<'a>,
}

impl<'a> Printer<'_, 'a> {
    fn name_of(&self, declared: &Declared<'_>) -> String {
        self.aliases.name(self.file.name(), declared)
    }

    /// The values of a file's enums, which stand in the module as well.
    fn values_of(
        &self,
        out: &mut Source,
        file: &FileDescriptorProto,
        enums: &[EnumDescriptorProto],
    ) -> Result<(), CodegenError> {
        let package = file.package.as_deref().unwrap_or_default();
        for item in enums {
            let name = self.name_of(self.linked.declared(&full_name(package, &[item.name()]))?);
            for value in &item.value {
                out.line(format_args!("{}: {name}", value.name()));
            }
        }
        Ok(())
    }

    fn enumeration(
        &self,
        out: &mut Source,
        parents: &[&str],
        item: &EnumDescriptorProto,
    ) -> Result<(), CodegenError> {
        let wrapper = "(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):";
        out.line(format_args!("class {}{wrapper}", item.name()));
        let name = module::class_path(&[parents, &[item.name()]].concat());
        out.indented(1, |out| {
            out.line("__slots__ = ()");
            for value in &item.value {
                out.line(format_args!("{}: _ClassVar[{name}]", value.name()));
            }
        });
        Ok(())
    }

    fn message(
        &self,
        out: &mut Source,
        names: &mut Vec<&'a str>,
        message: &'a DescriptorProto,
    ) -> Result<(), CodegenError> {
        names.push(message.name());
        let package = self.file.package.as_deref().unwrap_or_default();
        let base = match pyi_imports::is_well_known(&full_name(package, names)) {
            true => format!("_message.Message, _well_known_types.{}", message.name()),
            false => "_message.Message".to_owned(),
        };
        out.line(format_args!("class {}({base}):", message.name()));
        out.indented(1, |out| self.body(out, names, message))?;
        names.pop();
        Ok(())
    }

    fn body(
        &self,
        out: &mut Source,
        names: &mut Vec<&'a str>,
        message: &'a DescriptorProto,
    ) -> Result<(), CodegenError> {
        let fields = message.field.iter().filter(|field| !module::is_keyword(field.name()));
        let slots: Vec<String> = fields.clone().map(|f| format!("\"{}\"", f.name())).collect();
        let comma = if slots.len() == 1 { "," } else { "" };
        out.line(format_args!("__slots__ = ({}{comma})", slots.join(", ")));
        if !message.extension_range.is_empty() {
            out.line("Extensions: _python_message._ExtensionDict");
        }
        for item in &message.enum_type {
            self.enumeration(out, names, item)?;
            let name = module::class_path(&[names.as_slice(), &[item.name()]].concat());
            for value in &item.value {
                out.line(format_args!("{}: {name}", value.name()));
            }
        }
        for nested in &message.nested_type {
            self.message(out, names, nested)?;
        }
        extensions(out, &message.extension);
        for field in &message.field {
            let name = field.name().to_ascii_uppercase();
            out.line(format_args!("{name}_FIELD_NUMBER: _ClassVar[int]"));
        }
        let owner = Owner { name: message.name(), is_nested: names.len() > 1 };
        for field in fields.clone() {
            out.line(format_args!("{}: {}", field.name(), self.attribute(field, owner)?));
        }
        let mut object = "self".to_owned();
        while self.rules.object_yields && message.field.iter().any(|f| f.name() == object) {
            object.push('_');
        }
        let mut parameters = vec![object];
        for field in fields.clone() {
            let value = self.parameter(field, owner)?;
            let is_taken = parameters.len() == 1 && parameters.iter().any(|p| p == field.name());
            let name = if is_taken { "self_" } else { field.name() };
            parameters.push(format!("{name}: {value} = ..."));
        }
        if fields.count() < message.field.len() {
            parameters.push("**kwargs".to_owned());
        }
        out.line(format_args!("def __init__({}) -> None: ...", parameters.join(", ")));
        Ok(())
    }

    /// The type of a field as one reads it.
    fn attribute(
        &self,
        field: &FieldDescriptorProto,
        owner: Owner<'_>,
    ) -> Result<String, CodegenError> {
        if let Some((key, value)) = self.linked.map(field)? {
            let container = if self.is_message(value)? { "MessageMap" } else { "ScalarMap" };
            let (key, value) = (self.value(key, owner)?, self.value(value, owner)?);
            return Ok(format!("_containers.{container}[{key}, {value}]"));
        }
        let value = self.value(field, owner)?;
        Ok(match (is_repeated(field), self.is_message(field)?) {
            (false, _) => value,
            (true, false) => format!("_containers.RepeatedScalarFieldContainer[{value}]"),
            (true, true) => format!("_containers.RepeatedCompositeFieldContainer[{value}]"),
        })
    }

    /// The type of a field as the constructor takes it.
    fn parameter(
        &self,
        field: &FieldDescriptorProto,
        owner: Owner<'_>,
    ) -> Result<String, CodegenError> {
        if let Some((key, value)) = self.linked.map(field)? {
            let (key, value) = (self.value(key, owner)?, self.value(value, owner)?);
            return Ok(format!("_Optional[_Mapping[{key}, {value}]]"));
        }
        let value = self.value(field, owner)?;
        let value = match self.linked.field_type(field)?.map(|declared| declared.kind) {
            None => value,
            Some(Kind::Message(_)) => match field.type_name.as_deref().and_then(datetime) {
                Some(other) if self.rules.datetimes => {
                    format!("_Union[{other}, {value}, _Mapping]")
                }
                _ => format!("_Union[{value}, _Mapping]"),
            },
            Some(Kind::Enum(_)) => format!("_Union[{value}, str]"),
        };
        Ok(match (is_repeated(field), field.r#type) {
            (true, _) => format!("_Optional[_Iterable[{value}]]"),
            (false, Some(Type::TYPE_BOOL)) if !self.rules.optional_bools => value,
            (false, _) => format!("_Optional[{value}]"),
        })
    }

    /// The type of one value of a field.
    fn value(
        &self,
        field: &FieldDescriptorProto,
        owner: Owner<'_>,
    ) -> Result<String, CodegenError> {
        let Some(declared) = self.linked.field_type(field)? else {
            let name = match field.r#type {
                Some(Type::TYPE_DOUBLE | Type::TYPE_FLOAT) => "float",
                Some(Type::TYPE_BOOL) => "bool",
                Some(Type::TYPE_STRING) => "str",
                Some(Type::TYPE_BYTES) => "bytes",
                _ => "int",
            };
            return Ok(name.to_owned());
        };
        let name = self.name_of(declared);
        // Inside of a nested class, its own name would hide the module's class of that name.
        let is_hidden =
            matches!(declared.kind, Kind::Message(_)) && owner.is_nested && name == owner.name;
        Ok(if is_hidden { format!("{}.{name}", module::name(self.file.name())) } else { name })
    }

    fn is_message(&self, field: &FieldDescriptorProto) -> Result<bool, CodegenError> {
        let declared = self.linked.field_type(field)?;
        Ok(declared.is_some_and(|declared| matches!(declared.kind, Kind::Message(_))))
    }
}

/// The message whose class a type is written in.
#[derive(Clone, Copy)]
struct Owner<'n> {
    name: &'n str,
    is_nested: bool,
}
