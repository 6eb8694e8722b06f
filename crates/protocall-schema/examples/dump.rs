//! Compiles files and writes the descriptor set's bytes to standard output, for comparing with
//! `protoc --descriptor_set_out`. Usage: `dump [--no-source-info] ROOT-FOLDER... -- FILE...`

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use buffa::{Message, MessageField};
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

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let strip = arguments.first().is_some_and(|argument| argument == "--no-source-info");
    if strip {
        arguments.remove(0);
    }
    let middle = arguments.iter().position(|argument| argument == "--").unwrap_or(0);
    let folders = arguments.iter().take(middle).map(PathBuf::from).collect();
    let files: Vec<&str> = arguments.iter().skip(middle + 1).map(String::as_str).collect();

    let compilation = compile(&Folders(folders), &files);
    let report = compilation.diagnostics().render(Style::Plain);
    let _ = std::io::stderr().write_all(report.as_bytes());
    let Some(schema) = compilation.schema() else { return ExitCode::FAILURE };
    let mut set = schema.descriptor_set().clone();
    if strip {
        for file in &mut set.file {
            file.source_code_info = MessageField::default();
        }
    }
    match std::io::stdout().write_all(&set.encode_to_vec()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
