//! Descriptors as protoc's own languages get them: `json_name` only where a file writes it. All
//! other descriptors have one on every field.

use std::collections::HashSet;

use buffa_descriptor::generated::descriptor::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorProto,
};

const JSON_NAME: i32 = 10;

/// Takes the names away that nobody wrote. What was written is known from the source info.
pub(crate) fn only_written(file: &mut FileDescriptorProto) {
    let info = file.source_code_info.as_option();
    let written: HashSet<Vec<i32>> = info
        .map(|info| info.location.iter())
        .into_iter()
        .flatten()
        .filter(|location| location.path.last() == Some(&JSON_NAME))
        .map(|location| location.path.clone())
        .collect();
    for (index, message) in (0..).zip(&mut file.message_type) {
        in_message(message, vec![4, index], &written);
    }
    in_fields(&mut file.extension, &[7], &written);
}

fn in_message(message: &mut DescriptorProto, path: Vec<i32>, written: &HashSet<Vec<i32>>) {
    in_fields(&mut message.field, &[path.as_slice(), &[2]].concat(), written);
    in_fields(&mut message.extension, &[path.as_slice(), &[6]].concat(), written);
    for (index, nested) in (0..).zip(&mut message.nested_type) {
        in_message(nested, [path.as_slice(), &[3, index]].concat(), written);
    }
}

fn in_fields(fields: &mut [FieldDescriptorProto], path: &[i32], written: &HashSet<Vec<i32>>) {
    for (index, field) in (0..).zip(fields) {
        if !written.contains(&[path, &[index, JSON_NAME]].concat()) {
            field.json_name = None;
        }
    }
}
