//! Connections that look for more before they sleep: as right as others, and no burden to the rest
//! of their runtime.

use protocall::Server;
use protocall_tests::numbered;
use protocall_tests::proto::trial::{TrialClient, TrialServer};
use protocall_tests::rig::{Rig, Wire};
use protocall_tests::service::Scripted;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

super::over_each_wire!(calls_go_their_way, other_tasks_get_their_turns);

async fn serve(wire: Wire, service: Scripted, time: Duration) -> (Rig, TrialClient) {
    let server = Server::builder().busy_poll(time).add_service(TrialServer::new(service));
    let rig = Rig::serve(wire, server).await;
    let client = TrialClient::new(rig.channel_builder().busy_poll(time).build());
    (rig, client)
}

async fn calls_go_their_way(wire: Wire) {
    let time = Duration::from_micros(50);
    let (mut rig, client) = serve(wire, Scripted::default(), time).await;
    for number in 1..=100 {
        let answer = client.unary(numbered(number)).await.unwrap();
        assert_eq!(answer.message().number, number);
    }
    let mut chat = client.chat(());
    for number in 1..=100 {
        chat.send(numbered(number)).await.unwrap();
        assert_eq!(chat.message().await.unwrap().unwrap().number, number);
    }
    drop((chat, client));
    rig.stop();
    rig.stopped().await;
}

/// Both ends look on for longer than the test may last, on the one thread of all.
async fn other_tasks_get_their_turns(wire: Wire) {
    let (go, asked) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let waits = (Arc::clone(&go), Arc::clone(&asked));
    let service = Scripted::default().unary(move |request| {
        let (go, asked) = (Arc::clone(&waits.0), Arc::clone(&waits.1));
        async move {
            asked.notify_one();
            go.notified().await;
            Ok(protocall::Response::new(request.into_inner()))
        }
    });
    let (_rig, client) = serve(wire, service, Duration::from_secs(3600)).await;
    let call = tokio::spawn(async move { client.unary(numbered(7)).await });
    asked.notified().await;
    tokio::spawn(async move { go.notify_one() });
    assert_eq!(call.await.unwrap().unwrap().message().number, 7);
}
