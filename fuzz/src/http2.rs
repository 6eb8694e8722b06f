//! HTTP/2 connections under any input, and two of ours under any operations.
//!
//! The first byte of an input says how it is cut; the rest is what the peer sends. A server is
//! given the preface and SETTINGS first, so that a fuzzer need not find them, unless that byte is
//! odd.

use protocall_http2::config::MAX_CONTIGUOUS_INPUT;
use protocall_http2::{
    Config, Connection, ConnectionError, ErrorCode, Event, Field, Part, Side, StreamKey, Timestamp,
};
use protocall_sim::ByteChoices;
use protocall_sim::pair::{self, uncounted};

const HELLO: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
const SETTINGS: &[u8] = b"\0\0\0\x04\0\0\0\0\0";

/// Pieces that an input is cut into, by the first byte.
const CUTS: [usize; 4] = [usize::MAX, 1, 7, 1000];

/// Output of a connection whose peer reads all: what the answers to one read come to.
const MOST_OUTPUT: usize = 1 << 20;

/// What a server makes of a client's bytes.
///
/// # Panics
/// When a window leaves its range, output or backlog grow beyond the limits, a dead connection
/// comes to life, or a stream ends twice.
pub fn server_bytes(input: &[u8]) {
    let Some((how, bytes)) = input.split_first() else { return };
    let hello = if how & 1 == 0 { HELLO } else { &[] };
    peer(Side::Server, *how, &[hello, bytes].concat());
}

/// What a client makes of a server's bytes; three streams are open.
///
/// # Panics
/// As [`server_bytes`].
pub fn client_bytes(input: &[u8]) {
    let Some((how, bytes)) = input.split_first() else { return };
    let hello = if how & 1 == 0 { SETTINGS } else { &[] };
    peer(Side::Client, *how, &[hello, bytes].concat());
}

/// Two connections of ours over a simulated network; the bytes decide what their applications and
/// the network do.
///
/// # Panics
/// When an invariant of [`protocall_sim::pair`] is broken.
pub fn two_connections(input: &[u8]) {
    if let Err(violation) = pair::run(&mut ByteChoices::new(input), 2000, uncounted) {
        panic!("{violation}");
    }
}

fn peer(side: Side, how: u8, input: &[u8]) {
    let mut driven = Driven::new(side);
    let size = CUTS[usize::from(how >> 1) % CUTS.len()];
    for (at, piece) in input.chunks(size).enumerate() {
        driven.feed(piece, Timestamp::from_nanos(at as u64 + 1));
    }
}

/// A connection with an application that does something to each stream, by its id.
struct Driven {
    connection: Connection,
    unread: Vec<u8>,
    dead: Option<ConnectionError>,
    /// Streams that have ended, by an event or by a command of ours.
    over: Vec<u32>,
}

/// What an event asks the application to do.
enum Then {
    Nothing,
    Act(StreamKey, usize),
    Over(StreamKey),
}

impl Driven {
    fn new(side: Side) -> Self {
        let mut connection = Connection::new(side, Config::for_side(side));
        if side == Side::Client {
            for end in [true, false, false] {
                assert!(connection.open(&request(), end).is_ok(), "a fresh client opens streams");
            }
        }
        Self { connection, unread: Vec::new(), dead: None, over: Vec::new() }
    }

    fn feed(&mut self, piece: &[u8], now: Timestamp) {
        self.unread.extend_from_slice(piece);
        loop {
            let mut rest = &self.unread[..];
            let step = self.connection.receive(&mut rest, now).map(|event| event.map(then));
            let used = self.unread.len() - rest.len();
            self.unread.drain(..used);
            match step {
                Ok(Some(then)) => self.act(then),
                Ok(None) if self.connection.wants_write() && used > 0 => self.write(),
                Ok(None) => break,
                Err(error) => {
                    assert!(self.dead.is_none_or(|earlier| earlier == error), "dead stays dead");
                    self.dead = Some(error);
                    break;
                }
            }
        }
        self.check();
        self.write();
    }

    fn act(&mut self, then: Then) {
        match then {
            Then::Nothing => {}
            Then::Over(stream) => {
                assert!(!self.over.contains(&stream.id()), "{stream:?} ended twice");
                self.over.push(stream.id());
            }
            Then::Act(stream, bytes) => {
                assert!(!self.over.contains(&stream.id()), "{stream:?} is over");
                self.answer(stream, bytes);
            }
        }
    }

    fn answer(&mut self, stream: StreamKey, bytes: usize) {
        let connection = &mut self.connection;
        // a command that comes too late is answered so, and that is all right here
        match stream.id() % 8 {
            1 => {
                let _ = connection.send_headers(stream, &response(), bytes > 0);
                let _ = connection.send_data_copied(stream, b"answer", bytes == 0);
                connection.consume(stream, bytes);
            }
            3 => connection.expect(stream, 1000, 1 << 20),
            5 => connection.consume(stream, bytes),
            _ => {
                if connection.reset(stream, ErrorCode::CANCEL).is_ok() {
                    self.over.push(stream.id());
                }
            }
        }
    }

    fn check(&self) {
        assert!(self.connection.active_streams() <= 1024, "more streams than announced");
        if self.dead.is_some() {
            return;
        }
        let windows = self.connection.flow_windows();
        assert!((0..=0x7fff_ffff).contains(&windows.send), "{windows:?}");
        assert!((0..=0x7fff_ffff).contains(&windows.receive), "{windows:?}");
        let stuck = self.unread.len() > MAX_CONTIGUOUS_INPUT && !self.connection.wants_write();
        assert!(!stuck, "{} bytes cannot be parsed", self.unread.len());
    }

    fn write(&mut self) {
        self.connection.flush();
        let output = self.connection.output();
        let waiting = output.len();
        assert!(waiting <= MOST_OUTPUT, "{waiting} bytes of answers");
        output.advance(waiting);
        while self.connection.next_writable().is_some() {}
    }
}

fn then(event: Event<'_>) -> Then {
    match event {
        Event::Headers { stream, .. } | Event::HeadersTooLarge { stream } => Then::Act(stream, 0),
        Event::Data { stream, bytes, .. } => Then::Act(stream, bytes.len()),
        Event::Reset { stream, .. } => Then::Over(stream),
        _ => Then::Nothing,
    }
}

fn request() -> [Part<'static>; 3] {
    [
        Part::Field(Field::indexed(b":method", b"POST")),
        Part::Field(Field::indexed(b":scheme", b"http")),
        Part::Field(Field::indexed(b":path", b"/fuzz.Service/Method")),
    ]
}

fn response() -> [Part<'static>; 1] {
    [Part::Field(Field::indexed(b":status", b"200"))]
}
