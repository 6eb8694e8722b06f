//! `cargo xtask hpack [SESSIONS]`: our HPACK decoder beside Python's `hpack`, over sessions of
//! blocks that `tests/hpack` makes. The `h2` crate judges such sessions in `cargo test`.

use std::fs::File;
use std::process::Stdio;

use crate::error::{Context, Error};
use crate::process;
use crate::workspace::Workspace;

/// About nine blocks each: enough that every form of every field occurs hundreds of times.
const SESSIONS: &str = "5000";

pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Error> {
    let sessions = arguments.first().map_or(SESSIONS, String::as_str);
    let folder = workspace.cache("hpack")?;
    let interpreter = folder.join("venv/bin/python");
    if !interpreter.is_file() {
        let mut venv = workspace.command("python3");
        process::show(venv.args(["-m", "venv"]).arg(folder.join("venv")))?;
    }
    let mut pip = workspace.command(&interpreter);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "hpack"]);
    process::show(&mut pip)?;

    let path = folder.join("sessions.txt");
    let made = File::create(&path).context(path.display())?;
    let mut make = workspace.cargo();
    make.args(["run", "--quiet", "--package", "protocall-hpack", "--bin", "hpack-sessions", "--"]);
    process::show(make.arg(sessions).stdout(made))?;

    let mut judge = workspace.command(&interpreter);
    judge.arg("tests/hpack/judge.py").stdin(File::open(&path).context(path.display())?);
    let status = judge.stdout(Stdio::inherit()).status().context("judge.py")?;
    if status.success() { Ok(()) } else { Err(Error::new("the decoders disagree")) }
}
