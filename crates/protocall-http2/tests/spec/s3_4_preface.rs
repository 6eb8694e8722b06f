//! RFC 9113 section 3.4: the first bytes.

use protocall_http2::{Config, ConnectionErrorKind, ErrorCode, Side};

use crate::support::{ACK, GOAWAY, PING, PREFACE, Peer, SETTINGS, Seen, WINDOW_UPDATE, frame};
use crate::support::{parse, settings};

#[test]
fn both_sides_begin_with_settings_and_the_connection_window() {
    for side in [Side::Client, Side::Server] {
        let mut peer = Peer::new(side, Config::for_side(side));
        let written = peer.written();
        assert_eq!(written.starts_with(PREFACE), side == Side::Client);
        let frames = parse(&written);
        assert_eq!((frames[0].kind, frames[0].flags, frames[0].stream), (SETTINGS, 0, 0));
        assert_eq!((frames[1].kind, frames[1].stream), (WINDOW_UPDATE, 0));
        let target = Config::for_side(side).connection_window;
        assert_eq!(frames[1].number(), target - 65_535);
    }
}

#[test]
fn the_preface_may_come_byte_by_byte() {
    let mut peer = Peer::new(Side::Server, Config::server());
    for byte in PREFACE {
        assert_eq!(peer.feed(&[*byte]).unwrap(), []);
    }
    assert_eq!(peer.feed(&settings(&[])).unwrap(), [Seen::Settings]);
}

#[test]
fn other_protocols_are_recognised_and_may_be_answered_in_kind() {
    for first in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"\x16\x03\x01", b"PRI * HTTP/1.1\r\n", b"\0"] {
        let mut peer = Peer::new(Side::Server, Config::server());
        let error = peer.feed(first).unwrap_err();
        assert_eq!(error.kind, ConnectionErrorKind::NotHttp2);
        assert!(peer.written().is_empty(), "the driver has the floor");
    }
}

#[test]
fn a_client_recognises_an_http1_answer() {
    let mut peer = Peer::new(Side::Client, Config::client());
    let error = peer.feed(b"HTTP/1.1 400 Bad Request\r\n").unwrap_err();
    assert_eq!(error.kind, ConnectionErrorKind::NotHttp2);
}

#[test]
fn the_first_frame_must_be_settings() {
    for first in [frame(PING, 0, 0, &[0; 8]), frame(SETTINGS, ACK, 0, &[])] {
        let mut peer = Peer::new(Side::Server, Config::server());
        peer.feed(PREFACE).unwrap();
        assert_eq!(peer.kill(&first), ErrorCode::PROTOCOL_ERROR);
        let mut peer = Peer::new(Side::Client, Config::client());
        assert_eq!(peer.kill(&first), ErrorCode::PROTOCOL_ERROR);
    }
}

#[test]
fn a_dead_connection_stays_dead_with_one_goaway() {
    let mut peer = Peer::server();
    assert_eq!(peer.kill(&frame(PING, 0, 1, &[0; 8])), ErrorCode::PROTOCOL_ERROR);
    let again = peer.feed(&settings(&[])).unwrap_err();
    assert_eq!(again.code, ErrorCode::PROTOCOL_ERROR);
    assert!(peer.frames_of(GOAWAY).is_empty());
}
