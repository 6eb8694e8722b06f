//! `cargo xtask simulate [--seeds N] [--steps M] [--first SEED]`: pairs of connections by the
//! thousand, in a release build. What is run and checked is in `protocall-sim`.

use crate::error::Error;
use crate::process;
use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Error> {
    let package = ["--package", "protocall-sim", "--example", "simulate"];
    let mut command = workspace.cargo();
    command.args(["run", "--release"]).args(package).arg("--").args(arguments);
    process::show(&mut command)
}
