//! Hostile servers that send much, against our client; those that send little are in `stingy`.

use protocall::Code;
use protocall_abuse::client_trial::Hostile;
use protocall_abuse::limits::HEADER_LIST;
use protocall_tests::raw::{
    END_HEADERS, block, data, envelope, frame, goaway, headers, kind, reset,
};
use std::time::Duration;

const NOTHING: &str = "too many frames that do nothing";
const HEAD: [(&str, &str); 2] = [(":status", "200"), ("content-type", "application/grpc")];

/// Pings are answered, whatever their number: servers measure with them as often as they like.
#[test]
fn pings() {
    Hostile::new("server: PING", 4000, |n| frame(kind::PING, 0, 0, &u64::from(n).to_be_bytes()))
        .counts(|met| met.http2.pings_received, 100)
        .run();
}

#[test]
fn settings() {
    Hostile::new("server: SETTINGS", 1200, |_| frame(kind::SETTINGS, 0, 0, b""))
        .ends_with(NOTHING, |met| met.http2.useless_frames_exceeded)
        .run();
}

#[test]
fn empty_data() {
    Hostile::new("server: empty DATA", 1200, |n| {
        let head = if n == 0 { headers(1, &HEAD, false) } else { Vec::new() };
        [head, data(1, b"", false)].concat()
    })
    .ends_with(NOTHING, |met| met.http2.useless_frames_exceeded)
    .run();
}

#[test]
fn interim_responses() {
    Hostile::new("server: 103", 1200, |_| headers(1, &[(":status", "103")], false))
        .ends_with(NOTHING, |met| met.http2.useless_frames_exceeded)
        .run();
}

#[test]
fn priorities() {
    Hostile::new("server: PRIORITY", 1200, |_| frame(2, 0, 1, &[0, 0, 0, 3, 7]))
        .ends_with(NOTHING, |met| met.http2.useless_frames_exceeded)
        .run();
}

#[test]
fn resets_of_a_stream_that_has_ended() {
    Hostile::new("server: RST_STREAM", 1200, |_| reset(1, 8))
        .ends_with(NOTHING, |met| met.http2.useless_frames_exceeded)
        .run();
}

#[test]
fn window_updates() {
    Hostile::new("server: WINDOW_UPDATE", 10_000, |_| {
        frame(kind::WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1])
    })
    .run();
}

/// Each says less than the one before, down to the call that is at work: a look at every call.
#[test]
fn goaways_that_fall() {
    Hostile::new("server: GOAWAY, falling", 2000, |n| goaway(2 * (1999 - n) + 1, 0))
        .ends_with(NOTHING, |met| met.http2.useless_frames_exceeded)
        .fails_calls_with(Code::Unavailable)
        .run();
}

/// The same frame, over and over.
#[test]
fn goaways_that_stay() {
    Hostile::new("server: GOAWAY", 1200, |_| goaway(1, 0))
        .ends_with(NOTHING, |met| met.http2.useless_frames_exceeded)
        .run();
}

/// RFC 9113, 6.8: the last stream must not rise.
#[test]
fn goaways_that_rise() {
    Hostile::new("server: GOAWAY, rising", 100, |n| goaway(2 * n + 1, 0))
        .ends_with_code(1, "GOAWAY raised the last stream", |met| met.http2.protocol_kills)
        .fails_calls_with(Code::Unavailable)
        .run();
}

/// Sheds its calls one by one, each of which goes to another connection, once.
#[test]
fn goaways_that_shed_calls() {
    Hostile::new("server: GOAWAY, shedding", 100, |n| goaway(199 - 2 * n, 0))
        .calls(100)
        .counts(|met| met.http2.goaways_repeated, 90)
        .run();
}

#[test]
fn continuations_without_end() {
    Hostile::new("server: CONTINUATION", 20, |n| {
        let kind = if n == 0 { kind::HEADERS } else { kind::CONTINUATION };
        frame(kind, 0, 1, &block(&HEAD))
    })
    .ends_with("too many CONTINUATION frames", |met| met.http2.continuations_exceeded)
    .run();
}

#[test]
fn empty_continuations_without_end() {
    Hostile::new("server: empty CONTINUATION", 20, |n| {
        let kind = if n == 0 { kind::HEADERS } else { kind::CONTINUATION };
        frame(kind, 0, 1, b"")
    })
    .ends_with("too many CONTINUATION frames", |met| met.http2.continuations_exceeded)
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
    .ends_with("hpack: header list far above the limit", |met| met.http2.header_floods)
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

/// Header lists that are too large, each by itself below the limit that ends connections.
#[test]
fn lists_of_too_many_fields() {
    Hostile::new("server: many fields", 1, |_| {
        let fields = [("a", "b"); 300];
        headers(1, &[&HEAD[..], &fields].concat(), false)
    })
    .counts(|met| met.http2.header_fields_exceeded, 1)
    .fails_calls_with(Code::ResourceExhausted)
    .call_limit(Duration::from_secs(5))
    .memory(4 * HEADER_LIST)
    .run();
}

/// CVE-2025-8671 the other way round: the server makes the client reset its calls.
#[test]
fn breaches_on_every_call() {
    Hostile::new("server: WINDOW_UPDATE of 0", 250, |n| {
        frame(kind::WINDOW_UPDATE, 0, 2 * n + 1, &[0; 4])
    })
    .calls(250)
    .ends_with("too many stream errors", |met| met.http2.resets_provoked_exceeded)
    .run();
}

/// RFC 9113, 8.4: we have said that we take no pushes.
#[test]
fn pushes() {
    let promise = [&[0, 0, 0, 2][..], &block(&HEAD)].concat();
    Hostile::new("server: PUSH_PROMISE", 10, move |_| frame(5, END_HEADERS, 1, &promise))
        .ends_with_code(1, "PUSH_PROMISE, but push is disabled", |met| met.http2.protocol_kills)
        .fails_calls_with(Code::Unavailable)
        .run();
}

#[test]
fn frames_of_unknown_types() {
    Hostile::new("server: unknown", 1200, |_| frame(0xbb, 0, 0, b"?"))
        .ends_with(NOTHING, |met| met.http2.useless_frames_exceeded)
        .run();
}

#[test]
fn a_block_of_large_continuations() {
    let piece = block(&[("x-more", &"v".repeat(16_000))]);
    Hostile::new("server: large CONTINUATION", 4, move |n| {
        let kind = if n == 0 { kind::HEADERS } else { kind::CONTINUATION };
        frame(kind, 0, 1, if n == 0 { &[0x88] } else { &piece })
    })
    .ends_with("header block is too large", |met| met.http2.header_block_bytes_exceeded)
    .memory(2 * HEADER_LIST)
    .run();
}

#[test]
fn lists_of_too_many_bytes() {
    let large = "v".repeat(8_500);
    Hostile::new("server: large lists", 1, move |_| {
        let head = block(&[&HEAD[..], &[("x-a", &large)]].concat());
        let more = block(&[("x-b", large.as_str())]);
        let more = frame(kind::CONTINUATION, END_HEADERS, 1, &more);
        [frame(kind::HEADERS, 0, 1, &head), more].concat()
    })
    .counts(|met| met.http2.header_list_bytes_exceeded, 1)
    .fails_calls_with(Code::ResourceExhausted)
    .call_limit(Duration::from_secs(5))
    .memory(4 * HEADER_LIST)
    .run();
}

/// The HTTP/2 bomb of 2026, against those who wait for answers: some bytes of references make a
/// head of ten thousand for each call, and no call ends.
#[test]
fn indexed_fields_for_every_call() {
    let mut entry = block(&[("x-bomb", &"v".repeat(80))]);
    entry[0] = 0x40;
    Hostile::new("server: HTTP/2 bomb", 200, move |n| {
        let new = if n == 0 { &entry[..] } else { &[] };
        let fields = [&block(&HEAD)[..], new, &[0xbe; 110]].concat();
        frame(kind::HEADERS, END_HEADERS, 2 * n + 1, &fields)
    })
    .calls(200)
    .fails_calls_with(Code::DeadlineExceeded)
    .memory(200 * 2 * HEADER_LIST)
    .run();
}
