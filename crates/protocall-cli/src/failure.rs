//! What a command can fail with, and the exit code that each kind has.

use std::process::ExitCode;

use protocall_build::Error;

/// Something is wrong with the work: the files, the system.
const FAILED: u8 = 1;
/// Something is wrong with the command line.
const USAGE: u8 = 2;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line asks for nothing, or for what does not exist.
    Usage(String),
    /// The build failed.
    Build(Error),
    /// Standard input or output failed.
    Stream(std::io::Error),
}

impl Failure {
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Usage(_) | Self::Build(Error::Parameter { .. }) => USAGE,
            Self::Build(_) | Self::Stream(_) => FAILED,
        })
    }

    pub(crate) fn text(&self, color: bool) -> String {
        match self {
            Self::Usage(text) => format!("error: {text}"),
            Self::Build(Error::Diagnostics(report)) if color => report.color().to_owned(),
            Self::Build(Error::Diagnostics(report)) => report.plain().to_owned(),
            Self::Build(error) => format!("error: {error}"),
            Self::Stream(error) => format!("error: {error}"),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Build(error)
    }
}
