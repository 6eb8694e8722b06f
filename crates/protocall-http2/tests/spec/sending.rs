//! The sending side as a driver uses it: order, turns, backpressure, and the unary path.

use bytes::Bytes;
use protocall_http2::{Config, ErrorCode, Field, OpenError, Part, SendError};

use crate::support::{
    DATA, END_HEADERS, END_STREAM, HEADERS, Peer, request, settings, window_update,
};

#[test]
fn commands_out_of_order_change_nothing() {
    let mut peer = Peer::server();
    peer.feed(&request(1, END_STREAM)).unwrap();
    let key = peer.keys[0];
    let early = peer.connection.send_data_copied(key, b"x", false);
    assert_eq!(early, Err(SendError::OutOfOrder), "data before headers");
    peer.respond(key, false);
    let status = [Part::Field(Field::indexed(b":status", b"200"))];
    let twice = peer.connection.send_headers(key, &status, false);
    assert_eq!(twice, Err(SendError::OutOfOrder));
    peer.respond(key, true);
    let late = peer.connection.send_data(key, Bytes::from_static(b"x"), false);
    assert_eq!(late, Err(SendError::StreamGone));
    assert_eq!(peer.connection.open(&[], true), Err(OpenError::NotClient));
    assert_eq!(peer.frames().len(), 2);
}

#[test]
fn a_unary_reply_is_one_contiguous_piece() {
    let mut peer = Peer::server();
    peer.feed(&request(1, END_STREAM)).unwrap();
    let key = peer.keys[0];
    let ok = Field::indexed(b":status", b"200");
    let kind = Field::indexed(b"content-type", b"application/grpc");
    let head = peer.connection.add_template(&[ok, kind]);
    let done = Field::indexed(b"grpc-status", b"0");
    let tail = peer.connection.add_template(&[done]);
    let reply = |peer: &mut Peer, key| {
        peer.connection.send_headers(key, &[Part::Template(head)], false).unwrap();
        peer.connection.send_data_copied(key, b"\0\0\0\0\x02hi", false).unwrap();
        peer.connection.send_headers(key, &[Part::Template(tail)], true).unwrap();
        let mut slices = [std::io::IoSlice::new(&[]); 4];
        assert_eq!(peer.connection.output().slices(&mut slices), 1);
        peer.frames()
    };
    let frames = reply(&mut peer, key);
    let kinds: Vec<_> = frames.iter().map(|frame| (frame.kind, frame.flags)).collect();
    let expected = [(HEADERS, END_HEADERS), (DATA, 0), (HEADERS, END_HEADERS | END_STREAM)];
    assert_eq!(kinds, expected);
    for id in [3, 5] {
        peer.feed(&request(id, END_STREAM)).unwrap();
        let key = *peer.keys.last().unwrap();
        let frames = reply(&mut peer, key);
        assert_eq!(frames[0].payload.len(), 2, "both fields are in a table");
        assert_eq!(frames[2].payload.len(), 1);
    }
}

#[test]
fn large_payloads_are_referenced_and_small_ones_copied() {
    let mut peer = Peer::client();
    let key = peer.open(false);
    peer.frames();
    peer.connection.send_data(key, Bytes::from(vec![1; 2047]), false).unwrap();
    let mut slices = [std::io::IoSlice::new(&[]); 8];
    assert_eq!(peer.connection.output().slices(&mut slices), 1);
    peer.connection.send_data(key, Bytes::from(vec![1; 2048]), false).unwrap();
    let mut slices = [std::io::IoSlice::new(&[]); 8];
    assert_eq!(peer.connection.output().slices(&mut slices), 2);
}

#[test]
fn streams_take_turns() {
    let mut peer = Peer::client_with(Config::client(), &[(4, 1_000_000)]);
    let keys = [peer.open(false), peer.open(false), peer.open(false)];
    peer.frames();
    // The connection's window is used up, so that all three queue.
    peer.connection.send_data(keys[0], Bytes::from(vec![9; 65_535]), false).unwrap();
    peer.frames();
    for key in keys {
        peer.connection.send_data(key, Bytes::from(vec![key.id() as u8; 40_000]), true).unwrap();
    }
    peer.feed(&window_update(0, 1_000_000)).unwrap();
    let order: Vec<_> =
        peer.frames().iter().map(|frame| (frame.stream, frame.payload.len())).collect();
    assert_eq!(
        order,
        [
            (1, 16_384),
            (3, 16_384),
            (5, 16_384),
            (1, 16_384),
            (3, 16_384),
            (5, 16_384),
            (1, 7232),
            (3, 7232),
            (5, 7232),
        ]
    );
}

#[test]
fn a_brief_message_passes_long_ones_but_they_have_their_turns() {
    let mut peer = Peer::client_with(Config::client(), &[(4, 1_000_000), (5, 65_536)]);
    let keys: [_; 6] = std::array::from_fn(|_| peer.open(false));
    peer.frames();
    peer.connection.send_data(keys[0], Bytes::from(vec![9; 65_535]), false).unwrap();
    peer.frames();
    for (key, bytes) in keys.iter().zip([100_000, 100_000, 4096, 1, 4097, 2]) {
        peer.connection.send_data(*key, Bytes::from(vec![0; bytes]), true).unwrap();
    }
    peer.feed(&window_update(0, 1_000_000)).unwrap();
    let order: Vec<_> =
        peer.frames().iter().map(|frame| (frame.stream, frame.payload.len())).collect();
    let brief_between = [(5, 4096), (1, 65_536), (7, 1), (3, 65_536), (11, 2), (9, 4097)];
    assert_eq!(order[..6], brief_between);
    assert_eq!(order[6..], [(1, 34_464), (3, 34_464)]);
}

#[test]
fn small_pieces_that_waited_share_a_frame() {
    let mut peer = Peer::client_with(Config::client(), &[(4, 0)]);
    let key = peer.open(false);
    peer.frames();
    for piece in [&b"one "[..], b"two ", b"three"] {
        peer.connection.send_data_copied(key, piece, false).unwrap();
    }
    peer.connection.send_data_copied(key, b"", true).unwrap();
    assert!(peer.frames().is_empty());
    peer.feed(&settings(&[(4, 100)])).unwrap();
    let frames = peer.frames_of(DATA);
    assert_eq!(frames.len(), 1);
    assert_eq!((&frames[0].payload[..], frames[0].flags), (&b"one two three"[..], END_STREAM));
}

#[test]
fn frames_keep_to_the_peers_size() {
    let mut peer = Peer::client_with(Config::client(), &[(4, 1_000_000), (5, 40_000)]);
    let key = peer.open(false);
    peer.connection.send_data(key, Bytes::from(vec![0; 60_000]), false).unwrap();
    let sizes: Vec<_> = peer.frames_of(DATA).iter().map(|frame| frame.payload.len()).collect();
    assert_eq!(sizes, [40_000, 20_000]);
}

#[test]
fn capacity_falls_to_zero_and_comes_back_once() {
    let mut peer = Peer::client_with(Config::client(), &[(4, 0)]);
    let key = peer.open(false);
    assert_eq!(peer.connection.capacity(key), 65_536);
    peer.connection.send_data(key, Bytes::from(vec![0; 60_000]), false).unwrap();
    assert_eq!(peer.connection.capacity(key), 5536);
    peer.connection.send_data(key, Bytes::from(vec![0; 60_000]), false).unwrap();
    assert_eq!(peer.connection.capacity(key), 0);
    assert_eq!(peer.connection.next_writable(), None);
    peer.feed(&settings(&[(4, 65_535)])).unwrap();
    peer.frames();
    assert_eq!(peer.connection.capacity(key), 0, "not yet at half");
    peer.feed(&[window_update(0, 100_000), window_update(1, 40_000)].concat()).unwrap();
    peer.frames();
    assert!(peer.connection.capacity(key) > 32_768);
    assert_eq!(peer.connection.next_writable(), Some(key));
    assert_eq!(peer.connection.next_writable(), None);
}

#[test]
fn a_full_connection_stops_every_stream_and_wakes_them_all() {
    let mut config = Config::client();
    config.connection_send_buffer = 100_000;
    let mut peer = Peer::client_with(config, &[(4, 1_000_000)]);
    let (a, b) = (peer.open(false), peer.open(false));
    peer.frames();
    peer.feed(&window_update(0, 1_000_000)).unwrap();
    peer.connection.send_data(a, Bytes::from(vec![0; 100_000]), false).unwrap();
    assert_eq!((peer.connection.capacity(a), peer.connection.capacity(b)), (0, 0));
    assert_eq!(peer.connection.next_writable(), None);
    peer.frames();
    let mut woken = [peer.connection.next_writable(), peer.connection.next_writable()];
    woken.sort_by_key(|key| key.map(|key| key.id()));
    assert_eq!(woken, [Some(a), Some(b)]);
    assert_eq!(peer.connection.next_writable(), None);
    assert!(peer.connection.capacity(b) > 0);
}

#[test]
fn what_waits_for_stalled_streams_stops_no_other() {
    let mut config = Config::client();
    config.connection_send_buffer = 100_000;
    let mut peer = Peer::client_with(config, &[(4, 10)]);
    let (a, b) = (peer.open(false), peer.open(false));
    peer.frames();
    peer.connection.send_data(a, Bytes::from(vec![0; 60_000]), false).unwrap();
    peer.connection.send_data(a, Bytes::from(vec![0; 60_000]), false).unwrap();
    peer.frames();
    while peer.connection.next_writable().is_some() {}
    assert_eq!(peer.connection.capacity(a), 0, "it has enough queued");
    assert!(peer.connection.capacity(b) > 0, "that is no business of this one");
    peer.connection.send_data(b, Bytes::from(vec![0; 10]), false).unwrap();
    assert_eq!(peer.frames_of(DATA)[0].payload.len(), 10);
    while peer.connection.next_writable().is_some() {}
    assert_eq!(peer.connection.capacity(b), 0, "its window is used up: it would only queue");
    peer.feed(&window_update(b.id(), 5)).unwrap();
    assert_eq!(peer.connection.next_writable(), Some(b));
    assert!(peer.connection.capacity(b) > 0);
    peer.connection.send_data(b, Bytes::from(vec![0; 10]), false).unwrap();
    peer.frames();
    assert_eq!(peer.connection.capacity(b), 0, "half of it waits");
    peer.feed(&settings(&[(4, 20)])).unwrap();
    peer.frames();
    let mut woken = Vec::new();
    while let Some(key) = peer.connection.next_writable() {
        woken.push(key);
    }
    assert!(woken.contains(&b), "{woken:?}");
    assert!(peer.connection.capacity(b) > 0);
}

#[test]
fn a_reset_drops_what_was_queued() {
    let mut peer = Peer::client_with(Config::client(), &[(4, 10)]);
    let key = peer.open(false);
    peer.connection.send_data(key, Bytes::from(vec![0; 500]), true).unwrap();
    peer.frames();
    peer.connection.reset(key, ErrorCode::CANCEL).unwrap();
    assert_eq!(peer.frames().len(), 1);
    peer.feed(&window_update(1, 1000)).unwrap();
    peer.feed(&settings(&[(4, 65_535)])).unwrap();
    assert!(peer.frames_of(DATA).is_empty());
}

#[test]
fn the_flush_target_bounds_one_write() {
    let mut config = Config::client();
    config.flush_target = 50_000;
    let mut peer = Peer::client_with(config, &[(4, 10_000_000)]);
    peer.feed(&window_update(0, 10_000_000)).unwrap();
    let key = peer.open(false);
    peer.frames();
    peer.connection.send_data(key, Bytes::from(vec![0; 1_000_000]), true).unwrap();
    peer.connection.flush();
    let waiting = peer.connection.output().len();
    assert!((50_000..50_000 + 20_000).contains(&waiting), "{waiting}");
    let total: usize = peer.frames_of(DATA).iter().map(|frame| frame.payload.len()).sum();
    assert_eq!(total, 1_000_000);
}
