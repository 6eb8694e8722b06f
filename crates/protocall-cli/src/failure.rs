//! What a command can fail with, and the exit code that each kind has.

use std::path::PathBuf;
use std::process::ExitCode;

use protocall_build::Error;

/// Why a command failed. protoc's exit code is 1 for everything, and so is ours.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line asks for nothing, or for what does not exist.
    Usage(String),
    /// The build failed.
    Build(Error),
    /// A generator refused, or its output cannot be written.
    Output(String),
    /// A message cannot be read or written.
    Message(String),
    /// All that is to say was said.
    Reported,
    /// A file cannot be written.
    File { file: PathBuf, source: std::io::Error },
    /// Standard input or output failed.
    Stream(std::io::Error),
}

impl Failure {
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::FAILURE
    }

    pub(crate) fn text(&self, color: bool) -> String {
        match self {
            Self::Usage(text) | Self::Output(text) => format!("error: {text}"),
            Self::Message(text) => text.clone(),
            Self::Reported => String::new(),
            Self::Build(Error::Diagnostics(report)) if color => report.color().to_owned(),
            Self::Build(Error::Diagnostics(report)) => report.plain().to_owned(),
            Self::Build(error) => format!("error: {error}"),
            Self::File { file, source } => format!("error: {}: {source}", file.display()),
            Self::Stream(error) => format!("error: {error}"),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Build(error)
    }
}
