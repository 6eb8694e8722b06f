//! What a block may not hold, and what the limits do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::fields::Field;
use crate::hpack::{DEFAULT_TABLE_SIZE, Encoder};

const LIMITS: HeaderLimits = HeaderLimits { list_bytes: 16 * 1024, fields: 128 };

fn decode_with(limits: HeaderLimits, block: &[u8]) -> (Result<Outcome, DecodeError>, Fields) {
    let mut fields = Fields::new();
    let result = Decoder::new(DEFAULT_TABLE_SIZE).decode(block, &limits, &mut fields);
    (result, fields)
}

fn decode(block: &[u8]) -> Result<Outcome, DecodeError> {
    decode_with(LIMITS, block).0
}

fn literal(name: &[u8], value: &[u8], first: u8) -> Vec<u8> {
    let mut block = vec![first];
    for string in [name, value] {
        integer::encode(string.len(), 7, 0, &mut block);
        block.extend_from_slice(string);
    }
    block
}

#[test]
fn indices_must_name_an_entry() {
    assert_eq!(decode(&[0x80]), Err(DecodeError::InvalidIndex));
    assert_eq!(decode(&[0xbe]), Err(DecodeError::InvalidIndex));
    assert_eq!(decode(&[0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]), Err(DecodeError::IntegerOverflow));
    assert_eq!(decode(&[0xff, 0x80, 0xff, 0xff, 0xff, 0x0f]), Err(DecodeError::InvalidIndex));
    assert_eq!(decode(&[0x7e, 0x00]), Err(DecodeError::InvalidIndex));
    assert_eq!(decode(&[0x0f, 0x2f, 0x00]), Err(DecodeError::InvalidIndex));
    assert_eq!(decode(&[0xbd]), Ok(Outcome::Complete));
}

/// Cut anywhere, a block either ends between two fields or is refused.
#[test]
fn every_cut_is_noticed() {
    let mut block = vec![0x82];
    block.extend(literal(b"name", b"value", 0x40));
    block.extend([0x5f, 0x02, b'a', b'b']);
    let ends = [0, 1, 13, 17];
    for cut in 0..=block.len() {
        let expected =
            if ends.contains(&cut) { Ok(Outcome::Complete) } else { Err(DecodeError::Truncated) };
        assert_eq!(decode(&block[..cut]), expected, "{cut}");
    }
}

#[test]
fn size_updates_open_a_block_and_stay_within_the_limit() {
    assert_eq!(decode(&[0x20, 0x3f, 0xe1, 0x1f, 0x82]), Ok(Outcome::Complete));
    assert_eq!(decode(&[0x3f, 0xe2, 0x1f]), Err(DecodeError::SizeUpdateTooLarge));
    assert_eq!(decode(&[0x82, 0x20]), Err(DecodeError::MisplacedSizeUpdate));
    assert_eq!(decode(&[0x3f]), Err(DecodeError::Truncated));
}

#[test]
fn a_size_update_evicts() {
    let mut decoder = Decoder::new(DEFAULT_TABLE_SIZE);
    let mut fields = Fields::new();
    let both = [literal(b"a", b"1", 0x40), literal(b"b", b"2", 0x40)].concat();
    let decoded = decoder.decode(&both, &LIMITS, &mut fields);
    assert_eq!(decoded, Ok(Outcome::Complete));
    // room for one entry of 34 bytes: the newer one stays
    assert_eq!(decoder.decode(&[0x3f, 0x03, 0xbe], &LIMITS, &mut fields), Ok(Outcome::Complete));
    assert_eq!(fields.get(2).unwrap().name, b"b");
    let gone = decoder.decode(&[0xbf], &LIMITS, &mut fields);
    assert_eq!(gone, Err(DecodeError::InvalidIndex));
}

#[test]
fn a_lowered_size_demands_an_update() {
    let lowered = |block: &[u8]| {
        let mut decoder = Decoder::new(DEFAULT_TABLE_SIZE);
        decoder.set_max_table_size(100);
        decoder.set_max_table_size(2000);
        decoder.decode(block, &LIMITS, &mut Fields::new())
    };
    assert_eq!(lowered(&[0x82]), Err(DecodeError::MissingSizeUpdate));
    assert_eq!(lowered(&[]), Err(DecodeError::MissingSizeUpdate));
    // 101 first, where 100 is owed
    assert_eq!(lowered(&[0x3f, 0x46]), Err(DecodeError::MissingSizeUpdate));
    assert_eq!(lowered(&[0x3f, 0x45, 0x3f, 0xb1, 0x0f, 0x82]), Ok(Outcome::Complete));
    assert_eq!(lowered(&[0x3f, 0x45, 0x3f, 0xb2, 0x0f]), Err(DecodeError::SizeUpdateTooLarge));

    // a raise owes nothing
    let mut decoder = Decoder::new(DEFAULT_TABLE_SIZE);
    decoder.set_max_table_size(8192);
    assert_eq!(decoder.decode(&[0x82], &LIMITS, &mut Fields::new()), Ok(Outcome::Complete));
}

#[test]
fn bad_characters_mark_the_list_and_spare_the_connection() {
    let cases: [(&[u8], &[u8], Flaw); 5] = [
        (b"Name", b"v", Flaw::NameCharacter),
        (b"", b"v", Flaw::EmptyName),
        (b"name", b"a\nb", Flaw::ValueCharacter),
        (b"name", b" v", Flaw::ValueEdge),
        (b"content-type", b"v\t", Flaw::ValueEdge),
    ];
    for (name, value, flaw) in cases {
        let mut decoder = Decoder::new(DEFAULT_TABLE_SIZE);
        let mut fields = Fields::new();
        for block in [literal(name, value, 0x40), vec![0xbe]] {
            fields.clear();
            let decoded = decoder.decode(&block, &LIMITS, &mut fields);
            assert_eq!(decoded, Ok(Outcome::Complete));
            // the entry in the table keeps its flaw
            assert_eq!(fields.malformed(), Some(flaw.reason()));
            assert_eq!((fields.get(0).unwrap().name, fields.get(0).unwrap().value), (name, value));
        }
        // and its name lends a bad name, but not a bad value
        fields.clear();
        let block = [0x7e, 0x01, b'w'];
        assert_eq!(decoder.decode(&block, &LIMITS, &mut fields), Ok(Outcome::Complete));
        let is_name = matches!(flaw, Flaw::NameCharacter | Flaw::EmptyName);
        assert_eq!(fields.malformed(), is_name.then_some(flaw.reason()));
    }
}

#[test]
fn bad_characters_are_seen_through_huffman() {
    for (name, value) in [(&b"name"[..], &b"a\0b"[..]), (b"nAme", b"v"), (b"a:b", b"v")] {
        let mut encoder = Encoder::new();
        encoder.set_huffman(true);
        let mut block = Vec::new();
        encoder.encode(&Field::literal(name, value), &mut block);
        let (result, fields) = decode_with(LIMITS, &block);
        assert_eq!(result, Ok(Outcome::Complete));
        assert!(fields.malformed().is_some());
    }
}

#[test]
fn names_are_known_however_they_were_written() {
    let block = [
        literal(b":path", b"/a", 0x00),
        literal(b"x-own", b"v", 0x40),
        literal(b"via", b"v", 0x40),
        vec![0xbe, 0xbf, 0x88],
    ]
    .concat();
    let (result, fields) = decode_with(LIMITS, &block);
    assert_eq!(result, Ok(Outcome::Complete));
    let ids: Vec<_> = fields.iter().map(|field| field.name_id).collect();
    let (path, via) = (Some(StaticName::Path), Some(StaticName::Via));
    assert_eq!(ids, [path, None, via, via, None, Some(StaticName::Status)]);
    let names: Vec<_> = fields.iter().map(|field| field.name).collect();
    assert_eq!(names, [&b":path"[..], b"x-own", b"via", b"via", b"x-own", b":status"]);
}

/// The table stays in step although the list is cut.
#[test]
fn a_list_over_the_limit_is_cut_and_the_table_kept() {
    let limits = HeaderLimits { list_bytes: 100, fields: 128 };
    let mut decoder = Decoder::new(DEFAULT_TABLE_SIZE);
    let mut fields = Fields::new();
    let block =
        [literal(b"a", b"1", 0x40), literal(b"b", &[b'x'; 60], 0x40), literal(b"c", b"3", 0x40)]
            .concat();
    assert_eq!(decoder.decode(&block, &limits, &mut fields), Ok(Outcome::TooLarge));
    // nothing after the first field that did not fit, though "c" would
    assert_eq!(fields.len(), 1);
    // and the dropped ones leave no octets behind
    assert_eq!(fields.arena(), b"a1");
    fields.clear();
    assert_eq!(decoder.decode(&[0xbf], &limits, &mut fields), Ok(Outcome::Complete));
    assert_eq!(fields.get(0).unwrap().value, [b'x'; 60]);
    assert_eq!(fields.get(0).unwrap().origin, Origin::Dynamic(1));
}

#[test]
fn limits_are_inclusive() {
    let block = literal(b"name", &[b'v'; 64], 0x00);
    let with = |list_bytes, fields| decode_with(HeaderLimits { list_bytes, fields }, &block).0;
    assert_eq!(with(100, 1), Ok(Outcome::Complete));
    assert_eq!(with(99, 1), Ok(Outcome::TooLarge));
    assert_eq!(with(100, 0), Err(DecodeError::TooLarge));
    assert_eq!(with(25, 1), Ok(Outcome::TooLarge));
    assert_eq!(with(24, 1), Err(DecodeError::TooLarge));
}

/// The HPACK bomb: one large entry, then one octet for each copy of it.
#[test]
fn repeated_indices_stop_at_the_hard_limit() {
    let mut block = literal(b"bomb", &[b'v'; 4000], 0x40);
    block.extend(std::iter::repeat_n(0xbe, 10_000));
    let (result, mut fields) = decode_with(LIMITS, &block);
    assert_eq!(result, Err(DecodeError::TooLarge));
    assert!(fields.list_size() <= LIMITS.list_bytes);
    assert!(fields.arena().capacity() <= 2 * LIMITS.list_bytes);

    let small = [0x82; 513];
    assert_eq!(decode(&small[..512]), Ok(Outcome::TooLarge));
    assert_eq!(decode(&small), Err(DecodeError::TooLarge));
}

/// The check comes before the work: a string whose length alone is too much is never decoded.
#[test]
fn strings_far_over_the_limit_are_not_touched() {
    let limits = HeaderLimits { list_bytes: 1000, fields: 10 };
    for coded in [0x00, 0x80] {
        let mut block = vec![0x0f, 0x10];
        integer::encode(20_000, 7, coded, &mut block);
        block.resize(block.len() + 20_000, 0xff);
        let (result, mut fields) = decode_with(limits, &block);
        assert_eq!(result, Err(DecodeError::TooLarge));
        assert_eq!(fields.arena().capacity(), 0);
    }
}

#[test]
fn a_name_from_the_table_counts_before_it_is_copied() {
    let limits = HeaderLimits { list_bytes: 100, fields: 10 };
    let mut decoder = Decoder::new(DEFAULT_TABLE_SIZE);
    let insert = literal(&[b'n'; 500], b"v", 0x40);
    let outcome = decoder.decode(&insert, &LIMITS, &mut Fields::new());
    assert_eq!(outcome, Ok(Outcome::Complete));
    for by_name in [vec![0xbe], vec![0x7e, 0x01, b'w'], vec![0x0f, 0x2f, 0x01, b'w']] {
        let mut fields = Fields::new();
        let result = decoder.decode(&by_name, &limits, &mut fields);
        assert_eq!(result, Err(DecodeError::TooLarge));
        assert_eq!(fields.arena().capacity(), 0);
    }
}
