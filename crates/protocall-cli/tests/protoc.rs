//! The program in protoc's place: its flags, plugins, text format, what editors read.
//! Expected bytes are protoc's own; `cargo xtask compat` compares many more.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const HELLO: &str = "syntax = \"proto3\";\npackage example;\nimport \"common.proto\";\n\
    service Hello { rpc Send(common.Ask) returns (common.Ask); }\n";
const COMMON: &str = "syntax = \"proto2\";\npackage common;\nmessage Ask {\n  optional int32 x = 1;\n  \
    map<string, Ask> more = 2;\n  optional group Grp = 3 { required bytes b = 1; }\n  \
    extensions 100 to 199;\n  reserved 5 to 7;\n}\nextend Ask { optional double e = 100; }\n";

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("lib")).unwrap();
    fs::create_dir_all(folder.path().join("out")).unwrap();
    fs::write(folder.path().join("hello.proto"), HELLO).unwrap();
    fs::write(folder.path().join("lib/common.proto"), COMMON).unwrap();
    folder
}

/// Runs with something on standard input.
fn run_with(program: &Path, folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .args(arguments)
        .env_remove("PROTOC")
        .env("PATH", folder.join("bin"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // a program that fails early does not read it
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn compile(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let arguments = [&["compile", "-I.", "-Ilib"], arguments].concat();
    run_with(Path::new(env!("CARGO_BIN_EXE_protocall")), folder, &arguments, input)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn succeeded(output: &Output) -> &Output {
    assert!(output.status.success(), "{}", text(&output.stderr));
    output
}

const TEXT: &str = "x: -1\nmore {\n  key: \"a\"\n  value {\n    x: 2\n  }\n}\nmore {\n  key: \"b\"\n  \
    value {\n  }\n}\nGrp {\n  b: \"\\001\\377\"\n}\n[common.e]: 0.5\n";

#[test]
fn text_becomes_bytes_and_bytes_become_the_same_text() {
    let folder = project();
    let input = "more { key: 'b' } x: -1 # a comment\n Grp < b: '\\x01\\377' >; \
                 more: [{ key: \"a\", value { x: 0x2 } }] [common.e]: 5e-1";
    let encode = ["--encode=common.Ask", "--deterministic_output", "hello.proto"];
    let bytes = succeeded(&compile(folder.path(), &encode, input.as_bytes())).stdout.clone();
    let decode = ["--decode=common.Ask", "lib/common.proto"];
    let output = compile(folder.path(), &decode, &bytes);
    assert_eq!(text(&succeeded(&output).stdout), TEXT);
    let raw = compile(folder.path(), &["--decode_raw"], &bytes);
    let expected = "1: 18446744073709551615\n2 {\n  1: \"a\"\n  2 {\n    1: 2\n  }\n}\n2 {\n  1: \"b\"\n  \
                    2: \"\"\n}\n3 {\n  1: \"\\001\\377\"\n}\n100: 0x3fe0000000000000\n";
    assert_eq!(text(&succeeded(&raw).stdout), expected);
}

#[test]
fn wrong_messages_say_where() {
    let folder = project();
    let encode = |input: &str| {
        let output =
            compile(folder.path(), &["--encode=common.Ask", "lib/common.proto"], input.as_bytes());
        assert_eq!(output.status.code(), Some(1), "{input}");
        text(&output.stderr)
    };
    let lost = encode("x: 1\ny: 2");
    let expected = "input:2:2: Message type \"common.Ask\" has no field named \"y\".";
    assert!(lost.contains(expected), "{lost}");
    assert!(encode("x: 1 x: 2").contains("specified multiple times"));
    assert!(encode("x: 3000000000").contains("Integer out of range (3000000000)"));
    assert!(encode("Grp { b: 'x'").contains("Expected identifier, got: "));
    let output = compile(folder.path(), &["--decode=common.Ask", "lib/common.proto"], b"\x08");
    assert_eq!(
        (output.status.code(), text(&output.stderr).trim()),
        (Some(1), "Failed to parse input.")
    );
    let output = compile(folder.path(), &["--decode=common.No", "lib/common.proto"], b"");
    assert_eq!(text(&output.stderr).trim(), "Type not defined: common.No");
    let partial = compile(folder.path(), &["--encode=common.Ask", "lib/common.proto"], b"Grp {}");
    let warning = "warning:  Input message is missing required fields:  grp.b";
    assert_eq!(text(&succeeded(&partial).stderr).trim(), warning);
}

#[test]
fn free_field_numbers_are_printed() {
    let folder = project();
    let output = compile(folder.path(), &["--print_free_field_numbers", "lib/common.proto"], b"");
    let line = |name: &str, free: &str| format!("{name:<35} free: {free}\n");
    let expected = line("common.Ask.MoreEntry", "3-INF")
        + &line("common.Ask.Grp", "2-INF")
        + &line("common.Ask", "4 8-99 200-INF");
    assert_eq!(text(&succeeded(&output).stdout), expected);
}

#[test]
fn make_learns_what_depends_on_what() {
    let folder = project();
    let flags = ["--python_out=out", "-oset.pb", "--dependency_out=dep", "hello.proto"];
    succeeded(&compile(folder.path(), &flags, b""));
    let dep = fs::read_to_string(folder.path().join("dep")).unwrap();
    assert_eq!(dep, "out/hello_pb2.py \\\nset.pb: lib/common.proto\\\n hello.proto");
}

#[test]
fn arguments_come_from_files_and_descriptors_stand_in_for_files() {
    let folder = project();
    fs::write(folder.path().join("list"), "-Ilib\n-ocommon.pb\ncommon.proto\n").unwrap();
    succeeded(&compile(folder.path(), &["@list"], b""));
    fs::remove_file(folder.path().join("lib/common.proto")).unwrap();
    // the import comes out of the set, as it is there
    let flags = ["--descriptor_set_in=common.pb", "--include_imports", "-oall.pb", "hello.proto"];
    succeeded(&compile(folder.path(), &flags, b""));
    let (all, common) = (folder.path().join("all.pb"), folder.path().join("common.pb"));
    let (all, common) = (fs::read(all).unwrap(), fs::read(common).unwrap());
    assert!(all.starts_with(&common) && all.len() > common.len());
    // and without any folder everything does
    let program = Path::new(env!("CARGO_BIN_EXE_protocall"));
    let flags = ["compile", "--descriptor_set_in=all.pb", "--python_out=out", "hello.proto"];
    succeeded(&run_with(program, folder.path(), &flags, b""));
    assert!(folder.path().join("out/hello_pb2.py").is_file());
    let flags = ["compile", "--descriptor_set_in=all.pb", "--python_out=out", "none.proto"];
    let output = run_with(program, folder.path(), &flags, b"");
    assert!(text(&output.stderr).contains("`none.proto` is not in the descriptor sets"));
}

#[test]
fn imports_and_services_can_be_forbidden() {
    let folder = project();
    let said = |flag: &str| {
        let output = compile(folder.path(), &[flag, "-oset.pb", "hello.proto"], b"");
        (output.status.code(), text(&output.stderr))
    };
    let (code, stderr) = said("--direct_dependencies=a.proto:b.proto");
    assert_eq!(code, Some(1));
    let message = "File is imported but not declared in --direct_dependencies: common.proto";
    assert_eq!(stderr.trim(), format!("hello.proto: {message}"));
    assert_eq!(said("--direct_dependencies=common.proto").0, Some(0));
    assert!(said("--disallow_services").1.contains("contains services"));
}

/// A script in the folder `bin`, which is the PATH.
#[cfg(unix)]
fn script(folder: &Path, name: &str, body: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(folder.join("bin")).unwrap();
    let file = folder.join("bin").join(name);
    fs::write(&file, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
#[cfg(unix)]
fn plugins_on_the_path_run_and_archives_are_written() {
    let folder = project();
    // proto3's optional, then a file `made/a.txt` with the text `hi`
    let answer = r"printf '\020\001\172\022\012\012made/a.txt\172\004hi\012\012'";
    script(folder.path(), "protoc-gen-toy", &format!("/bin/cat > request; {answer}"));
    succeeded(&compile(folder.path(), &["--toy_out=a=b:out", "--toy_opt=c", "hello.proto"], b""));
    assert_eq!(fs::read_to_string(folder.path().join("out/made/a.txt")).unwrap(), "hi\n\n");
    let request = fs::read(folder.path().join("request")).unwrap();
    assert!(request.starts_with(b"\x0a\x0bhello.proto\x12\x05a=b,c"));
    succeeded(&compile(folder.path(), &["--toy_out=out.zip", "hello.proto"], b""));
    assert!(fs::read(folder.path().join("out.zip")).unwrap().starts_with(b"PK\x03\x04"));

    script(folder.path(), "protoc-gen-bad", "echo why >&2; exit 3");
    let output = compile(folder.path(), &["--bad_out=out", "hello.proto"], b"");
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr.contains("why\n") && stderr.contains("Plugin failed with status code 3."));
    script(folder.path(), "protoc-gen-error", r"printf '\012\003sad'");
    let output = compile(folder.path(), &["--error_out=out", "hello.proto"], b"");
    assert!(text(&output.stderr).contains("--error_out: sad"));
}

#[test]
#[cfg(unix)]
fn protocs_own_languages_are_handed_over_or_say_what_to_install() {
    let folder = project();
    let output = compile(folder.path(), &["--java_out=out", "hello.proto"], b"");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("install it (Debian, Ubuntu: apt install protobuf-compiler")
    );
    let body = "for a in \"$@\"; do case $a in --java_out=*) echo class > \"${a#*=}/Hello.java\";; esac; done";
    script(folder.path(), "protoc", body);
    succeeded(&compile(folder.path(), &["--java_out=out", "hello.proto"], b""));
    assert_eq!(fs::read_to_string(folder.path().join("out/Hello.java")).unwrap(), "class\n");
}

#[test]
#[cfg(unix)]
fn under_protocs_name_it_is_protoc() {
    let folder = project();
    let program = folder.path().join("protoc");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_protocall"), &program).unwrap();
    let version = run_with(&program, folder.path(), &["--version"], b"");
    assert_eq!(text(&version.stdout), "libprotoc 35.1\n");
    fs::write(
        folder.path().join("bad.proto"),
        "syntax = \"proto3\";\nmessage M {\n\tStrin a = 1;\n}\n",
    )
    .unwrap();
    let output = run_with(&program, folder.path(), &["-oset.pb", "bad.proto"], b"");
    assert_eq!(output.status.code(), Some(1));
    let line = "bad.proto:3:9: unknown type `Strin` (did you mean `string`?) [P0201]\n";
    assert_eq!(text(&output.stderr), line);
}

#[test]
fn diagnostics_have_the_format_that_was_asked_for() {
    let folder = project();
    fs::write(
        folder.path().join("lib/bad.proto"),
        "syntax = \"proto3\";\nmessage M { Strin a = 1; }\n",
    )
    .unwrap();
    let said = |format: &str| {
        let flag = format!("--error_format={format}");
        text(&compile(folder.path(), &[&flag, "-oset.pb", "bad.proto"], b"").stderr)
    };
    assert!(said("gcc").starts_with("lib/bad.proto:2:13: unknown type"), "{}", said("gcc"));
    assert!(said("msvs").starts_with("lib/bad.proto(2) : error in column=13: unknown type"));
    assert!(said("drawn").contains("2 | message M { Strin a = 1; }"));
    let json: serde_json::Value = serde_json::from_str(&said("json")).unwrap();
    assert_eq!(json["severity"], "error");
    assert_eq!(json["code"], "P0201");
    assert_eq!(json["place"]["path"], "lib/bad.proto");
    assert_eq!(json["place"]["file"], "bad.proto");
    assert_eq!((&json["place"]["line"], &json["place"]["column"]), (&2.into(), &13.into()));
    assert_eq!(json["hints"][0], "did you mean `string`?");
}

#[test]
fn a_cache_gives_the_same_and_sees_every_change() {
    let folder = project();
    let written = |arguments: &[&str], file: &str| {
        let set = format!("-o{file}");
        let all = [&["--include_imports", &set, "--fatal_warnings", "hello.proto"], arguments];
        let output = compile(folder.path(), &all.concat(), b"");
        (output.status.success(), text(&output.stderr), fs::read(folder.path().join(file)).ok())
    };
    let both_agree = |succeeds: bool| {
        let cached = written(&["--cache=cache"], "out/one.pb");
        assert_eq!(cached, written(&[], "out/other.pb"));
        assert_eq!(cached.0, succeeds, "{}", cached.1);
    };
    both_agree(true);
    both_agree(true);
    // an import, a file that hides it, and its end
    let common = folder.path().join("lib/common.proto");
    fs::write(&common, COMMON.replace("int32 x", "int64 x")).unwrap();
    both_agree(true);
    fs::write(folder.path().join("common.proto"), COMMON).unwrap();
    both_agree(true);
    fs::remove_file(folder.path().join("common.proto")).unwrap();
    both_agree(true);
    // a warning each time, and mistakes
    fs::write(folder.path().join("hello.proto"), HELLO.replace("common.Ask", "Own")).unwrap();
    both_agree(false);
    let own = format!("{}message Own {{}}\n", HELLO.replace("common.Ask", "Own"));
    fs::write(folder.path().join("hello.proto"), own).unwrap();
    both_agree(false);
    both_agree(false);
}
