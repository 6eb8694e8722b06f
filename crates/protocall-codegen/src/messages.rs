//! Messages and enums: buffa's generator, called in process, and its output as syntax trees.
//!
//! Its paths still start with `::buffa` here; `rehome` moves them under `::protocall`.

use std::collections::{BTreeMap, HashSet};

use buffa_codegen::context::{CodeGenContext, SplitPath};
use buffa_codegen::{BytesRepr, CodeGenConfig, CodeGenWarning};
use buffa_descriptor::generated::descriptor::FileDescriptorProto;

use crate::error::CodegenError;
use crate::options::{Options, Views};

/// Our options in the message generator's terms.
pub(crate) fn config(options: &Options) -> CodeGenConfig {
    let mut config = CodeGenConfig::default();
    config.file_per_package = true;
    config.generate_views = options.views != Views::None;
    config.extern_paths = options.extern_paths.clone();
    config.type_attributes = options.type_attributes.clone();
    config.field_attributes = options.field_attributes.clone();
    config.bytes_fields =
        options.bytes.iter().map(|path| (path.clone(), BytesRepr::Bytes)).collect();
    config
}

/// The message generator's output, and its answers about where each type lives.
pub(crate) struct Generated<'a> {
    sources: BTreeMap<String, String>,
    context: CodeGenContext<'a>,
    selected: HashSet<&'a str>,
}

impl<'a> Generated<'a> {
    pub(crate) fn new(
        files: &'a [FileDescriptorProto],
        selected: &'a [String],
        config: &'a CodeGenConfig,
    ) -> Result<Self, CodegenError> {
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
        })
    }

    /// The items of one package's module.
    pub(crate) fn package(&self, package: &str) -> Result<syn::File, CodegenError> {
        let source = self.sources.get(package).map(String::as_str).unwrap_or_default();
        syn::parse_file(source).map_err(|error| CodegenError::Messages {
            reason: format!("the messages of package `{package}` are not valid Rust: {error}"),
        })
    }

    /// The Rust path of a message as seen from the module of `package`.
    pub(crate) fn path(
        &self,
        message: &str,
        package: &str,
        used_in: &str,
        declared_in: Option<&str>,
    ) -> Result<String, CodegenError> {
        let path = self.context.rust_type_relative(message, package, 0);
        let path = path.ok_or_else(|| CodegenError::InvalidDescriptor {
            reason: format!("`{used_in}` refers to `{message}`, which no file of the set declares"),
        })?;
        let is_local = !path.starts_with("::") && !path.starts_with("crate::");
        if is_local && !declared_in.is_some_and(|file| self.selected.contains(file)) {
            return Err(nowhere(used_in, message));
        }
        Ok(path)
    }

    /// Whether the message's type is made in this run.
    pub(crate) fn is_local(&self, message: &str, package: &str, declared_in: Option<&str>) -> bool {
        let path = self.context.rust_type_relative(message, package, 0);
        path.is_some_and(|path| !path.starts_with("::") && !path.starts_with("crate::"))
            && declared_in.is_some_and(|file| self.selected.contains(file))
    }

    /// Where a generated message lives: the path from its package's module.
    pub(crate) fn location(&self, message: &str, package: &str) -> Option<SplitPath> {
        self.context.rust_type_relative_split(message, package, 0)
    }
}

fn nowhere(file: &str, name: &str) -> CodegenError {
    CodegenError::Messages {
        reason: format!(
            "`{file}` uses the type `{name}`, for which no code is generated; generate the file \
             that declares it too, or say with `extern_path` where it lives"
        ),
    }
}
