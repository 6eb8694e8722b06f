//! `cargo xtask wasm`: builds the pure crates for a target that has no system below it.
//! It proves that neither they nor what they depend on need one to build; that they name no
//! socket, clock or thread is proved by `layers`, since std has those names on every target.

use std::path::Path;

use crate::error::{Context, Error};
use crate::workspace::Workspace;
use crate::{layers, process};

const TARGET: &str = "wasm32-unknown-unknown";

pub(crate) fn run(workspace: &Workspace, _: &[String]) -> Result<(), Error> {
    install(workspace)?;
    let mut build = workspace.cargo();
    build.args(["build", "--target", TARGET]);
    for name in layers::pure() {
        build.args(["--package", name]);
    }
    process::show(&mut build)?;
    println!("wasm: {} pure crates build for {TARGET}", layers::pure().count());
    Ok(())
}

/// Adds the target to the pinned toolchain when it is missing.
fn install(workspace: &Workspace) -> Result<(), Error> {
    let output = workspace
        .command(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--print", "sysroot"])
        .output()
        .context("rustc --print sysroot")?;
    let sysroot = String::from_utf8_lossy(&output.stdout);
    let libraries = Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).join("lib");
    if libraries.is_dir() {
        return Ok(());
    }
    process::show(workspace.command("rustup").args(["target", "add", TARGET]))
        .context("the target is missing and rustup could not add it")
}
