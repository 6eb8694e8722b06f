//! Moves the message runtime's paths under `::protocall`, so that an application needs no
//! dependency on the message crates itself and always uses the versions that the runtime was built
//! with.
//!
//! It works on syntax trees, never on text: a comment or a string that mentions a path stays.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use syn::visit_mut::{self, VisitMut};

/// The crates that `protocall` re-exports under their own names.
const REEXPORTED: [&str; 3] = ["buffa", "buffa_types", "buffa_descriptor"];

/// Rewrites `::buffa::..` into `::protocall::buffa::..`, and likewise for its sister crates.
pub(crate) fn under_protocall(file: &mut syn::File) {
    Rehome.visit_file_mut(file);
}

struct Rehome;

impl VisitMut for Rehome {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        if path_moves(path) {
            path.segments.insert(0, syn::PathSegment::from(home()));
        }
        visit_mut::visit_path_mut(self, path);
    }

    fn visit_type_path_mut(&mut self, node: &mut syn::TypePath) {
        shift(&mut node.qself, &node.path);
        visit_mut::visit_type_path_mut(self, node);
    }

    fn visit_expr_path_mut(&mut self, node: &mut syn::ExprPath) {
        shift(&mut node.qself, &node.path);
        visit_mut::visit_expr_path_mut(self, node);
    }

    fn visit_expr_struct_mut(&mut self, node: &mut syn::ExprStruct) {
        shift(&mut node.qself, &node.path);
        visit_mut::visit_expr_struct_mut(self, node);
    }

    fn visit_pat_struct_mut(&mut self, node: &mut syn::PatStruct) {
        shift(&mut node.qself, &node.path);
        visit_mut::visit_pat_struct_mut(self, node);
    }

    fn visit_pat_tuple_struct_mut(&mut self, node: &mut syn::PatTupleStruct) {
        shift(&mut node.qself, &node.path);
        visit_mut::visit_pat_tuple_struct_mut(self, node);
    }

    fn visit_item_use_mut(&mut self, item: &mut syn::ItemUse) {
        let first_moves = match &item.tree {
            syn::UseTree::Path(path) => moves(&path.ident),
            syn::UseTree::Name(name) => moves(&name.ident),
            syn::UseTree::Rename(rename) => moves(&rename.ident),
            syn::UseTree::Glob(_) | syn::UseTree::Group(_) => false,
        };
        if item.leading_colon.is_some() && first_moves {
            let rest = std::mem::replace(&mut item.tree, empty_group());
            item.tree = syn::UseTree::Path(syn::UsePath {
                ident: home(),
                colon2_token: syn::token::PathSep::default(),
                tree: Box::new(rest),
            });
        }
    }

    fn visit_macro_mut(&mut self, item: &mut syn::Macro) {
        self.visit_path_mut(&mut item.path);
        item.tokens = in_tokens(std::mem::take(&mut item.tokens));
    }

    fn visit_meta_list_mut(&mut self, list: &mut syn::MetaList) {
        self.visit_path_mut(&mut list.path);
        list.tokens = in_tokens(std::mem::take(&mut list.tokens));
    }
}

fn path_moves(path: &syn::Path) -> bool {
    path.leading_colon.is_some() && path.segments.first().is_some_and(|s| moves(&s.ident))
}

/// In `<T as ::buffa::Message>::decode`, a number says how many segments stand inside of the
/// angles: one more from now on.
fn shift(qself: &mut Option<syn::QSelf>, path: &syn::Path) {
    if let Some(qself) = qself.as_mut().filter(|qself| qself.position > 0 && path_moves(path)) {
        qself.position += 1;
    }
}

/// A macro's input has no syntax tree: there, a path is global if nothing that could end a path
/// stands before its `::`.
fn in_tokens(tokens: TokenStream) -> TokenStream {
    let mut out: Vec<TokenTree> = Vec::new();
    for tree in tokens {
        match tree {
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), in_tokens(group.stream()));
                inner.set_span(group.span());
                out.push(TokenTree::Group(inner));
            }
            TokenTree::Ident(ident) if moves(&ident) && ends_with_global_colons(&out) => {
                out.push(TokenTree::Ident(home()));
                let colons = quote::quote!(::);
                out.extend(colons);
                out.push(TokenTree::Ident(ident));
            }
            other => out.push(other),
        }
    }
    out.into_iter().collect()
}

fn ends_with_global_colons(before: &[TokenTree]) -> bool {
    let is_punct =
        |tree: &TokenTree, c: char| matches!(tree, TokenTree::Punct(p) if p.as_char() == c);
    match before {
        [head @ .., first, second] if is_punct(first, ':') && is_punct(second, ':') => !head
            .last()
            .is_some_and(|tree| matches!(tree, TokenTree::Ident(_)) || is_punct(tree, '>')),
        _ => false,
    }
}

fn moves(ident: &Ident) -> bool {
    REEXPORTED.iter().any(|name| ident == name)
}

fn home() -> Ident {
    Ident::new("protocall", Span::call_site())
}

fn empty_group() -> syn::UseTree {
    syn::UseTree::Group(syn::UseGroup {
        brace_token: syn::token::Brace::default(),
        items: syn::punctuated::Punctuated::new(),
    })
}

#[cfg(test)]
mod tests;
