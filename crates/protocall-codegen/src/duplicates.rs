//! Makes buffa's JSON code refuse a field that is set twice, as protobuf's rules want.
//!
//! Messages without oneofs are read by serde's derive, which refuses it by itself; for the others
//! buffa writes a `visit_map`, where the last one won silently.

use syn::visit_mut::{self, VisitMut};

/// Lets each arm of a `visit_map` that sets a field look first whether it is set.
pub(crate) fn refuse(file: &mut syn::File) {
    Refuse.visit_file_mut(file);
}

struct Refuse;

impl VisitMut for Refuse {
    fn visit_impl_item_fn_mut(&mut self, function: &mut syn::ImplItemFn) {
        if function.sig.ident == "visit_map" {
            Arms.visit_block_mut(&mut function.block);
        }
        visit_mut::visit_impl_item_fn_mut(self, function);
    }
}

struct Arms;

impl VisitMut for Arms {
    fn visit_arm_mut(&mut self, arm: &mut syn::Arm) {
        if let (Some(name), Some((field, block))) = (name(&arm.pat), set_by(&mut arm.body)) {
            let check: syn::Stmt = syn::parse_quote! {
                if #field.is_some() {
                    return ::core::result::Result::Err(::serde::de::Error::duplicate_field(#name));
                }
            };
            block.stmts.insert(0, check);
        }
        visit_mut::visit_arm_mut(self, arm);
    }
}

/// The first of the names that an arm is for.
fn name(pattern: &syn::Pat) -> Option<syn::LitStr> {
    match pattern {
        syn::Pat::Lit(syn::ExprLit { lit: syn::Lit::Str(name), .. }) => Some(name.clone()),
        syn::Pat::Or(names) => names.cases.first().and_then(name),
        _ => None,
    }
}

/// The variable that a block begins by setting: `__f_name = Some(..)`.
fn set_by(body: &mut syn::Expr) -> Option<(syn::Ident, &mut syn::Block)> {
    let syn::Expr::Block(syn::ExprBlock { block, .. }) = body else { return None };
    let Some(syn::Stmt::Expr(syn::Expr::Assign(assign), _)) = block.stmts.first() else {
        return None;
    };
    let syn::Expr::Path(variable) = assign.left.as_ref() else { return None };
    let variable = variable.path.get_ident()?.clone();
    variable.to_string().starts_with("__f_").then_some((variable, block))
}

#[cfg(test)]
mod tests;
