//! Descriptors as `.proto` text, for files that are compiled against descriptors of their imports.
//! As much of a file as its importers can notice: names, numbers, types, standard options. Custom
//! options are left out, so the text is for the compiler alone; what is written of such a file is
//! its descriptor as it came.

use std::fmt::Write as _;

use buffa::Message;
use buffa_descriptor::generated::descriptor::field_descriptor_proto::{Label, Type};
use buffa_descriptor::generated::descriptor::{
    DescriptorProto, Edition, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    FileDescriptorSet, SymbolVisibility,
};
use protocall_schema::text::TextFormat;

/// The text of a file. `standard` defines the standard options.
pub(crate) fn text(file: &FileDescriptorProto, standard: &FileDescriptorSet) -> String {
    let mut printer = Printer {
        out: String::new(),
        format: TextFormat::new(standard),
        is_proto2: matches!(file.syntax.as_deref(), None | Some("" | "proto2")),
    };
    printer.file(file);
    printer.out
}

struct Printer<'s> {
    out: String,
    format: TextFormat<'s>,
    is_proto2: bool,
}

/// Writing to a String cannot fail.
macro_rules! put {
    ($printer:expr, $($part:tt)*) => { let _ = write!($printer.out, $($part)*); };
}

fn given(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

impl Printer<'_> {
    fn file(&mut self, file: &FileDescriptorProto) {
        match file.edition {
            Some(Edition::EDITION_2023) => self.out.push_str("edition = \"2023\";\n"),
            Some(Edition::EDITION_2024) => self.out.push_str("edition = \"2024\";\n"),
            _ if self.is_proto2 => self.out.push_str("syntax = \"proto2\";\n"),
            _ => self.out.push_str("syntax = \"proto3\";\n"),
        }
        let package = given(&file.package);
        if !package.is_empty() {
            put!(self, "package {package};\n");
        }
        for (index, import) in file.dependency.iter().enumerate() {
            let is = |list: &[i32]| list.iter().any(|place| usize::try_from(*place) == Ok(index));
            let kind = if is(&file.public_dependency) { "public " } else { "" };
            put!(self, "import {kind}\"{import}\";\n");
        }
        if let Some(options) = file.options.as_option() {
            self.statements("FileOptions", &options.encode_to_vec());
        }
        self.types(package, &file.message_type, &file.enum_type, &file.extension);
        for service in &file.service {
            put!(self, "service {} {{\n", given(&service.name));
            for method in &service.method {
                let stream = |is: Option<bool>| if is == Some(true) { "stream " } else { "" };
                put!(
                    self,
                    "rpc {}({}{}) returns ({}{});\n",
                    given(&method.name),
                    stream(method.client_streaming),
                    given(&method.input_type),
                    stream(method.server_streaming),
                    given(&method.output_type)
                );
            }
            self.out.push_str("}\n");
        }
    }

    /// What may stand in a file and in a message alike.
    fn types(
        &mut self,
        scope: &str,
        messages: &[DescriptorProto],
        enums: &[EnumDescriptorProto],
        extensions: &[FieldDescriptorProto],
    ) {
        let is_group = |message: &DescriptorProto| {
            extensions.iter().any(|field| self.is_group(field) && names(field, scope, message))
        };
        let groups: Vec<bool> = messages.iter().map(is_group).collect();
        for (message, is_group) in messages.iter().zip(groups) {
            if !is_group {
                self.visibility(message.visibility);
                put!(self, "message {} ", given(&message.name));
                self.body(scope, message);
            }
        }
        for item in enums {
            self.enumeration(item);
        }
        for extension in extensions {
            put!(self, "extend {} {{\n", given(&extension.extendee));
            self.field(scope, extension, messages);
            self.out.push_str("}\n");
        }
    }

    fn visibility(&mut self, visibility: Option<SymbolVisibility>) {
        match visibility {
            Some(SymbolVisibility::VISIBILITY_EXPORT) => self.out.push_str("export "),
            Some(SymbolVisibility::VISIBILITY_LOCAL) => self.out.push_str("local "),
            _ => {}
        }
    }

    fn is_group(&self, field: &FieldDescriptorProto) -> bool {
        self.is_proto2 && field.r#type == Some(Type::TYPE_GROUP)
    }

    fn body(&mut self, scope: &str, message: &DescriptorProto) {
        let name = given(&message.name);
        let scope = if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") };
        self.out.push_str("{\n");
        if let Some(options) = message.options.as_option() {
            self.statements("MessageOptions", &options.encode_to_vec());
        }
        let is_map_entry = |nested: &DescriptorProto| {
            nested.options.as_option().is_some_and(|options| options.map_entry == Some(true))
        };
        let belongs_to_field = |nested: &DescriptorProto| {
            message.field.iter().any(|field| self.is_group(field) && names(field, &scope, nested))
        };
        let apart: Vec<DescriptorProto> = message
            .nested_type
            .iter()
            .filter(|nested| !is_map_entry(nested) && !belongs_to_field(nested))
            .cloned()
            .collect();
        self.types(&scope, &apart, &message.enum_type, &message.extension);
        self.fields(&scope, message);
        for range in &message.extension_range {
            let (start, end) = (range.start.unwrap_or(1), range.end.unwrap_or(2) - 1);
            put!(self, "extensions {start} to {end}");
            if let Some(options) = range.options.as_option() {
                self.list("ExtensionRangeOptions", &options.encode_to_vec(), Vec::new());
            }
            self.out.push_str(";\n");
        }
        for range in &message.reserved_range {
            let (start, end) = (range.start.unwrap_or(1), range.end.unwrap_or(2) - 1);
            put!(self, "reserved {start} to {end};\n");
        }
        self.reserved_names(&message.reserved_name);
        self.out.push_str("}\n");
    }

    fn fields(&mut self, scope: &str, message: &DescriptorProto) {
        let mut done: Vec<i32> = Vec::new();
        for field in &message.field {
            let oneof = field.oneof_index.filter(|_| field.proto3_optional != Some(true));
            let Some(index) = oneof else {
                self.field(scope, field, &message.nested_type);
                continue;
            };
            if done.contains(&index) {
                continue;
            }
            done.push(index);
            let place = usize::try_from(index).unwrap_or(usize::MAX);
            let Some(oneof) = message.oneof_decl.get(place) else { continue };
            put!(self, "oneof {} {{\n", given(&oneof.name));
            if let Some(options) = oneof.options.as_option() {
                self.statements("OneofOptions", &options.encode_to_vec());
            }
            for member in message.field.iter().filter(|field| field.oneof_index == Some(index)) {
                self.field(scope, member, &message.nested_type);
            }
            self.out.push_str("}\n");
        }
    }

    fn field(&mut self, scope: &str, field: &FieldDescriptorProto, nested: &[DescriptorProto]) {
        let inside = nested.iter().find(|nested| names(field, scope, nested));
        let entry = inside.filter(|entry| {
            entry.options.as_option().is_some_and(|options| options.map_entry == Some(true))
        });
        let (name, number) = (given(&field.name), field.number.unwrap_or_default());
        if let Some([key, value]) = entry.map(|entry| entry.field.as_slice()) {
            put!(self, "map<{}, {}> {name} = {number}", type_name(key), type_name(value));
        } else {
            let in_oneof = field.oneof_index.is_some() && field.proto3_optional != Some(true);
            let label = match field.label {
                Some(Label::LABEL_REPEATED) => "repeated ",
                Some(Label::LABEL_REQUIRED) => "required ",
                _ if in_oneof => "",
                _ if self.is_proto2 || field.proto3_optional == Some(true) => "optional ",
                _ => "",
            };
            let group = inside.filter(|_| self.is_group(field));
            match group {
                Some(group) => {
                    put!(self, "{label}group {} = {number}", given(&group.name));
                }
                None => {
                    put!(self, "{label}{} {name} = {number}", type_name(field));
                }
            }
            self.field_options(field);
            if let Some(group) = group {
                self.out.push(' ');
                self.body(scope, group);
                return;
            }
            self.out.push_str(";\n");
            return;
        }
        self.field_options(field);
        self.out.push_str(";\n");
    }

    fn field_options(&mut self, field: &FieldDescriptorProto) {
        let mut first = Vec::new();
        if let Some(default) = &field.default_value {
            first.push(match field.r#type {
                Some(Type::TYPE_STRING) => format!("default = {}", quoted(default)),
                // bytes are escaped in descriptors already
                Some(Type::TYPE_BYTES) => format!("default = \"{default}\""),
                _ => format!("default = {default}"),
            });
        }
        let options = field.options.as_option().map(Message::encode_to_vec).unwrap_or_default();
        self.list("FieldOptions", &options, first);
    }

    fn enumeration(&mut self, item: &EnumDescriptorProto) {
        self.visibility(item.visibility);
        put!(self, "enum {} {{\n", given(&item.name));
        if let Some(options) = item.options.as_option() {
            self.statements("EnumOptions", &options.encode_to_vec());
        }
        for value in &item.value {
            put!(self, "{} = {}", given(&value.name), value.number.unwrap_or_default());
            if let Some(options) = value.options.as_option() {
                self.list("EnumValueOptions", &options.encode_to_vec(), Vec::new());
            }
            self.out.push_str(";\n");
        }
        for range in &item.reserved_range {
            let (start, end) = (range.start.unwrap_or_default(), range.end.unwrap_or_default());
            put!(self, "reserved {start} to {end};\n");
        }
        self.reserved_names(&item.reserved_name);
        self.out.push_str("}\n");
    }

    fn reserved_names(&mut self, names: &[String]) {
        for name in names {
            match self.is_edition() {
                true => put_name(&mut self.out, name),
                false => put_name(&mut self.out, &format!("\"{name}\"")),
            }
        }
    }

    fn is_edition(&self) -> bool {
        self.out.starts_with("edition")
    }

    /// Options as statements of their own.
    fn statements(&mut self, message: &str, bytes: &[u8]) {
        for option in self.options(message, bytes) {
            put!(self, "option {option};\n");
        }
    }

    /// Options in brackets, after some that are there already.
    fn list(&mut self, message: &str, bytes: &[u8], mut all: Vec<String>) {
        all.extend(self.options(message, bytes));
        if !all.is_empty() {
            put!(self, " [{}]", all.join(", "));
        }
    }

    /// Each standard option as `name = value`.
    fn options(&self, message: &str, bytes: &[u8]) -> Vec<String> {
        let read = self.format.decode(&format!("google.protobuf.{message}"), bytes);
        let text = read.map(|read| read.message).unwrap_or_default();
        let mut options: Vec<String> = Vec::new();
        // unknown fields, which custom options are here, begin with a digit
        let mut skipped: Option<usize> = None;
        for line in text.lines() {
            let indent = line.len() - line.trim_start().len();
            if let Some(depth) = skipped {
                if indent == depth && line.trim() == "}" {
                    skipped = None;
                }
                continue;
            }
            if line.trim_start().starts_with(|c: char| c.is_ascii_digit()) {
                skipped = line.ends_with('{').then_some(indent);
                continue;
            }
            match (indent, options.last_mut()) {
                (0, Some(last)) if line == "}" => last.push_str(" }"),
                (0, _) => options.push(match line.split_once(": ") {
                    Some((name, value)) => format!("{name} = {value}"),
                    None => line.replace(" {", " = {"),
                }),
                (_, Some(last)) => {
                    last.push(' ');
                    last.push_str(line.trim_start());
                }
                (_, None) => {}
            }
        }
        options
    }
}

fn put_name(out: &mut String, name: &str) {
    let _ = writeln!(out, "reserved {name};");
}

/// Whether a field's type is a message that is declared in that scope.
fn names(field: &FieldDescriptorProto, scope: &str, message: &DescriptorProto) -> bool {
    let Some(rest) = given(&field.type_name).strip_prefix('.') else { return false };
    let name = given(&message.name);
    if scope.is_empty() {
        return rest == name;
    }
    rest.strip_prefix(scope).and_then(|rest| rest.strip_prefix('.')) == Some(name)
}

fn type_name(field: &FieldDescriptorProto) -> String {
    let Some(ty) = field.r#type else { return given(&field.type_name).to_owned() };
    let text = match ty {
        Type::TYPE_MESSAGE | Type::TYPE_ENUM | Type::TYPE_GROUP => given(&field.type_name),
        Type::TYPE_DOUBLE => "double",
        Type::TYPE_FLOAT => "float",
        Type::TYPE_INT64 => "int64",
        Type::TYPE_UINT64 => "uint64",
        Type::TYPE_INT32 => "int32",
        Type::TYPE_FIXED64 => "fixed64",
        Type::TYPE_FIXED32 => "fixed32",
        Type::TYPE_BOOL => "bool",
        Type::TYPE_STRING => "string",
        Type::TYPE_BYTES => "bytes",
        Type::TYPE_UINT32 => "uint32",
        Type::TYPE_SFIXED32 => "sfixed32",
        Type::TYPE_SFIXED64 => "sfixed64",
        Type::TYPE_SINT32 => "sint32",
        Type::TYPE_SINT64 => "sint64",
    };
    text.to_owned()
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => {
                let mut buffer = [0; 4];
                for byte in c.encode_utf8(&mut buffer).bytes() {
                    let _ = write!(out, "\\{byte:03o}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
