//! Rules about the text of single files. What they look for is in `rules`.

use super::rules::{
    BANNED, COLUMNS, FILE_LINES, FUNCTION_LINES, HEADER_WITHIN, PLACES, PLACES_ALLOWED_IN, Within,
};
use super::{File, Finding};
use crate::source::{Kind, Source, has_word, is_word};

pub(super) fn header(files: &[File]) -> Vec<Finding> {
    rust(files)
        .filter(|(file, _)| {
            !file.text.lines().take(HEADER_WITHIN).any(|line| line.starts_with("//! "))
        })
        .map(|(file, _)| Finding::new(file, 1, "no `//!` header"))
        .collect()
}

pub(super) fn columns(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, source) in rust(files) {
        for (at, length) in source.breakable_lengths().into_iter().enumerate() {
            if length > COLUMNS {
                findings.push(Finding::new(file, at + 1, format!("{length} columns")));
            }
        }
    }
    findings
}

pub(super) fn whitespace(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| !file.is_data()) {
        for (at, line) in file.text.lines().enumerate() {
            if line.ends_with([' ', '\t', '\r']) {
                findings.push(Finding::new(file, at + 1, "trailing whitespace"));
            }
            if file.source.is_some() && line.contains('\t') {
                findings.push(Finding::new(file, at + 1, "a tab"));
            }
        }
        if !file.text.is_empty() && !file.text.ends_with('\n') {
            let last = file.text.lines().count();
            findings.push(Finding::new(file, last, "no newline at the end"));
        }
    }
    findings
}

pub(super) fn file_length(files: &[File]) -> Vec<Finding> {
    rust(files)
        .filter(|(file, _)| !file.is_test())
        .map(|(file, source)| (file, source.product_lines()))
        .filter(|(_, lines)| *lines > FILE_LINES)
        .map(|(file, lines)| Finding::new(file, lines, format!("{lines} lines without tests")))
        .collect()
}

pub(super) fn function_length(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, source) in rust(files) {
        for function in source.functions() {
            if function.lines > FUNCTION_LINES {
                let what = format!("`{}` has {} lines", function.name, function.lines);
                findings.push(Finding::new(file, function.line, what));
            }
        }
    }
    findings
}

pub(super) fn banned(files: &[File]) -> Vec<Finding> {
    const TEXTS: &[&str] = &[".rs", ".toml", ".md", ".sh", ".py", ".yml", ".yaml", ".ci/run"];
    let mut findings = Vec::new();
    let judged = |file: &&File| !file.is_data() && TEXTS.iter().any(|end| file.path.ends_with(end));
    for file in files.iter().filter(judged) {
        let (code, comments) = match &file.source {
            Some(source) => (source.only(Kind::Code), source.only(Kind::Comment)),
            // prose may speak of a macro; a mark for later has no place in it
            None => (String::new(), file.text.clone()),
        };
        for banned in BANNED {
            let text = if banned.within == Within::Code { &code } else { &comments };
            for (at, line) in text.lines().enumerate() {
                if has_word(line, banned.word) {
                    let what = format!("`{}`: {}", banned.word, banned.instead);
                    findings.push(Finding::new(file, at + 1, what));
                }
            }
        }
    }
    findings
}

pub(super) fn places(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let written_here = |file: &&File| file.path.rsplit('/').next() != Some(PLACES_ALLOWED_IN);
    for file in files.iter().filter(written_here) {
        for (at, line) in file.text.lines().enumerate() {
            for place in PLACES.iter().filter(|place| names_place(line, place)) {
                findings.push(Finding::new(file, at + 1, format!("names `{place}`")));
            }
        }
    }
    findings
}

/// A path counts only where it begins: `src/home/page.rs` names no machine.
fn names_place(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line.get(..at).and_then(|part| part.chars().next_back());
        !place.starts_with('/') || !before.is_some_and(|c| is_word(c) || "-.)}".contains(c))
    })
}

/// The Rust files that people write.
fn rust(files: &[File]) -> impl Iterator<Item = (&File, &Source)> {
    files
        .iter()
        .filter(|file| !file.is_data())
        .filter_map(|file| file.source.as_ref().map(|source| (file, source)))
}
