//! Compiles files and writes the descriptor set's bytes, for comparing with protoc. Takes protoc's
//! flags `-I`, `--include_imports`, `--include_source_info`, `--descriptor_set_out=FILE` and
//! `@FILE` (arguments, one a line).

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use buffa::{Message, MessageField};
use buffa_descriptor::generated::descriptor::FileDescriptorProto;
use protocall_schema::{SourceError, SourceTree, Style, compile};

struct Folders(Vec<PathBuf>);

impl SourceTree for Folders {
    fn read(&self, path: &str) -> Result<Option<String>, SourceError> {
        for folder in &self.0 {
            match std::fs::read_to_string(folder.join(path)) {
                Ok(text) => return Ok(Some(text)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(SourceError::new(error.to_string())),
            }
        }
        Ok(None)
    }
}

#[derive(Default)]
struct Arguments {
    folders: Vec<PathBuf>,
    files: Vec<String>,
    out: Option<PathBuf>,
    imports: bool,
    source_info: bool,
}

impl Arguments {
    fn read(&mut self, arguments: impl Iterator<Item = String>) -> std::io::Result<()> {
        for argument in arguments {
            if let Some(list) = argument.strip_prefix('@') {
                let text = std::fs::read_to_string(list)?;
                self.read(text.lines().map(str::to_owned))?;
            } else if let Some(folder) = argument.strip_prefix("-I") {
                self.folders.push(folder.into());
            } else if let Some(out) = argument.strip_prefix("--descriptor_set_out=") {
                self.out = Some(out.into());
            } else {
                match argument.as_str() {
                    "--include_imports" => self.imports = true,
                    "--include_source_info" => self.source_info = true,
                    _ => self.files.push(argument),
                }
            }
        }
        Ok(())
    }
}

/// The files that were asked for, in protoc's order: each behind those of them that it imports
/// directly. (What it imports through other files does not count.)
fn without_imports(all: Vec<FileDescriptorProto>, asked: &[&str]) -> Vec<FileDescriptorProto> {
    let mut left: HashMap<String, FileDescriptorProto> =
        all.into_iter().map(|file| (file.name.clone().unwrap_or_default(), file)).collect();
    let wanted: HashSet<&str> = asked.iter().copied().collect();
    left.retain(|name, _| wanted.contains(name.as_str()));
    let mut ordered = Vec::new();
    // A file is met twice: first to put its imports on top of it, then to take it.
    let mut open: Vec<(String, Option<FileDescriptorProto>)> =
        asked.iter().rev().map(|name| ((*name).to_owned(), None)).collect();
    while let Some((name, file)) = open.pop() {
        if let Some(file) = file {
            ordered.push(file);
        } else if let Some(file) = left.remove(&name) {
            let imports: Vec<String> =
                file.dependency.iter().chain(&file.option_dependency).cloned().collect();
            open.push((name, Some(file)));
            open.extend(imports.into_iter().rev().map(|import| (import, None)));
        }
    }
    ordered
}

fn main() -> ExitCode {
    let mut arguments = Arguments::default();
    if let Err(error) = arguments.read(std::env::args().skip(1)) {
        let _ = writeln!(std::io::stderr(), "{error}");
        return ExitCode::FAILURE;
    }
    let files: Vec<&str> = arguments.files.iter().map(String::as_str).collect();
    let compilation = compile(&Folders(arguments.folders), &files);
    let report = compilation.diagnostics().render(Style::Plain);
    let _ = std::io::stderr().write_all(report.as_bytes());
    let Ok(schema) = compilation.into_result() else { return ExitCode::FAILURE };
    let mut set = schema.descriptor_set().clone();
    if !arguments.imports {
        set.file = without_imports(std::mem::take(&mut set.file), &files);
    }
    if !arguments.source_info {
        for file in &mut set.file {
            file.source_code_info = MessageField::default();
        }
    }
    let bytes = set.encode_to_vec();
    let written = match arguments.out {
        Some(out) => std::fs::write(out, bytes),
        None => std::io::stdout().write_all(&bytes),
    };
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
