//! Text format where protoc has an opinion: each expectation was compared with protoc 35.1's.

#![allow(clippy::unwrap_used)]

use buffa_descriptor::generated::descriptor::FileDescriptorSet;

use super::{TextError, TextFormat, decode_raw};
use crate::{MemorySources, compile};

const TYPES: &str = "syntax = \"proto2\"; package t; import \"google/protobuf/any.proto\";
message M {
  optional int32 i = 1; repeated sint64 s = 2 [packed = true]; optional string str = 3;
  optional bytes b = 4; map<string, int32> m = 5; optional group Grp = 7 { optional int32 a = 1; }
  extensions 100 to 200; optional E e = 8; optional google.protobuf.Any any = 10;
  optional double d = 11; optional float f = 12; optional M sub = 13;
  oneof o { int32 x = 14; string y = 15; }
  reserved \"old\"; optional int32 dep = 33 [deprecated = true];
}
enum E { A = 0; B = 1; C = 5; }
message Set { option message_set_wire_format = true; extensions 4 to max; }
message Item { extend Set { optional Item item = 1000; } optional int32 v = 1; }
message HasSet { optional Set set = 1; required int32 r = 2; }
extend M { optional int32 ext = 100; }
";

const IMPLICIT: &str = "edition = \"2023\"; package e;
option features.field_presence = IMPLICIT;
message D { int32 n = 1; D sub = 2 [features.message_encoding = DELIMITED]; string s = 3;
  map<int32, D> m = 4; }
";

fn set() -> FileDescriptorSet {
    let sources = MemorySources::new().with("t.proto", TYPES).with("e.proto", IMPLICIT);
    compile(&sources, &["t.proto", "e.proto"]).into_result().unwrap().descriptor_set().clone()
}

fn encode(ty: &str, text: &str) -> Result<Vec<u8>, String> {
    let set = set();
    let read = TextFormat::new(&set).encode(ty, text.as_bytes(), false);
    read.map(|read| read.message).map_err(|error| error.to_string())
}

fn decode(ty: &str, bytes: &[u8]) -> Result<String, TextError> {
    let set = set();
    TextFormat::new(&set).decode(ty, bytes).map(|read| read.message)
}

#[test]
fn every_way_to_write_a_value_is_read() {
    for (text, expected) in [
        ("i: -5", &b"\x08\xfb\xff\xff\xff\xff\xff\xff\xff\xff\x01"[..]),
        ("s: [1, -2] s: 3", b"\x12\x03\x02\x03\x06"),
        ("str: 'a' \"\\x62\\n\"", b"\x1a\x03ab\n"),
        (
            "m { key: 'b' value: 2 } m <key: 'a'>, m {}",
            b"\x2a\x05\x0a\x01b\x10\x02\x2a\x05\x0a\x01a\x10\x00\x2a\x04\x0a\x00\x10\x00",
        ),
        ("Grp { a: 1 } # comment", b"\x3b\x08\x01\x3c"),
        ("grp { a: 1 }", b"\x3b\x08\x01\x3c"),
        ("e: C;", b"\x40\x05"),
        ("[t.ext]: 0x10", b"\xa0\x06\x10"),
        ("old: [{ x: 1 }] i: 1", b"\x08\x01"),
        ("f: inf", b"\x65\x00\x00\x80\x7f"),
    ] {
        assert_eq!(encode("t.M", text).as_deref(), Ok(expected), "{text}");
    }
    let any = encode("t.M", "any { [type.googleapis.com/t.M] { i: 1 } }").unwrap();
    assert_eq!(any, b"\x52\x1d\x0a\x17type.googleapis.com/t.M\x12\x02\x08\x01");
    let set = b"\x0a\x09\x0b\x10\xe8\x07\x1a\x02\x08\x01\x0c";
    assert_eq!(encode("t.HasSet", "set { [t.Item] { v: 1 } }").unwrap(), set);
    assert_eq!(decode("t.HasSet", set).unwrap(), "set {\n  [t.Item] {\n    v: 1\n  }\n}\n");
}

#[test]
fn features_decide_presence_and_encoding() {
    assert_eq!(encode("e.D", "n: 0 s: '' sub { n: 1 }").unwrap(), b"\x13\x08\x01\x14");
    assert_eq!(
        encode("e.D", "m { key: 1 value { n: 2 } }").unwrap(),
        b"\x22\x06\x08\x01\x12\x02\x08\x02"
    );
    assert_eq!(decode("e.D", b"\x08\x00\x13\x08\x01\x14").unwrap(), "sub {\n  n: 1\n}\n");
    assert_eq!(decode("e.D", b"\x1a\x01\xff"), Err(TextError::Bytes), "UTF-8 is verified");
}

#[test]
fn bytes_are_merged_and_what_is_unknown_comes_last() {
    // sub twice, a number with the wrong wire type, an unknown enumerator, an unknown group
    let bytes = b"\x6a\x02\x08\x01\x6a\x02\x70\x07\x0a\x01\x41\x40\x63\xfb\x07\x08\x05\xfc\x07";
    let text = "sub {\n  i: 1\n  x: 7\n}\n1: \"A\"\n8: 99\n127 {\n  1: 5\n}\n";
    assert_eq!(decode("t.M", bytes).unwrap(), text);
    assert_eq!(decode("t.M", b"\x70\x01\x7a\x01z").unwrap(), "y: \"z\"\n", "the last of a oneof");
}

#[test]
fn mistakes_are_named_with_protocs_words() {
    for (text, expected) in [
        ("i: 1\n\tnope: 2", "2:13: Message type \"t.M\" has no field named \"nope\"."),
        ("e: Q", "1:5: Unknown enumeration value of \"Q\" for field \"e\"."),
        ("i:1 i:2", "1:6: Non-repeated field \"i\" is specified multiple times."),
        (
            "x:1 y:'a'",
            "1:6: Field \"y\" is specified along with field \"x\", another member of oneof \"o\".",
        ),
        ("sub { i: 1 >", "1:12: Expected \"}\", found \">\"."),
        ("d: 07", "1:4: Expect a decimal number, got: 07"),
        ("i: 08", "1:5: Numbers starting with leading zero must be in octal."),
        ("old: -foo", "1:7: Invalid float number: foo"),
        ("str: \"a", "1:8: Unexpected end of string."),
    ] {
        assert_eq!(encode("t.M", text), Err(expected.to_owned()), "{text}");
    }
    assert_eq!(encode("t.Nope", ""), Err(TextError::UnknownType.to_string()));
}

#[test]
fn depth_has_an_end() {
    let deep = |levels: usize| "sub { ".repeat(levels) + &"} ".repeat(levels);
    assert!(encode("t.M", &deep(200)).is_ok());
    assert!(encode("t.M", &deep(201)).unwrap_err().contains("recursion limit of 200"));
    let nested = |levels: usize| {
        (0..levels).fold(Vec::new(), |inner, _| {
            let mut bytes = Vec::new();
            super::raw::tag(13, 2, &mut bytes);
            super::raw::varint(inner.len() as u64, &mut bytes);
            bytes.extend(inner);
            bytes
        })
    };
    assert!(decode("t.M", &nested(100)).is_ok());
    assert_eq!(decode("t.M", &nested(101)), Err(TextError::Bytes));
    assert!(decode_raw(&[0x0b].repeat(100_000)).is_none());
}

#[test]
fn missing_and_deprecated_fields_are_told() {
    let set = set();
    let format = TextFormat::new(&set);
    assert_eq!(format.encode("t.HasSet", b"", false).unwrap().missing, ["r"]);
    let warnings = format.encode("t.M", b"dep: 1", false).unwrap().warnings;
    let expected = "1:4: text format contains deprecated field \"dep\"";
    assert_eq!(warnings[0].to_string(), expected);
}

#[test]
fn raw_bytes_are_guessed_at() {
    let text = "1: 150\n2 {\n  1: 1\n}\n3: \"ab\"\n4: 0x00000001\n5 {\n}\n6: \"\"\n";
    let bytes = b"\x08\x96\x01\x12\x02\x08\x01\x1a\x02ab\x25\x01\x00\x00\x00\x2b\x2c\x32\x00";
    assert_eq!(decode_raw(bytes).as_deref(), Some(text));
    assert_eq!(decode_raw(b"\x00"), None);
    assert_eq!(decode_raw(b"\x2b\x34"), None, "a group that another one ends");
}
