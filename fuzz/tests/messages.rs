//! The wire codec beside buffa, over random inputs and over those that should end a stack.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use proptest::collection::vec;
use proptest::prelude::*;
use protocall_fuzz::messages;

fn config() -> ProptestConfig {
    ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn both_codecs_agree_on_written_messages(kind in 0u8..12, choices in vec(any::<u8>(), 0..800)) {
        messages(&input(kind, 1, &choices));
    }

    #[test]
    fn both_codecs_agree_on_damaged_messages(kind in 0u8..12, choices in vec(any::<u8>(), 0..400)) {
        messages(&input(kind, 3, &choices));
    }

    #[test]
    fn both_codecs_agree_on_any_bytes(kind in 0u8..12, bytes in vec(any::<u8>(), 0..200)) {
        messages(&input(kind, 0, &bytes));
    }

    #[test]
    fn both_codecs_agree_on_any_fields(
        kind in 0u8..12,
        fields in vec((1u8..25, 0u8..6, vec(any::<u8>(), 0..12)), 0..12),
    ) {
        let mut bytes = Vec::new();
        for (number, wire_type, value) in fields {
            let tag = u16::from(number) << 3 | u16::from(wire_type);
            if tag < 0x80 {
                bytes.push(tag as u8);
            } else {
                bytes.extend([tag as u8 | 0x80, (tag >> 7) as u8]);
            }
            match wire_type {
                0 => bytes.extend(value.iter().map(|byte| byte | 0x80).take(9).chain([1])),
                1 => bytes.extend([7; 8]),
                2 => {
                    bytes.push(value.len() as u8);
                    bytes.extend(value);
                }
                5 => bytes.extend([9; 4]),
                _ => {}
            }
        }
        messages(&input(kind, 0, &bytes));
    }
}

fn input(kind: u8, mode: u8, rest: &[u8]) -> Vec<u8> {
    let mut input = vec![kind << 3 | mode];
    input.extend_from_slice(rest);
    input
}

/// A tag, `levels` times, and what closes as many levels.
fn nest(levels: usize, open: &[u8], close: &[u8]) -> Vec<u8> {
    [open.repeat(levels), close.repeat(levels)].concat()
}

/// Messages within messages: each level is a tag and the length of the next.
fn nest_messages(levels: usize, number: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..levels {
        let mut outer = vec![number << 3 | 2];
        let mut len = bytes.len();
        while len >= 0x80 {
            outer.push(len as u8 | 0x80);
            len >>= 7;
        }
        outer.push(len as u8);
        outer.extend(bytes);
        bytes = outer;
    }
    bytes
}

#[test]
fn nesting_at_the_limit_and_far_above_it_ends_no_stack() {
    for levels in [1, 99, 100, 101, 3_000] {
        for kind in 0..12 {
            // unknown groups: field 700, and the same within a map's entry
            messages(&input(kind, 0, &nest(levels, &[0xe3, 0x2b], &[0xe4, 0x2b])));
            messages(&input(kind, 0, &nest(levels * 20, &[0xe3, 0x2b], &[])));
            // fields 1 to 15 as messages, and as groups
            for number in 1..16u8 {
                messages(&input(kind, 0, &nest_messages(levels, number)));
                messages(&input(kind, 0, &nest(levels, &[number << 3 | 3], &[number << 3 | 4])));
                messages(&input(kind, 0, &nest(levels * 20, &[number << 3 | 3], &[])));
            }
        }
    }
}

#[test]
fn an_unknown_group_in_a_map_entry_is_skipped_within_the_limit() {
    for levels in [1, 99, 100, 101, 20_000] {
        let group = nest(levels, &[0x1b], &[0x1c]);
        let mut bytes = vec![1 << 3 | 2];
        let mut len = group.len();
        while len >= 0x80 {
            bytes.push(len as u8 | 0x80);
            len >>= 7;
        }
        bytes.push(len as u8);
        bytes.extend(group);
        messages(&input(4, 0, &bytes));
    }
}

#[test]
fn memory_limits_are_met_together() {
    // lists of empty strings and messages, and unknown fields, around 32 MiB and 1,000,000
    for (kind, field, count) in [
        (3, &[0x72, 0x00][..], 1_398_101),
        (3, &[0x8a, 0x01, 0x00], 140_000),
        (3, &[0xc8, 0x2b, 0], 1_000_000),
    ] {
        for count in [count - 1, count + 1] {
            messages(&input(kind, 0, &field.repeat(count)));
        }
    }
}
