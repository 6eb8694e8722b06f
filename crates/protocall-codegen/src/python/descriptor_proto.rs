//! What only `google/protobuf/descriptor.proto` gets in its `_pb2.py`: its descriptors spelt out,
//! since the pure Python runtime cannot parse a descriptor before it has these.

use buffa_descriptor::generated::descriptor::field_descriptor_proto::Type;
use buffa_descriptor::generated::descriptor::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
};

use crate::error::CodegenError;
use crate::python::escape;
use crate::python::features;
use crate::python::linked::{Kind, Linked, full_name, invalid, is_repeated};
use crate::python::module;
use crate::python::named::Named;
use crate::python::pb2::{literal, serialized};
use crate::python::source::Source;
use crate::python::spans::global;

const GUARD: &str = "if not _descriptor._USE_C_DESCRIPTORS:";
const KEY: &str = "create_key=_descriptor._internal_create_key";

pub(super) fn is_it(file: &FileDescriptorProto) -> bool {
    file.name() == "google/protobuf/descriptor.proto"
}

/// The file itself; what follows is the other branch.
pub(super) fn file_descriptor(
    out: &mut Source,
    file: &FileDescriptorProto,
    linked: &Linked<'_>,
    bytes: &[u8],
) -> Result<(), CodegenError> {
    let public = linked.public_imports(file)?;
    let modules = |names: &mut dyn Iterator<Item = &str>| {
        names.map(|name| format!("{}.DESCRIPTOR,", module::alias(name))).collect::<String>()
    };
    out.line(GUARD);
    out.indented(1, |out| {
        out.line("DESCRIPTOR = _descriptor.FileDescriptor(");
        out.indented(1, |out| {
            out.line(format_args!("name='{}',", file.name()));
            out.line(format_args!("package='{}',", file.package.as_deref().unwrap_or_default()));
            out.line("syntax='proto2',");
            out.line("edition='EDITION_PROTO2',");
            out.line(format_args!("serialized_options={},", literal(&serialized(&file.options))));
            out.line(format_args!("{KEY},"));
            out.line(format_args!("serialized_pb=b'{}'", escape::hex(bytes)));
        });
        if file.dependency.is_empty() {
            out.line(")");
            return;
        }
        // The commas and the parenthesis stand where the generator leaves them.
        let mut rest =
            format!("dependencies=[{}]", modules(&mut file.dependency.iter().map(String::as_str)));
        if !public.is_empty() {
            let public = modules(&mut public.iter().map(|file| file.name()));
            rest.push_str(&format!(",\n    public_dependencies=[{public}]"));
        }
        out.indented(1, |out| {
            out.line(",");
            out.line(format_args!("{rest})"));
        });
    });
    out.line("else:");
    Ok(())
}

/// Everything in the file; what follows is the other branch.
pub(super) fn descriptors(
    out: &mut Source,
    file: &FileDescriptorProto,
    linked: &Linked<'_>,
) -> Result<(), CodegenError> {
    let printer = Printer { package: file.package.as_deref().unwrap_or_default(), linked };
    out.line(GUARD);
    out.indented(1, |out| {
        for item in &file.enum_type {
            printer.enumeration(out, &[item.name()], item);
        }
        for message in &file.message_type {
            printer.nested_enums(out, &mut Vec::new(), message);
        }
        for message in &file.message_type {
            printer.message(out, &mut Vec::new(), message)?;
            out.blank();
        }
        for message in &file.message_type {
            printer.references(out, &mut Vec::new(), message)?;
        }
        register(out, file);
        features::print(out, file, linked)
    })?;
    out.line("else:");
    Ok(())
}

fn register(out: &mut Source, file: &FileDescriptorProto) {
    let mut add = |table: &str, name: &str, value: &str| {
        out.line(format_args!("DESCRIPTOR.{table}['{name}'] = {value}"));
    };
    for name in file.message_type.iter().map(Named::name) {
        add("message_types_by_name", name, &global(&[name]));
    }
    for name in file.enum_type.iter().map(Named::name) {
        add("enum_types_by_name", name, &global(&[name]));
    }
    for name in file.extension.iter().map(Named::name) {
        add("extensions_by_name", name, &module::class_path(&[name]));
    }
    out.line("_sym_db.RegisterFileDescriptor(DESCRIPTOR)");
    out.blank();
}

struct Printer<'p, 'a> {
    package: &'p str,
    linked: &'p Linked<'a>,
}

impl Printer<'_, '_> {
    fn full_name(&self, names: &[&str]) -> String {
        full_name(self.package, names).split_off(1)
    }

    fn nested_enums<'n>(
        &self,
        out: &mut Source,
        names: &mut Vec<&'n str>,
        message: &'n DescriptorProto,
    ) {
        names.push(message.name());
        for nested in &message.nested_type {
            self.nested_enums(out, names, nested);
        }
        for item in &message.enum_type {
            names.push(item.name());
            self.enumeration(out, names, item);
            names.pop();
        }
        names.pop();
    }

    fn enumeration(&self, out: &mut Source, names: &[&str], item: &EnumDescriptorProto) {
        let variable = global(names);
        out.line(format_args!("{variable} = _descriptor.EnumDescriptor("));
        out.indented(1, |out| {
            out.line(format_args!("name='{}',", item.name()));
            out.line(format_args!("full_name='{}',", self.full_name(names)));
            out.line("filename=None,");
            out.line("file=DESCRIPTOR,");
            out.line(format_args!("{KEY},"));
            out.line("values=[");
            out.indented(1, |out| {
                for (index, value) in item.value.iter().enumerate() {
                    let (name, number) = (value.name(), value.number.unwrap_or_default());
                    let options = literal(&serialized(&value.options));
                    out.line("_descriptor.EnumValueDescriptor(");
                    out.line(format_args!("  name='{name}', index={index}, number={number},"));
                    out.line(format_args!("  serialized_options={options},"));
                    out.line("  type=None,");
                    out.line(format_args!("  {KEY}),"));
                }
            });
            out.line("],");
            out.line("containing_type=None,");
            out.line(format_args!("serialized_options={},", literal(&serialized(&item.options))));
        });
        out.line(")");
        out.line(format_args!("_sym_db.RegisterEnumDescriptor({variable})"));
        out.blank();
    }

    fn message<'n>(
        &self,
        out: &mut Source,
        names: &mut Vec<&'n str>,
        message: &'n DescriptorProto,
    ) -> Result<(), CodegenError> {
        names.push(message.name());
        for nested in &message.nested_type {
            self.message(out, names, nested)?;
        }
        out.blank();
        out.line(format_args!("{} = _descriptor.Descriptor(", global(names)));
        out.indented(1, |out| {
            out.line(format_args!("name='{}',", message.name()));
            out.line(format_args!("full_name='{}',", self.full_name(names)));
            out.line("filename=None,");
            out.line("file=DESCRIPTOR,");
            out.line("containing_type=None,");
            out.line(format_args!("{KEY},"));
            self.fields(out, "fields", names, &message.field, false)?;
            self.fields(out, "extensions", names, &message.extension, true)?;
            self.rest_of_message(out, names, message);
            Ok(())
        })?;
        out.line(")");
        names.pop();
        Ok(())
    }

    fn rest_of_message(&self, out: &mut Source, names: &[&str], message: &DescriptorProto) {
        let inner = |name: &str| global(&[names, &[name]].concat());
        let nested = message.nested_type.iter().map(|nested| format!("{}, ", inner(nested.name())));
        out.line(format_args!("nested_types=[{}],", nested.collect::<String>()));
        out.line("enum_types=[");
        for item in &message.enum_type {
            out.line(format_args!("  {},", inner(item.name())));
        }
        out.line("],");
        out.line(format_args!("serialized_options={},", literal(&serialized(&message.options))));
        let is_extendable = if message.extension_range.is_empty() { "False" } else { "True" };
        out.line(format_args!("is_extendable={is_extendable},"));
        let ranges = message.extension_range.iter().map(|range| {
            format!("({}, {}), ", range.start.unwrap_or_default(), range.end.unwrap_or_default())
        });
        out.line(format_args!("extension_ranges=[{}],", ranges.collect::<String>()));
        out.line("oneofs=[");
        for (index, oneof) in message.oneof_decl.iter().enumerate() {
            let full_name = self.full_name(&[names, &[oneof.name()]].concat());
            let options = match serialized(&oneof.options) {
                bytes if bytes.is_empty() => String::new(),
                bytes => format!(", serialized_options={}", literal(&bytes)),
            };
            out.line("  _descriptor.OneofDescriptor(");
            out.line(format_args!("    name='{}', full_name='{full_name}',", oneof.name()));
            out.line(format_args!("    index={index}, containing_type=None,"));
            out.line(format_args!("    {KEY},"));
            out.line(format_args!("  fields=[]{options}),"));
        }
        out.line("],");
    }

    fn fields(
        &self,
        out: &mut Source,
        list: &str,
        names: &[&str],
        fields: &[FieldDescriptorProto],
        are_extensions: bool,
    ) -> Result<(), CodegenError> {
        out.line(format_args!("{list}=["));
        let is_extension = if are_extensions { "True" } else { "False" };
        for (index, field) in fields.iter().enumerate() {
            let name = field.name();
            let full_name = self.full_name(&[names, &[name]].concat());
            let (kind, kind_in_memory) = types(field)?;
            let number = field.number.unwrap_or_default();
            let label = field.label.map_or(1, |label| label as i32);
            let has_default = if field.default_value.is_some() { "True" } else { "False" };
            let default = self.default(field)?;
            let options = literal(&serialized(&field.options));
            let json_name = field.json_name.as_ref();
            let json_name = json_name.map_or(String::new(), |n| format!(", json_name='{n}'"));
            out.indented(1, |out| {
                out.lines(&format!(
                    "_descriptor.FieldDescriptor(
  name='{name}', full_name='{full_name}', index={index},
  number={number}, type={kind}, cpp_type={kind_in_memory}, label={label},
  has_default_value={has_default}, default_value={default},
  message_type=None, enum_type=None, containing_type=None,
  is_extension={is_extension}, extension_scope=None,
  serialized_options={options}{json_name}, file=DESCRIPTOR,  {KEY}),"
                ))
            });
        }
        out.line("],");
        Ok(())
    }

    /// A field's default as Python. Descriptors hold numbers in the form that is wanted here, and
    /// bytes with their escapes.
    fn default(&self, field: &FieldDescriptorProto) -> Result<String, CodegenError> {
        if is_repeated(field) {
            return Ok("[]".to_owned());
        }
        let written = field.default_value.as_deref();
        Ok(match field.r#type {
            Some(Type::TYPE_DOUBLE | Type::TYPE_FLOAT) => match written {
                None => "float(0)".to_owned(),
                Some("inf") => "1e10000".to_owned(),
                Some("-inf") => "-1e10000".to_owned(),
                Some("nan") => "(1e10000 * 0)".to_owned(),
                Some(number) => format!("float({number})"),
            },
            Some(Type::TYPE_BOOL) if written == Some("true") => "True".to_owned(),
            Some(Type::TYPE_BOOL) => "False".to_owned(),
            Some(Type::TYPE_STRING) => {
                let text = escape::octal(written.unwrap_or_default().as_bytes());
                format!("b\"{text}\".decode('utf-8')")
            }
            Some(Type::TYPE_BYTES) => format!("b\"{}\"", written.unwrap_or_default()),
            Some(Type::TYPE_MESSAGE | Type::TYPE_GROUP) => "None".to_owned(),
            Some(Type::TYPE_ENUM) => self.default_value(field)?.to_string(),
            _ => written.unwrap_or("0").to_owned(),
        })
    }

    /// The number of an enum's default: the value that is named, or the first.
    fn default_value(&self, field: &FieldDescriptorProto) -> Result<i32, CodegenError> {
        let Some(declared) = self.linked.field_type(field)? else { return Ok(0) };
        let Kind::Enum(item) = declared.kind else { return Ok(0) };
        let mut values = item.value.iter();
        let value = match field.default_value.as_deref() {
            Some(name) => values.find(|value| value.name() == name),
            None => values.next(),
        };
        let value = value.and_then(|value| value.number);
        value.ok_or_else(|| invalid(format!("`{}` has no default value", field.name())))
    }

    /// What refers to what, once all of it exists.
    fn references<'n>(
        &self,
        out: &mut Source,
        names: &mut Vec<&'n str>,
        message: &'n DescriptorProto,
    ) -> Result<(), CodegenError> {
        let outer = global(names);
        names.push(message.name());
        for nested in &message.nested_type {
            self.references(out, names, nested)?;
        }
        let own = global(names);
        for field in &message.field {
            if let Some(declared) = self.linked.field_type(field)? {
                let kind = match declared.kind {
                    Kind::Message(_) => "message_type",
                    Kind::Enum(_) => "enum_type",
                };
                let value = global(&declared.names);
                out.line(format_args!("{own}.fields_by_name['{}'].{kind} = {value}", field.name()));
            }
        }
        if names.len() > 1 {
            out.line(format_args!("{own}.containing_type = {outer}"));
        }
        for item in &message.enum_type {
            let inner = global(&[names.as_slice(), &[item.name()]].concat());
            out.line(format_args!("{inner}.containing_type = {own}"));
        }
        for (index, oneof) in (0..).zip(&message.oneof_decl) {
            let oneof = format!("{own}.oneofs_by_name['{}']", oneof.name());
            for field in message.field.iter().filter(|field| field.oneof_index == Some(index)) {
                let field = format!("{own}.fields_by_name['{}']", field.name());
                out.line(format_args!("{oneof}.fields.append("));
                out.line(format_args!("  {field})"));
                out.line(format_args!("{field}.containing_oneof = {oneof}"));
            }
        }
        names.pop();
        Ok(())
    }
}

/// A field's type, and the number of the type that C++ holds it in.
fn types(field: &FieldDescriptorProto) -> Result<(i32, i32), CodegenError> {
    let Some(kind) = field.r#type else {
        return Err(invalid(format!("the field `{}` has no type", field.name())));
    };
    let in_memory = match kind {
        Type::TYPE_INT32 | Type::TYPE_SINT32 | Type::TYPE_SFIXED32 => 1,
        Type::TYPE_INT64 | Type::TYPE_SINT64 | Type::TYPE_SFIXED64 => 2,
        Type::TYPE_UINT32 | Type::TYPE_FIXED32 => 3,
        Type::TYPE_UINT64 | Type::TYPE_FIXED64 => 4,
        Type::TYPE_DOUBLE => 5,
        Type::TYPE_FLOAT => 6,
        Type::TYPE_BOOL => 7,
        Type::TYPE_ENUM => 8,
        Type::TYPE_STRING | Type::TYPE_BYTES => 9,
        Type::TYPE_MESSAGE | Type::TYPE_GROUP => 10,
    };
    Ok((kind as i32, in_memory))
}
