//! The plugin protocol, with a request as protoc writes it.

#![allow(clippy::unwrap_used)]

use buffa::Message;
use buffa_descriptor::generated::compiler::{CodeGeneratorRequest, CodeGeneratorResponse};
use buffa_descriptor::generated::descriptor::FileDescriptorSet;

/// A descriptor set of one file, a message and a service; protoc made it.
const HELLO: &[u8] = include_bytes!("../../protocall-codegen/tests/data/hello.binpb");

fn answer(parameter: &str) -> CodeGeneratorResponse {
    let set = FileDescriptorSet::decode_from_slice(HELLO).unwrap();
    let request = CodeGeneratorRequest {
        file_to_generate: vec!["hello.proto".to_owned()],
        parameter: Some(parameter.to_owned()),
        proto_file: set.file,
        ..CodeGeneratorRequest::default()
    };
    let response = protocall_build::plugin::respond(&request.encode_to_vec()).unwrap();
    CodeGeneratorResponse::decode_from_slice(&response).unwrap()
}

#[test]
fn files_come_back_with_their_text() {
    let response = answer("server=false");
    assert_eq!(response.error, None);
    let names: Vec<_> = response.file.iter().filter_map(|file| file.name.as_deref()).collect();
    assert_eq!(names, ["example.rs", "protocall.rs"]);
    let text = response.file[0].content.as_deref().unwrap();
    assert!(text.contains("pub struct HelloServiceClient"));
    assert!(!text.contains("pub trait HelloService"));
    // proto3 optional (1) and editions (2)
    assert_eq!(response.supported_features, Some(3));
}

#[test]
fn what_is_wrong_travels_in_the_response() {
    let response = answer("views=.example.Nobody");
    assert!(response.file.is_empty());
    assert!(response.error.unwrap().contains("`.example.Nobody` matches no message"));
}

#[test]
fn what_is_no_request_is_an_error() {
    let error = protocall_build::plugin::respond(b"\xff\xff").unwrap_err();
    assert!(error.to_string().starts_with("invalid plugin request"), "{error}");
}
