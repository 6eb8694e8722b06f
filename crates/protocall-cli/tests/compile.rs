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
fn python_has_grpcio_tools_flags() {
    let folder = project();
    let python = ["--python_out=out", "--pyi_out=out", "--grpc_python_out=grpc_2_0:out"];
    let arguments = [&["compile", "-I.", "-Ilib"], &python[..], &["hello.proto"]].concat();
    assert_eq!(protocall(folder.path(), &arguments), (0, String::new()));
    let mut names: Vec<_> = fs::read_dir(folder.path().join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["hello_pb2.py", "hello_pb2.pyi", "hello_pb2_grpc.py"]);
    let text = fs::read_to_string(folder.path().join("out/hello_pb2.py")).unwrap();
    assert!(text.contains("# Protobuf Python Version: 5.29.0"));
    assert!(text.contains("import common_pb2 as common__pb2"));
    let text = fs::read_to_string(folder.path().join("out/hello_pb2_grpc.py")).unwrap();
    assert!(text.contains("GRPC_GENERATED_VERSION = '1.71.0'"));
}

#[test]
fn types_may_ride_on_python_out_and_releases_differ() {
    let folder = project();
    let flags = ["compile", "-Ilib", "--python_compat=1.71.0", "--python_out=pyi_out:out"];
    let arguments = [&flags[..], &["lib/common.proto"]].concat();
    assert_eq!(protocall(folder.path(), &arguments), (0, String::new()));
    let newest = ["compile", "-Ilib", "--python_compat=1.85.1", "--grpc_python_out=out"];
    let arguments = [&newest[..], &["lib/common.proto"]].concat();
    assert_eq!(protocall(folder.path(), &arguments), (0, String::new()));
    let services = fs::read_to_string(folder.path().join("out/common_pb2_grpc.py")).unwrap();
    assert!(services.contains("GRPC_GENERATED_VERSION = '1.85.1'"));
    let types = fs::read_to_string(folder.path().join("out/common_pb2.pyi")).unwrap();
    assert!(types.contains("def __init__(self, x: _Optional[int] = ...) -> None: ..."));
    assert!(folder.path().join("out/common_pb2.py").is_file());
}

#[test]
fn wrong_python_flags_are_wrong_usage() {
    for (flag, word) in [
        ("--python_out=gone", "--python_out: `gone` is not a folder"),
        ("--python_out=other:out", "--python_out: unknown option `other`"),
        ("--pyi_out=pyi_out:out", "--pyi_out: unknown option `pyi_out`"),
        ("--grpc_python_out=grpc_1_0:out", "--grpc_python_out: unknown option `grpc_1_0`"),
        ("--python_compat=0.1", "--python_compat: `0.1` is not a version"),
    ] {
        let folder = project();
        let arguments = ["compile", "-I.", "-Ilib", flag, "--rust_out=out", "hello.proto"];
        let (code, stderr) = protocall(folder.path(), &arguments);
        assert_eq!(code, 1, "{flag}: {stderr}");
        assert!(stderr.contains(word), "{stderr}");
        assert_eq!(fs::read_dir(folder.path().join("out")).unwrap().count(), 0, "{flag}");
    }
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
fn everything_wrong_exits_with_1() {
    let folder = project();
    let run = |arguments: &[&str]| protocall(folder.path(), arguments);
    let (code, text) = run(&["compile", "--rust_out=out", "hello.proto"]);
    assert_eq!(code, 1);
    assert!(text.contains("common.proto") && !text.contains('\x1b'), "{text}");
    let (code, text) = run(&["compile", "-Ilib", "--rust_out=out", "hello.proto"]);
    assert_eq!(code, 1);
    assert!(text.contains("lies outside of the include paths"), "{text}");
    for usage in [
        &["compile", "hello.proto"][..],
        &["compile", "--rust_out=nowhere", "hello.proto"],
        &["compile", "--rust_out=vews=.a:out", "hello.proto"],
        &["compile", "-Ilib", "--encode=a.B"],
        &["compile", "--rusty_out=out", "hello.proto"],
    ] {
        let (code, text) = run(usage);
        assert_eq!(code, 1, "{usage:?}: {text}");
        assert!(!text.is_empty());
    }
    assert_eq!(fs::read_dir(folder.path().join("out")).unwrap().count(), 0);
}
