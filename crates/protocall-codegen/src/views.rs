//! Views on request: the messages that get them, and the removal of all others.
//!
//! buffa's generator makes views for all messages or for none. Asked for some, it makes all, and
//! what nobody asked for is cut out of the syntax tree here. A message's view uses the views of the
//! messages in its fields, so a request covers those as well.

use std::collections::{BTreeSet, HashSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;

use crate::index::{Index, is_map_entry};
use crate::messages::Generated;
use crate::names::plain;
use crate::options::{Options, Views, covers};

/// Which of the generated messages lose their views.
pub(crate) struct Wanted {
    unwanted: Vec<String>,
    packages: Vec<String>,
}

impl Wanted {
    pub(crate) fn new(index: &Index<'_>, selected: &[String], options: &Options) -> Self {
        let Views::Under(paths) = &options.views else {
            return Self { unwanted: Vec::new(), packages: Vec::new() };
        };
        let mut wanted: BTreeSet<&str> = BTreeSet::new();
        let is_asked_for = |name: &str| paths.iter().any(|path| covers(path, name));
        let mut open: Vec<&str> =
            index.messages(selected).filter(|name| is_asked_for(name)).collect();
        let methods = index.methods(selected);
        let asked_with = methods.into_iter().filter(|(name, _)| is_asked_for(name));
        open.extend(asked_with.map(|(_, message)| message));
        while let Some(name) = open.pop() {
            if !wanted.insert(name) {
                continue;
            }
            let fields = index.message(name).map(|message| message.field.as_slice());
            open.extend(fields.unwrap_or_default().iter().filter_map(|f| f.type_name.as_deref()));
        }
        let unwanted = index
            .messages(selected)
            .filter(|name| !wanted.contains(name))
            .filter(|name| !index.message(name).is_some_and(is_map_entry));
        let mut all = Self { unwanted: Vec::new(), packages: Vec::new() };
        for name in unwanted {
            let file = index.file_of(name).and_then(|file| index.file(file));
            let package = file.and_then(|file| file.package.as_deref()).unwrap_or_default();
            all.unwanted.push(name.to_owned());
            all.packages.push(package.to_owned());
        }
        all
    }

    /// Cuts the views that nobody asked for out of one package's items.
    pub(crate) fn prune(&self, file: &mut syn::File, package: &str, generated: &Generated<'_>) {
        let mut cut = Cut::default();
        let owners = self.unwanted.iter().zip(&self.packages);
        for (name, _) in owners.filter(|(_, owner)| *owner == package) {
            if let Some(location) = generated.location(name, package) {
                let message = location.within_package;
                cut.views.insert(format!("{message}View"));
                cut.views.insert(format!("{message}OwnedView"));
                cut.messages.insert(message);
            }
        }
        if !cut.messages.is_empty() {
            cut.collect_oneofs(&file.items, &mut Vec::new());
            cut.items(&mut file.items, &mut Vec::new());
        }
    }
}

/// What goes. Paths are written from the package's root for messages, and from the root of the
/// package's tree of views (`__buffa::view`) for the rest.
#[derive(Default)]
struct Cut {
    messages: HashSet<String>,
    views: HashSet<String>,
    /// The oneofs of unwanted views, as those views' own fields name them.
    oneofs: HashSet<String>,
}

impl Cut {
    fn collect_oneofs(&mut self, items: &[syn::Item], module: &mut Vec<String>) {
        for item in items {
            match item {
                syn::Item::Mod(inner) => {
                    module.push(plain(&inner.ident));
                    let content = inner.content.as_ref().map(|(_, items)| items.as_slice());
                    self.collect_oneofs(content.unwrap_or_default(), module);
                    module.pop();
                }
                syn::Item::Struct(view) if self.is_view(module, &plain(&view.ident)) => {
                    for path in paths_in(view.fields.to_token_stream()) {
                        if let Some(oneof) = after(&path, &["view", "oneof"]) {
                            self.oneofs.insert(oneof);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn items(&self, items: &mut Vec<syn::Item>, module: &mut Vec<String>) {
        items.retain_mut(|item| match item {
            syn::Item::Mod(inner) => {
                module.push(plain(&inner.ident));
                if let Some((_, items)) = &mut inner.content {
                    self.items(items, module);
                }
                module.pop();
                true
            }
            syn::Item::Struct(item) => !self.is_unwanted(module, &plain(&item.ident)),
            syn::Item::Enum(item) => !self.is_unwanted(module, &plain(&item.ident)),
            syn::Item::Macro(item) => !paths_in(item.mac.tokens.clone())
                .iter()
                .any(|path| path.len() == 1 && self.is_unwanted(module, &path.join("::"))),
            syn::Item::Impl(item) => !self.is_unwanted_impl(item, module),
            syn::Item::Use(item) => !paths_in(item.tree.to_token_stream()).iter().any(|path| {
                after(path, &["view", "oneof"]).is_some_and(|oneof| self.oneofs.contains(&oneof))
                    || after(path, &["view"]).is_some_and(|view| self.views.contains(&view))
            }),
            _ => true,
        });
    }

    /// Whether an implementation is of an unwanted view, into one, or points a message to one.
    fn is_unwanted_impl(&self, item: &syn::ItemImpl, module: &[String]) -> bool {
        let traits = item.trait_.as_ref().map(|(_, path, _)| path.to_token_stream());
        let of_view = |path: &Vec<String>| path.len() == 1 && self.is_unwanted(module, &path[0]);
        if paths_in(item.self_ty.to_token_stream()).iter().any(of_view) {
            return true;
        }
        let points_to_view = traits.is_some_and(|path| {
            paths_in(path).iter().any(|p| p.last().is_some_and(|name| name == "HasMessageView"))
        });
        points_to_view
            && paths_in(item.self_ty.to_token_stream()).iter().any(|path| {
                let from_root: Vec<&str> =
                    path.iter().map(String::as_str).filter(|s| *s != "super").collect();
                self.messages.contains(&from_root.join("::"))
            })
    }

    fn is_unwanted(&self, module: &[String], name: &str) -> bool {
        self.is_view(module, name) || {
            let path = item_path(module, name);
            after(&path, &["__buffa", "view", "oneof"])
                .is_some_and(|oneof| self.oneofs.contains(&oneof))
        }
    }

    fn is_view(&self, module: &[String], name: &str) -> bool {
        let path = item_path(module, name);
        after(&path, &["__buffa", "view"]).is_some_and(|view| self.views.contains(&view))
    }
}

fn item_path(module: &[String], name: &str) -> Vec<String> {
    module.iter().cloned().chain([name.to_owned()]).collect()
}

/// The part of `path` behind the first place where `prefix` stands in it.
fn after(path: &[String], prefix: &[&str]) -> Option<String> {
    let at = path.windows(prefix.len()).position(|window| window == prefix)?;
    let rest = path.get(at + prefix.len()..).filter(|rest| !rest.is_empty())?;
    Some(rest.join("::"))
}

/// Every path in a run of tokens, as its segments; keywords and lifetimes count as short paths.
fn paths_in(tokens: TokenStream) -> Vec<Vec<String>> {
    let mut paths: Vec<Vec<String>> = Vec::new();
    let mut colons = 0;
    for tree in tokens {
        match tree {
            TokenTree::Group(group) => paths.extend(paths_in(group.stream())),
            TokenTree::Punct(punct) if punct.as_char() == ':' => {
                colons += 1;
                continue;
            }
            TokenTree::Ident(ident) => match paths.last_mut() {
                Some(path) if colons == 2 => path.push(plain(&ident)),
                _ => paths.push(vec![plain(&ident)]),
            },
            _ => {}
        }
        colons = 0;
    }
    paths
}
