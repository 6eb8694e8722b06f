//! Tokens are fetched when there is none that lasts, and only then.

#![allow(clippy::unwrap_used)]

use super::*;
use protocall_core::{Code, Path};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

fn target() -> CallTarget {
    CallTarget::new(Path::fixed("/a.B/C"), "example.com".into())
}

/// Numbered tokens of an hour, and how many were fetched.
fn numbered() -> (impl CallCredentials, Arc<AtomicU32>) {
    let fetched = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&fetched);
    let tokens = RefreshedToken::new(move || {
        let number = count.fetch_add(1, Ordering::SeqCst);
        async move {
            tokio::task::yield_now().await;
            if number == 1 {
                return Err(Status::unavailable("the server of tokens is away"));
            }
            Ok(Token::new(number.to_string(), Some(Duration::from_secs(3600))))
        }
    });
    (tokens, fetched)
}

#[tokio::test(start_paused = true)]
async fn a_token_serves_until_shortly_before_its_end() {
    let (tokens, fetched) = numbered();
    let (one, other) = (target(), target());
    // two calls at once fetch one token
    let (first, second) = tokio::join!(tokens.metadata(&one), tokens.metadata(&other));
    assert_eq!(first.unwrap().get("authorization"), Some("Bearer 0"));
    assert_eq!(second.unwrap().get("authorization"), Some("Bearer 0"));
    tokio::time::advance(Duration::from_secs(3600) - EXPIRY_MARGIN - Duration::from_millis(1))
        .await;
    tokens.metadata(&one).await.unwrap();
    assert_eq!(fetched.load(Ordering::SeqCst), 1);
    tokio::time::advance(Duration::from_millis(1)).await;
    // a failure is not kept
    assert_eq!(tokens.metadata(&one).await.unwrap_err().code(), Code::Unavailable);
    let next = tokens.metadata(&one).await.unwrap();
    assert_eq!(next.get("authorization"), Some("Bearer 2"));
}

#[tokio::test]
async fn a_token_that_no_header_can_carry_is_refused_without_being_told() {
    let tokens = RefreshedToken::new(|| async { Ok(Token::new("a\nb", None)) });
    let status = tokens.metadata(&target()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    assert!(!status.message().contains("a\nb"));
}
