//! Call credentials: what they yield, what they may fail with, what logs see of them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use crate::{Code, Method, MethodKind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

const METHOD: Method = Method::new("example.Hello", "Say", "/example.Hello/Say", MethodKind::Unary);

fn target(authority: &str) -> CallTarget {
    CallTarget::new(Path::of(&METHOD), authority.into())
}

fn fetch(credentials: &Credentials) -> Result<Metadata, Status> {
    let target = target("example.com:443");
    let mut future = pin!(credentials.fetch(&target));
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(Status::unknown("pending")),
    }
}

#[test]
fn the_audience_has_no_default_port() {
    assert_eq!(target("example.com:443").service_url(), "https://example.com/example.Hello");
    assert_eq!(target("example.com:8443").service_url(), "https://example.com:8443/example.Hello");
}

#[test]
fn bearer_tokens() {
    let credentials = Credentials::bearer("a.b-c").unwrap();
    assert_eq!(fetch(&credentials).unwrap().get("authorization"), Some("Bearer a.b-c"));
    assert!(!credentials.allows_plaintext());
    assert!(credentials.clone().allow_plaintext().allows_plaintext());
    assert!(Credentials::bearer("a\nb").is_err());
    assert!(!format!("{credentials:?}").contains("a.b-c"));
}

#[test]
fn codes_that_are_not_theirs_become_internal() {
    let failing = |code| Credentials::from_fn(move |_| ready(Err(Status::new(code, "why"))));
    for (given, expected) in [
        (Code::NotFound, Code::Internal),
        (Code::Aborted, Code::Internal),
        (Code::DataLoss, Code::Internal),
        (Code::Unauthenticated, Code::Unauthenticated),
        (Code::Unavailable, Code::Unavailable),
    ] {
        let status = fetch(&failing(given)).unwrap_err();
        assert_eq!(status.code(), expected, "{given:?}");
        assert!(status.message().contains("why"), "{status:?}");
    }
}
