//! What our client makes of a good server's odd but lawful ways.

use protocall::codec::Raw as Bytes;
use protocall::{Code, Method, MethodKind, Request};
use protocall_tests::proto::trial::{Blob, TrialClient};
use protocall_tests::raw::{Raw, data, envelope, frame, goaway, headers, kind, reset};
use protocall_tests::rig::{Pipes, pipes};
use protocall_tests::run;
use std::future::Future;

/// Runs a test against a server that the test plays itself, one connection after the other.
pub(super) fn against<Fut: Future<Output = ()> + Send + 'static>(
    play: impl Fn(Raw, usize) -> Fut + Send + 'static,
    test: impl AsyncFnOnce(TrialClient, Pipes),
) {
    run(async {
        let (pipes, mut listener) = pipes(64 * 1024);
        let server = tokio::spawn(async move {
            let mut connections = 0;
            while let Some(stream) = listener.next().await {
                let raw = Raw::server(Box::new(stream)).await;
                tokio::spawn(play(raw, connections));
                connections += 1;
            }
        });
        let channel = protocall::Channel::over(pipes.clone()).build();
        test(TrialClient::new(channel), pipes).await;
        server.abort();
    });
}

/// Waits for the next request and returns its stream.
pub(super) async fn request(raw: &mut Raw) -> u32 {
    raw.wait_for(kind::HEADERS).await.stream
}

pub(super) const HEAD: [(&str, &str); 2] =
    [(":status", "200"), ("content-type", "application/grpc")];

/// Answers as a good server does.
pub(super) async fn answer(raw: &mut Raw, stream: u32) {
    raw.send(&headers(stream, &HEAD, false)).await;
    raw.send(&data(stream, &envelope(b"\x10\x07"), false)).await;
    raw.send(&headers(stream, &[("grpc-status", "0")], true)).await;
}

pub(super) async fn answer_all(raw: &mut Raw) {
    while let Some(frame) = raw.next().await {
        if frame.kind == kind::HEADERS {
            answer(raw, frame.stream).await;
        }
    }
}

#[test]
fn responses_in_single_bytes_padded_and_with_unknown_frames() {
    against(
        |mut raw, _| async move {
            let stream = request(&mut raw).await;
            let mut bytes = headers(stream, &[(":status", "103"), ("link", "x")], false);
            bytes.extend(headers(stream, &HEAD, false));
            for byte in envelope(b"\x10\x07") {
                bytes.extend(frame(0xfe, 0xff, stream, b"unknown"));
                // PADDED: length of the padding, the byte, the padding
                bytes.extend(frame(kind::DATA, 8, stream, &[3, byte, 0, 0, 0]));
            }
            bytes.extend(headers(stream, &[("grpc-status", "0")], true));
            for byte in bytes {
                raw.send(&[byte]).await;
                tokio::task::yield_now().await;
            }
            answer_all(&mut raw).await;
        },
        async |client, _| {
            assert_eq!(client.unary(Blob::default()).await.unwrap().message().number, 7);
            assert_eq!(client.unary(Blob::default()).await.unwrap().message().number, 7);
        },
    );
}

/// GOAWAY: calls above its last stream were not looked at and go elsewhere; those below finish;
/// new calls use a new connection.
#[test]
fn calls_survive_a_goaway() {
    against(
        |mut raw, connection| async move {
            if connection > 0 {
                return answer_all(&mut raw).await;
            }
            let first = request(&mut raw).await;
            raw.send(&goaway(first, 0)).await;
            protocall_tests::settle().await;
            answer(&mut raw, first).await;
            while raw.next().await.is_some() {}
        },
        async |client, _| {
            assert_eq!(client.unary(Blob::default()).await.unwrap().message().number, 7);
            for _ in 0..3 {
                assert_eq!(client.unary(Blob::default()).await.unwrap().message().number, 7);
            }
        },
    );
}

#[test]
fn a_call_above_the_last_stream_of_a_goaway_goes_to_the_next_connection() {
    against(
        |mut raw, connection| async move {
            if connection > 0 {
                return answer_all(&mut raw).await;
            }
            request(&mut raw).await;
            raw.send(&goaway(0, 0)).await;
            while raw.next().await.is_some() {}
        },
        async |client, _| {
            client.unary(Blob::default()).await.unwrap();
            client.unary(Blob::default()).await.unwrap();
        },
    );
}

#[test]
fn resets_become_their_codes() {
    for (wire, code) in [
        (0, Code::Internal),
        (1, Code::Internal),
        (2, Code::Internal),
        (7, Code::Unavailable),
        (8, Code::Cancelled),
        (11, Code::ResourceExhausted),
        (12, Code::PermissionDenied),
        (0xffff, Code::Internal),
    ] {
        against(
            move |mut raw, _| async move {
                // one that is refused before anything was answered comes again, once
                let parts: &[usize] = if wire == 7 { &[0, 0, 1, 2] } else { &[0, 1, 2] };
                for &part in parts {
                    let stream = request(&mut raw).await;
                    if part > 0 {
                        raw.send(&headers(stream, &HEAD, false)).await;
                    }
                    if part > 1 {
                        raw.send(&data(stream, &envelope(b"")[..4], false)).await;
                    }
                    raw.send(&reset(stream, wire)).await;
                }
                answer_all(&mut raw).await;
            },
            async move |client, _| {
                for _ in 0..3 {
                    let error = client.unary(Blob::default()).await.unwrap_err();
                    assert_eq!(error.code(), code, "{wire}: {error}");
                }
                client.unary(Blob::default()).await.unwrap();
            },
        );
    }
}

/// The lower calls of a channel, with bytes for messages.
#[test]
fn a_channel_takes_methods_that_were_not_generated() {
    against(
        |mut raw, _| async move { answer_all(&mut raw).await },
        async |_, pipes| {
            let channel = protocall::Channel::over(pipes).build();
            let method = Method::new("a.B", "C", "/a.B/C", MethodKind::Unary);
            let request = Request::new(bytes::Bytes::from_static(b"anything"));
            let answer = channel.unary::<Bytes, bytes::Bytes, bytes::Bytes>(&method, request).await;
            assert_eq!(&answer.unwrap().into_inner()[..], b"\x10\x07");
        },
    );
}
