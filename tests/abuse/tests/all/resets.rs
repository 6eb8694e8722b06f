//! Streams that are opened and reset, by the client or by what it makes the server do.

use super::headers::{CHAT, opened, waiting};
use protocall_abuse::trial::{Attack, UNARY};
use protocall_tests::raw::{call, data, envelope, frame, headers, kind, reset};

/// PRIORITY.
const PRIORITY: u8 = 2;
/// CANCEL.
const CANCEL: u32 = 8;

/// CVE-2023-44487, with calls that are at work.
#[test]
fn rapid_reset() {
    Attack::new("rapid reset", |n| {
        let (stream, head) = opened(n, UNARY);
        [head, data(stream, &envelope(b""), true), reset(stream, CANCEL)].concat()
    })
    .units(1200)
    .service(waiting)
    .ends_with("too many rapid resets", |counters| counters.rapid_resets_exceeded)
    .run();
}

/// The same with streams, whose response head is on its way before the reset is seen.
#[test]
fn rapid_reset_of_streams() {
    Attack::new("rapid reset of streams", |n| {
        let (stream, head) = opened(n, CHAT);
        [head, reset(stream, CANCEL)].concat()
    })
    .units(1200)
    .ends_with("too many rapid resets", |counters| counters.rapid_resets_exceeded)
    .run();
}

/// CVE-2025-8671: the client breaks a rule on each stream that it opens, so that the server resets
/// it and the work goes on behind. `breach` is what breaks the rule on an open stream.
fn made_you_reset(name: &'static str, breach: impl Fn(u32) -> Vec<u8> + Send + Sync + 'static) {
    Attack::new(name, move |n| {
        let (stream, head) = opened(n, UNARY);
        [head, data(stream, &envelope(b""), true), breach(stream)].concat()
    })
    .units(250)
    .service(waiting)
    .ends_with("too many stream errors", |counters| counters.resets_provoked_exceeded)
    .run();
}

#[test]
fn made_you_reset_by_a_window_update_of_zero() {
    made_you_reset("WINDOW_UPDATE of 0", |stream| frame(kind::WINDOW_UPDATE, 0, stream, &[0; 4]));
}

#[test]
fn made_you_reset_by_a_window_that_overflows() {
    made_you_reset("WINDOW_UPDATE above 2^31-1", |stream| {
        frame(kind::WINDOW_UPDATE, 0, stream, &0x7fff_ffff_u32.to_be_bytes())
    });
}

#[test]
fn made_you_reset_by_a_priority_of_four_bytes() {
    made_you_reset("PRIORITY of 4 bytes", |stream| frame(PRIORITY, 0, stream, &[0; 4]));
}

#[test]
fn made_you_reset_by_a_stream_that_depends_on_itself() {
    made_you_reset("self-dependency", |stream| {
        frame(PRIORITY, 0, stream, &[&stream.to_be_bytes()[..], &[0]].concat())
    });
}

#[test]
fn made_you_reset_by_data_after_the_end() {
    made_you_reset("DATA after END_STREAM", |stream| data(stream, b"x", false));
}

#[test]
fn made_you_reset_by_headers_after_the_end() {
    made_you_reset("HEADERS after END_STREAM", |stream| headers(stream, &call(UNARY), true));
}
