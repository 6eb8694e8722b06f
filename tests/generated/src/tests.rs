//! That it means what it should; that it compiles is proved by being here.

#![allow(clippy::unwrap_used)]

use protocall::buffa::alloc::collections::BTreeMap;
use protocall::buffa::bytes::Bytes;
use protocall::buffa::{Message as _, MessageView as _, text};
use protocall::buffa_descriptor::reflect::Reflectable as _;
use protocall::prost::{Message as _, Name as _};

use crate::full::hard::names::modern::{Tree, TreeView};
use crate::full::hard::names::{A, D, E, S, V};
use crate::full::hard::old::Base;
use crate::{full, prost};

#[test]
fn an_enum_named_as_a_type_parameter_goes_through_json() {
    let message = D { e: E::E_ONE.into(), es: vec![E::E_ONE.into()], ..D::default() };
    let json = serde_json::to_string(&message).unwrap();
    assert_eq!(json, r#"{"e":"E_ONE","es":["E_ONE"]}"#);
    assert_eq!(serde_json::from_str::<D>(&json).unwrap(), message);
    let twice = serde_json::from_str::<D>(r#"{"e":"E_ONE","e":"E_ZERO"}"#).unwrap_err();
    assert!(twice.to_string().starts_with("duplicate field `e`"), "{twice}");
}

#[test]
fn options_changed_what_they_name() {
    let bytes: Bytes = V::default().b;
    let map: BTreeMap<_, A> = V::default().a;
    assert!(bytes.is_empty() && map.is_empty());
    assert!(S::S_ZERO <= S::S_ZERO);
}

#[test]
fn groups_and_extensions_stay_on_the_wire() {
    let inner = full::hard::old::base::Inner::default();
    let base = Base { id: 7, packed: vec![-1, 1], inner: inner.into(), ..Base::default() };
    let again = Base::decode_from_slice(&base.encode_to_vec()).unwrap();
    assert!(again == base && again.inner.is_set());
}

#[test]
fn recursive_messages_go_through_every_format() {
    let leaf = Tree { required: "leaf".to_owned(), ..Tree::default() };
    let tree = Tree {
        required: "root".to_owned(),
        right: leaf.clone().into(),
        children: vec![leaf.clone()],
        ..Tree::default()
    };
    let bytes = tree.encode_to_vec();
    assert_eq!(Tree::decode_from_slice(&bytes).unwrap(), tree);
    assert_eq!(TreeView::decode_view(&bytes).unwrap().children.len(), 1);
    assert_eq!(text::decode_from_str::<Tree>(&text::encode_to_string(&tree)).unwrap(), tree);
    assert_eq!(tree.reflect().message_descriptor().full_name(), "hard.names.modern.Tree");

    // prost has the same wire format, groups and presence included
    let same = prost::hard::names::modern::Tree::decode(bytes.as_slice()).unwrap();
    assert_eq!(same.right.as_ref().unwrap().required, "leaf");
    assert_eq!(prost::hard::names::modern::Tree::full_name(), "hard.names.modern.Tree");
    let again = protocall::prost::Message::encode_to_vec(&same);
    assert_eq!(Tree::decode_from_slice(&again).unwrap(), tree);
}

#[test]
fn descriptors_are_there_whoever_made_the_messages() {
    assert!(full::FILE_DESCRIPTOR_SET.len() > prost::FILE_DESCRIPTOR_SET.len());
    assert!(!crate::services::FILE_DESCRIPTOR_SET.is_empty());
}

#[test]
fn messages_are_keys_where_derives_ask_for_it() {
    use crate::full::hard::derived::{Key, Part};
    use std::collections::HashSet;

    let key = |name: &str, x| Key {
        name: name.to_owned(),
        part: Part { x, ..Part::default() }.into(),
        ..Key::default()
    };
    let mut keys: HashSet<Key> = [key("a", 1), key("b", 1), key("a", 2), key("a", 1)].into();
    assert_eq!(keys.len(), 3);
    // what is not set equals what is set to its default
    assert!(keys.insert(key("c", 0)));
    assert!(!keys.insert(Key { name: "c".to_owned(), ..Key::default() }));
    // unknown fields tell messages apart
    let unknown = Key::decode_from_slice(&[10, 1, b'c', 0xa0, 6, 1]).unwrap();
    assert!(keys.insert(unknown));
}

#[test]
fn types_that_are_called_as_keywords_keep_their_names_outside_of_rust() {
    use crate::full::hard::keywords::low::{self, Crate_};
    use crate::full::hard::keywords::{Holder, Self__, self__ as of_self};

    // `Self_` is taken by a message of that name
    let message = Self__ {
        inner: of_self::Inner { Self_: 7, ..of_self::Inner::default() }.into(),
        ..Self__::default()
    };
    let json = serde_json::to_string(&message).unwrap();
    assert_eq!(json, r#"{"inner":{"Self":7}}"#);
    assert_eq!(Self__::decode_from_slice(&message.encode_to_vec()).unwrap(), message);
    assert_eq!(Self__::TYPE_URL, "type.googleapis.com/hard.keywords.Self");
    let name = <of_self::inner::Self_ as protocall::buffa::MessageName>::NAME;
    assert_eq!(name, "Self.Inner.self");
    let descriptor = message.reflect().message_descriptor().full_name().to_owned();
    assert_eq!(descriptor, "hard.keywords.Self");
    let text = text::encode_to_string(&low::Self_ { a: 1, ..low::Self_::default() });
    assert_eq!(text, "a: 1");
    assert!(Holder::default().self_oneof.is_none());
    let message = Crate_ { crate_: 1, ..Crate_::default() };
    assert_eq!(message.reflect().message_descriptor().full_name(), "hard.keywords.low.crate");
}
