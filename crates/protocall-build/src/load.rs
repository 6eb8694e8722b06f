//! From files on disk to a linked schema: the front end, with its messages drawn.

use std::path::{Path, PathBuf};

use buffa::Message;
use buffa_descriptor::generated::descriptor::FileDescriptorSet;
use protocall_codegen::{CodegenError, GeneratedFile, MessageGenerator, Options, python};
use protocall_schema::Schema;

use crate::error::{Error, Report};
use crate::sources::IncludePaths;

/// A compiled schema, and what it was made from.
pub struct Loaded {
    schema: Schema,
    warnings: Report,
    files_read: Vec<PathBuf>,
}

/// What a written descriptor set holds besides the files asked for. By default: nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct DescriptorSet {
    /// The files that they import, too.
    pub imports: bool,
    /// Comments and positions.
    pub source_info: bool,
}

/// Compiles `protos` with all that they import from the `includes`; generates and writes nothing.
///
/// A proto is a path on disk inside one of the include paths, or an import path within them.
///
/// # Errors
///
/// Everything that is wrong with the `.proto` files, in one error; or a file that no import path
/// leads to.
pub fn load(protos: &[impl AsRef<Path>], includes: &[impl AsRef<Path>]) -> Result<Loaded, Error> {
    let sources = IncludePaths::new(includes)?;
    let roots = protos
        .iter()
        .map(|proto| sources.import_path(proto.as_ref()))
        .collect::<Result<Vec<String>, Error>>()?;
    let roots: Vec<&str> = roots.iter().map(String::as_str).collect();
    let compilation = protocall_schema::compile(&sources, &roots);
    let report = Report::new(compilation.diagnostics());
    match compilation.into_result() {
        Ok(schema) => {
            Ok(Loaded { schema, warnings: report, files_read: sources.into_files_read() })
        }
        Err(_) => Err(Error::Diagnostics(report)),
    }
}

/// The generator, with all the message generators that this build has.
pub(crate) fn generate(
    set: &FileDescriptorSet,
    roots: &[String],
    options: &Options,
) -> Result<Vec<GeneratedFile>, CodegenError> {
    #[cfg(feature = "prost")]
    let messages: Option<&dyn MessageGenerator> = Some(&crate::prost::Prost);
    #[cfg(not(feature = "prost"))]
    let messages: Option<&dyn MessageGenerator> = None;
    protocall_codegen::generate_with(set, roots, options, messages)
}

impl Loaded {
    /// The linked schema.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// What the compiler had to say although it succeeded.
    #[must_use]
    pub fn warnings(&self) -> &Report {
        &self.warnings
    }

    /// Every file that was read, imports included; without those that come with the compiler.
    #[must_use]
    pub fn files_read(&self) -> &[PathBuf] {
        &self.files_read
    }

    /// Rust source for the schema.
    ///
    /// # Errors
    ///
    /// See [`protocall_codegen::generate`]; and options that need the feature `prost`, without it.
    pub fn generate(&self, options: &Options) -> Result<Vec<GeneratedFile>, Error> {
        let set = self.schema.descriptor_set();
        Ok(generate(set, self.schema.roots(), options)?)
    }

    /// Python source for the files asked for; a path in it may have folders.
    ///
    /// # Errors
    ///
    /// See [`python::generate`].
    pub fn generate_python(&self, options: &python::Options) -> Result<Vec<GeneratedFile>, Error> {
        let set = self.schema.descriptor_set();
        Ok(python::generate(set, self.schema.roots(), options)?)
    }

    /// A serialized `FileDescriptorSet`, in dependency order.
    #[must_use]
    pub fn descriptor_set(&self, parts: DescriptorSet) -> Vec<u8> {
        let roots = self.schema.roots();
        let is_wanted = |name: &Option<String>| {
            parts.imports || name.as_ref().is_some_and(|name| roots.contains(name))
        };
        let mut set = FileDescriptorSet::default();
        for file in self.schema.descriptor_set().file.iter().filter(|file| is_wanted(&file.name)) {
            let mut file = file.clone();
            if !parts.source_info {
                file.source_code_info = buffa::MessageField::none();
            }
            set.file.push(file);
        }
        set.encode_to_vec()
    }
}
