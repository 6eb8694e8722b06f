//! `cargo xtask bench`: builds our program and other stacks' programs, and runs them side by side.
//! What is measured, and how, is in `benches/run.py`; arguments are handed on to it.

use std::path::Path;

use crate::error::{Context, Error};
use crate::process;
use crate::workspace::Workspace;

/// The load generator for servers, and the Debian package that has it.
const H2LOAD: (&str, &str) = ("h2load", "nghttp2-client");

pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Error> {
    let programs = workspace.cache("bench")?;
    load_generator(workspace)?;
    ours(workspace, &programs)?;
    rust(workspace, &programs)?;
    go(workspace, &programs)?;
    let mut measure = workspace.command("python3");
    measure.arg(workspace.root().join("benches/run.py")).arg(&programs).args(arguments);
    if arguments.iter().any(|argument| argument == "--quick") {
        // one short round is no result: it must not take the place of one
        measure.arg("--out").arg(&programs);
        println!("quick results go to {}", programs.display());
    }
    process::show(&mut measure)
}

fn load_generator(workspace: &Workspace) -> Result<(), Error> {
    let (program, package) = H2LOAD;
    if workspace.command(program).arg("--version").output().is_ok() {
        return Ok(());
    }
    let install = format!("apt-get update && apt-get install --yes {package}");
    process::show(workspace.command("sh").args(["-c", &install]))
        .context(format!("{program} is missing; install it, as {package} does on Debian"))
}

fn ours(workspace: &Workspace, programs: &Path) -> Result<(), Error> {
    let mut build = workspace.cargo();
    process::show(build.args(["build", "--profile", "bench", "--package", "bench-peer"]))?;
    copy(&workspace.release(), programs, "bench-peer")
}

fn rust(workspace: &Workspace, programs: &Path) -> Result<(), Error> {
    let mut build = workspace.cargo();
    build.current_dir(workspace.root().join("benches/peers/rust"));
    build.args(["build", "--release", "--locked", "--target-dir"]);
    process::show(build.arg(programs.join("peers")))?;
    ["connect-peer", "tonic-peer"]
        .iter()
        .try_for_each(|name| copy(&programs.join("peers/release"), programs, name))
}

fn go(workspace: &Workspace, programs: &Path) -> Result<(), Error> {
    let mut build = workspace.command("go");
    build.current_dir(workspace.root().join("benches/peers/go"));
    build.args(["build", "-mod=readonly", "-buildvcs=false", "-o"]);
    process::show(build.arg(programs.join("go-peer")).arg("."))
}

fn copy(from: &Path, to: &Path, name: &str) -> Result<(), Error> {
    std::fs::copy(from.join(name), to.join(name)).context(name).map(drop)
}
