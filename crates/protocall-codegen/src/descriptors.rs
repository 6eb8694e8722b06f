//! The descriptors that generated code carries along, for server reflection and tools.

use std::collections::HashSet;

use buffa::Message;
use buffa_descriptor::generated::descriptor::{FileDescriptorProto, FileDescriptorSet};

use crate::index::Index;

/// A serialized `FileDescriptorSet` of the roots and everything they import, in the order of
/// `files`. Comments and positions are left out: they make up most of a set, and whoever asks a
/// running server wants names and numbers.
pub(crate) fn linked(
    files: &[FileDescriptorProto],
    roots: &[String],
    index: &Index<'_>,
) -> Vec<u8> {
    let mut wanted: HashSet<&str> = HashSet::new();
    let mut open: Vec<&FileDescriptorProto> =
        roots.iter().filter_map(|root| index.file(root)).collect();
    while let Some(file) = open.pop() {
        if wanted.insert(file.name.as_deref().unwrap_or_default()) {
            open.extend(file.dependency.iter().filter_map(|name| index.file(name)));
        }
    }
    let mut set = FileDescriptorSet::default();
    let is_wanted = |file: &&FileDescriptorProto| {
        file.name.as_deref().is_some_and(|name| wanted.contains(name))
    };
    for file in files.iter().filter(is_wanted) {
        let mut file = file.clone();
        file.source_code_info = buffa::MessageField::none();
        set.file.push(file);
    }
    set.encode_to_vec()
}
