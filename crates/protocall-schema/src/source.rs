//! Source text: where it comes from, and how byte offsets become lines and columns.
//! Reads nothing itself: a [`SourceTree`] supplied by the caller does.
//! The built-in files live in `wellknown`; which files are needed is decided in `load`.

use std::collections::BTreeMap;
use std::fmt;

/// Where `.proto` text comes from. The caller decides (files, memory, an archive); the compiler
/// itself never touches the file system.
pub trait SourceTree {
    /// The text of the file imported as `path` (always `/`-separated), or `None` if the tree has
    /// no such file.
    ///
    /// # Errors
    /// When the file exists but cannot be read, for instance because it is not UTF-8.
    fn read(&self, path: &str) -> Result<Option<String>, SourceError>;
}

/// A file of a [`SourceTree`] exists but could not be read.
#[derive(Clone, Debug)]
pub struct SourceError {
    reason: String,
}

impl SourceError {
    /// An error with a reason for people, for instance `permission denied`.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for SourceError {}

/// Files held in memory, by import path.
#[derive(Clone, Debug, Default)]
pub struct MemorySources {
    files: BTreeMap<String, String>,
}

impl MemorySources {
    /// An empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same tree with one more file; a file of the same path is replaced.
    #[must_use]
    pub fn with(mut self, path: impl Into<String>, text: impl Into<String>) -> Self {
        self.insert(path, text);
        self
    }

    /// Adds a file; a file of the same path is replaced.
    pub fn insert(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.files.insert(path.into(), text.into());
    }
}

impl SourceTree for MemorySources {
    fn read(&self, path: &str) -> Result<Option<String>, SourceError> {
        Ok(self.files.get(path).cloned())
    }
}

/// A run of bytes in one file: `start` inclusive, `end` exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    pub(crate) fn new(start: usize, end: usize) -> Self {
        // Files are limited to MAX_FILE_BYTES, far below u32::MAX.
        Self {
            start: u32::try_from(start).unwrap_or(u32::MAX),
            end: u32::try_from(end).unwrap_or(u32::MAX),
        }
    }

    /// From the start of `self` to the end of `other`.
    pub(crate) fn to(self, other: Self) -> Self {
        Self { start: self.start, end: other.end.max(self.start) }
    }

    pub(crate) fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// One file's text with the offsets of its lines.
#[derive(Debug)]
pub(crate) struct SourceFile {
    path: String,
    text: String,
    line_starts: Vec<u32>,
}

impl SourceFile {
    pub(crate) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let mut line_starts = vec![0];
        line_starts.extend(
            text.bytes()
                .enumerate()
                .filter(|&(_, b)| b == b'\n')
                .map(|(i, _)| Span::new(i + 1, 0).start),
        );
        Self { path: path.into(), text, line_starts }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The text of a span; empty when the span is not of this file.
    pub(crate) fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// Zero-based line and the offset at which it starts.
    fn line(&self, offset: u32) -> (usize, u32) {
        let line = self.line_starts.partition_point(|&start| start <= offset).saturating_sub(1);
        (line, self.line_starts.get(line).copied().unwrap_or(0))
    }

    /// One-based line and column for people; columns count characters.
    pub(crate) fn human_position(&self, offset: u32) -> (usize, usize) {
        let (line, start) = self.line(offset);
        let before = self.slice(Span { start, end: offset });
        (line + 1, before.chars().count() + 1)
    }

    /// The whole lines around a run of bytes: their text, the number of the first one (from one),
    /// and the offset at which it starts.
    pub(crate) fn lines_around(&self, range: std::ops::Range<usize>) -> (&str, usize, usize) {
        let (line, start) = self.line(Span::new(range.start, 0).start);
        let rest = self.text.get(range.end..).unwrap_or("");
        let end = range.end + rest.find('\n').unwrap_or(rest.len());
        (self.text.get(start as usize..end).unwrap_or(""), line + 1, start as usize)
    }

    /// Zero-based line and column as descriptors count them: bytes, a tab advancing to the next
    /// multiple of eight.
    pub(crate) fn descriptor_position(&self, offset: u32) -> (i32, i32) {
        const TAB_WIDTH: i32 = 8;
        let (line, start) = self.line(offset);
        let before = self.slice(Span { start, end: offset });
        let mut column = 0i32;
        for byte in before.bytes() {
            column += if byte == b'\t' { TAB_WIDTH - column % TAB_WIDTH } else { 1 };
        }
        (i32::try_from(line).unwrap_or(i32::MAX), column)
    }
}
