//! Each frame type read and written, and its malformed forms.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::{Head, continuation, data, flag, goaway, headers, kind, ping, rst_stream, settings};
use super::{priority, window_update};
use crate::error::ErrorCode;

fn split(frame: &[u8]) -> (Head, &[u8]) {
    let head = Head::read(frame).unwrap();
    assert_eq!(frame.len(), super::HEAD_BYTES + head.length as usize);
    (head, &frame[super::HEAD_BYTES..])
}

#[test]
fn head_round_trips_and_drops_the_reserved_bit() {
    let head = Head { length: 0x01_02_03, kind: 9, flags: 0x2d, stream: 0x7fff_fffe };
    assert_eq!(Head::read(&head.to_bytes()), Some(head));
    assert_eq!(Head::read(&[0, 0, 4, 8, 0, 0x80, 0, 0, 1]).unwrap().stream, 1);
    assert_eq!(Head::read(&[0; 8]), None);
}

#[test]
fn data_layout() {
    let plain = data::head(1, 10, true);
    assert_eq!(plain.flags, flag::END_STREAM);
    let layout = data::Layout::read(plain, &[]).unwrap().unwrap();
    assert_eq!((layout.prefix, layout.data, layout.padding), (0, 10, 0));
    let padded = Head { flags: flag::PADDED, ..plain };
    assert_eq!(data::Layout::read(padded, &[]), Ok(None), "the pad length has not arrived");
    let layout = data::Layout::read(padded, &[4]).unwrap().unwrap();
    assert_eq!((layout.prefix, layout.data, layout.padding), (1, 5, 4));
    let layout = data::Layout::read(padded, &[9]).unwrap().unwrap();
    assert_eq!((layout.data, layout.padding), (0, 9));
    let error = data::Layout::read(padded, &[10]).unwrap_err();
    assert_eq!(error.code, ErrorCode::PROTOCOL_ERROR);
    let error = data::Layout::read(Head { length: 0, ..padded }, &[]).unwrap_err();
    assert_eq!(error.code, ErrorCode::FRAME_SIZE_ERROR);
}

#[test]
fn headers_with_padding_and_priority() {
    let head = |flags| Head { length: 0, kind: kind::HEADERS, flags, stream: 1 };
    let plain = headers::Headers::read(head(0), b"abc").unwrap();
    assert_eq!((plain.fragment, plain.dependency), (&b"abc"[..], None));
    let both = head(flag::PADDED | flag::PRIORITY);
    let parsed = headers::Headers::read(both, b"\x02\x80\x00\x00\x03\xffabc\0\0").unwrap();
    assert_eq!((parsed.fragment, parsed.dependency), (&b"abc"[..], Some(3)));
    let code = |flags, payload| headers::Headers::read(head(flags), payload).unwrap_err().code;
    assert_eq!(code(flag::PADDED, b""), ErrorCode::FRAME_SIZE_ERROR);
    assert_eq!(code(flag::PADDED, b"\x04abc"), ErrorCode::PROTOCOL_ERROR);
    assert_eq!(code(flag::PRIORITY, b"\0\0\0\0"), ErrorCode::FRAME_SIZE_ERROR);
}

#[test]
fn a_long_block_is_split_into_continuations() {
    let head = Head {
        length: 10,
        kind: kind::HEADERS,
        flags: flag::END_HEADERS | flag::END_STREAM,
        stream: 5,
    };
    let mut out = b"before".to_vec();
    head.write(&mut out);
    out.extend_from_slice(b"0123456789");
    continuation::split(&mut out, 6, head, 4);
    let mut frames = &out[6..];
    let mut seen = Vec::new();
    while let Some(head) = Head::read(frames) {
        let end = super::HEAD_BYTES + head.length as usize;
        seen.push((head.kind, head.flags, &frames[super::HEAD_BYTES..end]));
        frames = &frames[end..];
    }
    assert_eq!(
        seen,
        [
            (kind::HEADERS, flag::END_STREAM, &b"0123"[..]),
            (kind::CONTINUATION, 0, b"4567"),
            (kind::CONTINUATION, flag::END_HEADERS, b"89"),
        ]
    );
    assert_eq!(&out[..6], b"before");
}

#[test]
fn goaway_round_trips_and_needs_its_fixed_part() {
    let mut out = Vec::new();
    goaway::write(7, ErrorCode::ENHANCE_YOUR_CALM, b"why", &mut out);
    let (head, payload) = split(&out);
    let parsed = goaway::Goaway::read(head, payload).unwrap();
    assert_eq!(parsed.last_stream, 7);
    assert_eq!(parsed.code, ErrorCode::ENHANCE_YOUR_CALM);
    assert_eq!(parsed.debug, b"why");
    let code = |head, payload| goaway::Goaway::read(head, payload).unwrap_err().code;
    assert_eq!(code(head, &payload[..7]), ErrorCode::FRAME_SIZE_ERROR);
    assert_eq!(code(Head { stream: 1, ..head }, payload), ErrorCode::PROTOCOL_ERROR);
}

#[test]
fn ping_round_trips_and_has_eight_bytes() {
    let mut out = Vec::new();
    ping::write(*b"12345678", true, &mut out);
    let (head, payload) = split(&out);
    assert!(head.has(flag::ACK));
    assert_eq!(ping::read(head, payload), Ok(*b"12345678"));
    assert_eq!(ping::read(head, b"1234567").unwrap_err().code, ErrorCode::FRAME_SIZE_ERROR);
    let on_stream = Head { stream: 3, ..head };
    assert_eq!(ping::read(on_stream, payload).unwrap_err().code, ErrorCode::PROTOCOL_ERROR);
}

#[test]
fn rst_stream_keeps_unknown_codes() {
    let mut out = Vec::new();
    rst_stream::write(9, ErrorCode::from_wire(0xbeef), &mut out);
    let (head, payload) = split(&out);
    assert_eq!(head.stream, 9);
    assert_eq!(rst_stream::read(head, payload), Ok(ErrorCode::from_wire(0xbeef)));
    assert_eq!(rst_stream::read(head, b"123").unwrap_err().code, ErrorCode::FRAME_SIZE_ERROR);
    let zero = Head { stream: 0, ..head };
    assert_eq!(rst_stream::read(zero, payload).unwrap_err().code, ErrorCode::PROTOCOL_ERROR);
}

#[test]
fn priority_dependency_without_the_exclusive_bit() {
    assert_eq!(priority::dependency(&[0x80, 0, 0, 7, 1]), Some(7));
    assert_eq!(priority::dependency(&[0, 0, 0]), None);
}

#[test]
fn settings_round_trip() {
    use settings::Setting;
    let all = [
        Setting::HeaderTableSize(0),
        Setting::EnablePush(false),
        Setting::MaxConcurrentStreams(u32::MAX),
        Setting::InitialWindowSize(0x7fff_ffff),
        Setting::MaxFrameSize(16_384),
        Setting::MaxHeaderListSize(1),
    ];
    let mut out = Vec::new();
    settings::write(&all, &mut out);
    let (head, payload) = split(&out);
    settings::check(head).unwrap();
    let back: Result<Vec<_>, _> = settings::read(payload).collect();
    assert_eq!(back.unwrap(), all);
}

#[test]
fn settings_values_out_of_range() {
    let code = |id: u16, value: u32| {
        let mut entry = id.to_be_bytes().to_vec();
        entry.extend_from_slice(&value.to_be_bytes());
        let first = settings::read(&entry).next().unwrap();
        first.map_err(|error| error.code)
    };
    assert_eq!(code(2, 2), Err(ErrorCode::PROTOCOL_ERROR));
    assert_eq!(code(4, 0x8000_0000), Err(ErrorCode::FLOW_CONTROL_ERROR));
    assert_eq!(code(5, 16_383), Err(ErrorCode::PROTOCOL_ERROR));
    assert_eq!(code(5, 16_777_216), Err(ErrorCode::PROTOCOL_ERROR));
    assert_eq!(code(8, 2), Err(ErrorCode::PROTOCOL_ERROR));
    assert_eq!(code(0xfe03, 1), Ok(settings::Setting::Other));
}

#[test]
fn settings_heads() {
    let head = |length, flags, stream| Head { length, kind: kind::SETTINGS, flags, stream };
    let code = |head| settings::check(head).map_err(|error| error.code);
    assert_eq!(code(head(0, flag::ACK, 0)), Ok(()));
    assert_eq!(code(head(6, flag::ACK, 0)), Err(ErrorCode::FRAME_SIZE_ERROR));
    assert_eq!(code(head(7, 0, 0)), Err(ErrorCode::FRAME_SIZE_ERROR));
    assert_eq!(code(head(6, 0, 1)), Err(ErrorCode::PROTOCOL_ERROR));
}

#[test]
fn window_update_has_four_bytes() {
    let mut out = Vec::new();
    window_update::write(3, 0x7fff_ffff, &mut out);
    let (head, payload) = split(&out);
    assert_eq!(window_update::read(head, payload), Ok(0x7fff_ffff));
    assert_eq!(window_update::read(head, &[0x80, 0, 0, 1]), Ok(1), "the reserved bit is ignored");
    let short = Head { length: 3, ..head };
    assert_eq!(window_update::read(short, &[0; 3]).unwrap_err().code, ErrorCode::FRAME_SIZE_ERROR);
    let long = Head { length: 5, ..head };
    assert_eq!(window_update::read(long, &[0; 5]).unwrap_err().code, ErrorCode::FRAME_SIZE_ERROR);
}
