//! The tables against the code itself, read bit by bit.

use proptest::prelude::*;

use super::*;
use crate::hpack::text;

/// The slow and plain way: grow a code bit by bit until it is one of the 257.
fn reference(input: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let bits = input.iter().flat_map(|&octet| (0..8).rev().map(move |bit| octet >> bit & 1));
    let (mut out, mut code, mut length) = (Vec::new(), 0_u32, 0_u8);
    for bit in bits {
        code = code << 1 | u32::from(bit);
        length += 1;
        let symbol = (0..SYMBOLS).find(|&s| LENGTHS[s] == length && CODES[s] == code);
        if let Some(symbol) = symbol {
            out.push(u8::try_from(symbol).map_err(|_| DecodeError::InvalidHuffman)?);
            (code, length) = (0, 0);
        }
    }
    let is_padding = length <= 7 && code == (1 << length) - 1;
    if is_padding { Ok(out) } else { Err(DecodeError::InvalidHuffman) }
}

fn decoded(input: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let mut out = b"before".to_vec();
    let flags = decode(input, &mut out)?;
    let string = out.split_off(6);
    assert_eq!(out, b"before");
    assert_eq!(flags, text::classify(&string));
    Ok(string)
}

fn encoded(input: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    encode(input, &mut out);
    assert_eq!(out.len(), encoded_len(input));
    out
}

/// A few codes as appendix B prints them; as the code is canonical and complete, wrong lengths
/// would shift them.
#[test]
fn codes_are_those_of_appendix_b() {
    let code = |symbol: usize| (CODES[symbol], LENGTHS[symbol]);
    assert_eq!(code(usize::from(b'0')), (0x0, 5));
    assert_eq!(code(usize::from(b'a')), (0x3, 5));
    assert_eq!(code(usize::from(b'~')), (0x1ffd, 13));
    assert_eq!(code(0), (0x1ff8, 13));
    assert_eq!(code(10), (0x3fff_fffc, 30));
    assert_eq!(code(92), (0x7fff0, 19));
    assert_eq!(code(255), (0x3ff_ffee, 26));
    assert_eq!(code(256), (0x3fff_ffff, 30));
}

#[test]
fn padding_is_checked() {
    // '0' is 00000: three bits of padding are left
    assert_eq!(decoded(&[0b0000_0111]), Ok(b"0".to_vec()));
    for wrong in [0b0000_0110, 0b0000_0011, 0b0000_0101] {
        assert_eq!(decoded(&[wrong]), Err(DecodeError::InvalidHuffman));
    }
    // eight bits of ones after a whole symbol of eight ('&' is 11111000)
    assert_eq!(decoded(&[0b1111_1000]), Ok(b"&".to_vec()));
    assert_eq!(decoded(&[0b1111_1000, 0xff]), Err(DecodeError::InvalidHuffman));
    assert_eq!(decoded(&[0xff]), Err(DecodeError::InvalidHuffman));
    assert_eq!(decoded(&[]), Ok(Vec::new()));
}

#[test]
fn eos_is_refused_wherever_it_stands() {
    for before in 0..20 {
        let mut bits = "00011".repeat(before) + &"1".repeat(30) + "00011";
        bits += &"1".repeat((8 - bits.len() % 8) % 8);
        let input: Vec<u8> = bits
            .as_bytes()
            .chunks(8)
            .map(|octet| octet.iter().fold(0, |value, &bit| value << 1 | (bit - b'0')))
            .collect();
        assert_eq!(decoded(&input), Err(DecodeError::InvalidHuffman), "after {before}");
    }
}

#[test]
fn lower_bound_holds() {
    for octet in 0..=255 {
        for len in 0..40 {
            assert!(min_decoded_len(encoded_len(&vec![octet; len])) <= len);
        }
    }
    assert_eq!(min_decoded_len(encoded_len(&[10; 30])), 30);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_string_round_trips(string in proptest::collection::vec(any::<u8>(), 0..80)) {
        prop_assert_eq!(decoded(&encoded(&string)), Ok(string));
    }

    #[test]
    fn common_strings_round_trip(string in "[ -~]{0,120}") {
        prop_assert_eq!(decoded(&encoded(string.as_bytes())), Ok(string.into_bytes()));
    }

    #[test]
    fn any_input_is_judged_as_bit_by_bit(input in proptest::collection::vec(any::<u8>(), 0..24)) {
        prop_assert_eq!(decoded(&input), reference(&input));
    }

    #[test]
    fn damaged_code_is_judged_as_bit_by_bit(
        string in "[ -~]{1,40}", at in any::<prop::sample::Index>(), octet in any::<u8>(), cut in 0_usize..3,
    ) {
        let mut input = encoded(string.as_bytes());
        let at = at.index(input.len());
        input[at] = octet;
        input.truncate(input.len().saturating_sub(cut));
        prop_assert_eq!(decoded(&input), reference(&input));
    }
}
