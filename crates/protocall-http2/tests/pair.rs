//! A client and a server of ours joined in memory: whatever they do and however the bytes between
//! them are cut, windows stay in range, credit is conserved, data arrives whole, and every stream
//! ends once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::io::IoSlice;

use bytes::Bytes;
use proptest::prelude::*;
use protocall_http2::{
    Config, Connection, ErrorCode, Event, Field, HeadersKind, MAX_SLICES, Part, Side, StreamKey,
    TemplateId, Timestamp,
};

const MAX_WINDOW: i64 = 0x7fff_ffff;

#[derive(Clone, Copy, Debug)]
enum Operation {
    Open { end: bool },
    Head { stream: usize, end: bool },
    Send { client: bool, stream: usize, size: usize, referenced: bool, end: bool },
    Trailers { client: bool, stream: usize },
    Consume { client: bool, stream: usize, share: usize },
    Expect { client: bool, stream: usize, bytes: usize },
    Reset { client: bool, stream: usize },
    Window { client: bool, bytes: u32 },
    Ping { client: bool },
    Carry { to_client: bool, bytes: usize },
}

fn operation() -> impl Strategy<Value = Operation> {
    let size = prop_oneof![0usize..100, 0usize..5000, 0usize..100_000];
    let client = any::<bool>;
    let stream = || 0usize..8;
    prop_oneof![
        3 => any::<bool>().prop_map(|end| Operation::Open { end }),
        3 => (stream(), any::<bool>()).prop_map(|(stream, end)| Operation::Head { stream, end }),
        8 => (client(), stream(), size, any::<bool>(), prop::bool::weighted(0.2)).prop_map(
            |(client, stream, size, referenced, end)| Operation::Send {
                client, stream, size, referenced, end
            }
        ),
        2 => (client(), stream())
            .prop_map(|(client, stream)| Operation::Trailers { client, stream }),
        6 => (client(), stream(), 1usize..4)
            .prop_map(|(client, stream, share)| Operation::Consume { client, stream, share }),
        1 => (client(), stream(), 0usize..200_000)
            .prop_map(|(client, stream, bytes)| Operation::Expect { client, stream, bytes }),
        1 => (client(), stream())
            .prop_map(|(client, stream)| Operation::Reset { client, stream }),
        1 => (client(), 0u32..200_000)
            .prop_map(|(client, bytes)| Operation::Window { client, bytes }),
        1 => client().prop_map(|client| Operation::Ping { client }),
        12 => (client(), prop_oneof![1usize..30, 1usize..3000, Just(1_000_000)])
            .prop_map(|(to_client, bytes)| Operation::Carry { to_client, bytes }),
    ]
}

/// What one side knows of a stream.
#[derive(Debug, Default)]
struct Seen {
    sent: Vec<u8>,
    sent_end: bool,
    received: Vec<u8>,
    unconsumed: usize,
    heads: usize,
    ended: usize,
    reset: usize,
    reset_by_us: bool,
}

struct End {
    connection: Connection,
    template: TemplateId,
    streams: BTreeMap<u32, (StreamKey, Seen)>,
    /// Bytes that arrived and could not be used yet.
    input: Vec<u8>,
    pings: usize,
    pongs: usize,
}

impl End {
    fn new(side: Side, mut config: Config, window: u32, budget: u64) -> Self {
        config.stream_window = window;
        config.connection_window = 65_535;
        config.receive_budget = budget;
        // The test's own pings are not what is tested.
        config.limits.min_ping_interval = std::time::Duration::ZERO;
        config.limits.min_ping_interval_idle = std::time::Duration::ZERO;
        let mut connection = Connection::new(side, config);
        let template = connection.add_template(&[Field::indexed(b"x-shared", b"template")]);
        let streams = BTreeMap::new();
        Self { connection, template, streams, input: Vec::new(), pings: 0, pongs: 0 }
    }

    fn pick(&mut self, index: usize) -> Option<&mut (StreamKey, Seen)> {
        let count = self.streams.len();
        // The newest streams are the likeliest to be open.
        let id = *self.streams.keys().rev().nth(index % count.max(1))?;
        self.streams.get_mut(&id)
    }

    fn receive(&mut self, bytes: &[u8]) {
        self.input.extend_from_slice(bytes);
        let input = std::mem::take(&mut self.input);
        let mut rest = &input[..];
        while let Some(event) =
            self.connection.receive(&mut rest, Timestamp::from_nanos(1)).expect("no error")
        {
            note(&mut self.streams, &mut self.pongs, &event);
        }
        self.input = rest.to_vec();
    }

    fn check_windows(&self) {
        let windows = self.connection.flow_windows();
        assert!((0..=MAX_WINDOW).contains(&windows.send), "{windows:?}");
        assert!((0..=MAX_WINDOW).contains(&windows.receive), "{windows:?}");
        let mut unconsumed = 0;
        for (key, _) in self.streams.values() {
            if let Some(windows) = self.connection.stream_flow_windows(*key) {
                assert!(windows.send <= MAX_WINDOW, "{windows:?}");
                assert!(windows.receive <= MAX_WINDOW, "{windows:?}");
                unconsumed += windows.unconsumed;
            }
        }
        assert_eq!(windows.unconsumed, unconsumed, "what is held is held by open streams");
    }

    /// Writes at most `most` bytes.
    fn write(&mut self, most: usize) -> Vec<u8> {
        let mut all = Vec::new();
        while all.len() < most {
            self.connection.flush();
            let output = self.connection.output();
            let mut slices = [IoSlice::new(&[]); MAX_SLICES];
            let filled = output.slices(&mut slices);
            let mut bytes: Vec<u8> = slices[..filled].iter().flat_map(|s| s.to_vec()).collect();
            if bytes.is_empty() {
                break;
            }
            bytes.truncate(most - all.len());
            output.advance(bytes.len());
            all.extend_from_slice(&bytes);
        }
        while self.connection.next_writable().is_some() {}
        all
    }
}

fn note(streams: &mut BTreeMap<u32, (StreamKey, Seen)>, pongs: &mut usize, event: &Event<'_>) {
    match *event {
        Event::Headers { stream, fields, kind, end_stream } => {
            let is_new = kind == HeadersKind::Request;
            assert_eq!(is_new, !streams.contains_key(&stream.id()));
            let (_, seen) = streams.entry(stream.id()).or_insert_with(|| (stream, Seen::default()));
            assert_eq!(seen.ended + seen.reset, 0, "nothing follows the end");
            assert_eq!(kind == HeadersKind::Trailers, seen.heads == 1);
            assert_eq!(fields.find(b"x-shared").unwrap().value, b"template");
            seen.heads += 1;
            seen.ended += usize::from(end_stream);
        }
        Event::Data { stream, bytes, end_stream } => {
            let (key, seen) = streams.get_mut(&stream.id()).expect("a known stream");
            assert_eq!(*key, stream);
            assert_eq!((seen.heads, seen.ended + seen.reset), (1, 0));
            assert!(end_stream || !bytes.is_empty());
            seen.received.extend_from_slice(bytes);
            seen.unconsumed += bytes.len();
            seen.ended += usize::from(end_stream);
        }
        Event::Reset { stream, .. } => {
            let (key, seen) = streams.get_mut(&stream.id()).expect("a known stream");
            assert_eq!(*key, stream);
            assert!(!seen.reset_by_us, "no event after our own reset");
            seen.reset += 1;
            assert_eq!(seen.reset, 1);
        }
        Event::Pong { .. } => *pongs += 1,
        Event::Settings => {}
        _ => panic!("an unexpected event: {event:?}"),
    }
}

struct World {
    client: End,
    server: End,
    to_server: Vec<u8>,
}

impl World {
    fn new(windows: (u32, u32), budgets: (u64, u64)) -> Self {
        Self {
            client: End::new(Side::Client, Config::client(), windows.0, budgets.0),
            server: End::new(Side::Server, Config::server(), windows.1, budgets.1),
            to_server: Vec::new(),
        }
    }

    fn end(&mut self, client: bool) -> &mut End {
        if client { &mut self.client } else { &mut self.server }
    }

    fn carry(&mut self, to_client: bool, bytes: usize) -> usize {
        let written = self.end(!to_client).write(bytes);
        if !to_client {
            self.to_server.extend_from_slice(&written);
        }
        self.end(to_client).receive(&written);
        written.len()
    }

    fn run(&mut self, operation: Operation) {
        match operation {
            Operation::Open { end } => {
                let client = &mut self.client;
                let head = [
                    Part::Field(Field::indexed(b":method", b"POST")),
                    Part::Field(Field::indexed(b":scheme", b"http")),
                    Part::Field(Field::indexed(b":path", b"/some/path")),
                    Part::Template(client.template),
                ];
                if let Ok(key) = client.connection.open(&head, end) {
                    let seen = Seen { sent_end: end, ..Seen::default() };
                    client.streams.insert(key.id(), (key, seen));
                }
            }
            Operation::Head { stream, end } => self.head(stream, end),
            Operation::Send { client, stream, size, referenced, end } => {
                self.send(client, stream, size, referenced, end);
            }
            Operation::Trailers { client, stream } => {
                let side = self.end(client);
                let trailers = [Part::Template(side.template)];
                let Some(&mut (key, _)) = side.pick(stream) else { return };
                // Before its head, a server's trailers would be its head.
                let head_sent = client || side.connection.send_data_copied(key, b"", false).is_ok();
                if head_sent && side.connection.send_headers(key, &trailers, true).is_ok() {
                    side.pick(stream).unwrap().1.sent_end = true;
                }
            }
            Operation::Consume { client, stream, share } => {
                let side = self.end(client);
                let Some((key, seen)) = side.pick(stream) else { return };
                let (key, bytes) = (*key, seen.unconsumed / share);
                seen.unconsumed -= bytes;
                side.connection.consume(key, bytes);
            }
            Operation::Expect { client, stream, bytes } => {
                let side = self.end(client);
                let Some(&mut (key, _)) = side.pick(stream) else { return };
                side.connection.expect(key, bytes / 2, bytes);
            }
            Operation::Reset { client, stream } => {
                let side = self.end(client);
                let Some(&mut (key, _)) = side.pick(stream) else { return };
                if side.connection.reset(key, ErrorCode::CANCEL).is_ok() {
                    side.pick(stream).unwrap().1.reset_by_us = true;
                }
            }
            Operation::Window { client, bytes } => {
                self.end(client).connection.set_stream_window(bytes);
            }
            Operation::Ping { client } => {
                self.end(client).connection.ping([7; 8]);
                self.end(client).pings += 1;
            }
            Operation::Carry { to_client, bytes } => {
                self.carry(to_client, bytes);
            }
        }
    }

    fn head(&mut self, stream: usize, end: bool) {
        let template = self.server.template;
        let head = [Part::Field(Field::indexed(b":status", b"200")), Part::Template(template)];
        let Some(&mut (key, _)) = self.server.pick(stream) else { return };
        let first = self.server.connection.send_data_copied(key, b"", false).is_err();
        if first && self.server.connection.send_headers(key, &head, end).is_ok() {
            self.server.pick(stream).unwrap().1.sent_end = end;
        }
    }

    fn send(&mut self, client: bool, stream: usize, size: usize, referenced: bool, end: bool) {
        let side = self.end(client);
        let Some((key, seen)) = side.pick(stream) else { return };
        let (key, mark) = (*key, seen.sent.len());
        let data: Vec<u8> = (0..size).map(|at| ((mark + at) % 251) as u8).collect();
        let connection = &mut side.connection;
        let sent = if referenced {
            connection.send_data(key, Bytes::from(data.clone()), end)
        } else {
            connection.send_data_copied(key, &data, end)
        };
        if sent.is_ok() {
            let (_, seen) = side.pick(stream).unwrap();
            seen.sent.extend_from_slice(&data);
            seen.sent_end = end;
        }
    }

    /// Carries and consumes until nothing moves.
    fn settle(&mut self) {
        loop {
            let mut moved = 0;
            for to_client in [true, false] {
                moved += self.carry(to_client, usize::MAX);
                let side = self.end(to_client);
                for (key, seen) in side.streams.values_mut() {
                    moved += seen.unconsumed;
                    side.connection.consume(*key, std::mem::take(&mut seen.unconsumed));
                }
                side.check_windows();
            }
            if moved == 0 {
                return;
            }
        }
    }

    /// Everything settled: what one side sent, the other has.
    fn check_settled(&mut self) {
        for client in [true, false] {
            let (here, there) =
                if client { (&self.client, &self.server) } else { (&self.server, &self.client) };
            assert_eq!(here.pings, here.pongs);
            let (mine, theirs) = (here.connection.flow_windows(), there.connection.flow_windows());
            assert_eq!(mine.send, theirs.receive, "credit is conserved");
            assert_eq!(mine.unconsumed, 0);
            assert!(mine.receive > 65_535 / 2, "all of it is there to be used again");
            for (id, (key, sent)) in &here.streams {
                let Some((there_key, seen)) = there.streams.get(id) else {
                    assert!(sent.reset_by_us || sent.reset == 1, "{id} is unknown to the server");
                    continue;
                };
                let cut = sent.reset_by_us || seen.reset_by_us || sent.reset + seen.reset > 0;
                assert!(sent.sent.starts_with(&seen.received), "stream {id}");
                if !cut {
                    assert_eq!(seen.received.len(), sent.sent.len(), "stream {id}");
                    assert_eq!(seen.ended, usize::from(sent.sent_end), "stream {id}");
                    let done = sent.sent_end && seen.sent_end;
                    assert_eq!(here.connection.is_open(*key), !done, "stream {id}");
                    let windows = here.connection.stream_flow_windows(*key);
                    let other = there.connection.stream_flow_windows(*there_key);
                    if let (Some(mine), Some(theirs)) = (windows, other)
                        && seen.ended == 0
                    {
                        assert_eq!(mine.send, theirs.receive, "stream {id}");
                    }
                } else {
                    assert!(!here.connection.is_open(*key), "stream {id}");
                }
            }
        }
    }
}

/// The events that a new server makes of `bytes`, cut by `sizes`, with adjacent data joined.
fn replay(bytes: &[u8], sizes: &[usize]) -> Vec<String> {
    let mut config = Config::server();
    config.stream_window = 1 << 30;
    config.connection_window = 1 << 30;
    config.receive_budget = 1 << 40;
    config.limits.min_ping_interval = std::time::Duration::ZERO;
    config.limits.min_ping_interval_idle = std::time::Duration::ZERO;
    let mut server = Connection::new(Side::Server, config);
    let mut events: Vec<String> = Vec::new();
    let mut data: Option<(StreamKey, Vec<u8>)> = None;
    let mut unread = Vec::new();
    let mut sizes = sizes.iter().cycle();
    let mut at = 0;
    while at < bytes.len() {
        let size = (*sizes.next().unwrap()).min(bytes.len() - at);
        unread.extend_from_slice(&bytes[at..at + size]);
        at += size;
        let mut rest = &unread[..];
        while let Some(event) = server.receive(&mut rest, Timestamp::from_nanos(1)).unwrap() {
            if let Event::Data { stream, bytes, end_stream: false } = event {
                match &mut data {
                    Some((key, joined)) if *key == stream => joined.extend_from_slice(bytes),
                    _ => {
                        events.extend(data.take().map(|data| format!("{data:?}")));
                        data = Some((stream, bytes.to_vec()));
                    }
                }
                continue;
            }
            if let (Event::Data { stream, bytes, .. }, Some((key, joined))) = (&event, &mut data)
                && key == stream
            {
                joined.extend_from_slice(bytes);
                events.extend(data.take().map(|data| format!("{data:?} end")));
                continue;
            }
            events.extend(data.take().map(|data| format!("{data:?}")));
            match event {
                Event::Data { stream, bytes, .. } => {
                    events.push(format!("{:?} end", (stream, bytes.to_vec())));
                }
                other => events.push(format!("{other:?}")),
            }
        }
        unread = rest.to_vec();
        server.output().advance(usize::MAX);
    }
    events.extend(data.take().map(|data| format!("{data:?}")));
    assert!(unread.is_empty() || unread.len() < 70_000);
    events
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_connections_agree(
        windows in (0u32..100_000, 0u32..100_000),
        budgets in (65_535u64..200_000, 65_535u64..200_000),
        operations in prop::collection::vec(operation(), 1..150),
        sizes in prop::collection::vec(prop_oneof![1usize..12, 1usize..5000], 1..20),
    ) {
        let mut world = World::new(windows, budgets);
        for operation in operations {
            world.run(operation);
            world.client.check_windows();
            world.server.check_windows();
        }
        world.settle();
        // A window of 0 let nothing more through, as it should.
        for client in [true, false] {
            prop_assert!(world.end(client).connection.set_stream_window(50_000));
        }
        world.settle();
        world.check_settled();
        let whole = replay(&world.to_server, &[usize::MAX]);
        prop_assert_eq!(replay(&world.to_server, &sizes), whole);
    }
}
