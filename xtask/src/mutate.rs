//! `cargo xtask mutate [--all | NAME..]`: breaks the code on purpose, in a copy of the tree, and
//! expects a named test to notice: a chosen few, the whole table, or those of that name. A mutation
//! that survives is a failure, and so is one whose text is no longer there. The mutations are in
//! `table`; nothing here knows what they mean.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::error::{Context, Error};
use crate::process;
use crate::report::Report;
use crate::workspace::Workspace;

mod table;

use table::{CORE, MUTATIONS, Mutation};

/// A build of the crate and its tests from nothing, and one run that a mutation may make endless.
const LIMIT: Duration = Duration::from_secs(600);

pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Error> {
    let mut chosen = chosen(arguments)?;
    // those of one test binary together: each needs to build less
    chosen.sort_by_key(|mutation| (mutation.package, mutation.suite));
    let scratch = Scratch::copy(workspace)?;
    let mut report = Report::default();
    for group in chosen.chunk_by(|a, b| (a.package, a.suite) == (b.package, b.suite)) {
        let begin = Instant::now();
        let unbroken = scratch.unbroken(group);
        let first = unbroken.is_ok();
        let line = format!("unbroken: {} {}", group[0].package, group[0].suite.join(" "));
        report.check(&seconds(&line, begin), unbroken);
        for mutation in group.iter().filter(|_| first) {
            let begin = Instant::now();
            let outcome = scratch.judge(mutation);
            let line = format!("{:<40} {}", mutation.name, mutation.test);
            report.check(&seconds(&line, begin), outcome);
        }
    }
    report.finish()
}

fn seconds(line: &str, begin: Instant) -> String {
    format!("{:>4} s  {line}", begin.elapsed().as_secs())
}

/// The mutations that the arguments ask for.
fn chosen(arguments: &[String]) -> Result<Vec<&'static Mutation>, Error> {
    let named = |name: &str| MUTATIONS.iter().find(|mutation| mutation.name == name);
    let all = |names: &[&str]| {
        let find = |name: &&str| {
            named(name).ok_or_else(|| Error::new(format!("no mutation is called `{name}`")))
        };
        names.iter().map(find).collect()
    };
    match arguments {
        [] => all(CORE),
        [flag] if flag == "--all" => Ok(MUTATIONS.iter().collect()),
        names => all(&names.iter().map(String::as_str).collect::<Vec<_>>()),
    }
}

/// A copy of the tree, with a build folder of its own.
struct Scratch {
    tree: PathBuf,
    target: PathBuf,
    cargo: PathBuf,
}

impl Scratch {
    /// Makes the copy, or brings an earlier one up to date: what did not change is not built again.
    fn copy(workspace: &Workspace) -> Result<Self, Error> {
        let cache = workspace.cache("mutate")?;
        let tree = cache.join("tree");
        let files = workspace.files()?;
        for file in &files {
            let from = workspace.root().join(file);
            let bytes = std::fs::read(&from).context(from.display())?;
            let to = tree.join(file);
            if std::fs::read(&to).is_ok_and(|there| there == bytes) {
                continue;
            }
            if let Some(folder) = to.parent() {
                std::fs::create_dir_all(folder).context(folder.display())?;
            }
            std::fs::write(&to, bytes).context(to.display())?;
        }
        let files: BTreeSet<PathBuf> = files.iter().map(|file| tree.join(file)).collect();
        remove_others(&tree, &files)?;
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()).into();
        Ok(Self { tree, target: cache.join("target"), cargo })
    }

    /// The tests of one binary pass on the code as it is.
    fn unbroken(&self, group: &[&Mutation]) -> Result<(), Error> {
        let tests: BTreeSet<&str> = group.iter().map(|mutation| mutation.test).collect();
        let stdout = self.test(group[0], &tests)?;
        for test in tests {
            if outcome(&stdout, test) != Some(true) {
                return Err(Error::new(format!("{test} does not pass: {}", last(&stdout))));
            }
        }
        Ok(())
    }

    /// Applies a mutation, sees its test fail, and takes it back.
    fn judge(&self, mutation: &Mutation) -> Result<(), Error> {
        let file = self.tree.join(mutation.file);
        let text = std::fs::read_to_string(&file).context(file.display())?;
        if text.matches(mutation.from).count() != 1 {
            return Err(Error::new(format!(
                "{} must occur once: {}",
                mutation.file, mutation.from
            )));
        }
        let broken = text.replace(mutation.from, mutation.to);
        std::fs::write(&file, broken).context(file.display())?;
        let tested = self.test(mutation, &BTreeSet::from([mutation.test]));
        std::fs::write(&file, text).context(file.display())?;
        let stdout = tested?;
        match outcome(&stdout, mutation.test) {
            Some(false) => Ok(()),
            Some(true) => Err(Error::new("the code is broken and the test passes")),
            None => Err(Error::new(format!("the test did not run: {}", last(&stdout)))),
        }
    }

    /// Runs tests of one binary; what they said. Not compiling is an error.
    fn test(&self, mutation: &Mutation, tests: &BTreeSet<&str>) -> Result<String, Error> {
        let mut command = Command::new(&self.cargo);
        command.current_dir(&self.tree).env("CARGO_TARGET_DIR", &self.target);
        // one crate is built again and again: in pieces, and without what only debuggers read
        command.env("CARGO_INCREMENTAL", "1").env("CARGO_PROFILE_DEV_DEBUG", "0");
        command.args(["test", "--package", mutation.package]).args(mutation.suite);
        command.args(["--", "--exact"]).args(tests);
        let finished = process::finish(command, LIMIT)?;
        if !finished.stdout.contains("test result:") && !finished.status.success() {
            return Err(Error::new(format!("nothing ran: {}", last(&finished.stderr))));
        }
        Ok(finished.stdout)
    }
}

/// Whether a test passed, by what the binary said; `None` if it says nothing of it.
fn outcome(stdout: &str, test: &str) -> Option<bool> {
    let said = |end: &str| stdout.lines().any(|line| line == format!("test {test} ... {end}"));
    match (said("ok"), said("FAILED")) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

/// Removes the files of an earlier copy that the tree no longer has.
fn remove_others(folder: &Path, files: &BTreeSet<PathBuf>) -> Result<(), Error> {
    for entry in std::fs::read_dir(folder).context(folder.display())? {
        let path = entry.context(folder.display())?.path();
        if path.is_dir() {
            remove_others(&path, files)?;
        } else if !files.contains(&path) {
            std::fs::remove_file(&path).context(path.display())?;
        }
    }
    Ok(())
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
            let same = MUTATIONS.iter().filter(|other| other.name == mutation.name);
            assert_eq!(same.count(), 1, "{}", mutation.name);
        }
    }

    #[test]
    fn some_are_chosen_unless_all_or_a_name_is_asked_for() {
        let words = |words: &[&str]| words.iter().map(|&word| word.into()).collect::<Vec<_>>();
        let count = |arguments: &[&str]| chosen(&words(arguments)).map(|found| found.len()).ok();
        assert_eq!(count(&[]), Some(CORE.len()));
        assert_eq!(count(&["--all"]), Some(MUTATIONS.len()));
        assert_eq!(count(&["never narrow", "split one flush"]), Some(2));
        assert_eq!(count(&["never wide"]), None);
    }

    #[test]
    fn a_test_that_did_not_run_has_no_outcome() {
        let stdout = "running 2 tests\ntest a::b ... ok\ntest a::c ... FAILED\n";
        let outcomes = ["a::b", "a::c", "a"].map(|test| outcome(stdout, test));
        assert_eq!(outcomes, [Some(true), Some(false), None]);
    }
}
