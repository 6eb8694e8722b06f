//! How a connection ends in time (gRFC A9; RFC 9113 sections 6.5.3 and 6.8): age, idleness,
//! unanswered steps, output that nobody takes.

use std::time::Duration;

use protocall_http2::{
    Config, ConnectionErrorKind, ErrorCode, Limit, OpenError, Side, StreamKey, Timestamp,
};

use crate::support::{
    ACK, END_STREAM, GOAWAY, PING, PREFACE, Peer, SETTINGS, frame, request, settings,
};

const LAST: u32 = 0x7fff_ffff;

fn due(peer: &Peer) -> Option<Duration> {
    peer.connection.next_timeout().map(|at| at.since(peer.now))
}

fn pass(peer: &mut Peer, seconds: u64) {
    peer.wait(seconds * 1000);
    peer.connection.handle_timeout(peer.now).unwrap();
}

fn server(set: impl FnOnce(&mut Config)) -> Peer {
    let mut config = Config::server();
    config.keepalive_interval = None;
    set(&mut config);
    Peer::server_with(config)
}

/// The GOAWAY frames that were written: last stream and debug data.
fn goaways(peer: &mut Peer) -> Vec<(u32, String)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let frames = peer.frames_of(GOAWAY).into_iter();
    frames.map(|frame| (frame.number(), text(&frame.payload[8..]))).collect()
}

fn last_key(peer: &Peer) -> StreamKey {
    *peer.keys.last().unwrap()
}

#[test]
fn an_old_connection_leaves_in_two_steps_and_says_why() {
    let mut peer = server(|config| config.max_connection_age = Some(Duration::from_secs(100)));
    assert_eq!(due(&peer), Some(Duration::from_secs(100)));
    peer.feed(&request(1, END_STREAM)).unwrap();
    pass(&mut peer, 99);
    assert_eq!(peer.frames(), []);
    pass(&mut peer, 1);
    let frames = peer.frames();
    assert_eq!((frames[0].kind, frames[0].number()), (GOAWAY, LAST));
    assert_eq!(&frames[0].payload[8..], b"max_age");
    assert_eq!(peer.connection.counters().max_age_reached, 1);
    peer.feed(&request(3, END_STREAM)).unwrap();
    peer.feed(&frame(PING, ACK, 0, &frames[1].payload)).unwrap();
    assert_eq!(goaways(&mut peer), [(3, "max_age".to_owned())], "what was on its way counts");
    assert_eq!(due(&peer), None, "streams may go on for ever");
    for key in peer.keys.clone() {
        peer.respond(key, true);
    }
    assert!(peer.connection.is_drained());
    assert_eq!(peer.connection.counters().goaway_timeouts, 0);
}

#[test]
fn the_second_step_comes_without_an_answer_after_five_seconds() {
    let mut peer = server(|_| {});
    peer.feed(&request(1, END_STREAM)).unwrap();
    peer.connection.shutdown();
    assert_eq!(peer.connection.next_timeout(), Some(Timestamp::ZERO), "to learn the time");
    peer.connection.handle_timeout(peer.now).unwrap();
    assert_eq!(due(&peer), Some(Duration::from_secs(5)));
    assert_eq!(goaways(&mut peer), [(LAST, String::new())]);
    pass(&mut peer, 4);
    assert_eq!(goaways(&mut peer), []);
    pass(&mut peer, 1);
    assert_eq!(goaways(&mut peer), [(1, String::new())]);
    assert_eq!(peer.connection.counters().goaway_timeouts, 1);
    assert!(!peer.connection.is_drained(), "the stream goes on");
    assert_eq!(due(&peer), None);
}

#[test]
fn streams_that_outlive_the_grace_are_ended() {
    let mut peer = server(|config| {
        config.max_connection_age = Some(Duration::from_secs(100));
        config.max_connection_age_grace = Some(Duration::from_secs(30));
    });
    peer.feed(&request(1, END_STREAM)).unwrap();
    pass(&mut peer, 100);
    pass(&mut peer, 29);
    assert_eq!(due(&peer), Some(Duration::from_secs(1)));
    peer.frames();
    peer.wait(1000);
    let error = peer.connection.handle_timeout(peer.now).unwrap_err();
    assert_eq!((error.kind, error.limit), (ConnectionErrorKind::Timeout, Some(Limit::AgeGrace)));
    assert_eq!(error.code, ErrorCode::NO_ERROR);
    assert_eq!(goaways(&mut peer), [(1, "max_age".to_owned())]);
    assert_eq!(peer.connection.counters().max_age_grace_exceeded, 1);
}

#[test]
fn the_grace_counts_from_the_age_also_when_the_connection_was_leaving_before() {
    let mut peer = server(|config| {
        config.max_connection_age = Some(Duration::from_secs(100));
        config.max_connection_age_grace = Some(Duration::from_secs(30));
    });
    peer.feed(&request(1, END_STREAM)).unwrap();
    pass(&mut peer, 50);
    peer.connection.shutdown();
    pass(&mut peer, 50);
    assert_eq!(peer.connection.counters().max_age_reached, 0, "it was leaving for another reason");
    peer.wait(30_000);
    assert!(peer.connection.handle_timeout(peer.now).is_err());
}

#[test]
fn an_idle_connection_leaves_and_a_busy_one_stays() {
    let mut peer = server(|config| config.max_connection_idle = Some(Duration::from_secs(60)));
    assert_eq!(due(&peer), Some(Duration::from_secs(60)), "idle from the beginning");
    pass(&mut peer, 59);
    peer.feed(&request(1, END_STREAM)).unwrap();
    assert_eq!(due(&peer), None);
    pass(&mut peer, 1000);
    peer.connection.tell_time(peer.now);
    let key = last_key(&peer);
    peer.respond(key, true);
    assert_eq!(due(&peer), Some(Duration::from_secs(60)), "from the end of the last stream");
    peer.frames();
    pass(&mut peer, 59);
    assert_eq!(goaways(&mut peer), []);
    pass(&mut peer, 1);
    assert_eq!(goaways(&mut peer), [(LAST, "max_idle".to_owned())]);
    assert_eq!(peer.connection.counters().max_idle_reached, 1);
    pass(&mut peer, 5);
    assert_eq!(goaways(&mut peer), [(1, "max_idle".to_owned())]);
    assert!(peer.connection.is_drained());
}

#[test]
fn pings_and_settings_do_not_make_a_connection_busy() {
    let mut peer = server(|config| config.max_connection_idle = Some(Duration::from_secs(60)));
    peer.wait(59_000);
    peer.feed(&[settings(&[]), frame(PING, 0, 0, &[0; 8])].concat()).unwrap();
    assert_eq!(due(&peer), Some(Duration::from_secs(1)));
}

#[test]
fn a_client_has_no_age() {
    let mut config = Config::client();
    config.max_connection_age = Some(Duration::from_secs(1));
    config.max_connection_idle = Some(Duration::from_secs(1));
    let mut peer = Peer::client_with(config, &[]);
    pass(&mut peer, 1000);
    assert_eq!(goaways(&mut peer), []);
}

#[test]
fn s6_5_3_settings_are_to_be_acknowledged_in_time() {
    for side in [Side::Server, Side::Client] {
        let mut peer = Peer::new(side, Config::for_side(side));
        let preface: &[u8] = if side == Side::Server { PREFACE } else { b"" };
        peer.feed(&[preface, &settings(&[])].concat()).unwrap();
        peer.frames();
        assert_eq!(due(&peer), Some(Duration::from_secs(60)));
        pass(&mut peer, 59);
        peer.wait(1000);
        let error = peer.connection.handle_timeout(peer.now).unwrap_err();
        assert_eq!(
            (error.code, error.limit),
            (ErrorCode::SETTINGS_TIMEOUT, Some(Limit::SettingsTime))
        );
        assert_eq!(goaways(&mut peer).len(), 1);
        assert_eq!(peer.connection.counters().settings_timeouts, 1);
    }
}

#[test]
fn s6_5_3_each_settings_frame_has_its_own_time() {
    let mut peer = server(|_| {});
    pass(&mut peer, 1000);
    for window in [100_000, 200_000] {
        assert!(peer.connection.set_stream_window(window));
        pass(&mut peer, 10);
    }
    assert_eq!(due(&peer), Some(Duration::from_secs(50)), "from when the time was told");
    peer.feed(&frame(SETTINGS, ACK, 0, &[])).unwrap();
    assert_eq!(due(&peer), Some(Duration::from_secs(60)));
    peer.feed(&frame(SETTINGS, ACK, 0, &[])).unwrap();
    assert_eq!(due(&peer), None);
}

#[test]
fn output_that_nobody_takes_ends_the_connection() {
    for (mut peer, seconds) in [(server(|_| {}), 60), (Peer::client(), 20)] {
        peer.feed(&settings(&[])).unwrap();
        peer.connection.note_blocked(peer.now);
        assert_eq!(due(&peer), Some(Duration::from_secs(seconds)));
        pass(&mut peer, seconds - 1);
        peer.connection.note_blocked(peer.now);
        assert_eq!(due(&peer), Some(Duration::from_secs(1)), "trying again is no progress");
        peer.connection.output().advance(1);
        assert_eq!(due(&peer), None, "a byte is");
        peer.connection.note_blocked(peer.now);
        pass(&mut peer, seconds - 1);
        peer.wait(1000);
        let error = peer.connection.handle_timeout(peer.now).unwrap_err();
        assert_eq!(
            (error.kind, error.limit),
            (ConnectionErrorKind::Timeout, Some(Limit::WriteTime))
        );
        assert_eq!(peer.connection.counters().write_timeouts, 1);
    }
}

#[test]
fn output_that_was_taken_is_forgotten() {
    let mut peer = server(|_| {});
    peer.feed(&settings(&[])).unwrap();
    peer.connection.note_blocked(peer.now);
    peer.frames();
    assert_eq!(due(&peer), None);
    pass(&mut peer, 1000);
}

#[test]
fn s5_1_1_a_connection_is_worn_at_three_quarters_of_its_ids_and_ends_with_the_last() {
    let mut config = Config::client();
    config.first_stream_id = 0x5fff_fffd - 6;
    let mut peer = Peer::client_with(config, &[]);
    for worn in [false, false, true] {
        let key = peer.open(true);
        peer.connection.reset(key, ErrorCode::CANCEL).unwrap();
        assert_eq!(peer.connection.is_worn(), worn, "{}", key.id());
        assert_eq!(peer.connection.counters().stream_ids_worn, u64::from(worn));
        assert!(peer.connection.open_capacity() > 0, "calls can still be made");
    }
    let mut config = Config::client();
    config.first_stream_id = LAST - 2;
    let mut peer = Peer::client_with(config, &[]);
    assert_eq!(peer.connection.open_capacity(), 2);
    peer.open(true);
    assert_eq!(peer.open(true).id(), LAST);
    assert_eq!(peer.connection.open_capacity(), 0);
    assert_eq!(peer.connection.open(&[], true), Err(OpenError::IdsExhausted));
    assert_eq!(peer.connection.counters().stream_ids_worn, 1, "once a connection");
}
