//! Where the workspace is: its root, its build folder, its files, its members as cargo sees them.
//! Knows no rule; `tidy` and `layers` judge what this reads.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::error::{Context, Error};

/// The checkout that the task works on.
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// The workspace that this program was built from.
    pub(crate) fn find() -> Result<Self, Error> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .ok_or_else(|| Error::new("xtask's folder has no parent"))?
            .to_owned();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => root.join(folder),
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A folder for what a task keeps between runs; made if missing.
    pub(crate) fn cache(&self, task: &str) -> Result<PathBuf, Error> {
        let folder = self.target.join("xtask").join(task);
        std::fs::create_dir_all(&folder).context(folder.display())?;
        Ok(folder)
    }

    /// A program, to be run in the root.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// The cargo that runs this task.
    pub(crate) fn cargo(&self) -> Command {
        self.command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    /// A program of the workspace, as a debug build leaves it.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(name).with_extension(std::env::consts::EXE_EXTENSION)
    }

    /// Where optimised builds leave programs; the profile `bench` does so too.
    pub(crate) fn release(&self) -> PathBuf {
        self.target.join("release")
    }

    /// Every file that git tracks or would track, relative to the root, with `/` between parts.
    pub(crate) fn files(&self) -> Result<Vec<String>, Error> {
        let output = self
            .command("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .output()
            .context("git ls-files")?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(Error::new(format!("git ls-files: {}", said.trim())));
        }
        let listed = String::from_utf8(output.stdout).context("git ls-files")?;
        let mut files: Vec<String> = listed
            .split('\0')
            .filter(|path| !path.is_empty() && self.root.join(path).is_file())
            .map(str::to_owned)
            .collect();
        files.sort();
        files.dedup();
        Ok(files)
    }

    /// What `cargo metadata` answers, with every feature on.
    pub(crate) fn metadata(&self) -> Result<Value, Error> {
        let output = self
            .cargo()
            .args(["metadata", "--format-version", "1", "--all-features"])
            .output()
            .context("cargo metadata")?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(Error::new(format!("cargo metadata: {}", said.trim())));
        }
        serde_json::from_slice(&output.stdout).context("cargo metadata")
    }
}
