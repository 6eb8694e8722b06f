//! Command lines, well and badly written.

#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;

fn read(line: &str) -> Result<Arguments, String> {
    match parse(line.split(' ').map(str::to_owned)) {
        Ok(Action::Run(arguments)) => Ok(*arguments),
        Ok(_) => panic!("{line}: not a run"),
        Err(failure) => Err(failure.text(false)),
    }
}

#[test]
fn flags_may_be_written_in_every_way_that_protoc_takes() {
    let arguments =
        read("-Ia -I b --proto_path=c --proto_path v=d -oset --go_out=x=1:. --go_opt=y a.proto")
            .unwrap();
    let paths: Vec<_> =
        arguments.proto_path.iter().map(|(v, d)| format!("{v}={}", d.display())).collect();
    assert_eq!(paths, ["=a", "=b", "=c", "v=d"]);
    assert_eq!(arguments.descriptor_set_out, Some("set".into()));
    assert_eq!(arguments.outputs, [Output { name: "go".into(), value: "x=1:.".into() }]);
    assert_eq!(arguments.outputs[0].parts(), ("x=1", "."));
    assert_eq!(arguments.options["go"], "y");
    assert_eq!(arguments.files, ["a.proto"]);
}

#[test]
fn options_come_before_the_last_colon_that_is_no_drive_for_rust_alone() {
    for (value, rust, other) in [
        ("gen", ("", "gen"), ("", "gen")),
        ("views=.a:gen", ("views=.a", "gen"), ("views=.a", "gen")),
        (
            "extern_path=.a=::b::c:gen",
            ("extern_path=.a=::b::c", "gen"),
            ("extern_path=.a=", ":b::c:gen"),
        ),
        ("C:\\gen", ("", "C:\\gen"), ("", "C:\\gen")),
        ("views=.a:C:/gen", ("views=.a", "C:/gen"), ("views=.a", "C:/gen")),
        ("views=.a:/gen", ("views=.a", "/gen"), ("views=.a", "/gen")),
    ] {
        let output = |name: &str| Output { name: name.into(), value: value.into() };
        assert_eq!(output("rust").parts(), rust, "{value}");
        assert_eq!(output("x").parts(), other, "{value}");
    }
}

#[test]
fn plugins_have_the_name_of_their_file_or_a_given_one() {
    let arguments =
        read("--plugin=bin/protoc-gen-a --plugin=protoc-gen-b=/x/tool --a_out=. f.proto").unwrap();
    assert_eq!(arguments.plugins["protoc-gen-a"], Path::new("bin/protoc-gen-a"));
    assert_eq!(arguments.plugins["protoc-gen-b"], Path::new("/x/tool"));
}

#[test]
fn what_excludes_what_is_said() {
    for (line, word) in [
        ("--encode=a.B --decode=a.B f.proto", "beside another"),
        ("--go_out=. --encode=a.B f.proto", "exclude each other"),
        ("--encode=a.B --go_out=. f.proto", "beside --encode"),
        ("--decode_raw f.proto", "takes no .proto files"),
        ("--decode_raw=x", "takes no value"),
        ("--decode=a.B", "no .proto file"),
        ("--decode -I.", "--decode_raw"),
        ("--go_out=.", "no .proto file"),
        ("f.proto", "nothing to write"),
        ("--go_opt=x --js_out=. f.proto", "--go_opt without --go_out"),
        ("-oa -ob f.proto", "only once"),
        ("-oa --deterministic_output f.proto", "for --encode"),
        ("-oa --dependency_out=d f.proto g.proto", "one .proto file"),
        ("-oa --dependency_out=d --descriptor_set_in=s f.proto", "beside --descriptor_set_in"),
        ("-oa --error_format=xml f.proto", "no format `xml`"),
        ("-oa --include-imports f.proto", "write --include_imports"),
        ("-oa --nonsense=1 f.proto", "no flag `--nonsense`"),
        ("-oa --go_prefix= f.proto", "wants a value"),
        ("-oa -I", "-I wants a value"),
        ("-oa --cache=c --cache=d f.proto", "only once"),
        ("--edition_defaults_out=x f.proto", "have protoc itself write it"),
        ("-oa --edition_defaults_minimum=2023 f.proto", "have protoc itself write it"),
        ("@no/such/file", "cannot be read"),
    ] {
        let error = read(line).err().unwrap_or_else(|| panic!("{line} is accepted"));
        assert!(error.contains(word), "{line}: {error}");
    }
}

#[test]
fn flags_that_make_no_difference_are_warned_of() {
    let arguments = read("--go_out=. --include_imports -I/no/such/folder f.proto").unwrap();
    let [folder, flag] = arguments.warnings.as_slice() else { panic!("{:?}", arguments.warnings) };
    assert!(folder.contains("/no/such/folder") && flag.contains("--include_imports"));
}
