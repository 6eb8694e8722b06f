//! The head and the trailers of a response: written by a server, read by a client.

use super::{Encoding, FieldList, is_grpc};
use crate::metadata::{decode_binary, encode_binary};
use crate::{Code, Compressions, Metadata, Status, mapping, percent};
use bytes::Bytes;

/// What a client learns from the first header list of a response.
#[derive(Clone, Debug)]
pub struct ResponseHead {
    /// What the server's messages are compressed with.
    pub encoding: Encoding,
    /// Leading metadata.
    pub metadata: Metadata,
}

/// How a call ended, as its last header list says it.
#[derive(Clone, Debug)]
pub struct Trailers {
    /// The status; `Ok` for code 0.
    pub status: Result<(), Status>,
    /// Trailing metadata; for an error it is in the status too.
    pub metadata: Metadata,
}

/// A response's first header list, read.
#[derive(Clone, Debug)]
pub enum Opening {
    /// Messages may follow.
    Head(ResponseHead),
    /// The call ended with this list alone: trailers-only, or no gRPC response at all.
    End(Trailers),
}

impl Opening {
    /// Reads the first header list of a response; `http_status` is the value of `:status`,
    /// `fields` gives all fields from the first on, as often as it is called; `ours` is what this
    /// side told the server that it undoes.
    ///
    /// A response that is not gRPC's ends the call at once, with a status made from the HTTP
    /// status, since its body has no meaning here. A `grpc-status` in a list that does not end the
    /// stream is not the call's status.
    pub fn parse<'a, I>(
        http_status: &[u8],
        fields: impl Fn() -> I,
        end_stream: bool,
        ours: &Compressions,
    ) -> Self
    where
        I: Iterator<Item = (&'a [u8], &'a [u8])>,
    {
        let content_type =
            fields().find_map(|(name, value)| (name == b"content-type").then_some(value));
        if end_stream && fields().any(|(name, _)| name == b"grpc-status") {
            return Self::End(Trailers::parse(fields()));
        }
        if http_status != b"200" || !content_type.is_some_and(is_grpc) {
            return Self::End(not_grpc(http_status, content_type));
        }
        if end_stream {
            return Self::End(Trailers::parse(fields()));
        }
        let mut head = ResponseHead { encoding: Encoding::default(), metadata: Metadata::new() };
        for (name, value) in fields() {
            if name == b"grpc-encoding" {
                head.encoding = Encoding::from_wire(value, ours);
            } else if head.metadata.receive(name, value).is_err() {
                return Self::End(Trailers::failed(bad_metadata(name)));
            }
        }
        Self::Head(head)
    }
}

impl Trailers {
    /// Reads the trailers of a call. Without a `grpc-status` the status is UNKNOWN: the server did
    /// not say how the call ended.
    pub fn parse<'a>(fields: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Self {
        let (mut code, mut message, mut details) = (None, String::new(), Bytes::new());
        let mut metadata = Metadata::new();
        for (name, value) in fields {
            match name {
                b"grpc-status" => code = Some(Code::from_wire(value)),
                b"grpc-message" => message = percent::decode(value),
                // details that cannot be read are left out: code and message still count
                b"grpc-status-details-bin" => {
                    details = decode_binary(value).unwrap_or_default().into();
                }
                _ => {
                    if metadata.receive(name, value).is_err() {
                        return Self::failed(bad_metadata(name));
                    }
                }
            }
        }
        match code {
            Some(Code::Ok) => Self { status: Ok(()), metadata },
            Some(code) => {
                let status = Status::new(code, message).with_details(details);
                Self { status: Err(status.with_metadata(metadata.clone())), metadata }
            }
            None => {
                Self::failed(Status::unknown("the server ended the call without a grpc-status"))
            }
        }
    }

    /// The end of a call that failed on this side.
    #[must_use]
    pub fn failed(status: Status) -> Self {
        Self { metadata: status.metadata().clone(), status: Err(status) }
    }
}

fn bad_metadata(name: &[u8]) -> Status {
    let name = String::from_utf8_lossy(name);
    Status::internal(format!("metadata {name:?} of the response is not valid base64"))
}

/// A response that is not gRPC's, such as a proxy's error page.
fn not_grpc(http_status: &[u8], content_type: Option<&[u8]>) -> Trailers {
    let number = std::str::from_utf8(http_status).ok().and_then(|text| text.parse().ok());
    let number: u16 = number.unwrap_or_default();
    let content_type = match content_type {
        Some(value) => format!("content-type {:?}", String::from_utf8_lossy(value)),
        None => "no content-type".to_owned(),
    };
    Trailers::failed(Status::new(
        mapping::from_http_status(number),
        format!("not a gRPC response: HTTP status {number}, {content_type}"),
    ))
}

/// Writes the trailers of a call: status, message, details, metadata.
pub fn write_trailers(status: Result<&Metadata, &Status>, fields: &mut FieldList) {
    let metadata = match status {
        Ok(metadata) => {
            fields.push(b"grpc-status", b"0");
            metadata
        }
        Err(status) => {
            write_status(status, fields);
            status.metadata()
        }
    };
    metadata.send(|name, value| fields.push(name, value));
}

fn write_status(status: &Status, fields: &mut FieldList) {
    let (code, message) = match status.code() {
        Code::Ok => (Code::Unknown, "the handler failed with a status of code OK"),
        code => (code, status.message()),
    };
    fields.push(b"grpc-status", code.wire().as_bytes());
    if !message.is_empty() {
        fields.push(b"grpc-message", percent::encode(message).as_bytes());
    }
    if !status.details().is_empty() {
        let details = encode_binary(status.details());
        fields.push(b"grpc-status-details-bin", details.as_bytes());
    }
}
