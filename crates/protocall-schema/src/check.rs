//! Pass 6: the rules of the language that no other pass needs. Reads the model only, so that the
//! order of definitions in a file does not matter.

mod declaration;
mod enumeration;
mod extension;
mod feature;
mod field;
mod json;
mod lite;
mod message;
mod style;
mod visibility;

use std::sync::Arc;

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::load::Unit;
use crate::model::{Model, NumberRange};
use crate::source::{SourceFile, Span};

pub(crate) use lite::lite;

/// Checks all types of a compilation.
pub(crate) fn check(units: &[Unit], model: &Model, diagnostics: &mut Diagnostics) {
    let mut checker = Checker { units, model, diagnostics };
    for message in model.messages() {
        checker.message(message);
    }
    for item in model.enums() {
        checker.enumeration(item);
    }
    for field in model.extensions() {
        checker.extension(field);
    }
    checker.duplicate_extension_numbers();
    checker.files();
    checker.styles();
}

struct Checker<'a> {
    units: &'a [Unit],
    model: &'a Model,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> Checker<'a> {
    fn source(&self, file: usize) -> Option<&'a Arc<SourceFile>> {
        self.units.get(file).map(|unit| &unit.source)
    }

    /// An error at one place, to be refined by `refine`.
    fn report(
        &mut self,
        file: usize,
        code: Code,
        message: impl Into<String>,
        span: Span,
        label: &str,
        refine: impl FnOnce(Diagnostic, &Arc<SourceFile>) -> Diagnostic,
    ) {
        let Some(source) = self.source(file) else { return };
        let diagnostic = Diagnostic::error(code, message).at(source, span, label);
        self.diagnostics.push(refine(diagnostic, source));
    }

    fn error(
        &mut self,
        file: usize,
        code: Code,
        message: impl Into<String>,
        span: Span,
        label: &str,
    ) {
        self.report(file, code, message, span, label, |diagnostic, _| diagnostic);
    }
}

/// The first range that shares a number with a later one, both in order of their text.
fn overlap<'r>(
    ranges: impl Iterator<Item = &'r NumberRange>,
) -> Option<(NumberRange, NumberRange)> {
    let mut sorted: Vec<&NumberRange> = ranges.collect();
    sorted.sort_by_key(|range| (range.start, range.end));
    sorted.windows(2).find_map(|pair| match pair {
        [first, second] if second.start <= first.end => {
            let (first, second) = (**first, **second);
            Some(if first.span.start <= second.span.start {
                (first, second)
            } else {
                (second, first)
            })
        }
        _ => None,
    })
}

/// `5`, or `5 to 9`.
fn describe(range: &NumberRange) -> String {
    if range.start == range.end {
        range.start.to_string()
    } else {
        format!("{} to {}", range.start, range.end)
    }
}
