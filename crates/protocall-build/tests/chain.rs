//! The whole chain, from `.proto` text to Rust: it must make of the generator's test data what the
//! generator makes of protoc's descriptors for it.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use protocall_build::{Config, DescriptorSet, load};

fn codegen_tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocall-codegen/tests")
}

#[test]
fn our_descriptors_make_the_same_code_as_protocs() {
    let data = codegen_tests().join("data");
    for case in ["hello", "hostile", "bare"] {
        let out = tempfile::tempdir().unwrap();
        // protoc's descriptor.proto, which only `hostile` imports, is not of the release of ours
        let config = Config::new().out_dir(out.path()).file_descriptor_set(case != "hostile");
        config.compile(&[data.join(format!("{case}.proto"))], &[&data]).unwrap();
        let golden = codegen_tests().join("golden").join(case);
        let mut compared = 0;
        for entry in fs::read_dir(&golden).unwrap() {
            let name = entry.unwrap().file_name();
            let expected = fs::read_to_string(golden.join(&name)).unwrap();
            let made = fs::read_to_string(out.path().join(&name)).unwrap();
            assert!(made == expected, "{case}/{}", name.display());
            compared += 1;
        }
        assert_eq!(fs::read_dir(out.path()).unwrap().count(), compared, "{case}");
    }
}

#[test]
fn our_descriptor_sets_are_protocs_byte_for_byte() {
    let data = codegen_tests().join("data");
    for case in ["hello", "bare"] {
        let loaded = load(&[format!("{case}.proto")], &[&data]).unwrap();
        let set = loaded.descriptor_set(DescriptorSet {
            imports: true,
            source_info: true,
            ..DescriptorSet::default()
        });
        assert!(set == fs::read(data.join(format!("{case}.binpb"))).unwrap(), "{case}");
    }
}
