//! The code generator: linked descriptors to Rust and Python source text.
//!
//! It takes a `FileDescriptorSet` whose names are linked and gives back files as text; it reads and
//! writes no file itself (`protocall-build` does). Messages are buffa's types, made by buffa's own
//! generator in this process and moved under `::protocall`; services are written here. [`python`]
//! is a generator of its own, beside the one for Rust.

mod checks;
mod derives;
mod descriptors;
mod docs;
mod duplicates;
mod error;
mod extensions;
mod foreign;
mod hygiene;
mod index;
mod keywords;
mod layout;
mod messages;
mod names;
mod options;
mod output;
pub mod python;
mod rehome;
mod select;
mod service;
mod views;
mod wire;

use std::collections::BTreeMap;

use buffa_descriptor::generated::descriptor::{FileDescriptorProto, FileDescriptorSet};

pub use crate::docs::documentation;
pub use crate::error::CodegenError;
pub use crate::foreign::{ForeignMessages, ForeignPackage, MessageGenerator, MessageRequest};
pub use crate::options::{Messages, Options};
pub use crate::output::{GeneratedFile, TREE_FILE};

/// The ABI between generated code and the `protocall` runtime that this version writes.
///
/// Generated code hands it to `::protocall::generated::requires`, which refuses to compile when the
/// runtime is older. It grows by one whenever generated code starts to use something new.
pub const ABI: u32 = 2;

/// Generates Rust source for the files named in `roots` and for what they need.
///
/// `files` holds every file that the roots import, imports included; names in it must be linked
/// (fully qualified, with a leading dot), as `protocall-schema` and `protoc` write them. Comments
/// become documentation when the set carries source info.
///
/// The result has one file per proto package, and [`TREE_FILE`]: the tree of modules, which
/// includes the others by paths relative to itself, and the descriptors as `FILE_DESCRIPTOR_SET`.
/// All of them belong into one folder. Files come in a fixed order, and the same input gives the
/// same bytes.
///
/// # Errors
///
/// A root that the set does not hold, an option whose path matches nothing, a descriptor that is
/// not linked or not complete, or names that cannot live side by side in Rust.
pub fn generate(
    files: &FileDescriptorSet,
    roots: &[String],
    options: &Options,
) -> Result<Vec<GeneratedFile>, CodegenError> {
    generate_with(files, roots, options, None)
}

/// [`generate`], with a generator for messages of other types than buffa's. Without one, options
/// that ask for such types are refused.
///
/// # Errors
///
/// As [`generate`], and what the message generator refuses.
pub fn generate_with(
    files: &FileDescriptorSet,
    roots: &[String],
    options: &Options,
    generator: Option<&dyn MessageGenerator>,
) -> Result<Vec<GeneratedFile>, CodegenError> {
    let index = index::Index::new(&files.file)?;
    let selected = select::files(&index, roots, options)?;
    options.check(&index, &selected)?;

    let renamed = keywords::Renamed::new(&files.file);
    let config = messages::config(options, &index.members(&selected), &renamed);
    let generated = match (options.messages, generator) {
        (Messages::Buffa, _) => {
            let messages = messages::Buffa::new(&files.file, &renamed, &selected, &config)?;
            messages::Generated::Buffa(Box::new(messages))
        }
        (Messages::Prost, Some(generator)) => {
            messages::Generated::Foreign(foreign::generate(generator, &index, &selected, options)?)
        }
        (Messages::Prost, None) => return Err(CodegenError::NoMessageGenerator),
    };
    let packages = by_package(&index, &selected);
    let modules: BTreeMap<&str, Vec<String>> =
        packages.keys().map(|package| (*package, generated.modules(package))).collect();
    let texts = checks::Texts::new(&index, &selected);
    let views = views::Wanted::new(&index, &selected, options);

    let mut out = Vec::with_capacity(packages.len() + 1);
    for (package, members) in &packages {
        let mut items = generated.package(package)?;
        views.prune(&mut items, package, &generated);
        if options.wire_codec {
            wire::append(&mut items, &texts)?;
        }
        checks::insert(&mut items.items, &texts);
        if options.text {
            extensions::register(&mut items.items, package, members, &generated)?;
        }
        derives::settle(&mut items.items);
        let children = child_modules(modules.get(package), modules.values());
        let package = service::Package { name: package, files: members, children: &children };
        if options.json {
            duplicates::refuse(&mut items);
            hygiene::apart(&mut items);
        }
        service::append(&mut items, &package, &index, &generated, options)?;
        rehome::under_protocall(&mut items, options.json);
        out.push(output::package_file(package.name, members, items));
    }
    let descriptors =
        options.file_descriptor_set.then(|| descriptors::linked(&files.file, roots, &index));
    let modules = modules.iter().map(|(package, modules)| (*package, modules.as_slice()));
    out.push(output::tree_file(modules, roots, descriptors.as_deref())?);
    Ok(out)
}

fn by_package<'a>(
    index: &index::Index<'a>,
    selected: &[String],
) -> BTreeMap<&'a str, Vec<&'a FileDescriptorProto>> {
    let mut packages: BTreeMap<&str, Vec<&FileDescriptorProto>> = BTreeMap::new();
    for file in selected.iter().filter_map(|name| index.file(name)) {
        packages.entry(file.package.as_deref().unwrap_or_default()).or_default().push(file);
    }
    packages
}

/// The names of the modules that stand directly inside a package's module because of others.
fn child_modules<'a>(
    package: Option<&Vec<String>>,
    all: impl Iterator<Item = &'a Vec<String>>,
) -> Vec<String> {
    let outer = package.map(Vec::as_slice).unwrap_or_default();
    all.filter_map(|modules| modules.strip_prefix(outer)?.first()).cloned().collect()
}
