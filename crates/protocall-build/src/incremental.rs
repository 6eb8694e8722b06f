//! Compiling again what changed, and nothing else, with the result that compiling everything has.
//!
//! A file's descriptor follows from its text, the texts of all that it imports, and the names that
//! files share. So every text is compared with the one of the time before, found by the include
//! paths anew (a file may have appeared in an earlier one); roots from which an import leads to a
//! changed file are compiled with their imports; names that are new are looked for in all others.
//! Whatever else happens (a mistake, a clash, a file gone) ends in compiling everything, so that
//! what is said of it is what it would be without a cache.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use buffa::Message;
use buffa_descriptor::generated::descriptor::FileDescriptorProto;
use protocall_schema::{Compilation, Schema, SourceError, SourceTree};

use crate::cache::{self, Entry};
use crate::error::{Error, Report};
use crate::load::{Loaded, load_from};
use crate::sources::Includes;

/// The standard options are defined here, and decide over files that do not import it.
const STANDARD_OPTIONS: &str = "google/protobuf/descriptor.proto";

/// Fewer than the compiler keeps.
const MOST_WARNINGS: usize = 500;

/// What a compilation with a cache came to.
pub struct Incremental {
    /// The files, as [`load_from`] gives them.
    pub loaded: Loaded,
    /// How many of the roots were compiled; the others are as they were.
    pub compiled: usize,
}

/// As [`load_from`], with what was compiled before kept in a file of the caller's choice. The
/// result is the same in every respect, warnings and [`Loaded::files_read`] included. The file is
/// of use to the same program, with the same roots and include paths, in the same folder; any other
/// one, or one that is damaged, is written anew.
///
/// # Errors
///
/// As [`load_from`]; and a cache that cannot be written.
pub fn load_incremental(
    sources: &Includes,
    roots: &[String],
    cache: &Path,
) -> Result<Incremental, Error> {
    if sources.has_descriptors() {
        // sets on the disk are inputs that are not compared
        let loaded = load_from(sources, roots)?;
        return Ok(Incremental { loaded, compiled: roots.len() });
    }
    let head = head(sources, roots);
    let known = cache::read(cache, &head);
    let updated = known.and_then(|known| Update::new(sources, roots, known)?.run());
    let outcome = match updated {
        Some(outcome) if outcome.compiled == 0 => return Ok(outcome),
        Some(outcome) => outcome,
        None => everything(sources, roots)?,
    };
    let entries = outcome.loaded.entries.as_deref().unwrap_or_default();
    if is_standalone(entries) {
        cache::write(cache, &head, entries)
            .map_err(|source| Error::Write { file: cache.to_owned(), source })?;
    }
    Ok(outcome)
}

/// What must be equal for a cache to mean anything: the program, the folder, include paths, roots.
fn head(sources: &Includes, roots: &[String]) -> String {
    let program = std::env::current_exe().ok();
    let state = program.as_ref().and_then(|program| std::fs::metadata(program).ok());
    let state = state.map(|state| (state.len(), state.modified().ok()));
    let folder = std::env::current_dir().ok();
    let version = env!("CARGO_PKG_VERSION");
    format!("{version} {program:?} {state:?} {folder:?} {:?} {roots:?}", sources.mappings())
}

/// Whether each file's descriptor follows from what it imports. Not where the files bring standard
/// options of their own, which hold for files that do not import them as well.
fn is_standalone(entries: &[Entry]) -> bool {
    !entries.iter().any(|entry| {
        let has_options = entry.names().any(|name| name == "s google.protobuf.FileOptions");
        has_options && (entry.name != STANDARD_OPTIONS || entry.text.is_some())
    })
}

/// Sources that remember what they gave.
struct Recorder<'s> {
    sources: &'s Includes,
    /// What is known already.
    known: HashMap<String, Option<String>>,
    texts: RefCell<HashMap<String, Option<String>>>,
}

impl SourceTree for Recorder<'_> {
    fn read(&self, path: &str) -> Result<Option<String>, SourceError> {
        let text = match self.known.get(path) {
            Some(text) => text.clone(),
            None => self.sources.read(path)?,
        };
        self.texts.borrow_mut().insert(path.to_owned(), text.clone());
        Ok(text)
    }
}

fn everything(sources: &Includes, roots: &[String]) -> Result<Incremental, Error> {
    let recorder = Recorder { sources, known: HashMap::new(), texts: RefCell::default() };
    let names: Vec<&str> = roots.iter().map(String::as_str).collect();
    let compilation = protocall_schema::compile(&recorder, &names);
    let report = Report::new(compilation.diagnostics());
    let warned = warned(&compilation);
    let Ok(schema) = compilation.into_result() else { return Err(Error::Diagnostics(report)) };
    let entries = entries(&schema, &recorder.texts.into_inner(), &warned);
    let mut loaded = Loaded::new(schema, report, sources);
    loaded.entries = Some(entries);
    Ok(Incremental { loaded, compiled: roots.len() })
}

/// The files that something was said of.
fn warned(compilation: &Compilation) -> HashSet<String> {
    compilation.diagnostics().iter().filter_map(|d| Some(d.location()?.file)).collect()
}

fn entries(
    schema: &Schema,
    texts: &HashMap<String, Option<String>>,
    warned: &HashSet<String>,
) -> Vec<Entry> {
    let files = schema.descriptor_set().file.iter().enumerate();
    let entry = |(place, file): (usize, &FileDescriptorProto)| {
        let name = file.name.clone().unwrap_or_default();
        let as_written = match schema.as_written(place) {
            Some(std::borrow::Cow::Owned(written)) => Some(written.encode_to_vec().into()),
            _ => None,
        };
        Entry {
            imports: [file.dependency.as_slice(), &file.option_dependency].concat(),
            text: texts.get(&name).and_then(Clone::clone).map(|text| text.into_bytes().into()),
            descriptor: file.encode_to_vec().into(),
            as_written,
            names: cache::names(file).into_bytes().into(),
            has_warnings: warned.contains(&name),
            name,
        }
    };
    files.map(entry).collect()
}

/// What is there now, beside what was there before.
struct Update<'s> {
    sources: &'s Includes,
    roots: &'s [String],
    known: Vec<Entry>,
    /// The files on disk as they are now, by import path.
    places: HashMap<String, PathBuf>,
    texts: HashMap<String, Option<String>>,
    changed: HashSet<String>,
}

impl<'s> Update<'s> {
    /// Reads every file again. `None` if one of them cannot be.
    fn new(sources: &'s Includes, roots: &'s [String], known: Vec<Entry>) -> Option<Self> {
        let (mut places, mut texts) = (HashMap::new(), HashMap::new());
        let mut changed = HashSet::new();
        for entry in &known {
            let found = sources.find(&entry.name).ok()?;
            let (place, text) =
                found.map_or((None, None), |(place, text)| (Some(place), Some(text)));
            if text.as_ref().map(String::as_bytes) != entry.text.as_deref() {
                changed.insert(entry.name.clone());
            }
            if let Some(place) = place {
                places.insert(entry.name.clone(), place);
            }
            texts.insert(entry.name.clone(), text);
        }
        Some(Self { sources, roots, known, places, texts, changed })
    }

    /// `None` where everything has to be compiled.
    fn run(self) -> Option<Incremental> {
        let wanted = self.wanted();
        if wanted.len() * 2 > self.roots.len().max(2) {
            return None;
        }
        let Self { sources, roots, known, places, texts, .. } = self;
        let mut old: HashMap<String, Entry> =
            known.into_iter().map(|entry| (entry.name.clone(), entry)).collect();
        let mut report = Report::default();
        if !wanted.is_empty() {
            let recorder = Recorder { sources, known: texts, texts: RefCell::default() };
            let compilation = protocall_schema::compile(&recorder, &wanted);
            report = Report::new(compilation.diagnostics());
            let warned = warned(&compilation);
            let said = report.diagnostics().iter();
            // beyond the compiler's limit it matters in which order files are compiled
            if said.len() >= MOST_WARNINGS || said.clone().any(|one| one.location().is_none()) {
                return None;
            }
            let schema = compilation.into_result().ok()?;
            let new = entries(&schema, &recorder.texts.into_inner(), &warned);
            let added = added(&new, &old);
            for entry in new {
                old.insert(entry.name.clone(), entry);
            }
            if clashes(&added, old.values()) {
                return None;
            }
        }
        let entries = in_order(roots, old)?;
        if !is_standalone(&entries) {
            return None;
        }
        for entry in &entries {
            // those that were not there before have noted themselves
            if let Some(place) = places.get(&entry.name) {
                sources.note(&entry.name, place.clone());
            }
        }
        let loaded = Loaded::from_entries(roots, entries, report, sources);
        Some(Incremental { loaded, compiled: wanted.len() })
    }

    /// The roots to compile again: those that lead to a change, and one for each warning.
    fn wanted(&self) -> Vec<&'s str> {
        let roots: HashSet<&str> = self.roots.iter().map(String::as_str).collect();
        let mut stale: HashSet<&str> = HashSet::new();
        for entry in &self.known {
            // imports stand before importers
            let name = entry.name.as_str();
            let is_reached = entry.imports.iter().any(|import| stale.contains(import.as_str()));
            // of a file that is no root a warning comes with those that import it
            let is_heard = entry.has_warnings && !roots.contains(name);
            if is_reached || is_heard || self.changed.contains(name) {
                stale.insert(name);
            }
        }
        let warned: HashSet<&str> =
            self.known.iter().filter(|e| e.has_warnings).map(|e| e.name.as_str()).collect();
        let is_wanted = |root: &&str| stale.contains(root) || warned.contains(root);
        self.roots.iter().map(String::as_str).filter(is_wanted).collect()
    }
}

/// The names that files have now and did not have before, with the file of each.
fn added(new: &[Entry], old: &HashMap<String, Entry>) -> HashMap<String, HashSet<String>> {
    let mut added: HashMap<String, HashSet<String>> = HashMap::new();
    for entry in new {
        let before: HashSet<&str> = match old.get(&entry.name) {
            Some(before) if *before.names == *entry.names => continue,
            Some(before) => before.names().collect(),
            None => HashSet::new(),
        };
        for name in entry.names().filter(|name| !before.contains(name)) {
            added.entry(name.to_owned()).or_default().insert(entry.name.clone());
        }
    }
    added
}

/// Whether a new name is another file's as well.
fn clashes<'e>(
    added: &HashMap<String, HashSet<String>>,
    mut entries: impl Iterator<Item = &'e Entry>,
) -> bool {
    let is_elsewhere = |name: &str, entry: &Entry| {
        added.get(name).is_some_and(|files| files.iter().any(|file| *file != entry.name))
    };
    !added.is_empty()
        && entries.any(|entry| {
            entry.names().any(|name| match name.split_once(' ') {
                Some(("p", package)) => is_elsewhere(&format!("s {package}"), entry),
                Some(("s", symbol)) => {
                    is_elsewhere(name, entry) || is_elsewhere(&format!("p {symbol}"), entry)
                }
                _ => is_elsewhere(name, entry),
            })
        })
}

/// The files that the roots lead to, imports first: the order in which everything is compiled.
fn in_order(roots: &[String], mut entries: HashMap<String, Entry>) -> Option<Vec<Entry>> {
    let mut ordered = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    for root in roots {
        let mut open = vec![(root.clone(), false)];
        while let Some((name, is_done)) = open.pop() {
            if is_done {
                ordered.push(entries.remove(&name)?);
            } else if seen.insert(name.clone()) {
                let imports = entries.get(&name)?.imports.iter().rev().cloned();
                let imports: Vec<_> = imports.map(|import| (import, false)).collect();
                open.push((name, true));
                open.extend(imports);
            }
        }
    }
    Some(ordered)
}
