//! Generated code, byte for byte. `PROTOCALL_REFRESH=1 cargo test -p protocall-codegen --test
//! golden` writes what the generator makes now; the difference is then for eyes to judge.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use protocall_codegen::{GeneratedFile, Options, generate};

fn check(case: &str, data: &str, options: &Options) {
    let set = support::descriptor_set(data);
    let files = generate(&set, &[format!("{data}.proto")], options).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(case);
    if std::env::var_os("PROTOCALL_REFRESH").is_some() {
        write(&folder, &files);
    }
    let mut expected: BTreeMap<String, String> = BTreeMap::new();
    for entry in fs::read_dir(&folder).expect("golden files; make them with PROTOCALL_REFRESH=1") {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        expected.insert(name, fs::read_to_string(path).unwrap());
    }
    for GeneratedFile { path, content } in files {
        let known = expected.remove(&path);
        assert!(known.as_ref() == Some(&content), "{case}/{path} is not what it was");
    }
    assert!(expected.is_empty(), "{case}: no longer made: {:?}", expected.keys());
}

fn write(folder: &Path, files: &[GeneratedFile]) {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).unwrap();
    for file in files {
        fs::write(folder.join(&file.path), &file.content).unwrap();
    }
}

#[test]
fn hello() {
    check("hello", "hello", &Options::new());
}

#[test]
fn hostile_names_and_foreign_types() {
    // without descriptors: those of descriptor.proto, an import, are as long as the rest together
    check("hostile", "hostile", &Options::new().file_descriptor_set(false));
}

#[test]
fn no_package() {
    check("bare", "bare", &Options::new());
}

#[test]
fn views_and_bytes_on_request() {
    let options = Options::new().views(".shop.type.v1.Outer").bytes("common.Page");
    let options = options.file_descriptor_set(false);
    check("views", "hostile", &options);
}

#[test]
fn a_wire_codec_on_request() {
    // `fuzz` compiles and runs such code, for messages with everything in them
    let options = Options::new().wire_codec(true).file_descriptor_set(false);
    check("wire", "hostile", &options);
}
