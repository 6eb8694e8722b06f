//! The three formats of a message, chosen by a request.

use protocall::buffa::Message;
use protocall::buffa::json::{JsonParseOptions, with_json_parse_options};
use protocall::buffa::text::{self, TextEncoder, TextFormat};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::proto::conformance::conformance_request::Payload;
use crate::proto::conformance::conformance_response::Result as Outcome;
use crate::proto::conformance::{ConformanceRequest, TestCategory, WireFormat};

/// Messages that can be read from and written to every format.
pub(crate) trait Tested {
    /// Reads the payload, and writes it in the wanted format.
    fn transcode(request: &ConformanceRequest) -> Outcome;
}

impl<M: Message + TextFormat + Serialize + DeserializeOwned + Default> Tested for M {
    fn transcode(request: &ConformanceRequest) -> Outcome {
        let message = match read::<M>(request) {
            Ok(message) => message,
            Err(outcome) => return outcome,
        };
        write(&message, request)
    }
}

fn read<M: Message + TextFormat + DeserializeOwned + Default>(
    request: &ConformanceRequest,
) -> Result<M, Outcome> {
    match &request.payload {
        Some(Payload::ProtobufPayload(bytes)) => {
            M::decode_from_slice(bytes).map_err(|error| Outcome::ParseError(error.to_string()))
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

fn write<M: Message + TextFormat + Serialize>(
    message: &M,
    request: &ConformanceRequest,
) -> Outcome {
    match request.requested_output_format.as_known() {
        Some(WireFormat::PROTOBUF) => Outcome::ProtobufPayload(message.encode_to_vec()),
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
