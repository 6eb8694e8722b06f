//! RFC 9113 section 6.1: DATA.

use protocall_http2::{ErrorCode, Timestamp};

use crate::support::{DATA, END_STREAM, PADDED, Peer, Seen, frame, request};

fn with_stream() -> Peer {
    let mut peer = Peer::server();
    peer.feed(&request(1, 0)).unwrap();
    peer
}

fn data(bytes: &[u8], end_stream: bool) -> Seen {
    Seen::Data { stream: 1, bytes: bytes.to_vec(), end_stream }
}

#[test]
fn payloads_are_yielded_as_they_arrive() {
    let mut peer = with_stream();
    let whole = frame(DATA, END_STREAM, 1, b"abcdef");
    assert_eq!(peer.feed(&whole[..9]).unwrap(), []);
    assert_eq!(peer.feed(&whole[9..11]).unwrap(), [data(b"ab", false)]);
    assert_eq!(peer.feed(&whole[11..14]).unwrap(), [data(b"cde", false)]);
    assert_eq!(peer.feed(&whole[14..]).unwrap(), [data(b"f", true)]);
}

#[test]
fn awaited_data_may_be_read_past_the_connection() {
    let now = Timestamp::ZERO;
    let mut peer = with_stream();
    assert_eq!(peer.connection.awaited_data(), None, "between frames");
    assert_eq!(peer.connection.receive_in_place(1, now), None);
    let whole = frame(DATA, PADDED | END_STREAM, 1, b"\x02abcdef\0\0");
    assert_eq!(peer.feed(&whole[..9]).unwrap(), []);
    assert_eq!(peer.connection.awaited_data(), None, "its padding is not known");
    assert_eq!(peer.feed(&whole[9..11]).unwrap(), [data(b"a", false)]);
    let (stream, due) = peer.connection.awaited_data().unwrap();
    assert_eq!((stream.id(), due), (1, 5), "without the padding");
    assert_eq!(peer.connection.receive_in_place(6, now), None, "more than is awaited");
    assert_eq!(peer.connection.receive_in_place(0, now), None);
    assert_eq!(peer.connection.receive_in_place(2, now), Some(false));
    assert_eq!(peer.connection.awaited_data(), Some((stream, 3)));
    assert_eq!(peer.feed(&whole[13..14]).unwrap(), [data(b"d", false)]);
    assert_eq!(peer.connection.receive_in_place(2, now), Some(true), "the stream's last");
    assert_eq!(peer.connection.awaited_data(), None, "padding is nobody's");
    assert_eq!(peer.feed(&whole[16..]).unwrap(), []);
    let again = frame(DATA, 0, 1, b"x");
    assert_eq!(peer.reset_by(&again, 1), ErrorCode::STREAM_CLOSED);
}

#[test]
fn data_that_nobody_gets_is_not_awaited() {
    let mut peer = with_stream();
    peer.feed(&frame(DATA, 0, 1, b"abcdef")[..10]).unwrap();
    let (stream, _) = peer.connection.awaited_data().unwrap();
    peer.connection.reset(stream, ErrorCode::CANCEL).unwrap();
    assert_eq!(peer.connection.awaited_data(), None);
    assert_eq!(peer.connection.receive_in_place(5, Timestamp::ZERO), None);
    assert_eq!(peer.feed(b"bcdef").unwrap(), [], "the connection drops it");
}

#[test]
fn padding_is_taken_off() {
    let mut peer = with_stream();
    let padded = frame(DATA, PADDED, 1, b"\x04data\0\0\0\0");
    assert_eq!(peer.feed(&padded).unwrap(), [data(b"data", false)]);
    let last = frame(DATA, PADDED | END_STREAM, 1, b"\x02end\0\0");
    assert_eq!(peer.feed(&last).unwrap(), [data(b"end", true)]);
}

#[test]
fn empty_data_tells_the_end_or_nothing() {
    let mut peer = with_stream();
    assert_eq!(peer.feed(&frame(DATA, 0, 1, b"")).unwrap(), []);
    assert_eq!(peer.connection.counters().empty_data, 1);
    assert_eq!(peer.feed(&frame(DATA, PADDED, 1, b"\x03\0\0\0")).unwrap(), []);
    assert_eq!(peer.connection.counters().empty_data, 2);
    assert_eq!(peer.feed(&frame(DATA, END_STREAM, 1, b"")).unwrap(), [data(b"", true)]);
    assert_eq!(peer.connection.counters().empty_data, 2);
}

#[test]
fn padding_as_long_as_the_payload_is_an_error() {
    let padded = frame(DATA, PADDED, 1, b"\x05data");
    assert_eq!(with_stream().kill(&padded), ErrorCode::PROTOCOL_ERROR);
    let nothing = frame(DATA, PADDED, 1, b"");
    assert_eq!(with_stream().kill(&nothing), ErrorCode::FRAME_SIZE_ERROR);
}

#[test]
fn data_on_stream_0_is_an_error() {
    assert_eq!(with_stream().kill(&frame(DATA, 0, 0, b"x")), ErrorCode::PROTOCOL_ERROR);
}

#[test]
fn the_rest_of_a_frame_is_dropped_when_its_stream_was_reset_in_between() {
    let mut peer = with_stream();
    let whole = frame(DATA, 0, 1, b"abcdef");
    assert_eq!(peer.feed(&whole[..11]).unwrap(), [data(b"ab", false)]);
    let key = peer.keys[0];
    peer.connection.reset(key, ErrorCode::CANCEL).unwrap();
    assert_eq!(peer.feed(&whole[11..]).unwrap(), []);
    let seen = peer.feed(&request(3, END_STREAM)).unwrap();
    assert!(matches!(seen[..], [Seen::Headers { stream: 3, .. }]));
}
