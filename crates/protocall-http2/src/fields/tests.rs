//! The list as a value, and its memory.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::hpack::{DEFAULT_TABLE_SIZE, Decoder, Encoder, HeaderLimits, Outcome};

fn decode(block: &[u8]) -> Fields {
    let mut fields = Fields::new();
    let outcome = Decoder::new(DEFAULT_TABLE_SIZE).decode(block, &Default::default(), &mut fields);
    assert_eq!(outcome, Ok(Outcome::Complete));
    fields
}

#[test]
fn fields_are_found_by_name_first_come_first() {
    let fields = decode(b"\x82\x00\x01a\x011\x00\x01a\x012\x03\x03PUT");
    assert_eq!(fields.find(b"a").unwrap().value, b"1");
    assert_eq!(fields.find(b":method").unwrap().value, b"GET");
    assert!(fields.find(b"b").is_none() && fields.find(b":path").is_none());
    assert_eq!(fields.get(3).unwrap().value, b"PUT");
    assert!(fields.get(4).is_none());
    assert_eq!(fields.iter().rev().map(|field| field.value.len()).sum::<usize>(), 8);
    assert_eq!(fields.list_size(), 4 * 32 + 10 + 2 + 2 + 10);
}

#[test]
fn clearing_forgets_everything() {
    let mut fields = decode(b"\x00\x01A\x011");
    assert!(fields.malformed().is_some());
    fields.clear();
    assert!(fields.is_empty() && fields.malformed().is_none());
    assert_eq!((fields.len(), fields.list_size()), (0, 0));
}

#[test]
fn debug_shows_octets_and_hides_secrets() {
    let fields = decode(b"\x00\x01a\x02\xffb");
    assert!(format!("{fields:?}").contains("\\xffb"));
    let received = decode(b"\x0f\x08\x08Bearer x");
    assert!(!format!("{received:?}").contains("Bearer"));
    let secret = format!("{:?}", Field::secret(b"authorization", b"Bearer x"));
    assert!(secret.contains("authorization") && !secret.contains("Bearer"));
    assert!(format!("{:?}", Field::literal(b"a", b"shown")).contains("shown"));
}

/// After the first few lists nothing grows any more, evictions and Huffman code included.
#[test]
fn memory_is_reused() {
    let (mut encoder, mut decoder) = (Encoder::new(), Decoder::new(DEFAULT_TABLE_SIZE));
    encoder.set_huffman(true);
    let (mut fields, mut out) = (Fields::new(), Vec::with_capacity(4096));
    let mut capacities = None;
    for round in 0..2000 {
        let value = format!("value-{:0100}", round % 100);
        out.clear();
        encoder.begin_block(&mut out);
        encoder.encode(&Field::indexed(b":path", b"/a.B/c"), &mut out);
        encoder.encode(&Field::indexed(b"x-value", value.as_bytes()), &mut out);
        encoder.encode(&Field::literal(b"grpc-timeout", b"100m"), &mut out);
        fields.clear();
        let outcome = decoder.decode(&out, &HeaderLimits::default(), &mut fields);
        assert_eq!(outcome, Ok(Outcome::Complete));
        let now = (fields.bytes.capacity(), fields.spans.capacity(), out.capacity());
        if round > 200 {
            assert_eq!(*capacities.get_or_insert(now), now);
        }
    }
}
