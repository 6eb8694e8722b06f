//! `write_to` to a writer in one pass: the same statements in the same order, without the sizes
//! that buffa computed before.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Block, Expr, Stmt};

use super::{Unsupported, call, own_field, rename, same, type_arguments};

/// The statements of a block, whose last one may write unknown fields.
pub(super) fn block(block: &Block) -> Result<TokenStream, Unsupported> {
    let mut out = TokenStream::new();
    let mut rest = block.stmts.as_slice();
    while let Some((first, behind)) = rest.split_first() {
        let (code, taken) = match (message(first, behind), first) {
            (Some(found), _) => found?,
            (None, Stmt::Item(_)) => (TokenStream::new(), 1),
            (None, Stmt::Expr(expr, _)) => (statement(expr)?, 1),
            (None, Stmt::Local(local)) => {
                let block = Block {
                    brace_token: syn::token::Brace::default(),
                    stmts: vec![Stmt::Local(local.clone())],
                };
                let stmts = rename::block(block)?.stmts;
                (quote! { #(#stmts)* }, 1)
            }
            _ => return Err(Unsupported("buffa writes it in an unknown way")),
        };
        out.extend(code);
        rest = rest.get(taken..).unwrap_or_default();
    }
    Ok(out)
}

fn statement(expr: &Expr) -> Result<TokenStream, Unsupported> {
    match expr {
        Expr::If(choice) if choice.else_branch.is_none() => {
            let condition = rename::expr((*choice.cond).clone())?;
            let inner = block(&choice.then_branch)?;
            Ok(quote! { if #condition { #inner } })
        }
        Expr::ForLoop(each) => {
            let (pattern, list, inner) = (&each.pat, &each.expr, block(&each.body)?);
            Ok(quote! { for #pattern in #list { #inner } })
        }
        Expr::Block(inner) => {
            let inner = block(&inner.block)?;
            Ok(quote! { { #inner } })
        }
        Expr::Match(oneof) => {
            let value = &oneof.expr;
            let arms = oneof.arms.iter().map(|arm| {
                let Expr::Block(body) = &*arm.body else {
                    return Err(Unsupported("buffa writes a oneof in an unknown way"));
                };
                let (pattern, inner) = (&arm.pat, block(&body.block)?);
                Ok(quote! { #pattern => { #inner } })
            });
            let arms: Vec<TokenStream> = arms.collect::<Result<_, _>>()?;
            Ok(quote! { match #value { #(#arms)* } })
        }
        Expr::MethodCall(_) if same(expr, &quote!(self.__buffa_unknown_fields.write_to(buf))) => {
            // written by the method itself, behind everything
            Ok(TokenStream::new())
        }
        Expr::Call(_) => match map(expr) {
            Some(map) => map,
            None => {
                let expr = rename::expr(expr.clone())?;
                Ok(quote! { #expr; })
            }
        },
        _ => Err(Unsupported("buffa writes it in an unknown way")),
    }
}

/// A message behind its length, or within its group; and of how many statements.
fn message(first: &Stmt, behind: &[Stmt]) -> Option<Result<(TokenStream, usize), Unsupported>> {
    let Stmt::Expr(first, _) = first else { return None };
    let (name, arguments) = call(first)?;
    let number = arguments.first()?;
    let (method, taken) = if name.ident == "put_group_start" {
        ("write_group", 3)
    } else {
        let cached = quote!(u64::from(__cache.consume_next()));
        let sized = name.ident == "put_len_delimited_header" && same(arguments.get(1)?, &cached);
        sized.then_some(("write_message", 2))?
    };
    let method = format_ident!("{method}");
    Some(match behind.first().and_then(written) {
        Some(target) => Ok((quote! { __wire::Item(#target).#method(#number, buf); }, taken)),
        None => Err(Unsupported("buffa writes a message in an unknown way")),
    })
}

/// `&M` out of `x.write_to(__cache, buf)`: a field is a `MessageField`, `v` an element of a list,
/// `x` what a oneof boxes.
fn written(stmt: &Stmt) -> Option<TokenStream> {
    let Stmt::Expr(Expr::MethodCall(write), _) = stmt else { return None };
    if write.method != "write_to" {
        return None;
    }
    let target = &write.receiver;
    if own_field(target).is_some() {
        Some(quote!(&*#target))
    } else if same(target, &quote!(v)) {
        Some(quote!(v))
    } else if same(target, &quote!(x)) {
        Some(quote!(&**x))
    } else {
        None
    }
}

fn map(expr: &Expr) -> Option<Result<TokenStream, Unsupported>> {
    let (name, arguments) = call(expr)?;
    let codecs = type_arguments(name);
    let value_codec = if name.ident == "write_message_field" {
        "Msg"
    } else if name.ident == "write_field" {
        codecs.get(1)?
    } else {
        return None;
    };
    let (map, number) = (own_field(arguments.first()?)?, arguments.get(1)?);
    let parts = entry_part(codecs.first()?, 1, &quote!(key))
        .and_then(|key| Ok((key, entry_part(value_codec, 2, &quote!(value))?)));
    Some(parts.map(|(key, value)| {
        quote! {
            for (key, value) in __wire::entries(&self.#map) {
                let mark = buf.begin(#number);
                #key
                #value
                buf.end(mark);
            }
        }
    }))
}

fn entry_part(codec: &str, number: u32, of: &TokenStream) -> Result<TokenStream, Unsupported> {
    Ok(match codec {
        "Int32" | "Int64" | "Uint32" | "Uint64" | "Sint32" | "Sint64" | "Bool" | "Fixed64"
        | "Sfixed64" | "Double" | "Fixed32" | "Sfixed32" | "Float" => {
            let put = format_ident!("put_{}_field", codec.to_lowercase());
            quote! { __wire::#put(#number, *#of, buf); }
        }
        "Str" => quote! { __wire::put_string_field(#number, #of, buf); },
        "BytesVec" | "BytesBuf" => quote! { __wire::put_shared_bytes_field(#number, #of, buf); },
        "OpenEnum" | "ClosedEnum" => {
            quote! { __wire::put_int32_field(#number, #of.to_i32(), buf); }
        }
        "Msg" => quote! { __wire::Item(#of).write_message(#number, buf); },
        _ => return Err(Unsupported("a map of an unknown type")),
    })
}
