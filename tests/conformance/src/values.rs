//! Metadata, statuses and compressions as the suite's messages have them, and back.

use crate::proto::google::rpc;
use crate::v1::{Compression as Named, Error, Header};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use protocall::buffa::Message;
use protocall::buffa_types::google::protobuf::Any;
use protocall::metadata::Value;
use protocall::{Code, Compression, Metadata, Status};

/// What type URLs begin with.
const TYPES: &str = "type.googleapis.com/";

/// `-bin` values are base64 in the suite's headers, with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Metadata as headers, a key's values together.
#[must_use]
pub fn headers(metadata: &Metadata) -> Vec<Header> {
    let mut headers: Vec<Header> = Vec::new();
    for (key, value) in metadata.iter() {
        let value = match value {
            Value::Text(text) => String::from_utf8_lossy(text).into_owned(),
            Value::Bytes(bytes) => BASE64.encode(bytes),
        };
        match headers.iter_mut().find(|header| header.name == key) {
            Some(header) => header.value.push(value),
            None => headers.push(Header {
                name: key.to_owned(),
                value: vec![value],
                ..Default::default()
            }),
        }
    }
    headers
}

/// Headers as metadata.
///
/// # Errors
/// INTERNAL for what cannot be sent.
pub fn metadata(headers: &[Header]) -> Result<Metadata, Status> {
    let mut metadata = Metadata::new();
    for header in headers {
        let key = header.name.to_ascii_lowercase();
        for value in &header.value {
            if key.ends_with("-bin") {
                let bytes = BASE64.decode(value).map_err(|error| {
                    Status::internal(format!("the suite's header {key}: {error}"))
                })?;
                metadata.append_bin(&key, &bytes)?;
            } else {
                metadata.append(&key, value)?;
            }
        }
    }
    Ok(metadata)
}

/// A message of any type.
pub fn any<M: Message>(message: &M, name: &str) -> Any {
    Any::pack(message, format!("{TYPES}connectrpc.conformance.v1.{name}"))
}

/// The status that a server is asked to fail with; `more` follows its details.
#[must_use]
pub fn status(error: &Error, more: Option<Any>) -> Status {
    let mut details = error.details.clone();
    details.extend(more);
    let code = error.code.to_i32();
    let message = error.message.clone().unwrap_or_default();
    let status = Status::new(Code::from_number(code.unsigned_abs()), message.clone());
    if details.is_empty() {
        return status;
    }
    let details = rpc::Status { code, message, details, ..Default::default() };
    status.with_details(details.encode_to_vec())
}

/// A status that came, as the suite wants it told.
#[must_use]
pub fn error(status: &Status) -> Error {
    let details = rpc::Status::decode_from_slice(status.details()).unwrap_or_default().details;
    Error {
        code: i32::from(status.code().number()).into(),
        message: Some(status.message().to_owned()),
        details,
        ..Default::default()
    }
}

/// A compression by the suite's name for it; `None` for what is not there.
#[must_use]
pub fn compression(named: Named) -> Option<Compression> {
    Some(match named {
        Named::COMPRESSION_UNSPECIFIED | Named::COMPRESSION_IDENTITY => Compression::IDENTITY,
        Named::COMPRESSION_GZIP => Compression::GZIP,
        Named::COMPRESSION_ZSTD => Compression::ZSTD,
        Named::COMPRESSION_DEFLATE => Compression::DEFLATE,
        Named::COMPRESSION_SNAPPY => Compression::SNAPPY,
        Named::COMPRESSION_BR => return None,
    })
}
