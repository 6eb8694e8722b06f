//! RFC 9113 section 6.7: PING.

use protocall_http2::ErrorCode;

use crate::support::{ACK, PING, Peer, Seen, frame};

#[test]
fn a_ping_is_answered_with_its_payload() {
    let mut peer = Peer::server();
    assert_eq!(peer.feed(&frame(PING, 0, 0, b"payload!")).unwrap(), []);
    let frames = peer.frames();
    assert_eq!((frames[0].kind, frames[0].flags), (PING, ACK));
    assert_eq!(frames[0].payload, b"payload!");
}

#[test]
fn the_answer_to_our_ping_is_told_and_others_are_not() {
    let mut peer = Peer::client();
    peer.connection.ping(*b"question");
    assert_eq!(peer.frames_of(PING)[0].payload, b"question");
    let answer = frame(PING, ACK, 0, b"question");
    assert_eq!(peer.feed(&answer).unwrap(), [Seen::Pong(*b"question")]);
    assert_eq!(peer.feed(&answer).unwrap(), [], "nobody asked");
    assert_eq!(peer.connection.counters().stray_frames, 1);
    assert!(peer.frames().is_empty(), "an acknowledgement is not answered");
}

#[test]
fn a_ping_has_eight_bytes_and_no_stream() {
    let short = frame(PING, 0, 0, &[0; 7]);
    assert_eq!(Peer::server().kill(&short), ErrorCode::FRAME_SIZE_ERROR);
    let long = frame(PING, 0, 0, &[0; 60]);
    assert_eq!(Peer::server().kill(&long), ErrorCode::FRAME_SIZE_ERROR);
    let stream = frame(PING, 0, 1, &[0; 8]);
    assert_eq!(Peer::server().kill(&stream), ErrorCode::PROTOCOL_ERROR);
}
