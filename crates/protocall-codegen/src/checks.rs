//! Makes buffa's decoder refuse what protobuf's rules refuse: overlong tags, and extensions of
//! string type that are not UTF-8. buffa keeps extensions as bytes, so that only the code of the
//! message that they extend can look at them, as soon as it knows which of them are text.
//!
//! What the code calls is `protocall::codec::checks`; `wire` asks for the same extensions.

use std::collections::BTreeMap;

use buffa_descriptor::features::{self, ResolvedFeatures, Utf8Validation};
use buffa_descriptor::generated::descriptor::field_descriptor_proto::Type;
use buffa_descriptor::generated::descriptor::{DescriptorProto, FieldDescriptorProto};
use quote::{ToTokens, quote};
use syn::{Expr, ImplItem, Item, ItemImpl, Pat};

use crate::index::Index;
use crate::wire::same;

/// The extensions of the selected files that are text, by the full name of what they extend.
#[derive(Default)]
pub(crate) struct Texts(BTreeMap<String, Vec<u32>>);

impl Texts {
    pub(crate) fn new(index: &Index<'_>, selected: &[String]) -> Self {
        let mut texts = Self::default();
        for file in selected.iter().filter_map(|name| index.file(name)) {
            let of_file = features::for_file(file);
            texts.add(&file.extension, &of_file);
            file.message_type.iter().for_each(|message| texts.add_message(message, &of_file));
        }
        // whatever the order of the files
        texts.0.values_mut().for_each(|numbers| numbers.sort_unstable());
        texts
    }

    fn add_message(&mut self, message: &DescriptorProto, outer: &ResolvedFeatures) {
        let own = features::resolve_child(outer, features::message_features(message));
        self.add(&message.extension, &own);
        message.nested_type.iter().for_each(|nested| self.add_message(nested, &own));
    }

    fn add(&mut self, extensions: &[FieldDescriptorProto], outer: &ResolvedFeatures) {
        for field in extensions.iter().filter(|field| field.r#type == Some(Type::TYPE_STRING)) {
            let own = features::resolve_child(outer, features::field_features(field));
            let number = field.number.and_then(|number| u32::try_from(number).ok());
            if let (Utf8Validation::Verify, Some(number)) = (own.utf8_validation, number) {
                let extended = field.extendee.as_deref().unwrap_or_default();
                let extended = extended.trim_start_matches('.').to_owned();
                self.0.entry(extended).or_default().push(number);
            }
        }
    }

    /// Those of the messages of one module, by the messages' Rust names.
    pub(crate) fn in_module<'t>(&'t self, items: &[Item]) -> BTreeMap<String, &'t [u32]> {
        let named = items.iter().filter_map(|item| match item {
            Item::Impl(item) if implements(item, "MessageName") => Some(item),
            _ => None,
        });
        named
            .filter_map(|item| {
                let numbers = self.0.get(&full_name(item)?)?.as_slice();
                Some((item.self_ty.to_token_stream().to_string(), numbers))
            })
            .collect()
    }
}

/// Whether this is `impl ::buffa::NAME for ..`.
fn implements(item: &ItemImpl, name: &str) -> bool {
    item.trait_.as_ref().is_some_and(|(_, path, _)| {
        let names = path.segments.iter().map(|segment| segment.ident.to_string());
        path.leading_colon.is_some() && names.eq(["buffa", name])
    })
}

/// The string that `FULL_NAME` is.
fn full_name(item: &ItemImpl) -> Option<String> {
    item.items.iter().find_map(|item| match item {
        ImplItem::Const(syn::ImplItemConst {
            ident,
            expr: Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }),
            ..
        }) if ident == "FULL_NAME" => Some(text.value()),
        _ => None,
    })
}

/// Puts the checks into each message's implementation.
pub(crate) fn insert(items: &mut [Item], texts: &Texts) {
    let numbers = texts.in_module(items);
    for item in items {
        match item {
            Item::Mod(syn::ItemMod { content: Some((_, inner)), .. }) => insert(inner, texts),
            Item::Impl(message) if implements(message, "Message") => {
                let name = message.self_ty.to_token_stream().to_string();
                if let Some(numbers) = numbers.get(&name) {
                    check_texts(message, numbers);
                }
                message.items.extend(loops());
            }
            _ => {}
        }
    }
}

/// buffa's two loops over fields, with a decoder of tags that counts their bytes.
fn loops() -> [ImplItem; 2] {
    [
        syn::parse_quote! {
            fn merge_to_limit(
                &mut self,
                buf: &mut impl ::buffa::bytes::Buf,
                ctx: ::buffa::DecodeContext<'_>,
                limit: usize,
            ) -> ::core::result::Result<(), ::buffa::DecodeError> {
                ::protocall::codec::checks::merge_to_limit(self, buf, ctx, limit)
            }
        },
        syn::parse_quote! {
            fn merge_group(
                &mut self,
                buf: &mut impl ::buffa::bytes::Buf,
                ctx: ::buffa::DecodeContext<'_>,
                number: u32,
            ) -> ::core::result::Result<(), ::buffa::DecodeError> {
                ::protocall::codec::checks::merge_group(self, buf, ctx, number)
            }
        },
    ]
}

/// Looks at what `merge_field` keeps as an unknown field, in the last arm of its match.
fn check_texts(message: &mut ItemImpl, numbers: &[u32]) {
    let merge = message.items.iter_mut().find_map(|item| match item {
        ImplItem::Fn(function) if function.sig.ident == "merge_field" => Some(function),
        _ => None,
    });
    let statements = merge.into_iter().flat_map(|function| &mut function.block.stmts);
    for statement in statements {
        let syn::Stmt::Expr(Expr::Match(fields), _) = statement else { continue };
        let Some(arm) = fields.arms.last_mut().filter(|arm| matches!(arm.pat, Pat::Wild(_))) else {
            continue;
        };
        // A message set's items are messages, and never text: its arm is another one.
        let known = quote!({
            self.__buffa_unknown_fields
                .push(::buffa::encoding::decode_unknown_field(tag, buf, ctx)?);
        });
        if same(&arm.body, &known) {
            *arm.body = syn::parse_quote!({
                let field = ::buffa::encoding::decode_unknown_field(tag, buf, ctx)?;
                ::protocall::codec::checks::text(&field, &[#(#numbers),*])?;
                self.__buffa_unknown_fields.push(field);
            });
        }
    }
}

#[cfg(test)]
mod tests;
