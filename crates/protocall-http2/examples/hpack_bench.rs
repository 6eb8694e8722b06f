//! Prints what HPACK costs, in nanoseconds a call: the best of several rounds on one thread.
//! `cargo run --release -p protocall-http2 --example hpack_bench`

#![allow(clippy::print_stdout, clippy::expect_used)]

use std::hint::black_box;
use std::time::Instant;

use protocall_http2::hpack::{DEFAULT_TABLE_SIZE, Decoder, Encoder, HeaderLimits, Outcome};
use protocall_http2::{Field, Fields};

const CALLS: u32 = 100_000;
const ROUNDS: usize = 9;

fn measure(what: &str, mut call: impl FnMut()) {
    let best = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            (0..CALLS).for_each(|_| call());
            start.elapsed().as_secs_f64() * 1e9 / f64::from(CALLS)
        })
        .fold(f64::INFINITY, f64::min);
    println!("{what:<58} {best:8.1} ns");
}

/// The fields of a unary call as grpc-go sends them: all of them indexed, `grpc-timeout` too.
fn request(timeout: &[u8]) -> [Field<'_>; 8] {
    [
        Field::indexed(b":method", b"POST"),
        Field::indexed(b":scheme", b"http"),
        Field::indexed(b":path", b"/example.HelloService/SendMessage"),
        Field::indexed(b":authority", b"localhost:50051"),
        Field::indexed(b"content-type", b"application/grpc"),
        Field::indexed(b"user-agent", b"grpc-go/1.75.0"),
        Field::indexed(b"te", b"trailers"),
        Field::indexed(b"grpc-timeout", timeout),
    ]
}

fn encode(encoder: &mut Encoder, list: &[Field<'_>], out: &mut Vec<u8>) {
    out.clear();
    encoder.begin_block(out);
    list.iter().for_each(|field| encoder.encode(field, out));
}

fn decode(decoder: &mut Decoder, block: &[u8], fields: &mut Fields) {
    fields.clear();
    let outcome = decoder.decode(black_box(block), &HeaderLimits::default(), fields);
    assert_eq!(outcome, Ok(Outcome::Complete));
    black_box(&*fields);
}

fn decoding() {
    let (mut encoder, mut first, mut again) = (Encoder::new(), Vec::new(), Vec::new());
    encoder.set_huffman(true);
    encode(&mut encoder, &request(b"1000m"), &mut first);
    encode(&mut encoder, &request(b"1000m"), &mut again);
    let mut fields = Fields::new();
    let mut decoder = Decoder::new(DEFAULT_TABLE_SIZE);
    measure(&format!("decode request, first ({} octets, Huffman)", first.len()), || {
        decode(&mut decoder, &first, &mut fields);
    });
    let mut decoder = Decoder::new(DEFAULT_TABLE_SIZE);
    decode(&mut decoder, &first, &mut fields);
    measure(&format!("decode request, repeated ({} octets)", again.len()), || {
        decode(&mut decoder, &again, &mut fields);
    });
    // Each insertion shifts the indices, which a peer's blocks would follow; so as to send the same
    // octets each time, this takes the newest entry five times over instead of five different ones.
    let mut decoder = Decoder::new(DEFAULT_TABLE_SIZE);
    let mut shifted = vec![0x83, 0x86];
    shifted.extend_from_slice(&[0xbe; 5]);
    shifted.extend_from_slice(b"\x7e\x83\x7d\xf7\xe9"); // the newest name, "999m" inserted
    decode(&mut decoder, &first, &mut fields);
    measure(&format!("decode request, new grpc-timeout ({} octets)", shifted.len()), || {
        decode(&mut decoder, &shifted, &mut fields);
    });

    let path = b"/example.package.v1.HelloService/SendMessageToEveryoneInRoom";
    assert_eq!(path.len(), 60);
    for (how, huffman) in [("Huffman", true), ("raw", false)] {
        let (mut encoder, mut block) = (Encoder::new(), Vec::new());
        encoder.set_huffman(huffman);
        encode(&mut encoder, &[Field::literal(b":path", path)], &mut block);
        let mut decoder = Decoder::new(DEFAULT_TABLE_SIZE);
        measure(&format!("decode literal :path of 60 octets, {how}"), || {
            decode(&mut decoder, &block, &mut fields);
        });
    }
}

fn encoding() {
    let headers =
        [Field::indexed(b":status", b"200"), Field::indexed(b"content-type", b"application/grpc")];
    let trailers = [Field::indexed(b"grpc-status", b"0")];
    let failed = [
        Field::indexed(b"grpc-status", b"5"),
        Field::literal(b"grpc-message", b"no such thing in this house"),
    ];
    let timed = [&request(b"")[..7], &[Field::literal(b"grpc-timeout", b"1000m")]].concat();
    let lists: [(&str, &[Field<'_>]); 4] = [
        ("response headers", &headers),
        ("OK trailers", &trailers),
        ("error trailers, message literal", &failed),
        ("request, grpc-timeout literal", &timed),
    ];
    for (what, list) in lists {
        let (mut encoder, mut out) = (Encoder::new(), Vec::new());
        encode(&mut encoder, list, &mut out);
        encode(&mut encoder, list, &mut out);
        measure(&format!("encode {what} ({} octets)", out.len()), || {
            encode(&mut encoder, black_box(list), &mut out);
            black_box(&out);
        });
    }
    let (mut encoder, mut out) = (Encoder::new(), Vec::new());
    encoder.set_huffman(true);
    let path =
        [Field::literal(b":path", b"/example.package.v1.HelloService/SendMessageToEveryone")];
    measure("encode literal :path of 54 octets, Huffman", || {
        encode(&mut encoder, black_box(&path), &mut out);
        black_box(&out);
    });
}

fn main() {
    decoding();
    encoding();
}
