//! Keeps `rustfmt --check` content with generated files, in the styles of all editions.
//!
//! prettyplease's layout is rustfmt's for items that say little: types whose every field is a line,
//! constants, aliases. They stay as they are, and what people read first looks like their own code.
//! All others carry `#[rustfmt::skip]`: rustfmt's layout of expressions and `use`s depends on its
//! style edition, so that no text suits each. Which are alike is decided here, on the safe side.

use syn::{Attribute, Expr, Fields, Item, Meta, UseTree};

/// Columns that prettyplease fills before it breaks a line; rustfmt fills 100.
const COLUMNS: usize = 89;
/// Columns of an indentation.
const INDENT: usize = 4;
/// Columns that rustfmt gives the arguments of an attribute (its `attr_fn_like_width`).
const ATTRIBUTE: usize = 70;

/// Puts `#[rustfmt::skip]` on the items, in modules too, that rustfmt might lay out otherwise.
pub(crate) fn settle(items: &mut [Item]) {
    settle_at(items, 0);
}

fn settle_at(items: &mut [Item], depth: usize) {
    // rustfmt sorts `use`s that follow each other
    let uses: Vec<bool> = items.iter().map(|item| matches!(item, Item::Use(_))).collect();
    for (at, item) in items.iter_mut().enumerate() {
        let beside = |other: Option<usize>| other.and_then(|at| uses.get(at)) == Some(&true);
        if let Item::Mod(module) = item
            && plain(&module.attrs)
            && let Some((_, inner)) = &mut module.content
        {
            settle_at(inner, depth + 1);
            continue;
        }
        let sorted = uses[at] && (beside(at.checked_sub(1)) || beside(at.checked_add(1)));
        if sorted || !is_settled(item, depth) {
            attributes(item).into_iter().for_each(skip);
        }
    }
}

/// Behind the documentation, in front of what is about the code.
fn skip(attributes: &mut Vec<Attribute>) {
    let docs = attributes.iter().take_while(|attribute| attribute.path().is_ident("doc")).count();
    attributes.insert(docs, skipped());
}

pub(crate) fn skipped() -> Attribute {
    syn::parse_quote!(#[rustfmt::skip])
}

/// Whether prettyplease breaks a line of code at this depth.
pub(crate) fn breaks(line: &str, depth: usize) -> bool {
    line.chars().count() + depth * INDENT > COLUMNS
}

/// Whether rustfmt leaves an item as prettyplease writes it.
fn is_settled(item: &Item, depth: usize) -> bool {
    let lines = match item {
        Item::Struct(item) => {
            let fields = match &item.fields {
                Fields::Named(fields) => &fields.named,
                Fields::Unnamed(_) | Fields::Unit => return false,
            };
            let simple = item.generics.where_clause.is_none();
            lines_of(fields.iter().map(|field| &field.attrs)).filter(|_| simple)
        }
        Item::Enum(item) => {
            let tuple = item.variants.iter().all(|v| !matches!(v.fields, Fields::Named(_)));
            let simple = item.generics.where_clause.is_none() && tuple;
            lines_of(item.variants.iter().map(|variant| &variant.attrs)).filter(|_| simple)
        }
        Item::Type(item) => item.generics.where_clause.is_none().then_some(1),
        Item::Const(item) => matches!(&*item.expr, Expr::Lit(_) | Expr::Path(_)).then_some(1),
        Item::Use(item) => is_path(&item.tree).then_some(1),
        Item::Impl(item) => {
            (item.items.is_empty() && item.generics.where_clause.is_none()).then_some(1)
        }
        Item::Macro(item) => item.ident.is_none().then_some(1),
        _ => None,
    };
    let Some(lines) = lines else { return false };
    let mut item = item.clone();
    let attributes = attributes(&mut item).map(std::mem::take).unwrap_or_default();
    let file = syn::File { shebang: None, attrs: Vec::new(), items: vec![item] };
    let text = prettyplease::unparse(&file);
    let fits = |line: &str| is_doc(line) || line.chars().count() + depth * INDENT <= COLUMNS;
    plain(&attributes) && text.lines().count() == lines && text.lines().all(fits)
}

/// How many lines a type takes, each of whose parts has these attributes; `None` if one of those
/// could be laid out in another way.
fn lines_of<'a>(parts: impl Iterator<Item = &'a Vec<Attribute>>) -> Option<usize> {
    let mut lines = 0;
    for attributes in parts {
        lines += plain(attributes).then_some(attributes.len() + 1)?;
    }
    // without parts, both braces are on one line
    Some(lines + if lines == 0 { 1 } else { 2 })
}

/// Whether each attribute is a line of its own and stays one.
fn plain(attributes: &[Attribute]) -> bool {
    // rustfmt joins derives that follow each other
    let derives = attributes.iter().filter(|attribute| attribute.path().is_ident("derive"));
    derives.count() <= 1
        && attributes.iter().all(|attribute| match &attribute.meta {
            Meta::Path(_) => true,
            Meta::List(list) => list.tokens.to_string().chars().count() <= ATTRIBUTE,
            Meta::NameValue(pair) => match &pair.value {
                Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => {
                    let text = text.value();
                    pair.path.is_ident("doc") && !text.contains('\n') && text.trim_end() == text
                }
                _ => false,
            },
        })
}

fn is_doc(line: &str) -> bool {
    line.trim_start().starts_with("///")
}

/// Whether a `use` is a path, without braces that could be broken or sorted.
fn is_path(tree: &UseTree) -> bool {
    match tree {
        UseTree::Path(path) => is_path(&path.tree),
        UseTree::Name(_) | UseTree::Rename(_) | UseTree::Glob(_) => true,
        UseTree::Group(_) => false,
    }
}

/// The attributes of the kinds of items that generated files hold.
pub(crate) fn attributes(item: &mut Item) -> Option<&mut Vec<Attribute>> {
    match item {
        Item::Const(item) => Some(&mut item.attrs),
        Item::Enum(item) => Some(&mut item.attrs),
        Item::Fn(item) => Some(&mut item.attrs),
        Item::Impl(item) => Some(&mut item.attrs),
        Item::Macro(item) => Some(&mut item.attrs),
        Item::Mod(item) => Some(&mut item.attrs),
        Item::Static(item) => Some(&mut item.attrs),
        Item::Struct(item) => Some(&mut item.attrs),
        Item::Trait(item) => Some(&mut item.attrs),
        Item::Type(item) => Some(&mut item.attrs),
        Item::Use(item) => Some(&mut item.attrs),
        _ => None,
    }
}
