//! Servers that break the rules: our client's calls end with a status, and never hang.

use super::client::{HEAD, against, answer_all, request};
use protocall::{Code, Status};
use protocall_tests::proto::trial::{Blob, TrialClient};
use protocall_tests::raw::{Raw, data, envelope, frame, headers, kind};
use protocall_tests::rig::pipes;
use protocall_tests::{blob, run, run_paused, settle};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

/// What the calls of all shapes end with when the first request of each is answered by `bytes`,
/// after which the server answers well.
fn ends_with(bytes: impl Fn(u32) -> Vec<u8> + Clone + Send + 'static, check: impl Fn(&Status)) {
    against(
        move |mut raw, _| {
            let bytes = bytes.clone();
            async move {
                for _ in 0..4 {
                    let stream = request(&mut raw).await;
                    raw.send(&bytes(stream)).await;
                }
                answer_all(&mut raw).await;
            }
        },
        async move |client, _| {
            check(&client.unary(Blob::default()).await.unwrap_err());
            check(&client.download(Blob::default()).trailers().await.unwrap_err());
            let mut upload = client.upload(());
            let _ = upload.send(blob(10)).await;
            check(&upload.finish().await.unwrap_err());
            let (_requests, mut answers) = client.chat(()).split();
            check(&answers.trailers().await.unwrap_err());
            client.unary(Blob::default()).await.unwrap();
        },
    );
}

fn is(code: Code, text: &'static str) -> impl Fn(&Status) {
    move |status| {
        assert_eq!(status.code(), code, "{status}");
        assert!(status.message().contains(text), "{status}");
    }
}

#[test]
fn trailers_only() {
    ends_with(
        |stream| {
            let status = [("grpc-status", "5"), ("grpc-message", "no%20such%20thing")];
            headers(stream, &[&HEAD[..], &status].concat(), true)
        },
        is(Code::NotFound, "no such thing"),
    );
}

#[test]
fn trailers_only_without_a_content_type() {
    ends_with(
        |stream| headers(stream, &[(":status", "200"), ("grpc-status", "5")], true),
        is(Code::NotFound, ""),
    );
}

#[test]
fn no_status_at_all() {
    ends_with(
        |stream| {
            let mut bytes = headers(stream, &HEAD, false);
            bytes.extend(data(stream, &envelope(b""), false));
            bytes.extend(headers(stream, &[("x-other", "1")], true));
            bytes
        },
        is(Code::Unknown, "without a grpc-status"),
    );
    ends_with(|stream| headers(stream, &HEAD, true), is(Code::Unknown, "without a grpc-status"));
}

#[test]
fn no_trailers() {
    ends_with(
        |stream| [headers(stream, &HEAD, false), data(stream, &envelope(b""), true)].concat(),
        is(Code::Internal, "without trailers"),
    );
}

#[test]
fn statuses_that_are_no_numbers() {
    for status in ["", "x", "-1", "99", "4294967296", "1.0"] {
        ends_with(
            move |stream| headers(stream, &[&HEAD[..], &[("grpc-status", status)]].concat(), true),
            is(Code::Unknown, ""),
        );
    }
}

#[test]
fn error_pages() {
    for (status, code) in [
        ("400", Code::Internal),
        ("401", Code::Unauthenticated),
        ("403", Code::PermissionDenied),
        ("404", Code::Unimplemented),
        ("429", Code::Unavailable),
        ("502", Code::Unavailable),
        ("503", Code::Unavailable),
        ("504", Code::Unavailable),
        ("500", Code::Unknown),
        ("302", Code::Unknown),
    ] {
        ends_with(
            move |stream| {
                let head = [(":status", status), ("content-type", "text/html")];
                let page = data(stream, b"<html>oh no</html>", true);
                [headers(stream, &head, false), page].concat()
            },
            is(code, "text/html"),
        );
    }
    ends_with(
        |stream| headers(stream, &[(":status", "200"), ("content-type", "text/html")], false),
        is(Code::Unknown, "text/html"),
    );
}

#[test]
fn messages_that_are_none() {
    for (body, code) in [
        (&b"\x02\0\0\0\0"[..], Code::Internal),
        (b"\x01\0\0\0\0", Code::Internal),
        (b"\0\xff\xff\xff\xff", Code::ResourceExhausted),
        (b"\0\0\0\0\x03\xff\xff\xff", Code::Internal),
        (b"\0\0\0\0\x05ab", Code::Internal),
    ] {
        ends_with(
            move |stream| {
                let mut bytes = headers(stream, &HEAD, false);
                bytes.extend(data(stream, body, false));
                bytes.extend(headers(stream, &[("grpc-status", "0")], true));
                bytes
            },
            is(code, ""),
        );
    }
}

#[test]
fn unasked_compression() {
    ends_with(
        |stream| {
            let head = [&HEAD[..], &[("grpc-encoding", "br")]].concat();
            headers(stream, &head, false)
        },
        is(Code::Internal, "the response is compressed by \"br\", which was not asked for"),
    );
}

/// One message where one is due; a second one ends the call though its stream stays open.
#[test]
fn too_many_and_too_few_messages() {
    let unary_gets = |body: Vec<u8>, end: bool| {
        against(
            move |mut raw, _| {
                let body = body.clone();
                async move {
                    let stream = request(&mut raw).await;
                    raw.send(&headers(stream, &HEAD, false)).await;
                    raw.send(&data(stream, &body, false)).await;
                    if end {
                        raw.send(&headers(stream, &[("grpc-status", "0")], true)).await;
                    }
                    answer_all(&mut raw).await;
                }
            },
            async |client, _| {
                let error = client.unary(Blob::default()).await.unwrap_err();
                assert_eq!(error.code(), Code::Unimplemented, "{error}");
                client.unary(Blob::default()).await.unwrap();
            },
        );
    };
    unary_gets(Vec::new(), true);
    unary_gets([envelope(b""), envelope(b"")].concat(), true);
    unary_gets([envelope(b""), envelope(b"")].concat(), false);
    unary_gets([envelope(b""), envelope(b"")[..2].to_vec()].concat(), false);
}

#[test]
fn malformed_responses() {
    for head in [
        &[("content-type", "application/grpc")][..],
        &[(":status", "abc"), ("content-type", "application/grpc")],
        &[(":status", "200"), (":path", "/x"), ("content-type", "application/grpc")],
        &[(":status", "200"), ("connection", "close"), ("content-type", "application/grpc")],
        &[(":status", "200"), ("Upper", "x"), ("content-type", "application/grpc")],
    ] {
        let head = head.to_vec();
        ends_with(move |stream| headers(stream, &head, false), is(Code::Internal, "malformed"));
    }
    ends_with(|stream| data(stream, b"before the head", false), is(Code::Internal, ""));
}

#[test]
fn metadata_above_the_limit() {
    ends_with(
        |stream| {
            let large = "v".repeat(9000);
            let fields = [("x-a", &*large), ("x-b", &*large)];
            headers(stream, &[&HEAD[..], &fields].concat(), false)
        },
        is(Code::ResourceExhausted, ""),
    );
}

/// The same in a connection that ends at once, before the SETTINGS, or in the middle of things.
#[test]
fn connections_that_break() {
    run(async {
        let (pipes, mut listener) = pipes(64 * 1024);
        let server = tokio::spawn(async move {
            let endings: [&[u8]; 6] = [
                b"",
                b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n",
                b"\x15\x03\x01\x00\x02\x02\x28",
                &[0; 100],
                b"\0\0\0\x04\0\0\0\0",
                &[0xff; 4000],
            ];
            let mut at = 0;
            while let Some(mut stream) = listener.next().await {
                let mut preface = [0; 24];
                stream.read_exact(&mut preface).await.unwrap();
                stream.write_all(endings[at % endings.len()]).await.unwrap();
                at += 1;
            }
        });
        for _ in 0..12 {
            let channel = protocall::Channel::over(pipes.clone()).build();
            let error = TrialClient::new(channel).unary(blob(10)).await.unwrap_err();
            assert_eq!(error.code(), Code::Unavailable, "{error}");
            assert!(error.message().len() > 10, "it says why: {error}");
        }
        server.abort();
    });
}

#[test]
fn a_server_that_speaks_http1_is_named() {
    run(async {
        let (pipes, mut listener) = pipes(64 * 1024);
        tokio::spawn(async move {
            while let Some(mut stream) = listener.next().await {
                let answer = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
                stream.write_all(answer).await.unwrap();
            }
        });
        let channel = protocall::Channel::over(pipes).build();
        let error = TrialClient::new(channel).unary(blob(10)).await.unwrap_err();
        assert_eq!(error.code(), Code::Unavailable);
        assert!(error.message().contains("HTTP/1"), "{error}");
    });
}

/// The connection closes in the middle of a message.
#[test]
fn a_connection_that_closes_within_a_message() {
    against(
        |mut raw, connection| async move {
            if connection > 0 {
                return answer_all(&mut raw).await;
            }
            let stream = request(&mut raw).await;
            raw.send(&headers(stream, &HEAD, false)).await;
            raw.send(&data(stream, b"\0\0\0\0\x05ab", false)).await;
            settle().await;
        },
        async |client, _| {
            let error = client.unary(Blob::default()).await.unwrap_err();
            assert_eq!(error.code(), Code::Unavailable, "{error}");
            client.unary(Blob::default()).await.unwrap();
        },
    );
}

/// What breaks the connection breaks all calls on it, and only them.
#[test]
fn frames_that_break_the_connection() {
    for bytes in [
        frame(kind::DATA, 0, 0, b"x"),
        frame(kind::HEADERS, 5, 2, b""),
        frame(kind::HEADERS, 5, 1, &[0xff; 9]),
        frame(5, 4, 1, &[0, 0, 0, 2]),
        frame(kind::PING, 0, 0, &[0; 3]),
        vec![1, 0, 1, 0, 0, 0, 0, 0, 1],
    ] {
        against(
            move |mut raw, connection| {
                let bytes = bytes.clone();
                async move {
                    if connection > 0 {
                        return answer_all(&mut raw).await;
                    }
                    request(&mut raw).await;
                    raw.send(&bytes).await;
                    while raw.next().await.is_some() {}
                }
            },
            async |client, _| {
                let error = client.unary(Blob::default()).await.unwrap_err();
                assert_eq!(error.code(), Code::Unavailable, "{error}");
                client.unary(Blob::default()).await.unwrap();
            },
        );
    }
}

#[test]
fn a_server_that_never_answers_runs_into_the_deadline() {
    run_paused(async {
        let (pipes, mut listener) = pipes(64 * 1024);
        let silent = tokio::spawn(async move {
            let stream = listener.next().await.unwrap();
            let mut raw = Raw::server(Box::new(stream)).await;
            while raw.next().await.is_some() {}
        });
        let client = TrialClient::new(protocall::Channel::over(pipes).build());
        let begun = Instant::now();
        let request = protocall::Request::new(blob(10)).with_timeout(Duration::from_secs(7));
        let error = client.unary(request).await.unwrap_err();
        assert_eq!(error.code(), Code::DeadlineExceeded, "{error}");
        assert_eq!(begun.elapsed().as_secs(), 7);
        drop(client);
        silent.await.unwrap();
    });
}

/// PINGs as fast as the wire takes them: the client answers within bounds, and its calls go on or
/// fail, but do not hang.
#[test]
fn a_flood_of_pings_does_not_stop_the_client() {
    against(
        |mut raw, _| async move {
            let stream = request(&mut raw).await;
            let flood = frame(kind::PING, 0, 0, &[1; 8]).repeat(5000);
            raw.send(&flood).await;
            super::client::answer(&mut raw, stream).await;
            answer_all(&mut raw).await;
        },
        async |client, _| {
            if let Err(error) = client.unary(Blob::default()).await {
                assert_eq!(error.code(), Code::Unavailable, "{error}");
            }
            client.unary(Blob::default()).await.unwrap();
        },
    );
}
