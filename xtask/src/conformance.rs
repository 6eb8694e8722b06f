//! `cargo xtask conformance`: the connectrpc conformance suite against our server and our client.
//! The runner is built from the module pinned in `xtask/go/conformance`, our programs from
//! `tests/conformance`. Every case passes: there is no list of exceptions, and fewer cases than
//! there were is a failure too.

use std::time::Duration;

use crate::error::Error;
use crate::report::Report;
use crate::workspace::Workspace;
use crate::{go, process};

/// What is run: settings under `xtask/conformance`, the side under test, the cases of the version
/// that is pinned.
const RUNS: &[(&str, &str, u32)] = &[
    ("grpc", "server", 570),
    ("grpc", "client", 646),
    ("grpc-compressions", "server", 1101),
    ("grpc-compressions", "client", 1279),
];
/// A run takes three to ten seconds.
const LIMIT: Duration = Duration::from_secs(300);
/// Lines about failures that are shown.
const SHOWN: usize = 60;

pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Error> {
    let package = "connectrpc.com/conformance/cmd/connectconformance";
    let folder = go::build(workspace, "conformance", &[(package, "connectconformance")])?;
    let mut cargo = workspace.cargo();
    process::show(cargo.args(["build", "--package", "protocall-conformance", "--bins"]))?;
    let mut report = Report::default();
    for (settings, side, cases) in RUNS {
        let mut runner = workspace.command(folder.join("connectconformance"));
        runner.args(["--conf", &format!("xtask/conformance/{settings}.yaml"), "--mode", side]);
        // such as `--run PATTERN` or `--trace`
        runner.args(arguments).arg("--");
        runner.arg(workspace.program(&format!("conformance-{side}")));
        let outcome = process::finish(runner, LIMIT).and_then(|finished| {
            let all = arguments.is_empty().then_some(*cases);
            judge(&finished.stdout, all).map_err(|what| {
                let said = format!("{}{}", finished.stdout, finished.stderr);
                let said: Vec<&str> = said.lines().take(SHOWN).collect();
                Error::new(format!("{what}\n{}", said.join("\n")))
            })
        });
        report.check(&format!("{settings}, {side}: {cases} cases"), outcome);
    }
    report.finish()
}

/// Whether all cases passed, and as many as there should be.
fn judge(output: &str, all: Option<u32>) -> Result<(), String> {
    let Some((passed, failed)) = output.lines().rev().find_map(counts) else {
        return Err("the runner printed no counts".to_owned());
    };
    if failed > 0 || passed == 0 || all.is_some_and(|all| passed < all) {
        return Err(format!("{passed} cases passed, {failed} failed"));
    }
    Ok(())
}

/// Reads `570 passed, 0 failed`.
fn counts(line: &str) -> Option<(u32, u32)> {
    let (passed, failed) = line.strip_suffix(" failed")?.split_once(" passed, ")?;
    Some((passed.parse().ok()?, failed.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_cases_must_be_there_and_pass() {
        let output = |passed, failed| {
            format!("Total cases: {}\n{passed} passed, {failed} failed\n", passed + failed)
        };
        assert!(judge(&output(570, 0), Some(570)).is_ok());
        assert!(judge(&output(571, 0), Some(570)).is_ok());
        assert!(judge(&output(569, 1), Some(570)).is_err());
        assert!(judge(&output(569, 0), Some(570)).is_err());
        assert!(judge(&output(3, 0), None).is_ok());
        assert!(judge(&output(0, 0), None).is_err());
        assert!(judge("nothing ran", None).is_err());
    }
}
