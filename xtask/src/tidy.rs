//! `cargo xtask tidy`: the house rules that a compiler does not know, each with its reason.
//! The table is in `tidy/rules`; this file reads the tree, runs the table and prints the findings.
//! Formatting is rustfmt's, idiom is clippy's, edges between crates are `layers`'.

mod manifest;
mod map;
mod rules;
mod text;

use crate::error::{Context, Error};
use crate::source::Source;
use crate::workspace::Workspace;

/// One file of the tree.
struct File {
    /// Relative to the root, `/` between parts.
    path: String,
    text: String,
    /// For Rust files only.
    source: Option<Source>,
}

impl File {
    fn new(path: &str, text: String) -> Self {
        let source = path.ends_with(".rs").then(|| Source::new(&text));
        Self { path: path.to_owned(), text, source }
    }

    /// Files that a program wrote, that are data for tests, or that are written for other stacks
    /// to be measured by: their form is not ours to choose.
    fn is_data(&self) -> bool {
        const FOLDERS: &[&str] = &["golden", "corpus", "testdata", "fixtures", "peers"];
        // `hpack_fixtures` is a folder of fixtures as well
        let folder =
            self.path.split('/').any(|part| FOLDERS.iter().any(|folder| part.ends_with(folder)));
        folder || self.text.lines().take(10).any(|line| line.contains("@generated"))
    }

    fn is_test(&self) -> bool {
        self.path.split('/').any(|part| matches!(part, "tests" | "tests.rs" | "benches"))
    }
}

/// What is wrong where.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    line: usize,
    what: String,
}

impl Finding {
    fn new(file: &File, line: usize, what: impl Into<String>) -> Self {
        Self { path: file.path.clone(), line, what: what.into() }
    }
}

pub(crate) fn run(workspace: &Workspace, _: &[String]) -> Result<(), Error> {
    let files = read(workspace)?;
    let mut count = 0;
    for rule in rules::RULES {
        let findings = (rule.check)(&files);
        for Finding { path, line, what } in &findings {
            println!("{path}:{line}: {what} [{}]", rule.name);
        }
        if !findings.is_empty() {
            println!("    {}: {}", rule.name, rule.reason);
        }
        count += findings.len();
    }
    println!("tidy: {} rules, {} files, {count} findings", rules::RULES.len(), files.len());
    if count > 0 {
        return Err(Error::new("the tree breaks house rules"));
    }
    Ok(())
}

fn read(workspace: &Workspace) -> Result<Vec<File>, Error> {
    let mut files = Vec::new();
    for path in workspace.files()? {
        let bytes = std::fs::read(workspace.root().join(&path)).context(&path)?;
        // a file that is not text has no lines to judge
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(File::new(&path, text));
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests;
