//! `cargo xtask mutate [NAME..]`: breaks the code on purpose, in a copy of the tree, and expects a
//! named test to notice. A mutation that survives is a failure, and so is one whose text is no
//! longer there. The mutations are in `table`; nothing here knows what they mean.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::error::{Context, Error};
use crate::process;
use crate::report::Report;
use crate::workspace::Workspace;

mod table;

use table::{MUTATIONS, Mutation};

/// A build of the crate and its tests from nothing, and one run that a mutation may make endless.
const LIMIT: Duration = Duration::from_secs(600);

pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Error> {
    let chosen: Vec<&Mutation> = MUTATIONS
        .iter()
        .filter(|mutation| arguments.is_empty() || arguments.iter().any(|a| a == mutation.name))
        .collect();
    if !arguments.is_empty() && chosen.len() != arguments.len() {
        return Err(Error::new("a name is not in the table of mutations"));
    }
    let scratch = Scratch::copy(workspace)?;
    let mut report = Report::default();
    for mutation in chosen {
        let line = format!("{:<28} {}", mutation.name, mutation.test);
        report.check(&line, scratch.judge(mutation));
    }
    report.finish()
}

/// A copy of the tree, with a build folder of its own.
struct Scratch {
    tree: PathBuf,
    target: PathBuf,
    cargo: PathBuf,
}

impl Scratch {
    fn copy(workspace: &Workspace) -> Result<Self, Error> {
        let cache = workspace.cache("mutate")?;
        let tree = cache.join("tree");
        if tree.exists() {
            std::fs::remove_dir_all(&tree).context(tree.display())?;
        }
        for file in workspace.files()? {
            let to = tree.join(&file);
            if let Some(folder) = to.parent() {
                std::fs::create_dir_all(folder).context(folder.display())?;
            }
            std::fs::copy(workspace.root().join(&file), &to).context(to.display())?;
        }
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()).into();
        Ok(Self { tree, target: cache.join("target"), cargo })
    }

    /// Applies a mutation, sees its test pass without and fail with it, and takes it back.
    fn judge(&self, mutation: &Mutation) -> Result<(), Error> {
        let file = self.tree.join(mutation.file);
        let text = std::fs::read_to_string(&file).context(file.display())?;
        if text.matches(mutation.from).count() != 1 {
            return Err(Error::new(format!(
                "{} must occur once: {}",
                mutation.file, mutation.from
            )));
        }
        if !self.passes(mutation)? {
            return Err(Error::new("the test fails on the unbroken code"));
        }
        let broken = text.replace(mutation.from, mutation.to);
        std::fs::write(&file, broken).context(file.display())?;
        let survived = self.passes(mutation);
        std::fs::write(&file, text).context(file.display())?;
        if survived? { Err(Error::new("the code is broken and the test passes")) } else { Ok(()) }
    }

    /// Runs the one test. Not compiling is neither passing nor failing.
    fn passes(&self, mutation: &Mutation) -> Result<bool, Error> {
        let mut command = Command::new(&self.cargo);
        command.current_dir(&self.tree).env("CARGO_TARGET_DIR", &self.target);
        command.args(["test", "--package", mutation.package]).args(mutation.suite);
        command.args(["--", "--exact", mutation.test]);
        let finished = process::finish(command, LIMIT)?;
        let line = |end: &str| format!("test {} ... {end}", mutation.test);
        let ran = |end: &str| finished.stdout.lines().any(|said| said == line(end));
        match (ran("ok"), ran("FAILED")) {
            (true, false) => Ok(true),
            (false, true) => Ok(false),
            _ => Err(Error::new(format!("the test did not run: {}", last(&finished.stderr)))),
        }
    }
}

/// The last lines, where compilers and test runners say what went wrong.
fn last(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines.get(lines.len().saturating_sub(12)..).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_mutation_finds_its_text_once_and_changes_it() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for mutation in MUTATIONS {
            let text = std::fs::read_to_string(root.join(mutation.file)).unwrap_or_default();
            assert_eq!(text.matches(mutation.from).count(), 1, "{}", mutation.name);
            assert_ne!(mutation.from, mutation.to, "{}", mutation.name);
        }
    }
}
