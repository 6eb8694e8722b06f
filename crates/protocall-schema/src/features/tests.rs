//! Features inherit, and what an element sets wins.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::diagnostic::Diagnostics;
use crate::source::SourceFile;
use crate::{lex, parse};

fn file(text: &str) -> crate::syntax::File {
    let mut diagnostics = Diagnostics::default();
    let source = std::sync::Arc::new(SourceFile::new("a.proto", text));
    let tokens = lex::lex(&source, &mut diagnostics);
    let tree = parse::parse(&source, &tokens, &mut diagnostics);
    assert!(!diagnostics.has_errors(), "{text}");
    tree
}

#[test]
fn every_edition_has_its_defaults() {
    let at = |head: &str| of_file(&file(head));
    let proto2 = at("syntax = \"proto2\";");
    assert!(proto2.is_closed() && !proto2.is_packed() && proto2.is_json_best_effort());
    let proto3 = at("syntax = \"proto3\";");
    assert!(!proto3.is_closed() && proto3.is_packed() && proto3.is_implicit());
    let newer = at("edition = \"2023\";");
    assert!(!newer.is_implicit() && !newer.enforces_style() && newer.exports(true));
    let newest = at("edition = \"2024\";");
    assert!(newest.enforces_style() && newest.exports(false) && !newest.exports(true));
}

#[test]
fn settings_of_either_form_are_read() {
    let features = of_file(&file(
        "edition = \"2023\"; option features.enum_type = CLOSED;\
         option features = { field_presence: IMPLICIT repeated_field_encoding: 2 };",
    ));
    assert!(features.is_closed() && features.is_implicit() && !features.is_packed());
}

#[test]
fn what_is_no_feature_is_left_to_the_check_of_options() {
    let tree =
        file("edition = \"2023\"; option features.none = CLOSED; option java_package = \"a\";");
    assert!(explicit(tree.options()).is_empty());
    let unknown = file("edition = \"2023\"; option features.enum_type = ENUM_TYPE_UNKNOWN;");
    let found = explicit(unknown.options());
    assert!(matches!(found.as_slice(), [only] if only.is_unknown() && only.name() == "enum_type"));
}
