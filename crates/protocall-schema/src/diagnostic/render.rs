//! Draws diagnostics like `rustc` does, through `annotate-snippets`.
//! Knows nothing of what they mean.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

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
        let mut marks = vec![(primary, AnnotationKind::Primary)];
        let context = |label| (label, AnnotationKind::Context);
        marks.extend(diagnostic.labels.iter().filter(same_file).map(context));
        group = group.element(snippet(&primary.source, &marks));
        for label in diagnostic.labels.iter().filter(|label| !same_file(label)) {
            group = group.element(snippet(&label.source, &[context(label)]));
        }
    }
    for hint in &diagnostic.hints {
        group = group.element(Level::HELP.message(hint.as_str()));
    }
    group
}

/// The marks of one file on the lines that they cover. The drawing library looks at all the text
/// that it is given, for which reason it is not given the whole file.
fn snippet<'a>(
    source: &'a SourceFile,
    marks: &[(&'a Label, AnnotationKind)],
) -> Snippet<'a, Annotation<'a>> {
    let spans: Vec<Range<usize>> =
        marks.iter().map(|(label, _)| shown(source, label.span.range())).collect();
    let start = spans.iter().map(|span| span.start).min().unwrap_or(0);
    let end = spans.iter().map(|span| span.end).max().unwrap_or(0);
    let (text, first_line, offset) = source.lines_around(start..end);
    let mut snippet = Snippet::source(text).line_start(first_line).path(source.path());
    for ((label, kind), span) in marks.iter().zip(spans) {
        let annotation = kind.span(span.start - offset..span.end - offset);
        snippet = snippet.annotation(match label.text.as_str() {
            "" => annotation,
            text => annotation.label(text),
        });
    }
    snippet
}

/// The part of a span that is drawn: on character boundaries, inside the text, and of one line
/// when the whole would be too long to read.
fn shown(source: &SourceFile, range: Range<usize>) -> Range<usize> {
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
