//! Tests of metadata: what is kept, refused, decoded.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use proptest::prelude::*;

#[test]
fn keeps_order_and_repeats() {
    let mut metadata = Metadata::new();
    metadata.append("a", "1").unwrap();
    metadata.append("b", "2").unwrap();
    metadata.append("a", "3").unwrap();
    assert_eq!(metadata.len(), 3);
    assert_eq!(metadata.get("a"), Some("1"));
    assert_eq!(metadata.get_all("a").collect::<Vec<_>>(), ["1", "3"]);
    metadata.insert("a", "4").unwrap();
    assert_eq!(metadata.get_all("a").collect::<Vec<_>>(), ["4"]);
    assert!(metadata.remove("b"));
    assert!(!metadata.remove("b"));
    assert_eq!(metadata.len(), 1);
}

#[test]
fn refuses_what_would_not_survive() {
    let mut metadata = Metadata::new();
    for key in ["", "A", "ä", "a b", "a:b"] {
        assert_eq!(metadata.append(key, "x"), Err(MetadataError::InvalidKey(key.into())));
    }
    for key in ["te", "grpc-timeout", "grpc-anything", "content-type", "user-agent"] {
        assert_eq!(metadata.append(key, "x"), Err(MetadataError::ReservedKey(key.into())));
    }
    assert_eq!(metadata.append("a", "ä"), Err(MetadataError::InvalidValue("a".into())));
    assert_eq!(metadata.append("a", "x\ny"), Err(MetadataError::InvalidValue("a".into())));
    assert_eq!(metadata.append("a-bin", "x"), Err(MetadataError::WrongKind("a-bin".into())));
    assert_eq!(metadata.append_bin("a", b"x"), Err(MetadataError::WrongKind("a".into())));
    assert!(metadata.is_empty());
    metadata.append("a", "1").unwrap();
    assert!(metadata.insert("a", "\u{7f}").is_err());
    assert_eq!(metadata.get("a"), Some("1"), "a refused insert removes nothing");
}

#[test]
fn receives_binary_padded_unpadded_and_joined() {
    let mut metadata = Metadata::new();
    metadata.receive(b"k-bin", b"q6ur, q6urAA==,AA").unwrap();
    let values: Vec<_> = metadata.get_all_bin("k-bin").collect();
    assert_eq!(values, [&[0xab, 0xab, 0xab][..], &[0xab, 0xab, 0xab, 0], &[0]]);
    assert_eq!(metadata.get("k-bin"), None);
    assert_eq!(metadata.receive(b"k-bin", b"%%%"), Err(InvalidBase64));
}

#[test]
fn reserved_fields_are_not_metadata() {
    let mut metadata = Metadata::new();
    for name in [&b":path"[..], b"te", b"grpc-status", b"content-type", b"grpc-timeout"] {
        metadata.receive(name, b"x").unwrap();
    }
    assert!(metadata.is_empty());
    metadata.receive(b"user-agent", b"grpc-go/1").unwrap();
    assert_eq!(metadata.get("user-agent"), Some("grpc-go/1"));
}

proptest! {
    #[test]
    fn what_is_sent_is_received(pairs in proptest::collection::vec(
        ("[a-z0-9_.]{1,12}", proptest::collection::vec(any::<u8>(), 0..40), any::<bool>()), 0..12,
    )) {
        let mut sent = Metadata::new();
        for (key, value, binary) in &pairs {
            if *binary {
                sent.append_bin(&format!("{key}-bin"), value).unwrap();
            } else {
                let text: String = value.iter().map(|b| char::from(b'!' + b % 90)).collect();
                sent.append(key, &text).or_else(|error| match error {
                    MetadataError::ReservedKey(_) => Ok(()),
                    other => Err(other),
                }).unwrap();
            }
        }
        let mut received = Metadata::new();
        sent.send(|name, value| received.receive(name, value).unwrap());
        prop_assert_eq!(received, sent);
    }
}

#[test]
fn debug_shows_every_byte() {
    let mut metadata = Metadata::new();
    metadata.append("x-text", "a \"b\"").unwrap();
    metadata.append_bin("x-bytes-bin", &[0, 0xab, b'c']).unwrap();
    assert_eq!(format!("{metadata:?}"), r#"{"x-text": "a \"b\"", "x-bytes-bin": "\x00\xabc"}"#);
}
