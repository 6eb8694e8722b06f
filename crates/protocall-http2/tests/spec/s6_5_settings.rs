//! RFC 9113 section 6.5: SETTINGS.

use protocall_http2::{Config, ErrorCode};

use crate::support::{
    ACK, END_HEADERS, END_STREAM, HEADERS, Peer, REQUEST, SETTINGS, Seen, frame, request, settings,
};

#[test]
fn settings_are_applied_and_acknowledged() {
    let mut peer = Peer::server();
    let all = settings(&[(1, 0), (3, 7), (4, 1000), (5, 20_000), (6, 500), (0xfe03, 1)]);
    assert_eq!(peer.feed(&all).unwrap(), [Seen::Settings]);
    let frames = peer.frames();
    assert_eq!(frames.len(), 1);
    assert_eq!((frames[0].kind, frames[0].flags, frames[0].payload.len()), (SETTINGS, ACK, 0));
    let seen = peer.connection.peer_settings();
    assert_eq!(seen.header_table_bytes, 0);
    assert_eq!(seen.max_concurrent_streams, Some(7));
    assert_eq!(seen.initial_window, 1000);
    assert_eq!(seen.max_frame_bytes, 20_000);
    assert_eq!(seen.max_header_list_bytes, Some(500));
}

#[test]
fn bad_values_kill_both_sides() {
    for (id, value, code) in [
        (2, 2, ErrorCode::PROTOCOL_ERROR),
        (4, 0x8000_0000, ErrorCode::FLOW_CONTROL_ERROR),
        (5, 16_383, ErrorCode::PROTOCOL_ERROR),
        (5, 0x0100_0000, ErrorCode::PROTOCOL_ERROR),
    ] {
        assert_eq!(Peer::server().kill(&settings(&[(id, value)])), code);
        assert_eq!(Peer::client().kill(&settings(&[(id, value)])), code);
    }
    assert_eq!(Peer::client().kill(&settings(&[(2, 1)])), ErrorCode::PROTOCOL_ERROR);
    assert_eq!(Peer::server().feed(&settings(&[(2, 1)])).unwrap(), [Seen::Settings]);
}

#[test]
fn bad_forms_kill() {
    let bytes = frame(SETTINGS, 0, 0, &[0; 5]);
    assert_eq!(Peer::server().kill(&bytes), ErrorCode::FRAME_SIZE_ERROR);
    let bytes = frame(SETTINGS, ACK, 0, &[0; 6]);
    assert_eq!(Peer::server().kill(&bytes), ErrorCode::FRAME_SIZE_ERROR);
    let bytes = frame(SETTINGS, 0, 1, &[0; 6]);
    assert_eq!(Peer::server().kill(&bytes), ErrorCode::PROTOCOL_ERROR);
}

#[test]
fn our_own_take_effect_when_acknowledged() {
    let mut peer = Peer::client();
    let key = peer.open(false);
    let window = |peer: &Peer| peer.connection.stream_flow_windows(key).unwrap().receive;
    assert_eq!(window(&peer), 512 * 1024);
    peer.frames();
    assert!(peer.connection.set_stream_window(100));
    assert!(peer.connection.set_stream_window(200));
    assert_eq!(peer.frames_of(SETTINGS).len(), 2);
    assert_eq!(window(&peer), 512 * 1024);
    peer.feed(&frame(SETTINGS, ACK, 0, &[])).unwrap();
    assert_eq!(window(&peer), 100);
    peer.feed(&frame(SETTINGS, ACK, 0, &[])).unwrap();
    assert_eq!(window(&peer), 200);
    peer.feed(&frame(SETTINGS, ACK, 0, &[])).unwrap();
    assert_eq!(peer.connection.counters().stray_frames, 1, "one acknowledgement too many");
}

#[test]
fn a_smaller_header_table_is_in_force_once_acknowledged() {
    let mut config = Config::server();
    config.header_table_bytes = 0;
    let update = [&[0x20][..], REQUEST].concat();
    let mut peer = Peer::server_with(config.clone());
    let seen = peer.feed(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &update)).unwrap();
    assert!(matches!(seen[..], [Seen::Headers { .. }]), "the block begins with the new size");
    let mut peer = Peer::server_with(config);
    assert_eq!(peer.kill(&request(1, END_STREAM)), ErrorCode::COMPRESSION_ERROR);
}
