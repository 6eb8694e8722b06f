//! Messages and enums: buffa's generator, called in process, and its output (or that of a foreign
//! one) as syntax trees.
//!
//! Its paths still start with `::buffa` here; `rehome` moves them under `::protocall`.

use std::collections::{BTreeMap, HashSet};

use buffa_codegen::context::{CodeGenContext, SplitPath};
use buffa_codegen::{BytesRepr, CodeGenConfig, CodeGenWarning, MapRepr, PointerRepr, idents};
use buffa_descriptor::generated::descriptor::FileDescriptorProto;

use proc_macro2::TokenStream;
use quote::ToTokens;

use crate::error::CodegenError;
use crate::foreign::ForeignMessages;
use crate::index::Member;
use crate::keywords::Renamed;
use crate::options::{Options, Target, Views, paths_under_both_names, under_both_names};

/// Our options in the message generator's terms.
pub(crate) fn config(
    options: &Options,
    members: &[Member],
    renamed: &Renamed<'_>,
) -> CodeGenConfig {
    let paths = |paths| paths_under_both_names(paths, members);
    let mut config = CodeGenConfig::default();
    config.file_per_package = true;
    config.generate_views = options.views != Views::None;
    // an old wire format that protoc compiles, too
    config.allow_message_set = true;
    config.generate_json = options.json;
    config.generate_text = options.text;
    config.generate_reflection = options.reflection;
    config.generate_reflection_vtable = options.reflection;
    config.extern_paths = options.extern_paths.clone();
    config.type_attributes = options.attributes_for(Target::Type);
    config.message_attributes = options.attributes_for(Target::Message);
    config.enum_attributes = options.attributes_for(Target::Enum);
    config.oneof_attributes = options.attributes_for(Target::Oneof);
    config.field_attributes = under_both_names(options.attributes_for(Target::Field), members);
    config.unboxed_oneof_fields = paths(&options.unboxed);
    config.pointer_fields =
        options.boxed.iter().map(|path| (path.clone(), PointerRepr::Box)).collect();
    config.map_fields =
        options.btree_maps.iter().map(|path| (path.clone(), MapRepr::BTreeMap)).collect();
    config.bytes_fields =
        paths(&options.bytes).into_iter().map(|path| (path, BytesRepr::Bytes)).collect();
    rename(&mut config, renamed);
    config
}

/// Paths as the generator knows the types that they lead to.
fn rename(config: &mut CodeGenConfig, renamed: &Renamed<'_>) {
    fn first<T>(pairs: &mut [(String, T)], renamed: &Renamed<'_>) {
        pairs.iter_mut().for_each(|(path, _)| *path = renamed.name(path));
    }
    first(&mut config.extern_paths, renamed);
    first(&mut config.type_attributes, renamed);
    first(&mut config.message_attributes, renamed);
    first(&mut config.enum_attributes, renamed);
    first(&mut config.oneof_attributes, renamed);
    first(&mut config.field_attributes, renamed);
    first(&mut config.pointer_fields, renamed);
    first(&mut config.map_fields, renamed);
    first(&mut config.bytes_fields, renamed);
    config.unboxed_oneof_fields.iter_mut().for_each(|path| *path = renamed.name(path));
}

/// A message generator's output, and its answers about where each type lives.
pub(crate) enum Generated<'a> {
    Buffa(Box<Buffa<'a>>),
    Foreign(ForeignMessages),
}

impl Generated<'_> {
    /// The items of one package's module.
    pub(crate) fn package(&self, package: &str) -> Result<syn::File, CodegenError> {
        let source = match self {
            Self::Buffa(messages) => messages.sources.get(package).map(String::as_str),
            Self::Foreign(messages) => messages.packages.get(package).map(|p| p.source.as_str()),
        };
        let parsed = syn::parse_file(source.unwrap_or_default());
        let mut file = parsed.map_err(|error| CodegenError::Messages {
            reason: format!("the messages of package `{package}` are not valid Rust: {error}"),
        })?;
        if let Self::Buffa(messages) = self {
            messages.renamed.restore(&mut file, messages.originals);
        }
        Ok(file)
    }

    /// The modules that a package's own stands in, and that one, outermost first.
    pub(crate) fn modules(&self, package: &str) -> Vec<String> {
        let foreign = match self {
            Self::Buffa(_) => None,
            Self::Foreign(messages) => messages.packages.get(package),
        };
        let segments = || package.split('.').filter(|segment| !segment.is_empty());
        foreign.map_or_else(
            || segments().map(str::to_owned).collect(),
            |package| package.modules.clone(),
        )
    }

    /// The Rust type of a message as seen from the module of `package`.
    pub(crate) fn path(
        &self,
        message: &str,
        package: &str,
        used_in: &str,
        declared_in: Option<&str>,
    ) -> Result<TokenStream, CodegenError> {
        match self {
            Self::Buffa(messages) => {
                let path = messages.path(message, package, used_in, declared_in)?;
                Ok(idents::rust_path_to_tokens(&path))
            }
            Self::Foreign(messages) => {
                let key = (package.to_owned(), message.to_owned());
                let path = messages.paths.get(&key).ok_or_else(|| nowhere(used_in, message))?;
                let path = syn::parse_str::<syn::Type>(path).map_err(|error| {
                    CodegenError::Messages { reason: format!("`{path}` is no type: {error}") }
                })?;
                Ok(path.into_token_stream())
            }
        }
    }

    /// The type of a message or enum of buffa's as seen from a module inside of its package's.
    pub(crate) fn path_inside(
        &self,
        name: &str,
        package: &str,
    ) -> Result<TokenStream, CodegenError> {
        let path = match self {
            Self::Buffa(messages) => messages.relative(name, package, 1),
            Self::Foreign(_) => None,
        };
        let path = path.ok_or_else(|| nowhere(package, name))?;
        Ok(idents::rust_path_to_tokens(&path))
    }

    /// Whether an enum of buffa's has no other numbers than those that are named.
    pub(crate) fn is_closed(&self, name: &str) -> bool {
        match self {
            Self::Buffa(messages) => {
                let name = messages.renamed.name(name);
                messages.context.is_enum_closed(&name).unwrap_or_default()
            }
            Self::Foreign(_) => false,
        }
    }

    /// Whether a message's type is made in this run, by buffa's generator.
    pub(crate) fn is_own(&self, message: &str, package: &str, declared_in: Option<&str>) -> bool {
        match self {
            Self::Buffa(messages) => {
                let path = messages.relative(message, package, 0);
                path.is_some_and(|path| !path.starts_with("::") && !path.starts_with("crate::"))
                    && declared_in.is_some_and(|file| messages.selected.contains(file))
            }
            Self::Foreign(_) => false,
        }
    }

    /// Where a message of buffa's lives: the path from its package's module.
    pub(crate) fn location(&self, message: &str, package: &str) -> Option<SplitPath> {
        match self {
            Self::Buffa(messages) => {
                let name = messages.renamed.name(message);
                messages.context.rust_type_relative_split(&name, package, 0)
            }
            Self::Foreign(_) => None,
        }
    }
}

/// Messages by buffa's generator.
pub(crate) struct Buffa<'a> {
    sources: BTreeMap<String, String>,
    context: CodeGenContext<'a>,
    selected: HashSet<&'a str>,
    renamed: &'a Renamed<'a>,
    originals: &'a [FileDescriptorProto],
}

impl<'a> Buffa<'a> {
    pub(crate) fn new(
        originals: &'a [FileDescriptorProto],
        renamed: &'a Renamed<'a>,
        selected: &'a [String],
        config: &'a CodeGenConfig,
    ) -> Result<Self, CodegenError> {
        let files = renamed.files();
        let (outputs, warnings) = buffa_codegen::generate_with_diagnostics(files, selected, config)
            .map_err(|error| CodegenError::Messages { reason: error.to_string() })?;
        // The other warnings are notes about optional extras (a left-out alias), which the
        // generated documentation carries too; this one would end as a path to nowhere.
        for warning in warnings {
            if let CodeGenWarning::ExcludedPackageFieldRef { file_name, type_fqn, .. } = warning {
                return Err(nowhere(&file_name, &type_fqn));
            }
        }
        Ok(Self {
            sources: outputs.into_iter().map(|file| (file.package, file.content)).collect(),
            context: CodeGenContext::for_generate(files, selected, config),
            selected: selected.iter().map(String::as_str).collect(),
            renamed,
            originals,
        })
    }

    fn relative(&self, name: &str, package: &str, nesting: usize) -> Option<String> {
        self.context.rust_type_relative(&self.renamed.name(name), package, nesting)
    }

    fn path(
        &self,
        message: &str,
        package: &str,
        used_in: &str,
        declared_in: Option<&str>,
    ) -> Result<String, CodegenError> {
        let path = self.relative(message, package, 0);
        let path = path.ok_or_else(|| CodegenError::InvalidDescriptor {
            reason: format!("`{used_in}` refers to `{message}`, which no file of the set declares"),
        })?;
        let is_local = !path.starts_with("::") && !path.starts_with("crate::");
        if is_local && !declared_in.is_some_and(|file| self.selected.contains(file)) {
            return Err(nowhere(used_in, message));
        }
        Ok(path)
    }
}

pub(crate) fn nowhere(file: &str, name: &str) -> CodegenError {
    CodegenError::Messages {
        reason: format!(
            "`{file}` uses the type `{name}`, for which no code is generated; generate the file \
             that declares it too, or say with `extern_path` where it lives"
        ),
    }
}
