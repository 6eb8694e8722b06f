//! Pass 3, second half: what a name means where it is used. Scopes are searched from the inside
//! out; the first scope that knows the name's first part decides, as in C++ and in `protoc`.

use std::cell::{Cell, RefCell};

use crate::code;
use crate::diagnostic::Diagnostic;
use crate::limits::MAX_DIAGNOSTICS;
use crate::load::Unit;
use crate::names::{join, last, parent};
use crate::suggest;
use crate::symbols::{FileSet, Symbol, SymbolKind, Symbols};
use crate::syntax::{ImportKind, Name};
use crate::wellknown;

/// What kinds of things are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    Type,
    Any,
}

/// Why a name means nothing.
pub(crate) enum Miss {
    Unknown,
    /// An inner scope knows the first part but not the rest; the name tried.
    Shadowed(String),
    /// Defined, but in a file that is not imported.
    NotImported(usize),
}

/// The names one file can see.
pub(crate) struct Scope<'a> {
    units: &'a [Unit],
    symbols: &'a Symbols,
    file: usize,
    visible: FileSet,
    /// Files whose extensions, and nothing else, can be named: the option imports.
    options: FileSet,
    /// Files whose names were used.
    used: RefCell<FileSet>,
    /// Searches for similar names so far. Each looks at all names, so that there is a limit.
    searches: Cell<usize>,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(units: &'a [Unit], symbols: &'a Symbols, file: usize) -> Self {
        let mut visible = FileSet::default();
        visible.insert(file);
        let mut options = FileSet::default();
        if let Some(unit) = units.get(file) {
            for (import, target) in unit.tree.imports().zip(&unit.imports) {
                let Some(target) = *target else { continue };
                let into = match import.kind {
                    ImportKind::Option => &mut options,
                    _ => &mut visible,
                };
                add_public_closure(units, target, into);
            }
        }
        let (used, searches) = (RefCell::default(), Cell::default());
        Self { units, symbols, file, visible, options, used, searches }
    }

    /// The file of that number.
    pub(crate) fn unit(&self, file: usize) -> Option<&'a Unit> {
        self.units.get(file)
    }

    fn sees(&self, symbol: Symbol) -> bool {
        self.visible.contains(&symbol.file)
            || (symbol.kind.can_be_option() && self.options.contains(&symbol.file))
    }

    /// Finds what `name` means inside `scope` (a full name, or empty).
    pub(crate) fn find(
        &self,
        name: &str,
        scope: &str,
        want: Want,
    ) -> Result<(String, Symbol), Miss> {
        if let Some(absolute) = name.strip_prefix('.') {
            return self.exact(absolute);
        }
        let (first, rest) = match name.split_once('.') {
            Some((first, rest)) => (first, Some(rest)),
            None => (name, None),
        };
        // One buffer for all candidates: names are looked up more often than anything else.
        let mut candidate = String::with_capacity(scope.len() + 1 + name.len());
        let mut around = scope;
        loop {
            name_in(&mut candidate, around, first);
            match (rest, self.visible_symbol(&candidate)) {
                (None, Some(symbol)) if want == Want::Any || symbol.kind.is_type() => {
                    self.mark_used(symbol.file);
                    return Ok((candidate, symbol));
                }
                (Some(_), Some(symbol)) if symbol.kind.is_scope() => {
                    return self.inside(&join(around, name));
                }
                (Some(_), None) if self.is_visible_package(&candidate) => {
                    return self.inside(&join(around, name));
                }
                _ => {}
            }
            if around.is_empty() {
                return Err(self.miss(name, scope));
            }
            around = parent(around);
        }
    }

    /// Why a name was not found: it may be defined where this file does not look.
    fn miss(&self, name: &str, scope: &str) -> Miss {
        let mut around = scope;
        loop {
            if let Err(Miss::NotImported(file)) = self.exact(&join(around, name)) {
                return Miss::NotImported(file);
            }
            if around.is_empty() {
                return Miss::Unknown;
            }
            around = parent(around);
        }
    }

    /// The rest of a dotted name, once its first part has been decided on.
    fn inside(&self, full_name: &str) -> Result<(String, Symbol), Miss> {
        match self.exact(full_name) {
            Err(Miss::Unknown) => Err(Miss::Shadowed(full_name.to_owned())),
            other => other,
        }
    }

    fn exact(&self, full_name: &str) -> Result<(String, Symbol), Miss> {
        match self.symbols.get(full_name) {
            None => Err(Miss::Unknown),
            Some(symbol) if self.sees(symbol) => {
                self.mark_used(symbol.file);
                Ok((full_name.to_owned(), symbol))
            }
            Some(symbol) => Err(Miss::NotImported(symbol.file)),
        }
    }

    fn visible_symbol(&self, full_name: &str) -> Option<Symbol> {
        self.symbols.get(full_name).filter(|symbol| self.sees(*symbol))
    }

    fn is_visible_package(&self, full_name: &str) -> bool {
        self.symbols.package_files(full_name).is_some_and(|files| {
            // A package can have thousands of files, of which this one sees few.
            let seen = self.visible.iter().chain(&self.options);
            if files.len() < self.visible.len() {
                let sees = |file| self.visible.contains(file) || self.options.contains(file);
                return files.iter().any(sees);
            }
            seen.into_iter().any(|file| files.contains(file))
        })
    }

    /// Notes that something of `file` was used.
    pub(crate) fn mark_used(&self, file: usize) {
        self.used.borrow_mut().insert(file);
    }

    /// The report of a name that means nothing.
    pub(crate) fn missing(&self, name: &Name, scope: &str, miss: Miss, want: Want) -> Diagnostic {
        let what = if want == Want::Type { "type" } else { "name" };
        let Some(unit) = self.units.get(self.file) else {
            return Diagnostic::error(
                code::UNKNOWN_NAME,
                format!("unknown {what} `{}`", name.text),
            );
        };
        let miss = match miss {
            Miss::Shadowed(tried) if tried == name.text => Miss::Unknown,
            other => other,
        };
        match miss {
            Miss::NotImported(file) => {
                let path = self.units.get(file).map_or("", |unit| unit.source.path());
                let message =
                    format!("`{}` is defined in `{path}`, which is not imported", name.text);
                Diagnostic::error(code::NOT_IMPORTED, message)
                    .at(&unit.source, name.span, "not visible here")
                    .hint(format!("add `import \"{path}\";`"))
            }
            Miss::Shadowed(tried) => {
                let message = format!("`{}` means `{tried}` here, which does not exist", name.text);
                Diagnostic::error(code::SHADOWED_NAME, message)
                    .at(&unit.source, name.span, "")
                    .maybe_hint(self.similar(name, scope, want))
                    .hint("the innermost scope that knows the first part decides; begin the name with `.` to search from the outermost scope")
            }
            Miss::Unknown => {
                let scalar = || {
                    let meant = suggest::scalar_of_other_languages(&name.text);
                    let meant = meant.filter(|_| want == Want::Type)?;
                    Some(format!("the type is called `{meant}` here"))
                };
                let hint = standard_import(name).or_else(|| self.similar(name, scope, want));
                Diagnostic::error(code::UNKNOWN_NAME, format!("unknown {what} `{}`", name.text))
                    .at(&unit.source, name.span, "not defined in this file or its imports")
                    .maybe_hint(scalar().or(hint))
            }
        }
    }

    fn similar(&self, name: &Name, scope: &str, want: Want) -> Option<String> {
        const SCALARS: [&str; 15] = [
            "double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32",
            "fixed64", "sfixed32", "sfixed64", "bool", "string", "bytes",
        ];
        self.searches.set(self.searches.get() + 1);
        if self.searches.get() > MAX_DIAGNOSTICS {
            return None;
        }
        let wanted = last(&name.text);
        let visible = |(full_name, symbol): (&'a str, Symbol)| {
            let fits = match want {
                Want::Type => matches!(symbol.kind, SymbolKind::Message | SymbolKind::Enum),
                Want::Any => true,
            };
            (fits && self.visible.contains(&symbol.file)).then_some(full_name)
        };
        let full_names: Vec<&str> = self.symbols.iter().filter_map(visible).collect();
        // The same last part elsewhere is a better guess than any misspelling.
        let mut same: Vec<&str> =
            full_names.iter().copied().filter(|n| last(n) == wanted).collect();
        same.sort_unstable();
        if let Some(found) = same.first() {
            return Some(format!("did you mean `{found}`?"));
        }
        let scalars = SCALARS.iter().copied().filter(|_| want == Want::Type && name.text == wanted);
        let found = suggest::similar(wanted, full_names.iter().map(|n| last(n)).chain(scalars))?;
        let mut matches: Vec<&str> =
            full_names.iter().copied().filter(|n| last(n) == found).collect();
        // Of several the one nearest to where the name stands.
        matches.sort_unstable_by_key(|n| (!scope.starts_with(parent(n)), n.len(), *n));
        let shown = match matches.first() {
            Some(full) if !scope.starts_with(parent(full)) => full,
            _ => found,
        };
        Some(format!("did you mean `{shown}`?"))
    }

    /// Warnings for imports from which nothing was used.
    pub(crate) fn unused_imports(&self) -> Vec<Diagnostic> {
        let Some(unit) = self.units.get(self.file) else { return Vec::new() };
        let used = self.used.borrow();
        let mut warnings = Vec::new();
        for (import, file) in unit.tree.imports().zip(&unit.imports) {
            let Some(file) = *file else { continue };
            let mut offered = FileSet::default();
            add_public_closure(self.units, file, &mut offered);
            let counts = matches!(import.kind, ImportKind::Plain | ImportKind::Option);
            if counts && offered.is_disjoint(&used) {
                let message = format!("import `{}` is not used", import.path);
                warnings.push(
                    Diagnostic::warning(code::UNUSED_IMPORT, message)
                        .at(&unit.source, import.path_span, "")
                        .hint("remove the import"),
                );
            }
        }
        warnings
    }
}

/// `scope.name` in the buffer, in place of what was there.
fn name_in(buffer: &mut String, scope: &str, name: &str) {
    buffer.clear();
    if !scope.is_empty() {
        buffer.push_str(scope);
        buffer.push('.');
    }
    buffer.push_str(name);
}

/// The import that a name of the standard types lacks.
fn standard_import(name: &Name) -> Option<String> {
    let written = name.text.trim_start_matches('.');
    let short = written.strip_prefix("google.protobuf.").unwrap_or(written);
    let path = wellknown::defining(short)?;
    Some(if short == written {
        format!("for `google.protobuf.{short}` add `import \"{path}\";`")
    } else {
        format!("add `import \"{path}\";`")
    })
}

/// Adds a file and, along `import public`, all that it passes on.
fn add_public_closure(units: &[Unit], file: usize, into: &mut FileSet) {
    let mut pending = vec![file];
    while let Some(file) = pending.pop() {
        if !into.insert(file) {
            continue;
        }
        let Some(unit) = units.get(file) else { continue };
        for (import, target) in unit.tree.imports().zip(&unit.imports) {
            if import.kind == ImportKind::Public {
                pending.extend(*target);
            }
        }
    }
}
