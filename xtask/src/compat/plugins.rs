//! Published plugins under both compilers: Go's two and Java's for gRPC must write the same files.
//! And protoc's own languages: what an installed protoc makes of our descriptors is what it makes
//! of the sources.

use std::path::{Path, PathBuf};

use super::corpus::{CORPORA, Files, maven_copy, one_with};
use super::{LIMIT, Protoc, empty, ours, same_files};
use crate::error::{Context, Error};
use crate::process;
use crate::report::Report;
use crate::workspace::Workspace;

const GO: &[&str] = &[
    "google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12",
    "google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.2",
];
const JAVA: &str = "io.grpc:protoc-gen-grpc-java:1.76.0";
/// A protoc with its languages, which the one in grpcio-tools is without.
const PROTOC: &str = "com.google.protobuf:protoc:4.35.1";
/// Their files have services and say which Go package and which Java package they are; those that
/// do not say are left out.
const INPUT: &[&str] = &["opentelemetry", "googleapis-common-protos"];
/// For all of protoc's languages: no two files of it become one in C#.
const FOR_LANGUAGES: &str = "opentelemetry";

pub(super) fn check(workspace: &Workspace, protoc: &Protoc, report: &mut Report) {
    let programs = go(workspace).and_then(|folder| Ok((folder, java(workspace)?)));
    let (go, java) = match programs {
        Ok(programs) => programs,
        Err(error) => return report.check("plugins", Err(error)),
    };
    for corpus in CORPORA.iter().filter(|corpus| INPUT.contains(&corpus.name)) {
        let files = corpus.files(workspace, &protoc.includes).and_then(with_go_package);
        for (name, program, options) in [
            ("go", go.join("protoc-gen-go"), "paths=source_relative"),
            ("go-grpc", go.join("protoc-gen-go-grpc"), "paths=source_relative"),
            ("grpc-java", java.clone(), "@generated=omit"),
        ] {
            let outcome = files.as_ref().map_err(|error| Error::new(error.to_string()));
            let outcome = outcome.and_then(|files| {
                let plugin = Plugin { name, program: &program, options };
                plugin.compare(workspace, protoc, files)
            });
            report.check(&format!("protoc-gen-{name}: {}", corpus.name), outcome);
        }
        if corpus.name != FOR_LANGUAGES {
            continue;
        }
        let outcome = files.and_then(|files| languages(workspace, protoc, &files));
        report.check(&format!("protoc's own languages: {}", corpus.name), outcome);
    }
}

fn with_go_package(mut files: Files) -> Result<Files, Error> {
    let root = files.roots.first().cloned().ok_or_else(|| Error::new("no folder of files"))?;
    files.paths.retain(|path| {
        std::fs::read_to_string(root.join(path)).is_ok_and(|text| text.contains("go_package"))
    });
    Ok(files)
}

fn go(workspace: &Workspace) -> Result<PathBuf, Error> {
    let folder = workspace.cache("compat")?.join("go-plugins");
    if !folder.join("done").is_file() {
        for module in GO {
            let mut install = workspace.command("go");
            // outside any module: the version is in the name
            install.current_dir(workspace.cache("compat")?).env("GOBIN", &folder);
            process::show(install.args(["install", module]))?;
        }
        std::fs::write(folder.join("done"), "").context(folder.display())?;
    }
    Ok(folder)
}

fn java(workspace: &Workspace) -> Result<PathBuf, Error> {
    executable(workspace, "grpc-java", JAVA)
}

/// A program that Maven has for each system.
pub(super) fn executable(
    workspace: &Workspace,
    name: &str,
    artifact: &str,
) -> Result<PathBuf, Error> {
    let folder = workspace.cache("compat")?.join(name);
    std::fs::create_dir_all(&folder).context(folder.display())?;
    if let Ok(program) = one_with(&folder, ".exe") {
        return Ok(program);
    }
    let system = match std::env::consts::OS {
        "macos" => "osx",
        other => other,
    };
    let machine = match std::env::consts::ARCH {
        "aarch64" => "aarch_64",
        other => other,
    };
    maven_copy(workspace, &format!("{artifact}:exe:{system}-{machine}"), &folder)?;
    let program = one_with(&folder, ".exe")?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&program, mode).context(program.display())?;
    }
    Ok(program)
}

pub(super) fn protoc_itself(workspace: &Workspace) -> Result<PathBuf, Error> {
    executable(workspace, "protoc-itself", PROTOC)
}

struct Plugin<'a> {
    name: &'a str,
    program: &'a Path,
    options: &'a str,
}

impl Plugin<'_> {
    fn compare(&self, workspace: &Workspace, protoc: &Protoc, files: &Files) -> Result<(), Error> {
        let folder = workspace.cache("compat")?.join("plugin-runs").join(self.name);
        let run = |mut command: std::process::Command, side: &str| -> Result<PathBuf, Error> {
            let out = empty(folder.join(side))?;
            command.args(files.roots.iter().map(|root| format!("-I{}", root.display())));
            command.arg(format!("--plugin=protoc-gen-{}={}", self.name, self.program.display()));
            command.arg(format!("--{}_out={}:{}", self.name, self.options, out.display()));
            process::finish(with_list(command, &folder, &files.paths)?, LIMIT)?.success()?;
            Ok(out)
        };
        let theirs = run(protoc.command(workspace), "theirs")?;
        let count = same_files(&theirs, &run(ours(workspace), "ours")?)?;
        println!("        {count} files are the same");
        Ok(())
    }
}

fn with_list(
    mut command: std::process::Command,
    folder: &Path,
    paths: &[String],
) -> Result<std::process::Command, Error> {
    let list = folder.join("list");
    std::fs::write(&list, paths.join("\n")).context(list.display())?;
    command.arg(format!("@{}", list.display()));
    Ok(command)
}

const LANGUAGES: &[&str] = &["cpp", "csharp", "java", "kotlin", "objc", "php", "ruby"];

fn languages(workspace: &Workspace, protoc: &Protoc, files: &Files) -> Result<(), Error> {
    let program = protoc_itself(workspace)?;
    let folder = workspace.cache("compat")?.join("plugin-runs").join("languages");
    let run = |mut command: std::process::Command, side: &str| -> Result<PathBuf, Error> {
        let out = empty(folder.join(side))?;
        command.args(files.roots.iter().map(|root| format!("-I{}", root.display())));
        for language in LANGUAGES {
            let place = empty(out.join(language))?;
            command.arg(format!("--{language}_out={}", place.display()));
        }
        process::finish(with_list(command, &folder, &files.paths)?, LIMIT)?.success()?;
        Ok(out)
    };
    let mut handed_over = ours(workspace);
    handed_over.env("PROTOC", &program);
    let mut direct = workspace.command(&program);
    direct.arg(format!("-I{}", protoc.includes.display()));
    let count = same_files(&run(direct, "theirs")?, &run(handed_over, "ours")?)?;
    println!("        {count} files are the same");
    Ok(())
}
