//! What prost's generator makes of our descriptors, and what it refuses.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;

use protocall_codegen::{Messages, Options};

use crate::load;

fn files(source: &str, options: Options) -> Result<BTreeMap<String, String>, String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.proto"), source).unwrap();
    let loaded = load(&["a.proto"], &[folder.path()]).unwrap();
    let files = loaded.generate(&options.messages(Messages::Prost));
    files
        .map(|files| files.into_iter().map(|file| (file.path, file.content)).collect())
        .map_err(|error| error.to_string())
}

const SHOP: &str = r#"syntax = "proto3";
package myShop.type;
import "google/protobuf/empty.proto";
import "google/protobuf/timestamp.proto";
service Shop {
  rpc Buy(Order) returns (google.protobuf.Timestamp);
  rpc Watch(google.protobuf.Empty) returns (stream Order.item_line);
}
// Said [so], and
//
//     not = compiled;
message Order {
  message item_line { bytes raw = 1; map<string, bytes> tags = 2; Order parent = 3; }
  repeated item_line lines = 1;
  oneof how { string card = 2; bool cash = 3; }
}
enum Kind { KIND_NONE = 0; KIND_SOME = 1; }
"#;

#[test]
fn services_name_prosts_types_in_prosts_modules() {
    let made = files(SHOP, Options::new()).unwrap();
    let names: Vec<_> = made.keys().map(String::as_str).collect();
    assert_eq!(names, ["myShop.type.rs", "protocall.rs"]);
    let tree = &made["protocall.rs"];
    assert!(tree.contains("pub mod my_shop {\n    pub mod r#type {"), "{tree}");
    let text = &made["myShop.type.rs"];
    for part in [
        "#[derive(Clone, PartialEq, ::protocall::prost::Message)]",
        "#[prost(prost_path = \"::protocall::prost\")]",
        "impl ::protocall::prost::Name for Order",
        "\"type.googleapis.com/myShop.type.Order\".into()",
        "::protocall::IntoRequest<()>",
        "::protocall::Streaming<order::ItemLine>",
        "::protocall::Response<::protocall::prost_types::Timestamp>",
        "::protocall::codec::Prost",
        "/// Said \\[so], and",
        "/// ```text\n///     not = compiled;\n/// ```",
        "\"/myShop.type.Shop/Watch\"",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn options_reach_prosts_generator() {
    let options = Options::new()
        .bytes("myShop.type.Order.item_line.raw")
        .btree_map(".myShop")
        .boxed("myShop.type.Order.item_line.parent")
        .derive("myShop.type.Order.item_line", "PartialOrd")
        .oneof_attribute("myShop.type.Order", "#[oneof_was_here]")
        .enum_attribute(".", "#[enum_was_here]")
        .field_attribute("myShop.type.Order.lines", "#[field_was_here]")
        .client_attribute("myShop.type.Shop", "#[cfg(feature = \"client\")]")
        .extern_path("google.protobuf.Timestamp", "::times::Stamp");
    let made = files(SHOP, options).unwrap();
    let text = &made["myShop.type.rs"];
    for part in [
        "pub raw: ::protocall::prost::bytes::Bytes",
        "pub tags: ::protocall::prost::alloc::collections::BTreeMap<",
        "Option<\n            ::protocall::prost::alloc::boxed::Box<super::Order>,\n        >",
        "Response<::times::Stamp>",
        "#[derive(PartialOrd)]\n    #[derive(Clone, PartialEq, ::protocall::prost::Message)]",
        "#[field_was_here]\n    pub lines",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert_eq!(text.matches("#[oneof_was_here]").count(), 1);
    assert_eq!(text.matches("#[enum_was_here]").count(), 1);
    assert_eq!(text.matches("#[cfg(feature = \"client\")]").count(), 2);
}

#[test]
fn editions_have_the_presence_and_the_encoding_that_they_say() {
    let made = files(
        r#"edition = "2023";
        package e;
        message M {
          int32 explicit = 1;
          int32 implicit = 2 [features.field_presence = IMPLICIT];
          int32 required = 3 [features.field_presence = LEGACY_REQUIRED];
          repeated int32 packed = 4;
          repeated int32 expanded = 5 [features.repeated_field_encoding = EXPANDED];
          M delimited = 6 [features.message_encoding = DELIMITED];
          map<string, M> map = 7;
          oneof o { string in_oneof = 8; }
          int32 with_default = 9 [default = 7];
        }"#,
        Options::new(),
    )
    .unwrap();
    let text = &made["e.rs"];
    for part in [
        "#[prost(int32, optional, tag = \"1\")]\n    pub explicit: ::core::option::Option<i32>",
        "#[prost(int32, tag = \"2\")]\n    pub implicit: i32",
        "#[prost(int32, required, tag = \"3\")]\n    pub required: i32",
        "#[prost(int32, repeated, tag = \"4\")]",
        "#[prost(int32, repeated, packed = \"false\", tag = \"5\")]",
        "#[prost(group, optional, boxed, tag = \"6\")]",
        "#[prost(map = \"string, message\", tag = \"7\")]",
        "#[prost(oneof = \"m::O\", tags = \"8\")]",
        "#[prost(int32, optional, tag = \"9\", default = \"7\")]",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn what_prost_does_not_have_is_refused() {
    for (options, expected) in [
        (Options::new().all_views(), "option `views`: prost has no views; remove the option"),
        (Options::new().json(true), "option `json`: prost has no JSON of its own"),
        (Options::new().text(true), "option `text`: prost has no text format"),
        (Options::new().reflection(true), "option `reflection`: prost has no reflection"),
        (Options::new().unboxed("."), "option `unboxed`: prost holds messages inline already"),
        (Options::new().boxed("myShop.Order"), "option `boxed`: the path `.myShop.Order`"),
    ] {
        let refused = files(SHOP, options).unwrap_err();
        assert!(refused.starts_with(expected), "{refused}");
    }
}

#[test]
fn enum_values_that_prost_cannot_tell_apart_are_an_error() {
    let source = "syntax = \"proto2\"; enum E { option deprecated_legacy_json_field_conflicts = true; A_B = 0; A__B = 1; }";
    let refused = files(source, Options::new()).unwrap_err();
    assert!(refused.starts_with("prost's generator: Generated enum variant names"), "{refused}");
}

#[test]
fn types_that_nobody_generates_are_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("other.proto", "syntax = \"proto3\"; package other; message M {}");
    let a = "syntax = \"proto3\"; package a; import \"other.proto\"; message N { other.M m = 1; }";
    write("a.proto", a);
    let loaded = load(&["a.proto"], &[folder.path()]).unwrap();
    let options = Options::new().messages(Messages::Prost).imports(false);
    let refused = loaded.generate(&options).unwrap_err().to_string();
    assert!(refused.contains("`a.proto` uses the type `.other.M`"), "{refused}");
    let given = options.extern_path("other", "::other");
    let made = loaded.generate(&given).unwrap();
    assert!(made[0].content.contains("Option<::other::M>"), "{}", made[0].content);
}
