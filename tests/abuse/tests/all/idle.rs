//! What it costs to be there and do nothing: the idle memory of the limits table.
//!
//! Of a stream it is told apart what is ours and what the application's: the future of its handler,
//! its request in it, whose size the handlers here tell.

use super::headers::{CHAT, UPLOAD, opened};
use protocall::codec::Buffa;
use protocall::server::{Builder, Routes, Service};
use protocall::{Request, Response, ResponseStream, Server, Status, Streaming};
use protocall_abuse::peer::Peer;
use protocall_abuse::trial::UNARY;
use protocall_abuse::victim::Victim;
use protocall_tests::proto::trial::{Blob, Trial, TrialServer, trial_methods};
use protocall_tests::raw::{data, envelope};
use protocall_tests::service::Scripted;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Bytes of an idle connection, all that the runtime keeps for it included.
const CONNECTION: i64 = 4096;
/// Of an open stream, without its handler's future.
const STREAM: i64 = 256;
/// Of one whose handler, of a generated service, waits for a message, with its future.
const WHOLE_STREAM: i64 = 640;

const PATIENCE: Duration = Duration::from_secs(10);

fn server(builder: impl FnOnce() -> Builder + Send + 'static) -> (Victim, SocketAddr) {
    let (victim, addr) = Victim::server(builder);
    // what a server needs once
    drop(connected(addr, 8));
    let _ = victim.look_when_idle();
    (victim, addr)
}

fn echoing() -> Builder {
    Server::builder().add_service(TrialServer::new(Scripted::default()))
}

/// Until connections have found that they have nothing to do: two looks, a second apart.
fn rest() {
    std::thread::park_timeout(Duration::from_millis(2500));
}

/// What the victim holds once it gives nothing back any more.
fn at_rest(victim: &Victim) -> i64 {
    let mut live = 0;
    for _ in 0..8 {
        rest();
        let more = victim.look_when_idle().live;
        live += more;
        if more == 0 {
            break;
        }
    }
    live
}

/// Connections that made a call each.
fn connected(addr: SocketAddr, count: usize) -> Vec<Peer> {
    let call = [opened(0, UNARY).1, data(1, &envelope(b"\x10\x07"), true)].concat();
    let mut peers: Vec<_> = (0..count).map(|_| Peer::client(addr, &[], &call)).collect();
    for peer in &mut peers {
        assert!(peer.read_until(PATIENCE, |seen| seen.ended == 1), "{:?}", peer.seen);
    }
    peers
}

/// What each of ten thousand streams on ten connections holds of which only the heads have come.
fn open_streams(builder: impl FnOnce() -> Builder + Send + 'static, path: &str) -> i64 {
    let (victim, addr) = server(builder);
    let mut peers = connected(addr, 10);
    rest();
    let _ = victim.look_when_idle();
    for peer in &mut peers {
        let all: Vec<u8> = (1..=1000).flat_map(|n| opened(n, path).1).collect();
        peer.send(&all);
    }
    let live = at_rest(&victim);
    for peer in &mut peers {
        assert!(!peer.read_until(Duration::from_millis(1), |seen| seen.ended > 1), "all wait");
    }
    live / (peers.len() as i64 * 1000)
}

#[test]
fn a_thousand_idle_connections() {
    let _turn = protocall_abuse::alone();
    let (victim, addr) = server(echoing);
    let peers = connected(addr, 1000);
    let each = at_rest(&victim) / peers.len() as i64;
    println!("an idle connection holds {each} bytes");
    assert!(each <= CONNECTION, "{each} bytes");
}

#[test]
fn connections_that_send_24_bytes_of_a_frame() {
    let _turn = protocall_abuse::alone();
    let (victim, addr) = server(echoing);
    let mut peers = connected(addr, 1000);
    rest();
    let _ = victim.look_when_idle();
    for peer in &mut peers {
        let (_, head) = opened(1, CHAT);
        peer.send(&head[..24]);
    }
    let each = at_rest(&victim) / peers.len() as i64;
    println!("a connection in the middle of a frame holds {each} bytes more");
    assert!(each <= 64, "{each} bytes");
}

/// Something comes each second, so such connections are never without anything to do.
#[test]
fn clients_of_24_bytes_a_second() {
    let _turn = protocall_abuse::alone();
    let (victim, addr) = server(echoing);
    let _ = victim.look_when_idle();
    let mut peers = connected(addr, 1000);
    let call = [opened(1, UNARY).1, data(3, &envelope(&[0; 100]), true)].concat();
    let crumbs: Vec<_> = call.chunks(24).collect();
    let (_last, crumbs) = crumbs.split_last().unwrap();
    for crumb in crumbs {
        for peer in &mut peers {
            peer.send(crumb);
        }
        std::thread::park_timeout(Duration::from_secs(1));
    }
    let each = victim.look_when_idle().live / peers.len() as i64;
    println!("a connection and its call whose client sends 24 bytes a second hold {each} bytes");
    // what has come of the message on top
    assert!(each <= CONNECTION + STREAM + 100, "{each} bytes");
}

#[test]
fn ten_thousand_requests_without_their_message() {
    let _turn = protocall_abuse::alone();
    let each = open_streams(echoing, UNARY);
    println!("a unary call whose message has not come holds {each} bytes");
    assert!(each <= STREAM, "{each} bytes");
}

/// Streams whose handlers say how large they are and wait for a message.
struct Waiting(Arc<AtomicUsize>);

impl Service for Waiting {
    fn name(&self) -> &'static str {
        "trial.Trial"
    }

    fn register(self, routes: &mut Routes) {
        let service = Arc::new(());
        let echo =
            |_: Arc<()>, request: Request<Blob>| async { Ok(Response::new(request.into_inner())) };
        routes.unary::<Buffa, Blob, Blob, _, _, _>(&trial_methods::UNARY, &service, echo);
        let size = Arc::clone(&self.0);
        let upload = move |_: Arc<()>, request| told(&size, first(request));
        routes.client_streaming::<Buffa, Blob, Blob, _, _, _>(
            &trial_methods::UPLOAD,
            &service,
            upload,
        );
        let size = self.0;
        let chat = move |_: Arc<()>, request| told(&size, chatting(request));
        routes.bidi_streaming::<Buffa, Blob, Blob, _, _, _>(&trial_methods::CHAT, &service, chat);
    }
}

fn told<F: Future>(size: &AtomicUsize, future: F) -> F {
    size.store(size_of_val(&future), Ordering::Relaxed);
    future
}

async fn first(request: Request<Streaming<Blob>>) -> Result<Response<Blob>, Status> {
    let mut requests = request.into_inner();
    Ok(Response::new(requests.message().await?.unwrap_or_default()))
}

async fn chatting(
    request: Request<Streaming<Blob>>,
) -> Result<Response<ResponseStream<Blob>>, Status> {
    let mut requests = request.into_inner();
    let first = requests.message().await?;
    Ok(Response::new(ResponseStream::iter(first)))
}

#[test]
fn ten_thousand_handlers_that_wait_for_their_first_message() {
    let _turn = protocall_abuse::alone();
    for path in [CHAT, UPLOAD] {
        let size = Arc::new(AtomicUsize::new(0));
        let told = Arc::clone(&size);
        let all = open_streams(|| Server::builder().add_service(Waiting(told)), path);
        let future = size.load(Ordering::Relaxed) as i64;
        let ours = all - future;
        println!("{path}: an open stream holds {all} bytes, {ours} beside its handler's {future}");
        assert!(future > 0, "the handler was called");
        assert!(ours <= STREAM, "{ours} bytes");
    }
}

/// A generated service whose method waits.
struct Waits;

impl Trial for Waits {
    async fn unary(&self, request: Request<Blob>) -> Result<Response<Blob>, Status> {
        Ok(Response::new(request.into_inner()))
    }

    async fn chat(
        &self,
        request: Request<Streaming<Blob>>,
    ) -> Result<Response<ResponseStream<Blob>>, Status> {
        let mut requests = request.into_inner();
        let first = requests.message().await?;
        Ok(Response::new(ResponseStream::iter(first)))
    }
}

#[test]
fn ten_thousand_streams_of_a_generated_service() {
    let _turn = protocall_abuse::alone();
    let service = || Server::builder().add_service(TrialServer::new(Waits));
    let all = open_streams(service, CHAT);
    println!("an open stream of a generated service holds {all} bytes, its handler's included");
    assert!(all <= WHOLE_STREAM, "{all} bytes");
}
