//! Test data by name.

use std::fs;
use std::path::Path;

use buffa::Message;
use buffa_descriptor::generated::descriptor::FileDescriptorSet;

/// The descriptor set that protoc made of `tests/data/<name>.proto`.
pub(crate) fn descriptor_set(name: &str) -> FileDescriptorSet {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let bytes = fs::read(data.join(format!("{name}.binpb"))).unwrap();
    FileDescriptorSet::decode_from_slice(&bytes).unwrap()
}
