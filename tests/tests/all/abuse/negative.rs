//! gRPC's negative HTTP/2 tests (grpc/grpc, doc/negative-http2-interop-test-descriptions.md, and
//! `data_frame_padding` of its test/http2_test): a server that breaks off in the middle of things,
//! and what our client makes of it.

use super::client::{HEAD, answer, answer_all};
use protocall::Code;
use protocall_tests::proto::trial::{Blob, TrialClient};
use protocall_tests::raw::{ACK, Frame, Raw, data, envelope, frame, goaway, headers, kind, reset};
use protocall_tests::rig::pipes;
use protocall_tests::{blob, numbered, pattern, run};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// NO_ERROR.
const NO_ERROR: u32 = 0;
/// PADDED, a flag of DATA.
const PADDED: u8 = 8;
/// The size of the official response.
const RESPONSE: usize = 314_159;

/// Runs a test against a server of the test's making; says how many connections it got.
fn against<Fut: Future<Output = ()> + Send + 'static>(
    play: impl Fn(Raw, usize) -> Fut + Send + 'static,
    test: impl AsyncFnOnce(TrialClient),
) -> usize {
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    run(async {
        let (pipes, mut listener) = pipes(64 * 1024);
        let server = tokio::spawn(async move {
            while let Some(stream) = listener.next().await {
                let number = counted.fetch_add(1, Ordering::SeqCst);
                let raw = Raw::server(Box::new(stream)).await;
                tokio::spawn(play(raw, number));
            }
        });
        test(TrialClient::new(protocall::Channel::over(pipes).build())).await;
        server.abort();
    });
    connections.load(Ordering::SeqCst)
}

/// The next request and its stream, read to its end.
async fn request(raw: &mut Raw) -> u32 {
    loop {
        let (frame, _) = next_with_window(raw).await;
        if frame.ends() {
            return frame.stream;
        }
    }
}

/// A response's message in its envelope, of the official size.
fn message() -> Vec<u8> {
    // the tag of `data`, its length in three bytes, the envelope's prefix of five
    let body = pattern(RESPONSE - 9);
    let length = [body.len() as u8 | 128, (body.len() >> 7) as u8 | 128, (body.len() >> 14) as u8];
    let message = envelope(&[&[0x0a][..], &length, &body].concat());
    assert_eq!(message.len(), RESPONSE);
    message
}

/// `goaway`: the server says goodbye after the first call; the second goes over a new connection.
#[test]
fn goaway_after_a_call() {
    let connections = against(
        |mut raw, connection| async move {
            if connection > 0 {
                return answer_all(&mut raw).await;
            }
            let stream = request(&mut raw).await;
            answer(&mut raw, stream).await;
            raw.send(&goaway(stream, NO_ERROR)).await;
            while let Some(frame) = raw.next().await {
                assert_ne!(frame.kind, kind::HEADERS, "a call after the GOAWAY");
            }
        },
        async |client| {
            client.unary(blob(100)).await.unwrap();
            // the description waits a second for the GOAWAY; here it is there after a few turns
            protocall_tests::settle().await;
            client.unary(blob(100)).await.unwrap();
        },
    );
    assert_eq!(connections, 2);
}

/// The server resets the stream of the first call after `before`, and answers the second.
fn reset_after(before: impl Fn(u32) -> Vec<u8> + Clone + Send + 'static) {
    let connections = against(
        move |mut raw, _| {
            let before = before.clone();
            async move {
                let stream = request(&mut raw).await;
                raw.send(&before(stream)).await;
                raw.send(&reset(stream, NO_ERROR)).await;
                answer_all(&mut raw).await;
            }
        },
        async |client| {
            let error = client.unary(blob(100)).await.unwrap_err();
            assert_eq!(error.code(), Code::Internal, "{error}");
            client.unary(blob(100)).await.unwrap();
        },
    );
    assert_eq!(connections, 1, "a reset ends a stream, not a connection");
}

#[test]
fn rst_after_header() {
    reset_after(|stream| headers(stream, &HEAD, false));
}

#[test]
fn rst_during_data() {
    reset_after(|stream| {
        let half = &message()[..RESPONSE / 20];
        [headers(stream, &HEAD, false), data(stream, half, false)].concat()
    });
}

#[test]
fn rst_after_data() {
    reset_after(|stream| {
        [headers(stream, &HEAD, false), data(stream, &envelope(b"\x10\x07"), false)].concat()
    });
}

/// `ping`: the server pings before, in the middle of and after a response, and every ping comes
/// back with what it carried.
#[test]
fn ping_at_every_moment() {
    let connections = against(
        |mut raw, _| async move {
            let mut sent = 0_u64;
            let mut ping = || {
                sent += 1;
                frame(kind::PING, 0, 0, &sent.to_be_bytes())
            };
            let stream = request(&mut raw).await;
            raw.send(&ping()).await;
            raw.send(&headers(stream, &HEAD, false)).await;
            raw.send(&ping()).await;
            for piece in message().chunks(16 * 1024) {
                raw.send(&data(stream, piece, false)).await;
                raw.send(&ping()).await;
            }
            raw.send(&headers(stream, &[("grpc-status", "0")], true)).await;
            raw.send(&ping()).await;
            let mut answered = 0_u64;
            while answered < sent {
                let frame = raw.next().await.expect("the client went away");
                if frame.kind == kind::PING && frame.flags & ACK == 0 {
                    // the client's own, by which it measures the path
                    raw.send(&self::frame(kind::PING, ACK, 0, &frame.payload)).await;
                } else if frame.kind == kind::PING {
                    answered += 1;
                    assert_eq!(frame.payload, answered.to_be_bytes(), "in order");
                }
            }
            let stream = request(&mut raw).await;
            answer(&mut raw, stream).await;
            answer_all(&mut raw).await;
        },
        async |client| {
            let answer = client.unary(blob(100)).await.unwrap();
            assert_eq!(answer.message().data, pattern(RESPONSE - 9));
            // answered once all pings were
            client.unary(blob(100)).await.unwrap();
        },
    );
    assert_eq!(connections, 1);
}

/// `max_streams`: the server allows one stream; ten calls at once take their turns.
#[test]
fn max_streams_of_one() {
    let peak = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&peak);
    against(
        move |mut raw, _| {
            let seen = Arc::clone(&seen);
            async move {
                raw.send(&frame(kind::SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 1])).await;
                let mut open = 0;
                let mut first = true;
                while let Some(frame) = raw.next().await {
                    open += usize::from(frame.kind == kind::HEADERS);
                    seen.fetch_max(open, Ordering::SeqCst);
                    if frame.ends() {
                        if !std::mem::take(&mut first) {
                            // the others have all the time to break the limit
                            protocall_tests::settle().await;
                        }
                        answer(&mut raw, frame.stream).await;
                        open -= 1;
                    }
                }
            }
        },
        async |client| {
            // the description's first call brings the limit
            client.unary(numbered(1)).await.unwrap();
            let calls: Vec<_> = (0..10)
                .map(|number| {
                    let client = client.clone();
                    tokio::spawn(async move { client.unary(numbered(number)).await })
                })
                .collect();
            for call in calls {
                call.await.unwrap().unwrap();
            }
        },
    );
    assert_eq!(peak.load(Ordering::SeqCst), 1);
}

/// `data_frame_padding`: a large response in small, heavily padded frames. Padding uses window as
/// data does; a client that does not give it back stops in the middle.
#[test]
fn data_frame_padding() {
    let connections = against(
        |mut raw, _| async move {
            let mut connection = 65_535_i64;
            for _ in 0..2 {
                let mut own = 1024 * 1024_i64;
                let stream = loop {
                    let (frame, window) = next_with_window(&mut raw).await;
                    connection += window;
                    if frame.ends() {
                        break frame.stream;
                    }
                };
                raw.send(&headers(stream, &HEAD, false)).await;
                // 50 bytes of data and 255 of padding: 1.9 MB in all, above the stream's window
                for piece in message().chunks(50) {
                    let payload = [&[255][..], piece, &[0; 255]].concat();
                    let cost = payload.len() as i64;
                    while connection < cost || own < cost {
                        let (frame, window) = next_with_window(&mut raw).await;
                        *(if frame.stream == 0 { &mut connection } else { &mut own }) += window;
                    }
                    connection -= cost;
                    own -= cost;
                    raw.send(&frame(kind::DATA, PADDED, stream, &payload)).await;
                }
                raw.send(&headers(stream, &[("grpc-status", "0")], true)).await;
            }
            answer_all(&mut raw).await;
        },
        async |client| {
            for _ in 0..2 {
                let answer = client.unary(Blob::default()).await.unwrap();
                assert_eq!(answer.message().data, pattern(RESPONSE - 9));
            }
        },
    );
    assert_eq!(connections, 1);
}

/// The next frame, and how much window it gives.
async fn next_with_window(raw: &mut Raw) -> (Frame, i64) {
    let frame = raw.next().await.expect("the client went away");
    if frame.kind == kind::PING && frame.flags & ACK == 0 {
        raw.send(&self::frame(kind::PING, ACK, 0, &frame.payload)).await;
    }
    let window = if frame.kind == kind::WINDOW_UPDATE {
        u32::from_be_bytes(frame.payload[..].try_into().unwrap())
    } else {
        0
    };
    (frame, i64::from(window))
}
