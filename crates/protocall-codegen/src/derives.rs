//! Lets derives that an application asks for meet what the types have: a trait that is there is not
//! derived again, and messages are `Eq` and `Hash` although the unknown fields that they keep are
//! not `Eq`, nor the holders of their message fields `Hash`.
//!
//! All else is left to the compiler's own words: a `Hash` of a hash map, an `Ord` of a message.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::Ident;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::visit_mut::VisitMut;
use syn::{Attribute, Fields, Item, ItemStruct, Path, Token, Type};

/// The traits of the standard library that can be derived.
const DERIVABLE: [&str; 9] =
    ["Clone", "Copy", "Debug", "Default", "Eq", "Hash", "Ord", "PartialEq", "PartialOrd"];

/// Settles the derives of all types, in modules too.
pub(crate) fn settle(items: &mut Vec<Item>) {
    let mut written = implementations(items);
    let mut out = Vec::with_capacity(items.len());
    for mut item in std::mem::take(items) {
        let mut added = Vec::new();
        match &mut item {
            Item::Mod(syn::ItemMod { content: Some((_, inner)), .. }) => settle(inner),
            Item::Enum(item) => {
                let mut there = written.remove(&item.ident.to_string()).unwrap_or_default();
                retain(&mut item.attrs, |name| there.insert(name.to_owned()));
            }
            Item::Struct(item) => {
                let there = written.remove(&item.ident.to_string()).unwrap_or_default();
                added = settle_struct(item, there);
            }
            _ => {}
        }
        out.push(item);
        out.extend(added);
    }
    *items = out;
}

/// The standard traits that a module's types have by `impl` blocks, by the types' names.
fn implementations(items: &[Item]) -> BTreeMap<String, BTreeSet<String>> {
    let mut written: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for item in items {
        if let Item::Impl(syn::ItemImpl { trait_: Some((_, path, _)), self_ty, .. }) = item
            && let Some(name) = standard(path)
        {
            written.entry(self_ty.to_token_stream().to_string()).or_default().insert(name);
        }
    }
    written
}

/// The name of a trait of the standard library.
fn standard(path: &Path) -> Option<String> {
    let first = path.segments.first()?;
    let root = path.segments.len() == 1 || first.ident == "core" || first.ident == "std";
    let name = path.segments.last()?.ident.to_string();
    (root && DERIVABLE.contains(&name.as_str())).then_some(name)
}

/// Keeps those standard derives that `wanted` takes; asks in order.
fn retain(attributes: &mut Vec<Attribute>, mut wanted: impl FnMut(&str) -> bool) {
    attributes.retain_mut(|attribute| {
        if !attribute.path().is_ident("derive") {
            return true;
        }
        let parsed = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated);
        let Ok(all) = parsed else { return true };
        let count = all.len();
        let kept: Vec<Path> = all
            .into_iter()
            .filter(|path| standard(path).is_none_or(|name| wanted(&name)))
            .collect();
        if kept.len() < count {
            *attribute = syn::parse_quote!(#[derive(#(#kept),*)]);
        }
        !kept.is_empty()
    });
}

/// Settles a struct's derives; returns what a message has instead.
fn settle_struct(item: &mut ItemStruct, mut there: BTreeSet<String>) -> Vec<Item> {
    let Fields::Named(fields) = &item.fields else { return Vec::new() };
    let is_message = fields
        .named
        .iter()
        .any(|field| field.ident.as_ref().is_some_and(|name| name == "__buffa_unknown_fields"));
    let holds_messages = fields.named.iter().any(|field| message(&field.ty).is_some());
    let (mut eq, mut hash) = (false, false);
    retain(&mut item.attrs, |name| {
        let new = there.insert(name.to_owned());
        let by_hand = match name {
            "Eq" => &mut eq,
            "Hash" if holds_messages => &mut hash,
            _ => return new,
        };
        *by_hand |= new && is_message;
        new && !is_message
    });
    let mut added = Vec::new();
    if eq {
        added.extend(eq_of(item));
    }
    if hash {
        added.push(hash_of(item));
    }
    added
}

/// Unknown fields are numbers and bytes, whose equality is total; each other field has to be `Eq`
/// itself, which the constant has the compiler check.
fn eq_of(item: &ItemStruct) -> [Item; 2] {
    let name = &item.ident;
    let types = item
        .fields
        .iter()
        .filter(|field| field.ident.as_ref().is_some_and(|name| name != "__buffa_unknown_fields"))
        .map(|field| {
            let mut of = field.ty.clone();
            Named(name).visit_type_mut(&mut of);
            of
        });
    [
        syn::parse_quote!(impl ::core::cmp::Eq for #name {}),
        syn::parse_quote! {
            const _: () = {
                const fn is_eq<T: ::core::cmp::Eq>() {}
                #(is_eq::<#types>();)*
            };
        },
    ]
}

/// Writes a type's name where it says `Self`, for places outside of it.
struct Named<'a>(&'a Ident);

impl VisitMut for Named<'_> {
    fn visit_ident_mut(&mut self, ident: &mut Ident) {
        if ident == "Self" {
            *ident = self.0.clone();
        }
    }
}

/// A message field that is not set equals one that is set to the default, so both hash alike.
fn hash_of(item: &ItemStruct) -> Item {
    let name = &item.ident;
    let fields = item.fields.iter().map(|field| {
        let name = &field.ident;
        match message(&field.ty) {
            Some(held) => quote! {
                ::core::hash::Hash::hash(
                    &self.#name.as_option().filter(|value| {
                        *value != <#held as ::buffa::DefaultInstance>::default_instance()
                    }),
                    state,
                );
            },
            None => quote!(::core::hash::Hash::hash(&self.#name, state);),
        }
    });
    syn::parse_quote! {
        impl ::core::hash::Hash for #name {
            fn hash<__H: ::core::hash::Hasher>(&self, state: &mut __H) {
                #(#fields)*
            }
        }
    }
}

/// The message that `::buffa::MessageField<..>` holds.
fn message(holder: &Type) -> Option<&Type> {
    let Type::Path(path) = holder else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "MessageField")?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        syn::GenericArgument::Type(held) => Some(held),
        _ => None,
    }
}
