//! In which order protoc lists files: each behind what it imports, by way of the files asked for.

use std::collections::HashMap;

use buffa_descriptor::generated::descriptor::FileDescriptorProto;

use crate::cache::Entry;

/// Files and their imports.
pub struct Order<'f> {
    /// What each file imports, what it imports for options last.
    imports: Vec<Vec<&'f str>>,
    index: HashMap<&'f str, usize>,
}

impl<'f> Order<'f> {
    /// Takes the files in, in any order.
    #[must_use]
    pub fn new(files: &'f [FileDescriptorProto]) -> Self {
        Self::of(files.iter().map(|file| {
            let imports = file.dependency.iter().chain(&file.option_dependency);
            (file.name.as_deref().unwrap_or_default(), imports.map(String::as_str).collect())
        }))
    }

    pub(crate) fn of_entries(entries: &'f [Entry]) -> Self {
        let parts = |entry: &'f Entry| {
            (entry.name.as_str(), entry.imports.iter().map(String::as_str).collect())
        };
        Self::of(entries.iter().map(parts))
    }

    fn of(files: impl Iterator<Item = (&'f str, Vec<&'f str>)>) -> Self {
        let mut order = Self { imports: Vec::new(), index: HashMap::new() };
        for (name, imports) in files {
            order.index.insert(name, order.imports.len());
            order.imports.push(imports);
        }
        order
    }

    /// The place of a file.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// The roots and all that they import, as places in the files; what is imported for options
    /// comes after what is imported for types.
    #[must_use]
    pub fn with_imports(&self, roots: &[String]) -> Vec<usize> {
        self.walk(roots, vec![false; self.imports.len()])
    }

    /// The roots alone. What they import directly is not looked into; roots that meet through other
    /// files do not count as importing each other, which is protoc's order as well.
    #[must_use]
    pub fn without_imports(&self, roots: &[String]) -> Vec<usize> {
        let mut seen = vec![true; self.imports.len()];
        for root in self.places(roots) {
            if let Some(seen) = seen.get_mut(root) {
                *seen = false;
            }
        }
        self.walk(roots, seen)
    }

    fn places(&self, names: &[String]) -> impl Iterator<Item = usize> {
        names.iter().filter_map(|name| self.find(name))
    }

    fn walk(&self, roots: &[String], mut seen: Vec<bool>) -> Vec<usize> {
        let mut order = Vec::new();
        for root in self.places(roots) {
            self.visit(root, &mut seen, &mut order);
        }
        order
    }

    /// Puts a file behind its imports. Without recursion: descriptor sets come from anywhere.
    fn visit(&self, file: usize, seen: &mut [bool], order: &mut Vec<usize>) {
        let mut open = vec![(file, false)];
        while let Some((file, is_done)) = open.pop() {
            let (Some(imports), Some(is_seen)) = (self.imports.get(file), seen.get_mut(file))
            else {
                continue;
            };
            if is_done {
                order.push(file);
            } else if !std::mem::replace(is_seen, true) {
                open.push((file, true));
                let imports = imports.iter().rev().filter_map(|name| self.find(name));
                open.extend(imports.map(|import| (import, false)));
            }
        }
    }
}

#[cfg(test)]
mod tests;
