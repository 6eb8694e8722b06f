//! In which order protoc lists files: each behind what it imports, by way of the files asked for.

use std::collections::HashMap;

use buffa_descriptor::generated::descriptor::FileDescriptorProto;

/// Files and their imports.
pub struct Order<'f> {
    files: &'f [FileDescriptorProto],
    index: HashMap<&'f str, usize>,
}

impl<'f> Order<'f> {
    /// Takes the files in, in any order.
    #[must_use]
    pub fn new(files: &'f [FileDescriptorProto]) -> Self {
        let named =
            |(index, file): (usize, &'f FileDescriptorProto)| Some((file.name.as_deref()?, index));
        Self { files, index: files.iter().enumerate().filter_map(named).collect() }
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
        self.walk(roots, vec![false; self.files.len()])
    }

    /// The roots alone. What they import directly is not looked into; roots that meet through other
    /// files do not count as importing each other, which is protoc's order as well.
    #[must_use]
    pub fn without_imports(&self, roots: &[String]) -> Vec<usize> {
        let mut seen = vec![true; self.files.len()];
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
            let (Some(descriptor), Some(is_seen)) = (self.files.get(file), seen.get_mut(file))
            else {
                continue;
            };
            if is_done {
                order.push(file);
            } else if !std::mem::replace(is_seen, true) {
                open.push((file, true));
                let mut imports: Vec<usize> = self.places(&descriptor.dependency).collect();
                imports.extend(self.places(&descriptor.option_dependency));
                open.extend(imports.into_iter().rev().map(|import| (import, false)));
            }
        }
    }
}

#[cfg(test)]
mod tests;
