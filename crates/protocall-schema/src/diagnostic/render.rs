//! Draws diagnostics like `rustc` does, through `annotate-snippets`.
//! Knows nothing of what they mean.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Label, Severity, Style};
use crate::source::SourceFile;

/// Columns of a drawn diagnostic; longer source lines are cut around the marked text.
const WIDTH: usize = 120;

/// Lines shown around a mark at most; guards against a span that covers a huge block.
const MAX_SPAN_BYTES: usize = 400;

pub(super) fn render(list: &[Diagnostic], suppressed: usize, style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Color => Renderer::styled(),
    }
    .term_width(WIDTH);
    let mut text = String::new();
    for diagnostic in list {
        text.push_str(&renderer.render(&[group(diagnostic)]));
        text.push_str("\n\n");
    }
    if suppressed > 0 {
        text.push_str(&format!("... and {suppressed} more\n"));
    } else if text.ends_with("\n\n") {
        text.pop();
    }
    text
}

fn group(diagnostic: &Diagnostic) -> Group<'_> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    if let Some(primary) = &diagnostic.primary {
        let same_file = |label: &&Label| std::ptr::eq(&*label.source, &*primary.source);
        let mut snippet = snippet(&primary.source).annotation(annotation(primary, true));
        for label in diagnostic.labels.iter().filter(same_file) {
            snippet = snippet.annotation(annotation(label, false));
        }
        group = group.element(snippet);
        for label in diagnostic.labels.iter().filter(|label| !same_file(label)) {
            group =
                group.element(self::snippet(&label.source).annotation(annotation(label, false)));
        }
    }
    for hint in &diagnostic.hints {
        group = group.element(Level::HELP.message(hint.as_str()));
    }
    group
}

fn snippet(source: &SourceFile) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
    Snippet::source(source.text()).path(source.path())
}

fn annotation(label: &Label, primary: bool) -> annotate_snippets::Annotation<'_> {
    let kind = if primary { AnnotationKind::Primary } else { AnnotationKind::Context };
    let annotation = kind.span(shown(&label.source, label.span.range()));
    if label.text.is_empty() { annotation } else { annotation.label(label.text.as_str()) }
}

/// The part of a span that is drawn: on character boundaries, inside the text, and of one line
/// when the whole would be too long to read.
fn shown(source: &SourceFile, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let text = source.text();
    let mut start = range.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = range.end.clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    if end - start > MAX_SPAN_BYTES {
        let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or("");
        end = start + line.len();
    }
    start..end.max(start)
}
