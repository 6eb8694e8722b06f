//! Diagnostics as people and editors want them.

use std::fmt::Write as _;

use protocall_build::diagnostics::{Diagnostic, Label, Severity};
use protocall_build::{Includes, Report};
use serde_json::{Value, json};

use super::arguments::ErrorFormat;
use crate::stderr_takes_color;

/// All diagnostics in a format. Paths are those on disk, where there are such.
pub(super) fn text(report: &Report, format: ErrorFormat, includes: Option<&Includes>) -> String {
    if format == ErrorFormat::Drawn {
        let drawn = if stderr_takes_color() { report.color() } else { report.plain() };
        return drawn.to_owned();
    }
    let path = |file: &str| {
        let found = includes.and_then(|includes| includes.locate(file));
        found.map_or_else(|| file.to_owned(), |path| path.to_string_lossy().into_owned())
    };
    let mut out = String::new();
    for diagnostic in report.diagnostics() {
        // writing to a String cannot fail
        let _ = match format {
            ErrorFormat::Json => writeln!(out, "{}", object(diagnostic, &path)),
            _ => writeln!(out, "{}", line(diagnostic, format, &path)),
        };
    }
    out
}

/// One line, as protoc writes it.
fn line(diagnostic: &Diagnostic, format: ErrorFormat, path: &dyn Fn(&str) -> String) -> String {
    let is_warning = diagnostic.severity() == Severity::Warning;
    let mut out = String::new();
    if let Some(place) = diagnostic.location() {
        let (file, line, column) = (path(&place.file), place.line, place.tab_column);
        let kind = if is_warning { "warning" } else { "error" };
        let _ = match format {
            ErrorFormat::Msvs => write!(out, "{file}({line}) : {kind} in column={column}: "),
            _ => write!(out, "{file}:{line}:{column}: "),
        };
    }
    if is_warning {
        out.push_str("warning: ");
    }
    out.push_str(diagnostic.message());
    for hint in diagnostic.hints() {
        let _ = write!(out, " ({hint})");
    }
    let _ = write!(out, " [{}]", diagnostic.code());
    out
}

fn object(diagnostic: &Diagnostic, path: &dyn Fn(&str) -> String) -> Value {
    let label = |label: &Label| {
        let place = label.location();
        json!({
            "file": place.file,
            "path": path(&place.file),
            "line": place.line,
            "column": place.column,
            "length": place.len,
            "text": label.text(),
        })
    };
    json!({
        "severity": match diagnostic.severity() {
            Severity::Warning => "warning",
            Severity::Error => "error",
        },
        "code": diagnostic.code().as_str(),
        "message": diagnostic.message(),
        "place": diagnostic.primary().map(label),
        "labels": diagnostic.labels().iter().map(label).collect::<Vec<_>>(),
        "hints": diagnostic.hints(),
    })
}
