//! Tests of the codec seam and its adapters.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;

#[test]
fn raw_keeps_shared_bytes_without_a_copy() {
    let bytes = Bytes::from(vec![7u8; 100]);
    let kept = Raw::decode(Payload::shared(bytes.clone())).unwrap();
    assert_eq!(kept.as_ptr(), bytes.as_ptr());
    let copied = Raw::decode(Payload::borrowed(&bytes)).unwrap();
    assert_eq!(copied, bytes);
    let mut buffer = b"x".to_vec();
    Raw::encode(&kept, &mut buffer).unwrap();
    assert_eq!(buffer.len(), 101);
}

#[cfg(feature = "prost")]
#[test]
fn prost_round_trip_and_refusal() {
    // `String` is a message in prost: google.protobuf.StringValue
    let mut buffer = Vec::new();
    <Prost as Codec<String>>::encode(&"hello".to_owned(), &mut buffer).unwrap();
    assert_eq!(buffer, b"\x0a\x05hello");
    let back: String = Prost::decode(Payload::borrowed(&buffer)).unwrap();
    assert_eq!(back, "hello");
    let error = <Prost as Codec<String>>::decode(Payload::borrowed(b"\x0a\x05he")).unwrap_err();
    assert!(error.source().is_some());
    assert!(error.to_string().starts_with("cannot decode the message: "), "{error}");
}
