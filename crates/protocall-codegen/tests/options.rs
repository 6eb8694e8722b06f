//! What each option changes, and what the generator refuses.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::collections::BTreeMap;

use buffa_descriptor::generated::descriptor::FileDescriptorProto;
use protocall_codegen::{CodegenError, Options, generate};
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
    // The message, and its oneof.
    assert_eq!(common.matches("#[derive(Eq, Hash)]").count(), 2);
    assert!(common.contains("#[cfg(all())]\n    pub size: i32"));
}

#[test]
fn an_option_that_names_nothing_is_refused() {
    for (options, expected) in [
        (Options::new().bytes(".common.Page.size"), "option `bytes`: the path `.common.Page.size`"),
        (Options::new().bytes(".common.Pag"), "option `bytes`: the path `.common.Pag` matches no"),
        (Options::new().views("shop.type.v1.Store"), "option `views`: the path `.shop.type.v1.S"),
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
