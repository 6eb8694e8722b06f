//! `cargo xtask h2spec`: h2spec's cases for servers, strict ones included, against ours, in plain
//! text and over TLS. The program comes from its Go module. Every case passes: a failure, a skip,
//! or fewer cases than there were is a failure of the task, and there is no list of exceptions.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::Error;
use crate::report::Report;
use crate::workspace::Workspace;
use crate::{our_server, process};

const MODULE: &str = "github.com/summerwind/h2spec/cmd/h2spec@latest";
/// Cases of the released version.
const CASES: u32 = 146;
/// A run takes six seconds; a case that waits in vain takes two.
const LIMIT: Duration = Duration::from_secs(400);

pub(crate) fn run(workspace: &Workspace, _: &[String]) -> Result<(), Error> {
    let program = install(workspace)?;
    let mut report = Report::default();
    for (name, tls) in [("plain text", false), ("TLS", true)] {
        let outcome = judge(workspace, &program, tls);
        let counts = outcome.as_ref().map_or_else(|_| String::new(), ToString::to_string);
        report.check(&format!("{name}: {counts}"), outcome.map(drop));
    }
    report.finish()
}

fn judge(workspace: &Workspace, program: &Path, tls: bool) -> Result<Counts, Error> {
    let (server, port) = our_server::start(workspace, if tls { &["--tls"] } else { &[] })?;
    let mut command = workspace.command(program);
    command.args(["--host", "127.0.0.1", "--port", &port.to_string(), "--strict"]);
    if tls {
        // the certificate vouches for itself
        command.args(["--tls", "--insecure"]);
    }
    // it exits with 1 when a case fails; its words say more
    let finished = process::finish(command, LIMIT)?;
    for line in finished.stdout.lines().filter(|line| is_finding(line)) {
        println!("{}", line.trim());
    }
    let Some(counts) = finished.stdout.lines().find_map(counts) else {
        return Err(server.failure(&format!("h2spec printed no counts: {}", finished.stderr)));
    };
    if counts.passed < CASES || counts.passed != counts.tests {
        return Err(server.failure(&format!("{counts}, where all of {CASES} must pass")));
    }
    Ok(counts)
}

fn install(workspace: &Workspace) -> Result<PathBuf, Error> {
    let folder = workspace.cache("h2spec")?;
    let program = folder.join("h2spec").with_extension(std::env::consts::EXE_EXTENSION);
    if !program.is_file() {
        let mut go = workspace.command("go");
        go.args(["install", MODULE]).env("GOBIN", &folder).env("GOTOOLCHAIN", "local");
        // outside of any module, so that the version is the one that is named
        process::show(go.current_dir(&folder))?;
    }
    Ok(program)
}

#[derive(Debug, PartialEq, Eq)]
struct Counts {
    tests: u32,
    passed: u32,
    skipped: u32,
    failed: u32,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tests, passed, skipped, failed } = self;
        write!(f, "{tests} cases, {passed} passed, {skipped} skipped, {failed} failed")
    }
}

/// Reads `146 tests, 146 passed, 0 skipped, 0 failed`.
fn counts(line: &str) -> Option<Counts> {
    let mut parts = line.split(", ");
    let mut part = |word: &str| parts.next()?.strip_suffix(word)?.trim_end().parse().ok();
    Some(Counts {
        tests: part("tests")?,
        passed: part("passed")?,
        skipped: part("skipped")?,
        failed: part("failed")?,
    })
}

/// Lines of the report that name a case that failed or was left out, or say why.
fn is_finding(line: &str) -> bool {
    ["\u{d7}", "Expected:", "Actual:", "->", "[Skip"].iter().any(|mark| line.contains(mark))
        || line.to_ascii_lowercase().contains("skipped:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read() {
        let counts = counts("147 tests, 137 passed, 4 skipped, 6 failed");
        assert_eq!(counts, Some(Counts { tests: 147, passed: 137, skipped: 4, failed: 6 }));
        assert_eq!(super::counts("Finished in 5.2 seconds"), None);
    }

    #[test]
    fn findings_are_told_from_passes() {
        assert!(is_finding("        \u{d7} 1: Sends a large size DATA frame"));
        assert!(!is_finding("        \u{2714} 1: Sends a large size DATA frame"));
    }
}
