//! The program as a shell sees it: flags, files, exit codes, standard error.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const HELLO: &str = "syntax = \"proto3\";\npackage example;\nimport \"common.proto\";\n\
    service Hello { rpc Send(common.Ask) returns (common.Ask); }\n";
const COMMON: &str =
    "syntax = \"proto3\";\npackage common;\n// An ask.\nmessage Ask { int32 x = 1; }\n";

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("lib")).unwrap();
    fs::create_dir_all(folder.path().join("out")).unwrap();
    fs::write(folder.path().join("hello.proto"), HELLO).unwrap();
    fs::write(folder.path().join("lib/common.proto"), COMMON).unwrap();
    folder
}

fn protocall(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let program = env!("CARGO_BIN_EXE_protocall");
    let Output { status, stderr, .. } =
        Command::new(program).current_dir(folder).args(arguments).output().unwrap();
    (status.code().unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
#[cfg(unix)]
fn protocs_ways_to_write_the_flags_all_work() {
    for includes in [
        &["-I", ".", "-I", "lib"][..],
        &["-I.", "-Ilib"],
        &["--proto_path=.", "--proto_path=lib"],
        &["-I.:lib"],
    ] {
        let folder = project();
        let arguments = [&["compile"], includes, &["--rust_out=out", "hello.proto"]].concat();
        assert_eq!(protocall(folder.path(), &arguments), (0, String::new()));
        for name in ["protocall.rs", "example.rs", "common.rs"] {
            assert!(folder.path().join("out").join(name).is_file(), "{name}");
        }
    }
}

#[test]
fn options_stand_before_the_folder() {
    let folder = project();
    let flags = ["compile", "-I.", "-Ilib", "--rust_out=server=false:out", "--rust_opt=all_views"];
    let arguments = [&flags[..], &["hello.proto"]].concat();
    assert_eq!(protocall(folder.path(), &arguments), (0, String::new()));
    let text = fs::read_to_string(folder.path().join("out/example.rs")).unwrap();
    assert!(text.contains("pub struct HelloClient") && !text.contains("HelloServer"));
    let text = fs::read_to_string(folder.path().join("out/common.rs")).unwrap();
    assert!(text.contains("pub struct AskView"));
}

#[test]
fn a_descriptor_set_holds_what_was_asked_for() {
    let folder = project();
    let size = |more: &[&str]| {
        let flags = ["compile", "-I.", "-Ilib", "--descriptor_set_out=set.binpb", "hello.proto"];
        assert_eq!(protocall(folder.path(), &[&flags[..], more].concat()), (0, String::new()));
        let set = fs::read(folder.path().join("set.binpb")).unwrap();
        let holds = |text: &str| set.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(holds("hello.proto"));
        (holds("\nmessage Ask") || holds("\x03Ask"), holds("An ask."))
    };
    assert_eq!(size(&[]), (false, false));
    assert_eq!(size(&["--include_imports"]), (true, false));
    assert_eq!(size(&["--include_imports", "--include_source_info"]), (true, true));
}

#[test]
fn wrong_files_exit_with_1_and_wrong_usage_with_2() {
    let folder = project();
    let run = |arguments: &[&str]| protocall(folder.path(), arguments);
    let (code, text) = run(&["compile", "--rust_out=out", "hello.proto"]);
    assert_eq!(code, 1);
    assert!(text.contains("common.proto") && !text.contains('\x1b'), "{text}");
    let (code, text) = run(&["compile", "-Ilib", "--rust_out=out", "hello.proto"]);
    assert_eq!(code, 1);
    assert!(text.contains("lies outside of the include paths"), "{text}");
    for usage in [
        &["compile"][..],
        &["compile", "hello.proto"],
        &["compile", "--rust_out=nowhere", "hello.proto"],
        &["compile", "--rust_out=vews=.a:out", "hello.proto"],
        &["compile", "--include_imports", "hello.proto"],
        &["compile", "--rusty_out=out", "hello.proto"],
        &["nothing"],
    ] {
        let (code, text) = run(usage);
        assert_eq!(code, 2, "{usage:?}: {text}");
        assert!(!text.is_empty());
    }
    assert_eq!(fs::read_dir(folder.path().join("out")).unwrap().count(), 0);
}
