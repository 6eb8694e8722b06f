//! The receive budget of a connection: what is held counts, whole or not, and when it is nearly
//! used up, small windows go on and large messages pass one after the other.

use protocall_http2::{Config, StreamKey};

use crate::support::{
    ACK, DATA, END_STREAM, Frame, Peer, SETTINGS, WINDOW_UPDATE, frame, request, reset,
};
use protocall_http2::ErrorCode;

const BUDGET: usize = 800_000;

/// A server with so many streams.
fn server(streams: u32) -> Peer {
    let mut config = Config::server();
    config.stream_window = 200_000;
    config.connection_window = 800_000;
    config.receive_budget = BUDGET as u64;
    config.adaptive_window = false;
    let mut peer = Peer::server_with(config);
    for stream in 0..streams {
        peer.feed(&request(2 * stream + 1, 0)).unwrap();
    }
    peer
}

/// Sends so much to a stream, in frames of at most 50,000 bytes.
fn send(peer: &mut Peer, key: StreamKey, mut bytes: usize) {
    while bytes > 0 {
        let size = bytes.min(50_000);
        peer.feed(&frame(DATA, 0, key.id(), &vec![0; size])).unwrap();
        bytes -= size;
    }
}

fn credits(frames: &[Frame], stream: u32) -> u32 {
    let updates = frames.iter().filter(|frame| frame.kind == WINDOW_UPDATE);
    updates.filter(|frame| frame.stream == stream).map(Frame::number).sum()
}

fn window(peer: &Peer, key: StreamKey) -> i64 {
    peer.connection.stream_flow_windows(key).unwrap().receive
}

/// The initial window that the last SETTINGS tell.
fn told(frames: &[Frame]) -> Option<u32> {
    let settings = frames.iter().rfind(|frame| frame.kind == SETTINGS && frame.flags == 0)?;
    Some(u32::from_be_bytes(settings.payload[2..6].try_into().unwrap()))
}

/// Ten streams, of which four have used up the budget. They wait for what their messages lack; 0:
/// those are whole, and nobody takes them.
fn pressed(missing: [usize; 4]) -> (Peer, Vec<StreamKey>) {
    let mut peer = server(10);
    let keys = peer.keys.clone();
    let mut written = Vec::new();
    for (key, missing) in keys.iter().zip(missing) {
        send(&mut peer, *key, 150_000);
        if missing > 0 {
            peer.connection.expect(*key, 150_000, missing);
        }
        written.extend(peer.frames());
    }
    assert!(peer.connection.is_pressed());
    assert_eq!(peer.connection.counters().windows_narrowed, 1);
    assert_eq!(told(&written), Some(6250), "an eighth of the budget for sixteen streams");
    (peer, keys)
}

fn acknowledge(peer: &mut Peer) -> Vec<Frame> {
    peer.feed(&frame(SETTINGS, ACK, 0, &[])).unwrap();
    peer.frames()
}

#[test]
fn messages_that_are_not_whole_count_and_narrow_all_windows() {
    let (mut peer, keys) = pressed([0; 4]);
    assert_eq!(window(&peer, keys[9]), 200_000, "until the peer knows");
    acknowledge(&mut peer);
    assert_eq!(window(&peer, keys[9]), 6250);
}

#[test]
fn the_messages_that_lack_least_go_first() {
    let (mut peer, keys) = pressed([153_000, 151_000, 152_000, 150_000]);
    let written = acknowledge(&mut peer);
    let granted: Vec<_> = keys[..4].iter().map(|key| window(&peer, *key)).collect();
    // one fits into what is left of the budget, and one may pass it
    assert_eq!(granted, [6250, 151_000, 6250, 150_000], "{written:?}");
    send(&mut peer, keys[3], 150_000);
    peer.connection.consume(keys[3], 300_000);
    let next = peer.frames();
    assert!(credits(&next, keys[2].id()) > 0 && credits(&next, keys[0].id()) == 0, "{next:?}");
}

#[test]
fn one_message_larger_than_the_budget_passes_at_a_time() {
    let (mut peer, keys) = pressed([0; 4]);
    acknowledge(&mut peer);
    peer.connection.expect(keys[8], 0, 3_000_000);
    let first = peer.frames();
    peer.connection.expect(keys[9], 0, 2_000_000);
    let second = peer.frames();
    assert_eq!(window(&peer, keys[8]), 3_000_000, "{first:?}");
    assert_eq!(window(&peer, keys[9]), 6250, "{second:?}");
    assert!(peer.connection.flow_windows().receive > 6250 * 10, "and the connection's covers it");
    // the first is reset, so the second's turn comes
    peer.feed(&reset(keys[8].id(), ErrorCode::CANCEL)).unwrap();
    assert_eq!(credits(&peer.frames(), keys[9].id()), 2_000_000 - 6250);
}

#[test]
fn a_message_that_nobody_waits_for_any_more_makes_way() {
    let (mut peer, keys) = pressed([0; 4]);
    acknowledge(&mut peer);
    peer.connection.expect(keys[8], 0, 3_000_000);
    peer.connection.expect(keys[9], 0, 2_000_000);
    peer.frames();
    peer.connection.expect(keys[8], 0, 0);
    assert_eq!(credits(&peer.frames(), keys[9].id()), 2_000_000 - 6250);
}

#[test]
fn a_stream_that_ends_early_makes_way() {
    let (mut peer, keys) = pressed([0; 4]);
    acknowledge(&mut peer);
    peer.connection.expect(keys[8], 0, 3_000_000);
    peer.connection.expect(keys[9], 0, 2_000_000);
    peer.frames();
    peer.feed(&frame(DATA, END_STREAM, keys[8].id(), b"")).unwrap();
    assert_eq!(credits(&peer.frames(), keys[9].id()), 2_000_000 - 6250);
}

#[test]
fn small_messages_go_on_beside_readers_that_never_read() {
    let mut peer = server(10);
    let keys = peer.keys.clone();
    for key in &keys[..5] {
        send(&mut peer, *key, if *key == keys[4] { 30_000 } else { 190_000 });
    }
    acknowledge(&mut peer);
    for _ in 0..100 {
        send(&mut peer, keys[9], 3000);
        peer.connection.consume(keys[9], 3000);
    }
    let windows = peer.connection.flow_windows();
    assert_eq!(windows.unconsumed, 790_000, "all but nothing of the budget is left");
    assert!(windows.receive > 6250, "{windows:?}");
}

#[test]
fn more_streams_make_narrow_windows_narrower() {
    let (mut peer, _) = pressed([0; 4]);
    acknowledge(&mut peer);
    for stream in 10..17 {
        peer.feed(&request(2 * stream + 1, 0)).unwrap();
    }
    assert_eq!(told(&peer.frames()), Some(1562), "for 64 streams");
}

#[test]
fn windows_widen_once_most_is_taken_and_nobody_is_forgotten() {
    let (mut peer, keys) = pressed([300_000; 4]);
    acknowledge(&mut peer);
    for key in &keys[..2] {
        peer.connection.consume(*key, 150_000);
    }
    assert!(peer.connection.is_pressed(), "SETTINGS are few");
    peer.wait(100);
    send(&mut peer, keys[8], 1);
    peer.connection.consume(keys[8], 1);
    assert!(!peer.connection.is_pressed());
    assert_eq!(told(&peer.frames()), Some(200_000));
    let written = acknowledge(&mut peer);
    assert!(window(&peer, keys[2]) >= 100_000, "{written:?}");
    assert_eq!(window(&peer, keys[9]), 200_000);
}

#[test]
fn a_frame_in_the_middle_counts_once() {
    let mut peer = server(1);
    let key = peer.keys[0];
    // the head tells 1000 bytes, of which 400 are there
    let bytes = frame(DATA, 0, 1, &[0; 1000]);
    peer.feed(&bytes[..409]).unwrap();
    peer.connection.expect(key, 400, 600 + 300_000);
    assert_eq!(window(&peer, key), 300_000, "the rest of the frame is not asked for again");
}
