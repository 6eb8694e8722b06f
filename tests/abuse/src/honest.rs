//! Honest traffic at rates that look like attacks: what must never trip a limit. The loads are for
//! `tests/` and for the program `honest`, which puts grpc-go on the other side.

use crate::share;
use protocall::http2::Counters;
use protocall::{Channel, Code};
use protocall_interop::proto::grpc::testing::{
    Empty, Payload, ResponseParameters, StreamingInputCallRequest, StreamingOutputCallRequest,
    TestServiceClient,
};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Streams of small messages at one time.
pub const STREAMS: usize = 200;
/// Bytes of a small message.
pub const MESSAGE: usize = 64;
/// How long a call lives that is cancelled before anything came: as a client does that asks
/// elsewhere when an answer takes too long.
pub const PATIENCE: Duration = Duration::from_millis(20);

/// Everything that honest traffic must leave at 0.
///
/// # Panics
/// When something is not 0.
pub fn assert_clean(whose: &str, counters: &Counters) {
    let trips = |name: &str| {
        ["_exceeded", "_floods", "_kills", "_timeouts"].iter().any(|end| name.ends_with(end))
            || ["streams_refused", "ping_strikes", "foreign_protocols"].contains(&name)
    };
    for (name, value) in Counters::NAMES.iter().zip(counters.values()) {
        assert!(value == 0 || !trips(name), "{whose}: {name} is {value}: {counters:?}");
    }
}

/// 64-byte messages up and down on 200 streams for that long; returns how many came down and went
/// up.
///
/// # Panics
/// When a stream ends with an error.
pub async fn small_messages(channel: &Channel, time: Duration) -> (u64, u64) {
    let mut streams = JoinSet::new();
    let begin = Instant::now();
    for stream in 0..STREAMS {
        let client = TestServiceClient::new(channel.clone());
        streams.spawn(async move {
            let (mut down, mut up) = (0, 0);
            while begin.elapsed() < time {
                if stream % 2 == 0 {
                    down += download(&client).await;
                } else {
                    up += upload(&client, begin, time).await;
                }
            }
            (down, up)
        });
    }
    let counts = streams.join_all().await;
    counts.into_iter().fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1))
}

/// Messages of a download: a few hundred milliseconds' worth.
const DOWNLOAD: usize = 2000;

async fn download(client: &TestServiceClient) -> u64 {
    let one = ResponseParameters { size: MESSAGE as i32, ..Default::default() };
    let request = StreamingOutputCallRequest {
        response_parameters: vec![one; DOWNLOAD],
        ..Default::default()
    };
    let mut responses = client.streaming_output_call(request);
    let mut count = 0;
    while let Some(response) = responses.message().await.expect("an honest stream") {
        assert_eq!(response.payload.body.len(), MESSAGE);
        count += 1;
    }
    assert_eq!(count, DOWNLOAD as u64);
    count
}

async fn upload(client: &TestServiceClient, begin: Instant, time: Duration) -> u64 {
    let payload = Payload { body: vec![7; MESSAGE], ..Default::default() };
    let request = StreamingInputCallRequest { payload: Some(payload).into(), ..Default::default() };
    let mut requests = client.streaming_input_call(());
    let mut count = 0;
    while begin.elapsed() < time {
        requests.send(request.clone()).await.expect("an honest stream");
        count += 1;
    }
    let answer = requests.finish().await.expect("an honest stream");
    assert_eq!(answer.message().aggregated_payload_size as usize, count * MESSAGE);
    count as u64
}

/// That many calls, all cancelled: one half once the first response was there, the others after
/// [`PATIENCE`] without any. Each caller makes the one and the other in turn: who gives up one call
/// after the other of a server that has answered none is no honest client.
///
/// # Panics
/// When a call fails by itself.
pub async fn cancelled_calls(channel: &Channel, calls: usize) {
    let at_a_time = 500;
    let mut streams = JoinSet::new();
    for stream in 0..at_a_time {
        let client = TestServiceClient::new(channel.clone());
        streams.spawn(async move {
            for call in 0..calls / at_a_time {
                let (mut requests, mut responses) = client.full_duplex_call(()).split();
                if (stream + call) % 2 == 0 {
                    let one = ResponseParameters { size: 1, ..Default::default() };
                    let request = StreamingOutputCallRequest {
                        response_parameters: vec![one],
                        ..Default::default()
                    };
                    requests.send(request).await.expect("an honest call");
                    let first = responses.message().await.expect("an honest call");
                    assert!(first.is_some());
                } else {
                    let none = tokio::time::timeout(PATIENCE, responses.message()).await;
                    assert!(none.is_err(), "nothing was asked for, and {none:?} came");
                }
            }
        });
    }
    while let Some(done) = streams.join_next().await {
        done.expect("an honest call");
    }
}

/// That many calls in that time are at least what they must be, for processes that had that part of
/// the machine.
///
/// # Panics
/// When they are less.
pub fn assert_rate(whose: &str, made: u64, a_second: u32, time: Duration, left: f64) {
    let rate = made as f64 / time.as_secs_f64();
    let least = share::least(f64::from(a_second), left);
    println!("{whose}: {rate:.0} calls a second, at least {least:.0} ({left:.2} of the machine)");
    assert!(rate >= least, "{whose}: {made} calls in {time:?}, {rate:.0} a second: too slow");
}

/// That many unary calls a second for that long, all of which are answered; returns how many were
/// made.
///
/// # Panics
/// When a call fails.
pub async fn short_streams(channel: &Channel, a_second: u32, time: Duration) -> u64 {
    let tick = Duration::from_millis(5);
    let begin = Instant::now();
    let mut calls = JoinSet::new();
    let (mut made, mut answered) = (0_u64, 0_u64);
    while begin.elapsed() < time {
        let due = (begin.elapsed().as_secs_f64() * f64::from(a_second)) as u64;
        // a machine that cannot keep up makes them at its own pace
        while made < due && made - answered < 2000 {
            let client = TestServiceClient::new(channel.clone());
            calls.spawn(async move { client.empty_call(Empty::default()).await.map(drop) });
            made += 1;
        }
        tokio::time::sleep(tick).await;
        while let Some(done) = calls.try_join_next() {
            answered += 1;
            done.expect("no panic").expect("an honest call");
        }
    }
    for done in calls.join_all().await {
        assert_ne!(done.as_ref().err().map(protocall::Status::code), Some(Code::Unavailable));
        done.expect("an honest call");
    }
    made
}
