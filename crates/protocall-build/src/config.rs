//! The builder that build scripts use, and its conversation with Cargo.

mod options;

use std::env;
use std::io;
use std::path::{Path, PathBuf};

use protocall_codegen::Options;

use crate::error::Error;
use crate::load::{DescriptorSet, Loaded, load};
use crate::write::write_if_changed;

/// How to compile in a build script. The default is what production wants.
///
/// ```no_run
/// # fn main() -> Result<(), protocall_build::Error> {
/// protocall_build::Config::new()
///     .bytes(".example.Payload.data")
///     .compile(&["proto/hello.proto"], &["proto"])
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Config {
    options: Options,
    out_dir: Option<PathBuf>,
    descriptor_set: Option<PathBuf>,
}

impl Config {
    /// The default configuration.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The generator's options, all at once. Replaces what was set before.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Where to write, instead of Cargo's `OUT_DIR`.
    #[must_use]
    pub fn out_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(folder.into());
        self
    }

    /// Also writes a `FileDescriptorSet` with all imports and comments into a file, for tools. A
    /// relative path starts from the output folder. Server reflection needs no file: see
    /// [`Options::file_descriptor_set`].
    #[must_use]
    pub fn file_descriptor_set_path(mut self, file: impl Into<PathBuf>) -> Self {
        self.descriptor_set = Some(file.into());
        self
    }
}

impl Config {
    pub(crate) fn set(mut self, change: impl FnOnce(Options) -> Options) -> Self {
        self.options = change(self.options);
        self
    }

    /// Compiles `protos`, found beneath the `includes`; see [`compile`](crate::compile). Outside of
    /// a build script nothing is printed, and [`Config::out_dir`] must say where to write.
    ///
    /// # Errors
    ///
    /// As [`compile`](crate::compile), and options that name nothing.
    pub fn compile(
        &self,
        protos: &[impl AsRef<Path>],
        includes: &[impl AsRef<Path>],
    ) -> Result<(), Error> {
        let cargos = env::var_os("OUT_DIR").map(PathBuf::from);
        let folder = self.out_dir.clone().or_else(|| cargos.clone()).ok_or(Error::NoOutDir)?;
        let loaded = load(protos, includes)?;
        for file in loaded.generate(&self.options)? {
            write_if_changed(&folder.join(&file.path), file.content.as_bytes())?;
        }
        if let Some(file) = &self.descriptor_set {
            let set = loaded.descriptor_set(DescriptorSet {
                imports: true,
                source_info: true,
                ..DescriptorSet::default()
            });
            write_if_changed(&folder.join(file), &set)?;
        }
        if cargos.is_none() {
            return Ok(());
        }
        let told = tell_cargo(&loaded, &mut io::stdout().lock());
        told.map_err(|source| Error::Write { file: PathBuf::from("stdout"), source })
    }
}

/// Build scripts speak to Cargo through lines on their standard output.
fn tell_cargo(loaded: &Loaded, out: &mut dyn io::Write) -> io::Result<()> {
    // a path that does not exist would make cargo run the script each time; a folder has it look
    // for changes inside
    for file in loaded.files_read().iter().chain(loaded.hiding_folders()) {
        writeln!(out, "cargo:rerun-if-changed={}", file.display())?;
    }
    for line in loaded.warnings().plain().lines().filter(|line| !line.is_empty()) {
        writeln!(out, "cargo:warning={line}")?;
    }
    out.flush()
}

#[cfg(test)]
mod tests;
