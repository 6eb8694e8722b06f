//! Where handlers run: quick ones on their connection's task, slow ones in tasks of their own, and
//! back again.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use protocall_channel::Channel;
use protocall_core::codec::{CodecError, Payload};
use protocall_core::{Code, Method, MethodKind, Status, codec};
use protocall_server::{Routes, Server, Service};
use protocall_transport::io::memory;
use protocall_transport::message::{Request, Response};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use tokio::task::JoinSet;

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

static WAIT: Method = Method::new("t.G", "Wait", "/t.G/Wait", MethodKind::Unary);
static QUICK: Method = Method::new("t.G", "Quick", "/t.G/Quick", MethodKind::Unary);

/// Blocks the threads of its calls until it is opened.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    fn pass(&self) {
        let (open, opened) = &*self.0;
        drop(opened.wait_while(open.lock().unwrap(), |open| !*open).unwrap());
    }

    fn set(&self, open: bool) {
        *self.0.0.lock().unwrap() = open;
        self.0.1.notify_all();
    }

    fn is_open(&self) -> bool {
        *self.0.0.lock().unwrap()
    }

    /// Opens it after a while, from a thread that nobody can keep busy: a test that fails ends.
    fn open_at_last(&self) {
        let gate = self.clone();
        std::thread::spawn(move || {
            std::thread::park_timeout(Duration::from_secs(20));
            gate.set(true);
        });
    }
}

async fn wait(gate: Arc<Gate>, request: Request<u64>) -> Result<Response<u64>, Status> {
    let micros = request.into_inner();
    std::thread::sleep(Duration::from_micros(micros));
    gate.pass();
    Ok(Response::new(micros))
}

async fn quick(_: Arc<Gate>, request: Request<u64>) -> Result<Response<u64>, Status> {
    Ok(Response::new(request.into_inner()))
}

impl Service for Gate {
    fn name(&self) -> &'static str {
        "t.G"
    }

    fn register(self, routes: &mut Routes) {
        let gate = Arc::new(self);
        routes.unary::<Decimal, u64, u64, _, _, _>(&WAIT, &gate, wait);
        routes.unary::<Decimal, u64, u64, _, _, _>(&QUICK, &gate, quick);
    }
}

/// More than can be polled at once.
const BLOCKED: u64 = 40;

/// Slow calls block more threads than the runtime has workers, and quick ones are answered beside
/// them; over TCP, since somebody must also watch the sockets meanwhile.
async fn quick_calls_pass_blocked_ones(gate: Gate, target: String) {
    let channel = Channel::lazy(&target).unwrap();
    gate.set(true);
    for _ in 0..40 {
        // at 2 ms each, this is known to be slow
        channel.unary::<Decimal, u64, u64>(&WAIT, Request::new(2_000)).await.unwrap();
    }
    gate.set(false);
    gate.open_at_last();
    let mut blocked = JoinSet::new();
    for call in 0..BLOCKED {
        let channel = channel.clone();
        blocked.spawn(async move {
            channel.unary::<Decimal, u64, u64>(&WAIT, Request::new(call)).await.unwrap();
        });
    }
    for call in 0..20 {
        channel.unary::<Decimal, u64, u64>(&QUICK, Request::new(call)).await.unwrap();
    }
    assert!(!gate.is_open(), "the quick calls waited for the slow ones");
    gate.set(true);
    while let Some(done) = blocked.join_next().await {
        done.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_calls_on_every_worker_do_not_stop_quick_ones() {
    let gate = Gate::default();
    let server = Server::builder().add_service(gate.clone()).bind("127.0.0.1:0").await.unwrap();
    let target = format!("http://{}", server.local_addr().unwrap());
    let serving = tokio::spawn(server.serve());
    quick_calls_pass_blocked_ones(gate, target).await;
    serving.abort();
}

#[tokio::test]
async fn slow_calls_of_a_server_with_a_runtime_a_thread_do_not_stop_quick_ones() {
    let gate = Gate::default();
    let path = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = Server::builder().add_service(gate.clone());
    let serving = tokio::spawn(server.serve_sharded(path, 1, std::future::pending()));
    quick_calls_pass_blocked_ones(gate, format!("http://{path}")).await;
    serving.abort();
}
