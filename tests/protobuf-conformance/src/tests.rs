//! What the runner is answered, without the runner: `cargo xtask protobuf-conformance` runs it.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::proto::conformance::conformance_request::Payload;
use crate::proto::conformance::{TestCategory, WireFormat};

fn outcome(kind: &str, payload: Payload, format: WireFormat) -> Outcome {
    let request = ConformanceRequest {
        payload: Some(payload),
        message_type: format!("protobuf_test_messages.{kind}"),
        requested_output_format: format.into(),
        test_category: TestCategory::JSON_TEST.into(),
        ..ConformanceRequest::default()
    };
    answer(&request, Binary::Buffa).result.unwrap()
}

fn json(text: &str, format: WireFormat) -> Outcome {
    outcome("proto3.TestAllTypesProto3", Payload::JsonPayload(text.to_owned()), format)
}

#[test]
fn a_message_goes_from_each_format_to_each() {
    let text = r#"{"optionalInt32":7,"oneofEnum":"BAR","mapStringBytes":{"k":"AQI="}}"#;
    let Outcome::ProtobufPayload(bytes) = json(text, WireFormat::PROTOBUF) else {
        unreachable!("JSON to binary")
    };
    let binary = || Payload::ProtobufPayload(bytes.clone());
    let kind = "proto3.TestAllTypesProto3";
    assert_eq!(
        outcome(kind, binary(), WireFormat::JSON),
        Outcome::JsonPayload(
            r#"{"optionalInt32":7,"mapStringBytes":{"k":"AQI="},"oneofEnum":"BAR"}"#.to_owned()
        )
    );
    let Outcome::TextPayload(written) = outcome(kind, binary(), WireFormat::TEXT_FORMAT) else {
        unreachable!("binary to text")
    };
    let again = outcome(kind, Payload::TextPayload(written), WireFormat::PROTOBUF);
    assert_eq!(again, Outcome::ProtobufPayload(bytes));
}

#[test]
fn json_that_is_wrong_is_refused() {
    for text in [
        // derived, and with oneofs by hand
        r#"{"optionalInt32":1,"optionalInt32":2}"#,
        r#"{"optionalNestedMessage":{"a":1,"a":2}}"#,
        r#"{"oneofUint32":1,"oneofString":"x"}"#,
        r#"{"optionalInt32":"x"}"#,
    ] {
        let outcome = json(text, WireFormat::JSON);
        assert!(matches!(outcome, Outcome::ParseError(_)), "{text}: {outcome:?}");
    }
}

#[test]
fn numbers_are_read_as_they_were_written() {
    let text = r#"{"optionalDouble":2.22507e-308}"#;
    assert_eq!(json(text, WireFormat::JSON), Outcome::JsonPayload(text.to_owned()));
}

#[test]
fn what_was_not_generated_is_skipped() {
    let outcome = outcome("x.Y", Payload::JsonPayload("{}".to_owned()), WireFormat::JSON);
    assert!(matches!(outcome, Outcome::Skipped(_)));
}
