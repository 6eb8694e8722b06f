//! Whatever a peer sends, a connection neither panics nor hangs, keeps its windows in range, holds
//! no more than its limits allow, and stays dead once it is dead.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use proptest::prelude::*;
use protocall_http2::{
    Config, Connection, ErrorCode, Event, Field, Part, Side, StreamKey, Timestamp,
};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    bytes.extend_from_slice(&[kind, flags]);
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// Payloads that are near to what the frame should carry.
fn payload() -> impl Strategy<Value = Vec<u8>> {
    let sentences = [
        vec![0x83, 0x86, 0x84],
        vec![0x88],
        vec![0, 0, 0, 1],
        vec![0x7f, 0xff, 0xff, 0xff],
        vec![0; 8],
        vec![0, 4, 0, 0, 1, 0],
        vec![0, 4, 0x7f, 0xff, 0xff, 0xff],
        vec![0, 1, 0, 0, 0, 0],
        vec![],
        vec![0x40, 1, b'a', 1, b'b', 0xbe],
    ];
    prop_oneof![
        4 => prop::sample::select(sentences.to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..40),
        1 => (0usize..20_000).prop_map(|size| vec![0; size]),
    ]
}

fn any_frame() -> impl Strategy<Value = Vec<u8>> {
    let stream = prop_oneof![Just(0u32), Just(1), Just(3), Just(5), 0u32..12, any::<u32>()];
    let flags = prop_oneof![Just(0u8), Just(1), Just(4), Just(5), any::<u8>()];
    let kind = prop_oneof![10 => 0u8..10, 1 => any::<u8>()];
    (kind, flags, stream, payload())
        .prop_map(|(kind, flags, stream, payload)| frame(kind, flags, stream, &payload))
}

fn head() -> [Part<'static>; 1] {
    [Part::Field(Field::indexed(b":status", b"200"))]
}

/// Does to a stream what a driver might, depending on its id.
fn act(connection: &mut Connection, stream: StreamKey, bytes: usize) {
    match stream.id() % 8 {
        1 => {
            let _ = connection.send_headers(stream, &head(), bytes > 0);
            let _ = connection.send_data_copied(stream, b"answer", bytes == 0);
            connection.consume(stream, bytes);
        }
        3 => connection.expect(stream, 1000, 1 << 20),
        _ => {
            let _ = connection.reset(stream, ErrorCode::CANCEL);
        }
    }
}

fn run(side: Side, input: &[u8], sizes: &[usize]) {
    let mut connection = Connection::new(side, Config::for_side(side));
    if side == Side::Client {
        for end in [true, false, false] {
            connection.open(&head(), end).unwrap();
        }
    }
    let mut unread = Vec::new();
    let mut sizes = sizes.iter().cycle();
    let mut at = 0;
    let mut dead = None;
    while at < input.len() {
        let size = (*sizes.next().unwrap()).min(input.len() - at);
        unread.extend_from_slice(&input[at..at + size]);
        at += size;
        let now = Timestamp::from_nanos(at as u64);
        loop {
            let mut rest = &unread[..];
            let step = match connection.receive(&mut rest, now) {
                Ok(Some(event)) => Ok(Some(match event {
                    Event::Headers { stream, .. } | Event::HeadersTooLarge { stream } => {
                        Some((stream, 0))
                    }
                    Event::Data { stream, bytes, .. } => Some((stream, bytes.len())),
                    _ => None,
                })),
                Ok(None) => Ok(None),
                Err(error) => Err(error),
            };
            let used = unread.len() - rest.len();
            unread.drain(..used);
            match step {
                Ok(Some(Some((stream, bytes)))) => act(&mut connection, stream, bytes),
                Ok(Some(None)) => {}
                Ok(None) => break,
                Err(error) => {
                    assert!(dead.is_none_or(|earlier| earlier == error), "it stays dead");
                    dead = Some(error);
                    break;
                }
            }
        }
        if dead.is_none() {
            let windows = connection.flow_windows();
            assert!((0..=0x7fff_ffff).contains(&windows.send), "{windows:?}");
            assert!((0..=0x7fff_ffff).contains(&windows.receive), "{windows:?}");
            assert!(unread.len() <= protocall_http2::config::MAX_CONTIGUOUS_INPUT);
        }
        assert!(connection.active_streams() <= 1024);
        connection.flush();
        let waiting = connection.output().len();
        assert!(waiting < 1_000_000, "{waiting}");
        connection.output().advance(waiting.min(50_000));
        while connection.next_writable().is_some() {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(1000)
    })]

    #[test]
    fn frames_of_any_kind(
        frames in prop::collection::vec(any_frame(), 1..40),
        sizes in prop::collection::vec(1usize..3000, 1..10),
    ) {
        let frames = frames.concat();
        let settings = frame(4, 0, 0, &[]);
        run(Side::Server, &[PREFACE, &settings, &frames].concat(), &sizes);
        run(Side::Client, &[&settings[..], &frames].concat(), &sizes);
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..500), size in 1usize..100) {
        let settings = frame(4, 0, 0, &[]);
        run(Side::Server, &bytes, &[size]);
        run(Side::Server, &[PREFACE, &settings, &bytes].concat(), &[size]);
        run(Side::Client, &bytes, &[size]);
        run(Side::Client, &[&settings[..], &bytes].concat(), &[size]);
    }
}
