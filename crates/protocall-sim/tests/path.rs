//! Adaptive windows over a path of a given bandwidth and delay: throughput, probes, and what peers
//! that count pings make of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io::IoSlice;
use std::time::Duration;

use bytes::Bytes;
use protocall_http2::{Config, Connection, Event, Field, MAX_SLICES, Part, Side, StreamKey};
use protocall_sim::{Conditions, Duplex, Link, Read, Timestamp};

/// The long fat one of the two paths: 2 MB are under way when it is full.
const RATE: u64 = 100_000_000;
const ROUND_TRIP: Duration = Duration::from_millis(20);

/// Which way the bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

/// A client and a server with one stream on which one of them sends without end.
struct Transfer {
    network: Duplex,
    /// Client, server.
    ends: [Connection; 2],
    unread: [Vec<u8>; 2],
    sender: usize,
    /// The sender's name for the stream.
    stream: StreamKey,
    received: u64,
}

impl Transfer {
    fn new(way: Way, round_trip: Duration, configs: [Config; 2]) -> Self {
        let conditions = Conditions {
            delay: (round_trip / 2, round_trip / 2),
            bytes_per_second: Some(RATE),
            piece: (16 * 1024, 16 * 1024),
            capacity: 8 << 20,
            ..Conditions::default()
        };
        let [client, server] = configs;
        let mut client = Connection::new(Side::Client, client);
        let server = Connection::new(Side::Server, server);
        let head = [
            Part::Field(Field::indexed(b":method", b"POST")),
            Part::Field(Field::indexed(b":scheme", b"http")),
            Part::Field(Field::indexed(b":path", b"/bulk")),
        ];
        let stream = client.open(&head, way == Way::Down).unwrap();
        let mut transfer = Self {
            network: Duplex::new(1, conditions),
            ends: [client, server],
            unread: [Vec::new(), Vec::new()],
            sender: if way == Way::Up { 0 } else { 1 },
            stream,
            received: 0,
        };
        while way == Way::Down && !transfer.ends[1].is_open(stream) {
            transfer.turn();
        }
        if way == Way::Down {
            let head = [Part::Field(Field::indexed(b":status", b"200"))];
            transfer.ends[1].send_headers(stream, &head, false).unwrap();
        }
        transfer
    }

    /// Runs for so long; returns the bytes that arrived in it.
    fn run(&mut self, time: Duration) -> u64 {
        let (end, before) = (self.network.now().after(time), self.received);
        while self.network.now() < end {
            self.turn();
        }
        self.received - before
    }

    /// Both ends act, then time goes on.
    fn turn(&mut self) {
        static BULK: &[u8] = &[7; 256 * 1024];
        let now = self.network.now();
        for side in [0, 1] {
            self.ends[side].handle_timeout(now).unwrap();
            self.read(side, now);
            if side == self.sender && self.ends[side].is_open(self.stream) {
                while self.ends[side].capacity(self.stream) > 0 {
                    if self.ends[side]
                        .send_data(self.stream, Bytes::from_static(BULK), false)
                        .is_err()
                    {
                        break;
                    }
                }
            }
            let link = match side {
                0 => &mut self.network.to_server,
                _ => &mut self.network.to_client,
            };
            write(&mut self.ends[side], link, now);
        }
        let timeouts = self.ends.iter().filter_map(Connection::next_timeout).min();
        assert!(self.network.advance(timeouts));
    }

    fn read(&mut self, side: usize, now: Timestamp) {
        let link = match side {
            0 => &mut self.network.to_client,
            _ => &mut self.network.to_server,
        };
        let Read::Bytes(bytes) = link.read(256 * 1024, now) else { return };
        let unread = &mut self.unread[side];
        unread.extend_from_slice(&bytes);
        let mut rest = &unread[..];
        let mut taken = Vec::new();
        while let Some(event) = self.ends[side].receive(&mut rest, now).unwrap() {
            match event {
                Event::Data { stream, bytes, .. } => taken.push((stream, bytes.len())),
                Event::Pong { .. } => panic!("the application did not ask"),
                _ => {}
            }
        }
        let used = unread.len() - rest.len();
        unread.drain(..used);
        for (stream, bytes) in taken {
            self.received += bytes as u64;
            self.ends[side].consume(stream, bytes);
        }
        let windows = self.ends[side].flow_windows();
        let budget = if side == 0 { Config::client() } else { Config::server() }.receive_budget;
        assert!(windows.receive.unsigned_abs() + windows.unconsumed <= budget, "{windows:?}");
    }

    fn counters(&self) -> [protocall_http2::Counters; 2] {
        [self.ends[0].counters(), self.ends[1].counters()]
    }
}

fn write(connection: &mut Connection, link: &mut Link, now: Timestamp) {
    loop {
        connection.flush();
        let output = connection.output();
        let mut slices = [IoSlice::new(&[]); MAX_SLICES];
        let filled = output.slices(&mut slices);
        let taken: usize = slices[..filled].iter().map(|slice| link.write(slice, now)).sum();
        if taken == 0 {
            return;
        }
        output.advance(taken);
    }
}

fn defaults() -> [Config; 2] {
    [Config::client(), Config::server()]
}

fn fixed() -> [Config; 2] {
    defaults().map(|mut config| {
        config.adaptive_window = false;
        config
    })
}

/// The share of what the path carries, in percent, once `after` has passed.
fn share(way: Way, configs: [Config; 2], after: Duration) -> u64 {
    let mut transfer = Transfer::new(way, ROUND_TRIP, configs);
    transfer.run(after);
    let time = Duration::from_millis(200);
    transfer.run(time) * 100 / (RATE / 5)
}

#[test]
fn adaptive_windows_fill_a_long_fat_path_after_a_few_round_trips() {
    // eight round trips up from 256 KiB, six down from 512 KiB
    let (up, down) =
        (share(Way::Up, defaults(), ROUND_TRIP * 8), share(Way::Down, defaults(), ROUND_TRIP * 6));
    let (fixed_up, fixed_down) =
        (share(Way::Up, fixed(), ROUND_TRIP * 8), share(Way::Down, fixed(), ROUND_TRIP * 6));
    assert!(up > 90 && down > 90, "up {up} %, down {down} %");
    assert!(fixed_up < 20 && fixed_down < 30, "up {fixed_up} %, down {fixed_down} %");
}

#[test]
fn adaptive_windows_fill_a_long_fat_path_wherever_they_begin() {
    for kib in [64, 256, 384, 512, 640, 768, 896, 1024, 1536, 2048] {
        let configs = || {
            defaults().map(|mut config| {
                config.stream_window = kib * 1024;
                config
            })
        };
        let (up, down) = (
            share(Way::Up, configs(), ROUND_TRIP * 15),
            share(Way::Down, configs(), ROUND_TRIP * 15),
        );
        assert!(up > 95 && down > 95, "from {kib} KiB: up {up} %, down {down} %");
    }
}

#[test]
fn a_client_that_only_receives_is_never_counted_as_pinging_too_much() {
    let mut transfer = Transfer::new(Way::Down, ROUND_TRIP, defaults());
    transfer.run(Duration::from_millis(600));
    // until none is under way
    let mut probes = 0;
    while probes != transfer.counters()[0].probes {
        probes = transfer.counters()[0].probes;
        transfer.run(ROUND_TRIP);
    }
    let [client, server] = transfer.counters();
    assert!(client.probes >= 3, "{} probes", client.probes);
    assert_eq!(server.pings_received, client.probes);
    assert_eq!(server.ping_strikes, 0);
}

#[test]
fn a_short_path_is_asked_little() {
    let mut transfer = Transfer::new(Way::Down, Duration::from_micros(100), defaults());
    transfer.run(Duration::from_millis(300));
    let [client, server] = transfer.counters();
    assert!(client.probes <= 6, "{} probes", client.probes);
    assert_eq!(server.probes, 0, "nothing comes that way");
}
