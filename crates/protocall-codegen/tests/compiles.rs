//! The golden files compile, as an application would include them, and mean what they should.
//!
//! `protocall` is the stub of the runtime's signatures here.

#![forbid(unsafe_code)]
#![deny(missing_docs, unused, clippy::all)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use buffa_descriptor::generated::descriptor::FileDescriptorSet;
use protocall::buffa::bytes::Bytes;
use protocall::buffa::{Message, MessageField, MessageView};
use protocall::server::{Routes, Service};
use protocall::{Channel, MethodKind, Request, Response, Status};

pub mod hello {
    //! The contract's example.
    include!("golden/hello/protocall.rs");
}
pub mod hostile {
    //! Names that clash, types from elsewhere.
    include!("golden/hostile/protocall.rs");
}
pub mod bare {
    //! No package.
    include!("golden/bare/protocall.rs");
}
pub mod views {
    //! Views and shared bytes on request.
    include!("golden/views/protocall.rs");
}

use hello::example::{HelloRequest, HelloResponse, HelloService, HelloServiceClient};

struct Greeter;

impl HelloService for Greeter {
    async fn send_message(
        &self,
        request: Request<HelloRequest>,
    ) -> Result<Response<HelloResponse>, Status> {
        let text = format!("hello {}", request.0.name);
        Ok(Response(HelloResponse { text, ..HelloResponse::default() }))
    }
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("not ready"),
    }
}

#[test]
fn a_handler_writes_only_the_methods_it_has() {
    let request = HelloRequest { name: "you".to_owned(), ..HelloRequest::default() };
    let response = ready(Greeter.send_message(Request(request))).unwrap();
    assert_eq!(response.0.text, "hello you");
    let refused = ready(Greeter.download(Request(hello::example::Ask::default())));
    assert_eq!(refused.unwrap_err().0, "/example.HelloService/Download");
}

#[test]
fn a_server_registers_each_method_under_its_kind() {
    let server = hello::example::HelloServiceServer::new(Greeter);
    assert_eq!(server.name(), "example.HelloService");
    assert_eq!(format!("{:?}", server.clone()), "HelloServiceServer { .. }");
    let mut routes = Routes::default();
    server.register(&mut routes);
    let kinds: Vec<_> = routes.0.iter().map(|method| (method.name, method.kind)).collect();
    assert_eq!(
        kinds,
        [
            ("SendMessage", MethodKind::Unary),
            ("Download", MethodKind::ServerStreaming),
            ("Upload", MethodKind::ClientStreaming),
            ("Chat", MethodKind::BidiStreaming),
        ]
    );
}

#[test]
fn a_client_takes_messages_and_requests() {
    let client = HelloServiceClient::new(Channel);
    let error = ready(client.clone().send_message(HelloRequest::default())).unwrap_err();
    assert_eq!(error.0, "/example.HelloService/SendMessage");
    let _ = client.download(Request(hello::example::Ask::default()));
    let _ = client.upload(());
    let _ = client.chat(());
    assert_eq!(hello::example::hello_service_methods::CHAT.path, "/example.HelloService/Chat");
}

#[test]
#[allow(deprecated)]
fn clashing_names_give_way() {
    use hostile::shop::r#type::v1;
    let message = v1::StoreClient {
        r#self_: "a message keeps its name".to_owned(),
        ..v1::StoreClient::default()
    };
    assert!(!message.self_.is_empty());
    let client = v1::StoreClient_::new(Channel);
    let empty = protocall::buffa_types::google::protobuf::Empty::default();
    let error = ready(client.clone().clone_(empty)).unwrap_err();
    assert_eq!(error.0, "/shop.type.v1.Store/Clone");
    assert_eq!(v1::store_methods_::GET_HTTP2_INFO_.name, "get_http2_info");
    assert_eq!(v1::store_methods::Deep::default().x, 0);
    let error = ready(client.new_(v1::S::default())).unwrap_err();
    assert_eq!(error.0, "/shop.type.v1.Store/New");
    let _ = client.r#type(hostile::common::page::Token::default());
    let _: v1::OtherClient_ = v1::OtherClient_::new(Channel);
}

#[test]
fn the_root_package_sees_the_others() {
    let payload = bare::example::Payload { data: b"x".to_vec(), ..Default::default() };
    let plain = bare::Plain { payload: payload.into(), ..Default::default() };
    let again = bare::Plain::decode_from_slice(&plain.encode_to_vec()).unwrap();
    assert_eq!(again.payload.data, b"x");
    assert_eq!(bare::bare_methods::ECHO.path, "/Bare/Echo");
}

#[test]
fn the_descriptors_are_those_of_the_compiler_without_comments() {
    let read = |bytes: &[u8]| FileDescriptorSet::decode_from_slice(bytes).unwrap();
    let mut expected = read(include_bytes!("data/bare.binpb"));
    let names: Vec<_> = expected.file.iter().filter_map(|file| file.name.as_deref()).collect();
    assert_eq!(names, ["hello.proto", "bare.proto"], "imports first");
    assert!(expected.file.iter().all(|file| file.source_code_info.is_set()));
    expected.file.iter_mut().for_each(|file| file.source_code_info = MessageField::none());
    assert!(bare::FILE_DESCRIPTOR_SET == expected.encode_to_vec());
    assert_eq!(read(hello::FILE_DESCRIPTOR_SET).file, expected.file[..1]);
}

#[test]
fn views_borrow_and_bytes_share() {
    use views::common::page::Token;
    let value: Bytes = Token::default().value;
    assert!(value.is_empty());
    let outer = views::shop::r#type::v1::Outer {
        inner: views::shop::r#type::v1::outer::Inner {
            data: Some(b"raw".to_vec()),
            ..Default::default()
        }
        .into(),
        ..Default::default()
    };
    let bytes = outer.encode_to_vec();
    let view = views::shop::r#type::v1::OuterView::decode_view(&bytes).unwrap();
    assert_eq!(view.inner.data, Some(&b"raw"[..]));
}
