//! Every place where a path can stand, and every place that only looks like one.

#![allow(clippy::unwrap_used)]

use super::*;

fn rehomed(source: &str) -> String {
    let mut file = syn::parse_str(source).unwrap();
    under_protocall(&mut file, false);
    prettyplease::unparse(&file)
}

fn formatted(source: &str) -> String {
    prettyplease::unparse(&syn::parse_str(source).unwrap())
}

#[test]
fn global_paths_move_wherever_they_stand() {
    let before = "
        use ::buffa::Message as _;
        use ::buffa;
        impl<'a> ::buffa::Message for Foo<::buffa_types::Any> {}
        fn f(x: &'a ::buffa_descriptor::X) -> impl Fn(::buffa::Y) { <Self as ::buffa::Z>::buffa(x) }
        ::buffa::impl_default_instance!(Foo);
        m!(::buffa::Foo, [::buffa::Bar], x);
    ";
    let after = "
        use ::protocall::buffa::Message as _;
        use ::protocall::buffa;
        impl<'a> ::protocall::buffa::Message for Foo<::protocall::buffa_types::Any> {}
        fn f(x: &'a ::protocall::buffa_descriptor::X) -> impl Fn(::protocall::buffa::Y) { <Self as ::protocall::buffa::Z>::buffa(x) }
        ::protocall::buffa::impl_default_instance!(Foo);
        m!(::protocall::buffa::Foo, [::protocall::buffa::Bar], x);
    ";
    assert_eq!(rehomed(before), formatted(after));
}

#[test]
fn what_only_looks_like_such_a_path_stays() {
    let source = "
        /// Mentions ::buffa::Message.
        #[doc = \"::buffa::X\"]
        struct Foo { a: super::buffa::X, b: buffa::Y, c: ::other::buffa::Z, d: ::buffa_extra::W }
        const TEXT: &str = \"::buffa::X\";
        use super::buffa::Q;
        m!(a::buffa::X, Foo<T>::buffa::Y, \"::buffa::Z\", ::bytes::X);
    ";
    assert_eq!(rehomed(source), formatted(source));
}

#[test]
fn serde_moves_with_json_alone() {
    let before = "
        #[derive(Clone, ::serde::Serialize)]
        #[serde(with = \"::buffa::json_helpers::int64\", rename = \"::other\")]
        struct Foo { #[serde(default, with = \"::buffa_types::x\")] a: ::serde::X }
        #[derive(serde::Serialize)]
        enum Bar {}
    ";
    let after = "
        #[derive(Clone, ::protocall::serde::Serialize)]
        #[serde(with = \"::protocall::buffa::json_helpers::int64\", rename = \"::other\")]
        #[serde(crate = \"::protocall::serde\")]
        struct Foo { #[serde(default, with = \"::protocall::buffa_types::x\")] a: ::protocall::serde::X }
        #[derive(serde::Serialize)]
        enum Bar {}
    ";
    let mut file = syn::parse_str(before).unwrap();
    under_protocall(&mut file, true);
    assert_eq!(prettyplease::unparse(&file), formatted(after));
    let untouched = "#[derive(::serde::Serialize)] struct Foo(::serde::X);";
    assert_eq!(rehomed(untouched), formatted(untouched));
}
