//! Peers that take their time: prefaces, header blocks and handshakes in crumbs. First a thousand
//! under a clock that jumps, so that the default ten seconds take none, then in real time as under
//! any attack.

use super::headers::UPLOAD;
use allocation_counter::measure;
use protocall::server::{Builder, StatsSnapshot};
use protocall::{ClientTls, Server, ServerTls};
use protocall_abuse::slow_trial::{LIMIT, Slow};
use protocall_abuse::trial::UNARY;
use protocall_tests::proto::trial::{TrialClient, TrialServer};
use protocall_tests::raw::{self, Raw, block, call, frame, kind};
use protocall_tests::rig::{Rig, Wire};
use protocall_tests::service::Scripted;
use protocall_tests::{blob, run_paused};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, sleep};

/// Slow peers at one time.
const PEERS: usize = 1000;
/// Bytes that a pipe to each of them holds; what they cost the server is beside it.
const PIPE: usize = 1024;
/// What a slow peer may cost: an idle connection's 5 KiB, a receive buffer for its crumbs, and the
/// two ends of the pipe that stands for its socket.
const EACH: u64 = 5 * 1024 + 1024 + 3 * PIPE as u64;
/// What all may cost: the receive buffers that a server keeps come on top.
const ALL: u64 = PEERS as u64 * EACH + 4 * 1024 * 1024;

fn server() -> Builder {
    Server::builder().add_service(TrialServer::new(Scripted::default()))
}

/// A thousand peers that send `bytes` one by one, a second apart, and a good client beside them.
/// All are ended after ten seconds, with that code and reason, and are counted.
fn slow(
    bytes: Vec<u8>,
    goaway: (u32, &'static str),
    counter: fn(&protocall::http2::Counters) -> u64,
) {
    let memory = measure(|| {
        run_paused(async {
            let rig = Rig::serve(Wire::Pipe(PIPE), server()).await;
            let begun = Instant::now();
            let mut peers = Vec::new();
            for _ in 0..PEERS {
                let mut raw = Raw::new(rig.door().raw().await);
                let (first, _) = bytes.split_at(bytes.len().min(24));
                raw.send(first).await;
                peers.push(raw);
            }
            let client = rig.client();
            for crumb in 0..9 {
                sleep(Duration::from_secs(1)).await;
                for peer in &mut peers {
                    peer.send(bytes.get(24 + crumb..25 + crumb).unwrap_or_default()).await;
                }
                client.unary(blob(10)).await.unwrap();
                assert_eq!(counter(&rig.stats().http2), 0, "after {crumb} s");
            }
            for peer in &mut peers {
                let frames = peer.frames().await;
                let last = frames.last().unwrap();
                assert_eq!((last.kind, last.error_code()), (kind::GOAWAY, goaway.0));
                assert_eq!(last.payload[8..], *goaway.1.as_bytes());
            }
            assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
            assert_eq!(counter(&rig.stats().http2), PEERS as u64);
            client.unary(blob(10)).await.unwrap();
        });
    });
    println!("{}: bytes for each of {PEERS}: {}", goaway.1, memory.bytes_max / PEERS as u64);
    assert!(memory.bytes_max <= ALL, "{} bytes", memory.bytes_max);
}

#[test]
fn a_preface_in_crumbs() {
    // SETTINGS_TIMEOUT; the preface is there, the SETTINGS behind it never are
    let bytes = [raw::PREFACE, &frame(kind::SETTINGS, 0, 0, &[0; 60])].concat();
    let reason = "no preface and SETTINGS in time";
    slow(bytes.clone(), (4, reason), |counters| counters.preface_timeouts);
    let (first, crumbs) = bytes.split_at(24);
    let set = |server: Builder| server.preface_timeout(LIMIT);
    let counter = |met: &StatsSnapshot| met.http2.preface_timeouts;
    Slow::new("slow preface", first.to_vec(), crumbs.to_vec(), set, counter).told(4, reason).run();
}

#[test]
fn a_header_block_in_crumbs() {
    let head = frame(kind::HEADERS, 0, 1, &block(&call(UPLOAD)));
    let more = frame(kind::CONTINUATION, 0, 1, &block(&call(UNARY)));
    let first = [raw::PREFACE, &frame(kind::SETTINGS, 0, 0, b""), &head].concat();
    slow_block([&first[..], &more].concat());
    let set = |server: Builder| {
        let mut http2 = protocall::http2::Config::server();
        http2.header_block_timeout = LIMIT;
        server.http2(http2)
    };
    let counter = |met: &StatsSnapshot| met.http2.header_block_timeouts;
    Slow::new("slow header block", first, more, set, counter)
        .told(11, "header block took too long")
        .run();
}

/// All but the last hundred bytes at once, the rest in crumbs.
fn slow_block(bytes: Vec<u8>) {
    let memory = measure(|| {
        run_paused(async {
            let rig = Rig::serve(Wire::Pipe(PIPE), server()).await;
            let mut peers = Vec::new();
            let at = bytes.len() - 100;
            for _ in 0..PEERS {
                let mut raw = Raw::new(rig.door().raw().await);
                raw.send(&bytes[..at]).await;
                peers.push(raw);
            }
            let client = rig.client();
            for crumb in 0..9 {
                sleep(Duration::from_secs(1)).await;
                for peer in &mut peers {
                    peer.send(&bytes[at + crumb..=at + crumb]).await;
                }
                client.unary(blob(10)).await.unwrap();
                assert_eq!(rig.stats().http2.header_block_timeouts, 0, "after {crumb} s");
            }
            for peer in &mut peers {
                let frames = peer.frames().await;
                let last = frames.last().unwrap();
                // ENHANCE_YOUR_CALM
                assert_eq!((last.kind, last.error_code()), (kind::GOAWAY, 11));
                assert_eq!(last.payload[8..], *b"header block took too long");
            }
            assert_eq!(rig.stats().http2.header_block_timeouts, PEERS as u64);
            client.unary(blob(10)).await.unwrap();
        });
    });
    println!(
        "header block in crumbs: bytes for each of {PEERS}: {}",
        memory.bytes_max / PEERS as u64
    );
    assert!(memory.bytes_max <= ALL, "{} bytes", memory.bytes_max);
}

/// The head of a ClientHello that is announced and does not come.
const CLIENT_HELLO: &[u8] = &[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3];

/// A server's side of TLS, and a client's that trusts it.
fn tls() -> (ServerTls, ClientTls) {
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (pair.cert.pem(), pair.signing_key.serialize_pem());
    let trusted = ClientTls::with_roots(&certificate).unwrap().server_name("localhost");
    (ServerTls::from_pem(&certificate, &key).unwrap(), trusted)
}

/// Handshakes that never end: the oldest make room, all are ended in time, and who means it is
/// served meanwhile.
#[test]
fn handshakes_in_crumbs() {
    handshakes_make_room();
    let (tls, trusted) = tls();
    let set = move |server: Builder| server.tls(tls.clone().handshake_timeout(LIMIT));
    let counter = |met: &StatsSnapshot| met.accept.handshakes_timed_out;
    // what rustls keeps for a handshake
    Slow::new("slow handshake", CLIENT_HELLO.to_vec(), vec![0; 512], set, counter)
        .memory(8 * 1024)
        .tls(trusted)
        .run();
}

fn handshakes_make_room() {
    run_paused(async {
        let (tls, trusted) = tls();
        let tls = tls.max_handshakes(100);
        let rig = Rig::serve(Wire::Pipe(16 * 1024), server().tls(tls)).await;
        let mut peers = Vec::new();
        for _ in 0..200 {
            let mut io = rig.door().raw().await;
            io.write_all(CLIENT_HELLO).await.unwrap();
            peers.push(io);
        }
        protocall_tests::settle().await;
        let accept = rig.stats().accept;
        assert_eq!((accept.handshakes_displaced, accept.handshakes_timed_out), (100, 0));
        let channel = rig.channel_builder().tls(trusted).build();
        let client = TrialClient::new(channel);
        client.unary(blob(10)).await.unwrap();
        sleep(Duration::from_secs(11)).await;
        let accept = rig.stats().accept;
        // the good client displaced one more
        assert_eq!((accept.handshakes_displaced, accept.handshakes_timed_out), (101, 99));
        assert_eq!(accept.connections_open, 1);
        client.unary(blob(10)).await.unwrap();
    });
}
