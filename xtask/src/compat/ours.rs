//! Our generator as a plugin: under protoc and under buf it must write what our program writes.

use std::path::{Path, PathBuf};

use super::corpus::{CORPORA, Files};
use super::{LIMIT, Protoc, empty, ours, program, same_files};
use crate::error::{Context, Error};
use crate::process;
use crate::report::Report;
use crate::workspace::Workspace;

const BUF: &str = "@bufbuild/buf@1.75.0";
const INPUT: &str = "opentelemetry";

pub(super) fn check(workspace: &Workspace, protoc: &Protoc, report: &mut Report) {
    let Some(corpus) = CORPORA.iter().find(|corpus| corpus.name == INPUT) else { return };
    let prepared = corpus.files(workspace, &protoc.includes).and_then(|files| {
        let folder = empty(workspace.cache("compat")?.join("as-plugin"))?;
        let plugin = folder.join("protoc-gen-protocall");
        std::fs::copy(program(workspace), &plugin).context(plugin.display())?;
        let out = empty(folder.join("ours"))?;
        let mut command = ours(workspace);
        command.arg(format!("--rust_out={}", out.display()));
        process::finish(with_files(command, &files), LIMIT)?.success()?;
        Ok((files, Under { folder, plugin, ours: out }))
    });
    let (files, under) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return report.check("our generator as a plugin", Err(error)),
    };
    report.check("our generator under protoc", under.protoc(workspace, protoc, &files));
    report.check("our generator under buf", under.buf(workspace, &files));
}

fn with_files(mut command: std::process::Command, files: &Files) -> std::process::Command {
    command.args(files.roots.iter().map(|root| format!("-I{}", root.display())));
    command.args(&files.paths);
    command
}

struct Under {
    folder: PathBuf,
    /// Our program under a plugin's name.
    plugin: PathBuf,
    /// What it writes by itself.
    ours: PathBuf,
}

impl Under {
    fn protoc(&self, workspace: &Workspace, protoc: &Protoc, files: &Files) -> Result<(), Error> {
        let out = empty(self.folder.join("protoc"))?;
        let mut command = protoc.command(workspace);
        command.arg(format!("--plugin={}", self.plugin.display()));
        command.arg(format!("--protocall_out={}", out.display()));
        process::finish(with_files(command, files), LIMIT)?.success()?;
        same_files(&out, &self.ours).map(|count| println!("        {count} files are the same"))
    }

    fn buf(&self, workspace: &Workspace, files: &Files) -> Result<(), Error> {
        let buf = buf(workspace)?;
        let module = empty(self.folder.join("module"))?;
        let root = files.roots.first().ok_or_else(|| Error::new("no folder of files"))?;
        for path in &files.paths {
            let to = module.join(path);
            if let Some(folder) = to.parent() {
                std::fs::create_dir_all(folder).context(folder.display())?;
            }
            std::fs::copy(root.join(path), &to).context(to.display())?;
        }
        let out = empty(self.folder.join("buf"))?;
        let template = format!(
            "version: v2\nplugins:\n  - local: {}\n    out: {}\n    strategy: all\n",
            self.plugin.display(),
            out.display()
        );
        write(&module.join("buf.gen.yaml"), &template)?;
        write(&module.join("buf.yaml"), "version: v2\n")?;
        let mut command = workspace.command(buf);
        command.current_dir(&module).arg("generate");
        process::finish(command, LIMIT)?.success()?;
        same_files(&out, &self.ours).map(|count| println!("        {count} files are the same"))
    }
}

fn buf(workspace: &Workspace) -> Result<PathBuf, Error> {
    let folder = workspace.cache("compat")?.join("buf");
    let program = folder.join("node_modules/.bin/buf");
    if !program.is_file() {
        std::fs::create_dir_all(&folder).context(folder.display())?;
        let mut install = workspace.command("npm");
        install.args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"]).arg(&folder);
        process::show(install.arg(BUF))?;
    }
    Ok(program)
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(path, text).context(path.display())
}
