//! What each option changes, and what the generator refuses.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::collections::BTreeMap;

use buffa_descriptor::generated::descriptor::FileDescriptorProto;
use protocall_codegen::{CodegenError, Messages, Options, generate};
use support::descriptor_set;

fn files(name: &str, options: &Options) -> Result<BTreeMap<String, String>, CodegenError> {
    let files = generate(&descriptor_set(name), &[format!("{name}.proto")], options)?;
    Ok(files.into_iter().map(|file| (file.path, file.content)).collect())
}

fn error(name: &str, options: &Options) -> String {
    files(name, options).unwrap_err().to_string()
}

#[test]
fn imports_are_generated_if_something_needs_them() {
    let all = files("hostile", &Options::new()).unwrap();
    let names: Vec<&str> = all.keys().map(String::as_str).collect();
    // Not `annotations.rs`: options leave no trace. Not `google.protobuf.rs`: the runtime has it.
    assert_eq!(
        names,
        ["common.rs", "protocall.rs", "shop.type.v1.rs", "shop.type.v1.store_methods.rs"]
    );
    let refused = error("hostile", &Options::new().imports(false));
    assert!(refused.contains("uses the type `.common.Page`"), "{refused}");
    assert!(refused.contains("`extern_path`"), "{refused}");
}

#[test]
fn a_method_alone_needs_its_types_file() {
    // `shop.type.v1.store_methods.Deep` stands in no field, only in a method.
    let options = Options::new().imports(false).extern_path("common", "::other::common");
    let refused = error("hostile", &options);
    assert!(refused.contains("uses the type `.shop.type.v1.store_methods.Deep`"), "{refused}");
}

#[test]
fn extern_types_are_taken_from_where_they_live() {
    let options = Options::new()
        .extern_path("common", "::other::common")
        .extern_path(".shop.type.v1.store_methods.Deep", "crate::deep::Deep");
    let all = files("hostile", &options).unwrap();
    let names: Vec<&str> = all.keys().map(String::as_str).collect();
    assert_eq!(names, ["protocall.rs", "shop.type.v1.rs"]);
    let text = &all["shop.type.v1.rs"];
    assert!(text.contains("::protocall::IntoRequest<::other::common::page::Token>"));
    assert!(text.contains("crate::deep::Deep"));
}

#[test]
fn sides_can_be_left_out() {
    let text = |options: Options| files("hello", &options).unwrap().remove("example.rs").unwrap();
    let both = text(Options::new());
    assert!(both.contains("HelloServiceClient") && both.contains("trait HelloService"));
    let client = text(Options::new().server(false));
    assert!(client.contains("HelloServiceClient") && !client.contains("trait HelloService"));
    let server = text(Options::new().client(false));
    assert!(!server.contains("HelloServiceClient") && server.contains("trait HelloService"));
}

#[test]
fn descriptors_are_of_the_roots_and_what_they_import() {
    let tree =
        |name: &str, options: Options| files(name, &options).unwrap()["protocall.rs"].clone();
    let constant = "pub const FILE_DESCRIPTOR_SET: &[u8] = b\"";
    assert!(tree("hostile", Options::new()).contains(constant));
    assert!(!tree("hostile", Options::new().file_descriptor_set(false)).contains("DESCRIPTOR"));
    // `bare.proto` imports `hello.proto`, and not the other way round.
    let options = Options::new();
    let set = descriptor_set("bare");
    let alone = generate(&set, &["hello.proto".to_owned()], &options).unwrap();
    let alone = alone.into_iter().find(|file| file.path == "protocall.rs").unwrap().content;
    let line = |text: &str| text.lines().find(|l| l.contains(constant)).map(str::to_owned);
    assert_eq!(line(&alone), line(&tree("hello", Options::new())));
}

#[test]
fn the_codec_is_one_path() {
    let options = Options::new().codec("::protocall::codec::Prost");
    let text = files("hello", &options).unwrap().remove("example.rs").unwrap();
    assert_eq!(text.matches("::protocall::codec::Prost").count(), 8);
    assert!(!text.contains("codec::Buffa"));
}

#[test]
fn views_cover_what_the_message_holds_and_no_more() {
    let all = files("hostile", &Options::new().views("shop.type.v1.Outer")).unwrap();
    let common = &all["common.rs"];
    for wanted in ["pub struct PageView", "pub struct TokenView", "pub struct UnusedView"] {
        assert!(common.contains(wanted), "{wanted}");
    }
    assert!(!common.contains("InsideView"));
    let shop = &all["shop.type.v1.rs"];
    assert!(shop.contains("pub struct OuterView") && shop.contains("pub struct InnerView"));
    assert!(!shop.contains("StringView") && !shop.contains("VecOwnedView"));
    assert!(!files("hostile", &Options::new()).unwrap()["common.rs"].contains("View"));
    let every = files("hostile", &Options::new().all_views()).unwrap();
    assert!(every["common.rs"].contains("pub struct InsideView"));
}

#[test]
fn bytes_fields_share_memory_where_asked() {
    let text = |path: &str| files("hostile", &Options::new().bytes(path)).unwrap();
    let count = |all: &BTreeMap<String, String>, file: &str| {
        all[file].matches("buffa::bytes::Bytes").count()
    };
    let one = text(".shop.type.v1.Outer.Inner.data");
    assert_eq!(count(&one, "common.rs"), 0);
    assert!(count(&one, "shop.type.v1.rs") > 0);
    assert!(count(&text("."), "common.rs") > 0);
}

#[test]
fn attributes_stand_where_asked() {
    let options = Options::new()
        .type_attribute(".common.Page.Token", "#[derive(Eq, Hash)]")
        .field_attribute("common.Page.size", "#[cfg(all())]");
    let common = files("hostile", &options).unwrap().remove("common.rs").unwrap();
    // The message, which is `Eq` by hand, and its oneof.
    assert_eq!(common.matches("#[derive(Eq, Hash)]").count(), 1);
    assert_eq!(common.matches("#[derive(Hash)]").count(), 1);
    assert_eq!(common.matches("impl ::core::cmp::Eq for Token {}").count(), 1);
    assert!(common.contains("#[cfg(all())]\n    pub size: i32"));
}

#[test]
fn an_option_that_names_nothing_is_refused() {
    for (options, expected) in [
        (Options::new().bytes(".common.Page.size"), "option `bytes`: the path `.common.Page.size`"),
        (Options::new().bytes(".common.Pag"), "option `bytes`: the path `.common.Pag` matches no"),
        (
            Options::new().views("shop.type.v1.Stor"),
            "option `views`: the path `.shop.type.v1.Stor`",
        ),
        (Options::new().extern_path("nobody", "::x"), "option `extern_path`: the path `.nobody`"),
        (Options::new().extern_path("common", "x::y"), "option `extern_path`: `x::y` is not an"),
        (Options::new().type_attribute("common.Pag", "#[x]"), "option `type_attribute`: the path"),
        (Options::new().type_attribute("common", "x"), "option `type_attribute`: `x` is not an at"),
        (Options::new().field_attribute("common.Page", ""), "option `field_attribute`: `` is not"),
        (Options::new().field_attribute(".common.Kind", "#[x]"), "option `field_attribute`: the p"),
        (Options::new().codec("::a b"), "option `codec`: `::a b` is not an absolute Rust path"),
    ] {
        let refused = error("hostile", &options);
        assert!(refused.starts_with(expected), "{refused}");
    }
}

#[test]
fn a_name_that_is_not_there_brings_up_those_that_are() {
    let near = |options: Options| {
        let refused = error("hostile", &options);
        let (_, near) = refused.split_once("; ").unwrap();
        near.to_owned()
    };
    assert_eq!(
        near(Options::new().bytes(".common.Page.Token.vlue")),
        "is `.common.Page.Token.value` meant?"
    );
    assert_eq!(near(Options::new().views("Outer")), "is `.shop.type.v1.Outer` meant?");
    assert_eq!(
        near(Options::new().without_client("shop.v1.Store")),
        "is `.shop.type.v1.Store` meant?"
    );
    assert_eq!(
        near(Options::new().json(true).derive("no.such", "Eq")),
        "correct its spelling, or remove it"
    );
}

#[test]
fn what_is_asked_of_the_wrong_messages_is_refused() {
    let refused = error("hostile", &Options::new().boxed("common.Page.Token.other"));
    assert!(
        refused.starts_with("option `boxed`: the path `.common.Page.Token.other`"),
        "{refused}"
    );
    let refused = error("hostile", &Options::new().unboxed("common.Page.token"));
    assert!(refused.contains("matches no member of a oneof"), "{refused}");
    let refused = error("hostile", &Options::new().messages(Messages::Prost));
    assert!(refused.contains("the feature `prost` of protocall-build"), "{refused}");
}

#[test]
fn services_can_be_half() {
    let options = Options::new()
        .without_client("shop.type.v1.Store")
        .without_server("shop.type.v1.Other")
        .client_attribute(".shop", "#[cfg(any())]")
        .client_attribute(".shop", "#[derive(PartialEq)]")
        .server_attribute(".shop.type.v1.Store", "#[cfg(all())]")
        .trait_attribute(".shop.type.v1.Store", "#[handlers]");
    let text = files("hostile", &options).unwrap().remove("shop.type.v1.rs").unwrap();
    let there: Vec<bool> =
        ["trait Store", "StoreServer", "StoreClient_", "trait Other:", "OtherClient_"]
            .map(|item| text.contains(item))
            .to_vec();
    assert_eq!(there, [true, true, false, false, true]);
    // two clients, each a type and its methods; derives go on types alone
    assert_eq!(text.matches("#[cfg(any())]").count(), 4);
    assert_eq!(text.matches("#[derive(PartialEq)]\npub struct").count(), 2);
    assert_eq!(text.matches("#[cfg(all())]").count(), 5);
    assert_eq!(text.matches("#[handlers]\npub trait Store").count(), 1);
}

#[test]
fn views_of_a_service_are_of_what_it_is_asked_with() {
    let all = files("hostile", &Options::new().views("shop.type.v1.Other.Match")).unwrap();
    let shop = &all["shop.type.v1.rs"];
    // `String` holds a `Vec`, which is also the response
    assert!(shop.contains("pub struct StringView") && shop.contains("pub struct VecView"));
    assert!(!shop.contains("OuterView") && !all["common.rs"].contains("View"));
}

#[test]
fn attributes_reach_the_kinds_of_things_they_are_for() {
    let options = Options::new()
        .message_attribute(".", "#[message]")
        .enum_attribute(".", "#[enumeration]")
        .oneof_attribute(".", "#[oneof]")
        .derive(".common.Page", "Eq")
        .btree_map("shop.type.v1.Vec.blobs")
        .boxed("common.Page.token")
        .unboxed("common.Page.Token.other")
        .field_attribute("common.Page.Token.text", "#[text]")
        .field_attribute("common.Page.Token.kind.other", "#[other]");
    let all = files("hostile", &options).unwrap();
    let common = &all["common.rs"];
    let count = |text: &str| common.matches(text).count();
    assert_eq!(count("#[message]"), 4);
    assert_eq!((count("#[enumeration]"), count("#[oneof]")), (0, 2));
    assert_eq!(count("#[derive(Eq)]"), 1);
    assert_eq!(count("impl ::core::cmp::Eq for "), 2);
    assert!(
        common.contains("#[other]\n                    Other(super::super::super::super::Unused)")
    );
    assert!(common.contains("#[text]\n                    Text("));
    assert!(common.contains("pub token: ::protocall::buffa::MessageField<page::Token>"));
    assert!(all["shop.type.v1.rs"].contains("collections::BTreeMap<"));
}

#[test]
fn a_set_that_is_not_whole_is_refused() {
    let refused = generate(&descriptor_set("hello"), &["no.proto".to_owned()], &Options::new());
    assert_eq!(
        refused.unwrap_err().to_string(),
        "the descriptor set holds no file named `no.proto`"
    );
    let mut set = descriptor_set("hostile");
    set.file.retain(|file| file.package.as_deref() != Some("common"));
    let refused = generate(&set, &["hostile.proto".to_owned()], &Options::new()).unwrap_err();
    assert!(refused.to_string().contains("which no file of the set declares"), "{refused}");
}

#[test]
fn names_that_rust_cannot_hold_are_refused() {
    for name in ["a-b", "1a", "_", "", "a b"] {
        let places: [fn(&mut FileDescriptorProto) -> &mut Option<String>; 6] = [
            |file| &mut file.service[0].method[0].name,
            |file| &mut file.service[0].name,
            |file| &mut file.message_type[0].name,
            |file| &mut file.message_type[0].field[0].name,
            |file| &mut file.message_type[1].name,
            |file| &mut file.package,
        ];
        for place in places.iter().take(if name.is_empty() { 5 } else { 6 }) {
            let mut set = descriptor_set("hello");
            *place(&mut set.file[0]) = Some(name.to_owned());
            let refused = generate(&set, &["hello.proto".to_owned()], &Options::new());
            assert!(matches!(refused, Err(CodegenError::InvalidDescriptor { .. })), "{refused:?}");
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let first = files("hostile", &Options::new().all_views()).unwrap();
    for _ in 0..3 {
        assert_eq!(files("hostile", &Options::new().all_views()).unwrap(), first);
    }
}

#[test]
fn a_wire_codec_is_named_where_all_messages_have_it() {
    let all = files("hello", &Options::new().wire_codec(true)).unwrap();
    let text = &all["example.rs"];
    assert_eq!(text.matches("WireMessage for").count(), 4);
    assert!(text.contains("::protocall::codec::Wire,") && !text.contains("codec::Buffa"), "{text}");

    // `Other` has messages of this run alone, `Store` one of the well-known types
    let all = files("hostile", &Options::new().wire_codec(true)).unwrap();
    let text = &all["shop.type.v1.rs"];
    assert!(text.contains("pub enum StoreCodec {}"), "{text}");
    assert!(!text.contains("pub enum OtherCodec {}"), "{text}");
    assert!(text.contains("impl ::protocall::codec::Codec<::protocall::buffa_types::"), "{text}");

    let named = Options::new().wire_codec(true).codec("crate::Mine");
    let all = files("hostile", &named).unwrap();
    let text = &all["shop.type.v1.rs"];
    assert!(text.contains("WireMessage for") && text.contains("crate::Mine,"), "{text}");
    assert!(!text.contains("StoreCodec") && !text.contains("codec::Wire,"), "{text}");
}

#[test]
fn every_message_of_the_test_data_has_a_wire_codec_of_its_own() {
    for data in ["hello", "hostile", "bare"] {
        for (path, text) in files(data, &Options::new().wire_codec(true).all_views()).unwrap() {
            assert!(!text.contains("Left to buffa"), "{path}");
        }
    }
}

#[test]
fn a_message_that_the_wire_codec_does_not_know_is_left_to_buffa_alone() {
    let options = Options::new().wire_codec(true).unboxed("common.Page.Token.other");
    let all = files("hostile", &options).unwrap();
    let text = &all["common.rs"];
    assert_eq!(text.matches("Left to buffa").count(), 1, "{text}");
    assert!(text.contains("impl ::protocall::codec::wire::WireMessage for Token {}"), "{text}");
}
