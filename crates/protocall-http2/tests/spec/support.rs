//! A hand-made peer: builds frames from bytes, reads them back, and keeps events as values.

use std::io::IoSlice;

use protocall_http2::{
    Config, Connection, ConnectionError, ErrorCode, Event, Field, HeadersKind, Initiator,
    MAX_SLICES, Part, Side, StreamKey, Timestamp,
};

pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const PRIORITY: u8 = 2;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PUSH_PROMISE: u8 = 5;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

pub(crate) const ACK: u8 = 1;
pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;
pub(crate) const PADDED: u8 = 8;
pub(crate) const PRIORITY_FLAG: u8 = 0x20;

/// POST http / (all from the static table).
pub(crate) const REQUEST: &[u8] = &[0x83, 0x86, 0x84];

/// :status 200.
pub(crate) const RESPONSE: &[u8] = &[0x88];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    pub(crate) fn code(&self) -> ErrorCode {
        let at = if self.kind == GOAWAY { 4 } else { 0 };
        ErrorCode::from_wire(u32::from_be_bytes(self.payload[at..at + 4].try_into().unwrap()))
    }

    pub(crate) fn number(&self) -> u32 {
        u32::from_be_bytes(self.payload[..4].try_into().unwrap())
    }
}

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    bytes.extend_from_slice(&[kind, flags]);
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

pub(crate) fn settings(entries: &[(u16, u32)]) -> Vec<u8> {
    let payload: Vec<u8> = entries
        .iter()
        .flat_map(|(id, value)| {
            let mut entry = id.to_be_bytes().to_vec();
            entry.extend_from_slice(&value.to_be_bytes());
            entry
        })
        .collect();
    frame(SETTINGS, 0, 0, &payload)
}

pub(crate) fn window_update(stream: u32, increment: u32) -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, stream, &increment.to_be_bytes())
}

pub(crate) fn reset(stream: u32, code: ErrorCode) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &code.to_wire().to_be_bytes())
}

pub(crate) fn request(stream: u32, flags: u8) -> Vec<u8> {
    frame(HEADERS, END_HEADERS | flags, stream, REQUEST)
}

/// A field written out literally, without Huffman and without indexing.
pub(crate) fn literal(name: &str, value: &str) -> Vec<u8> {
    let mut bytes = vec![0];
    for text in [name, value] {
        assert!(text.len() < 127, "short texts only");
        bytes.push(text.len() as u8);
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Headers { stream: u32, kind: HeadersKind, fields: Vec<(String, String)>, end_stream: bool },
    Data { stream: u32, bytes: Vec<u8>, end_stream: bool },
    Reset { stream: u32, code: ErrorCode, by: Initiator, unprocessed: bool },
    TooLarge { stream: u32 },
    GoAway { last_stream: u32, code: ErrorCode, debug: Vec<u8> },
    Settings,
    Pong([u8; 8]),
}

pub(crate) struct Peer {
    pub(crate) connection: Connection,
    pub(crate) now: Timestamp,
    /// Keys of the streams that events named, in order.
    pub(crate) keys: Vec<StreamKey>,
    unread: Vec<u8>,
}

impl Peer {
    pub(crate) fn new(side: Side, config: Config) -> Self {
        let connection = Connection::new(side, config);
        let now = Timestamp::from_nanos(1_000_000_000_000);
        Self { connection, now, keys: Vec::new(), unread: Vec::new() }
    }

    /// A server of ours whose client has said hello; its own hello has been read.
    pub(crate) fn server() -> Self {
        Self::server_with(Config::server())
    }

    pub(crate) fn server_with(config: Config) -> Self {
        let mut peer = Self::new(Side::Server, config);
        let hello = [PREFACE, &settings(&[]), &frame(SETTINGS, ACK, 0, &[])].concat();
        assert_eq!(peer.feed(&hello).unwrap(), [Seen::Settings]);
        peer.frames();
        peer
    }

    /// A client of ours whose server has said hello.
    pub(crate) fn client() -> Self {
        Self::client_with(Config::client(), &[])
    }

    pub(crate) fn client_with(config: Config, entries: &[(u16, u32)]) -> Self {
        let mut peer = Self::new(Side::Client, config);
        let hello = [settings(entries), frame(SETTINGS, ACK, 0, &[])].concat();
        assert_eq!(peer.feed(&hello).unwrap(), [Seen::Settings]);
        assert!(peer.written().starts_with(PREFACE));
        peer
    }

    pub(crate) fn open(&mut self, end_stream: bool) -> StreamKey {
        let head = [(":method", "POST"), (":scheme", "http"), (":path", "/")];
        let fields = head
            .map(|(name, value)| Part::Field(Field::indexed(name.as_bytes(), value.as_bytes())));
        self.connection.open(&fields, end_stream).unwrap()
    }

    pub(crate) fn respond(&mut self, stream: StreamKey, end_stream: bool) {
        let status = [Part::Field(Field::indexed(b":status", b"200"))];
        self.connection.send_headers(stream, &status, end_stream).unwrap();
    }

    /// Gives all bytes at once, behind those that were left before.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Seen>, ConnectionError> {
        self.unread.extend_from_slice(bytes);
        let unread = std::mem::take(&mut self.unread);
        let mut input = &unread[..];
        let mut seen = Vec::new();
        while let Some(event) = self.connection.receive(&mut input, self.now)? {
            seen.push(keep(&event, &mut self.keys));
        }
        self.unread = input.to_vec();
        Ok(seen)
    }

    /// Gives the bytes, which must kill the connection; returns the GOAWAY's code.
    pub(crate) fn kill(&mut self, bytes: &[u8]) -> ErrorCode {
        let error = self.feed(bytes).expect_err("the connection must die");
        let frames = self.frames();
        let goaway = frames.last().expect("a GOAWAY");
        assert_eq!(goaway.kind, GOAWAY, "{frames:?}");
        assert_eq!(goaway.code(), error.code);
        assert_eq!(
            &goaway.payload[8..],
            error.reason.as_bytes(),
            "the reason is in the debug data"
        );
        error.code
    }

    /// Gives the bytes, which must reset `stream`; returns the code.
    pub(crate) fn reset_by(&mut self, bytes: &[u8], stream: u32) -> ErrorCode {
        let seen = self.feed(bytes).expect("the connection must live");
        let frames = self.frames();
        let reset = frames.iter().find(|frame| frame.kind == RST_STREAM).expect("a RST_STREAM");
        assert_eq!(reset.stream, stream);
        for seen in seen {
            if let Seen::Reset { code, by, .. } = seen {
                assert_eq!((code, by), (reset.code(), Initiator::Library));
            }
        }
        reset.code()
    }

    /// Flushes and takes what the connection writes.
    pub(crate) fn written(&mut self) -> Vec<u8> {
        let mut all = Vec::new();
        loop {
            self.connection.flush();
            let output = self.connection.output();
            if output.is_empty() {
                return all;
            }
            let mut slices = [IoSlice::new(&[]); MAX_SLICES];
            let filled = output.slices(&mut slices);
            let before = all.len();
            for slice in &slices[..filled] {
                all.extend_from_slice(slice);
            }
            let n = all.len() - before;
            output.advance(n);
        }
    }

    pub(crate) fn frames(&mut self) -> Vec<Frame> {
        parse(&self.written())
    }

    pub(crate) fn frames_of(&mut self, kind: u8) -> Vec<Frame> {
        self.frames().into_iter().filter(|frame| frame.kind == kind).collect()
    }

    pub(crate) fn wait(&mut self, millis: u64) {
        self.now = self.now.after(std::time::Duration::from_millis(millis));
    }
}

pub(crate) fn parse(mut bytes: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    bytes = bytes.strip_prefix(PREFACE).unwrap_or(bytes);
    while !bytes.is_empty() {
        let length = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]) as usize;
        frames.push(Frame {
            kind: bytes[3],
            flags: bytes[4],
            stream: u32::from_be_bytes(bytes[5..9].try_into().unwrap()),
            payload: bytes[9..9 + length].to_vec(),
        });
        bytes = &bytes[9 + length..];
    }
    frames
}

fn keep(event: &Event<'_>, keys: &mut Vec<StreamKey>) -> Seen {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut id = |key: StreamKey| {
        keys.push(key);
        key.id()
    };
    match *event {
        Event::Headers { stream, fields, kind, end_stream } => Seen::Headers {
            stream: id(stream),
            kind,
            fields: fields.iter().map(|field| (text(field.name), text(field.value))).collect(),
            end_stream,
        },
        Event::Data { stream, bytes, end_stream } => {
            Seen::Data { stream: id(stream), bytes: bytes.to_vec(), end_stream }
        }
        Event::Reset { stream, code, by, unprocessed, .. } => {
            Seen::Reset { stream: id(stream), code, by, unprocessed }
        }
        Event::HeadersTooLarge { stream } => Seen::TooLarge { stream: id(stream) },
        Event::GoAway { last_stream, code, debug } => {
            Seen::GoAway { last_stream, code, debug: debug.to_vec() }
        }
        Event::Settings => Seen::Settings,
        Event::Pong { payload } => Seen::Pong(payload),
        _ => panic!("an event that the tests do not know: {event:?}"),
    }
}
