//! What a build can fail with. `Debug` reads like `Display`: build scripts print errors through it.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::OnceLock;

use protocall_codegen::CodegenError;
use protocall_schema::{Diagnostics, Style};

/// Why nothing was built.
#[non_exhaustive]
pub enum Error {
    /// The `.proto` files are wrong: everything that was found.
    Diagnostics(Report),
    /// A file to compile lies outside of all include paths.
    OutsideIncludes {
        /// The file.
        file: PathBuf,
        /// The include paths.
        includes: Vec<PathBuf>,
    },
    /// A file to compile is hidden by another one with the same import path.
    Shadowed {
        /// The file.
        file: PathBuf,
        /// The one that an import of it finds.
        by: PathBuf,
    },
    /// An include path is not there, or is no folder.
    IncludeNotFound {
        /// The include path.
        include: PathBuf,
    },
    /// A file to compile does not exist.
    NotFound {
        /// The file.
        file: PathBuf,
        /// The include paths.
        includes: Vec<PathBuf>,
    },
    /// A path that is not UTF-8, which an import path must be.
    NotUtf8 {
        /// The path.
        file: PathBuf,
    },
    /// No folder to write to.
    NoOutDir,
    /// The code generator refused.
    Codegen(CodegenError),
    /// An option in a parameter (`views=.a.B,..`) that does not exist or lacks its value.
    Parameter {
        /// The option as written.
        option: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A plugin request that is not one.
    PluginRequest {
        /// What is wrong with it.
        reason: String,
    },
    /// A descriptor set cannot be used.
    DescriptorSet {
        /// Which one, and why.
        reason: String,
    },
    /// A file could not be written.
    Write {
        /// The file.
        file: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

/// Diagnostics, drawn when they are asked for.
#[derive(Clone, Default)]
pub struct Report {
    diagnostics: Diagnostics,
    plain: OnceLock<String>,
    color: OnceLock<String>,
}

impl Report {
    pub(crate) fn new(diagnostics: &Diagnostics) -> Self {
        Self { diagnostics: diagnostics.clone(), ..Self::default() }
    }

    /// The diagnostics themselves.
    #[must_use]
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.diagnostics
    }

    /// How many of them are errors; the others are warnings.
    #[must_use]
    pub fn error_count(&self) -> usize {
        self.diagnostics.error_count()
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// The diagnostics as text.
    #[must_use]
    pub fn plain(&self) -> &str {
        self.plain.get_or_init(|| self.diagnostics.render(Style::Plain))
    }

    /// The diagnostics as text with ANSI colours, for a terminal.
    #[must_use]
    pub fn color(&self) -> &str {
        self.color.get_or_init(|| self.diagnostics.render(Style::Color))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.plain().trim_end())
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Diagnostics(report) => {
                let count = report.error_count();
                let s = if count == 1 { "" } else { "s" };
                write!(f, "{count} error{s} in the .proto files\n\n{report}")
            }
            Self::OutsideIncludes { file, includes } => {
                let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
                let folder = folder.map_or_else(|| PathBuf::from("."), PathBuf::from);
                write!(
                    f,
                    "`{}` lies outside of the include paths ({}), so no import could name it: add \
                     the folder that its imports start from to the include paths, for instance `{}`",
                    file.display(),
                    list(includes),
                    folder.display()
                )
            }
            Self::Shadowed { file, by } => write!(
                f,
                "`{}` cannot be compiled: its import path finds `{}` first; put its include path \
                 before the other one, or rename one of the files",
                file.display(),
                by.display()
            ),
            Self::IncludeNotFound { include } => {
                write!(f, "the include path `{}` is not a folder", include.display())
            }
            Self::NotFound { file, includes } => write!(
                f,
                "`{}` does not exist, neither from the current folder nor in the include paths ({})",
                file.display(),
                list(includes)
            ),
            Self::NotUtf8 { file } => {
                write!(f, "`{}` is not UTF-8, so it cannot be an import path", file.display())
            }
            Self::NoOutDir => f.write_str(
                "OUT_DIR is not set: Cargo sets it for build scripts; elsewhere, say where to write \
                 with `Config::out_dir`",
            ),
            Self::Codegen(error) => fmt::Display::fmt(error, f),
            Self::Parameter { option, reason } => write!(f, "option `{option}`: {reason}"),
            Self::PluginRequest { reason } => write!(f, "invalid plugin request: {reason}"),
            Self::DescriptorSet { reason } => f.write_str(reason),
            Self::Write { file, source } => {
                write!(f, "`{}` could not be written: {source}", file.display())
            }
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Write { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl From<CodegenError> for Error {
    fn from(error: CodegenError) -> Self {
        Self::Codegen(error)
    }
}

fn list(paths: &[PathBuf]) -> String {
    let paths: Vec<String> = paths.iter().map(|path| format!("`{}`", path.display())).collect();
    if paths.is_empty() { "there are none".to_owned() } else { paths.join(", ") }
}
