//! Is the other end alive?

use super::WIRE;
use protocall::{Channel, Code, Server};
use protocall_tests::proto::trial::{TrialClient, TrialServer};
use protocall_tests::raw::{Raw, frame, kind};
use protocall_tests::rig::{Rig, pipes};
use protocall_tests::service::Scripted;
use protocall_tests::{blob, run_paused};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn a_server_asks_after_two_hours_and_closes_without_an_answer() {
    run_paused(async {
        let rig = Rig::start(WIRE, Scripted::default()).await;
        let mut raw = Raw::client(rig.door().raw().await).await;
        raw.wait_for(kind::SETTINGS).await;
        raw.send(&frame(kind::SETTINGS, 1, 0, b"")).await;
        let begun = Instant::now();
        let ping = raw.wait_for(kind::PING).await;
        assert_eq!(begun.elapsed().as_secs(), 2 * 60 * 60);
        raw.send(&frame(kind::PING, 1, 0, &ping.payload)).await;
        raw.wait_for(kind::PING).await;
        assert_eq!(begun.elapsed().as_secs(), 4 * 60 * 60);
        raw.frames().await;
        let took = begun.elapsed().as_secs() - 4 * 60 * 60;
        assert!((20..=22).contains(&took), "{took}");
    });
}

#[test]
fn an_idle_connection_of_ours_lives_on() {
    run_paused(async {
        let rig = Rig::start(WIRE, Scripted::default()).await;
        let client = rig.client();
        for _ in 0..5 {
            client.unary(blob(10)).await.unwrap();
            sleep(5 * 60 * MINUTE).await;
        }
    });
}

/// With keepalive set, a client notices that its server fell silent in the middle of a call.
#[test]
fn a_client_with_keepalive_notices_a_dead_server() {
    run_paused(async {
        let (pipes, mut listener) = pipes(64 * 1024);
        let silent = tokio::spawn(async move {
            let stream = listener.next().await.unwrap();
            let mut raw = Raw::server(Box::new(stream)).await;
            raw.wait_for(kind::SETTINGS).await;
            raw.send(&frame(kind::SETTINGS, 1, 0, b"")).await;
            // takes everything, says nothing more
            while raw.next().await.is_some() {}
        });
        let mut http2 = protocall::http2::Config::client();
        http2.keepalive_interval = Some(MINUTE);
        let client = TrialClient::new(Channel::over(pipes).http2(http2).build());
        let begun = Instant::now();
        let error = client.unary(blob(10)).await.unwrap_err();
        assert_eq!(error.code(), Code::Unavailable, "{error}");
        assert!(error.message().contains("keepalive"), "{error}");
        assert_eq!(begun.elapsed().as_secs(), 80);
        silent.await.unwrap();
    });
}

/// Keepalive at the pace that servers allow does not anger ours.
#[test]
fn lawful_keepalive_is_lawful() {
    run_paused(async {
        let service = Scripted::default().unary(|_| std::future::pending());
        let builder = Server::builder().add_service(TrialServer::new(service));
        let rig = Rig::serve(WIRE, builder).await;
        let mut http2 = protocall::http2::Config::client();
        http2.keepalive_interval = Some(5 * MINUTE + Duration::from_secs(1));
        let client = TrialClient::new(rig.channel_builder().http2(http2).build());
        let request = protocall::Request::new(blob(10)).with_timeout(600 * MINUTE);
        let error = client.unary(request).await.unwrap_err();
        assert_eq!(error.code(), Code::DeadlineExceeded, "{error}");
    });
}
