//! A compact, stable text form of descriptors: one line an element, options as raw wire records.
//! Prints what is there and nothing else, so that a lost or added part shows as a changed line.

use std::fmt::Write;

use buffa::{Message, MessageField};
use buffa_descriptor::generated::descriptor::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    ServiceDescriptorProto, SourceCodeInfo, SymbolVisibility,
};

/// The text form of one file.
pub(crate) fn file(file: &FileDescriptorProto) -> String {
    let mut out = Dump::default();
    out.line(&format!("file {}", text(&file.name)));
    out.depth += 1;
    out.line(&format!("package {} syntax {}", text(&file.package), text(&file.syntax)));
    for dependency in &file.dependency {
        out.line(&format!("import {dependency}"));
    }
    for dependency in &file.option_dependency {
        out.line(&format!("import option {dependency}"));
    }
    if let Some(edition) = file.edition {
        out.line(&format!("edition {edition:?}"));
    }
    out.numbers("public", &file.public_dependency);
    out.numbers("weak", &file.weak_dependency);
    out.options(&file.options);
    file.message_type.iter().for_each(|message| out.message(message));
    file.enum_type.iter().for_each(|item| out.enumeration(item));
    file.service.iter().for_each(|service| out.service(service));
    file.extension.iter().for_each(|field| out.field("extension", field));
    if let Some(info) = file.source_code_info.as_option() {
        out.source_info(info);
    }
    out.text
}

fn text(value: &Option<String>) -> String {
    value.as_ref().map_or_else(|| "-".to_owned(), |value| format!("{value:?}"))
}

fn keyword(visibility: Option<SymbolVisibility>) -> &'static str {
    match visibility {
        Some(SymbolVisibility::VISIBILITY_EXPORT) => " export",
        Some(SymbolVisibility::VISIBILITY_LOCAL) => " local",
        _ => "",
    }
}

#[derive(Default)]
struct Dump {
    text: String,
    depth: usize,
}

impl Dump {
    fn line(&mut self, line: &str) {
        writeln!(self.text, "{}{line}", "  ".repeat(self.depth)).unwrap();
    }

    fn numbers(&mut self, what: &str, numbers: &[i32]) {
        if !numbers.is_empty() {
            self.line(&format!("{what} {numbers:?}"));
        }
    }

    fn options<M: Message + Default, P: buffa::ProtoBox<M>>(
        &mut self,
        options: &MessageField<M, P>,
    ) {
        if let Some(options) = options.as_option() {
            let hex: Vec<String> =
                options.encode_to_vec().iter().map(|byte| format!("{byte:02x}")).collect();
            self.depth += 1;
            self.line(&format!("options {}", hex.join("")));
            self.depth -= 1;
        }
    }

    fn message(&mut self, message: &DescriptorProto) {
        self.line(&format!("message {}{}", text(&message.name), keyword(message.visibility)));
        self.options(&message.options);
        self.depth += 1;
        message.field.iter().for_each(|field| self.field("field", field));
        for oneof in &message.oneof_decl {
            self.line(&format!("oneof {}", text(&oneof.name)));
            self.options(&oneof.options);
        }
        for range in &message.extension_range {
            self.line(&format!("extensions {:?}..{:?}", range.start, range.end));
            self.options(&range.options);
        }
        for range in &message.reserved_range {
            self.line(&format!("reserved {:?}..{:?}", range.start, range.end));
        }
        for name in &message.reserved_name {
            self.line(&format!("reserved {name:?}"));
        }
        message.extension.iter().for_each(|field| self.field("extension", field));
        message.enum_type.iter().for_each(|item| self.enumeration(item));
        message.nested_type.iter().for_each(|nested| self.message(nested));
        self.depth -= 1;
    }

    fn field(&mut self, what: &str, field: &FieldDescriptorProto) {
        let mut line = format!("{what} {} = {:?}", text(&field.name), field.number);
        write!(line, " {:?} {:?} json {}", field.label, field.r#type, text(&field.json_name))
            .unwrap();
        for (name, value) in [
            ("type", &field.type_name),
            ("extends", &field.extendee),
            ("default", &field.default_value),
        ] {
            if value.is_some() {
                write!(line, " {name} {}", text(value)).unwrap();
            }
        }
        if let Some(oneof) = field.oneof_index {
            write!(line, " oneof {oneof}").unwrap();
        }
        if let Some(optional) = field.proto3_optional {
            write!(line, " proto3_optional {optional}").unwrap();
        }
        self.line(&line);
        self.options(&field.options);
    }

    fn enumeration(&mut self, item: &EnumDescriptorProto) {
        self.line(&format!("enum {}{}", text(&item.name), keyword(item.visibility)));
        self.options(&item.options);
        self.depth += 1;
        for value in &item.value {
            self.line(&format!("value {} = {:?}", text(&value.name), value.number));
            self.options(&value.options);
        }
        for range in &item.reserved_range {
            self.line(&format!("reserved {:?}..={:?}", range.start, range.end));
        }
        for name in &item.reserved_name {
            self.line(&format!("reserved {name:?}"));
        }
        self.depth -= 1;
    }

    fn service(&mut self, service: &ServiceDescriptorProto) {
        self.line(&format!("service {}", text(&service.name)));
        self.options(&service.options);
        self.depth += 1;
        for method in &service.method {
            let mut line = format!("rpc {}", text(&method.name));
            write!(line, " {} -> {}", text(&method.input_type), text(&method.output_type)).unwrap();
            write!(line, " client {:?}", method.client_streaming).unwrap();
            write!(line, " server {:?}", method.server_streaming).unwrap();
            self.line(&line);
            self.options(&method.options);
        }
        self.depth -= 1;
    }

    fn source_info(&mut self, info: &SourceCodeInfo) {
        for location in &info.location {
            self.line(&format!("at {:?} {:?}", location.path, location.span));
            self.depth += 1;
            for comment in &location.leading_detached_comments {
                self.line(&format!("detached {comment:?}"));
            }
            if location.leading_comments.is_some() {
                self.line(&format!("leading {}", text(&location.leading_comments)));
            }
            if location.trailing_comments.is_some() {
                self.line(&format!("trailing {}", text(&location.trailing_comments)));
            }
            self.depth -= 1;
        }
    }
}
