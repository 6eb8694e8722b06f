//! Where handlers run: quick ones on their connection's task, slow ones in tasks of their own, and
//! back again.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use protocall_channel::Channel;
use protocall_core::codec::{CodecError, Payload};
use protocall_core::{Code, Method, MethodKind, Status, codec};
use protocall_server::{Routes, Server, Service};
use protocall_transport::io::memory;
use protocall_transport::message::{Request, Response};
use std::sync::Arc;
use std::time::Duration;

static WORK: Method = Method::new("t.T", "Work", "/t.T/Work", MethodKind::Unary);

/// A number, as its decimal digits.
enum Decimal {}

impl codec::Codec<u64> for Decimal {
    fn encode(message: &u64, buffer: &mut Vec<u8>) -> Result<(), CodecError> {
        buffer.extend_from_slice(message.to_string().as_bytes());
        Ok(())
    }

    fn decode(payload: Payload<'_>) -> Result<u64, CodecError> {
        let text = std::str::from_utf8(payload.as_slice()).unwrap();
        Ok(text.parse().unwrap())
    }
}

/// Blocks its thread for that many microseconds, not at all for 1, and answers with the id of its
/// task; panics for 0.
struct Worker;

async fn work(_: Arc<Worker>, request: Request<u64>) -> Result<Response<u64>, Status> {
    let micros = request.into_inner();
    assert!(micros > 0, "asked to panic");
    if micros > 1 {
        std::thread::sleep(Duration::from_micros(micros));
    }
    let id = tokio::task::id().to_string();
    Ok(Response::new(id.parse().unwrap()))
}

impl Service for Worker {
    fn name(&self) -> &'static str {
        "t.T"
    }

    fn register(self, routes: &mut Routes) {
        routes.unary::<Decimal, u64, u64, _, _, _>(&WORK, &Arc::new(self), work);
    }
}

async fn call(channel: &Channel, micros: u64) -> Result<u64, Status> {
    let answer = channel.unary::<Decimal, u64, u64>(&WORK, Request::new(micros)).await;
    answer.map(Response::into_inner)
}

#[tokio::test]
async fn a_slow_handler_leaves_its_connection_and_comes_back_when_quick() {
    let (connector, listener) = memory::pair();
    let server = Server::builder().add_service(Worker).on(listener).unwrap();
    tokio::spawn(server.serve());
    let channel = Channel::over(connector).build();
    let connection = call(&channel, 1).await.unwrap();
    for _ in 0..20 {
        assert_eq!(call(&channel, 1).await.unwrap(), connection, "quick: on the connection");
    }
    let mut moved = false;
    for _ in 0..40 {
        moved |= call(&channel, 2_000).await.unwrap() != connection;
    }
    assert!(moved, "slow: elsewhere after at most a sample");
    assert_ne!(call(&channel, 2_000).await.unwrap(), connection);
    let panicked = call(&channel, 0).await.unwrap_err();
    assert_eq!((panicked.code(), panicked.message()), (Code::Unknown, "the handler panicked"));
    let mut back = false;
    for _ in 0..2_000 {
        back |= call(&channel, 1).await.unwrap() == connection;
    }
    assert!(back, "quick again: back on the connection");
}
