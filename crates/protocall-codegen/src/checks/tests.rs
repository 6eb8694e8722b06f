//! The checks around what buffa writes, and which extensions are text in which file.

#![allow(clippy::unwrap_used)]

use buffa_descriptor::generated::descriptor::field_descriptor_proto::Label;
use buffa_descriptor::generated::descriptor::{Edition, FileDescriptorProto};

use super::*;

const MESSAGE: &str = r#"
    impl ::buffa::MessageName for A { const FULL_NAME: &'static str = "x.A"; }
    impl ::buffa::Message for A {
        fn merge_field(&mut self, tag: Tag, buf: &mut B, ctx: C) -> Result<(), E> {
            match tag.field_number() {
                1u32 => { f(); }
                _ => {
                    self.__buffa_unknown_fields.push(
                        ::buffa::encoding::decode_unknown_field(tag, buf, ctx,)?,
                    );
                }
            }
            Ok(())
        }
    }
"#;

fn extension(number: i32, kind: Type) -> FieldDescriptorProto {
    FieldDescriptorProto {
        name: Some(format!("e{number}")),
        number: Some(number),
        label: Some(Label::LABEL_OPTIONAL),
        r#type: Some(kind),
        extendee: Some(".x.A".to_owned()),
        ..FieldDescriptorProto::default()
    }
}

fn made(syntax: &str) -> String {
    let file = FileDescriptorProto {
        name: Some("x.proto".to_owned()),
        syntax: Some(syntax.to_owned()),
        edition: (syntax == "editions").then_some(Edition::EDITION_2023),
        extension: vec![
            extension(9, Type::TYPE_STRING),
            extension(8, Type::TYPE_BYTES),
            extension(7, Type::TYPE_STRING),
        ],
        ..FileDescriptorProto::default()
    };
    let files = [file];
    let texts = Texts::new(&Index::new(&files).unwrap(), &["x.proto".to_owned()]);
    let mut parsed: syn::File = syn::parse_str(MESSAGE).unwrap();
    insert(&mut parsed.items, &texts);
    prettyplease::unparse(&parsed)
}

#[test]
fn each_message_reads_its_tags_with_the_check() {
    let made = made("proto2");
    assert!(made.contains("::protocall::codec::checks::merge_to_limit(self, buf, ctx, limit)"));
    assert!(made.contains("::protocall::codec::checks::merge_group(self, buf, ctx, number)"));
}

#[test]
fn extensions_are_checked_where_the_syntax_asks_for_it() {
    assert!(!made("proto2").contains("checks::text"));
    assert!(made("editions").contains("::protocall::codec::checks::text(&field, &[7u32, 9u32])?"));
}
