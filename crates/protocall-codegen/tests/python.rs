//! Python output, byte for byte: the golden folders in `tests/python` are what grpcio-tools wrote
//! of the fixtures beside them, and the sets hold the descriptors that its protoc made.
//! `cargo xtask python-compat --refresh` asks grpcio-tools again; these tests never write.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use buffa::Message;
use buffa_descriptor::generated::descriptor::FileDescriptorSet;
use protocall_codegen::python::{self, Options, Output, Release};
use protocall_codegen::{CodegenError, GeneratedFile};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python")
}

fn set() -> FileDescriptorSet {
    read_set("set.binpb")
}

fn read_set(name: &str) -> FileDescriptorSet {
    FileDescriptorSet::decode_from_slice(&fs::read(folder().join(name)).unwrap()).unwrap()
}

fn names(set: &FileDescriptorSet) -> Vec<String> {
    set.file.iter().filter_map(|file| file.name.clone()).collect()
}

fn every_output() -> Options {
    Options::new().output(Output::Messages).output(Output::Types).output(Output::Services)
}

/// Every file below a folder, relative to it.
fn files_below(folder: &Path) -> Vec<String> {
    let mut open = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let path = path.strip_prefix(folder).unwrap();
                found.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

/// The first line in which two texts differ.
fn difference(ours: &str, theirs: &str) -> String {
    let mut lines = ours.split('\n').zip(theirs.split('\n')).enumerate();
    match lines.find(|(_, (ours, theirs))| ours != theirs) {
        Some((number, (a, b))) => format!("line {}\n  ours:   {a}\n  theirs: {b}", number + 1),
        None => format!("{} bytes instead of {}", ours.len(), theirs.len()),
    }
}

/// Compares what we generate with a folder, which must hold the same files.
fn check(set: &FileDescriptorSet, roots: &[String], release: Release, golden: &str) {
    let mut ours = python::generate(set, roots, &every_output().release(release)).unwrap();
    ours.sort_by(|a, b| a.path.cmp(&b.path));

    let golden = folder().join(golden);
    let paths: Vec<String> = ours.iter().map(|file| file.path.clone()).collect();
    assert_eq!(paths, files_below(&golden), "the same files");
    let mut report = String::new();
    for GeneratedFile { path, content } in &ours {
        let theirs = fs::read_to_string(golden.join(path)).unwrap();
        if *content != theirs {
            report += &format!("{path}: {}\n", difference(content, &theirs));
        }
    }
    assert!(report.is_empty(), "{report}");
}

#[test]
fn output_is_what_grpcio_tools_writes() {
    let set = set();
    check(&set, &names(&set), Release::GrpcioTools1_71, "golden");
}

#[test]
fn so_it_is_for_any_file_in_the_place_of_descriptor_proto() {
    let set = read_set("descriptor_set.binpb");
    check(&set, &names(&set), Release::GrpcioTools1_71, "descriptor_golden");
}

#[test]
fn so_it_is_for_the_newest_release() {
    let set = read_set("newest_set.binpb");
    let mut roots = names(&set);
    roots.retain(|name| !name.starts_with("google/"));
    check(&set, &roots, Release::GrpcioTools1_85, "newest_golden");
}

#[test]
fn only_what_is_asked_for_is_made() {
    let roots = ["hello.proto".to_owned()];
    let paths = |options: &Options| {
        let files = python::generate(&set(), &roots, options).unwrap();
        files.into_iter().map(|file| file.path).collect::<Vec<_>>()
    };
    assert!(paths(&Options::new()).is_empty());
    let twice = Options::new().output(Output::Types).output(Output::Types);
    assert_eq!(paths(&twice), ["hello_pb2.pyi"]);
    assert_eq!(paths(&every_output()), ["hello_pb2.py", "hello_pb2.pyi", "hello_pb2_grpc.py"]);
}

#[test]
fn releases_are_found_by_their_version() {
    for &release in Release::ALL {
        assert_eq!(Release::from_version(release.version()), Some(release));
    }
    assert_eq!(Release::from_version("1.71.0"), Some(Release::default()));
    assert_eq!(Release::from_version("1.71"), None);
}

#[test]
fn without_source_info_comments_go_and_messages_stay() {
    let mut bare = set();
    for file in &mut bare.file {
        file.source_code_info = buffa::MessageField::none();
    }
    let roots = ["comments.proto".to_owned()];
    let files = python::generate(&bare, &roots, &every_output()).unwrap();
    let golden = |path| fs::read_to_string(folder().join("golden").join(path)).unwrap();
    assert_eq!(files[0].content, golden("comments_pb2.py"));
    assert_eq!(files[1].content, golden("comments_pb2.pyi"));
    assert!(golden("comments_pb2_grpc.py").contains("Leads the service."));
    assert!(!files[2].content.contains("Leads the service."));
}

#[test]
fn a_written_json_name_that_is_the_default_is_known_by_source_info_alone() {
    let roots = ["legacy.proto".to_owned()];
    let options = Options::new().output(Output::Messages);
    let with_info = python::generate(&set(), &roots, &options).unwrap();
    let mut bare = set();
    for file in &mut bare.file {
        file.source_code_info = buffa::MessageField::none();
    }
    let without = python::generate(&bare, &roots, &options).unwrap();
    let names = |files: &[GeneratedFile], name| files[0].content.contains(name);
    assert!(names(&with_info, "R\\totherName") && names(&without, "R\\totherName"));
    assert!(names(&with_info, "R\\x02qQ") && !names(&without, "R\\x02qQ"));
}

fn refused(set: &FileDescriptorSet, root: &str) -> String {
    python::generate(set, &[root.to_owned()], &every_output()).unwrap_err().to_string()
}

#[test]
fn incomplete_sets_are_refused() {
    let error = python::generate(&set(), &["gone.proto".to_owned()], &every_output());
    assert!(matches!(error, Err(CodegenError::FileNotFound { file }) if file == "gone.proto"));

    let mut set = set();
    set.file.retain(|file| file.name.as_deref() != Some("a/same.proto"));
    assert!(refused(&set, "hello.proto").contains("imports `a/same.proto`"));
}

#[test]
fn descriptor_proto_without_features_is_refused() {
    let name = "google/protobuf/descriptor.proto";
    let mut set = read_set("descriptor_set.binpb");
    let file = set.file.iter_mut().find(|file| file.name.as_deref() == Some(name)).unwrap();
    let features = file.message_type.remove(0);
    file.message_type.retain(|message| message.name.as_deref() != Some("Extra"));
    file.extension.clear();
    file.service.clear();
    assert!(refused(&set, name).contains("has no `FeatureSet`"));
    let file = set.file.iter_mut().find(|file| file.name.as_deref() == Some(name)).unwrap();
    file.message_type.push(features);
    file.message_type[0].field.remove(0);
    assert!(refused(&set, name).contains("has no feature `field_presence`"));
    let file = set.file.iter_mut().find(|file| file.name.as_deref() == Some(name)).unwrap();
    file.syntax = Some("proto3".to_owned());
    assert!(refused(&set, name).contains("is not in proto2"));
}

/// One change to `shapes.proto` or `comments.proto`, and a word of the sentence that refuses it.
type Damage = (fn(&mut FileDescriptorSet), &'static str);

#[test]
fn unlinked_descriptors_are_refused() {
    fn file<'s>(
        set: &'s mut FileDescriptorSet,
        name: &str,
    ) -> &'s mut buffa_descriptor::generated::descriptor::FileDescriptorProto {
        set.file.iter_mut().find(|file| file.name.as_deref() == Some(name)).unwrap()
    }
    let damages: &[Damage] = &[
        (|set| file(set, "shapes.proto").message_type[0].name = None, "a message has no name"),
        (|set| file(set, "shapes.proto").message_type[2].field[0].r#type = None, "has no type"),
        (|set| file(set, "shapes.proto").message_type[0].field[0].type_name = None, "no name"),
        (
            |set| {
                file(set, "shapes.proto").message_type[0].field[0].type_name =
                    Some("Twin".to_owned());
            },
            "the type `Twin` is not in the set",
        ),
        (
            |set| {
                let node = &mut file(set, "shapes.proto").message_type[4];
                node.nested_type[0].field.pop();
            },
            "key and value",
        ),
        (
            |set| {
                let node = &mut file(set, "shapes.proto").message_type[4];
                node.nested_type[0].field.clear();
            },
            "key and value",
        ),
        (|set| file(set, "comments.proto").service[0].method[0].input_type = None, "a method"),
        (|set| file(set, "comments.proto").service[0].name = None, "a service has no name"),
        (|set| file(set, "pub/b.proto").public_dependency = vec![-1], "no import -1"),
        (|set| file(set, "pub/b.proto").public_dependency = vec![9], "no import 9"),
        (
            |set| {
                let deepest = &mut file(set, "shapes.proto").message_type[3];
                for _ in 0..100 {
                    let inner = deepest.clone();
                    deepest.nested_type = vec![inner];
                }
            },
            "nested more than 100 deep",
        ),
    ];
    for (damage, word) in damages {
        let mut set = set();
        damage(&mut set);
        let error = python::generate(&set, &names(&set), &every_output()).unwrap_err().to_string();
        assert!(error.contains(word), "{error} should say {word}");
    }
}

#[test]
fn paths_that_leave_the_output_folder_are_refused() {
    for name in ["../hello.proto", "/hello.proto", "a/./hello.proto"] {
        let mut set = set();
        let hello = set.file.iter_mut().find(|file| file.name.as_deref() == Some("hello.proto"));
        hello.unwrap().name = Some(name.to_owned());
        assert!(refused(&set, name).contains("is no path below"), "{name}");
    }
}

#[test]
fn services_need_a_file_with_the_usual_name() {
    let mut set = set();
    let hello = set.file.iter_mut().find(|file| file.name.as_deref() == Some("hello.proto"));
    hello.unwrap().name = Some("hello.txt".to_owned());
    assert!(refused(&set, "hello.txt").contains("does not end in `.proto`"));
    let messages = Options::new().output(Output::Messages);
    let files = python::generate(&set, &["hello.txt".to_owned()], &messages).unwrap();
    assert_eq!(files[0].path, "hello/txt_pb2.py");
}
