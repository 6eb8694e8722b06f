//! What the compiler says to people: errors and warnings with places, labels and hints.
//! Only the data; `diagnostic/render.rs` draws it.

mod render;

use std::fmt;
use std::sync::Arc;

use crate::code::Code;
use crate::limits::MAX_DIAGNOSTICS;
use crate::source::{SourceFile, Span};

/// How serious a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth a look; the schema is still made.
    Warning,
    /// The schema cannot be made.
    Error,
}

/// How [`Diagnostics::render`] draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Style {
    /// Text alone.
    #[default]
    Plain,
    /// With ANSI colours for a terminal.
    Color,
}

/// A place in a source file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Location {
    /// The file's import path.
    pub file: String,
    /// Line, counted from one.
    pub line: usize,
    /// Column in characters, counted from one.
    pub column: usize,
    /// Column as protoc and other compilers count: bytes from one, a tab going on to the next
    /// multiple of eight.
    pub tab_column: usize,
    /// Length in bytes; zero for a place between two tokens.
    pub len: usize,
}

/// One thing that is wrong or doubtful.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    severity: Severity,
    code: Code,
    message: String,
    primary: Option<Label>,
    labels: Vec<Label>,
    hints: Vec<String>,
    /// Whether its place is protoc's already.
    is_led: bool,
}

/// A place that a diagnostic points at, with a few words beside it (possibly none).
#[derive(Clone, Debug)]
pub struct Label {
    source: Arc<SourceFile>,
    span: Span,
    text: String,
}

impl Label {
    /// Where the label points.
    pub fn location(&self) -> Location {
        let (line, column) = self.source.human_position(self.span.start);
        let (_, tab_column) = self.source.descriptor_position(self.span.start);
        let tab_column = usize::try_from(tab_column).unwrap_or_default() + 1;
        let len = self.span.range().len();
        Location { file: self.source.path().to_owned(), line, column, tab_column, len }
    }

    /// The words beside the marked text; may be empty.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Diagnostic {
    pub(crate) fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message.into())
    }

    pub(crate) fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message.into())
    }

    fn new(severity: Severity, code: Code, message: String) -> Self {
        Self {
            severity,
            code,
            message,
            primary: None,
            labels: Vec::new(),
            hints: Vec::new(),
            is_led: false,
        }
    }

    /// Sets the primary place.
    pub(crate) fn at(
        mut self,
        source: &Arc<SourceFile>,
        span: Span,
        text: impl Into<String>,
    ) -> Self {
        self.primary = Some(Label { source: Arc::clone(source), span, text: text.into() });
        self
    }

    /// Adds a second place.
    pub(crate) fn also(
        mut self,
        source: &Arc<SourceFile>,
        span: Span,
        text: impl Into<String>,
    ) -> Self {
        self.labels.push(Label { source: Arc::clone(source), span, text: text.into() });
        self
    }

    /// [`Diagnostic::led_by`], by a place that is worth showing on the same line as well.
    #[must_use]
    pub(crate) fn also_led_by(self, source: &Arc<SourceFile>, span: Span, text: &str) -> Self {
        let led = self.led_by(source, span, text);
        let is_shown = led.primary.as_ref().is_some_and(|label| label.span == span);
        if is_shown { led } else { led.also(source, span, text) }
    }

    /// Where protoc says the same of another line, its line leads and ours is the second place, so
    /// that whoever goes by lines finds what protoc would give. On one line the nearer place leads.
    #[must_use]
    pub(crate) fn led_by(mut self, source: &Arc<SourceFile>, span: Span, text: &str) -> Self {
        let line = |source: &SourceFile, span: Span| source.human_position(span.start).0;
        self.is_led = true;
        let Some(mut primary) = self.primary.take() else { return self.at(source, span, text) };
        if line(&primary.source, primary.span) == line(source, span) {
            self.primary = Some(primary);
            return self;
        }
        if primary.text.is_empty() {
            "here".clone_into(&mut primary.text);
        }
        self.labels.insert(0, primary);
        self.at(source, span, text)
    }

    pub(crate) fn hint(mut self, text: impl Into<String>) -> Self {
        self.hints.push(text.into());
        self
    }

    pub(crate) fn maybe_hint(mut self, text: Option<String>) -> Self {
        self.hints.extend(text);
        self
    }

    /// How serious it is.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// One sentence that says what is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The place, unless the whole compilation is meant (a root file that is missing).
    pub fn location(&self) -> Option<Location> {
        self.primary.as_ref().map(Label::location)
    }

    /// The primary place with its words.
    pub fn primary(&self) -> Option<&Label> {
        self.primary.as_ref()
    }

    /// Further places, for instance the first definition of a duplicated name.
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// What to do about it; may be empty.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }
}

impl fmt::Display for Diagnostic {
    /// One line: `file:line:column: error[P0201]: message`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = self.location() {
            write!(f, "{}:{}:{}: ", place.file, place.line, place.column)?;
        }
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        write!(f, "{severity}[{}]: {}", self.code, self.message)
    }
}

/// All that one compilation had to say, in the order of the passes and, within a file, of its text.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    errors: usize,
    suppressed: usize,
}

impl Diagnostics {
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        if diagnostic.severity == Severity::Error {
            self.errors += 1;
        }
        if self.list.len() < MAX_DIAGNOSTICS {
            self.list.push(diagnostic);
        } else {
            self.suppressed += 1;
        }
    }

    /// How much has been said so far.
    pub(crate) fn mark(&self) -> usize {
        self.list.len()
    }

    /// [`Diagnostic::led_by`] for all errors since a mark, but for those that a nearer place leads.
    pub(crate) fn lead_since(
        &mut self,
        mark: usize,
        source: &Arc<SourceFile>,
        span: Span,
        text: &str,
    ) {
        for diagnostic in self.list.iter_mut().skip(mark) {
            if diagnostic.severity == Severity::Error && !diagnostic.is_led {
                let moved = std::mem::replace(diagnostic, Diagnostic::error(diagnostic.code, ""));
                *diagnostic = moved.led_by(source, span, text);
            }
        }
    }

    /// Whether something of that code was said.
    pub(crate) fn has(&self, code: Code) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.code == code)
    }

    /// Whether further diagnostics are only counted: then hints need not be searched for.
    pub(crate) fn is_full(&self) -> bool {
        self.list.len() >= MAX_DIAGNOSTICS
    }

    /// Sorts the diagnostics by file and place.
    pub(crate) fn sort_by_place(&mut self) {
        self.list.sort_by_key(|diagnostic| {
            diagnostic
                .primary
                .as_ref()
                .map(|label| (label.source.path().to_owned(), label.span.start))
        });
    }

    /// The diagnostics, errors and warnings alike.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether any diagnostic is an error.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// Number of errors, those beyond the limit of kept diagnostics included.
    pub fn error_count(&self) -> usize {
        self.errors
    }

    /// Draws all diagnostics: file, line and column, the source line, a caret, and hints.
    /// The text ends with a newline unless it is empty.
    pub fn render(&self, style: Style) -> String {
        render::render(&self.list, self.suppressed, style)
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Style::Plain))
    }
}

impl std::error::Error for Diagnostics {}
