//! Whatever services and methods are called, no two generated items have one name.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::HashSet;

use buffa_descriptor::generated::descriptor::{MethodDescriptorProto, ServiceDescriptorProto};
use proptest::prelude::*;
use protocall_codegen::{Options, generate};

/// Names that meet each other, Rust's keywords, messages of the test data, or what we derive.
const SERVICES: [&str; 12] = [
    "A",
    "AClient",
    "AServer",
    "a",
    "Self",
    "self",
    "type",
    "Ask",
    "AClientClient",
    "a_methods",
    "AMethods",
    "ask_methods",
];
const METHODS: [&str; 12] = [
    "New", "new", "new_", "Clone", "clone", "FooBar", "foo_bar", "Foo_Bar", "fooBar", "Self",
    "self", "Type",
];

fn service() -> impl Strategy<Value = ServiceDescriptorProto> {
    let methods = prop::sample::subsequence(&METHODS, 0..=METHODS.len());
    (methods, any::<bool>(), any::<bool>()).prop_map(|(methods, client, server)| {
        let method = methods.into_iter().map(|name| MethodDescriptorProto {
            name: Some(name.to_owned()),
            input_type: Some(".example.Ask".to_owned()),
            output_type: Some(".example.Payload".to_owned()),
            client_streaming: Some(client),
            server_streaming: Some(server),
            ..MethodDescriptorProto::default()
        });
        ServiceDescriptorProto { method: method.collect(), ..ServiceDescriptorProto::default() }
    })
}

/// The names of a module's items, those of its inner modules, and of the functions in each block.
fn assert_unique(items: &[syn::Item]) -> Result<(), TestCaseError> {
    let mut names = HashSet::new();
    for item in items {
        let mut functions = HashSet::new();
        let name = match item {
            syn::Item::Struct(item) => Some(&item.ident),
            syn::Item::Enum(item) => Some(&item.ident),
            syn::Item::Static(item) => Some(&item.ident),
            syn::Item::Trait(item) => {
                for item in &item.items {
                    if let syn::TraitItem::Fn(function) = item {
                        prop_assert!(functions.insert(&function.sig.ident));
                    }
                }
                Some(&item.ident)
            }
            syn::Item::Impl(item) => {
                for item in &item.items {
                    if let syn::ImplItem::Fn(function) = item {
                        prop_assert!(functions.insert(&function.sig.ident));
                    }
                }
                None
            }
            syn::Item::Mod(item) => {
                assert_unique(item.content.as_ref().map_or(&[], |(_, items)| items))?;
                Some(&item.ident)
            }
            _ => None,
        };
        if let Some(name) = name {
            prop_assert!(names.insert(name.clone()), "two items are called {name}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_two_items_share_a_name(
        services in prop::collection::vec(service(), 1..4),
        names in prop::sample::subsequence(&SERVICES, 4).prop_shuffle(),
    ) {
        let mut set = support::descriptor_set("hello");
        set.file[0].service = services
            .into_iter()
            .zip(&names)
            .map(|(service, name)| {
                ServiceDescriptorProto { name: Some((*name).to_owned()), ..service }
            })
            .collect();
        let files = generate(&set, &["hello.proto".to_owned()], &Options::new()).unwrap();
        for file in files {
            assert_unique(&syn::parse_file(&file.content).unwrap().items)?;
        }
    }
}
