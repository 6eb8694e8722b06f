//! Header lists as they should and should not be (RFC 9113 section 8).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::{Malformed, Response, check_request, check_response, check_trailers};
use crate::fields::{Field, Fields};
use crate::hpack::{Decoder, Encoder, HeaderLimits, Outcome};

fn fields(list: &[(&str, &str)]) -> Fields {
    let mut block = Vec::new();
    let mut encoder = Encoder::new();
    encoder.begin_block(&mut block);
    for (name, value) in list {
        encoder.encode(&Field::literal(name.as_bytes(), value.as_bytes()), &mut block);
    }
    let mut fields = Fields::default();
    let outcome = Decoder::new(4096).decode(&block, &HeaderLimits::default(), &mut fields).unwrap();
    assert_eq!(outcome, Outcome::Complete);
    fields
}

const GOOD: [(&str, &str); 4] =
    [(":method", "POST"), (":scheme", "http"), (":path", "/a/b"), (":authority", "here")];

fn request(extra: &[(&str, &str)]) -> Result<Option<u64>, Malformed> {
    check_request(&fields(&[&GOOD[..], extra].concat()))
}

#[test]
fn good_requests() {
    assert_eq!(request(&[]), Ok(None));
    assert_eq!(request(&[("te", "trailers"), ("content-length", "12")]), Ok(Some(12)));
    assert_eq!(request(&[("content-length", "7"), ("content-length", "7")]), Ok(Some(7)));
    let connect = [(":method", "CONNECT"), (":authority", "there:443")];
    assert_eq!(check_request(&fields(&connect)), Ok(None));
    let options = [(":method", "OPTIONS"), (":scheme", "http"), (":path", "*")];
    assert_eq!(check_request(&fields(&options)), Ok(None));
}

#[test]
fn each_required_pseudo_header_field() {
    for missing in [":method", ":scheme", ":path"] {
        let list: Vec<_> = GOOD.into_iter().filter(|(name, _)| *name != missing).collect();
        assert!(check_request(&fields(&list)).is_err(), "{missing} is missing");
    }
    for doubled in GOOD {
        let list = [&GOOD[..], &[doubled]].concat();
        assert!(check_request(&fields(&list)).is_err(), "{doubled:?} came twice");
    }
}

#[test]
fn malformed_requests() {
    for extra in [
        (":status", "200"),
        (":unknown", "x"),
        ("connection", "close"),
        ("keep-alive", "1"),
        ("proxy-connection", "close"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"),
        ("te", "gzip"),
        ("te", "trailers, gzip"),
        ("Upper", "case"),
        ("content-length", ""),
        ("content-length", "+1"),
        ("content-length", "1x"),
        ("content-length", "18446744073709551616"),
    ] {
        assert!(request(&[extra]).is_err(), "{extra:?}");
    }
    assert!(request(&[("content-length", "1"), ("content-length", "2")]).is_err());
    assert!(request(&[("a", "b"), (":authority", "late")]).is_err());
    for path in ["", "relative"] {
        let list = [(":method", "GET"), (":scheme", "http"), (":path", path)];
        assert!(check_request(&fields(&list)).is_err(), "path {path:?}");
    }
    let late = [(":method", "GET"), (":scheme", "http"), ("a", "b"), (":path", "/")];
    assert!(check_request(&fields(&late)).is_err());
    let connect = [(":method", "CONNECT"), (":authority", "x"), (":path", "/")];
    assert!(check_request(&fields(&connect)).is_err());
}

#[test]
fn responses() {
    let response = |list: &[(&str, &str)]| check_response(&fields(list));
    let good = Response { interim: false, bodiless: false, content_length: None };
    assert_eq!(response(&[(":status", "200")]), Ok(good));
    assert_eq!(response(&[(":status", "103")]), Ok(Response { interim: true, ..good }));
    assert_eq!(response(&[(":status", "204")]), Ok(Response { bodiless: true, ..good }));
    for status in ["101", "20", "2000", "abc", "020", ""] {
        assert!(response(&[(":status", status)]).is_err(), "{status:?}");
    }
    assert!(response(&[]).is_err());
    assert!(response(&[(":status", "200"), (":path", "/")]).is_err());
    assert!(response(&[(":status", "200"), (":status", "200")]).is_err());
    assert!(response(&[("a", "b"), (":status", "200")]).is_err());
}

#[test]
fn trailers() {
    let trailers = |list: &[(&str, &str)]| check_trailers(&fields(list));
    assert_eq!(trailers(&[("grpc-status", "0")]), Ok(()));
    assert!(trailers(&[(":status", "200")]).is_err());
    assert!(trailers(&[("connection", "close")]).is_err());
    assert!(trailers(&[("Upper", "case")]).is_err());
}

#[test]
fn pseudo_header_fields_have_names() {
    let list = fields(&[&GOOD[..], &[("x", "y"), (":status", "late")]].concat());
    assert_eq!(list.method(), Some(&b"POST"[..]));
    assert_eq!(list.scheme(), Some(&b"http"[..]));
    assert_eq!(list.path(), Some(&b"/a/b"[..]));
    assert_eq!(list.authority(), Some(&b"here"[..]));
    assert_eq!(list.status(), None, "only before regular fields");
    assert_eq!(fields(&[(":status", "200")]).status(), Some(&b"200"[..]));
}
