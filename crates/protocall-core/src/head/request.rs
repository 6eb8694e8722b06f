//! The head of a request: written by a client, read by a server.
//!
//! Pseudo-fields (`:method`, `:path`, ...) are checked by HTTP/2 and handed over as they are.

use super::{Encoding, FieldList, is_grpc};
use crate::compression::{Accepts, Negotiation};
use crate::metadata::InvalidBase64;
use crate::timeout;
use crate::{Compression, Compressions, Metadata, Path, Status};
use std::time::Duration;

/// What a server learns from a request's head, beside its path.
#[derive(Clone, Debug, Default)]
pub struct RequestHead {
    /// How long the client is going to wait; `None` without end.
    pub timeout: Option<Duration>,
    /// What the client's messages are compressed with.
    pub encoding: Encoding,
    /// Which of this side's compressions the client undoes.
    pub accepts: Accepts,
    /// The request's `content-type`, when it is other than plain `application/grpc`: the response
    /// says the same.
    pub content_type: Option<Box<[u8]>>,
    /// The value of `:path`, where the route does not say it; set by whoever routes.
    pub path: Option<Path>,
    /// All other fields.
    pub metadata: Metadata,
}

/// Why a request is not a gRPC call; each is answered with an HTTP status, a gRPC status and text.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// Another method than POST: 405.
    Method,
    /// Another content type than gRPC's, or none: 415.
    ContentType,
    /// A `grpc-timeout` that cannot be read: 400.
    Timeout,
    /// A `-bin` field that is not base64: answered as a gRPC status.
    BinaryMetadata(String),
}

impl Refusal {
    /// The HTTP status of the answer.
    #[must_use]
    pub const fn http_status(&self) -> u16 {
        match self {
            Self::Method => 405,
            Self::ContentType => 415,
            Self::Timeout => 400,
            Self::BinaryMetadata(_) => 200,
        }
    }

    /// The gRPC status of the answer, for clients that speak gRPC badly.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::Method => Status::internal("gRPC calls use the HTTP method POST"),
            Self::ContentType => Status::unknown(
                "the content-type of a gRPC call is application/grpc, optionally with +proto or \
                 another suffix",
            ),
            Self::Timeout => Status::internal(timeout::InvalidTimeout.to_string()),
            Self::BinaryMetadata(name) => {
                Status::internal(format!("metadata {name:?} is not valid base64"))
            }
        }
    }
}

impl RequestHead {
    /// Reads a request's head. `method` is the value of `:method`, `fields` are all fields in
    /// order; pseudo-fields among them are passed over.
    ///
    /// # Errors
    /// [`Refusal`] when this is not a gRPC call; the most telling reason wins.
    pub fn parse<'a>(
        method: &[u8],
        fields: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    ) -> Result<Self, Refusal> {
        Self::parse_into(method, fields, Metadata::new(), &mut Negotiation::default())
    }

    /// The same with this side's compressions, adding the metadata to `metadata`, whose memory is
    /// used.
    ///
    /// # Errors
    /// As [`RequestHead::parse`].
    pub fn parse_into<'a>(
        method: &[u8],
        fields: impl Iterator<Item = (&'a [u8], &'a [u8])>,
        metadata: Metadata,
        negotiation: &mut Negotiation,
    ) -> Result<Self, Refusal> {
        let mut head = Self { metadata, ..Self::default() };
        let (mut content_type, mut refusal) = (false, None);
        for (name, value) in fields {
            match name {
                b"content-type" => {
                    content_type = is_grpc(value);
                    if value != super::MEDIA_TYPE {
                        head.content_type = Some(value.into());
                    }
                }
                b"grpc-timeout" => match timeout::decode(value) {
                    Ok(timeout) => head.timeout = Some(timeout),
                    Err(timeout::InvalidTimeout) => refusal = Some(Refusal::Timeout),
                },
                b"grpc-encoding" => {
                    head.encoding = Encoding::from_wire(value, negotiation.ours());
                }
                b"grpc-accept-encoding" => head.accepts = negotiation.accepted(value),
                _ => {
                    if let Err(InvalidBase64) = head.metadata.receive(name, value) {
                        let name = String::from_utf8_lossy(name).into_owned();
                        refusal.get_or_insert(Refusal::BinaryMetadata(name));
                    }
                }
            }
        }
        if method != b"POST" {
            return Err(Refusal::Method);
        }
        if !content_type {
            return Err(Refusal::ContentType);
        }
        match refusal {
            Some(refusal) => Err(refusal),
            None => Ok(head),
        }
    }
}

/// Writes the fields of a request that differ from call to call, in the order that the protocol
/// asks for: `grpc-timeout` straight behind the pseudo-fields, metadata last. The constant fields
/// are in [`CONSTANT`] and come between the two.
pub fn write_timeout(timeout: Duration, fields: &mut FieldList) {
    fields.push(b"grpc-timeout", timeout::encode(timeout).as_bytes());
}

/// Writes what the request's messages are compressed with; nothing when they are not.
pub fn write_encoding(compression: Compression, fields: &mut FieldList) {
    if !compression.is_identity() {
        fields.push(b"grpc-encoding", compression.name().as_bytes());
    }
}

/// Writes metadata, `-bin` values encoded.
pub fn write_metadata(metadata: &Metadata, fields: &mut FieldList) {
    metadata.send(|name, value| fields.push(name, value));
}

/// The field that says which compressions the sender undoes; `None` when that is none.
#[must_use]
pub fn accept_encoding(ours: &Compressions) -> Option<(&'static [u8], &[u8])> {
    (!ours.is_empty()).then(|| (&b"grpc-accept-encoding"[..], ours.header().as_bytes()))
}

/// The fields that every request of ours has.
pub const CONSTANT: [(&[u8], &[u8]); 2] =
    [(b"te", b"trailers"), (b"content-type", b"application/grpc")];
