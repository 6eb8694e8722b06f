//! The compiler as a whole: runs the passes in their order and holds what comes out.

use std::collections::HashSet;

use buffa::MessageField;
use buffa_descriptor::generated::descriptor::{FileDescriptorProto, FileDescriptorSet};

use crate::build::Built;
use crate::code;
use crate::diagnostic::Diagnostics;
use crate::load::{self, Unit};
use crate::model::Model;
use crate::scope::Scope;
use crate::source::SourceTree;
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
    let asked: HashSet<&str> = roots.iter().copied().collect();
    for (file, Built { mut descriptor, sites }) in built.into_iter().enumerate() {
        let (Some(unit), Some(scope)) = (units.get(file), scopes.get(file)) else { continue };
        let is_root = asked.contains(unit.source.path());
        let paths = options::interpret(
            options::FileOfOptions { unit, file, is_root },
            &sites,
            scope,
            &model,
            &mut descriptor,
            &mut diagnostics,
        );
        let is_hidden = hidden.is_some_and(|hidden| file >= hidden);
        if !diagnostics.has_errors() && !is_hidden {
            descriptor.source_code_info =
                MessageField::some(source_info::source_info(unit, &paths));
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
        roots: roots.iter().map(|root| (*root).to_owned()).collect(),
    };
    Compilation { diagnostics, schema: Some(schema) }
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
#[derive(Clone, Debug)]
pub struct Schema {
    set: FileDescriptorSet,
    roots: Vec<String>,
}

impl Schema {
    /// All files, imports before importers, with source info (places and comments) and with
    /// `json_name` set on every field.
    pub fn descriptor_set(&self) -> &FileDescriptorSet {
        &self.set
    }

    /// The files that were asked for, in the order they were asked for.
    pub fn roots(&self) -> &[String] {
        &self.roots
    }
}
