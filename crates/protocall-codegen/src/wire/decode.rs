//! `merge_field` to arms over whole tags: number and wire type at once, instead of a match on the
//! number and a check of the wire type behind it.

use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::quote;
use syn::visit::{self, Visit};
use syn::{Block, Expr, Ident, Pat, Stmt, Type};

use super::{Unsupported, call, own_field, rename, same, text, type_arguments};

type Fields = HashMap<String, Type>;

pub(super) const LENGTH_DELIMITED: u32 = 2;

/// The arms, each with its tag; that of the wire type that a field is written in comes first.
pub(super) fn arms(merge: &Block, fields: &Fields) -> Result<Vec<(u32, TokenStream)>, Unsupported> {
    let [.., Stmt::Expr(Expr::Match(fields_match), _), Stmt::Expr(_, None)] =
        merge.stmts.as_slice()
    else {
        return Err(Unsupported("buffa reads it in an unknown way"));
    };
    let mut out = Vec::new();
    for arm in &fields_match.arms {
        let Expr::Block(body) = &*arm.body else {
            return Err(Unsupported("buffa reads it in an unknown way"));
        };
        match &arm.pat {
            Pat::Lit(syn::ExprLit { lit: syn::Lit::Int(number), .. }) => {
                let number = number.base10_parse().map_err(|_| Unsupported("a field number"))?;
                out.extend(field(number, &body.block, fields)?);
            }
            Pat::Wild(_) if keeps_unknown(&body.block) => {}
            _ => return Err(Unsupported("buffa reads it in an unknown way")),
        }
    }
    Ok(out)
}

/// Whether the last arm is the common one, which message sets and others do not have.
fn keeps_unknown(body: &Block) -> bool {
    same(
        body,
        &quote!({
            self.__buffa_unknown_fields
                .push(::buffa::encoding::decode_unknown_field(tag, buf, ctx)?);
        }),
    )
}

fn field(
    number: u32,
    body: &Block,
    fields: &Fields,
) -> Result<Vec<(u32, TokenStream)>, Unsupported> {
    if let [Stmt::Expr(Expr::If(either), _)] = body.stmts.as_slice() {
        return packable(number, either, fields);
    }
    let Some((Stmt::Expr(check, Some(_)), rest)) = body.stmts.split_first() else {
        return Err(Unsupported("a field is read in an unknown way"));
    };
    let wire_type = match call(check) {
        Some((name, arguments)) if name.ident == "check_wire_type" => {
            wire_type(arguments.get(1).ok_or(Unsupported("a wire type"))?)?
        }
        _ => return Err(Unsupported("a field is read in an unknown way")),
    };
    let code = match rest {
        [Stmt::Expr(Expr::If(oneof), _)] if text(oneof).contains("::merge_") => {
            message_in_oneof(oneof)?
        }
        [Stmt::Local(_), Stmt::Expr(_, _), Stmt::Expr(merge, _), Stmt::Expr(push, _)]
            if merge_call(merge, &quote!(&mut elem)).is_some() =>
        {
            repeated_message(merge, push, fields)?
        }
        [Stmt::Expr(expr, _)] => match call(expr) {
            Some((name, arguments)) if name.ident.to_string().starts_with("merge_entry") => {
                let known = |of: Option<&&Expr>| of.and_then(|expr| own_field(expr)).cloned();
                let map = known(arguments.first()).ok_or(Unsupported("a map"))?;
                map_entry(number, &map, &type_arguments(name))?
            }
            Some((name, arguments))
                if name.ident == "merge_length_delimited" || name.ident == "merge_group" =>
            {
                let target = arguments.first().ok_or(Unsupported("a message"))?;
                merge_into(&name.ident, quote!(#target), number)
            }
            _ => renamed(rest)?,
        },
        _ => renamed(rest)?,
    };
    Ok(vec![(number << 3 | wire_type, code)])
}

fn renamed(stmts: &[Stmt]) -> Result<TokenStream, Unsupported> {
    let block = Block { brace_token: syn::token::Brace::default(), stmts: stmts.to_vec() };
    let block = rename::block(block)?;
    let stmts = block.stmts;
    Ok(quote! { #(#stmts)* })
}

/// The wire type that `::buffa::encoding::WireType::Varint` names.
fn wire_type(expr: &Expr) -> Result<u32, Unsupported> {
    let Expr::Path(path) = expr else { return Err(Unsupported("a wire type")) };
    let name = path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
    Ok(match name.as_str() {
        "Varint" => 0,
        "Fixed64" => 1,
        "LengthDelimited" => LENGTH_DELIMITED,
        "StartGroup" => 3,
        "Fixed32" => 5,
        _ => return Err(Unsupported("a wire type")),
    })
}

/// A repeated field that may come packed or not, whichever it is written as.
fn packable(
    number: u32,
    either: &syn::ExprIf,
    fields: &Fields,
) -> Result<Vec<(u32, TokenStream)>, Unsupported> {
    let unknown = Unsupported("a repeated field is read in an unknown way");
    let Some((_, otherwise)) = &either.else_branch else { return Err(unknown) };
    let (Expr::If(single), Expr::Binary(condition)) = (&**otherwise, &*either.cond) else {
        return Err(unknown);
    };
    let Expr::Binary(single_condition) = &*single.cond else { return Err(unknown) };
    if wire_type(&condition.right)? != LENGTH_DELIMITED {
        return Err(unknown);
    }
    let single_type = wire_type(&single_condition.right)?;
    let one = rename::block(single.then_branch.clone())?;
    let mut pushed = Pushed(None);
    pushed.visit_block(&one);
    let Some(list) = pushed.0.filter(|list| is_vec(list, fields)) else { return Err(unknown) };
    let extend = fixed_width(&list, &one);
    let packed = match (single_type, extend) {
        (1 | 5, Some(extend)) => quote! {
            __wire::#extend(&mut self.#list, __wire::decode_slice(buf)?)?;
        },
        (0, _) => {
            let stmts = &one.stmts;
            quote! {
                let mut packed = __wire::decode_slice(buf)?;
                self.#list.reserve(__wire::count_varints(packed));
                let buf = &mut packed;
                while !buf.is_empty() {
                    #(#stmts)*
                }
            }
        }
        _ => return Err(unknown),
    };
    let stmts = one.stmts;
    Ok(vec![
        (number << 3 | LENGTH_DELIMITED, packed),
        (number << 3 | single_type, quote! { #(#stmts)* }),
    ])
}

/// The function that reads all values of a field of fixed width at once.
fn fixed_width(list: &Ident, one: &Block) -> Option<Ident> {
    ["float", "double", "fixed32", "fixed64", "sfixed32", "sfixed64"].into_iter().find_map(
        |value| {
            let decode = quote::format_ident!("decode_{value}");
            same(one, &quote!({ self.#list.push(__wire::#decode(buf)?); }))
                .then(|| quote::format_ident!("extend_{value}"))
        },
    )
}

/// Finds `self.list.push(..)`.
struct Pushed(Option<Ident>);

impl<'ast> Visit<'ast> for Pushed {
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if call.method == "push"
            && let Some(field) = own_field(&call.receiver)
            && field != "__buffa_unknown_fields"
        {
            self.0 = Some(field.clone());
        }
        visit::visit_expr_method_call(self, call);
    }
}

fn is_vec(field: &Ident, fields: &Fields) -> bool {
    let Some(Type::Path(path)) = fields.get(&field.to_string()) else { return false };
    let names: Vec<String> = path.path.segments.iter().map(|s| s.ident.to_string()).collect();
    path.path.leading_colon.is_some() && names == ["buffa", "alloc", "vec", "Vec"]
}

/// `merge_length_delimited` or `merge_group`, if that is what is done to `target`.
fn merge_call<'e>(expr: &'e Expr, target: &TokenStream) -> Option<&'e Ident> {
    let (name, arguments) = call(expr)?;
    let known = name.ident == "merge_length_delimited" || name.ident == "merge_group";
    (known && same(arguments.first()?, target)).then_some(&name.ident)
}

fn merge_into(function: &Ident, target: TokenStream, number: u32) -> TokenStream {
    if function == "merge_group" {
        quote! { __wire::Slot(#target).merge_group(buf, ctx, #number)?; }
    } else {
        quote! { __wire::Slot(#target).merge_message(buf, ctx)?; }
    }
}

fn repeated_message(
    merge: &Expr,
    push: &Expr,
    fields: &Fields,
) -> Result<TokenStream, Unsupported> {
    let unknown = Unsupported("a list of messages is read in an unknown way");
    let Expr::MethodCall(push) = push else { return Err(unknown) };
    let Some(list) = own_field(&push.receiver).filter(|list| is_vec(list, fields)) else {
        return Err(unknown);
    };
    let Some((name, arguments)) = call(merge) else { return Err(unknown) };
    let target = quote! { __wire::push_element(&mut self.#list, ctx)? };
    Ok(match arguments.get(3) {
        Some(number) => quote! { __wire::Slot(#target).merge_group(buf, ctx, #number)?; },
        None if name.ident == "merge_length_delimited" => {
            quote! { __wire::Slot(#target).merge_message(buf, ctx)?; }
        }
        None => return Err(unknown),
    })
}

/// A message merges with the one that the oneof holds, if it holds that one.
fn message_in_oneof(oneof: &syn::ExprIf) -> Result<TokenStream, Unsupported> {
    let unknown = Unsupported("a message in a oneof is held in an unknown way");
    let Expr::Let(held) = &*oneof.cond else { return Err(unknown) };
    let Pat::TupleStruct(some) = &*held.pat else { return Err(unknown) };
    let Some(Pat::TupleStruct(variant)) = some.elems.first() else { return Err(unknown) };
    let (path, Some(field)) = (&variant.path, own_field(&held.expr)) else { return Err(unknown) };
    let [Stmt::Expr(merge, _)] = oneof.then_branch.stmts.as_slice() else { return Err(unknown) };
    let Some((_, otherwise)) = &oneof.else_branch else { return Err(unknown) };
    let boxed = text(&quote!(::buffa::alloc::boxed::Box::new(val)));
    if merge_call(merge, &quote!(&mut **existing)).is_none() || !text(otherwise).contains(&boxed) {
        return Err(unknown);
    }
    let Some((name, arguments)) = call(merge) else { return Err(unknown) };
    let merge = match arguments.get(3) {
        Some(number) if name.ident == "merge_group" => {
            quote! { __wire::Slot(&mut **existing).merge_group(buf, ctx, #number)?; }
        }
        _ => quote! { __wire::Slot(&mut **existing).merge_message(buf, ctx)?; },
    };
    Ok(quote! {
        if !::core::matches!(self.#field, ::core::option::Option::Some(#path(_))) {
            self.#field =
                ::core::option::Option::Some(#path(::core::default::Default::default()));
        }
        if let ::core::option::Option::Some(#path(existing)) = &mut self.#field {
            #merge
        }
    })
}

/// Wire type and decoding of a map's key or value, by the name that buffa's codec of it has.
fn entry_part(
    codec: &str,
    number: u32,
    into: TokenStream,
) -> Result<(u32, TokenStream), Unsupported> {
    let (wire_type, value) = match codec {
        "Int32" | "Int64" | "Uint32" | "Uint64" | "Sint32" | "Sint64" | "Bool" => {
            (0, decode_value(codec))
        }
        "Fixed64" | "Sfixed64" | "Double" => (1, decode_value(codec)),
        "Fixed32" | "Sfixed32" | "Float" => (5, decode_value(codec)),
        "Str" => (2, quote!(__wire::decode_string(&mut entry)?)),
        "BytesVec" => (2, quote!(__wire::decode_bytes(&mut entry)?)),
        "BytesBuf" => (2, quote!(__wire::decode_bytes_to_bytes(&mut entry, ctx)?)),
        "OpenEnum" => (0, quote!(::buffa::EnumValue::from(__wire::decode_int32(&mut entry)?))),
        "ClosedEnum" => {
            let code = quote! {{
                let raw = __wire::decode_int32(&mut entry)?;
                known = match ::buffa::Enumeration::from_i32(raw) {
                    ::core::option::Option::Some(named) => {
                        #into = named;
                        true
                    }
                    ::core::option::Option::None => false,
                };
            }};
            return Ok((number << 3, code));
        }
        "Msg" => {
            let code = quote!(__wire::Slot(&mut #into).merge_message(&mut entry, ctx)?);
            return Ok((number << 3 | LENGTH_DELIMITED, code));
        }
        _ => return Err(Unsupported("a map of an unknown type")),
    };
    Ok((number << 3 | wire_type, quote!(#into = #value)))
}

fn decode_value(codec: &str) -> TokenStream {
    let function = quote::format_ident!("decode_{}", codec.to_lowercase());
    quote!(__wire::#function(&mut entry)?)
}

fn map_entry(number: u32, map: &Ident, codecs: &[String]) -> Result<TokenStream, Unsupported> {
    let [key_codec, value_codec, ..] = codecs else { return Err(Unsupported("a map")) };
    let (key_tag, key) = entry_part(key_codec, 1, quote!(key))?;
    let (value_tag, value) = entry_part(value_codec, 2, quote!(value))?;
    let insert = quote! { __wire::insert_entry(&mut self.#map, key, value); };
    // an entry with a number that a closed enum does not have is kept whole
    let (before, after) = if value_codec == "ClosedEnum" {
        let after = quote! {
            if known {
                #insert
            } else {
                ctx.register_unknown_field()?;
                self.__buffa_unknown_fields.push(::buffa::UnknownField {
                    number: #number,
                    data: ::buffa::UnknownFieldData::LengthDelimited(whole.to_vec()),
                });
            }
        };
        (quote! { let whole = entry; let mut known = true; }, after)
    } else {
        (TokenStream::new(), insert)
    };
    Ok(quote! {
        __wire::apart(|| {
            let mut entry = __wire::decode_slice(buf)?;
            #before
            let (mut key, mut value) = __wire::new_entry(&self.#map, ctx)?;
            while !entry.is_empty() {
                match __wire::decode_inner_tag(&mut entry)? {
                    #key_tag => #key,
                    #value_tag => #value,
                    tag => entry = __wire::skip_field(tag, [#key_tag, #value_tag], entry, ctx)?,
                }
            }
            #after
            ::core::result::Result::Ok(())
        })?;
    })
}
