//! Which files of the set code is generated for: the roots, and what they need.
//!
//! A file that is imported for its options alone (annotations) is not needed: options leave no
//! trace in the generated code.

use std::collections::HashSet;

use crate::error::CodegenError;
use crate::index::{self, Index};
use crate::options::{Options, covers};

/// The package whose types the runtime brings along.
pub(crate) const WELL_KNOWN: &str = ".google.protobuf";

/// The files to generate, each once, in the set's own terms; roots first, in their order.
pub(crate) fn files(
    index: &Index<'_>,
    roots: &[String],
    options: &Options,
) -> Result<Vec<String>, CodegenError> {
    let mut selected = Selection::default();
    for root in roots {
        if index.file(root).is_none() {
            return Err(CodegenError::FileNotFound { file: root.clone() });
        }
        selected.add(root);
    }
    if !options.imports {
        return Ok(selected.order);
    }
    // A run that generates the well-known package itself uses its own types throughout.
    let files: Vec<_> = selected.order.iter().filter_map(|name| index.file(name)).collect();
    let own_well_known = index::declares_well_known(&files);
    let provided =
        |name: &str| options.is_extern(name) || (!own_well_known && covers(WELL_KNOWN, name));
    let mut next = 0;
    while let Some(file) = selected.order.get(next).and_then(|name| index.file(name)) {
        next += 1;
        for name in index::references(file) {
            let declared_in =
                index.file_of(name).ok_or_else(|| CodegenError::InvalidDescriptor {
                    reason: format!(
                        "`{}` refers to the type `{name}`, which no file of the set declares",
                        file.name.as_deref().unwrap_or_default()
                    ),
                })?;
            if !provided(name) {
                selected.add(declared_in);
            }
        }
        for public in &file.public_dependency {
            let import = usize::try_from(*public).ok().and_then(|i| file.dependency.get(i));
            if let Some(name) = import.filter(|name| index.file(name).is_some())
                && !package_is_provided(index, name, &provided)
            {
                selected.add(name);
            }
        }
    }
    Ok(selected.order)
}

fn package_is_provided(index: &Index<'_>, file: &str, provided: &dyn Fn(&str) -> bool) -> bool {
    index
        .file(file)
        .and_then(|file| file.package.as_deref())
        .is_some_and(|package| provided(&format!(".{package}")))
}

#[derive(Default)]
struct Selection {
    order: Vec<String>,
    known: HashSet<String>,
}

impl Selection {
    fn add(&mut self, file: &str) {
        if self.known.insert(file.to_owned()) {
            self.order.push(file.to_owned());
        }
    }
}
