//! `cargo xtask ci`: runs `.ci/run`, the one list of what CI checks. No steps of its own.

use crate::error::Error;
use crate::process;
use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace, _: &[String]) -> Result<(), Error> {
    process::show(&mut workspace.command(workspace.root().join(".ci/run")))
}
