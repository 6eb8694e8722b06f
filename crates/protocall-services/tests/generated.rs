//! The generated code in the tree is what our compiler makes of the files in `proto`.
//! `PROTOCALL_REFRESH=1 cargo test -p protocall-services --test generated` writes it anew.

#![allow(clippy::unwrap_used)]

use protocall_build::{Options, load};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn check(folder: &str, protos: &[&str]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let paths: Vec<_> = protos.iter().map(|proto| root.join("proto").join(proto)).collect();
    let files = load(&paths, &[root.join("proto")]).unwrap().generate(&Options::new()).unwrap();
    let folder = root.join("src/generated").join(folder);
    if std::env::var_os("PROTOCALL_REFRESH").is_some_and(|value| value == "1") {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for file in &files {
            fs::write(folder.join(&file.path), &file.content).unwrap();
        }
    }
    let mut kept: BTreeMap<String, String> = BTreeMap::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        kept.insert(name, fs::read_to_string(path).unwrap());
    }
    for file in files {
        let same = kept.remove(&file.path).is_some_and(|kept| kept == file.content);
        assert!(same, "{}: run cargo xtask regenerate", file.path);
    }
    assert!(kept.is_empty(), "no longer made: {:?}", kept.keys());
}

#[test]
fn error_details_are_what_the_compiler_makes() {
    check("error_details", &["google/rpc/status.proto", "google/rpc/error_details.proto"]);
}

#[test]
fn health_is_what_the_compiler_makes() {
    check("health", &["grpc/health/v1/health.proto"]);
}

#[test]
fn reflection_is_what_the_compiler_makes() {
    check(
        "reflection",
        &["grpc/reflection/v1/reflection.proto", "grpc/reflection/v1alpha/reflection.proto"],
    );
}
