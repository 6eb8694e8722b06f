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
