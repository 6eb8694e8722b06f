//! Two HTTP/2 connections over a simulated network: calls complete whatever the network does to
//! their bytes, keepalive tells a stall from a death, and a run repeats.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io::IoSlice;
use std::time::Duration;

use protocall_http2::{
    Config, Connection, ConnectionError, ConnectionErrorKind, Event, Field, MAX_SLICES, Part, Side,
    StreamKey,
};
use protocall_sim::{Conditions, Duplex, Link, Random, Read, Timestamp};

fn head() -> [Part<'static>; 3] {
    [
        Part::Field(Field::indexed(b":method", b"POST")),
        Part::Field(Field::indexed(b":scheme", b"http")),
        Part::Field(Field::indexed(b":path", b"/echo")),
    ]
}

/// Writes what waits, as far as the link takes it.
fn write(connection: &mut Connection, link: &mut Link, now: Timestamp) {
    loop {
        connection.flush();
        let output = connection.output();
        let mut slices = [IoSlice::new(&[]); MAX_SLICES];
        let filled = output.slices(&mut slices);
        let taken = slices[..filled].first().map_or(0, |slice| link.write(slice, now));
        if taken == 0 {
            return;
        }
        output.advance(taken);
    }
}

/// What became of the events of one read.
#[derive(Default)]
struct Batch {
    ended: Vec<StreamKey>,
    data: Vec<(StreamKey, usize)>,
}

fn read(
    connection: &mut Connection,
    unread: &mut Vec<u8>,
    link: &mut Link,
    now: Timestamp,
) -> Result<Batch, ConnectionError> {
    let mut batch = Batch::default();
    let Read::Bytes(bytes) = link.read(64 * 1024, now) else { return Ok(batch) };
    unread.extend_from_slice(&bytes);
    let mut rest = &unread[..];
    while let Some(event) = connection.receive(&mut rest, now)? {
        match event {
            Event::Headers { stream, end_stream: true, .. } => batch.ended.push(stream),
            Event::Data { stream, bytes, end_stream } => {
                batch.data.push((stream, bytes.len()));
                batch.ended.extend(end_stream.then_some(stream));
            }
            Event::Reset { reason, .. } => panic!("{reason}"),
            _ => {}
        }
    }
    let used = unread.len() - rest.len();
    unread.drain(..used);
    for (stream, bytes) in &batch.data {
        connection.consume(*stream, *bytes);
    }
    Ok(batch)
}

/// Runs `calls` echo-like calls; returns the virtual time that they took.
fn run(seed: u64, conditions: Conditions, calls: usize) -> Timestamp {
    let mut network = Duplex::new(seed, conditions);
    let mut random = Random::new(seed ^ 1);
    let mut client = Connection::new(Side::Client, Config::client());
    let mut server = Connection::new(Side::Server, Config::server());
    let (mut client_unread, mut server_unread) = (Vec::new(), Vec::new());
    let answer = [Part::Field(Field::indexed(b":status", b"200"))];
    let trailers = [Part::Field(Field::indexed(b"grpc-status", b"0"))];
    let (mut begun, mut done, mut returned) = (0, 0, 0);
    let mut sent = 0;
    while done < calls {
        while begun < calls && client.open_capacity() > 0 && client.active_streams() < 20 {
            let stream = client.open(&head(), false).unwrap();
            let size = random.between(0, 30_000) as usize;
            client.send_data(stream, vec![1; size].into(), true).unwrap();
            sent += size;
            begun += 1;
        }
        let now = network.now();
        client.handle_timeout(now).unwrap();
        server.handle_timeout(now).unwrap();
        let batch = read(&mut server, &mut server_unread, &mut network.to_server, now).unwrap();
        for stream in batch.ended {
            server.send_headers(stream, &answer, false).unwrap();
            server.send_data_copied(stream, &[2; 3000], false).unwrap();
            server.send_headers(stream, &trailers, true).unwrap();
        }
        let batch = read(&mut client, &mut client_unread, &mut network.to_client, now).unwrap();
        done += batch.ended.len();
        returned += batch.data.iter().map(|(_, bytes)| bytes).sum::<usize>();
        write(&mut client, &mut network.to_server, now);
        write(&mut server, &mut network.to_client, now);
        let deadline = client.next_timeout().into_iter().chain(server.next_timeout()).min();
        assert!(network.advance(deadline), "nothing moves, and {done} of {calls} are done");
    }
    assert_eq!(returned, calls * 3000);
    assert!(sent > 0);
    assert_eq!((client.active_streams(), server.active_streams()), (0, 0));
    network.now()
}

#[test]
fn calls_complete_on_any_network() {
    for seed in 0..60 {
        run(seed, Conditions::default(), 40);
        let dribble = Conditions { piece: (1, 9), capacity: 5000, ..Conditions::default() };
        run(seed, dribble, 4);
        let moody =
            Conditions { stall_percent: 5, stall: Duration::from_secs(3), ..Conditions::default() };
        run(seed, moody, 40);
    }
}

#[test]
fn a_run_repeats() {
    let first = run(7, Conditions::default(), 50);
    assert_eq!(first, run(7, Conditions::default(), 50));
    assert_ne!(first, run(8, Conditions::default(), 50));
}

#[test]
fn keepalive_ends_a_connection_whose_peer_is_gone() {
    let mut network = Duplex::new(1, Conditions::default());
    let mut config = Config::client();
    config.keepalive_interval = Some(Duration::from_secs(30));
    let mut client = Connection::new(Side::Client, config);
    let mut server = Connection::new(Side::Server, Config::server());
    let (mut client_unread, mut server_unread) = (Vec::new(), Vec::new());
    client.open(&head(), false).unwrap();
    let gone_from = Timestamp::ZERO.after(Duration::from_secs(100));
    loop {
        let now = network.now();
        if let Err(error) = client.handle_timeout(now) {
            assert_eq!(error.kind, ConnectionErrorKind::Timeout);
            let age = now.since(gone_from);
            assert!(age <= Duration::from_secs(50), "{age:?}");
            assert!(now > gone_from, "a living peer is left alone");
            return;
        }
        read(&mut client, &mut client_unread, &mut network.to_client, now).unwrap();
        write(&mut client, &mut network.to_server, now);
        if now < gone_from {
            read(&mut server, &mut server_unread, &mut network.to_server, now).unwrap();
            write(&mut server, &mut network.to_client, now);
        } else {
            network.to_server.read(usize::MAX, now);
        }
        assert!(network.advance(client.next_timeout()));
    }
}

#[test]
fn a_closed_link_delivers_what_was_written_before() {
    let mut link = Link::new(3, Conditions::default());
    let start = Timestamp::from_nanos(1);
    assert_eq!(link.write(b"last words", start), 10);
    link.close();
    assert_eq!(link.write(b"more", start), 0);
    assert_eq!(link.read(100, start), Read::Pending);
    let later = start.after(Duration::from_secs(1));
    assert_eq!(link.read(4, later), Read::Bytes(b"last".to_vec()));
    assert_eq!(link.read(100, later), Read::Bytes(b" words".to_vec()));
    assert_eq!(link.read(100, later), Read::End);
}
