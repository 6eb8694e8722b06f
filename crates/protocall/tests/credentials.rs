//! Call credentials: sent with each call, kept off connections that others can read.
#![cfg(all(feature = "server", feature = "channel"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use bytes::Bytes;
use protocall::codec::Raw;
use protocall::{Channel, Code, Credentials, Metadata, Request, Server, Status, memory};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use support::{AM, Serving, Who, ask, ask_with};

/// A server and a channel's builder that leads to it over a pipe, which nobody else reads.
fn in_memory() -> (Serving, protocall::channel::Builder) {
    let (connector, listener) = memory::pair();
    let server = Server::builder().add_service(Who).on(listener).unwrap();
    (Serving::start(server), Channel::over(connector))
}

async fn over_tcp() -> (Serving, protocall::channel::Builder) {
    let server = Server::builder().add_service(Who).bind("127.0.0.1:0").await.unwrap();
    let addr = server.local_addr().unwrap();
    (Serving::start(server), Channel::builder(&addr.to_string()).unwrap())
}

fn with(credentials: Credentials) -> Request<Bytes> {
    Request::new(Bytes::new()).with_credentials(credentials)
}

fn token(text: &str) -> Credentials {
    Credentials::bearer(text).unwrap()
}

#[tokio::test]
async fn the_channels_go_before_the_calls() {
    let (_serving, builder) = in_memory();
    let channel = builder.credentials(token("channel")).build();
    let seen = ask(&channel).await.unwrap();
    assert!(seen.contains("authorization Bearer channel\n"), "{seen}");
    let seen = ask_with(&channel, with(token("call"))).await.unwrap();
    assert!(seen.contains("authorization Bearer channel,Bearer call\n"), "{seen}");
}

#[tokio::test]
async fn plaintext_is_refused_unless_allowed() {
    let (_serving, builder) = over_tcp().await;
    let channel = builder.build();
    let status = ask_with(&channel, with(token("secret"))).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    assert!(status.message().contains("127.0.0.1:"), "{status:?}");
    assert!(status.message().contains("https://"), "{status:?}");
    let seen = ask_with(&channel, with(token("open").allow_plaintext())).await.unwrap();
    assert!(seen.contains("authorization Bearer open\n"), "{seen}");
    // streams of all shapes are refused alike
    let mut stream = channel.server_streaming::<Raw, Bytes, Bytes>(&AM, with(token("secret")));
    assert_eq!(stream.message().await.unwrap_err().code(), Code::Unauthenticated);
    let request = Request::new(()).with_credentials(token("secret"));
    let upload = channel.client_streaming::<Raw, Bytes, Bytes>(&AM, request);
    assert_eq!(upload.finish().await.unwrap_err().code(), Code::Unauthenticated);
    let request = Request::new(()).with_credentials(token("secret"));
    let mut chat = channel.bidi_streaming::<Raw, Bytes, Bytes>(&AM, request);
    assert_eq!(chat.message().await.unwrap_err().code(), Code::Unauthenticated);
}

#[tokio::test(start_paused = true)]
async fn fetched_for_each_call() {
    let (_serving, builder) = in_memory();
    let count = Arc::new(AtomicUsize::new(0));
    let fetched = Arc::clone(&count);
    let credentials = Credentials::from_fn(move |call| {
        let number = fetched.fetch_add(1, Ordering::Relaxed);
        async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let mut metadata = Metadata::new();
            let value = format!("{number} {}", call.service_url());
            metadata.append("authorization", &value).unwrap();
            Ok(metadata)
        }
    });
    let channel = builder.authority("example.com").credentials(credentials).build();
    for number in 0..3 {
        let seen = ask(&channel).await.unwrap();
        let expected = format!("authorization {number} https://example.com/test.Who\n");
        assert!(seen.contains(&expected), "{seen}");
    }
    assert_eq!(count.load(Ordering::Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_counts_while_they_are_fetched() {
    let (_serving, builder) = in_memory();
    let channel = builder.credentials(Credentials::from_fn(|_| std::future::pending())).build();
    let request = Request::new(Bytes::new()).with_timeout(Duration::from_secs(5));
    let status = ask_with(&channel, request).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert!(status.message().contains("credentials"), "{status:?}");
}

#[tokio::test]
async fn their_failure_is_the_calls() {
    let (_serving, builder) = in_memory();
    let channel = builder.build();
    for (given, expected) in
        [(Code::Unavailable, Code::Unavailable), (Code::NotFound, Code::Internal)]
    {
        let failing =
            Credentials::from_fn(move |_| async move { Err(Status::new(given, "no token")) });
        let status = ask_with(&channel, with(failing)).await.unwrap_err();
        assert_eq!(status.code(), expected);
        assert!(status.message().contains("no token"), "{status:?}");
    }
    ask(&channel).await.unwrap();
}
