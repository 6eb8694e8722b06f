//! Tests of header lists: requests, responses, trailers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
use super::request::{Refusal, RequestHead};
use super::response::{Opening, Trailers, write_trailers};
use super::*;
use crate::{Code, Metadata, Status};
use std::time::Duration;

type Pairs<'a> = &'a [(&'a str, &'a str)];

fn fields<'a>(pairs: Pairs<'a>) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + Clone {
    pairs.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes()))
}

fn request(method: &str, pairs: Pairs<'_>) -> Result<RequestHead, Refusal> {
    RequestHead::parse(method.as_bytes(), fields(pairs))
}

fn opening(status: &str, pairs: Pairs<'_>, end: bool) -> Opening {
    Opening::parse(status.as_bytes(), || fields(pairs), end, &Compressions::default())
}

fn end(opening: Opening) -> Status {
    match opening {
        Opening::End(trailers) => trailers.status.unwrap_err(),
        Opening::Head(head) => panic!("a head: {head:?}"),
    }
}

#[test]
fn request_head() {
    let head = request(
        "POST",
        &[
            (":path", "/a/b"),
            ("grpc-timeout", "5S"),
            ("content-type", "application/grpc+proto"),
            ("te", "trailers"),
            ("grpc-encoding", "br"),
            ("key", "value"),
        ],
    )
    .unwrap();
    assert_eq!(head.timeout, Some(Duration::from_secs(5)));
    assert_eq!(head.encoding, Encoding::Unsupported("br".into()));
    assert_eq!(head.content_type.as_deref(), Some(&b"application/grpc+proto"[..]));
    assert_eq!(head.metadata.iter().count(), 1);
    assert_eq!(head.metadata.get("key"), Some("value"));
}

#[test]
fn refused_requests() {
    let grpc = ("content-type", "application/grpc");
    assert_eq!(request("GET", &[grpc]).unwrap_err(), Refusal::Method);
    assert_eq!(request("POST", &[]).unwrap_err(), Refusal::ContentType);
    for other in ["text/plain", "application/grpcx", "application/grpc-web", "application/json"] {
        assert_eq!(request("POST", &[("content-type", other)]).unwrap_err(), Refusal::ContentType);
    }
    assert_eq!(request("POST", &[grpc, ("grpc-timeout", "5")]).unwrap_err(), Refusal::Timeout);
    let refusal = request("POST", &[grpc, ("a-bin", "!")]).unwrap_err();
    assert_eq!(refusal, Refusal::BinaryMetadata("a-bin".into()));
    assert_eq!(refusal.status().message(), "metadata \"a-bin\" is not valid base64");
    for fine in ["application/grpc", "application/grpc;charset=x", "Application/gRPC+json"] {
        assert!(request("POST", &[("content-type", fine)]).is_ok(), "{fine}");
    }
}

#[test]
fn trailers_only_and_foreign_responses() {
    let grpc = ("content-type", "application/grpc");
    let status = end(opening("200", &[grpc, ("grpc-status", "5"), ("grpc-message", "no")], true));
    assert_eq!((status.code(), status.message()), (Code::NotFound, "no"));
    let status = end(opening("503", &[("content-type", "text/html")], false));
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(
        status.message(),
        "not a gRPC response: HTTP status 503, content-type \"text/html\""
    );
    assert_eq!(end(opening("200", &[], true)).code(), Code::Unknown);
    assert_eq!(end(opening("404", &[], true)).code(), Code::Unimplemented);
    assert_eq!(end(opening("200", &[grpc], true)).code(), Code::Unknown);
    let head = opening("200", &[grpc, ("grpc-status", "5"), ("a", "b")], false);
    assert!(matches!(head, Opening::Head(head) if head.metadata.get("a") == Some("b")));
}

#[test]
fn trailers_round_trip() {
    let mut metadata = Metadata::new();
    metadata.append("k", "v").unwrap();
    metadata.append_bin("k-bin", b"\xab\xab\xab").unwrap();
    let status = Status::aborted("tab\t, 世界 100%").with_details(b"123".to_vec());
    let status = status.with_metadata(metadata.clone());
    let mut list = FieldList::new();
    write_trailers(Err(&status), &mut list);
    assert!(list.iter().any(|(name, value)| (name, value) == (b"k-bin", b"q6ur")));
    let trailers = Trailers::parse(list.iter());
    let back = trailers.status.unwrap_err();
    assert_eq!((back.code(), back.message()), (Code::Aborted, "tab\t, 世界 100%"));
    assert_eq!(&back.details()[..], b"123");
    assert_eq!(back.metadata(), &metadata);
    list.clear();
    write_trailers(Ok(&metadata), &mut list);
    let trailers = Trailers::parse(list.iter());
    assert!(trailers.status.is_ok());
    assert_eq!(trailers.metadata, metadata);
}

#[test]
fn a_missing_or_ok_error_status_is_unknown() {
    assert_eq!(Trailers::parse(fields(&[])).status.unwrap_err().code(), Code::Unknown);
    let mut list = FieldList::new();
    write_trailers(Err(&Status::new(Code::Ok, "odd")), &mut list);
    assert_eq!(Trailers::parse(list.iter()).status.unwrap_err().code(), Code::Unknown);
}
