//! Rust names for proto names: case, keywords, and clashes.

use std::collections::HashSet;

use buffa_codegen::idents;
use proc_macro2::{Ident, TokenStream};

use crate::error::CodegenError;

/// A Rust identifier for `name`: keywords become raw (`r#type`), or get a `_` where raw is not
/// allowed (`self_`).
pub(crate) fn ident(name: &str) -> Result<Ident, CodegenError> {
    let mut bytes = name.bytes();
    let starts_well = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    if !starts_well || name == "_" || !bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(CodegenError::InvalidDescriptor {
            reason: format!("`{name}` cannot be a name in Rust"),
        });
    }
    Ok(idents::make_field_ident(name))
}

/// `SendMessage` as `SEND_MESSAGE`.
pub(crate) fn shouty(name: &str) -> String {
    idents::to_shouty_snake_case(name)
}

/// `SendMessage` as `send_message`.
pub(crate) fn snake(name: &str) -> String {
    shouty(name).to_lowercase()
}

/// The names in use in one scope. Whoever comes later gives way with a `_` at its end.
#[derive(Default)]
pub(crate) struct Scope {
    taken: HashSet<String>,
}

impl Scope {
    pub(crate) fn take(&mut self, name: impl Into<String>) {
        self.taken.insert(name.into());
    }

    /// `name`, with as many `_` behind it as make it new; it is taken afterwards.
    pub(crate) fn unique(&mut self, name: impl Into<String>) -> String {
        let mut name = name.into();
        // As `ident` would write them, or they would meet a name that was given out as such.
        if matches!(name.as_str(), "self" | "Self" | "super" | "crate") {
            name.push('_');
        }
        while !self.taken.insert(name.clone()) {
            name.push('_');
        }
        name
    }

    /// Like [`Scope::unique`], for a name of an inner scope: it is not taken.
    pub(crate) fn free(&self, name: &str) -> String {
        let mut name = name.to_owned();
        while self.taken.contains(&name) {
            name.push('_');
        }
        name
    }

    /// All names that the items of a module bring into its scope.
    pub(crate) fn of_items(items: &[syn::Item]) -> Self {
        let mut scope = Self::default();
        for item in items {
            match item {
                syn::Item::Const(item) => scope.take(plain(&item.ident)),
                syn::Item::Enum(item) => scope.take(plain(&item.ident)),
                syn::Item::Fn(item) => scope.take(plain(&item.sig.ident)),
                syn::Item::Mod(item) => scope.take(plain(&item.ident)),
                syn::Item::Static(item) => scope.take(plain(&item.ident)),
                syn::Item::Struct(item) => scope.take(plain(&item.ident)),
                syn::Item::Trait(item) => scope.take(plain(&item.ident)),
                syn::Item::Type(item) => scope.take(plain(&item.ident)),
                syn::Item::Use(item) => scope.take_use(&item.tree),
                _ => {}
            }
        }
        scope
    }

    fn take_use(&mut self, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => self.take_use(&path.tree),
            syn::UseTree::Name(name) => self.take(plain(&name.ident)),
            syn::UseTree::Rename(rename) => self.take(plain(&rename.rename)),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.take_use(tree)),
            syn::UseTree::Glob(_) => {}
        }
    }
}

/// An identifier without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map(str::to_owned).unwrap_or(name)
}

/// Tokens of ours as items.
pub(crate) fn parse_items(tokens: TokenStream) -> Result<syn::File, CodegenError> {
    syn::parse2(tokens).map_err(|error| CodegenError::InvalidDescriptor {
        reason: format!("its names make invalid Rust: {error}"),
    })
}
