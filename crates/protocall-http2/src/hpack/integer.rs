//! HPACK's prefix integers (RFC 7541 section 5.1).

use super::DecodeError;

/// Continuation octets accepted after the prefix: five carry 35 bits, enough for any 32-bit value
/// even with a redundant zero octet; more can only be an attack on the adder.
const MAX_CONTINUATION: u32 = 5;

/// Reads the integer whose prefix is the low `prefix_bits` (1 to 7) of `first`, taking the
/// continuation octets from the front of `input`.
#[inline]
pub(super) fn decode(first: u8, prefix_bits: u32, input: &mut &[u8]) -> Result<usize, DecodeError> {
    let mask = (1_u8 << prefix_bits) - 1;
    let prefix = first & mask;
    if prefix < mask {
        return Ok(usize::from(prefix));
    }
    decode_continuation(mask, input)
}

fn decode_continuation(mask: u8, input: &mut &[u8]) -> Result<usize, DecodeError> {
    let mut value = u64::from(mask);
    for octet in 0..MAX_CONTINUATION {
        let (&byte, rest) = input.split_first().ok_or(DecodeError::Truncated)?;
        *input = rest;
        value += u64::from(byte & 0x7f) << (7 * octet);
        if byte & 0x80 == 0 {
            let value = u32::try_from(value).map_err(|_| DecodeError::IntegerOverflow)?;
            return usize::try_from(value).map_err(|_| DecodeError::IntegerOverflow);
        }
    }
    Err(DecodeError::IntegerOverflow)
}

/// Writes `value` with a prefix of `prefix_bits` (1 to 7), whose other bits are `pattern`.
#[inline]
pub(super) fn encode(value: usize, prefix_bits: u32, pattern: u8, out: &mut Vec<u8>) {
    let mask = (1_usize << prefix_bits) - 1;
    if value < mask {
        out.push(pattern | value as u8);
        return;
    }
    out.push(pattern | mask as u8);
    let mut rest = value - mask;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    fn round_trip(value: usize, prefix_bits: u32) {
        let mut out = Vec::new();
        encode(value, prefix_bits, 0, &mut out);
        let mut rest = &out[1..];
        assert_eq!(decode(out[0], prefix_bits, &mut rest), Ok(value));
        assert!(rest.is_empty());
    }

    #[test]
    fn appendix_c1_examples() {
        let mut out = Vec::new();
        encode(10, 5, 0, &mut out);
        encode(1337, 5, 0xe0, &mut out);
        assert_eq!(out, [0x0a, 0xff, 0x9a, 0x0a]);
        assert_eq!(decode(0x0a, 5, &mut &[][..]), Ok(10));
        assert_eq!(decode(0xff, 5, &mut &[0x9a, 0x0a][..]), Ok(1337));
        // C.1.3: an eight-bit prefix does not occur in HPACK; the same value on an octet boundary
        encode(42, 7, 0x80, &mut out);
        assert_eq!(out.last(), Some(&0xaa));
    }

    #[test]
    fn every_prefix_round_trips_at_its_edges() {
        for prefix_bits in 4..=7 {
            let edge = (1_usize << prefix_bits) - 1;
            for value in [0, 1, edge - 1, edge, edge + 1, edge + 127, edge + 128, 0xffff_ffff] {
                round_trip(value, prefix_bits);
            }
        }
    }

    #[test]
    fn too_long_and_too_large_are_refused() {
        let zeros = [0x80, 0x80, 0x80, 0x80, 0x00];
        assert_eq!(decode(0x1f, 5, &mut &zeros[..]), Ok(31));
        let too_long = [0x80, 0x80, 0x80, 0x80, 0x80, 0x00];
        assert_eq!(decode(0x1f, 5, &mut &too_long[..]), Err(DecodeError::IntegerOverflow));
        let too_large = [0xff, 0xff, 0xff, 0xff, 0x7f];
        assert_eq!(decode(0x1f, 5, &mut &too_large[..]), Err(DecodeError::IntegerOverflow));
        // 2^32 exactly, then one less
        let above = [0xe1, 0xff, 0xff, 0xff, 0x0f];
        assert_eq!(decode(0x1f, 5, &mut &above[..]), Err(DecodeError::IntegerOverflow));
        let top = [0xe0, 0xff, 0xff, 0xff, 0x0f];
        assert_eq!(decode(0x1f, 5, &mut &top[..]), Ok(0xffff_ffff));
        assert_eq!(decode(0x1f, 5, &mut &[0x80][..]), Err(DecodeError::Truncated));
    }
}
