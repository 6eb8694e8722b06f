//! The encoder's policy: what enters the table, when it freezes, what a peer's SETTINGS do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::Fields;
use crate::hpack::{Decoder, HeaderLimits, Outcome};

fn block(encoder: &mut Encoder, list: &[Field<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    encoder.begin_block(&mut out);
    list.iter().for_each(|field| encoder.encode(field, &mut out));
    out
}

/// The sizes that the design counts on.
#[test]
fn repeated_heads_are_constant_and_short() {
    let headers =
        [Field::indexed(b":status", b"200"), Field::indexed(b"content-type", b"application/grpc")];
    let trailers = [Field::indexed(b"grpc-status", b"0")];
    let encoder = &mut Encoder::new();
    block(encoder, &headers);
    block(encoder, &trailers);
    let generation = encoder.generation();
    assert_eq!(block(encoder, &headers), [0x88, 0xbf]);
    assert_eq!(block(encoder, &trailers), [0xbe]);
    assert_eq!(encoder.generation(), generation);
    encoder.encode(&Field::indexed(b"a", b"b"), &mut Vec::new());
    assert_ne!(encoder.generation(), generation);
    assert_eq!(block(encoder, &headers), [0x88, 0xc0]);
}

#[test]
fn literals_and_secrets_leave_the_table_alone() {
    let encoder = &mut Encoder::new();
    let list = [
        Field::literal(b"grpc-timeout", b"1S"),
        Field::secret(b"authorization", b"Bearer x"),
        Field::secret(b":method", b"GET"),
        Field::literal(b":method", b"GET"),
    ];
    let out = block(encoder, &list);
    let expected = b"\x00\x0cgrpc-timeout\x021S\x1f\x08\x08Bearer x\x12\x03GET\x82";
    assert_eq!(out, expected);
    assert_eq!(encoder.generation(), 0);
}

#[test]
fn names_in_the_table_are_used_by_every_form() {
    let encoder = &mut Encoder::new();
    block(encoder, &[Field::indexed(b"x-own", b"1"), Field::indexed(b"x-other", b"1")]);
    assert_eq!(block(encoder, &[Field::literal(b"x-own", b"2")]), b"\x0f\x30\x012");
    assert_eq!(block(encoder, &[Field::secret(b"x-other", b"2")]), b"\x1f\x2f\x012");
    assert_eq!(block(encoder, &[Field::indexed(b"x-own", b"2")]), b"\x7f\x00\x012");
}

/// Fills the table with entries of 100 bytes.
fn fill(encoder: &mut Encoder, count: usize) {
    for number in 0..count {
        let value = format!("{number:066}");
        encoder.encode(&Field::indexed(b"nn", value.as_bytes()), &mut Vec::new());
    }
}

#[test]
fn a_full_table_is_frozen_and_evicts_nothing() {
    let encoder = &mut Encoder::new();
    fill(encoder, 40);
    assert!(!encoder.is_frozen());
    fill(encoder, 41);
    assert!(encoder.is_frozen());
    let generation = encoder.generation();
    assert_eq!(generation, 40);
    fill(encoder, 60);
    assert_eq!(encoder.generation(), generation);
    // a field that would fit does not enter either: the bytes of all others stay what they are
    assert_eq!(block(encoder, &[Field::indexed(b"a", b"b")]), b"\x00\x01a\x01b");
    let first = format!("{:066}", 0);
    assert_eq!(block(encoder, &[Field::indexed(b"nn", first.as_bytes())]), [0x80 + 62 + 39]);
}

#[test]
fn a_very_large_field_neither_enters_nor_freezes() {
    let encoder = &mut Encoder::new();
    let edge = vec![b'v'; DEFAULT_TABLE_SIZE / LARGEST_SHARE - FIELD_OVERHEAD - 1];
    block(encoder, &[Field::indexed(b"nn", &edge), Field::indexed(b"nn", &[b'v'; 9000])]);
    assert_eq!((encoder.generation(), encoder.is_frozen()), (0, false));
    block(encoder, &[Field::indexed(b"n", &edge)]);
    assert_eq!(encoder.generation(), 1);
}

#[test]
fn the_peers_table_size_is_announced_once() {
    let encoder = &mut Encoder::new();
    encoder.set_peer_table_size(1 << 30);
    assert_eq!(block(encoder, &[]), []);
    encoder.set_peer_table_size(100);
    assert_eq!(block(encoder, &[]), [0x3f, 0x45]);
    assert_eq!(block(encoder, &[]), []);
    // up again: our own size is the most
    encoder.set_peer_table_size(1 << 30);
    assert_eq!(block(encoder, &[]), [0x3f, 0xe1, 0x1f]);
    // down and up between two blocks: the smallest, then the final one
    encoder.set_peer_table_size(30);
    encoder.set_peer_table_size(200);
    encoder.set_peer_table_size(100);
    assert_eq!(block(encoder, &[]), [0x3e, 0x3f, 0x45]);
}

#[test]
fn a_lowered_size_empties_the_table_only_if_it_must() {
    let encoder = &mut Encoder::new();
    fill(encoder, 5);
    encoder.set_peer_table_size(500);
    let value = format!("{:066}", 4);
    let field = Field::indexed(b"nn", value.as_bytes());
    assert_eq!(block(encoder, &[field]), [0x3f, 0xd5, 0x03, 0xbe]);
    assert_eq!(encoder.generation(), 5);
    encoder.set_peer_table_size(499);
    assert_eq!(encoder.generation(), 6);
    let out = block(encoder, &[field]);
    // zero, then 499, then the field anew
    assert_eq!(&out[..6], [0x20, 0x3f, 0xd4, 0x03, 0x40, 0x02]);
    assert_eq!(block(encoder, &[field]), [0xbe]);
}

#[test]
fn a_peer_without_a_table_gets_literals() {
    let encoder = &mut Encoder::new();
    encoder.set_peer_table_size(0);
    let field = Field::indexed(b"a", b"b");
    assert_eq!(block(encoder, &[field]), b"\x20\x00\x01a\x01b");
    assert!(encoder.is_frozen());
    assert_eq!(encoder.generation(), 0);
    encoder.set_peer_table_size(4096);
    assert!(!encoder.is_frozen());
}

/// As many entries as fit, all found, and the decoder agrees on each.
#[test]
fn the_smallest_entries_fill_the_index() {
    let encoder = &mut Encoder::new();
    let mut decoder = Decoder::new(DEFAULT_TABLE_SIZE);
    let mut fields = Fields::new();
    let limits = HeaderLimits { list_bytes: 1 << 20, fields: 1000 };
    let names: Vec<[u8; 1]> = (b'a'..=b'z').chain(b'0'..=b'9').map(|c| [c]).collect();
    for round in 0..2 {
        for name in &names {
            for value in [&b""[..], b"1", b"2", b"3"] {
                let out = block(encoder, &[Field::indexed(name, value)]);
                fields.clear();
                assert_eq!(decoder.decode(&out, &limits, &mut fields), Ok(Outcome::Complete));
                let field = fields.get(0).unwrap();
                assert_eq!((field.name, field.value), (&name[..], value), "{round}");
            }
        }
    }
    assert!(encoder.is_frozen());
    assert!(encoder.generation() > 115);
}

/// Equal hashes are not yet equal fields.
#[test]
fn colliding_fields_are_told_apart() {
    let mut lookup = Lookup::default();
    lookup.insert(1, Some(1), b"a", b"1");
    lookup.insert(1, Some(1), b"b", b"1");
    assert_eq!(lookup.find_field(1, b"a", b"1"), Some(1));
    assert_eq!(lookup.find_field(1, b"b", b"1"), Some(0));
    assert_eq!(lookup.find_field(1, b"a", b"2"), None);
    assert_eq!(lookup.find_field(1, b"c", b"1"), None);
    assert_eq!((lookup.find_name(1, b"b"), lookup.find_name(1, b"c")), (Some(0), None));
}
