//! RFC 9113 section 6.2: HEADERS.

use protocall_http2::{ErrorCode, HeadersKind};

use crate::support::{
    END_HEADERS, END_STREAM, HEADERS, PADDED, PRIORITY_FLAG, Peer, REQUEST, Seen, frame, literal,
    request,
};

#[test]
fn padding_and_priority_are_taken_off() {
    let mut peer = Peer::server();
    let payload = [&[2][..], &[0, 0, 0, 0, 16], REQUEST, &[0, 0]].concat();
    let flags = END_HEADERS | END_STREAM | PADDED | PRIORITY_FLAG;
    let seen = peer.feed(&frame(HEADERS, flags, 1, &payload)).unwrap();
    let [Seen::Headers { kind, fields, end_stream, .. }] = &seen[..] else { panic!("{seen:?}") };
    assert_eq!((*kind, *end_stream), (HeadersKind::Request, true));
    let names: Vec<_> = fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, [":method", ":scheme", ":path"]);
}

#[test]
fn padding_longer_than_the_frame_is_an_error() {
    let payload = [&[200][..], REQUEST].concat();
    let padded = frame(HEADERS, END_HEADERS | PADDED, 1, &payload);
    assert_eq!(Peer::server().kill(&padded), ErrorCode::PROTOCOL_ERROR);
}

#[test]
fn a_stream_must_not_depend_on_itself() {
    let payload = [&[0, 0, 0, 1, 16][..], REQUEST].concat();
    let flags = END_HEADERS | END_STREAM | PRIORITY_FLAG;
    let bytes = frame(HEADERS, flags, 1, &payload);
    assert_eq!(Peer::server().reset_by(&bytes, 1), ErrorCode::PROTOCOL_ERROR);
}

#[test]
fn trailers_end_the_stream() {
    let mut peer = Peer::server();
    peer.feed(&request(1, 0)).unwrap();
    let trailers = frame(HEADERS, END_HEADERS | END_STREAM, 1, &literal("x-t", "1"));
    let seen = peer.feed(&trailers).unwrap();
    assert!(matches!(
        seen[..],
        [Seen::Headers { kind: HeadersKind::Trailers, end_stream: true, .. }]
    ));
    let mut peer = Peer::server();
    peer.feed(&request(1, 0)).unwrap();
    let endless = frame(HEADERS, END_HEADERS, 1, &literal("x-t", "1"));
    assert_eq!(peer.reset_by(&endless, 1), ErrorCode::PROTOCOL_ERROR);
}
