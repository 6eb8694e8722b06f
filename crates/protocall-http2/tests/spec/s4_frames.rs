//! RFC 9113 section 4: frames, their size, and header compression.

use protocall_http2::{Config, ErrorCode};

use crate::support::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, PUSH_PROMISE, Peer, REQUEST, Seen,
    frame, request, settings,
};

#[test]
fn s4_1_unknown_frames_and_flags_are_ignored() {
    let mut peer = Peer::server();
    let unknown = frame(0x42, 0xff, 0, &[7; 5000]);
    assert_eq!(peer.feed(&unknown).unwrap(), []);
    assert_eq!(peer.connection.counters().unknown_frames, 1);
    let ping = frame(PING, 0xfe, 0, b"12345678");
    assert_eq!(peer.feed(&ping).unwrap(), []);
    let answers = peer.frames();
    assert_eq!(answers.len(), 1);
    assert_eq!((answers[0].kind, answers[0].flags), (PING, 1));
}

#[test]
fn s4_1_the_reserved_bit_is_ignored() {
    let mut peer = Peer::server();
    let seen = peer.feed(&request(0x8000_0001, END_STREAM)).unwrap();
    assert!(matches!(seen[..], [Seen::Headers { stream: 1, .. }]), "{seen:?}");
}

#[test]
fn s4_2_a_frame_of_the_advertised_size_passes_and_a_larger_one_kills() {
    let mut peer = Peer::server();
    peer.feed(&request(1, 0)).unwrap();
    let seen = peer.feed(&frame(DATA, 0, 1, &vec![1; 65_536])).unwrap();
    assert!(matches!(&seen[..], [Seen::Data { bytes, .. }] if bytes.len() == 65_536));
    assert_eq!(peer.kill(&frame(DATA, 0, 1, &vec![1; 65_537])), ErrorCode::FRAME_SIZE_ERROR);
    let mut peer = Peer::server();
    let head_only = &frame(0x42, 0, 0, &vec![1; 65_537])[..9];
    assert_eq!(peer.kill(head_only), ErrorCode::FRAME_SIZE_ERROR, "known from the head");
}

#[test]
fn s4_2_frames_of_header_blocks_have_a_limit_of_their_own() {
    // 16 KiB of header list, and 261 bytes of padding and priority
    let large = vec![0; 16_384 + 261 + 1];
    for kind in [HEADERS, CONTINUATION] {
        let mut peer = Peer::server();
        let begin = frame(HEADERS, 0, 1, REQUEST);
        let begin = if kind == CONTINUATION { &begin[..] } else { &[] };
        let head_only = &frame(kind, END_HEADERS, 1, &large)[..9];
        let bytes = [begin, head_only].concat();
        assert_eq!(peer.kill(&bytes), ErrorCode::FRAME_SIZE_ERROR, "known from the head");
    }
    let mut peer = Peer::client();
    peer.open(true);
    let too_large = [&[0x88], &literal_of("x-long", 17_000)[..]].concat();
    peer.feed(&frame(HEADERS, END_HEADERS, 1, &too_large)).expect("a client gives up one call");
    let mut config = Config::server();
    config.limits.header_list_bytes = 32 * 1024;
    let mut peer = Peer::server_with(config);
    let long = literal_of("x-long", 17_000);
    let seen = peer.feed(&frame(HEADERS, END_HEADERS, 1, &[REQUEST, &long].concat())).unwrap();
    assert!(matches!(seen[..], [Seen::Headers { stream: 1, .. }]), "a larger list: larger frames");
}

/// A literal field with a value of that many bytes (RFC 7541 section 5.1: 127, then the rest).
fn literal_of(name: &str, length: usize) -> Vec<u8> {
    let rest = length - 127;
    let size =
        [0x7f, 0x80 | (rest & 0x7f) as u8, 0x80 | (rest >> 7 & 0x7f) as u8, (rest >> 14) as u8];
    [&[0, name.len() as u8], name.as_bytes(), &size, &vec![b'v'; length]].concat()
}

#[test]
fn s4_3_a_broken_block_is_a_compression_error() {
    let mut peer = Peer::server();
    let index_zero = frame(HEADERS, END_HEADERS, 1, &[0x80]);
    assert_eq!(peer.kill(&index_zero), ErrorCode::COMPRESSION_ERROR);
    let mut peer = Peer::server();
    let beyond = frame(HEADERS, END_HEADERS, 1, &[0xff, 0x10]);
    assert_eq!(peer.kill(&beyond), ErrorCode::COMPRESSION_ERROR);
}

#[test]
fn s4_3_blocks_of_refused_streams_keep_the_tables_in_step() {
    let mut peer = Peer::server();
    // The malformed request adds x-a: 1 to the table; the next request refers to it.
    let entry = [&[0x40, 3][..], b"x-a", &[1], b"1"].concat();
    let malformed = frame(HEADERS, END_HEADERS | END_STREAM, 1, &entry);
    assert_eq!(peer.reset_by(&malformed, 1), ErrorCode::PROTOCOL_ERROR);
    let refers = frame(HEADERS, END_HEADERS | END_STREAM, 3, &[REQUEST, &[0xbe]].concat());
    let seen = peer.feed(&refers).unwrap();
    let [Seen::Headers { fields, .. }] = &seen[..] else { panic!("{seen:?}") };
    assert_eq!(fields[3], ("x-a".to_owned(), "1".to_owned()));
}

#[test]
fn any_split_of_the_input_gives_the_same_events() {
    let script = [
        settings(&[(4, 100_000)]),
        request(1, 0),
        frame(DATA, 0, 1, b"hello"),
        frame(DATA, 8, 1, b"\x03padded\0\0\0"),
        frame(PING, 0, 0, &[9; 8]),
        frame(0x42, 0, 3, b"unknown"),
        frame(DATA, 9, 1, b"\x02last\0\0"),
        request(3, END_STREAM),
    ]
    .concat();
    let mut whole = Peer::server();
    let expected = whole.feed(&script).unwrap();
    for size in 1..20 {
        let mut peer = Peer::server();
        let mut seen: Vec<Seen> = Vec::new();
        for chunk in script.chunks(size) {
            for event in peer.feed(chunk).unwrap() {
                join(&mut seen, event);
            }
        }
        let mut joined = Vec::new();
        expected.iter().cloned().for_each(|event| join(&mut joined, event));
        assert_eq!(seen, joined, "chunks of {size}");
        assert_eq!(peer.connection.counters(), whole.connection.counters());
    }
}

fn join(seen: &mut Vec<Seen>, event: Seen) {
    if let Some(Seen::Data { stream, bytes, end_stream }) = seen.last_mut()
        && let Seen::Data { stream: next, bytes: more, end_stream: end } = &event
        && stream == next
    {
        bytes.extend_from_slice(more);
        *end_stream = *end;
        return;
    }
    seen.push(event);
}

#[test]
fn s8_4_push_promise_is_an_error() {
    for mut peer in [Peer::server(), Peer::client()] {
        let push = frame(PUSH_PROMISE, END_HEADERS, 1, &[0, 0, 0, 2, 0x88]);
        assert_eq!(peer.kill(&push), ErrorCode::PROTOCOL_ERROR);
    }
}
