//! The wire codec: for each message a second implementation, which reads and writes it in one pass.
//!
//! It is translated from what buffa's generator wrote for the message (`decode`, `encode`), so that
//! names, types, presence, order and rules of editions are decided in one place, buffa's. Each
//! shape that the generator writes is known here; a message with another one gets an empty
//! implementation, which calls buffa. What the code calls is `protocall::codec::wire`.

mod decode;
mod encode;
mod rename;

use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{ImplItem, Item, ItemImpl, Type};

use crate::checks::Texts;
use crate::error::CodegenError;
use crate::names;

/// Why a message is left to buffa.
#[derive(Debug)]
struct Unsupported(&'static str);

/// The fields of the structs of one module, by name.
type Structs = HashMap<String, HashMap<String, Type>>;

/// Adds an implementation behind each message's own.
///
/// # Errors
/// None that a message of buffa's can cause: [`CodegenError::Messages`] if what was written is not
/// Rust.
pub(crate) fn append(file: &mut syn::File, texts: &Texts) -> Result<(), CodegenError> {
    append_to(&mut file.items, texts)
}

fn append_to(items: &mut Vec<Item>, texts: &Texts) -> Result<(), CodegenError> {
    let structs = structs(items);
    let numbers = texts.in_module(items);
    let mut out = Vec::with_capacity(items.len());
    for mut item in std::mem::take(items) {
        if let Item::Mod(syn::ItemMod { content: Some((_, inner)), .. }) = &mut item {
            append_to(inner, texts)?;
        }
        let added = match &item {
            Item::Impl(message) if is_message(message) => {
                let name = message.self_ty.to_token_stream().to_string();
                let texts = numbers.get(&name).copied().unwrap_or_default();
                Some(wire_message(message, &structs, texts))
            }
            _ => None,
        };
        out.push(item);
        if let Some(added) = added {
            out.extend(names::parse_items(added)?.items);
        }
    }
    *items = out;
    Ok(())
}

fn structs(items: &[Item]) -> Structs {
    let named = items.iter().filter_map(|item| match item {
        Item::Struct(item) => Some(item),
        _ => None,
    });
    named
        .map(|item| {
            let fields = item
                .fields
                .iter()
                .filter_map(|field| Some((field.ident.as_ref()?.to_string(), field.ty.clone())));
            (item.ident.to_string(), fields.collect())
        })
        .collect()
}

/// Whether this is `impl ::buffa::Message for ..`.
fn is_message(item: &ItemImpl) -> bool {
    item.trait_.as_ref().is_some_and(|(_, path, _)| same(path, &quote!(::buffa::Message)))
}

/// `texts` are the numbers of extensions that are strings.
fn wire_message(message: &ItemImpl, structs: &Structs, texts: &[u32]) -> TokenStream {
    let name = &message.self_ty;
    let body = match bodies(message, structs, texts) {
        Ok(body) => body,
        Err(Unsupported(reason)) => {
            let doc = format!(" Left to buffa: {reason}.");
            return quote! {
                #[doc = #doc]
                impl ::protocall::codec::wire::WireMessage for #name {}
            };
        }
    };
    quote! { impl ::protocall::codec::wire::WireMessage for #name { #body } }
}

fn bodies(
    message: &ItemImpl,
    structs: &Structs,
    texts: &[u32],
) -> Result<TokenStream, Unsupported> {
    let name = message.self_ty.to_token_stream().to_string();
    let fields = structs.get(&name).ok_or(Unsupported("its struct is not beside it"))?;
    if !fields.contains_key("__buffa_unknown_fields") {
        return Err(Unsupported("it does not keep unknown fields"));
    }
    let arms = decode::arms(method(message, "merge_field")?, fields)?;
    let (tags, arms): (Vec<u32>, Vec<TokenStream>) = arms.into_iter().unzip();
    let writes = encode::block(method(message, "write_to")?)?;
    let texts = texts.iter().map(|number| {
        let tag = number << 3 | decode::LENGTH_DELIMITED;
        quote! {
            #tag => *buf = __wire::text_extension(
                &mut self.__buffa_unknown_fields, #number, *buf, ctx,
            )?,
        }
    });
    Ok(quote! {
        fn merge_wire<'a>(
            &mut self,
            mut input: &'a [u8],
            ctx: &mut ::protocall::codec::wire::Context<'a>,
            end: u32,
        ) -> ::core::result::Result<&'a [u8], ::protocall::codec::wire::Fault> {
            #[allow(unused_imports)]
            use ::protocall::codec::wire::{self as __wire, Foreign as _, Own as _};
            let buf = &mut input;
            while !buf.is_empty() {
                let tag = __wire::decode_tag(buf)?;
                match tag {
                    #(#tags => { #arms })*
                    #(#texts)*
                    _ => match __wire::other(
                        &mut self.__buffa_unknown_fields, tag, end, &[#(#tags),*], *buf, ctx,
                    )? {
                        ::core::option::Option::Some(rest) => *buf = rest,
                        ::core::option::Option::None => {
                            return ::core::result::Result::Ok(*buf);
                        }
                    },
                }
            }
            __wire::finish(*buf, end)
        }

        fn write_wire(&self, buf: &mut ::protocall::codec::wire::Writer<'_>) {
            #[allow(unused_imports)]
            use ::buffa::Enumeration as _;
            #[allow(unused_imports)]
            use ::protocall::codec::wire::{self as __wire, ForeignItem as _, OwnItem as _};
            #writes
            __wire::put_unknown_fields(&self.__buffa_unknown_fields, buf);
        }
    })
}

fn method<'m>(message: &'m ItemImpl, name: &str) -> Result<&'m syn::Block, Unsupported> {
    let mut methods = message.items.iter().filter_map(|item| match item {
        ImplItem::Fn(method) => Some(method),
        _ => None,
    });
    methods
        .find(|method| method.sig.ident == name)
        .map(|method| &method.block)
        .ok_or(Unsupported("buffa's implementation lacks a method"))
}

/// Whether two pieces of code are the same, however they are laid out.
pub(crate) fn same(code: &impl ToTokens, other: &TokenStream) -> bool {
    text(code) == text(other)
}

/// Code without what layout adds: spaces, and commas behind the last argument of several lines.
fn text(code: &impl ToTokens) -> String {
    let mut text = code.to_token_stream().to_string();
    text.retain(|c| !c.is_whitespace());
    text.replace(",)", ")")
}

/// The call `f(..)` or `f(..)?` that an expression is: the last name of `f` with its generic
/// arguments, and the call's own.
fn call(expr: &syn::Expr) -> Option<(&syn::PathSegment, Vec<&syn::Expr>)> {
    let expr = match expr {
        syn::Expr::Try(inner) => &*inner.expr,
        other => other,
    };
    let syn::Expr::Call(call) = expr else { return None };
    let syn::Expr::Path(function) = &*call.func else { return None };
    let first = function.path.segments.first()?;
    (function.path.leading_colon.is_some() && first.ident == "buffa")
        .then_some((function.path.segments.last()?, call.args.iter().collect()))
}

/// The last names of a call's type arguments: `["Str", "Msg", "_"]`.
fn type_arguments(segment: &syn::PathSegment) -> Vec<String> {
    let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return Vec::new();
    };
    let last = |argument: &syn::GenericArgument| match argument {
        syn::GenericArgument::Type(Type::Path(path)) => {
            path.path.segments.last().map_or_else(String::new, |last| last.ident.to_string())
        }
        other => other.to_token_stream().to_string(),
    };
    arguments.args.iter().map(last).collect()
}

/// `self.f` out of `&self.f`, `&mut self.f` or `self.f` itself.
fn own_field(expr: &syn::Expr) -> Option<&syn::Ident> {
    let expr = match expr {
        syn::Expr::Reference(reference) => &*reference.expr,
        other => other,
    };
    let syn::Expr::Field(field) = expr else { return None };
    let syn::Member::Named(name) = &field.member else { return None };
    same(&field.base, &quote!(self)).then_some(name)
}

#[cfg(test)]
mod tests;
