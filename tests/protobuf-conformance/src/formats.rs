//! The three formats of a message, chosen by a request.

use protocall::buffa::json::{JsonParseOptions, with_json_parse_options};
use protocall::buffa::text::{TextEncoder, TextFormat};
use protocall::codec::wire::WireMessage;
use protocall::codec::{self, Buffa, Codec, CodecError, Wire, text};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::proto::conformance::conformance_request::Payload;
use crate::proto::conformance::conformance_response::Result as Outcome;
use crate::proto::conformance::{ConformanceRequest, TestCategory, WireFormat};

/// Which of the two codecs reads and writes protobuf's binary format.
#[derive(Clone, Copy, Debug)]
pub enum Binary {
    /// buffa's, the default of generated code.
    Buffa,
    /// That of the option `wire_codec`.
    Wire,
}

impl Binary {
    fn decode<M: WireMessage>(self, bytes: &[u8]) -> Result<M, CodecError> {
        match self {
            Self::Buffa => Buffa::decode(codec::Payload::borrowed(bytes)),
            Self::Wire => Wire::decode(codec::Payload::borrowed(bytes)),
        }
    }

    fn encode<M: WireMessage>(self, message: &M) -> Result<Vec<u8>, CodecError> {
        let mut bytes = Vec::new();
        match self {
            Self::Buffa => Buffa::encode(message, &mut bytes)?,
            Self::Wire => Wire::encode(message, &mut bytes)?,
        }
        Ok(bytes)
    }
}

/// Messages that can be read from and written to every format.
pub(crate) trait Tested {
    /// Reads the payload, and writes it in the wanted format.
    fn transcode(request: &ConformanceRequest, binary: Binary) -> Outcome;
}

impl<M: WireMessage + TextFormat + Serialize + DeserializeOwned + Default> Tested for M {
    fn transcode(request: &ConformanceRequest, binary: Binary) -> Outcome {
        let message = match read::<M>(request, binary) {
            Ok(message) => message,
            Err(outcome) => return outcome,
        };
        write(&message, request, binary)
    }
}

fn read<M: WireMessage + TextFormat + DeserializeOwned + Default>(
    request: &ConformanceRequest,
    binary: Binary,
) -> Result<M, Outcome> {
    match &request.payload {
        Some(Payload::ProtobufPayload(bytes)) => {
            binary.decode(bytes).map_err(|error| Outcome::ParseError(error.to_string()))
        }
        Some(Payload::JsonPayload(text)) => {
            let ignore = request.test_category == TestCategory::JSON_IGNORE_UNKNOWN_PARSING_TEST;
            let options = JsonParseOptions::new().ignore_unknown_enum_values(ignore);
            with_json_parse_options(&options, || serde_json::from_str(text))
                .map_err(|error| Outcome::ParseError(error.to_string()))
        }
        Some(Payload::TextPayload(text)) => {
            text::decode_from_str(text).map_err(|error| Outcome::ParseError(error.to_string()))
        }
        Some(Payload::JspbPayload(_)) => {
            Err(Outcome::Skipped("JSPB is Google's own format".to_owned()))
        }
        None => Err(Outcome::RuntimeError("the request has no payload".to_owned())),
    }
}

fn write<M: WireMessage + TextFormat + Serialize>(
    message: &M,
    request: &ConformanceRequest,
    binary: Binary,
) -> Outcome {
    match request.requested_output_format.as_known() {
        Some(WireFormat::PROTOBUF) => match binary.encode(message) {
            Ok(bytes) => Outcome::ProtobufPayload(bytes),
            Err(error) => Outcome::SerializeError(error.to_string()),
        },
        Some(WireFormat::JSON) => match serde_json::to_string(message) {
            Ok(text) => Outcome::JsonPayload(text),
            Err(error) => Outcome::SerializeError(error.to_string()),
        },
        Some(WireFormat::TEXT_FORMAT) => {
            let mut text = String::new();
            let mut encoder =
                TextEncoder::new(&mut text).emit_unknown(request.print_unknown_fields);
            match message.encode_text(&mut encoder) {
                Ok(()) => Outcome::TextPayload(text),
                Err(error) => Outcome::SerializeError(error.to_string()),
            }
        }
        Some(WireFormat::JSPB) => Outcome::Skipped("JSPB is Google's own format".to_owned()),
        Some(WireFormat::UNSPECIFIED) | None => {
            Outcome::RuntimeError("the request names no format".to_owned())
        }
    }
}
