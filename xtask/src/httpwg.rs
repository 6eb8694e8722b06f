//! `cargo xtask httpwg`: the cases of httpwg (its command-line program comes from the registry)
//! against our server. A case fails only if it is listed here with the reason that makes it wrong
//! for a gRPC server, and a listed case that passes must leave the list.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use crate::error::Error;
use crate::report::Report;
use crate::workspace::Workspace;
use crate::{our_server, process};

const PACKAGE: &str = "httpwg-cli";
/// Milliseconds for a connection and for a frame.
const WAIT: &str = "4000";
/// Milliseconds that a request stays open before it is refused. The cases send requests that are no
/// gRPC calls, and then break a rule on their streams: a busy machine must come to it in time.
const REFUSAL_DELAY: &str = "1000";
/// A run takes a few seconds.
const LIMIT: Duration = Duration::from_secs(120);

/// Cases that we cannot pass, and the sentence that says why.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "RFC 9113 :: 4. http frames :: large headers frame exceeding max size",
        "the case can run only when SETTINGS_MAX_FRAME_SIZE is below its 20 KB of fields, and \
         fails by itself against a larger one; RFC 9113 section 6.5.2: \"The value advertised by \
         an endpoint MUST be between this initial value and the maximum allowed frame size\"",
    ),
    (
        "RFC 9113 :: 8. expressing http semantics in http2 :: sends headers frame with te trailers",
        "it wants status 200 for a POST without content-type, which is no gRPC call; RFC 9110 \
         section 15.5.16: \"the origin server is refusing to service the request because the \
         content is in a format not supported by this method on the target resource\"",
    ),
    (
        "RFC 9113 :: 8. expressing http semantics in http2 :: \
         sends headers frame with mismatched host authority",
        "a server without virtual hosts does not let either name decide anything; RFC 9113 \
         section 8.3.1: \"An origin server can apply any normalization method\", and ours treats \
         all names as one",
    ),
];

pub(crate) fn run(workspace: &Workspace, _: &[String]) -> Result<(), Error> {
    let program = install(workspace)?;
    let (server, port) = our_server::start(workspace, &["--refusal-delay", REFUSAL_DELAY])?;
    let mut command = workspace.command(program);
    command.args(["--address", &format!("127.0.0.1:{port}")]);
    // the default waits are shorter than a busy machine, or a refusal that is held back, takes
    command.args(["--connect-timeout", WAIT, "--frame-timeout", WAIT]);
    // it exits with 1 when a case fails
    let finished = process::finish(command, LIMIT)?;
    let text = plain(&format!("{}\n{}", finished.stdout, finished.stderr));
    let Some((passed, all)) = text.lines().find_map(counts) else {
        return Err(server.failure(&format!("httpwg printed no counts:\n{text}")));
    };
    println!("{all} cases: {passed} passed, {} excepted", EXCEPTIONS.len());
    let names = passed_names(&text);
    let mut report = Report::default();
    report.check("every name of a passed case is known", same(names.len(), passed));
    for (name, reason) in EXCEPTIONS {
        let gone = if names.contains(*name) {
            Err(Error::new("it passes now: take it from the list"))
        } else {
            Ok(())
        };
        report.check(&format!("excepted: {name}\n        {reason}"), gone);
    }
    // a case that panics loses its name, so the rest is told by its number
    report.check("all others pass", same(passed + EXCEPTIONS.len(), all));
    for line in text.lines().filter(|line| line.contains("Test failed")) {
        println!("{line}");
    }
    report.finish()
}

fn same(have: usize, want: usize) -> Result<(), Error> {
    if have == want { Ok(()) } else { Err(Error::new(format!("{have} instead of {want}"))) }
}

fn install(workspace: &Workspace) -> Result<PathBuf, Error> {
    let folder = workspace.cache("httpwg")?;
    let program = folder.join("bin/httpwg").with_extension(std::env::consts::EXE_EXTENSION);
    if !program.is_file() {
        let mut cargo = workspace.cargo();
        process::show(cargo.args(["install", "--locked", PACKAGE, "--root"]).arg(&folder))?;
    }
    Ok(program)
}

/// Reads `Passed 104/107 tests in ..`, whatever stands in front.
fn counts(line: &str) -> Option<(usize, usize)> {
    let (_, rest) = line.split_once("Passed ")?;
    let (passed, all) = rest.split_once(" tests")?.0.split_once('/')?;
    Some((passed.parse().ok()?, all.parse().ok()?))
}

fn passed_names(text: &str) -> BTreeSet<&str> {
    text.lines().filter_map(|line| Some(line.split_once("Test passed: ")?.1.trim())).collect()
}

/// The text without colours: escape sequences end with `m`.
fn plain(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.split_once('m').map_or("", |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_is_read() {
        let text = plain("\u{1b}[32mx Test passed: A :: b\u{1b}[0m\nx Passed 1/3 tests in 1 s");
        assert_eq!(passed_names(&text).into_iter().collect::<Vec<_>>(), ["A :: b"]);
        assert_eq!(text.lines().find_map(counts), Some((1, 3)));
    }
}
