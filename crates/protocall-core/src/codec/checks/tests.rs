//! Tags of every length, and extensions that are text or not.

use super::*;

fn tag(bytes: &[u8]) -> Result<u32, DecodeError> {
    let mut rest = bytes;
    decode_tag(&mut rest).map(|tag| tag.field_number())
}

#[test]
fn a_tag_takes_at_most_five_bytes() {
    assert_eq!(tag(&[0x08]), Ok(1));
    assert_eq!(tag(&[0xf8, 0xff, 0xff, 0xff, 0x0f]), Ok(536_870_911));
    // padded, but within what a tag may take
    assert_eq!(tag(&[0x88, 0x80, 0x80, 0x80, 0x00]), Ok(1));
    assert_eq!(tag(&[0x88, 0x80, 0x80, 0x80, 0x80, 0x00]), Err(DecodeError::VarintTooLong));
    assert_eq!(tag(&[0x88, 0x80, 0x80]), Err(DecodeError::UnexpectedEof));
}

#[test]
fn an_extension_that_is_a_string_is_utf8() {
    let field = |number, data: &[u8]| UnknownField {
        number,
        data: UnknownFieldData::LengthDelimited(data.to_vec()),
    };
    assert_eq!(text(&field(120, "ä".as_bytes()), &[120]), Ok(()));
    assert_eq!(text(&field(120, &[0xff]), &[120]), Err(DecodeError::InvalidUtf8));
    assert_eq!(text(&field(121, &[0xff]), &[120]), Ok(()));
    let number = UnknownField { number: 120, data: UnknownFieldData::Varint(1) };
    assert_eq!(text(&number, &[120]), Ok(()));
}
