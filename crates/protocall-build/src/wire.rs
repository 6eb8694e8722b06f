//! The few lines of wire format that sets and requests are put together with, so that descriptors
//! are encoded one at a time and never copied.

/// A length-delimited field.
pub(crate) fn write_bytes(number: u32, bytes: &[u8], out: &mut Vec<u8>) {
    const LENGTH_DELIMITED: u64 = 2;
    write_varint(u64::from(number) << 3 | LENGTH_DELIMITED, out);
    write_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

fn write_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

/// A message's bytes without one of its length-delimited fields. Bytes that are no message stay.
pub(crate) fn without(number: u32, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while !rest.is_empty() {
        let Some((found, after)) = skip_record(rest) else { break };
        if found != u64::from(number) {
            out.extend_from_slice(rest.get(..rest.len() - after.len()).unwrap_or_default());
        }
        rest = after;
    }
    out.extend_from_slice(rest);
    out
}

/// A record's number and what follows it. Descriptors have no group and no fixed field at their
/// top, so that none is skipped.
fn skip_record(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (tag, rest) = read_varint(bytes)?;
    let (value, rest) = read_varint(rest)?;
    match tag & 7 {
        0 => Some((tag >> 3, rest)),
        2 => Some((tag >> 3, rest.get(usize::try_from(value).ok()?..)?)),
        _ => None,
    }
}

fn read_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0u64;
    for (at, byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if *byte < 0x80 {
            return Some((value, bytes.get(at + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_left_out_and_the_others_stay() {
        let mut bytes = Vec::new();
        write_bytes(1, b"name", &mut bytes);
        write_bytes(9, &[7; 300], &mut bytes);
        bytes.extend([0x70, 0x96, 0x01]); // 14: 150
        write_bytes(12, b"syntax", &mut bytes);
        let mut expected = Vec::new();
        write_bytes(1, b"name", &mut expected);
        expected.extend([0x70, 0x96, 0x01]);
        write_bytes(12, b"syntax", &mut expected);
        assert_eq!(without(9, &bytes), expected);
        assert_eq!(without(5, &bytes), bytes);
        assert_eq!(without(9, &bytes[..50]), bytes[..50]);
    }
}
