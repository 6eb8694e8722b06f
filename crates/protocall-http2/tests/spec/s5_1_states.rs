//! RFC 9113 section 5.1: stream states, ids and concurrency.

use protocall_http2::{Config, ErrorCode, Initiator};

use crate::support::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PRIORITY, Peer, REQUEST, RESPONSE,
    RST_STREAM, Seen, frame, request, reset, window_update,
};

#[test]
fn idle_streams_accept_only_headers_and_priority() {
    for bytes in [
        frame(DATA, END_STREAM, 1, b"x"),
        reset(1, ErrorCode::CANCEL),
        window_update(1, 1),
        frame(CONTINUATION, END_HEADERS, 1, REQUEST),
    ] {
        assert_eq!(Peer::server().kill(&bytes), ErrorCode::PROTOCOL_ERROR, "{bytes:?}");
        assert_eq!(Peer::client().kill(&bytes), ErrorCode::PROTOCOL_ERROR, "{bytes:?}");
    }
    let mut peer = Peer::server();
    assert_eq!(peer.feed(&frame(PRIORITY, 0, 1, &[0, 0, 0, 3, 1])).unwrap(), []);
    assert!(peer.frames().is_empty());
}

#[test]
fn half_closed_remote_streams_reject_data_and_headers() {
    for bytes in [frame(DATA, 0, 1, b"x"), request(1, END_STREAM)] {
        let mut peer = Peer::server();
        peer.feed(&request(1, END_STREAM)).unwrap();
        assert_eq!(peer.reset_by(&bytes, 1), ErrorCode::STREAM_CLOSED);
        assert_eq!(peer.connection.active_streams(), 0);
    }
    let mut peer = Peer::server();
    peer.feed(&request(1, END_STREAM)).unwrap();
    assert_eq!(peer.feed(&window_update(1, 5)).unwrap(), [], "but accept credit");
    let seen = peer.feed(&reset(1, ErrorCode::CANCEL)).unwrap();
    assert!(matches!(seen[..], [Seen::Reset { stream: 1, by: Initiator::Remote, .. }]));
}

#[test]
fn closed_streams_reject_data_and_headers() {
    let closed = || {
        let mut peer = Peer::server();
        peer.feed(&request(1, END_STREAM)).unwrap();
        let key = peer.keys[0];
        peer.respond(key, true);
        peer.frames();
        assert_eq!(peer.connection.active_streams(), 0);
        peer
    };
    assert_eq!(closed().reset_by(&frame(DATA, 0, 1, b"x"), 1), ErrorCode::STREAM_CLOSED);
    assert_eq!(closed().kill(&request(1, END_STREAM)), ErrorCode::STREAM_CLOSED);
    let mut peer = closed();
    let late = [window_update(1, 1), reset(1, ErrorCode::CANCEL)].concat();
    assert_eq!(peer.feed(&late).unwrap(), [], "credit and resets may be late");
    assert!(peer.frames().is_empty());
}

#[test]
fn streams_that_the_peer_reset_reject_data() {
    let mut peer = Peer::server();
    peer.feed(&[request(1, 0), reset(1, ErrorCode::CANCEL)].concat()).unwrap();
    assert_eq!(peer.reset_by(&frame(DATA, 0, 1, b"x"), 1), ErrorCode::STREAM_CLOSED);
}

#[test]
fn streams_that_we_reset_tolerate_what_was_on_its_way() {
    let mut peer = Peer::server();
    peer.feed(&request(1, 0)).unwrap();
    let key = peer.keys[0];
    peer.connection.reset(key, ErrorCode::CANCEL).unwrap();
    let frames = peer.frames();
    assert_eq!((frames[0].kind, frames[0].code()), (RST_STREAM, ErrorCode::CANCEL));
    let window = peer.connection.flow_windows().receive;
    let late = [
        frame(DATA, 0, 1, &[1; 1000]),
        frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0x40, 1, b'a', 1, b'b']),
        window_update(1, 7),
        reset(1, ErrorCode::CANCEL),
    ]
    .concat();
    assert_eq!(peer.feed(&late).unwrap(), []);
    assert!(peer.frames().is_empty());
    let after = peer.connection.flow_windows();
    assert_eq!(after.receive, window - 1000, "it counts for the connection");
    assert_eq!(after.unconsumed, 0, "and is not held");
    assert!(peer.connection.reset(key, ErrorCode::CANCEL).is_err(), "gone is gone");
}

#[test]
fn data_on_a_reset_stream_does_not_eat_the_connection_window() {
    let mut peer = Peer::server();
    peer.feed(&request(1, 0)).unwrap();
    let key = peer.keys[0];
    peer.connection.reset(key, ErrorCode::CANCEL).unwrap();
    for _ in 0..1000 {
        peer.feed(&frame(DATA, 0, 1, &[1; 16_384])).unwrap();
    }
    assert!(peer.connection.flow_windows().receive > 500_000);
}

#[test]
fn s5_1_1_stream_ids_are_odd_and_rise() {
    assert_eq!(Peer::server().kill(&request(2, END_STREAM)), ErrorCode::PROTOCOL_ERROR);
    assert_eq!(Peer::server().kill(&request(0, END_STREAM)), ErrorCode::PROTOCOL_ERROR);
    let mut peer = Peer::server();
    peer.feed(&request(5, END_STREAM)).unwrap();
    assert_eq!(peer.kill(&request(3, END_STREAM)), ErrorCode::PROTOCOL_ERROR);
}

#[test]
fn s5_1_2_streams_above_the_limit_are_refused() {
    let mut config = Config::server();
    config.max_concurrent_streams = 2;
    let mut peer = Peer::server_with(config);
    peer.feed(&[request(1, END_STREAM), request(3, END_STREAM)].concat()).unwrap();
    assert_eq!(peer.reset_by(&request(5, END_STREAM), 5), ErrorCode::REFUSED_STREAM);
    assert_eq!(peer.connection.counters().streams_refused, 1);
    let first = peer.keys[0];
    peer.respond(first, true);
    let seen = peer.feed(&request(7, END_STREAM)).unwrap();
    assert!(matches!(seen[..], [Seen::Headers { stream: 7, .. }]), "room again");
}

#[test]
fn s5_1_2_a_client_keeps_to_the_servers_limit() {
    let peer = Peer::client();
    assert!(peer.connection.open_capacity() > 1_000_000, "no limit was set");
    let mut peer = Peer::client_with(Config::client(), &[(3, 1)]);
    assert_eq!(peer.connection.open_capacity(), 1);
    let key = peer.open(true);
    assert_eq!(peer.connection.open_capacity(), 0);
    let refused = peer.connection.open(&[], true);
    assert_eq!(refused, Err(protocall_http2::OpenError::ConcurrencyLimit));
    peer.feed(&frame(HEADERS, END_HEADERS | END_STREAM, 1, RESPONSE)).unwrap();
    assert!(!peer.connection.is_open(key));
    assert_eq!(peer.connection.open_capacity(), 1);
}

#[test]
fn s5_1_2_before_the_servers_settings_a_client_opens_a_hundred() {
    let mut peer = Peer::new(protocall_http2::Side::Client, Config::client());
    for _ in 0..100 {
        peer.open(true);
    }
    let refused = peer.connection.open(&[], true);
    assert_eq!(refused, Err(protocall_http2::OpenError::ConcurrencyLimit));
}
