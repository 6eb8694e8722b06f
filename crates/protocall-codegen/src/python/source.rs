//! Lines of Python with their indentation.

use std::fmt::Display;

/// Source text as it grows.
pub(super) struct Source {
    text: String,
    step: usize,
    depth: usize,
}

impl Source {
    /// Nothing yet; `step` blanks for each level of indentation.
    pub(super) fn new(step: usize) -> Self {
        Self { text: String::new(), step, depth: 0 }
    }

    /// One line (or several that bring their own indentation beyond the first).
    pub(super) fn line(&mut self, line: impl Display) {
        self.start();
        self.text.push_str(&line.to_string());
        self.text.push('\n');
    }

    /// Each of the text's lines, indented; empty ones stay empty.
    pub(super) fn lines(&mut self, text: &str) {
        for line in text.lines() {
            if line.is_empty() { self.blank() } else { self.line(line) }
        }
    }

    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Writes what `inner` writes `levels` deeper.
    pub(super) fn indented<T>(&mut self, levels: usize, inner: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += levels;
        let result = inner(self);
        self.depth -= levels;
        result
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    fn start(&mut self) {
        self.text.extend(std::iter::repeat_n(' ', self.step * self.depth));
    }
}
