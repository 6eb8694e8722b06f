//! Typed details, there and back, and in others' bytes.

use super::*;
use buffa_types::google::protobuf::Any;
use protocall_core::Code;

fn all() -> Vec<ErrorDetail> {
    vec![
        ErrorInfo::new("STOCKOUT", "example.com").with("region", "north").into(),
        RetryInfo::after(Duration::from_millis(1500)).into(),
        DebugInfo::new("at line 7").into(),
        QuotaFailure::violation("project:a", "too many").and("project:b", "too many, too").into(),
        PreconditionFailure::violation("TOS", "example.com", "not accepted").into(),
        BadRequest::field("name", "is empty").and("age", "is negative").into(),
        RequestInfo::new("4711").into(),
        ResourceInfo::new("file", "a.txt").into(),
        Help::link("manual", "https://example.com/manual").into(),
        LocalizedMessage::new("de-DE", "Ausverkauft").into(),
    ]
}

#[test]
fn every_standard_detail_goes_and_comes_back() {
    let status = Status::failed_precondition("no").with_error_details(all());
    let details = status.error_details().unwrap();
    assert_eq!(details.iter().cloned().collect::<Vec<_>>(), all());
    assert_eq!(details.error_info().unwrap().metadata["region"], "north");
    assert_eq!(details.retry_info().unwrap().delay(), Some(Duration::from_millis(1500)));
    assert_eq!(details.debug_info().unwrap().detail, "at line 7");
    assert_eq!(details.quota_failure().unwrap().violations[1].subject, "project:b");
    assert_eq!(details.precondition_failure().unwrap().violations[0].r#type, "TOS");
    assert_eq!(details.bad_request().unwrap().field_violations[1].field, "age");
    assert_eq!(details.request_info().unwrap().request_id, "4711");
    assert_eq!(details.resource_info().unwrap().resource_name, "a.txt");
    assert_eq!(details.help().unwrap().links[0].url, "https://example.com/manual");
    assert_eq!(details.localized_message().unwrap().locale, "de-DE");
}

#[test]
fn the_bytes_are_those_of_other_implementations() {
    // google.rpc.Status { code: 3, message: "bad", details: [Any(ErrorInfo { reason: "R" })] }
    let status = Status::invalid_argument("bad")
        .with_error_details([ErrorInfo { reason: "R".to_owned(), ..ErrorInfo::default() }]);
    let mut expected = b"\x08\x03\x12\x03bad\x1a\x2f\x0a\x28".to_vec();
    expected.extend(b"type.googleapis.com/google.rpc.ErrorInfo\x12\x03\x0a\x01R");
    assert_eq!(status.details()[..], expected[..]);
}

#[test]
fn code_and_message_of_the_details_are_the_statuss_own() {
    let before = Status::not_found("gone").with_error_details([DebugInfo::new("x")]);
    let after = Status::internal("broken")
        .with_details(before.details().clone())
        .with_error_details([DebugInfo::new("y")]);
    let message = after.to_rpc_status().unwrap();
    assert_eq!((message.code, message.message.as_str()), (Code::Internal as i32, "broken"));
    assert_eq!(message.details.len(), 2);
}

#[test]
fn no_details_are_an_empty_list() {
    assert!(Status::internal("").error_details().unwrap().is_empty());
}

#[test]
fn bytes_that_are_no_status_are_an_error_and_are_replaced() {
    let status = Status::internal("").with_details(&b"\xff\xff"[..]);
    assert!(status.error_details().is_err());
    let status = status.with_error_details([DebugInfo::new("x")]);
    assert_eq!(status.error_details().unwrap().len(), 1);
}

#[test]
fn a_detail_of_another_type_or_without_sense_is_kept_as_it_is() {
    let other =
        Any { type_url: "a.b/example.Own".into(), value: b"??".to_vec().into(), ..Any::default() };
    let broken = Any {
        type_url: ErrorInfo::TYPE_URL.into(),
        value: b"\xff".to_vec().into(),
        ..Any::default()
    };
    let status = Status::aborted("").with_error_details([other.clone(), broken.clone()]);
    let details: Vec<_> = status.error_details().unwrap().into_iter().collect();
    assert_eq!(details, [ErrorDetail::Other(other), ErrorDetail::Other(broken)]);
}

#[test]
fn a_message_of_the_applications_own_is_found_by_its_type() {
    let own = rpc::Status { code: 7, ..rpc::Status::default() };
    let status = Status::aborted("").with_error_details([Any::pack(&own, rpc::Status::TYPE_URL)]);
    let details = status.error_details().unwrap();
    assert_eq!(details.find::<rpc::Status>().unwrap().code, 7);
}

#[test]
fn delays_beyond_sense_are_none() {
    assert_eq!(RetryInfo::default().delay(), None);
    for (seconds, nanos) in [(-1, 0), (1, -1), (1, i32::MAX)] {
        let delay =
            buffa_types::google::protobuf::Duration { seconds, nanos, ..Default::default() };
        let info =
            RetryInfo { retry_delay: buffa::MessageField::some(delay), ..Default::default() };
        assert_eq!(info.delay(), None);
    }
    assert!(RetryInfo::after(Duration::MAX).delay().is_some());
}
