//! Windows that grow to what the path holds: what is written for it, and when nothing is.

use std::time::Duration;

use protocall_http2::Config;

use crate::support::{ACK, DATA, Frame, PING, Peer, SETTINGS, Seen, WINDOW_UPDATE, frame, request};

/// A server that has a stream.
fn server(change: impl FnOnce(&mut Config)) -> Peer {
    let mut config = Config::server();
    change(&mut config);
    let mut peer = Peer::server_with(config);
    peer.feed(&request(1, 0)).unwrap();
    peer
}

/// Sends so many DATA bytes, which are consumed at once; returns what is written for them.
fn upload(peer: &mut Peer, bytes: usize) -> Vec<Frame> {
    let key = peer.keys[0];
    let mut written = Vec::new();
    for _ in 0..bytes / 16_384 {
        peer.feed(&frame(DATA, 0, 1, &[0; 16_384])).unwrap();
        peer.connection.consume(key, 16_384);
        written.extend(peer.frames());
    }
    written
}

fn kinds(frames: &[Frame]) -> Vec<u8> {
    frames.iter().map(|frame| frame.kind).collect()
}

#[test]
fn a_full_window_is_measured_and_doubled() {
    let mut peer = server(|_| {});
    let written = upload(&mut peer, 256 * 1024);
    let at = written.iter().position(|frame| frame.kind == PING).unwrap();
    let before = &written[at - 1];
    assert_eq!((before.kind, before.stream), (WINDOW_UPDATE, 0), "credit goes before the PING");
    assert_eq!(kinds(&written).iter().filter(|kind| **kind == PING).count(), 1);
    assert_eq!(peer.connection.counters().probes, 1);
    peer.wait(20);
    let answer = frame(PING, ACK, 0, &written[at].payload);
    assert_eq!(peer.feed(&answer).unwrap(), [], "no business of the application's");
    let written = peer.frames();
    assert_eq!(kinds(&written), [WINDOW_UPDATE, SETTINGS], "credit at once, not in batches");
    let written = &written[1];
    // 13 of the 16 frames came from the probe on
    let window = 2 * 13 * 16_384;
    assert_eq!(written.payload[..2], [0, 4]);
    assert_eq!(u32::from_be_bytes(written.payload[2..6].try_into().unwrap()), window);
    let stream = |peer: &Peer| peer.connection.stream_flow_windows(peer.keys[0]).unwrap().receive;
    assert!(stream(&peer) <= 256 * 1024, "not in force yet");
    peer.feed(&frame(SETTINGS, ACK, 0, &[])).unwrap();
    assert!(stream(&peer) > i64::from(window) / 2, "{}", stream(&peer));
    assert_eq!(peer.connection.counters().stray_frames, 0);
}

#[test]
fn the_connection_window_grows_with_the_streams() {
    let mut peer = server(|config| config.connection_window = 300_000);
    let written = upload(&mut peer, 256 * 1024);
    let ping = written.iter().find(|frame| frame.kind == PING).unwrap();
    peer.wait(20);
    peer.feed(&frame(PING, ACK, 0, &ping.payload)).unwrap();
    let windows = peer.connection.flow_windows();
    assert_eq!(windows.receive, 2 * 13 * 16_384, "{windows:?}");
}

#[test]
fn nothing_is_asked_when_it_is_off_or_little_comes() {
    let mut peer = server(|config| config.adaptive_window = false);
    assert!(!kinds(&upload(&mut peer, 4 << 20)).contains(&PING));
    let mut peer = server(|_| {});
    for _ in 0..1000 {
        peer.feed(&frame(DATA, 0, 1, &[0; 20])).unwrap();
        peer.wait(1);
    }
    assert_eq!(peer.connection.counters().probes, 0, "20,000 bytes fill no window");
    peer.wait(1_000_000);
    assert_eq!(peer.connection.handle_timeout(peer.now), Ok(()));
    assert_eq!(peer.connection.counters().probes, 0, "and none is asked while idle");
}

#[test]
fn nothing_is_asked_while_the_budget_is_used_up() {
    let mut peer = server(|config| {
        config.stream_window = 1_000_000;
        config.connection_window = 1_000_000;
        config.receive_budget = 1_000_000;
    });
    while peer.connection.flow_windows().receive > 0 {
        let size = peer.connection.flow_windows().receive.min(16_384) as usize;
        peer.feed(&frame(DATA, 0, 1, &vec![0; size])).unwrap();
    }
    assert_eq!(peer.connection.counters().probes, 0, "there is no credit that could go before it");
}

#[test]
fn a_window_stays_within_the_ceiling_and_half_of_the_budget() {
    for (ceiling, budget, most) in [(300_000, 8 << 20, 300_000), (1 << 24, 800_000, 400_000)] {
        let mut peer = server(|config| {
            config.max_window = ceiling;
            config.receive_budget = budget;
            config.connection_window = 300_000;
        });
        let ping = upload(&mut peer, 256 * 1024).into_iter().find(|frame| frame.kind == PING);
        peer.wait(20);
        peer.feed(&frame(PING, ACK, 0, &ping.unwrap().payload)).unwrap();
        let written = peer.frames_of(SETTINGS).remove(0);
        assert_eq!(u32::from_be_bytes(written.payload[2..6].try_into().unwrap()), most);
        peer.feed(&frame(SETTINGS, ACK, 0, &[])).unwrap();
        peer.wait(20);
        let probes = peer.connection.counters().probes;
        upload(&mut peer, 2 << 20);
        assert_eq!(peer.connection.counters().probes, probes, "nothing is left to ask for");
    }
}

#[test]
fn an_answer_without_a_question_is_a_stray_frame() {
    let mut peer = server(|_| {});
    let ping = upload(&mut peer, 256 * 1024).into_iter().find(|frame| frame.kind == PING).unwrap();
    let answer = frame(PING, ACK, 0, &ping.payload);
    peer.feed(&answer).unwrap();
    peer.feed(&answer).unwrap();
    assert_eq!(peer.connection.counters().stray_frames, 1);
}

#[test]
fn a_peer_that_never_answers_is_asked_once() {
    let mut peer = server(|_| {});
    for _ in 0..100 {
        upload(&mut peer, 256 * 1024);
        peer.now = peer.now.after(Duration::from_secs(60));
    }
    assert_eq!(peer.connection.counters().probes, 1);
}

#[test]
fn a_window_that_was_chosen_anew_is_where_it_grows_from() {
    let mut peer = server(|_| {});
    let ping = upload(&mut peer, 256 * 1024).into_iter().find(|frame| frame.kind == PING).unwrap();
    assert!(peer.connection.set_stream_window(100_000));
    peer.frames();
    assert_eq!(peer.feed(&frame(SETTINGS, ACK, 0, &[])).unwrap(), [] as [Seen; 0]);
    peer.wait(20);
    peer.feed(&frame(PING, ACK, 0, &ping.payload)).unwrap();
    assert_eq!(peer.frames_of(SETTINGS).len(), 1, "the answer still counts");
    assert_eq!(peer.connection.counters().stray_frames, 0);
}
