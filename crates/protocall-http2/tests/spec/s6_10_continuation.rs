//! RFC 9113 section 6.10: CONTINUATION.

use protocall_http2::{ErrorCode, Field, Part};

use crate::support::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, Peer, REQUEST, Seen, frame,
};

#[test]
fn a_block_may_come_in_pieces() {
    let mut peer = Peer::server();
    let bytes = [
        frame(HEADERS, END_STREAM, 1, &REQUEST[..1]),
        frame(CONTINUATION, 0, 1, &REQUEST[1..2]),
        frame(CONTINUATION, 0, 1, &[]),
        frame(CONTINUATION, END_HEADERS, 1, &REQUEST[2..]),
    ]
    .concat();
    let seen = peer.feed(&bytes).unwrap();
    let [Seen::Headers { stream: 1, fields, end_stream: true, .. }] = &seen[..] else {
        panic!("{seen:?}")
    };
    assert_eq!(fields.len(), 3);
}

#[test]
fn nothing_may_come_in_between() {
    let begun = frame(HEADERS, END_STREAM, 1, &REQUEST[..1]);
    for between in [
        frame(PING, 0, 0, &[0; 8]),
        frame(DATA, 0, 1, b"x"),
        frame(HEADERS, END_HEADERS, 3, REQUEST),
        frame(CONTINUATION, END_HEADERS, 3, &REQUEST[1..]),
        frame(0x42, 0, 0, b"unknown"),
    ] {
        let mut peer = Peer::server();
        peer.feed(&begun).unwrap();
        assert_eq!(peer.kill(&between), ErrorCode::PROTOCOL_ERROR);
    }
}

#[test]
fn a_continuation_needs_a_beginning() {
    let mut peer = Peer::server();
    let complete = frame(HEADERS, END_HEADERS, 1, REQUEST);
    peer.feed(&complete).unwrap();
    let more = frame(CONTINUATION, END_HEADERS, 1, &[]);
    assert_eq!(peer.kill(&more), ErrorCode::PROTOCOL_ERROR);
}

#[test]
fn a_block_larger_than_the_peers_frames_is_sent_in_pieces() {
    let mut peer = Peer::client();
    let value = vec![b'v'; 40_000];
    let field = Part::Field(Field::literal(b"x-long", &value));
    peer.connection.open(&[field], true).unwrap();
    let frames = peer.frames();
    let kinds: Vec<_> = frames.iter().map(|frame| (frame.kind, frame.flags)).collect();
    let expected = [(HEADERS, END_STREAM), (CONTINUATION, 0), (CONTINUATION, END_HEADERS)];
    assert_eq!(kinds, expected);
    assert!(frames.iter().all(|frame| frame.payload.len() <= 16_384));
    let total: usize = frames.iter().map(|frame| frame.payload.len()).sum();
    assert!(total >= 40_000);
}
