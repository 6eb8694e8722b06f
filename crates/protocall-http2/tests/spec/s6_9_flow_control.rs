//! RFC 9113 section 6.9: flow control, both ways.

use bytes::Bytes;
use protocall_http2::{Config, ErrorCode};

use crate::support::{
    ACK, DATA, END_STREAM, Frame, HEADERS, PADDED, Peer, RST_STREAM, SETTINGS, Seen, WINDOW_UPDATE,
    frame, request, reset, settings, window_update,
};

fn sum(frames: &[Frame]) -> usize {
    frames.iter().filter(|frame| frame.kind == DATA).map(|frame| frame.payload.len()).sum()
}

fn credits(frames: &[Frame], stream: u32) -> u32 {
    let updates = frames.iter().filter(|frame| frame.kind == WINDOW_UPDATE);
    updates.filter(|frame| frame.stream == stream).map(Frame::number).sum()
}

#[test]
fn a_sender_keeps_to_the_stream_window() {
    let mut peer = Peer::client_with(Config::client(), &[(4, 10)]);
    let key = peer.open(false);
    peer.connection.send_data_copied(key, b"0123456789abcdef", true).unwrap();
    let frames = peer.frames_of(DATA);
    assert_eq!(frames.len(), 1);
    assert_eq!((&frames[0].payload[..], frames[0].flags), (&b"0123456789"[..], 0));
    peer.feed(&window_update(1, 3)).unwrap();
    assert_eq!(peer.frames_of(DATA)[0].payload, b"abc");
    peer.feed(&window_update(1, 100)).unwrap();
    let frames = peer.frames_of(DATA);
    assert_eq!((&frames[0].payload[..], frames[0].flags), (&b"def"[..], END_STREAM));
}

#[test]
fn a_sender_keeps_to_the_connection_window() {
    let mut peer = Peer::client_with(Config::client(), &[(4, 1_000_000)]);
    let (a, b) = (peer.open(false), peer.open(false));
    peer.connection.send_data(a, Bytes::from(vec![1; 50_000]), false).unwrap();
    peer.connection.send_data(b, Bytes::from(vec![2; 50_000]), false).unwrap();
    assert_eq!(sum(&peer.frames()), 65_535);
    peer.feed(&window_update(0, 30_000)).unwrap();
    assert_eq!(sum(&peer.frames()), 30_000);
    peer.feed(&window_update(0, 30_000)).unwrap();
    assert_eq!(sum(&peer.frames()), 100_000 - 95_535);
}

#[test]
fn trailers_wait_for_the_data_before_them() {
    let mut peer = Peer::server();
    peer.feed(&[settings(&[(4, 4)]), request(1, END_STREAM)].concat()).unwrap();
    let key = peer.keys[0];
    peer.respond(key, false);
    peer.connection.send_data_copied(key, b"message", false).unwrap();
    peer.respond(key, true);
    assert!(peer.connection.send_data_copied(key, b"late", false).is_err());
    let frames: Vec<_> = peer.frames().iter().map(|frame| frame.kind).collect();
    assert_eq!(frames[1..], [HEADERS, DATA]);
    peer.feed(&window_update(1, 100)).unwrap();
    let frames = peer.frames();
    assert_eq!((frames[0].kind, &frames[0].payload[..]), (DATA, &b"age"[..]));
    assert_eq!((frames[1].kind, frames[1].flags & END_STREAM), (HEADERS, END_STREAM));
    assert_eq!(peer.connection.active_streams(), 0);
}

#[test]
fn s6_9_2_settings_shift_all_windows_even_below_zero() {
    let mut peer = Peer::client_with(Config::client(), &[(4, 100)]);
    let key = peer.open(false);
    let window = |peer: &Peer| peer.connection.stream_flow_windows(key).unwrap().send;
    peer.connection.send_data_copied(key, &[0; 150], false).unwrap();
    assert_eq!(sum(&peer.frames()), 100);
    peer.feed(&settings(&[(4, 30)])).unwrap();
    assert_eq!(window(&peer), -70);
    peer.feed(&window_update(1, 60)).unwrap();
    assert_eq!(sum(&peer.frames()), 0);
    peer.feed(&settings(&[(4, 50)])).unwrap();
    assert_eq!(sum(&peer.frames()), 10, "the blocked stream was looked at again");
    peer.feed(&settings(&[(4, 1000)])).unwrap();
    assert_eq!(sum(&peer.frames()), 40);
}

#[test]
fn s6_9_2_settings_must_not_lift_a_window_above_the_maximum() {
    let mut peer = Peer::client();
    peer.open(false);
    peer.feed(&window_update(1, 0x7fff_ffff - 65_535)).unwrap();
    assert_eq!(peer.kill(&settings(&[(4, 65_536)])), ErrorCode::FLOW_CONTROL_ERROR);
    let mut peer = Peer::client();
    let key = peer.open(false);
    peer.feed(&window_update(1, 0x7fff_ffff - 65_535)).unwrap();
    peer.connection.reset(key, ErrorCode::CANCEL).unwrap();
    peer.open(false);
    let fits = settings(&[(4, 65_536)]);
    assert_eq!(peer.feed(&fits).unwrap(), [Seen::Settings], "only open streams count");
}

#[test]
fn s6_9_bad_increments() {
    let with_stream = || {
        let mut peer = Peer::server();
        peer.feed(&request(1, 0)).unwrap();
        peer
    };
    assert_eq!(with_stream().kill(&window_update(0, 0)), ErrorCode::PROTOCOL_ERROR);
    assert_eq!(with_stream().reset_by(&window_update(1, 0), 1), ErrorCode::PROTOCOL_ERROR);
    let most = 0x7fff_ffff;
    assert_eq!(with_stream().kill(&window_update(0, most)), ErrorCode::FLOW_CONTROL_ERROR);
    assert_eq!(with_stream().reset_by(&window_update(1, most), 1), ErrorCode::FLOW_CONTROL_ERROR);
    let mut peer = with_stream();
    assert_eq!(peer.feed(&window_update(0, most - 65_535)).unwrap(), []);
    let short = frame(WINDOW_UPDATE, 0, 1, &[0, 0, 1]);
    assert_eq!(peer.kill(&short), ErrorCode::FRAME_SIZE_ERROR);
}

#[test]
fn a_receiver_holds_the_peer_to_its_windows() {
    let mut config = Config::server();
    config.stream_window = 1000;
    let mut peer = Peer::server_with(config.clone());
    peer.feed(&request(1, 0)).unwrap();
    peer.feed(&frame(DATA, 0, 1, &[0; 1000])).unwrap();
    let more = frame(DATA, 0, 1, &[0; 1]);
    assert_eq!(peer.reset_by(&more, 1), ErrorCode::FLOW_CONTROL_ERROR);
    config.stream_window = 10_000_000;
    config.connection_window = 65_535;
    config.receive_budget = 65_535;
    let mut peer = Peer::server_with(config);
    peer.feed(&request(1, 0)).unwrap();
    peer.feed(&frame(DATA, 0, 1, &[0; 65_535])).unwrap();
    assert_eq!(peer.kill(&frame(DATA, 0, 1, &[0; 1])), ErrorCode::FLOW_CONTROL_ERROR);
}

#[test]
fn connection_credit_returns_before_the_application_reads() {
    let mut config = Config::server();
    config.adaptive_window = false;
    let mut peer = Peer::server_with(config);
    peer.feed(&request(1, 0)).unwrap();
    let mut sent = 0;
    let mut returned = 0;
    for _ in 0..16 {
        peer.feed(&frame(DATA, 0, 1, &[0; 16_384])).unwrap();
        sent += 16_384;
        let frames = peer.frames();
        returned += credits(&frames, 0);
        assert_eq!(credits(&frames, 1), 0, "nothing was consumed");
    }
    assert_eq!(sent, 262_144);
    peer.feed(&request(3, 0)).unwrap();
    for _ in 0..16 {
        peer.feed(&frame(DATA, 0, 3, &[0; 16_384])).unwrap();
        returned += credits(&peer.frames(), 0);
    }
    assert!(returned >= 262_144, "{returned}");
}

#[test]
fn credit_is_withheld_above_the_budget_and_returns_on_consumption() {
    let mut config = Config::server();
    config.stream_window = 1_000_000;
    config.connection_window = 100_000;
    config.receive_budget = 150_000;
    let mut peer = Peer::server_with(config);
    peer.feed(&request(1, 0)).unwrap();
    let key = peer.keys[0];
    let mut held = 0;
    while peer.connection.flow_windows().receive > 0 {
        let size = peer.connection.flow_windows().receive.min(10_000) as usize;
        peer.feed(&frame(DATA, 0, 1, &vec![0; size])).unwrap();
        held += size;
        assert!(held <= 150_000, "never more than the budget");
    }
    assert_eq!(peer.connection.flow_windows().unconsumed, held as u64);
    assert_eq!(peer.connection.counters().receive_budget_withheld, 1);
    peer.connection.consume(key, held);
    assert_eq!(peer.connection.flow_windows().receive, 100_000, "all of it came back");
    assert_eq!(peer.connection.counters().receive_budget_withheld, 1);
    assert_eq!(peer.connection.flow_windows().unconsumed, 0);
}

#[test]
fn what_a_stream_held_returns_when_it_ends() {
    for end in ["reset", "complete"] {
        let mut peer = Peer::server();
        peer.feed(&request(1, 0)).unwrap();
        let key = peer.keys[0];
        peer.feed(&frame(DATA, END_STREAM, 1, &[0; 5000])).unwrap();
        assert_eq!(peer.connection.flow_windows().unconsumed, 5000);
        match end {
            "reset" => peer.connection.reset(key, ErrorCode::CANCEL).unwrap(),
            _ => peer.respond(key, true),
        }
        assert_eq!(peer.connection.flow_windows().unconsumed, 0, "{end}");
        peer.connection.consume(key, 5000);
        assert_eq!(peer.connection.flow_windows().unconsumed, 0, "and only once");
    }
}

#[test]
fn stream_credit_is_batched_and_stops_at_the_end() {
    let mut config = Config::server();
    config.stream_window = 1000;
    let mut peer = Peer::server_with(config);
    peer.feed(&request(1, 0)).unwrap();
    let key = peer.keys[0];
    peer.feed(&frame(DATA, 0, 1, &[0; 600])).unwrap();
    peer.connection.consume(key, 499);
    assert!(peer.frames().is_empty(), "not worth a frame");
    peer.connection.consume(key, 1);
    assert_eq!(credits(&peer.frames(), 1), 500);
    peer.connection.consume(key, 100);
    peer.feed(&frame(DATA, END_STREAM, 1, &[0; 700])).unwrap();
    peer.connection.consume(key, 700);
    assert_eq!(credits(&peer.frames(), 1), 0, "the peer sends nothing more");
}

#[test]
fn padding_is_credited_without_the_application() {
    let mut config = Config::server();
    config.stream_window = 1000;
    let mut peer = Peer::server_with(config);
    peer.feed(&request(1, 0)).unwrap();
    let payload = [&[200][..], b"x", &[0; 200]].concat();
    let mut credited = 0;
    for _ in 0..20 {
        peer.feed(&frame(DATA, PADDED, 1, &payload)).unwrap();
        credited += credits(&peer.frames(), 1);
    }
    assert!(credited >= 20 * 202 - 1000);
    assert_eq!(peer.connection.flow_windows().unconsumed, 20);
}

#[test]
fn a_whole_message_is_granted_at_once_up_to_the_ceiling() {
    let mut config = Config::server();
    config.stream_window = 1000;
    config.max_window = 100_000;
    let mut peer = Peer::server_with(config);
    peer.feed(&request(1, 0)).unwrap();
    let key = peer.keys[0];
    peer.connection.expect(key, 0, 900);
    assert!(peer.frames().is_empty(), "the window covers it");
    peer.connection.expect(key, 0, 50_000);
    assert_eq!(credits(&peer.frames(), 1), 49_000);
    peer.connection.expect(key, 0, 1_000_000);
    assert_eq!(credits(&peer.frames(), 1), 50_000);
    peer.feed(&frame(DATA, 0, 1, &[0; 60_000])).unwrap();
    assert_eq!(peer.frames_of(RST_STREAM).len(), 0);
}

#[test]
fn nothing_is_granted_to_a_stream_that_has_ended() {
    let mut peer = Peer::server();
    peer.feed(&request(1, END_STREAM)).unwrap();
    let key = peer.keys[0];
    peer.connection.expect(key, 0, 5_000_000);
    assert!(peer.frames().is_empty());
}

#[test]
fn a_lowered_window_returns_what_was_not_worth_returning_before() {
    let mut config = Config::server();
    config.stream_window = 200_000;
    let mut peer = Peer::server_with(config);
    peer.feed(&request(1, 0)).unwrap();
    let key = peer.keys[0];
    let data = [0; 15_000];
    for _ in 0..3 {
        peer.feed(&frame(DATA, 0, 1, &data)).unwrap();
        peer.connection.consume(key, data.len());
    }
    assert_eq!(peer.frames_of(WINDOW_UPDATE), [], "45,000 of 200,000 are not worth a frame");
    assert!(peer.connection.set_stream_window(40_000));
    peer.frames();
    peer.feed(&frame(SETTINGS, ACK, 0, &[])).unwrap();
    let granted = peer.frames_of(WINDOW_UPDATE);
    assert_eq!(granted.len(), 1, "the window is negative, and all was consumed");
    assert_eq!((granted[0].stream, granted[0].number()), (1, 45_000));
    assert_eq!(peer.connection.stream_flow_windows(key).unwrap().receive, 40_000);
}

#[test]
fn credit_withheld_for_a_stream_returns_when_the_stream_ends() {
    let mut config = Config::server();
    config.connection_window = 65_535;
    config.receive_budget = 65_535;
    let mut peer = Peer::server_with(config);
    peer.feed(&[request(1, 0), request(3, 0)].concat()).unwrap();
    let second = peer.keys[1];
    for stream in [1, 3] {
        peer.feed(&frame(DATA, 0, stream, &[0; 32_767])).unwrap();
    }
    assert_eq!(credits(&peer.frames(), 0), 0, "the budget is used up");
    // neither of these writes anything that the credit could ride on
    peer.feed(&reset(1, ErrorCode::CANCEL)).unwrap();
    assert_eq!(credits(&peer.frames(), 0), 32_767);
    peer.connection.discard(second);
    assert_eq!(credits(&peer.frames(), 0), 32_767);
    assert_eq!(peer.connection.flow_windows().unconsumed, 0);
}
