//! A peer that writes its frames by hand, for what no honest HTTP/2 implementation would send.

use protocall::http2::Fields;
use protocall::http2::hpack::{Decoder, HeaderLimits};
use std::fmt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Any stream of bytes.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A stream of bytes, whatever it is.
pub type Io = Box<dyn Stream>;

/// The client's preface (RFC 9113 section 3.4).
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Frame types (RFC 9113 section 6).
pub mod kind {
    /// DATA.
    pub const DATA: u8 = 0;
    /// HEADERS.
    pub const HEADERS: u8 = 1;
    /// RST_STREAM.
    pub const RST_STREAM: u8 = 3;
    /// SETTINGS.
    pub const SETTINGS: u8 = 4;
    /// PING.
    pub const PING: u8 = 6;
    /// GOAWAY.
    pub const GOAWAY: u8 = 7;
    /// WINDOW_UPDATE.
    pub const WINDOW_UPDATE: u8 = 8;
    /// CONTINUATION.
    pub const CONTINUATION: u8 = 9;
}

/// ACK of SETTINGS and PING.
pub const ACK: u8 = 1;
/// END_STREAM of DATA and HEADERS.
pub const END_STREAM: u8 = 1;
/// END_HEADERS.
pub const END_HEADERS: u8 = 4;

/// A frame that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its type.
    pub kind: u8,
    /// Its flags.
    pub flags: u8,
    /// Its stream.
    pub stream: u32,
    /// What it carries.
    pub payload: Vec<u8>,
}

impl Frame {
    /// Whether it ends its stream.
    #[must_use]
    pub const fn ends(&self) -> bool {
        (self.kind == kind::DATA || self.kind == kind::HEADERS) && self.flags & END_STREAM != 0
    }

    /// The error code of RST_STREAM, or of GOAWAY.
    ///
    /// # Panics
    /// When the frame has none.
    #[must_use]
    pub fn error_code(&self) -> u32 {
        let at = if self.kind == kind::GOAWAY { 4 } else { 0 };
        u32::from_be_bytes(self.payload[at..at + 4].try_into().unwrap())
    }
}

/// A response as it came on one stream.
#[derive(Debug, Default)]
pub struct Answer {
    /// The fields of all header lists, in order.
    pub fields: Vec<(String, String)>,
    /// All DATA.
    pub body: Vec<u8>,
    /// The code of the RST_STREAM that came, if one did.
    pub reset: Option<u32>,
    /// Whether END_STREAM came.
    pub ended: bool,
}

impl Answer {
    /// The value of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// The peer.
pub struct Raw {
    io: Io,
    decoder: Decoder,
}

impl Raw {
    /// Over that stream; nothing is sent yet.
    #[must_use]
    pub fn new(io: Io) -> Self {
        Self { io, decoder: Decoder::new(4096) }
    }

    /// A client that has sent its preface and empty SETTINGS.
    pub async fn client(io: Io) -> Self {
        let mut raw = Self::new(io);
        raw.send(PREFACE).await;
        raw.send(&frame(kind::SETTINGS, 0, 0, &[])).await;
        raw
    }

    /// A server that has read the client's preface and sent empty SETTINGS.
    ///
    /// # Panics
    /// When the client sends something else.
    pub async fn server(io: Io) -> Self {
        let mut raw = Self::new(io);
        raw.preface().await;
        raw.send(&frame(kind::SETTINGS, 0, 0, &[])).await;
        raw
    }

    /// Reads the client's preface.
    ///
    /// # Panics
    /// When the client sends something else.
    pub async fn preface(&mut self) {
        let mut preface = [0; 24];
        self.io.read_exact(&mut preface).await.unwrap();
        assert_eq!(&preface[..], PREFACE);
    }

    /// Writes bytes; a peer that is gone is no error here, what it said shows in what is read.
    pub async fn send(&mut self, bytes: &[u8]) {
        let _ = self.io.write_all(bytes).await;
        let _ = self.io.flush().await;
    }

    /// Ends the direction out.
    pub async fn finish(&mut self) {
        let _ = self.io.shutdown().await;
    }

    /// The next frame; `None` at the end of the connection.
    pub async fn next(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        self.io.read_exact(&mut head).await.ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let mut payload = vec![0; length];
        self.io.read_exact(&mut payload).await.ok()?;
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]) & 0x7fff_ffff;
        Some(Frame { kind: head[3], flags: head[4], stream, payload })
    }

    /// The next frame of that type; answers SETTINGS and PING on the way.
    ///
    /// # Panics
    /// When the connection ends before.
    pub async fn wait_for(&mut self, wanted: u8) -> Frame {
        loop {
            let frame = self.next().await.expect("the connection ended");
            if frame.kind == wanted && (frame.kind != kind::SETTINGS || frame.flags & ACK == 0) {
                return frame;
            }
            self.acknowledge(&frame).await;
        }
    }

    async fn acknowledge(&mut self, frame: &Frame) {
        if frame.flags & ACK == 0 && matches!(frame.kind, kind::SETTINGS | kind::PING) {
            let payload = if frame.kind == kind::PING { &frame.payload[..] } else { &[] };
            self.send(&self::frame(frame.kind, ACK, 0, payload)).await;
        }
    }

    /// What comes on a stream until it ends or is reset. Frames of other streams are dropped.
    ///
    /// # Panics
    /// When the connection ends before.
    pub async fn answer(&mut self, stream: u32) -> Answer {
        let mut answer = Answer::default();
        while !answer.ended && answer.reset.is_none() {
            let frame = self.next().await.expect("the connection ended");
            if frame.kind == kind::HEADERS {
                let fields = self.decode(&frame.payload);
                if frame.stream == stream {
                    answer.fields.extend(fields);
                }
            }
            self.acknowledge(&frame).await;
            if frame.stream != stream {
                continue;
            }
            answer.ended |= frame.ends();
            match frame.kind {
                kind::DATA => answer.body.extend_from_slice(&frame.payload),
                kind::RST_STREAM => answer.reset = Some(frame.error_code()),
                _ => {}
            }
        }
        answer
    }

    /// Reads a header block; each block of a connection must be read once and in order.
    ///
    /// # Panics
    /// When it is broken.
    pub fn decode(&mut self, block: &[u8]) -> Vec<(String, String)> {
        let mut fields = Fields::new();
        let outcome = self.decoder.decode(block, &HeaderLimits::default(), &mut fields);
        let _ = outcome.unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        fields.iter().map(|field| (text(field.name), text(field.value))).collect()
    }

    /// Everything until the end of the connection, as bytes.
    pub async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let _ = self.io.read_to_end(&mut rest).await;
        rest
    }

    /// All frames until the end of the connection.
    pub async fn frames(&mut self) -> Vec<Frame> {
        let mut frames = Vec::new();
        while let Some(frame) = self.next().await {
            frames.push(frame);
        }
        frames
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Raw").finish_non_exhaustive()
    }
}

/// A frame.
#[must_use]
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// A header block of literal fields without indexing and without Huffman (RFC 7541 section 6.2.2).
#[must_use]
pub fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for text in [name, value] {
            length(text.len(), &mut block);
            block.extend_from_slice(text.as_bytes());
        }
    }
    block
}

/// An integer with a prefix of 7 bits (RFC 7541 section 5.1).
fn length(mut value: usize, out: &mut Vec<u8>) {
    if value < 127 {
        out.push(value as u8);
        return;
    }
    out.push(127);
    value -= 127;
    while value >= 128 {
        out.push((value % 128) as u8 | 128);
        value /= 128;
    }
    out.push(value as u8);
}

/// HEADERS with these fields.
#[must_use]
pub fn headers(stream: u32, fields: &[(&str, &str)], end_stream: bool) -> Vec<u8> {
    let end = if end_stream { END_STREAM } else { 0 };
    frame(kind::HEADERS, END_HEADERS | end, stream, &block(fields))
}

/// DATA.
#[must_use]
pub fn data(stream: u32, payload: &[u8], end_stream: bool) -> Vec<u8> {
    frame(kind::DATA, u8::from(end_stream), stream, payload)
}

/// RST_STREAM with that code.
#[must_use]
pub fn reset(stream: u32, code: u32) -> Vec<u8> {
    frame(kind::RST_STREAM, 0, stream, &code.to_be_bytes())
}

/// GOAWAY.
#[must_use]
pub fn goaway(last_stream: u32, code: u32) -> Vec<u8> {
    let payload = [last_stream.to_be_bytes(), code.to_be_bytes()].concat();
    frame(kind::GOAWAY, 0, 0, &payload)
}

/// The fields of a call's head.
#[must_use]
pub const fn call(path: &str) -> [(&str, &str); 6] {
    [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "localhost"),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
    ]
}

/// A message in its envelope.
#[must_use]
pub fn envelope(message: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0];
    bytes.extend_from_slice(&(message.len() as u32).to_be_bytes());
    bytes.extend_from_slice(message);
    bytes
}
