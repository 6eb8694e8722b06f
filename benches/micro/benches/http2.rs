//! Microbenchmarks of `protocall-http2`: HPACK, frames, and a unary call through two connections.
//!
//! `cargo bench -p protocall-micro` prints times. On a busy machine count instructions instead:
//! `valgrind --tool=callgrind --toggle-collect='*unary_call*' <the program that cargo bench names>
//! --bench --sample-count 100 unary_call`.
#![allow(clippy::unwrap_used)]

use divan::{Bencher, black_box};
use protocall_http2::hpack::{Decoder, Encoder, HeaderLimits};
use protocall_http2::{
    Config, Connection, Event, Field, Fields, HeadersKind, Indexing, Part, Side, StreamKey,
    TemplateId, Timestamp,
};
use std::io::IoSlice;

fn main() {
    divan::main();
}

/// A request's head as ours and most other clients send it.
const REQUEST: &[(&str, &str)] = &[
    (":method", "POST"),
    (":scheme", "http"),
    (":authority", "localhost:50051"),
    (":path", "/example.HelloService/SendMessage"),
    ("te", "trailers"),
    ("content-type", "application/grpc"),
    ("user-agent", "grpc-rust-protocall/0.1.0"),
    ("grpc-timeout", "999543u"),
];

fn field((name, value): &(&'static str, &'static str), indexing: Indexing) -> Field<'static> {
    Field { name: name.as_bytes(), value: value.as_bytes(), indexing }
}

fn encode(encoder: &mut Encoder, indexing: Indexing, block: &mut Vec<u8>) {
    block.clear();
    encoder.begin_block(block);
    for pair in REQUEST {
        encoder.encode(&field(pair, indexing), block);
    }
}

/// Encodes a request's head: the second time and later when it is indexed.
#[divan::bench(args = [Indexing::Indexed, Indexing::Literal])]
fn hpack_encode(bencher: Bencher<'_, '_>, indexing: Indexing) {
    let (mut encoder, mut block) = (Encoder::new(), Vec::new());
    bencher.bench_local(|| encode(&mut encoder, black_box(indexing), &mut block));
}

/// Decodes a request's head: one of indexes, one of literals, and one of literals with Huffman's
/// code, as other clients send it first.
#[divan::bench(args = ["indexed", "literal", "huffman"])]
fn hpack_decode(bencher: Bencher<'_, '_>, form: &str) {
    let (mut encoder, mut decoder) = (Encoder::new(), Decoder::new(4096));
    let (mut block, mut fields) = (Vec::new(), Fields::new());
    let limits = HeaderLimits::default();
    encoder.set_huffman(form == "huffman");
    let indexing = if form == "indexed" { Indexing::Indexed } else { Indexing::Literal };
    for _ in 0..2 {
        encode(&mut encoder, indexing, &mut block);
        fields.clear();
        let _ = decoder.decode(&block, &limits, &mut fields).unwrap();
    }
    bencher.bench_local(|| {
        fields.clear();
        decoder.decode(black_box(&block), &limits, &mut fields).unwrap()
    });
}

/// A client and a server with nothing between them.
struct Pair {
    client: Connection,
    server: Connection,
    bytes: Vec<u8>,
    head: TemplateId,
    response: TemplateId,
    trailers: TemplateId,
}

impl Pair {
    fn new() -> Self {
        let mut client = Connection::new(Side::Client, Config::client());
        let mut server = Connection::new(Side::Server, Config::server());
        let indexed = |pairs: &[(&'static str, &'static str)]| -> Vec<_> {
            pairs.iter().map(|pair| field(pair, Indexing::Indexed)).collect()
        };
        let head = client.add_template(&indexed(&REQUEST[..7]));
        let response = indexed(&[(":status", "200"), ("content-type", "application/grpc")]);
        let response = server.add_template(&response);
        let trailers = server.add_template(&indexed(&[("grpc-status", "0")]));
        let mut pair = Self { client, server, bytes: Vec::new(), head, response, trailers };
        for _ in 0..8 {
            pair.call(1, b"hello");
        }
        pair
    }

    /// So many calls in one batch.
    fn call(&mut self, calls: usize, message: &[u8]) {
        for _ in 0..calls {
            let key = self.client.open(&[Part::Template(self.head)], false).unwrap();
            self.client.send_data_copied(key, message, true).unwrap();
        }
        take(&mut self.client, &mut self.bytes);
        let (response, trailers) = (self.response, self.trailers);
        receive(&mut self.server, &self.bytes, |server, key| {
            server.send_headers(key, &[Part::Template(response)], false).unwrap();
            server.send_data_copied(key, message, false).unwrap();
            server.send_headers(key, &[Part::Template(trailers)], true).unwrap();
        });
        take(&mut self.server, &mut self.bytes);
        receive(&mut self.client, &self.bytes, |_, _| {});
    }
}

/// Takes all output.
fn take(connection: &mut Connection, bytes: &mut Vec<u8>) {
    bytes.clear();
    loop {
        connection.flush();
        if connection.output().is_empty() {
            return;
        }
        let mut slices = [IoSlice::new(&[]); 64];
        let count = connection.output().slices(&mut slices);
        let before = bytes.len();
        slices[..count].iter().for_each(|slice| bytes.extend_from_slice(slice));
        let written = bytes.len() - before;
        connection.output().advance(written);
    }
}

/// Reads all input and gives back the credit of its data; `ended` is told of ended streams.
fn receive(
    connection: &mut Connection,
    mut input: &[u8],
    mut ended: impl FnMut(&mut Connection, StreamKey),
) {
    while let Some(event) = connection.receive(&mut input, Timestamp::ZERO).unwrap() {
        let (key, len, end) = match event {
            Event::Data { stream, bytes, end_stream } => (stream, bytes.len(), end_stream),
            Event::Headers { stream, kind, end_stream, .. } => {
                (stream, 0, end_stream && kind != HeadersKind::Informational)
            }
            _ => continue,
        };
        connection.consume(key, len);
        if end {
            ended(connection, key);
        }
    }
    assert!(input.is_empty());
}

/// A unary call through both connections, one in a batch and fifty.
#[divan::bench(args = [1, 50])]
fn unary_call(bencher: Bencher<'_, '_>, calls: usize) {
    let mut pair = Pair::new();
    bencher
        .counter(divan::counter::ItemsCount::new(calls))
        .bench_local(|| pair.call(calls, b"hello"));
}

/// Fifty DATA frames of a stream, 16 bytes each, with their credit.
#[divan::bench]
fn data_frames(bencher: Bencher<'_, '_>) {
    let mut pair = Pair::new();
    pair.client.open(&[Part::Template(pair.head)], false).unwrap();
    take(&mut pair.client, &mut pair.bytes);
    receive(&mut pair.server, &pair.bytes, |_, _| {});
    // the stream's number stands in the last four bytes of its HEADERS frame's head
    let [_, _, _, _, _, a, b, c, d] = *pair.bytes.first_chunk().unwrap();
    let mut frame = vec![0, 0, 16, 0, 0, a, b, c, d];
    frame.extend_from_slice(&[7; 16]);
    let frames = frame.repeat(50);
    bencher.counter(divan::counter::ItemsCount::new(50_usize)).bench_local(|| {
        receive(&mut pair.server, black_box(&frames), |_, _| {});
        take(&mut pair.server, &mut pair.bytes);
    });
}
