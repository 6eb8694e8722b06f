//! The compiler as a whole: runs the passes in their order and holds what comes out.

use std::borrow::Cow;
use std::collections::HashSet;

use buffa::MessageField;
use buffa_descriptor::generated::descriptor::{
    FileDescriptorProto, FileDescriptorSet, SourceCodeInfo,
};

use crate::build::Built;
use crate::code;
use crate::diagnostic::Diagnostics;
use crate::load::{self, Unit};
use crate::model::Model;
use crate::scope::Scope;
use crate::source::{MemorySources, SourceTree};
use crate::{build, check, options, source_info, symbols};

/// Compiles the files `roots` and all that they import.
///
/// Always answers: what is wrong is in [`Compilation::diagnostics`], several mistakes at once, and
/// a schema is only there without errors. The files of `google/protobuf/` are built in and used
/// for those that `sources` does not have.
pub fn compile(sources: &dyn SourceTree, roots: &[&str]) -> Compilation {
    let mut diagnostics = Diagnostics::default();
    let (units, hidden) = load::load(sources, roots, &mut diagnostics);
    if diagnostics.has(code::UNKNOWN_EDITION) {
        // Everything else would be judged by rules that are not the file's.
        return Compilation { diagnostics, schema: None };
    }
    let symbols = symbols::declare(&units, &mut diagnostics);
    let scopes: Vec<Scope<'_>> =
        (0..units.len()).map(|file| Scope::new(&units, &symbols, file)).collect();

    let mut model = Model::default();
    let mut built: Vec<Built<'_>> = Vec::new();
    for (file, (unit, scope)) in units.iter().zip(&scopes).enumerate() {
        built.push(build::build(unit, file, scope, &mut model, &mut diagnostics));
    }
    check::check(&units, &model, &mut diagnostics);

    let mut files: Vec<FileDescriptorProto> = Vec::new();
    let mut as_written = Vec::new();
    let asked: HashSet<&str> = roots.iter().copied().collect();
    for (file, Built { mut descriptor, sites }) in built.into_iter().enumerate() {
        let (Some(unit), Some(scope)) = (units.get(file), scopes.get(file)) else { continue };
        let is_root = asked.contains(unit.source.path());
        let interpreted = options::interpret(
            options::FileOfOptions { unit, file, is_root },
            &sites,
            scope,
            &model,
            &mut descriptor,
            &mut diagnostics,
        );
        let is_hidden = hidden.is_some_and(|hidden| file >= hidden);
        if !diagnostics.has_errors() && !is_hidden {
            let info = source_info::source_info(unit, &interpreted.paths);
            descriptor.source_code_info = MessageField::some(info);
            as_written.push(AsWritten::new(unit, interpreted));
        }
        files.push(descriptor);
    }
    check::lite(&units, &model, &files, &mut diagnostics);
    warn_of_unused_imports(&units, &scopes, roots, &mut diagnostics);
    diagnostics.sort_by_place();

    if diagnostics.has_errors() {
        return Compilation { diagnostics, schema: None };
    }
    files.truncate(hidden.unwrap_or(files.len()));
    let schema = Schema {
        set: FileDescriptorSet { file: files, ..Default::default() },
        as_written,
        roots: roots.iter().map(|root| (*root).to_owned()).collect(),
    };
    Compilation { diagnostics, schema: Some(schema) }
}

/// The built-in `descriptor.proto`, which defines the standard options, and nothing else.
pub fn standard_options() -> FileDescriptorSet {
    let compilation = compile(&MemorySources::new(), &[load::STANDARD_OPTIONS]);
    compilation.schema.map(|schema| schema.set).unwrap_or_default()
}

/// Only for the files that were asked for: others are somebody else's to tidy.
fn warn_of_unused_imports(
    units: &[Unit],
    scopes: &[Scope<'_>],
    roots: &[&str],
    diagnostics: &mut Diagnostics,
) {
    if diagnostics.has_errors() {
        return; // what could not be resolved may have used them
    }
    let roots: HashSet<&str> = roots.iter().copied().collect();
    for (unit, scope) in units.iter().zip(scopes) {
        if roots.contains(unit.source.path()) {
            for warning in scope.unused_imports() {
                diagnostics.push(warning);
            }
        }
    }
}

/// What [`compile`] answers: diagnostics, and a schema unless one of them is an error.
#[derive(Debug)]
pub struct Compilation {
    diagnostics: Diagnostics,
    schema: Option<Schema>,
}

impl Compilation {
    /// Errors and warnings.
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.diagnostics
    }

    /// The schema; `None` if there is any error.
    pub fn schema(&self) -> Option<&Schema> {
        self.schema.as_ref()
    }

    /// The schema, or why there is none. Warnings are dropped with a schema: read
    /// [`Compilation::diagnostics`] first to show them.
    ///
    /// # Errors
    /// All diagnostics, when at least one is an error.
    pub fn into_result(self) -> Result<Schema, Diagnostics> {
        self.schema.ok_or(self.diagnostics)
    }
}

/// Linked and validated files.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    set: FileDescriptorSet,
    /// For each file of the set, how its options were written.
    as_written: Vec<AsWritten>,
    roots: Vec<String>,
}

/// What a file's descriptor says otherwise than its source.
#[derive(Clone, Debug)]
struct AsWritten {
    options: Vec<options::AsWritten>,
    /// Set if the source has options that the descriptor is without.
    source_info: Option<SourceCodeInfo>,
}

impl AsWritten {
    fn new(unit: &Unit, mut interpreted: options::Interpreted) -> Self {
        let is_kept = |place: &options::OptionPlace| place.kept && place.siblings_kept;
        let source_info = (!interpreted.paths.values().all(is_kept)).then(|| {
            for place in interpreted.paths.values_mut() {
                (place.kept, place.siblings_kept) = (true, true);
            }
            source_info::source_info(unit, &interpreted.paths)
        });
        Self { options: interpreted.as_written, source_info }
    }
}

impl Schema {
    /// A schema out of descriptors that a compiler has made before, imports before importers or in
    /// any order; of files that are there twice the first counts.
    ///
    /// # Errors
    /// A root or an import that is not among the files, in a sentence. Nothing else is checked.
    pub fn from_descriptors(
        files: Vec<FileDescriptorProto>,
        roots: &[String],
    ) -> Result<Self, String> {
        let mut seen = HashSet::new();
        let mut files = files;
        files.retain(|file| seen.insert(file.name.clone().unwrap_or_default()));
        if let Some(root) = roots.iter().find(|root| !seen.contains(*root)) {
            return Err(format!("`{root}` is not in the descriptor sets"));
        }
        for file in &files {
            let missing = file.dependency.iter().find(|import| !seen.contains(*import));
            if let Some(import) = missing {
                let name = file.name.as_deref().unwrap_or_default();
                return Err(format!("`{name}` imports `{import}`, which is not in the sets"));
            }
        }
        let set = FileDescriptorSet { file: files, ..Default::default() };
        Ok(Self { set, as_written: Vec::new(), roots: roots.to_vec() })
    }

    /// All files, imports before importers, with source info (places and comments) and with
    /// `json_name` set on every field. Options that are for the source only are left out, and the
    /// others have the form that a serializer gives them who knows them all.
    pub fn descriptor_set(&self) -> &FileDescriptorSet {
        &self.set
    }

    /// A file of [`Schema::descriptor_set`], by its place there, with all options that its source
    /// has, in statement order: what a compiler gives its plugins as a file's source.
    pub fn as_written(&self, file: usize) -> Option<Cow<'_, FileDescriptorProto>> {
        let descriptor = self.set.file.get(file)?;
        let Some(written) = self.as_written.get(file) else {
            return Some(Cow::Borrowed(descriptor));
        };
        if written.options.is_empty() && written.source_info.is_none() {
            return Some(Cow::Borrowed(descriptor));
        }
        let mut descriptor = descriptor.clone();
        for options in &written.options {
            options.put_into(&mut descriptor);
        }
        if let Some(info) = &written.source_info {
            descriptor.source_code_info = MessageField::some(info.clone());
        }
        Some(Cow::Owned(descriptor))
    }

    /// Puts a descriptor in the place of the one of the same name, if there is one: of a file whose
    /// descriptor was there before its text.
    pub fn replace(&mut self, descriptor: &FileDescriptorProto) {
        let place = self.set.file.iter().position(|file| file.name == descriptor.name);
        let Some(place) = place else { return };
        if let Some(file) = self.set.file.get_mut(place) {
            file.clone_from(descriptor);
        }
        if let Some(written) = self.as_written.get_mut(place) {
            (written.options, written.source_info) = (Vec::new(), None);
        }
    }

    /// The files that were asked for, in the order they were asked for.
    pub fn roots(&self) -> &[String] {
        &self.roots
    }
}
