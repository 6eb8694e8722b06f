//! Every number of `Limits` and `Config` takes effect when it is set: crossed where it was put, and
//! counted by its own counter. That the defaults hold is tested beside the rules they belong to.

use std::time::Duration;

use protocall_http2::{Config, Counters, ErrorCode, Field, Part, Rate, Side};

use crate::support::{
    ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, PREFACE, Peer, REQUEST,
    SETTINGS, WINDOW_UPDATE, frame, literal, request, reset, settings, window_update,
};

const SECOND: Duration = Duration::from_secs(1);
const ONE: Rate = Rate { burst: 1, per_second: 0 };

fn counter(peer: &Peer, name: &str) -> u64 {
    let at = Counters::NAMES.iter().position(|other| *other == name);
    peer.connection.counters().values()[at.expect("a counter of that name")]
}

/// What `within` does is let pass, what `beyond` does crosses the limit.
fn crossed(set: fn(&mut Config), within: &[u8], beyond: &[u8], name: &str) {
    let mut config = Config::server();
    set(&mut config);
    let mut peer = Peer::server_with(config);
    peer.feed(within).expect("within the limit");
    peer.frames();
    assert_eq!(counter(&peer, name), 0, "{name}");
    // whether it ends the connection is the limit's own test
    let _ = peer.feed(beyond);
    assert_eq!(counter(&peer, name), 1, "{name}");
}

fn list(stream: u32, fields: &[Vec<u8>]) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream, &[REQUEST, &fields.concat()].concat())
}

#[test]
fn limits_on_headers() {
    let (short, long) = (literal("a", &"v".repeat(20)), literal("a", &"v".repeat(120)));
    let bytes: fn(&mut Config) = |config| config.limits.header_list_bytes = 250;
    crossed(bytes, &list(1, &[short]), &list(3, &[long]), "header_list_bytes_exceeded");
    let fields: fn(&mut Config) = |config| config.limits.header_fields = 4;
    let field = literal("a", "b");
    let four = list(1, std::slice::from_ref(&field));
    let five = list(3, &[field.clone(), field]);
    crossed(fields, &four, &five, "header_fields_exceeded");

    let begun = |stream| frame(HEADERS, END_STREAM, stream, &REQUEST[..1]);
    let more = |stream, flags| frame(CONTINUATION, flags, stream, &REQUEST[1..]);
    let one = [begun(1), more(1, END_HEADERS)].concat();
    let two = [begun(3), more(3, 0), more(3, END_HEADERS)].concat();
    crossed(|config| config.limits.continuations = 1, &one, &two, "continuations_exceeded");
    let block: fn(&mut Config) = |config| config.limits.header_block_bytes = 10;
    let (fits, over) = (list(1, &[literal("a", "bcd")]), list(3, &[literal("a", "bcdef")]));
    crossed(block, &fits, &over, "header_block_bytes_exceeded");
}

#[test]
fn limits_on_rates() {
    let cancelled = |n| [request(n, END_STREAM), reset(n, ErrorCode::CANCEL)].concat();
    let received: fn(&mut Config) = |config| config.limits.resets_received = ONE;
    crossed(received, &cancelled(1), &cancelled(3), "rapid_resets_exceeded");
    let provoke = |n| [request(n, 0), window_update(n, 0)].concat();
    let sent: fn(&mut Config) = |config| config.limits.resets_sent = ONE;
    crossed(sent, &provoke(1), &provoke(3), "resets_provoked_exceeded");
    let unknown = frame(0xee, 0, 0, b"");
    let useless: fn(&mut Config) = |config| config.limits.useless_frames = ONE;
    crossed(useless, &unknown, &unknown, "useless_frames_exceeded");
    let pause: fn(&mut Config) = |config| config.limits.control_frames_pause = 2;
    crossed(pause, &settings(&[]), &settings(&[]).repeat(3), "input_paused");
    let kill: fn(&mut Config) = |config| config.limits.control_frames_kill = 1;
    crossed(kill, &settings(&[]), &settings(&[]).repeat(2), "control_frames_exceeded");
}

#[test]
fn limits_on_frames_and_streams() {
    let entries: fn(&mut Config) = |config| config.limits.settings_entries = 1;
    let (one, two) = (settings(&[(0xfe, 1)]), settings(&[(0xfe, 1), (0xfe, 2)]));
    crossed(entries, &one, &two, "settings_entries_exceeded");
    let frames: fn(&mut Config) = |config| config.max_frame_bytes = 20_000;
    let fits = [request(1, 0), frame(DATA, 0, 1, &vec![0; 20_000])].concat();
    crossed(frames, &fits, &frame(DATA, 0, 1, &vec![0; 20_001]), "frame_bytes_exceeded");
    let streams: fn(&mut Config) = |config| config.max_concurrent_streams = 1;
    crossed(streams, &request(1, 0), &request(3, 0), "streams_refused");
    let window: fn(&mut Config) = |config| config.stream_window = 10;
    let fits = [request(1, 0), frame(DATA, 0, 1, &[0; 10])].concat();
    crossed(window, &fits, &frame(DATA, 0, 1, &[0; 1]), "windows_exceeded");
}

#[test]
fn least_times_between_pings() {
    let ping = frame(PING, 0, 0, &[0; 8]);
    for (with_stream, millis, strikes) in
        [(true, 1000, 0), (true, 999, 2), (false, 3000, 0), (false, 2999, 2)]
    {
        let mut config = Config::server();
        config.limits.min_ping_interval = SECOND;
        config.limits.min_ping_interval_idle = 3 * SECOND;
        let mut peer = Peer::server_with(config);
        if with_stream {
            peer.feed(&request(1, 0)).unwrap();
        }
        for _ in 0..3 {
            peer.feed(&ping).unwrap();
            peer.wait(millis);
        }
        assert_eq!(counter(&peer, "ping_strikes"), strikes, "{with_stream} {millis}");
    }
}

#[test]
fn windows_and_tables_are_announced_and_kept() {
    let mut config = Config::server();
    config.connection_window = 300_000;
    config.header_table_bytes = 100;
    config.max_window = 400_000;
    let mut peer = Peer::new(Side::Server, config);
    let frames = peer.frames();
    let entries: Vec<&[u8]> = frames[0].payload.chunks(6).collect();
    assert!(entries.contains(&&[0, 1, 0, 0, 0, 100][..]), "SETTINGS_HEADER_TABLE_SIZE");
    assert_eq!((frames[1].kind, frames[1].number()), (WINDOW_UPDATE, 300_000 - 65_535));
    peer.feed(&[PREFACE, &settings(&[]), &request(1, 0)].concat()).unwrap();
    let key = peer.keys[0];
    peer.connection.expect(key, 0, 1_000_000);
    let windows = peer.connection.stream_flow_windows(key).unwrap();
    assert_eq!(windows.receive, 400_000, "no more than the most");
    assert_eq!(counter(&peer, "windows_capped"), 1);
}

#[test]
fn tables_of_header_compression() {
    // size updates to 100 and 101 (RFC 7541 section 6.3)
    let (fits, over) = ([0x3f, 69], [0x3f, 70]);
    let updated = |update: [u8; 2], stream| {
        frame(HEADERS, END_HEADERS, stream, &[&update[..], REQUEST].concat())
    };
    let acknowledged = [frame(SETTINGS, ACK, 0, &[]), updated(fits, 1)].concat();
    let decoder: fn(&mut Config) = |config| config.header_table_bytes = 100;
    crossed(decoder, &acknowledged, &updated(over, 3), "header_table_bytes_exceeded");
    let encoder: fn(&mut Config) = |config| config.encoder_table_bytes = 100;
    crossed(encoder, &settings(&[(1, 100)]), &settings(&[(1, 101)]), "header_tables_capped");
}

/// An encoder without a table says so, and writes every field out.
#[test]
fn an_encoder_with_a_smaller_table() {
    for (bytes, first, second) in [(4096, 0x40, 0xbe), (0, 0x20, 0x00)] {
        let mut config = Config::client();
        config.encoder_table_bytes = bytes;
        let mut peer = Peer::client_with(config, &[]);
        let field = [Part::Field(Field::indexed(b"x-name", b"value"))];
        let blocks = [(); 2].map(|()| {
            peer.connection.open(&field, true).unwrap();
            peer.frames().pop().unwrap().payload
        });
        assert_eq!((blocks[0][0], blocks[1][0]), (first, second), "a table of {bytes}");
    }
}

#[test]
fn times() {
    let due = |peer: &Peer| peer.connection.next_timeout().map(|at| at.since(peer.now));
    let with = |set: fn(&mut Config)| {
        let mut config = Config::server();
        config.keepalive_interval = None;
        set(&mut config);
        config
    };
    let mut peer = Peer::new(Side::Server, with(|config| config.preface_timeout = SECOND));
    peer.connection.handle_timeout(peer.now).unwrap();
    assert_eq!(due(&peer), Some(SECOND), "preface");

    let mut peer = Peer::new(Side::Server, with(|config| config.settings_timeout = SECOND));
    peer.feed(&[PREFACE, &settings(&[])].concat()).unwrap();
    assert_eq!(due(&peer), Some(SECOND), "acknowledgement");

    let mut peer = Peer::server_with(with(|config| config.header_block_timeout = SECOND));
    peer.feed(&frame(HEADERS, END_STREAM, 1, REQUEST)).unwrap();
    assert_eq!(due(&peer), Some(SECOND), "header block");

    let mut peer = Peer::server_with(with(|config| config.write_timeout = SECOND));
    peer.feed(&settings(&[])).unwrap();
    peer.connection.note_blocked(peer.now);
    assert_eq!(due(&peer), Some(SECOND), "output");

    let mut peer = Peer::server_with(with(|config| config.goaway_timeout = SECOND));
    peer.connection.shutdown();
    peer.connection.tell_time(peer.now);
    assert_eq!(due(&peer), Some(SECOND), "the answer to GOAWAY");

    let set: fn(&mut Config) = |config| {
        config.keepalive_interval = Some(SECOND);
        config.keepalive_timeout = 2 * SECOND;
    };
    let mut peer = Peer::server_with(with(set));
    assert_eq!(due(&peer), Some(SECOND), "keepalive");
    peer.wait(1000);
    peer.connection.handle_timeout(peer.now).unwrap();
    assert_eq!(due(&peer), Some(2 * SECOND), "its answer");
}
