//! Half-open connections: the other host is gone and nobody says so. Only TCP_USER_TIMEOUT (gRFC
//! A18) finds that while bytes are on their way, and what is demanded then: in time, with the right
//! status, counted, and the memory given back.
//!
//! How a host comes to be gone is the caller's business: see [`Cut`].

use crate::peer::Peer;
use crate::trial::LAST_WORDS;
use crate::victim::Victim;
use protocall::server::Stats;
use protocall::{Channel, Code, Response, ResponseStream, Server, Status};
use protocall_tests::proto::trial::{TrialClient, TrialServer};
use protocall_tests::raw::{call, data, envelope, frame, headers, kind};
use protocall_tests::service::Scripted;
use protocall_tests::{PATIENCE, blob};
use std::error::Error;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Takes the other host away, without a word to either side.
pub type Cut<'a> = &'a dyn Fn(&Peer);

/// TCP_USER_TIMEOUT of the side that is tested.
pub const TIMEOUT: Duration = Duration::from_millis(1000);
/// Between two messages of its: some are on their way at any time.
const TICK: Duration = Duration::from_millis(20);
/// A byte may have been on its way for a tick when the other host goes.
const EARLIEST: Duration = Duration::from_millis(900);
/// The kernel looks when it sends again, and a busy machine is late.
const LATEST: Duration = Duration::from_millis(3000);
/// What may stay of a connection that is gone: buffers that a side keeps for its next one.
const LEFT: i64 = 96 * 1024;
/// How many connections are lost at a time, so that a leak shows beside [`LEFT`].
const PEERS: usize = 20;

/// A client's host is gone while its server streams to it.
///
/// # Panics
/// When the server does not find out as it should.
pub fn a_server_finds_that_its_client_is_gone(cut: Cut<'_>) {
    let (stats, at_work) = (Stats::default(), Arc::new(AtomicUsize::new(0)));
    let (counting, working) = (stats.clone(), Arc::clone(&at_work));
    let (victim, addr) = Victim::server(move || {
        let server = Server::builder().stats(counting).tcp_user_timeout(Some(TIMEOUT));
        server.add_service(TrialServer::new(ticking(working)))
    });
    let connect = || {
        let head = headers(1, &call("/trial.Trial/Download"), false);
        let mut peer = Peer::client(addr, &[], &[head, data(1, &envelope(b""), true)].concat());
        let is_served = |seen: &crate::peer::Seen| seen.frames[usize::from(kind::DATA)] >= 2;
        assert!(peer.read_until(LAST_WORDS, is_served), "{:?}", peer.seen);
        peer
    };
    // what a server needs once
    drop(connect());
    wait("the first client's connection", || stats.snapshot().accept.connections_open == 0);
    let _ = victim.look_when_idle();

    let peers: Vec<Peer> = (0..PEERS).map(|_| connect()).collect();
    assert_eq!(at_work.load(Ordering::SeqCst), PEERS);
    let begin = Instant::now();
    peers.iter().for_each(cut);
    wait("the connections", || stats.snapshot().accept.connections_open == 0);
    let time = begin.elapsed();
    let (met, figures) = (stats.snapshot(), victim.look_when_idle());
    println!("a client's host is gone: found after {time:?}, {} bytes are left", figures.live);
    assert!((EARLIEST..LATEST).contains(&time), "{time:?}");
    assert_eq!(met.transport.tcp_user_timeouts, PEERS as u64, "{met:?}");
    assert_eq!(at_work.load(Ordering::SeqCst), 0, "the handlers were dropped");
    assert!(figures.live <= LEFT, "{figures:?}");
}

/// Downloads that never end and count themselves.
fn ticking(at_work: Arc<AtomicUsize>) -> Scripted {
    Scripted::default().download(move |_| {
        let at_work = Arc::clone(&at_work);
        async move {
            Ok(Response::new(ResponseStream::produce(|sender| async move {
                at_work.fetch_add(1, Ordering::SeqCst);
                let _count = Countdown(at_work);
                loop {
                    sender.send(blob(100)).await?;
                    tokio::time::sleep(TICK).await;
                }
            })))
        }
    })
}

struct Countdown(Arc<AtomicUsize>);

impl Drop for Countdown {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A server's host is gone while its client streams to it.
///
/// # Panics
/// When the client does not find out as it should.
pub fn a_client_finds_that_its_server_is_gone(cut: Cut<'_>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = listener.local_addr().unwrap().to_string();
    let (ended, ends) = mpsc::channel();
    let (victim, channels) = Victim::start(move || async move {
        let channel = || {
            let builder = Channel::builder(&target).unwrap();
            builder.tcp_user_timeout(Some(TIMEOUT)).connect_timeout(LAST_WORDS).build()
        };
        let channels: Vec<Channel> = (0..PEERS).map(|_| channel()).collect();
        for channel in channels.clone() {
            let ended = ended.clone();
            tokio::spawn(async move { ended.send(upload(&channel).await) });
        }
        channels
    });
    let peers: Vec<Peer> = (0..PEERS).map(|_| serve(&listener)).collect();
    let _ = victim.look();
    let begin = Instant::now();
    peers.iter().for_each(cut);
    let statuses: Vec<Status> = (0..PEERS).map(|_| ends.recv_timeout(PATIENCE).unwrap()).collect();
    let time = begin.elapsed();
    let met = |channel: &Channel| channel.stats().snapshot();
    let lost = || channels.iter().filter(|one| met(one).connect.connections_open == 0).count();
    wait("the connections", || lost() == PEERS);
    let freed = -victim.look_when_idle().live;
    println!("a server's host is gone: found after {time:?}, {freed} bytes came back");
    assert!((EARLIEST..LATEST).contains(&time), "{time:?}");
    for status in &statuses {
        assert_eq!(status.code(), Code::Unavailable, "{status:?}");
        assert!(status.message().contains("broke"), "{status:?}");
        let cause = status.source().and_then(|cause| cause.downcast_ref::<std::io::Error>());
        let kind = cause.map(std::io::Error::kind);
        let kinds =
            [ErrorKind::TimedOut, ErrorKind::HostUnreachable, ErrorKind::NetworkUnreachable];
        assert!(kind.is_some_and(|kind| kinds.contains(&kind)), "{status:?}");
    }
    let counted = channels.iter().map(|one| met(one).transport.tcp_user_timeouts).sum::<u64>();
    assert_eq!(counted, PEERS as u64);
    assert!(freed >= PEERS as i64 * 1024, "{freed} bytes came back");
}

/// Sends without end; returns how that ended.
async fn upload(channel: &Channel) -> Status {
    let mut call = TrialClient::new(channel.clone()).upload(());
    while call.send(blob(100)).await.is_ok() {
        tokio::time::sleep(TICK).await;
    }
    call.finish().await.unwrap_err()
}

/// A server's end, up to a call's first message.
fn serve(listener: &TcpListener) -> Peer {
    let (stream, _) = listener.accept().unwrap();
    let mut peer = Peer::server(stream);
    let _ = peer.send(&frame(kind::SETTINGS, 0, 0, &[]));
    let called = |seen: &crate::peer::Seen| seen.frames[usize::from(kind::DATA)] > 0;
    assert!(peer.read_until(LAST_WORDS, called), "{:?}", peer.seen);
    peer
}

fn wait(what: &str, is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < PATIENCE, "{what} did not end");
        std::thread::park_timeout(Duration::from_millis(1));
    }
}
