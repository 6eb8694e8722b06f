//! Answers to what is not a gRPC call: plain HTTP requests, other protocols, broken requests.

use protocall_core::head::FieldList;
use protocall_core::head::request::Refusal;
use protocall_core::head::response::write_trailers;
use protocall_core::{Compressions, percent};
use protocall_http2::{Connection, Field, Indexing, Part, StreamKey};

/// Answers a request that is no gRPC call: to those who speak HTTP with an HTTP status and a
/// sentence as the body, to all with a gRPC status.
pub(crate) fn refuse(http2: &mut Connection, key: StreamKey, refusal: &Refusal) {
    let http_status = refusal.http_status().to_string();
    let status = refusal.status();
    let mut fields = FieldList::new();
    write_trailers(Err(&status), &mut fields);
    let plain = matches!(refusal, Refusal::Method | Refusal::ContentType);
    let content_type: &[u8] =
        if plain { b"text/plain; charset=utf-8" } else { b"application/grpc" };
    let mut head = vec![field(b":status", http_status.as_bytes())];
    head.push(field(b"content-type", content_type));
    if matches!(refusal, Refusal::Method) {
        head.push(field(b"allow", b"POST"));
    }
    head.extend(fields.iter().map(|(name, value)| field(name, value)));
    // a stream that is gone needs no answer
    let _ = http2.send_headers(key, &head, !plain);
    if plain {
        let body = format!("{}\n", status.message());
        let _ = http2.send_data_copied(key, body.as_bytes(), true);
    }
    http2.discard(key);
}

/// Answers a request whose header list is over the limits.
pub(crate) fn refuse_headers(http2: &mut Connection, key: StreamKey) {
    let head = [
        field(b":status", b"431"),
        field(b"content-type", b"application/grpc"),
        field(b"grpc-status", b"8"),
        field(b"grpc-message", b"the request's metadata is larger than the server accepts"),
    ];
    let _ = http2.send_headers(key, &head, true);
    http2.discard(key);
}

/// Answers a request whose messages are compressed in a way that the server does not have.
pub(crate) fn refuse_encoding(
    http2: &mut Connection,
    key: StreamKey,
    name: &str,
    ours: &Compressions,
) {
    let ours = ours.header();
    let message = format!("grpc-encoding {name:?} is not supported; the server accepts {ours}");
    let message = percent::encode(&message);
    let head = [
        field(b":status", b"200"),
        field(b"content-type", b"application/grpc"),
        field(b"grpc-accept-encoding", ours.as_bytes()),
        field(b"grpc-status", b"12"),
        field(b"grpc-message", message.as_bytes()),
    ];
    let _ = http2.send_headers(key, &head, true);
    http2.discard(key);
}

fn field<'a>(name: &'a [u8], value: &'a [u8]) -> Part<'a> {
    Part::Field(Field { name, value, indexing: Indexing::Literal })
}

/// What a client that speaks HTTP/1 is told.
const HTTP1_ANSWER: &[u8] = b"HTTP/1.1 400 Bad Request\r\n\
    content-type: text/plain; charset=utf-8\r\n\
    content-length: 73\r\n\
    connection: close\r\n\
    \r\n\
    This is a gRPC server: it speaks HTTP/2 with prior knowledge, not HTTP/1\n";

/// The answer to bytes that are not HTTP/2: in HTTP/1 if they look like that. `None`: a GOAWAY is
/// as good an answer as any.
pub(crate) fn foreign_answer(first: &[u8]) -> Option<&'static [u8]> {
    looks_like_http1(first).then_some(HTTP1_ANSWER)
}

/// Whether this is the beginning of an HTTP/1 request: a method and a space.
fn looks_like_http1(first: &[u8]) -> bool {
    METHODS.iter().any(|method| {
        first.strip_prefix(method.as_bytes()).is_some_and(|rest| rest.first() == Some(&b' '))
    })
}

/// The methods of RFC 9110 and RFC 5789.
const METHODS: [&str; 9] =
    ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_http1_answer_says_its_length() {
        let text = std::str::from_utf8(HTTP1_ANSWER).unwrap_or_default();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{}", body.len());
    }

    #[test]
    fn request_lines_are_recognised() {
        assert!(looks_like_http1(b"GET / HTTP/1.1\r\n"));
        assert!(looks_like_http1(b"OPTIONS * HTTP/1.0"));
        for other in [&b"\x16\x03\x01"[..], b"", b"GET", b"get / HTTP/1.1", b"INVALID PREFACE"] {
            assert!(!looks_like_http1(other), "{other:?}");
        }
    }
}
