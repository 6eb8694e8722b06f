//! Calls of buffa's functions become calls of ours, which have their names; what else of buffa may
//! stay is listed. Anything unlisted makes the message one that is left to buffa.

use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Path, parse_quote};

use super::{Unsupported, text};

/// Functions of `::buffa::types` that `protocall::codec::wire` has, too.
const VALUES: [&str; 13] = [
    "int32", "int64", "uint32", "uint64", "sint32", "sint64", "bool", "float", "double", "fixed32",
    "fixed64", "sfixed32", "sfixed64",
];
const OTHERS: [&str; 7] = [
    "decode_string",
    "decode_bytes",
    "merge_string",
    "merge_bytes",
    "put_string_field",
    "put_shared_bytes_field",
    "put_len_delimited_header",
];

/// Paths that mean the same in our code.
const KEPT: [&str; 11] = [
    "::buffa::EnumValue::from",
    "::buffa::Enumeration::from_i32",
    "::buffa::UnknownField",
    "::buffa::UnknownFieldData::Varint",
    "::buffa::__private::element_footprint",
    "::buffa::alloc::string::String::new",
    "::buffa::alloc::vec::Vec::new",
    "::buffa::types::FIXED32_ENCODED_LEN",
    "::buffa::types::FIXED64_ENCODED_LEN",
    "::buffa::types::BOOL_ENCODED_LEN",
    "::buffa::bytes::Bytes::new",
];

/// Variables of buffa's method that ours lacks, or has as another type.
const VARIABLES: [&str; 4] = ["tag", "limited", "__cache", "_cache"];

/// Renames within an expression.
pub(super) fn expr(mut expr: Expr) -> Result<Expr, Unsupported> {
    let mut rename = Rename { unsupported: None };
    rename.visit_expr_mut(&mut expr);
    rename.unsupported.map_or(Ok(expr), Err)
}

/// Renames within a block.
pub(super) fn block(mut block: syn::Block) -> Result<syn::Block, Unsupported> {
    let mut rename = Rename { unsupported: None };
    rename.visit_block_mut(&mut block);
    rename.unsupported.map_or(Ok(block), Err)
}

struct Rename {
    unsupported: Option<Unsupported>,
}

impl VisitMut for Rename {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Call(call) = expr
            && is(&call.func, "::buffa::types::decode_bytes_to_bytes")
        {
            // shares the payload, which the context knows
            *expr = parse_quote!(__wire::decode_bytes_to_bytes(buf, ctx));
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        if is(&call.receiver, "buf") {
            self.unsupported = Some(Unsupported("it reads a buffer in an unknown way"));
        }
        visit_mut::visit_expr_method_call_mut(self, call);
    }

    fn visit_path_mut(&mut self, path: &mut Path) {
        if let Some(name) = path.get_ident()
            && VARIABLES.iter().any(|variable| name == variable)
        {
            self.unsupported = Some(Unsupported("it is read in an unknown way"));
        }
        let of_buffa = path.leading_colon.is_some()
            && path.segments.first().is_some_and(|first| first.ident == "buffa");
        if of_buffa && !KEPT.iter().any(|kept| is(path, kept)) {
            match renamed(path) {
                Some(ours) => *path = ours,
                None if is_length(path) => {}
                None => self.unsupported = Some(Unsupported("it has a type of its own")),
            }
        }
        visit_mut::visit_path_mut(self, path);
    }
}

fn renamed(path: &Path) -> Option<Path> {
    let name = value_function(path)?;
    let parts = name.split('_').collect::<Vec<_>>();
    let known = OTHERS.contains(&name.as_str())
        || match parts.as_slice() {
            ["decode" | "encode", value] | ["put", value, "field"] => VALUES.contains(value),
            _ => false,
        };
    let name = syn::Ident::new(&name, proc_macro2::Span::call_site());
    known.then(|| parse_quote!(__wire::#name))
}

/// `int32_encoded_len`, which has no side.
fn is_length(path: &Path) -> bool {
    value_function(path)
        .is_some_and(|name| name.strip_suffix("_encoded_len").is_some_and(|v| VALUES.contains(&v)))
}

/// `f` out of `::buffa::types::f`.
fn value_function(path: &Path) -> Option<String> {
    let name = path.segments.last()?.ident.to_string();
    is(path, &format!("::buffa::types::{name}")).then_some(name)
}

fn is(code: &impl ToTokens, other: &str) -> bool {
    text(code) == other
}
