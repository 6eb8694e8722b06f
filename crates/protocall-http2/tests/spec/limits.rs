//! RFC 9113 section 10.5: what a peer may cost. Each limit has its attack, its counter and its
//! honest neighbour.

use protocall_http2::{
    Config, ConnectionErrorKind, Counters, ErrorCode, Field, Limit, OpenError, Part, SendError,
};

use crate::support::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING, PRIORITY, Peer, REQUEST,
    RST_STREAM, Seen, frame, literal, request, reset, settings, window_update,
};

/// The bytes end the connection with that limit, which alone of all limits is counted.
fn killed(peer: &mut Peer, bytes: &[u8], limit: Limit) {
    let error = peer.feed(bytes).expect_err("the connection must die");
    assert_eq!((error.kind, error.limit), (ConnectionErrorKind::Abuse, Some(limit)));
    assert_eq!(error.code, ErrorCode::ENHANCE_YOUR_CALM);
    let counters = peer.connection.counters();
    assert_eq!(counters.abuse_kills, 1);
    assert_eq!(ends(&counters), [own_counter(limit)], "{limit:?}");
}

/// The counters of limits that end connections, as far as they are not 0.
fn ends(counters: &Counters) -> Vec<&'static str> {
    let of_a_limit = |name: &str| {
        ["_exceeded", "_floods", "_timeouts"].iter().any(|end| name.ends_with(end))
            && !["header_list_bytes_exceeded", "header_fields_exceeded"].contains(&name)
    };
    let all = Counters::NAMES.iter().zip(counters.values());
    all.filter(|(name, value)| of_a_limit(name) && *value > 0).map(|(name, _)| *name).collect()
}

fn own_counter(limit: Limit) -> &'static str {
    match limit {
        Limit::RapidResets => "rapid_resets_exceeded",
        Limit::ProvokedResets => "resets_provoked_exceeded",
        Limit::UselessFrames => "useless_frames_exceeded",
        Limit::ControlFrames => "control_frames_exceeded",
        Limit::SettingsEntries => "settings_entries_exceeded",
        Limit::Continuations => "continuations_exceeded",
        Limit::HeaderBlockBytes => "header_block_bytes_exceeded",
        Limit::HeaderFlood => "header_floods",
        Limit::Pings => "pings_exceeded",
        other => panic!("{other:?} is no abuse"),
    }
}

#[test]
fn rapid_resets_run_out() {
    let mut peer = Peer::server();
    let pair =
        |n: u32| [request(2 * n + 1, END_STREAM), reset(2 * n + 1, ErrorCode::CANCEL)].concat();
    for n in 0..1024 {
        assert_eq!(peer.feed(&pair(n)).unwrap().len(), 2);
    }
    assert_eq!(peer.connection.counters().rapid_resets, 1024);
    killed(&mut peer, &pair(1024), Limit::RapidResets);
}

#[test]
fn a_client_that_cancels_many_calls_is_a_normal_client() {
    let mut peer = Peer::server();
    for n in 0..5000 {
        let id = 2 * n + 1;
        peer.feed(&request(id, END_STREAM)).unwrap();
        match n % 3 {
            // Cancelled once it took too long.
            0 => peer.wait(10),
            // Cancelled in the middle of its answer, of which it may have seen the beginning.
            1 => {
                let key = *peer.keys.last().unwrap();
                peer.respond(key, false);
                peer.frames();
            }
            // Completed, which pays for one more that is cancelled at once.
            _ => {
                let key = *peer.keys.last().unwrap();
                peer.respond(key, true);
            }
        }
        if n % 3 != 2 {
            peer.feed(&reset(id, ErrorCode::CANCEL)).unwrap();
        }
        peer.frames();
    }
    assert_eq!(peer.connection.counters().rapid_resets, 0);
    assert_eq!(peer.connection.counters().resets_received, 3334);
}

/// A head that was queued and not written is no answer that anybody saw.
#[test]
fn rapid_resets_of_streams_that_were_answered_at_once_run_out() {
    let mut peer = Peer::server();
    for n in 0..1024 {
        peer.feed(&request(2 * n + 1, 0)).unwrap();
        let key = *peer.keys.last().unwrap();
        peer.respond(key, false);
        peer.feed(&reset(2 * n + 1, ErrorCode::CANCEL)).unwrap();
    }
    assert_eq!(peer.connection.counters().rapid_resets, 1024);
    peer.feed(&request(2049, 0)).unwrap();
    let key = *peer.keys.last().unwrap();
    peer.respond(key, false);
    killed(&mut peer, &reset(2049, ErrorCode::CANCEL), Limit::RapidResets);
}

/// The first SETTINGS are due, and later ones are as rare as a change of mind.
#[test]
fn settings_run_out() {
    let mut peer = Peer::server();
    for n in 0..1000 {
        peer.feed(&settings(&[(4, n)])).unwrap();
        peer.frames();
    }
    assert_eq!(peer.connection.counters().settings_received, 1001);
    killed(&mut peer, &settings(&[]), Limit::UselessFrames);
}

/// A graceful shutdown says it twice, and each may cost a look at every stream.
#[test]
fn goaways_run_out() {
    for mut peer in [Peer::server(), Peer::client()] {
        let goaway = frame(GOAWAY, 0, 0, &[0; 8]);
        for _ in 0..1001 {
            peer.feed(&goaway).unwrap();
            peer.frames();
        }
        assert_eq!(peer.connection.counters().goaways_repeated, 1000);
        killed(&mut peer, &goaway, Limit::UselessFrames);
    }
}

/// A client that accepts no header list has its requests refused before anybody works for them.
#[test]
fn requests_that_leave_no_room_for_an_answer_run_out() {
    let status = [Part::Field(Field::indexed(b":status", b"200"))];
    let mut peer = Peer::server();
    peer.connection.set_least_response(&status);
    // 7 and 3 bytes and 32: as much as the answer needs
    assert_eq!(peer.feed(&settings(&[(6, 42)])).unwrap(), [Seen::Settings]);
    assert_eq!(peer.feed(&request(1, END_STREAM)).unwrap().len(), 1);
    peer.feed(&settings(&[(6, 41)])).unwrap();
    peer.frames();
    for n in 1..=200 {
        let code = peer.reset_by(&request(2 * n + 1, END_STREAM), 2 * n + 1);
        assert_eq!(code, ErrorCode::ENHANCE_YOUR_CALM);
    }
    killed(&mut peer, &request(403, END_STREAM), Limit::ProvokedResets);
}

#[test]
fn resets_that_the_peer_provokes_run_out() {
    let mut peer = Peer::server();
    let provoke = |n: u32| [request(2 * n + 1, 0), window_update(2 * n + 1, 0)].concat();
    for n in 0..200 {
        peer.feed(&provoke(n)).unwrap();
        peer.frames();
    }
    assert_eq!(peer.connection.counters().resets_provoked, 200);
    killed(&mut peer, &provoke(200), Limit::ProvokedResets);
}

#[test]
fn our_own_cancellations_cost_nothing() {
    let mut peer = Peer::client();
    for _ in 0..3000 {
        let key = peer.open(false);
        peer.connection.reset(key, ErrorCode::CANCEL).unwrap();
        peer.frames();
    }
    assert_eq!(peer.feed(&settings(&[])).unwrap(), [Seen::Settings]);
}

#[test]
fn useless_frames_run_out_and_come_back_with_time() {
    let empty = frame(DATA, 0, 1, b"");
    let unknown = frame(0xee, 0, 0, b"?");
    let priority = frame(PRIORITY, 0, 1, &[0, 0, 0, 0, 1]);
    for useless in [empty, unknown, priority] {
        let mut peer = Peer::server();
        peer.feed(&request(1, 0)).unwrap();
        for _ in 0..1000 {
            peer.feed(&useless).unwrap();
        }
        peer.wait(50);
        for _ in 0..5 {
            peer.feed(&useless).unwrap();
        }
        killed(&mut peer, &useless, Limit::UselessFrames);
    }
}

#[test]
fn interim_responses_run_out() {
    let mut peer = Peer::client();
    peer.open(true);
    let interim = frame(HEADERS, END_HEADERS, 1, &literal(":status", "103"));
    for _ in 0..1000 {
        assert_eq!(peer.feed(&interim).unwrap().len(), 1);
    }
    assert_eq!(peer.connection.counters().interim_responses, 1000);
    killed(&mut peer, &interim, Limit::UselessFrames);
}

#[test]
fn header_blocks_on_reset_streams_run_out_on_a_server_only() {
    let trailers = frame(HEADERS, END_HEADERS | END_STREAM, 1, &literal("a", "b"));
    let mut peer = Peer::server();
    peer.feed(&request(1, 0)).unwrap();
    let key = peer.keys[0];
    peer.connection.reset(key, ErrorCode::CANCEL).unwrap();
    for _ in 0..1000 {
        peer.feed(&trailers).unwrap();
    }
    killed(&mut peer, &trailers, Limit::UselessFrames);
    let mut peer = Peer::client();
    for n in 0..3000 {
        let key = peer.open(false);
        peer.connection.reset(key, ErrorCode::CANCEL).unwrap();
        let answer = frame(HEADERS, END_HEADERS | END_STREAM, 2 * n + 1, &[0x88]);
        assert_eq!(peer.feed(&answer).unwrap(), [], "it crossed our cancellation");
        peer.frames();
    }
}

#[test]
fn header_lists_over_the_limit_can_be_answered() {
    let mut peer = Peer::server();
    let many = [REQUEST, &[0x90; 200]].concat();
    let seen = peer.feed(&frame(HEADERS, END_HEADERS, 1, &many)).unwrap();
    assert_eq!(seen, [Seen::TooLarge { stream: 1 }]);
    assert_eq!(peer.connection.counters().header_fields_exceeded, 1);
    assert_eq!(peer.connection.counters().header_list_bytes_exceeded, 0);
    assert_eq!(peer.feed(&frame(DATA, 0, 1, &[0; 1000])).unwrap(), [], "its data is dropped");
    assert_eq!(peer.connection.flow_windows().unconsumed, 0);
    let key = peer.keys[0];
    peer.respond(key, true);
    let frames = peer.frames();
    assert_eq!(frames[0].kind, HEADERS);
    assert_eq!((frames[1].kind, frames[1].code()), (RST_STREAM, ErrorCode::NO_ERROR));
    assert_eq!(peer.connection.active_streams(), 0);
    let seen = peer.feed(&request(3, END_STREAM)).unwrap();
    assert!(matches!(seen[..], [Seen::Headers { stream: 3, .. }]), "the connection lives on");
}

#[test]
fn trailers_and_responses_over_the_limit_are_reset() {
    let mut peer = Peer::client();
    peer.open(true);
    let many = [&[0x88][..], &[0x90; 200]].concat();
    let bytes = frame(HEADERS, END_HEADERS, 1, &many);
    assert_eq!(peer.reset_by(&bytes, 1), ErrorCode::ENHANCE_YOUR_CALM);
    let mut peer = Peer::server();
    peer.feed(&request(1, 0)).unwrap();
    let bytes = frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0x90; 200]);
    assert_eq!(peer.reset_by(&bytes, 1), ErrorCode::ENHANCE_YOUR_CALM);
}

#[test]
fn header_blocks_are_bounded() {
    let mut peer = Peer::server();
    peer.feed(&frame(HEADERS, END_STREAM, 1, REQUEST)).unwrap();
    for _ in 0..8 {
        peer.feed(&frame(CONTINUATION, 0, 1, &[])).unwrap();
    }
    killed(&mut peer, &frame(CONTINUATION, 0, 1, &[]), Limit::Continuations);

    let mut peer = Peer::server();
    peer.feed(&frame(HEADERS, END_STREAM, 1, &[0; 16_384])).unwrap();
    peer.feed(&frame(CONTINUATION, 0, 1, &[0; 16_384])).unwrap();
    killed(&mut peer, &frame(CONTINUATION, 0, 1, &[0; 1]), Limit::HeaderBlockBytes);

    // with larger lists allowed, frames may be as large
    let mut config = Config::server();
    config.limits.header_list_bytes = 64 * 1024;
    let mut peer = Peer::server_with(config.clone());
    let head_only = &frame(HEADERS, END_HEADERS, 1, &vec![0; 40_000])[..9];
    killed(&mut peer, head_only, Limit::HeaderBlockBytes);

    let mut peer = Peer::server_with(config);
    let just_over = frame(HEADERS, END_HEADERS, 1, &vec![0; 32_769]);
    killed(&mut peer, &just_over, Limit::HeaderBlockBytes);
}

#[test]
fn settings_entries_are_bounded() {
    let mut peer = Peer::server();
    assert_eq!(peer.feed(&settings(&[(0xfe, 1); 32])).unwrap(), [Seen::Settings]);
    killed(&mut peer, &settings(&[(0xfe, 1); 33])[..9], Limit::SettingsEntries);
}

#[test]
fn a_peer_that_does_not_read_is_not_read_either() {
    let mut peer = Peer::server();
    let mut flood = Vec::new();
    for _ in 0..150 {
        flood.extend_from_slice(&settings(&[]));
    }
    let seen = peer.feed(&flood).unwrap();
    assert_eq!(seen.len(), 100);
    assert!(peer.connection.wants_write());
    assert_eq!(peer.feed(&[]).unwrap(), []);
    assert_eq!(peer.frames().len(), 100, "written at last");
    assert!(!peer.connection.wants_write());
    assert_eq!(peer.feed(&[]).unwrap().len(), 50, "the rest of the input was kept");
}

#[test]
fn unwritten_answers_are_bounded() {
    let mut config = Config::client();
    config.limits.control_frames_pause = u32::MAX;
    let mut peer = Peer::client_with(config, &[]);
    let ping = frame(PING, 0, 0, &[7; 8]);
    for _ in 0..1000 {
        peer.feed(&ping).unwrap();
    }
    killed(&mut peer, &ping, Limit::ControlFrames);
}

#[test]
fn the_peers_header_list_limit_is_kept() {
    let mut peer = Peer::client_with(Config::client(), &[(6, 100)]);
    let name = Field::literal(b"x-name", b"value");
    let template = peer.connection.add_template(&[name]);
    let two = [Part::Template(template), Part::Field(name)];
    assert!(peer.connection.open(&two, true).is_ok(), "86 bytes");
    let three = [Part::Template(template), Part::Field(name), Part::Template(template)];
    assert_eq!(peer.connection.open(&three, true), Err(OpenError::HeaderListTooLarge));
    let mut peer = Peer::server();
    peer.feed(&[settings(&[(6, 10)]), request(1, END_STREAM)].concat()).unwrap();
    let key = peer.keys[0];
    let status = [Part::Field(Field::indexed(b":status", b"200"))];
    let refused = peer.connection.send_headers(key, &status, true);
    assert_eq!(refused, Err(SendError::HeaderListTooLarge));
    assert!(peer.connection.is_open(key), "nothing was changed");
}

#[test]
fn table_growth_is_the_peers_offer_not_our_cost() {
    let mut peer = Peer::server();
    peer.feed(&settings(&[(1, 4096)])).unwrap();
    assert_eq!(peer.connection.counters().header_tables_capped, 0);
    peer.feed(&settings(&[(1, u32::MAX)])).unwrap();
    assert_eq!(peer.connection.counters().header_tables_capped, 1);
    peer.feed(&request(1, END_STREAM)).unwrap();
    let block = [REQUEST, &literal("a", "b")].concat();
    peer.feed(&frame(HEADERS, END_HEADERS | END_STREAM, 3, &block)).unwrap();
    for key in peer.keys.clone() {
        peer.respond(key, true);
    }
    assert_eq!(peer.connection.active_streams(), 0);
}

#[test]
fn lists_of_too_many_bytes_are_counted_apart_from_lists_of_too_many_fields() {
    let mut config = Config::server();
    config.limits.header_list_bytes = 300;
    let mut peer = Peer::server_with(config);
    let value = "v".repeat(100);
    let block = [REQUEST, &[literal("a", &value), literal("b", &value)].concat()].concat();
    peer.feed(&frame(HEADERS, END_HEADERS, 1, &block)).unwrap();
    let counters = peer.connection.counters();
    assert_eq!((counters.header_list_bytes_exceeded, counters.header_fields_exceeded), (1, 0));
}

#[test]
fn a_list_far_above_its_limits_ends_the_connection() {
    let block = [REQUEST, &[0x90; 4000]].concat();
    killed(&mut Peer::server(), &frame(HEADERS, END_HEADERS, 1, &block), Limit::HeaderFlood);
}

#[test]
fn pings_that_come_too_often_end_the_connection() {
    let ping = frame(PING, 0, 0, &[0; 8]);
    let mut peer = Peer::server();
    peer.feed(&ping.repeat(3)).unwrap();
    killed(&mut peer, &ping, Limit::Pings);
}

#[test]
fn full_send_buffers_are_counted_once_each_time() {
    let mut config = Config::server();
    config.stream_send_buffer = 100;
    config.connection_send_buffer = 150;
    let mut peer = Peer::server_with(config);
    peer.feed(&settings(&[(4, 0)])).unwrap();
    peer.feed(&[request(1, END_STREAM), request(3, END_STREAM)].concat()).unwrap();
    peer.frames();
    for key in peer.keys.clone() {
        peer.respond(key, false);
        peer.frames();
        for _ in 0..10 {
            peer.connection.send_data_copied(key, &[0; 20], false).unwrap();
        }
    }
    let counters = peer.connection.counters();
    assert_eq!(counters.stream_send_buffers_filled, 2);
    assert_eq!(counters.connection_send_buffer_filled, 1);
}

#[test]
fn counters_are_numbers_by_name() {
    let mut peer = Peer::server();
    peer.feed(&frame(0xee, 0, 0, b"?")).unwrap();
    let counters = peer.connection.counters();
    assert_eq!(Counters::from_values(counters.values()), counters);
    let named = Counters::NAMES.iter().zip(counters.values());
    let some: Vec<_> = named.filter(|(_, value)| *value > 0).collect();
    assert_eq!(some, [(&"unknown_frames", 1), (&"settings_received", 1)]);
}
