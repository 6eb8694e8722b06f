//! RFC 9113 section 8: messages.

use protocall_http2::{ErrorCode, HeadersKind};

use crate::support::{
    DATA, END_HEADERS, END_STREAM, HEADERS, Peer, REQUEST, RESPONSE, RST_STREAM, Seen, frame,
    literal, reset,
};

fn headers(stream: u32, flags: u8, block: &[u8]) -> Vec<u8> {
    frame(HEADERS, END_HEADERS | flags, stream, block)
}

fn status(code: &str) -> Vec<u8> {
    literal(":status", code)
}

#[test]
fn malformed_requests_are_reset_and_never_told() {
    for extra in [
        literal(":status", "200"),
        literal(":path", "/again"),
        literal("connection", "close"),
        literal("te", "gzip"),
        literal("X-Upper", "1"),
        literal("content-length", "many"),
        literal("x", "line\nbreak"),
    ] {
        let mut peer = Peer::server();
        let bytes = headers(1, 0, &[REQUEST, &extra].concat());
        assert_eq!(peer.reset_by(&bytes, 1), ErrorCode::PROTOCOL_ERROR, "{extra:?}");
        assert_eq!(peer.connection.active_streams(), 0);
        assert!(peer.keys.is_empty());
        assert_eq!(peer.feed(&frame(DATA, END_STREAM, 1, b"late")).unwrap(), []);
    }
}

#[test]
fn data_must_add_up_to_content_length() {
    let announce = |length: &str| {
        let mut peer = Peer::server();
        let block = [REQUEST, &literal("content-length", length)].concat();
        peer.feed(&headers(1, 0, &block)).unwrap();
        peer
    };
    let data = |flags, bytes| frame(DATA, flags, 1, bytes);
    let mut good = announce("6");
    good.feed(&data(0, b"abc")).unwrap();
    let seen = good.feed(&data(END_STREAM, b"def")).unwrap();
    assert!(matches!(seen[..], [Seen::Data { end_stream: true, .. }]));
    let too_much = data(0, b"abcdefg");
    assert_eq!(announce("6").reset_by(&too_much, 1), ErrorCode::PROTOCOL_ERROR);
    let too_little = data(END_STREAM, b"abc");
    assert_eq!(announce("6").reset_by(&too_little, 1), ErrorCode::PROTOCOL_ERROR);
    let trailers = headers(1, END_STREAM, &literal("x", "y"));
    assert_eq!(announce("6").reset_by(&trailers, 1), ErrorCode::PROTOCOL_ERROR);
    let mut nothing = announce("0");
    assert_eq!(nothing.feed(&data(END_STREAM, b"")).unwrap().len(), 1);
    let block = [REQUEST, &literal("content-length", "3")].concat();
    let at_once = headers(1, END_STREAM, &block);
    assert_eq!(Peer::server().reset_by(&at_once, 1), ErrorCode::PROTOCOL_ERROR);
}

#[test]
fn a_client_sees_interim_final_and_trailers() {
    let mut peer = Peer::client();
    peer.open(true);
    let bytes = [
        headers(1, 0, &status("100")),
        headers(1, 0, &status("103")),
        headers(1, 0, RESPONSE),
        frame(DATA, 0, 1, b"body"),
        headers(1, END_STREAM, &literal("grpc-status", "0")),
    ]
    .concat();
    let kinds: Vec<_> = peer
        .feed(&bytes)
        .unwrap()
        .into_iter()
        .filter_map(|seen| match seen {
            Seen::Headers { kind, end_stream, .. } => Some((kind, end_stream)),
            _ => None,
        })
        .collect();
    assert_eq!(
        kinds,
        [
            (HeadersKind::Informational, false),
            (HeadersKind::Informational, false),
            (HeadersKind::Response, false),
            (HeadersKind::Trailers, true),
        ]
    );
    assert_eq!(peer.connection.active_streams(), 0);
    assert_eq!(peer.connection.counters().streams_completed, 1);
}

#[test]
fn malformed_responses_are_reset_and_told() {
    for block in [
        status("101"),
        status("abc"),
        literal("x", "no status"),
        [RESPONSE, RESPONSE].concat(),
        [RESPONSE, &literal(":path", "/")].concat(),
    ] {
        let mut peer = Peer::client();
        let key = peer.open(true);
        let seen = peer.feed(&headers(1, 0, &block)).unwrap();
        assert!(matches!(seen[..], [Seen::Reset { stream: 1, .. }]), "{block:?}");
        assert!(!peer.connection.is_open(key));
    }
    let mut peer = Peer::client();
    peer.open(true);
    let interim_end = headers(1, END_STREAM, &status("100"));
    assert_eq!(peer.reset_by(&interim_end, 1), ErrorCode::PROTOCOL_ERROR);
    let mut peer = Peer::client();
    peer.open(true);
    let data_first = frame(DATA, 0, 1, b"x");
    assert_eq!(peer.reset_by(&data_first, 1), ErrorCode::PROTOCOL_ERROR);
    let mut peer = Peer::client();
    peer.open(true);
    peer.feed(&headers(1, 0, RESPONSE)).unwrap();
    let second_head = headers(1, 0, RESPONSE);
    assert_eq!(peer.reset_by(&second_head, 1), ErrorCode::PROTOCOL_ERROR);
}

#[test]
fn trailers_have_no_pseudo_header_fields() {
    let mut peer = Peer::client();
    peer.open(true);
    peer.feed(&headers(1, 0, RESPONSE)).unwrap();
    let trailers = headers(1, END_STREAM, RESPONSE);
    assert_eq!(peer.reset_by(&trailers, 1), ErrorCode::PROTOCOL_ERROR);
}

#[test]
fn s8_1_an_early_answer_may_be_followed_by_a_reset() {
    let mut peer = Peer::client();
    let key = peer.open(false);
    let answer = headers(1, END_STREAM, RESPONSE);
    let seen = peer.feed(&answer).unwrap();
    assert!(matches!(seen[..], [Seen::Headers { end_stream: true, .. }]));
    assert!(peer.connection.is_open(key), "the request may go on");
    let seen = peer.feed(&reset(1, ErrorCode::NO_ERROR)).unwrap();
    assert!(matches!(seen[..], [Seen::Reset { code: ErrorCode::NO_ERROR, .. }]));
    assert!(!peer.connection.is_open(key));
}

#[test]
fn a_server_may_answer_early_and_reset() {
    let mut peer = Peer::server();
    peer.feed(&headers(1, 0, REQUEST)).unwrap();
    let key = peer.keys[0];
    peer.respond(key, true);
    assert!(peer.connection.is_open(key), "the client has not ended");
    peer.connection.reset(key, ErrorCode::NO_ERROR).unwrap();
    let frames = peer.frames();
    assert_eq!(frames.last().unwrap().kind, RST_STREAM);
    assert_eq!(peer.connection.active_streams(), 0);
}

#[test]
fn a_head_responses_content_length_announces_nothing() {
    use protocall_http2::{Field, Part};
    let mut peer = Peer::client();
    let method = [Part::Field(Field::indexed(b":method", b"HEAD"))];
    peer.connection.open(&method, true).unwrap();
    let block = [RESPONSE, &literal("content-length", "5")].concat();
    let seen = peer.feed(&headers(1, END_STREAM, &block)).unwrap();
    assert!(matches!(seen[..], [Seen::Headers { end_stream: true, .. }]));
}
