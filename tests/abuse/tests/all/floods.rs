//! Floods of one kind of frame, on one connection.

use super::headers::{CHAT, UPLOAD, opened, waiting};
use protocall_abuse::trial::{Attack, UNARY};
use protocall_tests::raw::{data, envelope, frame, goaway, kind, reset};

const NOTHING: &str = "too many frames that do nothing";

/// A stream that stays open.
fn stream(path: &str) -> Vec<u8> {
    opened(0, path).1
}

/// CVE-2019-9512.
#[test]
fn pings() {
    Attack::new("PING", |n| frame(kind::PING, 0, 0, &u64::from(n).to_be_bytes()))
        .units(16)
        .ends_with("too_many_pings", |counters| counters.pings_exceeded)
        .run();
}

/// CVE-2019-9515.
#[test]
fn settings() {
    Attack::new("SETTINGS", |_| frame(kind::SETTINGS, 0, 0, b""))
        .units(1200)
        .ends_with(NOTHING, |counters| counters.useless_frames_exceeded)
        .run();
}

/// A thousand streams wait for a window that stays below zero: each SETTINGS asks the server to
/// look at all of them.
#[test]
fn settings_that_move_every_window() {
    let window = |bytes: u32| [&[0, 4][..], &bytes.to_be_bytes()].concat();
    let calls = (0..1000).flat_map(|n| {
        let (stream, head) = opened(n, UNARY);
        [head, data(stream, &envelope(b"\x10\x07"), true)].concat()
    });
    let calls: Vec<u8> = calls.collect();
    Attack::new("SETTINGS that move windows", move |n| frame(kind::SETTINGS, 0, 0, &window(n % 2)))
        .settings(&window(0))
        .setup(calls)
        .units(1200)
        .ends_with(NOTHING, |counters| counters.useless_frames_exceeded)
        .run();
}

/// A server has nothing to do for one, and a client needs one.
#[test]
fn goaways() {
    Attack::new("GOAWAY", |_| goaway(0, 0))
        .setup(stream(CHAT))
        .units(1200)
        .ends_with(NOTHING, |counters| counters.useless_frames_exceeded)
        .run();
}

/// CVE-2019-9514.
#[test]
fn resets_of_a_stream_that_has_ended() {
    let call = [stream(UNARY), data(1, &envelope(b"\x10\x07"), true)].concat();
    Attack::new("RST_STREAM", |_| reset(1, 8))
        .setup(call)
        .units(1200)
        .ends_with(NOTHING, |counters| counters.useless_frames_exceeded)
        .run();
}

/// Windows may be given in crumbs, so nothing ends the connection; and there is nothing to gain.
#[test]
fn window_updates() {
    Attack::new("WINDOW_UPDATE", |_| {
        let one = 1_u32.to_be_bytes();
        [frame(kind::WINDOW_UPDATE, 0, 0, &one), frame(kind::WINDOW_UPDATE, 0, 1, &one)].concat()
    })
    .setup(stream(CHAT))
    .units(10_000)
    .run();
}

/// Window for streams that are over.
#[test]
fn window_updates_of_a_stream_that_has_ended() {
    let call = [stream(UNARY), data(1, &envelope(b"\x10\x07"), true)].concat();
    Attack::new("late WINDOW_UPDATE", |_| frame(kind::WINDOW_UPDATE, 0, 1, &[0, 0, 0, 1]))
        .setup(call)
        .units(10_000)
        .run();
}

/// CVE-2019-9518.
#[test]
fn empty_data() {
    Attack::new("empty DATA", |_| data(1, b"", false))
        .setup(stream(CHAT))
        .units(1200)
        .ends_with(NOTHING, |counters| counters.useless_frames_exceeded)
        .run();
}

/// CVE-2019-9513.
#[test]
fn priorities() {
    Attack::new("PRIORITY", |n| {
        frame(2, 0, 1, &[&(2 * (n % 100) + 3).to_be_bytes()[..], &[7]].concat())
    })
    .setup(stream(CHAT))
    .units(1200)
    .ends_with(NOTHING, |counters| counters.useless_frames_exceeded)
    .run();
}

#[test]
fn frames_of_unknown_types() {
    Attack::new("unknown", |_| frame(0xbb, 0, 0, b"?"))
        .units(1200)
        .ends_with(NOTHING, |counters| counters.useless_frames_exceeded)
        .run();
}

/// A message in frames of one byte each is a message: it is taken, and costs what its frames cost.
#[test]
fn data_of_one_byte() {
    let message = envelope(&[&b"\x0a\x64"[..], &[7; 100]].concat());
    Attack::new("one-byte DATA", move |n| {
        data(1, &message[n as usize % message.len()..][..1], false)
    })
    .setup(stream(UPLOAD))
    .units(20_000)
    .run();
}

/// The same to a handler that takes nothing: what waits for it is its stream's window, and no list
/// of frames.
#[test]
fn data_of_one_byte_that_nobody_takes() {
    let message = envelope(&[&b"\x0a\x64"[..], &[7; 100]].concat());
    Attack::new("one-byte DATA, unread", move |n| {
        data(1, &message[n as usize % message.len()..][..1], false)
    })
    .setup(stream(UPLOAD))
    .units(20_000)
    .service(waiting)
    .memory(2 * 256 * 1024)
    .run();
}

/// Answers that nobody reads: the server stops reading, and keeps no more than it is allowed to.
#[test]
fn settings_by_one_who_reads_no_answers() {
    Attack::new("SETTINGS, deaf", |_| frame(kind::SETTINGS, 0, 0, b""))
        .units(1200)
        .deaf()
        .ends_with(NOTHING, |counters| counters.useless_frames_exceeded)
        .run();
}
