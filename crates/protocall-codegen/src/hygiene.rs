//! Gets the names that buffa's JSON code takes for itself out of the way of messages and enums that
//! are called the same: type parameters (`A`, `D`, `E`, `S`) and structs inside of functions (`_V`,
//! `_S`). An enum `E` gave `fn visit_str<E: Error>(..) -> Result<E, E>`, which does not compile.
//!
//! Once both are written `E`, only the place tells them apart. The places are those of the code
//! that buffa writes, and a test compiles messages of all these names.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span};
use syn::visit_mut::{self, VisitMut};

/// Gives the type parameters of serde's functions, and the structs in them, names of their own.
pub(crate) fn apart(file: &mut syn::File) {
    Apart { names: BTreeSet::new() }.visit_file_mut(file);
}

struct Apart {
    /// The type parameters of the innermost function, and the structs of all functions around.
    names: BTreeSet<Ident>,
}

impl VisitMut for Apart {
    fn visit_impl_item_fn_mut(&mut self, function: &mut syn::ImplItemFn) {
        // an inner function sees no type parameter of an outer one
        let outer = std::mem::take(&mut self.names);
        for parameter in function.sig.generics.type_params_mut().filter(|p| is_serdes(p)) {
            self.names.insert(parameter.ident.clone());
            parameter.ident = renamed(&parameter.ident);
        }
        if !self.names.is_empty() {
            self.signature(&mut function.sig);
        }
        visit_mut::visit_impl_item_fn_mut(self, function);
        self.names = outer;
    }

    fn visit_block_mut(&mut self, block: &mut syn::Block) {
        let mut local: Vec<Ident> = Vec::new();
        for statement in &mut block.stmts {
            match statement {
                syn::Stmt::Item(syn::Item::Struct(item))
                    if matches!(item.fields, syn::Fields::Unit) =>
                {
                    local.push(item.ident.clone());
                    item.ident = renamed(&item.ident);
                }
                syn::Stmt::Item(syn::Item::Impl(item)) => {
                    let self_type = single(&mut item.self_ty);
                    if let Some(name) = self_type.filter(|name| local.contains(name)) {
                        *name = renamed(name);
                    }
                }
                _ => {}
            }
        }
        Values { local: &local }.visit_block_mut(block);
        visit_mut::visit_block_mut(self, block);
    }

    /// `S::Ok`, `A::Error`: no message has such a part.
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        let count = path.segments.len();
        let part = path.segments.get(1).map(|segment| segment.ident.to_string());
        if count == 2
            && path.leading_colon.is_none()
            && part.is_some_and(|part| part == "Ok" || part == "Error")
            && let Some(first) = path.segments.first_mut()
            && self.names.contains(&first.ident)
        {
            first.ident = renamed(&first.ident);
        }
        visit_mut::visit_path_mut(self, path);
    }
}

impl Apart {
    /// Arguments of a parameter's type, and the error of a result.
    fn signature(&self, signature: &mut syn::Signature) {
        for input in &mut signature.inputs {
            if let syn::FnArg::Typed(argument) = input {
                self.rename(&mut argument.ty);
            }
        }
        let syn::ReturnType::Type(_, output) = &mut signature.output else { return };
        let syn::Type::Path(output) = output.as_mut() else { return };
        let Some(last) = output.path.segments.last_mut() else { return };
        if let syn::PathArguments::AngleBracketed(arguments) = &mut last.arguments
            && let Some(syn::GenericArgument::Type(error)) = arguments.args.get_mut(1)
        {
            self.rename(error);
        }
    }

    fn rename(&self, item: &mut syn::Type) {
        if let Some(name) = single(item).filter(|name| self.names.contains(name)) {
            *name = renamed(name);
        }
    }
}

/// Renames the structs of a block where they are made; as types, the block names them nowhere.
struct Values<'a> {
    local: &'a [Ident],
}

impl VisitMut for Values<'_> {
    fn visit_expr_path_mut(&mut self, node: &mut syn::ExprPath) {
        let is_single = node.path.segments.len() == 1;
        if let Some(name) = node.path.segments.first_mut().filter(|_| is_single)
            && self.local.contains(&name.ident)
        {
            name.ident = renamed(&name.ident);
        }
    }

    /// Their own blocks have structs of their own.
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

fn is_serdes(parameter: &syn::TypeParam) -> bool {
    parameter.bounds.iter().any(|bound| match bound {
        syn::TypeParamBound::Trait(bound) => {
            bound.path.segments.first().is_some_and(|first| first.ident == "serde")
        }
        _ => false,
    })
}

/// The name that a type is, if it is nothing more.
fn single(item: &mut syn::Type) -> Option<&mut Ident> {
    let syn::Type::Path(item) = item else { return None };
    let is_plain = item.qself.is_none() && item.path.leading_colon.is_none();
    let count = item.path.segments.len();
    let first = item.path.segments.first_mut().filter(|first| first.arguments.is_none());
    first.filter(|_| is_plain && count == 1).map(|first| &mut first.ident)
}

/// No name of the message generator's begins like this, and no proto name with two underscores and
/// a small letter becomes a type.
fn renamed(name: &Ident) -> Ident {
    Ident::new(&format!("__protocall_{name}"), Span::call_site())
}

#[cfg(test)]
mod tests;
