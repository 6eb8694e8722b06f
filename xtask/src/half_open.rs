//! `cargo xtask half-open`: hosts that are gone without a word, in a network namespace of its own
//! whose one interface goes down (Linux). What is demanded is in `tests/abuse`; in the machine's
//! own network `cargo test` does the same by filters on sockets.

use std::time::Duration;

use crate::error::{Context, Error};
use crate::process;
use crate::workspace::Workspace;

/// Two times some seconds.
const LIMIT: Duration = Duration::from_secs(120);

pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Error> {
    if !arguments.is_empty() {
        return Err(Error::new("takes no arguments"));
    }
    let build = ["build", "--package", "protocall-abuse", "--bin", "half-open"];
    process::show(workspace.cargo().args(build))?;
    // whoever may not make a namespace may do so in a user namespace
    let probe = process::finish(own_network(workspace, &["true"]), LIMIT)
        .context("`unshare` (package util-linux)")?;
    let prefix: &[&str] = if probe.status.success() { &[] } else { &["--user", "--map-root-user"] };
    let program = workspace.program("half-open");
    let program = program.to_string_lossy();
    let words: Vec<&str> = prefix.iter().copied().chain([&*program]).collect();
    let finished = process::finish(own_network(workspace, &words), LIMIT)?;
    print!("{}", finished.stdout);
    finished.success().map(drop).context(
        "a network namespace (needs root, or user namespaces that the kernel allows; iproute2)",
    )
}

/// A command in a network namespace of its own; its first words may be more options.
fn own_network(workspace: &Workspace, words: &[&str]) -> std::process::Command {
    let mut command = workspace.command("unshare");
    command.arg("--net").args(words);
    command
}
