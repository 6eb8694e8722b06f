//! Answers to what is not a gRPC call: plain HTTP requests, other protocols, broken requests.

use protocall_core::head::FieldList;
use protocall_core::head::request::Refusal;
use protocall_core::head::response::write_trailers;
use protocall_core::percent;
use protocall_http2::{Connection, Field, Indexing, Part, StreamKey};

/// Answers a request that is no gRPC call: an HTTP status for those who read HTTP, a gRPC status
/// and a sentence for all.
pub(crate) fn refuse(http2: &mut Connection, key: StreamKey, refusal: &Refusal) {
    let status = refusal.http_status().to_string();
    let grpc_status = refusal.status();
    let mut fields = FieldList::new();
    write_trailers(Err(&grpc_status), &mut fields);
    let mut head = vec![field(b":status", status.as_bytes())];
    head.push(field(b"content-type", b"application/grpc"));
    if matches!(refusal, Refusal::Method) {
        head.push(field(b"allow", b"POST"));
    }
    head.extend(fields.iter().map(|(name, value)| field(name, value)));
    // a stream that is gone needs no answer
    let _ = http2.send_headers(key, &head, true);
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
pub(crate) fn refuse_encoding(http2: &mut Connection, key: StreamKey, name: &str) {
    let message = format!("grpc-encoding {name:?} is not supported; the server accepts identity");
    let message = percent::encode(&message);
    let head = [
        field(b":status", b"200"),
        field(b"content-type", b"application/grpc"),
        field(b"grpc-accept-encoding", b"identity"),
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

/// A request line begins with a method in capitals and a space.
fn looks_like_http1(first: &[u8]) -> bool {
    let method = first.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    (3..=7).contains(&method) && first.get(method) == Some(&b' ')
}

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
        for other in [&b"\x16\x03\x01"[..], b"", b"GET", b"get / HTTP/1.1", b"PRIXXXXXX "] {
            assert!(!looks_like_http1(other), "{other:?}");
        }
    }
}
