//! Brings the files together: reads the roots and, from their imports, everything they need, each
//! file once, imports before importers. Runs passes 1 and 2 (lex, parse) on each file.
//! Does not look at names inside the files.

use std::collections::HashMap;
use std::sync::Arc;

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::limits::{MAX_FILE_BYTES, MAX_FILES, MAX_IMPORT_DEPTH};
use crate::source::{SourceFile, SourceTree, Span};
use crate::syntax::{File, Item};
use crate::{lex, parse, suggest, wellknown};

/// A file with what it imports.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) source: Arc<SourceFile>,
    pub(crate) tree: File,
    /// For each import statement in order, the file it names, unless it could not be had.
    pub(crate) imports: Vec<Option<usize>>,
}

/// Reads `roots` and all they import, in dependency order. The standard options are defined by
/// `descriptor.proto`; when nothing imports it, the built-in one comes last, and its index is
/// returned: it and what follows are for the compiler alone.
pub(crate) fn load(
    sources: &dyn SourceTree,
    roots: &[&str],
    diagnostics: &mut Diagnostics,
) -> (Vec<Unit>, Option<usize>) {
    let mut loader = Loader {
        sources,
        diagnostics,
        units: Vec::new(),
        states: HashMap::new(),
        chain: Vec::new(),
    };
    for root in roots {
        loader.load(root, None);
    }
    let hidden = loader.standard_options();
    (loader.units, hidden)
}

/// Whether a file is a copy of `descriptor.proto` under another path, as some packages ship it.
fn defines_options(tree: &File) -> bool {
    tree.package().is_some_and(|package| package.name.text == "google.protobuf")
        && tree.items.iter().any(
            |item| matches!(item, Item::Message(message) if message.name.text == "FileOptions"),
        )
}

pub(crate) const STANDARD_OPTIONS: &str = "google/protobuf/descriptor.proto";

/// The import statement that asks for a file.
struct Asker {
    source: Arc<SourceFile>,
    span: Span,
}

enum State {
    InProgress,
    Done(usize),
    Failed,
}

struct Loader<'a> {
    sources: &'a dyn SourceTree,
    diagnostics: &'a mut Diagnostics,
    units: Vec<Unit>,
    states: HashMap<String, State>,
    /// The paths being read now, the root first.
    chain: Vec<String>,
}

impl Loader<'_> {
    fn load(&mut self, path: &str, asker: Option<&Asker>) -> Option<usize> {
        match self.states.get(path) {
            Some(State::Done(index)) => return Some(*index),
            Some(State::Failed) if asker.is_none() => return None,
            Some(State::InProgress) => {
                self.report_cycle(path, asker);
                return None;
            }
            _ => {}
        }
        let unit = self.read(path, asker).map(|text| self.parse(path, text));
        let state = match unit {
            Some(unit) => {
                self.units.push(unit);
                State::Done(self.units.len() - 1)
            }
            None => State::Failed,
        };
        let index = if let State::Done(index) = state { Some(index) } else { None };
        self.states.insert(path.to_owned(), state);
        index
    }

    fn standard_options(&mut self) -> Option<usize> {
        if self.states.contains_key(STANDARD_OPTIONS)
            || self.units.iter().any(|unit| defines_options(&unit.tree))
        {
            return None;
        }
        let text = wellknown::text(STANDARD_OPTIONS)?;
        let unit = self.parse(STANDARD_OPTIONS, text.to_owned());
        self.units.push(unit);
        Some(self.units.len() - 1)
    }

    fn read(&mut self, path: &str, asker: Option<&Asker>) -> Option<String> {
        if let Some(problem) = path_problem(path) {
            let message = format!("`{path}` is not an import path: {problem}");
            self.report(Diagnostic::error(code::BAD_IMPORT_PATH, message), asker);
            return None;
        }
        if self.states.len() >= MAX_FILES {
            let message = format!("more than {MAX_FILES} files");
            self.report(Diagnostic::error(code::TOO_MANY_FILES, message), asker);
            return None;
        }
        if self.chain.len() >= MAX_IMPORT_DEPTH {
            let message = format!("imports nest more than {MAX_IMPORT_DEPTH} levels deep");
            self.report(Diagnostic::error(code::NESTED_TOO_DEEPLY, message), asker);
            return None;
        }
        let text = match self.sources.read(path) {
            Ok(Some(text)) => text,
            Ok(None) => match wellknown::text(path) {
                Some(text) => text.to_owned(),
                None => {
                    self.report_missing(path, asker);
                    return None;
                }
            },
            Err(error) => {
                let message = format!("cannot read `{path}`: {error}");
                self.report(Diagnostic::error(code::UNREADABLE, message), asker);
                return None;
            }
        };
        if text.len() > MAX_FILE_BYTES {
            let message = format!("`{path}` is larger than {MAX_FILE_BYTES} bytes");
            self.report(Diagnostic::error(code::FILE_TOO_LARGE, message), asker);
            return None;
        }
        Some(text)
    }

    fn parse(&mut self, path: &str, text: String) -> Unit {
        let source = Arc::new(SourceFile::new(path, text));
        let tokens = lex::lex(&source, self.diagnostics);
        let tree = parse::parse(&source, &tokens, self.diagnostics);
        drop(tokens);
        self.states.insert(path.to_owned(), State::InProgress);
        self.chain.push(path.to_owned());
        let mut imports = Vec::new();
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for import in tree.imports() {
            if let Some(first) = seen.insert(&import.path, import.span) {
                let message = format!("`{}` is imported twice", import.path);
                self.diagnostics.push(
                    Diagnostic::error(code::DUPLICATE_IMPORT, message)
                        .at(&source, import.path_span, "")
                        .also(&source, first, "the first time")
                        .hint("remove one of the two"),
                );
            }
            let asker = Asker { source: Arc::clone(&source), span: import.path_span };
            imports.push(self.load(&import.path, Some(&asker)));
        }
        self.chain.pop();
        Unit { source, tree, imports }
    }

    fn report(&mut self, diagnostic: Diagnostic, asker: Option<&Asker>) {
        self.diagnostics.push(match asker {
            Some(asker) => diagnostic.at(&asker.source, asker.span, ""),
            None => diagnostic,
        });
    }

    fn report_missing(&mut self, path: &str, asker: Option<&Asker>) {
        let what = if asker.is_some() { "imported file" } else { "file" };
        let message = format!("{what} `{path}` not found");
        let mut known: Vec<&str> = self.units.iter().map(|unit| unit.source.path()).collect();
        for path in wellknown::paths() {
            known.push(path);
        }
        let hint = match suggest::similar(path, known.into_iter()) {
            Some(similar) => format!("did you mean `{similar}`?"),
            None => "paths are relative to an import folder, not to this file".to_owned(),
        };
        self.report(Diagnostic::error(code::IMPORT_NOT_FOUND, message).hint(hint), asker);
    }

    fn report_cycle(&mut self, path: &str, asker: Option<&Asker>) {
        let start = self.chain.iter().position(|p| p == path).unwrap_or(0);
        let mut steps: Vec<&str> = self.chain.iter().skip(start).map(String::as_str).collect();
        steps.push(path);
        let message = format!("files import each other: {}", steps.join(" -> "));
        let hint = "move what both need into a third file".to_owned();
        self.report(Diagnostic::error(code::IMPORT_CYCLE, message).hint(hint), asker);
    }
}

/// Why a path cannot be an import path. Such paths could name one file in two ways.
fn path_problem(path: &str) -> Option<&'static str> {
    if path.is_empty() {
        return Some("it is empty");
    }
    if path.contains('\\') {
        return Some("folders are separated by `/`");
    }
    if path.starts_with('/') {
        return Some("it is absolute");
    }
    path.split('/')
        .any(|part| matches!(part, "" | "." | ".."))
        .then_some("it has an empty, `.` or `..` part")
}
