//! How a server stops: gently, but not for ever.

use super::WIRE;
use protocall::{Code, Request, Response, Server};
use protocall_tests::proto::trial::{Blob, TrialClient, TrialServer};
use protocall_tests::raw::{Raw, call, data, envelope, frame, headers, kind};
use protocall_tests::rig::{Door, Pipes, Rig};
use protocall_tests::service::Scripted;
use protocall_tests::{blob, numbered, run_paused, settle};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Unary calls take as many seconds as their number says.
fn slow() -> Scripted {
    Scripted::default().unary(|request: Request<Blob>| async move {
        sleep(Duration::from_secs(request.message().number as u64)).await;
        Ok(Response::new(request.into_inner()))
    })
}

fn pipes_of(rig: &Rig) -> Pipes {
    match rig.door() {
        Door::Pipe(pipes) => pipes.clone(),
        Door::Tcp(_) => panic!("not over TCP"),
    }
}

/// Running calls of all shapes finish, and the server stops when the last one has.
#[test]
fn running_calls_finish() {
    run_paused(async {
        let mut rig = Rig::start(WIRE, slow()).await;
        let client = rig.client();
        let begun = Instant::now();
        let call = {
            let client = client.clone();
            tokio::spawn(async move { client.unary(numbered(5)).await })
        };
        let mut chat = client.chat(());
        chat.send(numbered(1)).await.unwrap();
        assert_eq!(chat.message().await.unwrap().unwrap().number, 1);
        let mut upload = client.upload(());
        upload.send(blob(10)).await.unwrap();
        settle().await;
        rig.stop();
        settle().await;
        chat.send(numbered(2)).await.unwrap();
        assert_eq!(chat.message().await.unwrap().unwrap().number, 2);
        chat.finish();
        assert_eq!(chat.message().await.unwrap(), None);
        upload.send(blob(10)).await.unwrap();
        assert_eq!(upload.finish().await.unwrap().message().number, 2);
        assert_eq!(call.await.unwrap().unwrap().message().number, 5);
        rig.stopped().await;
        let took = begun.elapsed();
        assert!(took >= Duration::from_secs(5) && took < Duration::from_secs(7), "{took:?}");
    });
}

/// New calls go to the next server, without an error.
#[test]
fn new_calls_go_elsewhere() {
    run_paused(async {
        let mut rig = Rig::start(WIRE, slow()).await;
        let pipes = pipes_of(&rig);
        let client = TrialClient::new(protocall::Channel::over(pipes.clone()).build());
        let running = {
            let client = client.clone();
            tokio::spawn(async move { client.unary(numbered(5)).await })
        };
        settle().await;
        let next = Rig::start(WIRE, Scripted::default()).await;
        pipes.lead_to(&pipes_of(&next));
        rig.stop();
        settle().await;
        for number in 0..10 {
            assert_eq!(client.unary(numbered(number)).await.unwrap().message().number, number);
        }
        assert!(!running.is_finished());
        running.await.unwrap().unwrap();
        rig.stopped().await;
    });
}

#[test]
fn calls_that_outlast_the_limit_are_ended() {
    run_paused(async {
        let builder = Server::builder()
            .drain_limit(Duration::from_secs(10))
            .add_service(TrialServer::new(slow()));
        let mut rig = Rig::serve(WIRE, builder).await;
        let client = rig.client();
        let call = tokio::spawn(async move { client.unary(numbered(1000)).await });
        settle().await;
        let begun = Instant::now();
        rig.stop();
        rig.stopped().await;
        let took = begun.elapsed();
        assert!(took >= Duration::from_secs(10) && took < Duration::from_secs(13), "{took:?}");
        assert_eq!(call.await.unwrap().unwrap_err().code(), Code::Unavailable);
    });
}

#[test]
fn idle_connections_close_at_once() {
    run_paused(async {
        let mut rig = Rig::start(WIRE, slow()).await;
        let client = rig.client();
        client.unary(numbered(0)).await.unwrap();
        let begun = Instant::now();
        rig.stop();
        rig.stopped().await;
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
        drop(client);
    });
}

/// A server may stop before anybody came.
#[test]
fn nothing_to_drain() {
    run_paused(async {
        let mut rig = Rig::start(WIRE, slow()).await;
        rig.stop();
        rig.stopped().await;
    });
}

/// Two steps (RFC 9113 section 6.8): calls on their way when the client hears of it are served.
#[test]
fn a_call_that_crosses_the_goaway_is_served() {
    run_paused(async {
        let mut rig = Rig::start(WIRE, slow()).await;
        let mut raw = Raw::client(rig.door().raw().await).await;
        raw.wait_for(kind::SETTINGS).await;
        raw.send(&frame(kind::SETTINGS, 1, 0, b"")).await;
        settle().await;
        rig.stop();
        let first = raw.wait_for(kind::GOAWAY).await;
        assert_eq!(first.payload[..4], 0x7fff_ffffu32.to_be_bytes());
        // this call was on its way: the PING behind the GOAWAY is not answered yet
        raw.send(&headers(1, &call("/trial.Trial/Unary"), false)).await;
        raw.send(&data(1, &envelope(b""), true)).await;
        let ping = raw.wait_for(kind::PING).await;
        raw.send(&frame(kind::PING, 1, 0, &ping.payload)).await;
        let mut seen = Vec::new();
        while let Some(frame) = raw.next().await {
            seen.push((frame.kind, frame.stream, frame.ends()));
        }
        assert!(seen.contains(&(kind::HEADERS, 1, true)), "{seen:?}");
        assert!(seen.iter().any(|(kind, ..)| *kind == kind::GOAWAY), "{seen:?}");
        rig.stopped().await;
    });
}

/// A client that never answers the PING of the first step holds nothing up but its own calls.
#[test]
fn a_client_that_ignores_the_goaway_is_left() {
    run_paused(async {
        let builder = Server::builder()
            .drain_limit(Duration::from_secs(10))
            .add_service(TrialServer::new(slow()));
        let mut rig = Rig::serve(WIRE, builder).await;
        let mut raw = Raw::client(rig.door().raw().await).await;
        raw.wait_for(kind::SETTINGS).await;
        settle().await;
        let begun = Instant::now();
        rig.stop();
        rig.stopped().await;
        assert!(begun.elapsed() < Duration::from_secs(13), "{:?}", begun.elapsed());
    });
}
