//! What a build script's run leaves behind: files, and lines for Cargo.

#![allow(clippy::unwrap_used)]

use std::fs;

use super::{Config, load, tell_cargo};

const HELLO: &str = "syntax = \"proto3\";\npackage example;\nimport \"common.proto\";\n\
    import \"google/protobuf/empty.proto\";\n\
    service Hello { rpc Send(common.Ask) returns (google.protobuf.Empty); }\n";
const COMMON: &str = "syntax = \"proto3\";\npackage common;\nmessage Ask { bytes x = 1; }\n";

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("proto")).unwrap();
    fs::write(folder.path().join("proto/hello.proto"), HELLO).unwrap();
    fs::write(folder.path().join("proto/common.proto"), COMMON).unwrap();
    folder
}

#[test]
fn cargo_learns_of_each_file_read() {
    let folder = project();
    let proto = folder.path().join("proto");
    let loaded = load(&[proto.join("hello.proto")], &[&proto]).unwrap();
    let mut lines = Vec::new();
    tell_cargo(&loaded, &mut lines).unwrap();
    let expected = format!(
        "cargo:rerun-if-changed={0}/common.proto\ncargo:rerun-if-changed={0}/hello.proto\n",
        proto.display()
    );
    assert_eq!(String::from_utf8(lines).unwrap(), expected);
}

#[test]
fn cargo_learns_of_the_folders_where_a_file_would_be_found_first() {
    let folder = project();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("own/deep")).unwrap();
    fs::create_dir_all(at("last/deep/er")).unwrap();
    fs::write(at("last/deep/er/far.proto"), "syntax = \"proto3\"; package far; message F {}")
        .unwrap();
    let a = "syntax = \"proto3\"; import \"deep/er/far.proto\"; message M { far.F f = 1; }";
    fs::write(at("own/a.proto"), a).unwrap();
    let loaded = load(&[at("own/a.proto")], &[at("own"), at("proto"), at("last")]).unwrap();
    let mut lines = Vec::new();
    tell_cargo(&loaded, &mut lines).unwrap();
    let lines = String::from_utf8(lines).unwrap();
    let expected = ["last/deep/er/far.proto", "own/a.proto", "own/deep", "proto"]
        .map(|name| format!("cargo:rerun-if-changed={}\n", at(name).display()));
    assert_eq!(lines, expected.concat());
}

#[test]
fn only_what_changed_is_written_again() {
    let folder = project();
    let proto = folder.path().join("proto");
    let out = folder.path().join("out");
    let config = Config::new().out_dir(&out).file_descriptor_set_path("set.binpb");
    let run = || config.compile(&[proto.join("hello.proto")], &[&proto]).unwrap();
    run();
    let names = ["common.rs", "example.rs", "protocall.rs", "set.binpb"];
    let times = || names.map(|name| fs::metadata(out.join(name)).unwrap().modified().unwrap());
    let first = times();
    run();
    assert_eq!(times(), first);
    fs::write(proto.join("common.proto"), COMMON.replace("x = 1", "y = 1")).unwrap();
    run();
    assert!(fs::read_to_string(out.join("common.rs")).unwrap().contains("pub y:"));
    // the tree holds the descriptors, which changed
    assert_eq!(times()[1], first[1]);
    assert_ne!((times()[0], times()[2]), (first[0], first[2]));
}

#[test]
fn errors_read_the_same_through_debug() {
    let folder = project();
    let proto = folder.path().join("proto");
    fs::write(proto.join("common.proto"), COMMON.replace("bytes x", "Nothing x")).unwrap();
    let config = Config::new().out_dir(folder.path().join("out"));
    let error = config.compile(&[proto.join("hello.proto")], &[&proto]).unwrap_err();
    assert!(error.to_string().contains("common.proto"), "{error}");
    assert!(error.to_string().contains("Nothing"), "{error}");
    assert_eq!(format!("{error:?}"), error.to_string());
}

#[test]
fn an_option_that_names_nothing_is_an_error() {
    let folder = project();
    let proto = folder.path().join("proto");
    let config = Config::new().out_dir(folder.path().join("out")).bytes(".common.Ask.y");
    let error = config.compile(&[proto.join("hello.proto")], &[&proto]).unwrap_err();
    assert!(error.to_string().contains("`.common.Ask.y` matches no field"), "{error}");
}

#[test]
fn nothing_is_generated_again_for_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let proto = folder.path().join("a.proto");
    let text = "syntax = \"proto3\"; package a; message A { int32 x = 1; }";
    fs::write(&proto, text).unwrap();
    let (out, caches) = (folder.path().join("out"), folder.path().join("caches"));
    fs::create_dir_all(&caches).unwrap();
    let run = |config: &Config| {
        let made = config.update(&[&proto], &[folder.path()], &out, &caches);
        made.map(|(_, generated)| generated).map_err(|error| error.to_string())
    };
    let config = Config::new();
    assert_eq!(run(&config), Ok(true));
    assert_eq!(run(&config), Ok(false));
    let (made, all) = (out.join("a.rs"), fs::read(out.join("a.rs")).unwrap());
    fs::write(&made, "touched").unwrap();
    assert_eq!(run(&config), Ok(true), "an output was changed");
    assert_eq!(fs::read(&made).unwrap(), all);
    fs::remove_file(&made).unwrap();
    assert_eq!(run(&config), Ok(true), "an output is gone");
    let other = Config::new().json(true);
    assert_eq!((run(&other), run(&other)), (Ok(true), Ok(false)), "other options");
    fs::write(&proto, text.replace(" x ", " y ")).unwrap();
    assert_eq!(run(&other), Ok(true), "an input was changed");
    assert!(run(&Config::new().bytes(".a.A.z")).is_err(), "an option names nothing");
    fs::write(&proto, "syntax = \"proto3\"; message {").unwrap();
    assert!(run(&other).is_err() && run(&other).is_err(), "a mistake is said each time");
    fs::write(&proto, text.replace(" x ", " y ")).unwrap();
    assert_eq!(run(&other), Ok(false), "and once it is gone, what there was holds");
}
