//! The builder that build scripts use, and its conversation with Cargo.

mod options;

use std::env;
use std::io;
use std::path::{Path, PathBuf};

use protocall_codegen::Options;

use crate::error::Error;
use crate::incremental::{Incremental, load_incremental};
use crate::load::{DescriptorSet, Loaded, load, sources_and_roots};
use crate::outputs::Outputs;
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
        let Some(cargos) = cargos else {
            let loaded = load(protos, includes)?;
            return self.write(&loaded, &folder).map(drop);
        };
        let (loaded, _) = self.update(protos, includes, &folder, &cargos)?;
        let told = tell_cargo(&loaded, &mut io::stdout().lock());
        told.map_err(|source| Error::Write { file: PathBuf::from("stdout"), source })
    }

    /// Compiles what changed since the time before, and generates unless nothing did. Says whether
    /// it generated.
    fn update(
        &self,
        protos: &[impl AsRef<Path>],
        includes: &[impl AsRef<Path>],
        folder: &Path,
        caches: &Path,
    ) -> Result<(Loaded, bool), Error> {
        let (sources, roots) = sources_and_roots(protos, includes)?;
        // a script may compile several times, into folders of its own
        let name = name_for(folder);
        let outputs = Outputs::new(caches.join(format!("{name}.outputs")), self);
        let cache = caches.join(format!("{name}.cache"));
        let Incremental { loaded, compiled } = load_incremental(&sources, &roots, &cache)?;
        if compiled == 0 && outputs.are_intact() {
            return Ok((loaded, false));
        }
        let written = self.write(&loaded, folder)?;
        outputs.keep(&written)?;
        Ok((loaded, true))
    }

    /// Generates, and writes what changed. Gives all files of the result.
    fn write(&self, loaded: &Loaded, folder: &Path) -> Result<Vec<PathBuf>, Error> {
        let mut written = Vec::new();
        for file in loaded.generate(&self.options)? {
            let path = folder.join(&file.path);
            write_if_changed(&path, file.content.as_bytes())?;
            written.push(path);
        }
        if let Some(file) = &self.descriptor_set {
            let set = loaded.descriptor_set(DescriptorSet {
                imports: true,
                source_info: true,
                ..DescriptorSet::default()
            });
            let path = folder.join(file);
            write_if_changed(&path, &set)?;
            written.push(path);
        }
        Ok(written)
    }
}

/// A name for what is kept of a run into that folder.
fn name_for(folder: &Path) -> String {
    let letters = folder.to_string_lossy();
    let hash = letters.bytes().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("protocall-{hash:016x}")
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
