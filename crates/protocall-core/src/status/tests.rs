//! Tests of the status: its size, its cause, its sentences.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;

#[test]
fn is_one_pointer_wide() {
    assert_eq!(size_of::<Status>(), size_of::<usize>());
    assert_eq!(size_of::<Result<(), Status>>(), size_of::<usize>());
}

#[test]
fn keeps_its_cause() {
    let cause = std::io::Error::other("cable pulled");
    let status = Status::unavailable("no connection").with_source(Arc::new(cause));
    assert_eq!(status.to_string(), "UNAVAILABLE: no connection");
    assert_eq!(status.source().unwrap().to_string(), "cable pulled");
    assert_eq!(status.clone().source().unwrap().to_string(), "cable pulled");
}

#[test]
fn names_the_method_not_written() {
    let method = Method::new("a.B", "C", "/a.B/C", crate::MethodKind::Unary);
    let status = Status::unimplemented_method(&method);
    assert_eq!(status.code(), Code::Unimplemented);
    assert_eq!(status.message(), "method C of service a.B is not implemented");
}
