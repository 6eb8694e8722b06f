//! Keepalive (gRFC A8, A9) and the times that a peer has.

use std::time::Duration;

use protocall_http2::{Config, ConnectionErrorKind, ErrorCode, Side, Timestamp};

use crate::support::{
    ACK, CONTINUATION, END_HEADERS, END_STREAM, HEADERS, PING, PREFACE, Peer, REQUEST, frame,
    request, settings,
};

fn due(peer: &Peer) -> Duration {
    peer.connection.next_timeout().unwrap().since(peer.now)
}

#[test]
fn the_first_timeout_is_at_once_and_the_preface_has_ten_seconds() {
    let mut peer = Peer::new(Side::Server, Config::server());
    assert_eq!(peer.connection.next_timeout(), Some(Timestamp::ZERO));
    peer.connection.handle_timeout(peer.now).unwrap();
    assert_eq!(due(&peer), Duration::from_secs(10));
    peer.wait(9_999);
    peer.feed(PREFACE).unwrap();
    peer.connection.handle_timeout(peer.now).unwrap();
    peer.wait(1);
    let error = peer.connection.handle_timeout(peer.now).unwrap_err();
    assert_eq!(error.kind, ConnectionErrorKind::Timeout);
    assert_eq!(error.code, ErrorCode::SETTINGS_TIMEOUT);
    assert_eq!(peer.connection.next_timeout(), None);
}

#[test]
fn a_header_block_has_ten_seconds() {
    let mut peer = Peer::server();
    peer.feed(&frame(HEADERS, END_STREAM, 1, &REQUEST[..1])).unwrap();
    assert_eq!(due(&peer), Duration::from_secs(10));
    peer.wait(6_000);
    peer.feed(&frame(CONTINUATION, 0, 1, &REQUEST[1..2])).unwrap();
    assert_eq!(due(&peer), Duration::from_secs(4), "dribbling does not help");
    peer.wait(4_000);
    assert!(peer.connection.handle_timeout(peer.now).is_err());
    let mut peer = Peer::server();
    peer.feed(&frame(HEADERS, END_STREAM, 1, &REQUEST[..1])).unwrap();
    peer.feed(&frame(CONTINUATION, END_HEADERS, 1, &REQUEST[1..])).unwrap();
    peer.wait(20_000);
    peer.connection.handle_timeout(peer.now).unwrap();
}

#[test]
fn a_client_has_no_keepalive_unless_asked_for_and_only_with_streams() {
    let peer = Peer::client();
    assert_eq!(peer.connection.next_timeout(), None);
    let mut config = Config::client();
    config.keepalive_interval = Some(Duration::from_secs(30));
    let mut peer = Peer::client_with(config, &[]);
    assert_eq!(peer.connection.next_timeout(), None);
    peer.open(false);
    assert_eq!(due(&peer), Duration::from_secs(30));
}

/// gRFC A8: keepalive sleeps while no stream is open, and asks at once when one is opened after
/// that.
#[test]
fn keepalive_sleeps_while_idle_and_asks_at_once_when_it_wakes() {
    let mut config = Config::client();
    config.keepalive_interval = Some(Duration::from_secs(30));
    let mut peer = Peer::client_with(config.clone(), &[]);
    peer.wait(3_600_000);
    peer.connection.handle_timeout(peer.now).unwrap();
    peer.frames();
    peer.open(false);
    assert_eq!(due(&peer), Duration::ZERO);
    peer.connection.handle_timeout(peer.now).unwrap();
    assert_eq!(peer.frames_of(PING).len(), 1);
    assert_eq!(peer.connection.counters().keepalive_pings, 1);

    config.keepalive_while_idle = true;
    let mut peer = Peer::client_with(config, &[]);
    assert_eq!(due(&peer), Duration::from_secs(30));
    peer.wait(30_000);
    peer.connection.handle_timeout(peer.now).unwrap();
    assert_eq!(peer.frames_of(PING).len(), 1, "without calls, since it was asked for");
}

#[test]
fn silence_is_asked_about_and_then_ended() {
    let mut peer = Peer::server();
    assert_eq!(due(&peer), Duration::from_secs(7200));
    peer.wait(7_200_000);
    peer.connection.handle_timeout(peer.now).unwrap();
    let ping = peer.frames_of(PING).remove(0);
    assert_eq!(due(&peer), Duration::from_secs(20));
    peer.wait(19_000);
    peer.connection.handle_timeout(peer.now).unwrap();
    assert_eq!(peer.feed(&frame(PING, ACK, 0, &ping.payload)).unwrap(), []);
    assert_eq!(due(&peer), Duration::from_secs(7200), "any input is a sign of life");
    peer.wait(7_200_000);
    peer.connection.handle_timeout(peer.now).unwrap();
    peer.wait(20_000);
    let error = peer.connection.handle_timeout(peer.now).unwrap_err();
    assert_eq!(error.kind, ConnectionErrorKind::Timeout);
    let counters = peer.connection.counters();
    assert_eq!((counters.keepalive_pings, counters.keepalive_timeouts), (2, 1));
}

#[test]
fn a_client_that_pings_too_often_is_stopped() {
    let ping = frame(PING, 0, 0, &[0; 8]);
    let mut peer = Peer::server();
    peer.feed(&request(1, 0)).unwrap();
    for _ in 0..3 {
        peer.feed(&ping).unwrap();
    }
    assert_eq!(peer.connection.counters().ping_strikes, 2);
    let error = peer.feed(&ping).unwrap_err();
    assert_eq!((error.code, error.reason), (ErrorCode::ENHANCE_YOUR_CALM, "too_many_pings"));
}

#[test]
fn pings_after_we_sent_something_or_at_a_decent_pace_are_fine() {
    let ping = frame(PING, 0, 0, &[0; 8]);
    let mut peer = Peer::server();
    peer.feed(&request(1, 0)).unwrap();
    let key = peer.keys[0];
    peer.respond(key, false);
    for _ in 0..100 {
        peer.connection.send_data_copied(key, b"x", false).unwrap();
        peer.feed(&ping).unwrap();
        peer.feed(&ping).unwrap();
        peer.frames();
    }
    for _ in 0..100 {
        peer.wait(300_000);
        peer.feed(&ping).unwrap();
    }
}

#[test]
fn pings_without_streams_must_be_rarer() {
    let ping = frame(PING, 0, 0, &[0; 8]);
    let mut peer = Peer::server();
    for _ in 0..3 {
        peer.wait(300_000);
        peer.feed(&ping).unwrap();
    }
    assert_eq!(peer.connection.counters().ping_strikes, 2);
    let mut peer = Peer::server();
    for _ in 0..10 {
        peer.wait(7_200_000);
        peer.feed(&[settings(&[]), ping.clone()].concat()).unwrap();
    }
    assert_eq!(peer.connection.counters().ping_strikes, 0);
}
