//! Moves the message runtime's paths under `::protocall`, so that an application needs no
//! dependency on the message crates itself and always uses the versions that the runtime was built
//! with.
//!
//! It works on syntax trees, never on text: a comment or a string that mentions a path stays.

use proc_macro2::{Group, Ident, Literal, Span, TokenStream, TokenTree};
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};

/// The crates that `protocall` re-exports under their own names.
const REEXPORTED: [&str; 3] = ["buffa", "buffa_types", "buffa_descriptor"];
/// Re-exported as well, for messages with JSON; without, it is the application's own.
const SERDE: &str = "serde";

/// Rewrites `::buffa::..` into `::protocall::buffa::..`, and likewise for its sister crates; with
/// `json` for serde as well, whose derives are told where their crate is.
pub(crate) fn under_protocall(file: &mut syn::File, json: bool) {
    Rehome { json }.visit_file_mut(file);
}

struct Rehome {
    json: bool,
}

impl VisitMut for Rehome {
    fn visit_item_struct_mut(&mut self, item: &mut syn::ItemStruct) {
        self.derives(&mut item.attrs);
        visit_mut::visit_item_struct_mut(self, item);
    }

    fn visit_item_enum_mut(&mut self, item: &mut syn::ItemEnum) {
        self.derives(&mut item.attrs);
        visit_mut::visit_item_enum_mut(self, item);
    }

    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        if self.path_moves(path) {
            path.segments.insert(0, syn::PathSegment::from(home()));
        }
        visit_mut::visit_path_mut(self, path);
    }

    fn visit_type_path_mut(&mut self, node: &mut syn::TypePath) {
        self.shift(&mut node.qself, &node.path);
        visit_mut::visit_type_path_mut(self, node);
    }

    fn visit_expr_path_mut(&mut self, node: &mut syn::ExprPath) {
        self.shift(&mut node.qself, &node.path);
        visit_mut::visit_expr_path_mut(self, node);
    }

    fn visit_expr_struct_mut(&mut self, node: &mut syn::ExprStruct) {
        self.shift(&mut node.qself, &node.path);
        visit_mut::visit_expr_struct_mut(self, node);
    }

    fn visit_pat_struct_mut(&mut self, node: &mut syn::PatStruct) {
        self.shift(&mut node.qself, &node.path);
        visit_mut::visit_pat_struct_mut(self, node);
    }

    fn visit_pat_tuple_struct_mut(&mut self, node: &mut syn::PatTupleStruct) {
        self.shift(&mut node.qself, &node.path);
        visit_mut::visit_pat_tuple_struct_mut(self, node);
    }

    fn visit_item_use_mut(&mut self, item: &mut syn::ItemUse) {
        let first_moves = match &item.tree {
            syn::UseTree::Path(path) => self.moves(&path.ident),
            syn::UseTree::Name(name) => self.moves(&name.ident),
            syn::UseTree::Rename(rename) => self.moves(&rename.ident),
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
        item.tokens = self.in_tokens(std::mem::take(&mut item.tokens));
    }

    fn visit_meta_list_mut(&mut self, list: &mut syn::MetaList) {
        self.visit_path_mut(&mut list.path);
        list.tokens = self.in_tokens(std::mem::take(&mut list.tokens));
        if list.path.is_ident(SERDE) {
            list.tokens = in_strings(std::mem::take(&mut list.tokens));
        }
    }
}

/// Whether one of the derives in an attribute is serde's.
fn derives_serde(attribute: &syn::Attribute) -> bool {
    let syn::Meta::List(list) = &attribute.meta else { return false };
    let is_serdes = |path: &syn::Path| {
        path.leading_colon.is_some() && path.segments.first().is_some_and(|s| s.ident == SERDE)
    };
    list.path.is_ident("derive")
        && list
            .parse_args_with(Punctuated::<syn::Path, syn::Token![,]>::parse_terminated)
            .is_ok_and(|derives| derives.iter().any(is_serdes))
}

impl Rehome {
    fn moves(&self, ident: &Ident) -> bool {
        REEXPORTED.iter().any(|name| ident == name) || self.json && ident == SERDE
    }

    fn path_moves(&self, path: &syn::Path) -> bool {
        path.leading_colon.is_some() && path.segments.first().is_some_and(|s| self.moves(&s.ident))
    }

    /// In `<T as ::buffa::Message>::decode`, a number says how many segments stand inside of the
    /// angles: one more from now on.
    fn shift(&self, qself: &mut Option<syn::QSelf>, path: &syn::Path) {
        let moved = |qself: &&mut syn::QSelf| qself.position > 0 && self.path_moves(path);
        if let Some(qself) = qself.as_mut().filter(moved) {
            qself.position += 1;
        }
    }

    fn derives(&self, attributes: &mut Vec<syn::Attribute>) {
        if self.json && attributes.iter().any(derives_serde) {
            attributes.push(syn::parse_quote! { #[serde(crate = "::protocall::serde")] });
        }
    }

    /// A macro's input has no syntax tree: there, a path is global if nothing that could end a path
    /// stands before its `::`.
    fn in_tokens(&self, tokens: TokenStream) -> TokenStream {
        let mut out: Vec<TokenTree> = Vec::new();
        for tree in tokens {
            match tree {
                TokenTree::Group(group) => {
                    let inner = self.in_tokens(group.stream());
                    let mut inner = Group::new(group.delimiter(), inner);
                    inner.set_span(group.span());
                    out.push(TokenTree::Group(inner));
                }
                TokenTree::Ident(ident) if self.moves(&ident) && ends_with_global_colons(&out) => {
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
}

/// serde's attributes name functions by strings.
fn in_strings(tokens: TokenStream) -> TokenStream {
    let moved = |tree: TokenTree| {
        let TokenTree::Literal(literal) = &tree else { return tree };
        let text = literal.to_string();
        let path = text.strip_prefix("\"::").and_then(|text| text.strip_suffix('"'));
        match path.filter(|path| REEXPORTED.contains(&path.split("::").next().unwrap_or(path))) {
            Some(path) => TokenTree::Literal(Literal::string(&format!("::protocall::{path}"))),
            None => tree,
        }
    };
    tokens.into_iter().map(moved).collect()
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

fn home() -> Ident {
    Ident::new("protocall", Span::call_site())
}

fn empty_group() -> syn::UseTree {
    syn::UseTree::Group(syn::UseGroup {
        brace_token: syn::token::Brace::default(),
        items: Punctuated::new(),
    })
}

#[cfg(test)]
mod tests;
