//! Which JSON names an author wrote: generated Python keeps those and no others, whereas descriptor
//! sets and plugin requests hold one for each field.

use std::collections::HashSet;

use buffa_descriptor::generated::descriptor::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorProto,
};

// Field numbers in `descriptor.proto`, of which paths in source info consist.
const FILE_MESSAGE: i32 = 4;
const FILE_EXTENSION: i32 = 7;
const MESSAGE_FIELD: i32 = 2;
const MESSAGE_NESTED: i32 = 3;
const MESSAGE_EXTENSION: i32 = 6;
const FIELD_JSON_NAME: i32 = 10;

/// Takes the JSON names out that nobody wrote. Source info tells which; without it, a name that
/// equals the default one counts as not written.
pub(super) fn keep_written(file: &mut FileDescriptorProto) {
    let info = file.source_code_info.as_option();
    let written: Option<HashSet<Vec<i32>>> = info.map(|info| {
        let paths = info.location.iter().map(|location| &location.path);
        paths.filter(|path| path.last() == Some(&FIELD_JSON_NAME)).cloned().collect()
    });
    let mut path = Vec::new();
    for_each(&mut file.extension, FILE_EXTENSION, &mut path, &mut |field, path| {
        visit(field, path, written.as_ref());
    });
    for_each(&mut file.message_type, FILE_MESSAGE, &mut path, &mut |message, path| {
        in_message(message, path, written.as_ref());
    });
}

type Written<'a> = Option<&'a HashSet<Vec<i32>>>;

fn in_message(message: &mut DescriptorProto, path: &mut Vec<i32>, written: Written<'_>) {
    for_each(&mut message.field, MESSAGE_FIELD, path, &mut |f, path| visit(f, path, written));
    for_each(&mut message.extension, MESSAGE_EXTENSION, path, &mut |f, path| {
        visit(f, path, written);
    });
    for_each(&mut message.nested_type, MESSAGE_NESTED, path, &mut |m, path| {
        in_message(m, path, written);
    });
}

fn visit(field: &mut FieldDescriptorProto, path: &mut Vec<i32>, written: Written<'_>) {
    let keep = match written {
        Some(written) => {
            path.push(FIELD_JSON_NAME);
            let found = written.contains(path.as_slice());
            path.pop();
            found
        }
        None => {
            let default = default_name(field.name.as_deref().unwrap_or_default());
            field.json_name.as_deref() != Some(&default)
        }
    };
    if !keep {
        field.json_name = None;
    }
}

/// Calls `visit` for each element, with its place in `path`.
fn for_each<T>(
    elements: &mut [T],
    number: i32,
    path: &mut Vec<i32>,
    visit: &mut dyn FnMut(&mut T, &mut Vec<i32>),
) {
    for (index, element) in (0..).zip(elements) {
        path.extend([number, index]);
        visit(element, path);
        path.truncate(path.len() - 2);
    }
}

/// A name without its underscores, the letter after each one in upper case.
fn default_name(name: &str) -> String {
    let mut upper = false;
    let mut out = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter == '_' {
            upper = true;
        } else {
            out.push(if upper { letter.to_ascii_uppercase() } else { letter });
            upper = false;
        }
    }
    out
}
