//! Where descriptors lie inside of their file's bytes: the pure Python runtime cuts them out.

use buffa::Message;
use buffa_descriptor::generated::descriptor::{DescriptorProto, FileDescriptorProto};
use memchr::memmem;

use crate::error::CodegenError;
use crate::python::linked::invalid;
use crate::python::named::Named;
use crate::python::source::Source;

/// One pair of assignments for each enum, message and service of the file.
pub(super) fn print(
    out: &mut Source,
    file: &FileDescriptorProto,
    bytes: &[u8],
) -> Result<(), CodegenError> {
    for item in &file.enum_type {
        span(out, bytes, &global(&[item.name()]), &item.encode_to_vec())?;
    }
    for message in &file.message_type {
        in_message(out, bytes, &mut Vec::new(), message)?;
    }
    for service in &file.service {
        span(out, bytes, &global(&[service.name()]), &service.encode_to_vec())?;
    }
    Ok(())
}

fn in_message<'a>(
    out: &mut Source,
    bytes: &[u8],
    names: &mut Vec<&'a str>,
    message: &'a DescriptorProto,
) -> Result<(), CodegenError> {
    names.push(message.name());
    span(out, bytes, &global(names), &message.encode_to_vec())?;
    for nested in &message.nested_type {
        in_message(out, bytes, names, nested)?;
    }
    for item in &message.enum_type {
        names.push(item.name());
        span(out, bytes, &global(names), &item.encode_to_vec())?;
        names.pop();
    }
    names.pop();
    Ok(())
}

/// The place of the first equal bytes: of two descriptors with the same bytes, the second is said
/// to lie where the first does.
fn span(out: &mut Source, all: &[u8], name: &str, part: &[u8]) -> Result<(), CodegenError> {
    let start = memmem::find(all, part)
        .ok_or_else(|| invalid(format!("the bytes of `{name}` are not within its file's")))?;
    out.line(format_args!("_globals['{name}']._serialized_start={start}"));
    out.line(format_args!("_globals['{name}']._serialized_end={}", start + part.len()));
    Ok(())
}

/// The module's variable for a descriptor: `_OUTER_INNER`.
pub(super) fn global(names: &[&str]) -> String {
    format!("_{}", names.join("_")).to_ascii_uppercase()
}
