//! ARCHITECTURE.md against the tree, both ways: what exists is named, what is named exists.
//! A crate is named in backticks anywhere; the modules of a library under `crates/` are the list
//! items (``- `name`: what it is``) below the heading that names the crate.

use std::collections::BTreeMap;

use super::manifest::{Crate, crates};
use super::{File, Finding};
use crate::source::is_word;

const MAP: &str = "ARCHITECTURE.md";
/// Names that begin so are crates of ours.
const OURS: &str = "protocall";

pub(super) fn map(files: &[File]) -> Vec<Finding> {
    let crates: Vec<Crate<'_>> = crates(files).filter(|one| !one.is_fixture()).collect();
    let Some(map) = files.iter().find(|file| file.path == MAP) else {
        return crates
            .iter()
            .map(|one| Finding::new(one.manifest, 1, format!("there is no {MAP} to name it")))
            .collect();
    };
    let mut findings = Vec::new();
    names(map, &crates, &mut findings);
    for one in crates.iter().filter(|one| one.folder.starts_with("crates/")) {
        let path = format!("{}/src/lib.rs", one.folder);
        if let Some(library) = files.iter().find(|file| file.path == path) {
            modules(map, one, library, &mut findings);
        }
    }
    findings
}

fn names(map: &File, crates: &[Crate<'_>], findings: &mut Vec<Finding>) {
    let named: Vec<(usize, &str)> = map
        .text
        .lines()
        .enumerate()
        .flat_map(|(at, line)| quoted(line).map(move |word| (at + 1, word)))
        .collect();
    for one in crates {
        if !named.iter().any(|(_, word)| *word == one.name) {
            let what = format!("`{}` is not named in {MAP}", one.name);
            findings.push(Finding::new(one.manifest, 1, what));
        }
    }
    for (line, word) in named {
        let ours = word.strip_prefix(OURS).is_some_and(|rest| rest.starts_with('-'))
            && word.chars().all(|c| is_word(c) || c == '-');
        if ours && !crates.iter().any(|one| one.name == word) {
            findings.push(Finding::new(map, line, format!("there is no crate `{word}`")));
        }
    }
}

fn modules(map: &File, one: &Crate<'_>, library: &File, findings: &mut Vec<Finding>) {
    let (heading, listed) = listed(&map.text, &one.name);
    let declared = declared(library);
    for (name, line) in &declared {
        if !listed.contains_key(name) {
            let what = format!("module `{name}` is not listed under `{}` in {MAP}", one.name);
            findings.push(Finding::new(library, *line, what));
        }
    }
    for (name, line) in &listed {
        if !declared.contains_key(name) {
            let what = format!("`{}` has no module `{name}`", one.name);
            findings.push(Finding::new(map, *line, what));
        }
    }
    if heading.is_none() {
        let what = format!("no heading in {MAP} names `{}`", one.name);
        findings.push(Finding::new(one.manifest, 1, what));
    }
}

/// The heading's line and the modules listed below it, with their lines.
fn listed(text: &str, name: &str) -> (Option<usize>, BTreeMap<String, usize>) {
    let mut heading = None;
    let mut inside = false;
    let mut modules = BTreeMap::new();
    for (at, line) in text.lines().enumerate() {
        if line.starts_with('#') {
            inside = quoted(line).any(|word| word == name);
            if inside && heading.is_none() {
                heading = Some(at + 1);
            }
        } else if inside
            && line.starts_with("- `")
            && let Some(module) = quoted(line).next()
        {
            modules.insert(module.to_owned(), at + 1);
        }
    }
    (heading, modules)
}

/// The file modules that a library declares, with their lines; tests apart.
fn declared(library: &File) -> BTreeMap<String, usize> {
    let Some(source) = &library.source else { return BTreeMap::new() };
    let code = source.product_code();
    let mut modules = BTreeMap::new();
    for (at, line) in code.lines().enumerate() {
        let Some(line) = line.trim_end().strip_suffix(';') else { continue };
        let mut words = line.split_whitespace().filter(|word| !word.starts_with("pub"));
        // only what stands at the margin is top-level
        if !line.starts_with(' ')
            && words.next() == Some("mod")
            && let Some(name) = words.next()
        {
            modules.insert(name.to_owned(), at + 1);
        }
    }
    modules
}

fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}
