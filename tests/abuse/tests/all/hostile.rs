//! Hostile servers of each kind, against our client.

use protocall_abuse::client_trial::Hostile;
use protocall_abuse::limits::HEADER_LIST;
use protocall_tests::raw::{
    END_HEADERS, block, data, envelope, frame, goaway, headers, kind, reset,
};

const NOTHING: &str = "too many frames that do nothing";
const HEAD: [(&str, &str); 2] = [(":status", "200"), ("content-type", "application/grpc")];

/// Pings are answered, whatever their number: servers measure with them as often as they like.
#[test]
fn pings() {
    Hostile::new("server: PING", 4000, |n| frame(kind::PING, 0, 0, &u64::from(n).to_be_bytes()))
        .run();
}

#[test]
fn settings() {
    Hostile::new("server: SETTINGS", 1200, |_| frame(kind::SETTINGS, 0, 0, b""))
        .ends_with(NOTHING, |counters| counters.useless_frames_exceeded)
        .run();
}

#[test]
fn empty_data() {
    Hostile::new("server: empty DATA", 1200, |n| {
        let head = if n == 0 { headers(1, &HEAD, false) } else { Vec::new() };
        [head, data(1, b"", false)].concat()
    })
    .ends_with(NOTHING, |counters| counters.useless_frames_exceeded)
    .run();
}

#[test]
fn interim_responses() {
    Hostile::new("server: 103", 1200, |_| headers(1, &[(":status", "103")], false))
        .ends_with(NOTHING, |counters| counters.useless_frames_exceeded)
        .run();
}

#[test]
fn priorities() {
    Hostile::new("server: PRIORITY", 1200, |_| frame(2, 0, 1, &[0, 0, 0, 3, 7]))
        .ends_with(NOTHING, |counters| counters.useless_frames_exceeded)
        .run();
}

#[test]
fn resets_of_a_stream_that_has_ended() {
    Hostile::new("server: RST_STREAM", 1200, |_| reset(1, 8))
        .ends_with(NOTHING, |counters| counters.useless_frames_exceeded)
        .run();
}

#[test]
fn window_updates() {
    Hostile::new("server: WINDOW_UPDATE", 10_000, |_| {
        frame(kind::WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1])
    })
    .run();
}

#[test]
fn goaways() {
    Hostile::new("server: GOAWAY", 2000, |_| goaway(1, 0)).run();
}

#[test]
fn continuations_without_end() {
    Hostile::new("server: CONTINUATION", 20, |n| {
        let kind = if n == 0 { kind::HEADERS } else { kind::CONTINUATION };
        frame(kind, 0, 1, &block(&HEAD))
    })
    .ends_with("too many CONTINUATION frames", |counters| counters.continuations_exceeded)
    .run();
}

#[test]
fn empty_continuations_without_end() {
    Hostile::new("server: empty CONTINUATION", 20, |n| {
        let kind = if n == 0 { kind::HEADERS } else { kind::CONTINUATION };
        frame(kind, 0, 1, b"")
    })
    .ends_with("too many CONTINUATION frames", |counters| counters.continuations_exceeded)
    .run();
}

#[test]
fn an_hpack_bomb() {
    let mut entry = block(&[("x", &"v".repeat(4000))]);
    entry[0] = 0x40;
    Hostile::new("server: HPACK bomb", 2, move |n| {
        let bomb = if n == 0 { &entry[..] } else { &[0xbe; 10_000] };
        frame(kind::HEADERS, END_HEADERS, 1, &[&block(&HEAD)[..], bomb].concat())
    })
    .ends_with("hpack: header list far above the limit", |counters| counters.header_floods)
    .memory(4 * HEADER_LIST)
    .run();
}

/// A message in frames of one byte that never ends.
#[test]
fn data_of_one_byte() {
    let message = envelope(&[7; 100_000]);
    Hostile::new("server: one-byte DATA", 20_000, move |n| {
        let head = if n == 0 { headers(1, &HEAD, false) } else { Vec::new() };
        [head, data(1, &message[n as usize..][..1], false)].concat()
    })
    .run();
}
