//! Both versions of reflection, asked over a connection.

#![allow(clippy::unwrap_used, clippy::panic)]

use buffa::Message;
use buffa_descriptor::generated::descriptor::FileDescriptorProto;
use protocall_channel::Channel;
use protocall_core::Code;
use protocall_server::Server;
use protocall_services::error_details;
use protocall_services::health::HealthReporter;
use protocall_services::reflection::v1::__buffa::oneof::{
    server_reflection_request::MessageRequest as Ask,
    server_reflection_response::MessageResponse as Answer,
};
use protocall_services::reflection::v1::{
    ExtensionRequest, ServerReflectionClient, ServerReflectionRequest, ServerReflectionResponse,
};
use protocall_services::reflection::{InvalidDescriptors, Reflection, v1alpha};
use protocall_transport::client::BidiStreaming;
use protocall_transport::io::memory;

fn serve(reflection: Reflection) -> Channel {
    let (connector, listener) = memory::pair();
    let server = Server::builder()
        .add_service(reflection.build().unwrap())
        .add_service(HealthReporter::new().service())
        .on(listener)
        .unwrap();
    tokio::spawn(server.serve());
    Channel::over(connector).build()
}

type Stream = BidiStreaming<ServerReflectionRequest, ServerReflectionResponse>;

fn stream(reflection: Reflection) -> Stream {
    ServerReflectionClient::new(serve(reflection)).server_reflection_info(())
}

async fn ask(stream: &mut Stream, ask: Ask) -> Answer {
    let request = ServerReflectionRequest {
        host: "example".to_owned(),
        message_request: Some(ask),
        ..Default::default()
    };
    stream.send(request.clone()).await.unwrap();
    let response = stream.message().await.unwrap().unwrap();
    assert_eq!(response.valid_host, "example");
    assert_eq!(response.original_request.as_option(), Some(&request));
    response.message_response.unwrap()
}

async fn files(stream: &mut Stream, what: Ask) -> Vec<String> {
    match ask(stream, what).await {
        Answer::FileDescriptorResponse(files) => files
            .file_descriptor_proto
            .iter()
            .map(|bytes| FileDescriptorProto::decode_from_slice(bytes).unwrap().name.unwrap())
            .collect(),
        other => panic!("{other:?}"),
    }
}

async fn error(stream: &mut Stream, what: Ask) -> (i32, String) {
    match ask(stream, what).await {
        Answer::ErrorResponse(error) => (error.error_code, error.error_message),
        other => panic!("{other:?}"),
    }
}

fn symbol(name: &str) -> Ask {
    Ask::FileContainingSymbol(name.to_owned())
}

fn details() -> Reflection {
    Reflection::new().with(error_details::FILE_DESCRIPTOR_SET).unwrap()
}

#[tokio::test]
async fn services_are_those_of_the_server() {
    let mut stream = stream(details());
    let Answer::ListServicesResponse(list) = ask(&mut stream, Ask::ListServices("*".into())).await
    else {
        panic!("no list");
    };
    let names: Vec<_> = list.service.iter().map(|service| service.name.as_str()).collect();
    let all = [
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    ];
    assert_eq!(names, all);
}

#[tokio::test]
async fn a_symbols_file_comes_with_its_imports_once() {
    let mut stream = stream(details());
    let status = ["google/rpc/status.proto", "google/protobuf/any.proto"];
    assert_eq!(files(&mut stream, symbol("google.rpc.Status")).await, status);
    // the file that was asked for is told again, what it imports is not
    let again = files(&mut stream, symbol("google.rpc.Status.details")).await;
    assert_eq!(again, status[..1]);
    let any = Ask::FileByFilename("google/protobuf/any.proto".into());
    assert_eq!(files(&mut stream, any).await, status[1..]);
}

#[tokio::test]
async fn every_kind_of_name_is_found() {
    let mut stream = stream(Reflection::new());
    let prefix = "grpc.health.v1";
    for name in [
        "Health",
        "Health.Check",
        "HealthCheckResponse",
        "HealthCheckResponse.status",
        "HealthCheckResponse.ServingStatus",
        "HealthCheckResponse.NOT_SERVING",
        "HealthListResponse.StatusesEntry",
    ] {
        let found = files(&mut stream, symbol(&format!("{prefix}.{name}"))).await;
        assert_eq!(found, ["grpc/health/v1/health.proto"], "{name}");
    }
}

#[tokio::test]
async fn what_is_unknown_is_not_found_and_the_stream_goes_on() {
    let mut stream = stream(Reflection::new());
    let not_found = |text: &str| (Code::NotFound as i32, text.to_owned());
    let file = Ask::FileByFilename("a.proto".into());
    assert_eq!(error(&mut stream, file).await, not_found("unknown file a.proto"));
    assert_eq!(error(&mut stream, symbol("a.B")).await, not_found("unknown symbol a.B"));
    let of = ExtensionRequest {
        containing_type: "a.B".into(),
        extension_number: 7,
        ..Default::default()
    };
    let text = "unknown extension 7 of message a.B";
    assert_eq!(error(&mut stream, of.into()).await, not_found(text));
    let all = Ask::AllExtensionNumbersOfType("a.B".into());
    assert_eq!(error(&mut stream, all).await, not_found("unknown message a.B"));
    let found = files(&mut stream, symbol("grpc.health.v1.Health")).await;
    assert_eq!(found.len(), 1);
}

/// `message Base { extensions 100 to max; }` and two extensions of it, in another file.
fn extensions() -> Vec<u8> {
    use buffa_descriptor::generated::descriptor::{
        DescriptorProto, FieldDescriptorProto, FileDescriptorSet,
    };
    let message = |name: &str| DescriptorProto { name: Some(name.into()), ..Default::default() };
    let extension = |name: &str, number| FieldDescriptorProto {
        name: Some(name.into()),
        number: Some(number),
        extendee: Some(".ext.Base".into()),
        ..Default::default()
    };
    let file = |name: &str| FileDescriptorProto {
        name: Some(name.into()),
        package: Some("ext".into()),
        ..Default::default()
    };
    let base = FileDescriptorProto { message_type: vec![message("Base")], ..file("base.proto") };
    let nested = DescriptorProto { extension: vec![extension("late", 250)], ..message("Scope") };
    let more = FileDescriptorProto {
        dependency: vec!["base.proto".into()],
        message_type: vec![nested],
        extension: vec![extension("early", 100)],
        ..file("more.proto")
    };
    FileDescriptorSet { file: vec![base, more], ..Default::default() }.encode_to_vec()
}

#[tokio::test]
async fn extensions_are_found_by_their_numbers() {
    let mut stream = stream(Reflection::new().with(&extensions()).unwrap());
    let of = ExtensionRequest {
        containing_type: "ext.Base".into(),
        extension_number: 250,
        ..Default::default()
    };
    assert_eq!(files(&mut stream, of.into()).await, ["more.proto", "base.proto"]);
    assert_eq!(files(&mut stream, symbol("ext.Scope.late")).await, ["more.proto"]);
    let all = ask(&mut stream, Ask::AllExtensionNumbersOfType("ext.Base".into())).await;
    let Answer::AllExtensionNumbersResponse(all) = all else { panic!("{all:?}") };
    assert_eq!(all.base_type_name, "ext.Base");
    assert_eq!(all.extension_number, [100, 250]);
    let none = ask(&mut stream, Ask::AllExtensionNumbersOfType("ext.Scope".into())).await;
    let Answer::AllExtensionNumbersResponse(none) = none else { panic!("{none:?}") };
    assert!(none.extension_number.is_empty());
}

#[tokio::test]
async fn a_request_that_asks_for_nothing_ends_the_stream() {
    let mut stream = stream(Reflection::new());
    stream.send(ServerReflectionRequest::default()).await.unwrap();
    assert_eq!(stream.message().await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn the_older_version_answers_the_same() {
    use v1alpha::__buffa::oneof::server_reflection_request::MessageRequest;
    use v1alpha::__buffa::oneof::server_reflection_response::MessageResponse;
    let client = v1alpha::ServerReflectionClient::new(serve(Reflection::new()));
    let mut stream = client.server_reflection_info(());
    let message_request = Some(MessageRequest::ListServices(String::new()));
    let request = v1alpha::ServerReflectionRequest { message_request, ..Default::default() };
    stream.send(request).await.unwrap();
    let response = stream.message().await.unwrap().unwrap();
    let Some(MessageResponse::ListServicesResponse(list)) = response.message_response else {
        panic!("no list");
    };
    assert_eq!(list.service.len(), 3);
}

#[test]
fn descriptors_that_cannot_be_told_of_are_refused() {
    let malformed = Reflection::new().with(b"\x0a\x05abc").unwrap_err();
    assert!(matches!(malformed, InvalidDescriptors::Malformed(_)), "{malformed:?}");
    let unnamed = Reflection::new().with(b"\x0a\x00").unwrap_err();
    assert!(matches!(unnamed, InvalidDescriptors::Unnamed), "{unnamed:?}");
    // file { name: "a" dependency: "b" }
    let lonely = Reflection::new().with(b"\x0a\x06\x0a\x01a\x1a\x01b").unwrap().build();
    let text = lonely.unwrap_err().to_string();
    assert!(text.starts_with("a imports b, which no FileDescriptorSet contains"), "{text}");
}
