//! Publishing what connections count: sums, and nothing twice.

#![allow(clippy::unwrap_used)]

use super::*;

/// PRIORITY frames for stream 1, behind the first bytes that a client sends.
fn met(frames: usize) -> http2::Connection {
    let mut client = http2::Connection::new(http2::Side::Client, http2::Config::client());
    let mut server = http2::Connection::new(http2::Side::Server, http2::Config::server());
    let mut slices = [io::IoSlice::new(&[]); 8];
    let count = client.output().slices(&mut slices);
    let mut bytes: Vec<u8> = slices[..count].iter().flat_map(|slice| slice.to_vec()).collect();
    for _ in 0..frames {
        bytes.extend_from_slice(&[0, 0, 5, 2, 0, 0, 0, 0, 1, 0, 0, 0, 3, 7]);
    }
    let mut input = &bytes[..];
    while server.receive(&mut input, http2::Timestamp::ZERO).unwrap().is_some() {}
    server
}

#[test]
fn connections_add_up_and_count_nothing_twice() {
    let totals = Totals::default();
    let (mut first, mut second) = (met(3), met(4));
    for round in 0..2 {
        totals.publish(&mut first);
        totals.publish(&mut second);
        assert_eq!(totals.http2().priority_frames, 7, "{round}");
        assert_eq!(totals.http2().settings_received, 2, "{round}");
    }
    totals.publish(&mut met(1));
    assert_eq!(totals.http2().priority_frames, 8);
}

#[test]
fn what_was_published_is_kept_no_longer() {
    let mut connection = met(2);
    assert_eq!(connection.counters().priority_frames, 2);
    Totals::default().publish(&mut connection);
    assert_eq!(connection.counters(), http2::Counters::default());
}

#[test]
fn own_counters_are_numbers() {
    let totals = Totals::default();
    totals.count(|tally| &tally.batches_cut);
    totals.count(|tally| &tally.batches_cut);
    assert_eq!(totals.transport(), Counters { batches_cut: 2, ..Counters::default() });
}
