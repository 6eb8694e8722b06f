//! How connections end in time: age, idleness, unacknowledged settings, peers that take nothing.

use super::WIRE;
use protocall::channel::Channel;
use protocall::{Chance, Code, Request, Response, ResponseStream, Server};
use protocall_tests::proto::trial::{TrialClient, TrialServer};
use protocall_tests::raw::{Raw, call, data, envelope, frame, headers, kind};
use protocall_tests::rig::{Rig, pipes};
use protocall_tests::service::Scripted;
use protocall_tests::{blob, numbered, run_paused, settle};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A source of chance that always says the same.
fn always(share: f64) -> Chance {
    Chance::from_fn(move || share)
}

/// A client by hand that has acknowledged the server's SETTINGS.
async fn client(rig: &Rig) -> Raw {
    let mut raw = Raw::client(rig.door().raw().await).await;
    raw.wait_for(kind::SETTINGS).await;
    raw.send(&frame(kind::SETTINGS, 1, 0, b"")).await;
    raw
}

/// One whose initial window is that, with all of the connection's window open.
async fn client_with_window(rig: &Rig, window: u32) -> Raw {
    let mut raw = client(rig).await;
    let setting = [&[0, 4][..], &window.to_be_bytes()].concat();
    raw.send(&frame(kind::SETTINGS, 0, 0, &setting)).await;
    raw.send(&frame(kind::WINDOW_UPDATE, 0, 0, &0x7000_0000u32.to_be_bytes())).await;
    raw
}

async fn ask(raw: &mut Raw, stream: u32, path: &str) {
    raw.send(&headers(stream, &call(path), false)).await;
    raw.send(&data(stream, &envelope(b""), true)).await;
}

/// Unary calls are answered by so many bytes; counts how many were.
fn generous(bytes: usize) -> (Scripted, Arc<AtomicUsize>) {
    laborious(bytes, Duration::ZERO)
}

/// The same, after so much work.
fn laborious(bytes: usize, work: Duration) -> (Scripted, Arc<AtomicUsize>) {
    let answered = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&answered);
    let service = Scripted::default().unary(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        async move {
            std::thread::sleep(work);
            Ok(Response::new(blob(bytes)))
        }
    });
    (service, answered)
}

#[test]
fn an_old_connection_leaves_in_two_steps_and_ends_with_its_grace() {
    run_paused(async {
        for (share, age) in [(0.0, 90), (0.5, 100), (1.0, 110)] {
            let service = Scripted::default().unary(|_| std::future::pending());
            let server = Server::builder()
                .max_connection_age(seconds(100))
                .max_connection_age_grace(seconds(30))
                .chance(always(share))
                .add_service(TrialServer::new(service));
            let rig = Rig::serve(WIRE, server).await;
            let begun = Instant::now();
            let mut raw = client(&rig).await;
            ask(&mut raw, 1, "/trial.Trial/Unary").await;
            let first = raw.wait_for(kind::GOAWAY).await;
            assert_eq!(begun.elapsed().as_secs(), age, "a tenth around a hundred");
            assert_eq!(first.payload[..4], 0x7fff_ffffu32.to_be_bytes());
            assert_eq!(&first.payload[8..], b"max_age");
            let second = raw.wait_for(kind::GOAWAY).await;
            assert_eq!(begun.elapsed().as_secs(), age, "the PING was answered");
            assert_eq!(second.payload[..4], 1u32.to_be_bytes());
            raw.frames().await;
            let took = begun.elapsed().as_secs() - age;
            assert!((30..=32).contains(&took), "{took}");
            drop(raw);
            settle().await;
            let stats = rig.stats();
            assert_eq!(stats.http2.max_age_reached, 1);
            assert_eq!(stats.http2.max_age_grace_exceeded, 1);
            assert_eq!(stats.accept.connections_open, 0);
        }
    });
}

/// A client by hand that does not answer the PING gets the second step after five seconds.
#[test]
fn the_second_step_waits_five_seconds_for_an_answer() {
    run_paused(async {
        let service = Scripted::default().unary(|_| std::future::pending());
        let server = Server::builder()
            .max_connection_age(seconds(100))
            .chance(always(0.5))
            .add_service(TrialServer::new(service));
        let rig = Rig::serve(WIRE, server).await;
        let mut raw = client(&rig).await;
        ask(&mut raw, 1, "/trial.Trial/Unary").await;
        while raw.next().await.unwrap().kind != kind::GOAWAY {}
        let begun = Instant::now();
        while raw.next().await.unwrap().kind != kind::GOAWAY {}
        assert_eq!(begun.elapsed().as_secs(), 5);
        settle().await;
        assert_eq!(rig.stats().http2.goaway_timeouts, 1);
    });
}

/// Calls never notice the age of their connection.
#[test]
fn a_channel_outlives_the_ages_of_its_connections() {
    run_paused(async {
        let server = Server::builder()
            .max_connection_age(seconds(10))
            .add_service(TrialServer::new(Scripted::default()));
        let rig = Rig::serve(WIRE, server).await;
        let channel = rig.channel();
        let client = TrialClient::new(channel.clone());
        for number in 0..1000 {
            assert_eq!(client.unary(numbered(number)).await.unwrap().message().number, number);
            sleep(Duration::from_millis(100)).await;
        }
        let made = channel.stats().snapshot().connect.connections_made;
        assert!((9..=12).contains(&made), "{made}");
        assert_eq!(rig.stats().http2.max_age_reached + 1, made);
    });
}

#[test]
fn an_idle_connection_is_closed_and_made_again_when_needed() {
    run_paused(async {
        let service = Scripted::default().unary(|request: Request<_>| async move {
            sleep(seconds(200)).await;
            Ok(Response::new(request.into_inner()))
        });
        let server = Server::builder()
            .max_connection_idle(seconds(100))
            .add_service(TrialServer::new(service));
        let rig = Rig::serve(WIRE, server).await;
        let channel = rig.channel();
        let client = TrialClient::new(channel.clone());
        for round in 1..=3 {
            client.unary(blob(1)).await.unwrap();
            let stats = channel.stats();
            assert_eq!(
                stats.snapshot().connect.connections_made,
                round,
                "a long call is no idling"
            );
            sleep(seconds(99)).await;
            assert_eq!(stats.snapshot().connect.connections_open, 1, "idle since the call's end");
            sleep(seconds(3)).await;
            assert_eq!(stats.snapshot().connect.connections_open, 0);
            assert_eq!(rig.stats().http2.max_idle_reached, round);
        }
    });
}

#[test]
fn settings_that_are_not_acknowledged_end_the_connection_on_either_side() {
    run_paused(async {
        let rig = Rig::start(WIRE, Scripted::default()).await;
        let mut raw = Raw::client(rig.door().raw().await).await;
        let begun = Instant::now();
        while raw.next().await.unwrap().kind != kind::GOAWAY {}
        assert_eq!(begun.elapsed().as_secs(), 60);
        settle().await;
        assert_eq!(rig.stats().http2.settings_timeouts, 1);

        let (pipes, mut listener) = pipes(64 * 1024);
        let channel = Channel::over(pipes).build();
        let client = TrialClient::new(channel.clone());
        let call = tokio::spawn(async move { client.unary(blob(1)).await });
        let mut raw = Raw::server(Box::new(listener.next().await.unwrap())).await;
        let begun = Instant::now();
        let last = loop {
            let frame = raw.next().await.unwrap();
            if frame.kind == kind::GOAWAY {
                break frame;
            }
        };
        assert_eq!((last.error_code(), begun.elapsed().as_secs()), (4, 60));
        let error = call.await.unwrap().unwrap_err();
        assert_eq!(error.code(), Code::Unavailable, "{error}");
        assert_eq!(channel.stats().snapshot().http2.settings_timeouts, 1);
    });
}

/// Output waits and the client reads none of it: its connection is closed after 60 s.
#[test]
fn a_client_that_reads_nothing_is_left() {
    run_paused(async {
        let (service, _) = generous(1_000_000);
        let rig = Rig::serve(WIRE, Server::builder().add_service(TrialServer::new(service))).await;
        let mut raw = client_with_window(&rig, 0x7fff_ffff).await;
        let begun = Instant::now();
        ask(&mut raw, 1, "/trial.Trial/Unary").await;
        while rig.stats().accept.connections_open > 0 {
            sleep(Duration::from_millis(100)).await;
        }
        let took = begun.elapsed().as_secs();
        assert!((60..=62).contains(&took), "{took}");
        assert_eq!(rig.stats().http2.write_timeouts, 1);
        drop(raw);
    });
}

/// A server that reads nothing is given up after 20 s, and its calls with it.
#[test]
fn a_server_that_reads_nothing_is_left() {
    run_paused(async {
        let (pipes, mut listener) = pipes(64 * 1024);
        let channel = Channel::over(pipes).build();
        let client = TrialClient::new(channel.clone());
        let call = tokio::spawn(async move {
            let begun = Instant::now();
            (client.unary(blob(1_000_000)).await, begun.elapsed().as_secs())
        });
        let mut raw = Raw::server(Box::new(listener.next().await.unwrap())).await;
        // SETTINGS_INITIAL_WINDOW_SIZE, and the connection's window
        raw.send(&frame(kind::SETTINGS, 0, 0, &[0, 4, 0x7f, 0xff, 0xff, 0xff])).await;
        raw.send(&frame(kind::WINDOW_UPDATE, 0, 0, &0x7000_0000u32.to_be_bytes())).await;
        let (result, took) = call.await.unwrap();
        let error = result.unwrap_err();
        assert_eq!(error.code(), Code::Unavailable, "{error}");
        assert!((20..=21).contains(&took), "{took}");
        assert_eq!(channel.stats().snapshot().http2.write_timeouts, 1);
        drop(raw);
    });
}

/// A whole response of which its client takes nothing is reset after 60 s; a stream of responses
/// waits as long as its reader likes.
#[test]
fn whole_responses_are_not_kept_for_ever_and_streams_are() {
    run_paused(async {
        let (service, _) = generous(10_000);
        let service = service.download(|_| async {
            Ok(Response::new(ResponseStream::iter([blob(10_000), blob(10_000)])))
        });
        let rig = Rig::serve(WIRE, Server::builder().add_service(TrialServer::new(service))).await;
        let mut raw = client_with_window(&rig, 0).await;
        let begun = Instant::now();
        ask(&mut raw, 1, "/trial.Trial/Download").await;
        ask(&mut raw, 3, "/trial.Trial/Unary").await;
        let reset = raw.wait_for(kind::RST_STREAM).await;
        assert_eq!((reset.stream, reset.error_code()), (3, 11));
        assert_eq!(begun.elapsed().as_secs(), 60);
        settle().await;
        assert_eq!(rig.stats().transport.stalled_responses, 1);
        sleep(seconds(3600)).await;
        raw.send(&frame(kind::WINDOW_UPDATE, 0, 1, &100_000u32.to_be_bytes())).await;
        let answer = raw.answer(1).await;
        assert_eq!(answer.field("grpc-status"), Some("0"));
        assert!(answer.body.len() > 20_000, "{}", answer.body.len());
    });
}

/// How long that is, is a setting.
#[test]
fn whole_responses_wait_for_as_long_as_is_set() {
    run_paused(async {
        let mut http2 = protocall::http2::Config::server();
        http2.response_timeout = seconds(5);
        let (service, _) = generous(10_000);
        let server = Server::builder().http2(http2).add_service(TrialServer::new(service));
        let rig = Rig::serve(WIRE, server).await;
        let mut raw = client_with_window(&rig, 0).await;
        let begun = Instant::now();
        ask(&mut raw, 1, "/trial.Trial/Unary").await;
        raw.wait_for(kind::RST_STREAM).await;
        assert_eq!(begun.elapsed().as_secs(), 5);
        settle().await;
        assert_eq!(rig.stats().transport.stalled_responses, 1);
    });
}

/// A client that takes a little now and then keeps its response.
#[test]
fn a_slow_reader_of_a_whole_response_is_waited_for() {
    run_paused(async {
        let (service, _) = generous(10_000);
        let rig = Rig::serve(WIRE, Server::builder().add_service(TrialServer::new(service))).await;
        let mut raw = client_with_window(&rig, 0).await;
        ask(&mut raw, 1, "/trial.Trial/Unary").await;
        for _ in 0..12 {
            sleep(seconds(50)).await;
            raw.send(&frame(kind::WINDOW_UPDATE, 0, 1, &1000u32.to_be_bytes())).await;
        }
        let answer = raw.answer(1).await;
        assert_eq!(answer.field("grpc-status"), Some("0"));
        assert!(answer.body.len() > 10_000);
        assert_eq!(rig.stats().transport.stalled_responses, 0);
    });
}

/// Responses that nobody takes hold a budget's worth of memory; further calls wait, and go on when
/// the client takes what is there.
#[test]
fn responses_that_nobody_takes_stay_within_a_budget() {
    stay_within_a_budget(Duration::ZERO);
}

/// Also those of a method that is slow, which runs elsewhere: nobody sees how large they become.
#[test]
fn responses_made_elsewhere_stay_within_a_budget() {
    stay_within_a_budget(Duration::from_millis(2));
}

/// Of the calls that wait for room, those of a slow method whose calls at work need all of it keep
/// no others waiting.
#[test]
fn quick_calls_do_not_wait_for_room_that_slow_ones_need() {
    run_paused(async {
        let begun = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&begun);
        let service = Scripted::default().unary(move |_| {
            let number = count.fetch_add(1, Ordering::SeqCst);
            async move {
                std::thread::sleep(Duration::from_millis(2));
                if number == 0 {
                    std::future::pending::<()>().await;
                }
                Ok(Response::new(blob(1_000_000)))
            }
        });
        let mut http2 = protocall::http2::Config::server();
        http2.response_budget = 500_000;
        let server = Server::builder().http2(http2).add_service(TrialServer::new(service));
        let rig = Rig::serve(WIRE, server).await;
        let mut raw = client_with_window(&rig, 0).await;
        ask(&mut raw, 1, "/trial.Trial/Unary").await;
        ask(&mut raw, 3, "/trial.Trial/Unary").await;
        settle().await;
        assert_eq!(begun.load(Ordering::SeqCst), 2, "one at work, one that waits to be taken");
        ask(&mut raw, 5, "/trial.Trial/Unary").await;
        ask(&mut raw, 7, "/trial.Trial/Upload").await;
        settle().await;
        assert_eq!(begun.load(Ordering::SeqCst), 2, "there is no room");
        assert!(rig.stats().transport.calls_parked >= 2);
        for stream in [3, 7] {
            raw.send(&frame(kind::WINDOW_UPDATE, 0, stream, &2_000_000u32.to_be_bytes())).await;
            assert_eq!(raw.answer(stream).await.field("grpc-status"), Some("0"), "{stream}");
        }
        assert_eq!(begun.load(Ordering::SeqCst), 2, "the one at work may need all of it");
        raw.send(&frame(kind::RST_STREAM, 0, 1, &8u32.to_be_bytes())).await;
        raw.send(&frame(kind::WINDOW_UPDATE, 0, 5, &2_000_000u32.to_be_bytes())).await;
        assert_eq!(raw.answer(5).await.field("grpc-status"), Some("0"));
    });
}

fn stay_within_a_budget(work: Duration) {
    run_paused(async {
        let (service, answered) = laborious(1_000_000, work);
        let rig = Rig::serve(WIRE, Server::builder().add_service(TrialServer::new(service))).await;
        let mut raw = client_with_window(&rig, 0).await;
        for number in 0..100 {
            ask(&mut raw, 2 * number + 1, "/trial.Trial/Unary").await;
        }
        settle().await;
        assert_eq!(answered.load(Ordering::SeqCst), 9, "8 MiB, and one more");
        assert_eq!(rig.stats().transport.calls_parked, 91);
        rig.client().unary(blob(1)).await.unwrap();
        // what is taken makes room for as much, not for all that wait
        for number in 0..9 {
            let stream = 2 * number + 1;
            raw.send(&frame(kind::WINDOW_UPDATE, 0, stream, &2_000_000u32.to_be_bytes())).await;
        }
        for number in 0..9 {
            raw.answer(2 * number + 1).await;
        }
        settle().await;
        assert_eq!(answered.load(Ordering::SeqCst), 9 + 1 + 9, "and the other client's");
        // until all are answered
        for number in 9..100 {
            let stream = 2 * number + 1;
            raw.send(&frame(kind::WINDOW_UPDATE, 0, stream, &2_000_000u32.to_be_bytes())).await;
            let answer = raw.answer(stream).await;
            assert_eq!(answer.field("grpc-status"), Some("0"));
        }
        assert_eq!(answered.load(Ordering::SeqCst), 101);
    });
}
