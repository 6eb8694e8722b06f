//! Many calls on one connection: what the interop description only sketches, made precise.
//! Flow control is what breaks here: credit that is lost stops a connection for good.
#![allow(clippy::unwrap_used)]

use protocall::{Channel, Server, memory};
use protocall_interop::cases;
use protocall_interop::proto::grpc::testing::{
    Empty, ResponseParameters, StreamingOutputCallRequest, TestServiceClient, TestServiceServer,
};
use protocall_interop::service::TestServer;
use std::time::Duration;
use tokio::task::JoinSet;

/// A test that needs longer hangs.
const LIMIT: Duration = Duration::from_secs(60);
/// Calls at the same time, as in the description: their messages together are far above the bytes
/// that a connection may hold, so none may wait for another's to be read.
const CALLS: usize = 1000;
/// Messages of a stream, together far above every window.
const MESSAGES: usize = 100;

fn channel() -> Channel {
    let (connector, listener) = memory::pair();
    let server = Server::builder().add_service(TestServiceServer::new(TestServer::new()));
    tokio::spawn(server.on(listener).unwrap().serve());
    Channel::over(connector).build()
}

/// `concurrent_large_unary` of the description.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_large_calls_all_end_well() {
    for name in ["large_unary", "ping_pong", "client_streaming", "server_streaming"] {
        let channel = channel();
        let case = cases::find(name).unwrap();
        let mut calls = JoinSet::new();
        for _ in 0..CALLS {
            let channel = channel.clone();
            calls.spawn(async move { case.run(channel).await });
        }
        let outcomes = tokio::time::timeout(LIMIT, calls.join_all()).await.unwrap();
        assert_eq!(outcomes, vec![Ok(()); CALLS], "{name}");
    }
}

/// The description's flow control pushback: streams that nobody reads hold up no other call, and
/// bring everything once they are read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_that_nobody_reads_hold_up_no_other_call() {
    let channel = channel();
    let client = TestServiceClient::new(channel.clone());
    let size = 100_000;
    let request = StreamingOutputCallRequest {
        response_parameters: vec![ResponseParameters { size, ..Default::default() }; MESSAGES],
        ..Default::default()
    };
    let mut unread = Vec::new();
    for _ in 0..4 {
        let mut responses = client.streaming_output_call(request.clone());
        tokio::time::timeout(LIMIT, responses.headers()).await.unwrap().unwrap();
        unread.push(responses);
    }
    let large = cases::find("large_unary").unwrap();
    let mut calls = JoinSet::new();
    for _ in 0..CALLS {
        let client = client.clone();
        calls.spawn(async move { client.empty_call(Empty::default()).await.map(drop) });
    }
    for outcome in tokio::time::timeout(LIMIT, calls.join_all()).await.unwrap() {
        outcome.unwrap();
    }
    tokio::time::timeout(LIMIT, large.run(channel)).await.unwrap().unwrap();
    for mut responses in unread {
        let mut count = 0;
        while let Some(response) =
            tokio::time::timeout(LIMIT, responses.message()).await.unwrap().unwrap()
        {
            assert_eq!(response.payload.body.len(), size as usize);
            count += 1;
        }
        assert_eq!(count, MESSAGES);
    }
}
