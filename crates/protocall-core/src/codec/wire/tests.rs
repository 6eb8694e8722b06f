//! Tests of the wire codec's parts; whole messages are compared with buffa's in `fuzz`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;

fn written(write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut buffer = b"before".to_vec();
    let mut writer = Writer::new(&mut buffer);
    write(&mut writer);
    writer.finish();
    buffer.split_off(6)
}

/// A field 1 with that many bytes in it, by the specification.
fn delimited(len: usize) -> Vec<u8> {
    let mut bytes = vec![0x0a];
    let mut left = len;
    while left >= 0x80 {
        bytes.push(left as u8 | 0x80);
        left >>= 7;
    }
    bytes.push(left as u8);
    bytes.extend(std::iter::repeat_n(7, len));
    bytes
}

#[test]
fn a_length_is_right_whatever_the_last_one_took() {
    let lengths = [0, 1, 127, 128, 127, 128, 129, 20_000, 5, 16_383, 16_384, 300, 2_097_152, 3];
    let bytes = written(|writer| {
        for len in lengths {
            let mark = writer.begin(1);
            writer.slice(&vec![7; len]);
            writer.end(mark);
        }
    });
    let expected: Vec<u8> = lengths.into_iter().flat_map(delimited).collect();
    assert!(bytes == expected);
}

#[test]
fn values_are_read_as_they_were_written() {
    for value in [0, 1, 127, 128, 16_383, 16_384, 1 << 35, u64::MAX >> 1, u64::MAX] {
        let bytes = written(|writer| put_uint64_field(536_870_911, value, writer));
        let mut rest = bytes.as_slice();
        assert_eq!(decode_tag(&mut rest), Ok(536_870_911 << 3));
        assert_eq!(decode_uint64(&mut rest), Ok(value));
        assert!(rest.is_empty());
    }
    for value in [0, -1, 1, i64::MIN, i64::MAX] {
        let bytes = written(|writer| encode_sint64(value, writer));
        assert_eq!(decode_sint64(&mut bytes.as_slice()), Ok(value));
        let bytes = written(|writer| encode_sint32(value as i32, writer));
        assert_eq!(decode_sint32(&mut bytes.as_slice()), Ok(value as i32));
    }
}

#[test]
fn a_varint_has_at_most_64_bits() {
    let read = |bytes: &[u8]| decode_varint(&mut &*bytes);
    assert_eq!(read(&[]), Err(Fault::UnexpectedEof));
    assert_eq!(read(&[0x80; 9]), Err(Fault::UnexpectedEof));
    assert_eq!(read(&[0x80; 10]), Err(Fault::VarintTooLong));
    let of_ten = |last| [[0xff; 9].as_slice(), &[last]].concat();
    assert_eq!(read(&of_ten(1)), Ok(u64::MAX));
    assert_eq!(read(&of_ten(2)), Err(Fault::VarintTooLong));
    // longer than it needs to be, which is allowed
    assert_eq!(read(&[0x81, 0x80, 0x00]), Ok(1));
}

#[test]
fn bytes_of_a_shared_payload_are_parts_of_it() {
    let payload = bytes::Bytes::from(delimited(3));
    let mut ctx = Context::new();
    let mut rest = &payload[1..];
    let copied = decode_bytes_to_bytes(&mut rest, &ctx).unwrap();
    ctx.share(Some(&payload));
    let mut rest = &payload[1..];
    let shared = decode_bytes_to_bytes(&mut rest, &ctx).unwrap();
    assert_eq!(copied, shared);
    assert_eq!(shared.as_ptr(), payload[2..].as_ptr());
    assert_ne!(copied.as_ptr(), shared.as_ptr());
}
