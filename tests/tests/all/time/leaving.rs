//! A server that leaves, or refuses: calls that it has not processed go elsewhere by themselves,
//! once; all others fail. Connections whose ids run out are replaced.

use super::WIRE;
use protocall::channel::Channel;
use protocall::{Code, Request, Status};
use protocall_tests::proto::trial::{Blob, TrialClient};
use protocall_tests::raw::{Raw, data, envelope, frame, headers, kind, reset};
use protocall_tests::rig::{PipeListener, Rig, pipes};
use protocall_tests::service::Scripted;
use protocall_tests::{blob, numbered, run_paused, settle};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

const REFUSED_STREAM: u32 = 7;
const ENHANCE_YOUR_CALM: u32 = 11;

async fn accept(listener: &mut PipeListener) -> Raw {
    let mut raw = Raw::server(Box::new(listener.next().await.unwrap())).await;
    raw.send(&frame(kind::SETTINGS, 1, 0, b"")).await;
    raw.send(&frame(kind::WINDOW_UPDATE, 0, 0, &10_000_000u32.to_be_bytes())).await;
    raw
}

/// The next request: its stream and its body, whole.
async fn request(raw: &mut Raw) -> (u32, Vec<u8>) {
    let mut body = Vec::new();
    let mut stream = 0;
    loop {
        let frame = raw.next().await.expect("the connection ended");
        match frame.kind {
            kind::HEADERS => stream = frame.stream,
            kind::DATA if frame.stream == stream => body.extend_from_slice(&frame.payload),
            _ => continue,
        }
        if frame.ends() {
            return (stream, body);
        }
    }
}

/// The next request's head.
async fn head(raw: &mut Raw) -> u32 {
    raw.wait_for(kind::HEADERS).await.stream
}

async fn answer(raw: &mut Raw, stream: u32, body: &[u8]) {
    let head = [(":status", "200"), ("content-type", "application/grpc")];
    raw.send(&headers(stream, &head, false)).await;
    raw.send(&data(stream, body, false)).await;
    raw.send(&headers(stream, &[("grpc-status", "0")], true)).await;
}

async fn goaway(raw: &mut Raw, last: u32, code: u32, debug: &str) {
    let payload = [&last.to_be_bytes()[..], &code.to_be_bytes(), debug.as_bytes()].concat();
    raw.send(&frame(kind::GOAWAY, 0, 0, &payload)).await;
}

fn call(client: &TrialClient, number: i64) -> JoinHandle<Result<i64, Status>> {
    let client = client.clone();
    tokio::spawn(async move { Ok(client.unary(numbered(number)).await?.message().number) })
}

fn channel() -> (Channel, TrialClient, PipeListener) {
    let (pipes, listener) = pipes(1024 * 1024);
    let channel = Channel::over(pipes).build();
    (channel.clone(), TrialClient::new(channel), listener)
}

fn sent_again(channel: &Channel) -> u64 {
    channel.stats().snapshot().transport.calls_sent_again
}

#[test]
fn a_refused_call_is_sent_again_once() {
    run_paused(async {
        let (channel, client, mut listener) = channel();
        let first = call(&client, 7);
        let mut raw = accept(&mut listener).await;
        let (stream, body) = request(&mut raw).await;
        raw.send(&reset(stream, REFUSED_STREAM)).await;
        let (stream, again) = request(&mut raw).await;
        assert_eq!(again, body, "all of it");
        answer(&mut raw, stream, &again).await;
        assert_eq!(first.await.unwrap().unwrap(), 7);
        assert_eq!(sent_again(&channel), 1);

        let second = call(&client, 8);
        for _ in 0..2 {
            let (stream, _) = request(&mut raw).await;
            raw.send(&reset(stream, REFUSED_STREAM)).await;
        }
        let error = second.await.unwrap().unwrap_err();
        assert_eq!(error.code(), Code::Unavailable, "{error}");
        assert_eq!(sent_again(&channel), 2);
    });
}

/// Large messages and streams of messages are sent again like small ones, while the server has not
/// answered and they are not too large.
#[test]
fn all_that_was_sent_is_sent_again() {
    run_paused(async {
        let (channel, client, mut listener) = channel();
        let large = {
            let client = client.clone();
            tokio::spawn(async move { client.unary(blob(50_000)).await })
        };
        let mut raw = accept(&mut listener).await;
        let (stream, body) = request(&mut raw).await;
        raw.send(&reset(stream, REFUSED_STREAM)).await;
        let (stream, again) = request(&mut raw).await;
        assert!(again == body && body.len() > 50_000);
        answer(&mut raw, stream, &body).await;
        assert_eq!(large.await.unwrap().unwrap().message().data.len(), 50_000);

        let mut upload = client.upload(());
        let stream = head(&mut raw).await;
        let mut sent = Vec::new();
        for size in [10, 5000, 20] {
            upload.send(blob(size)).await.unwrap();
            sent.extend(raw.wait_for(kind::DATA).await.payload);
        }
        raw.send(&reset(stream, REFUSED_STREAM)).await;
        upload.send(blob(30)).await.unwrap();
        let finished = tokio::spawn(upload.finish());
        let (stream, again) = request(&mut raw).await;
        assert_eq!(again[..sent.len()], sent);
        assert!(again.len() > sent.len() + 30, "with what came later behind it");
        answer(&mut raw, stream, &envelope(b"\x10\x03")).await;
        assert_eq!(finished.await.unwrap().unwrap().message().number, 3);
        assert_eq!(sent_again(&channel), 2);
    });
}

#[test]
fn a_call_that_was_answered_or_is_too_large_is_not_sent_again() {
    run_paused(async {
        let (channel, client, mut listener) = channel();
        let mut answers = client.download(blob(1));
        let mut raw = accept(&mut listener).await;
        let (stream, _) = request(&mut raw).await;
        let head = [(":status", "200"), ("content-type", "application/grpc")];
        raw.send(&headers(stream, &head, false)).await;
        raw.send(&reset(stream, REFUSED_STREAM)).await;
        assert_eq!(answers.message().await.unwrap_err().code(), Code::Unavailable);
        let large = {
            let client = client.clone();
            tokio::spawn(async move { client.unary(blob(300_000)).await })
        };
        let stream = self::head(&mut raw).await;
        raw.send(&frame(kind::WINDOW_UPDATE, 0, 0, &1_000_000u32.to_be_bytes())).await;
        raw.send(&frame(kind::WINDOW_UPDATE, 0, stream, &1_000_000u32.to_be_bytes())).await;
        while !raw.wait_for(kind::DATA).await.ends() {}
        raw.send(&reset(stream, REFUSED_STREAM)).await;
        assert_eq!(large.await.unwrap().unwrap_err().code(), Code::Unavailable);
        assert_eq!(sent_again(&channel), 0);
    });
}

/// Those above GOAWAY's last stream go to the next connection, the others go on.
#[test]
fn calls_above_the_last_stream_go_elsewhere() {
    run_paused(async {
        let (channel, client, mut listener) = channel();
        let calls: Vec<_> = (0..3).map(|number| call(&client, number)).collect();
        let mut old = accept(&mut listener).await;
        let mut requests = Vec::new();
        for _ in 0..3 {
            requests.push(request(&mut old).await);
        }
        goaway(&mut old, requests[0].0, 0, "").await;
        let mut new = accept(&mut listener).await;
        for _ in 1..3 {
            let (stream, body) = request(&mut new).await;
            answer(&mut new, stream, &body).await;
        }
        answer(&mut old, requests[0].0, &requests[0].1).await;
        for (number, call) in calls.into_iter().enumerate() {
            assert_eq!(call.await.unwrap().unwrap(), number as i64);
        }
        assert_eq!(sent_again(&channel), 2);
        assert_eq!(channel.stats().snapshot().connect.connections_made, 2);
    });
}

/// Calls that wait for a free stream never left: they go to the next connection at once, while the
/// one that has the stream goes on.
#[test]
fn calls_that_wait_for_a_stream_do_not_wait_for_a_server_that_leaves() {
    run_paused(async {
        let (channel, client, mut listener) = channel();
        let calls: Vec<_> = (0..5).map(|number| call(&client, number)).collect();
        let stream = listener.next().await.unwrap();
        let mut old = Raw::new(Box::new(stream));
        // SETTINGS_MAX_CONCURRENT_STREAMS = 1
        old.send(&frame(kind::SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 1])).await;
        old.preface().await;
        let (stream, body) = request(&mut old).await;
        goaway(&mut old, 0x7fff_ffff, 0, "max_age").await;
        let mut new = accept(&mut listener).await;
        for _ in 1..5 {
            let (stream, body) = request(&mut new).await;
            answer(&mut new, stream, &body).await;
        }
        answer(&mut old, stream, &body).await;
        for call in calls {
            call.await.unwrap().unwrap();
        }
        let stats = channel.stats().snapshot().transport;
        assert_eq!((stats.calls_given_back, stats.calls_sent_again), (4, 0));
    });
}

/// A server that leaves as soon as it is connected to: the first time it may have been stopping,
/// and the channel connects again at once; then it waits, longer and longer.
#[test]
fn a_server_that_always_leaves_is_not_connected_to_without_end() {
    for at_once in [true, false] {
        always_leaving(at_once);
    }
}

/// `at_once`: the GOAWAY comes together with the SETTINGS.
fn always_leaving(at_once: bool) {
    run_paused(async move {
        let (channel, client, mut listener) = channel();
        let leaving = tokio::spawn(async move {
            let (mut times, mut open) = (Vec::new(), Vec::new());
            while times.len() < 8 {
                let mut raw = Raw::new(Box::new(listener.next().await.unwrap()));
                times.push(Instant::now());
                // SETTINGS_MAX_CONCURRENT_STREAMS = 0: no call ever leaves
                raw.send(&frame(kind::SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 0])).await;
                if !at_once {
                    settle().await;
                }
                goaway(&mut raw, 0, 0, "").await;
                open.push(raw);
            }
            (times, listener)
        });
        let error = client.unary(blob(1)).await.unwrap_err();
        assert_eq!(error.code(), Code::Unavailable, "{error}");
        assert!(error.message().contains("leaves as soon as"), "{error}");
        let patient = {
            let request = Request::new(numbered(5)).with_wait_for_ready(true);
            let client = client.clone();
            tokio::spawn(async move { client.unary(request).await })
        };
        let (times, mut listener) = leaving.await.unwrap();
        let waits: Vec<_> = times.windows(2).map(|two| (two[1] - two[0]).as_secs_f64()).collect();
        assert!(waits[0] < 0.1, "{waits:?}");
        for (at, wait) in waits.iter().enumerate().skip(1) {
            let expected = 1.6f64.powi(at as i32 - 1);
            assert!((expected * 0.79..expected * 1.21).contains(wait), "{at}: {waits:?}");
        }
        assert!(!patient.is_finished());
        let mut raw = accept(&mut listener).await;
        let (stream, body) = request(&mut raw).await;
        answer(&mut raw, stream, &body).await;
        assert_eq!(patient.await.unwrap().unwrap().message().number, 5);
        let made = if at_once { 1 } else { 9 };
        assert_eq!(channel.stats().snapshot().connect.connections_made, made);
    });
}

/// A connection is replaced at three quarters of its ids; no call notices, long ones included.
#[test]
fn ids_that_run_out_fail_no_call() {
    run_paused(async {
        let rig = Rig::start(WIRE, Scripted::default()).await;
        let mut http2 = protocall::http2::Config::client();
        http2.first_stream_id = 0x5fff_fffd - 200;
        let channel = rig.channel_builder().http2(http2).build();
        let client = TrialClient::new(channel.clone());
        let mut chat = client.chat(());
        for number in 0..500 {
            assert_eq!(client.unary(numbered(number)).await.unwrap().message().number, number);
            if number % 50 == 0 {
                chat.send(numbered(number)).await.unwrap();
                assert_eq!(chat.message().await.unwrap().unwrap().number, number);
            }
        }
        let connect = channel.stats().snapshot().connect;
        assert_eq!(connect.connections_made, 6, "a hundred calls on each");
        assert_eq!(connect.connections_open, 2, "that of the long call, and the last one");
        assert_eq!(channel.stats().snapshot().http2.stream_ids_worn, 5, "each but the last");
        chat.finish();
        assert_eq!(chat.message().await.unwrap(), None);
        settle().await;
        assert_eq!(channel.stats().snapshot().connect.connections_open, 1);
    });
}

/// Calls that end with their connection repeat what the server said when it began to leave.
#[test]
fn errors_repeat_the_servers_last_words() {
    run_paused(async {
        let (_channel, client, mut listener) = channel();
        let lost = call(&client, 1);
        let mut raw = accept(&mut listener).await;
        let (stream, _) = request(&mut raw).await;
        goaway(&mut raw, stream, 2, "out of\nmemory").await;
        settle().await;
        drop(raw);
        let error = lost.await.unwrap().unwrap_err();
        assert_eq!(error.code(), Code::Unavailable, "{error}");
        assert!(error.message().contains("INTERNAL_ERROR"), "{error}");
        assert!(error.message().contains("out of"), "{error}");
        assert!(!error.message().contains('\n'), "{error}");
    });
}

/// gRFC A8: who is told "too_many_pings" asks half as often from then on.
#[test]
fn too_many_pings_double_the_interval() {
    run_paused(async {
        let (pipes, mut listener) = pipes(64 * 1024);
        let channel = Channel::over(pipes).keepalive_interval(Duration::from_secs(10)).build();
        let client = TrialClient::new(channel);
        for interval in [10, 20, 40] {
            let call = tokio::spawn({
                let client = client.clone();
                async move { client.unary(Blob::default()).await }
            });
            let mut raw = accept(&mut listener).await;
            let (stream, body) = request(&mut raw).await;
            let begun = Instant::now();
            let ping = raw.wait_for(kind::PING).await;
            assert_eq!(begun.elapsed().as_secs(), interval);
            raw.send(&frame(kind::PING, 1, 0, &ping.payload)).await;
            answer(&mut raw, stream, &body).await;
            call.await.unwrap().unwrap();
            goaway(&mut raw, stream, ENHANCE_YOUR_CALM, "too_many_pings").await;
            settle().await;
            sleep(Duration::from_secs(1)).await;
        }
    });
}

/// An interval below gRPC's least is raised to it.
#[test]
fn keepalive_is_never_more_often_than_every_ten_seconds() {
    run_paused(async {
        let (pipes, mut listener) = pipes(64 * 1024);
        let builder = Channel::over(pipes).keepalive_interval(Duration::from_millis(1));
        let channel = builder.keepalive_without_calls(true).build();
        let begun = Instant::now();
        let ready = tokio::spawn(async move {
            channel.ready().await.unwrap();
            channel
        });
        let mut raw = accept(&mut listener).await;
        raw.wait_for(kind::PING).await;
        assert_eq!(begun.elapsed().as_secs(), 10);
        drop(ready.await.unwrap());
    });
}
