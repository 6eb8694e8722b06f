//! From files on disk to a linked schema: the front end, with its messages drawn.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use buffa::{DecodeOptions, Message};
use buffa_descriptor::generated::descriptor::{FileDescriptorProto, FileDescriptorSet};
use protocall_codegen::{CodegenError, GeneratedFile, MessageGenerator, Options, python};
use protocall_schema::Schema;

use crate::cache::Entry;
use crate::error::{Error, Report};
use crate::json_names;
use crate::order::Order;
use crate::sources::Includes;
use crate::wire;

/// A compiled schema, and what it was made from.
pub struct Loaded {
    roots: Vec<String>,
    /// Made of the entries when it is asked for, if there are any.
    schema: OnceLock<Schema>,
    /// The files as a cache has them.
    pub(crate) entries: Option<Vec<Entry>>,
    warnings: Report,
    files_read: Vec<PathBuf>,
    hiding_folders: Vec<PathBuf>,
}

/// What a written descriptor set holds besides the files asked for. By default: nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct DescriptorSet {
    /// The files that they import, too.
    pub imports: bool,
    /// Comments and positions.
    pub source_info: bool,
    /// Options that are meant for the source only, and all options in the order of the source.
    pub all_options: bool,
    /// Names for JSON only where the source has them, not on every field.
    pub written_json_names: bool,
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
    let (sources, roots) = sources_and_roots(protos, includes)?;
    load_from(&sources, &roots)
}

pub(crate) fn sources_and_roots(
    protos: &[impl AsRef<Path>],
    includes: &[impl AsRef<Path>],
) -> Result<(Includes, Vec<String>), Error> {
    let sources = Includes::folders(includes)?;
    let import_path = |proto: &_| sources.import_path(AsRef::<Path>::as_ref(proto));
    let roots = protos.iter().map(import_path).collect::<Result<Vec<String>, Error>>()?;
    Ok((sources, roots))
}

/// As [`load`], from include paths that may have names, and files given by their import paths.
///
/// # Errors
///
/// Everything that is wrong with the `.proto` files, in one error.
pub fn load_from(sources: &Includes, roots: &[String]) -> Result<Loaded, Error> {
    let roots: Vec<&str> = roots.iter().map(String::as_str).collect();
    let compilation = protocall_schema::compile(sources, &roots);
    let report = Report::new(compilation.diagnostics());
    match compilation.into_result() {
        Ok(mut schema) => {
            for descriptor in sources.descriptors_read() {
                schema.replace(descriptor);
            }
            Ok(Loaded::new(schema, report, sources))
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
    /// What descriptor sets hold that a compiler wrote before: nothing is compiled. Of files that
    /// are in several sets the first counts.
    ///
    /// # Errors
    ///
    /// A set that is none, and a root or an import that is in no set.
    pub fn from_descriptor_sets(sets: &[PathBuf], roots: &[String]) -> Result<Self, Error> {
        let schema = Schema::from_descriptors(read_sets(sets)?, roots)
            .map_err(|reason| Error::DescriptorSet { reason })?;
        Ok(Self {
            roots: roots.to_vec(),
            schema: OnceLock::from(schema),
            entries: None,
            warnings: Report::default(),
            files_read: sets.to_vec(),
            hiding_folders: Vec::new(),
        })
    }

    pub(crate) fn new(schema: Schema, warnings: Report, sources: &Includes) -> Self {
        Self {
            roots: schema.roots().to_vec(),
            schema: OnceLock::from(schema),
            entries: None,
            warnings,
            files_read: sources.files_read(),
            hiding_folders: sources.hiding_folders(),
        }
    }

    pub(crate) fn from_entries(
        roots: &[String],
        entries: Vec<Entry>,
        warnings: Report,
        sources: &Includes,
    ) -> Self {
        Self {
            roots: roots.to_vec(),
            schema: OnceLock::new(),
            entries: Some(entries),
            warnings,
            files_read: sources.files_read(),
            hiding_folders: sources.hiding_folders(),
        }
    }

    /// The files asked for, in the order they were asked for.
    #[must_use]
    pub fn roots(&self) -> &[String] {
        &self.roots
    }

    pub(crate) fn order(&self) -> Order<'_> {
        match &self.entries {
            Some(entries) => Order::of_entries(entries),
            None => Order::new(&self.schema().descriptor_set().file),
        }
    }

    /// Name and bytes of the file at a place, with all options as they are written or those that
    /// descriptors keep.
    pub(crate) fn file(&self, place: usize, all_options: bool) -> Option<(&str, Cow<'_, [u8]>)> {
        if let Some(entries) = &self.entries {
            let entry = entries.get(place)?;
            let as_written = entry.as_written.as_ref().filter(|_| all_options);
            let bytes: &[u8] = as_written.unwrap_or(&entry.descriptor);
            return Some((&entry.name, Cow::Borrowed(bytes)));
        }
        let file = self.schema().descriptor_set().file.get(place)?;
        let name = file.name.as_deref().unwrap_or_default();
        let bytes = match all_options {
            true => self.schema().as_written(place)?.encode_to_vec(),
            false => file.encode_to_vec(),
        };
        Some((name, Cow::Owned(bytes)))
    }

    /// The linked schema.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        self.schema.get_or_init(|| {
            let entries = self.entries.as_deref().unwrap_or_default();
            let files = entries.iter().map(|entry| decode(&entry.descriptor)).collect();
            Schema::from_descriptors(files, &self.roots).unwrap_or_default()
        })
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

    /// Folders of include paths in which a new file would be found before one that was read: who
    /// wants to know when to compile again looks at them, too. None with one include path.
    #[must_use]
    pub fn hiding_folders(&self) -> &[PathBuf] {
        &self.hiding_folders
    }

    /// Rust source for the schema.
    ///
    /// # Errors
    ///
    /// See [`protocall_codegen::generate`]; and options that need the feature `prost`, without it.
    pub fn generate(&self, options: &Options) -> Result<Vec<GeneratedFile>, Error> {
        let set = self.schema().descriptor_set();
        Ok(generate(set, &self.roots, options)?)
    }

    /// Python source for the files asked for; a path in it may have folders.
    ///
    /// # Errors
    ///
    /// See [`python::generate`].
    pub fn generate_python(&self, options: &python::Options) -> Result<Vec<GeneratedFile>, Error> {
        let set = self.schema().descriptor_set();
        Ok(python::generate(set, &self.roots, options)?)
    }

    /// A serialized `FileDescriptorSet`, in dependency order: protoc's bytes.
    #[must_use]
    pub fn descriptor_set(&self, parts: DescriptorSet) -> Vec<u8> {
        /// `FileDescriptorSet.file`
        const FILE: u32 = 1;
        let order = self.order();
        let files = match parts.imports {
            true => order.with_imports(&self.roots),
            false => order.without_imports(&self.roots),
        };
        let mut out = Vec::new();
        for file in files {
            let Some((_, mut bytes)) = self.file(file, parts.all_options) else { continue };
            if parts.written_json_names {
                let mut descriptor = decode(&bytes);
                json_names::only_written(&mut descriptor);
                bytes = Cow::Owned(descriptor.encode_to_vec());
            }
            if parts.source_info {
                wire::write_bytes(FILE, &bytes, &mut out);
            } else {
                wire::write_bytes(FILE, &wire::without(SOURCE_CODE_INFO, &bytes), &mut out);
            }
        }
        out
    }
}

/// A descriptor out of the bytes that this program made of it.
fn decode(bytes: &[u8]) -> FileDescriptorProto {
    let options = DecodeOptions::new().with_element_memory_limit(SET_MEMORY);
    options.decode_from_slice(bytes).unwrap_or_default()
}

/// Bytes of decoded elements that a set may take. The library's own limit is for strangers; these
/// files are the user's own. The largest corpora need half of it.
pub(crate) const SET_MEMORY: usize = 1 << 32;

/// The files of several descriptor sets, in their order.
pub(crate) fn read_sets(sets: &[PathBuf]) -> Result<Vec<FileDescriptorProto>, Error> {
    let mut files = Vec::new();
    for path in sets {
        let wrong = |reason: &dyn std::fmt::Display| Error::DescriptorSet {
            reason: format!("`{}`: {reason}", path.display()),
        };
        let bytes = std::fs::read(path).map_err(|error| wrong(&error))?;
        let set = DecodeOptions::new()
            .with_element_memory_limit(SET_MEMORY)
            .decode_from_slice::<FileDescriptorSet>(&bytes)
            .map_err(|error| wrong(&format_args!("not a descriptor set: {error}")))?;
        files.extend(set.file);
    }
    Ok(files)
}

/// `FileDescriptorProto.source_code_info`
const SOURCE_CODE_INFO: u32 = 9;
