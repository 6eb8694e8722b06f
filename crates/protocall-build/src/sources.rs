//! Include paths as the compiler's source tree, and files on disk as import paths.
//!
//! The rules are protoc's: the first include path that has a file wins, and a file to compile must
//! be the one that an import of it would find.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use protocall_schema::{SourceError, SourceTree};

use crate::error::Error;

/// The files beneath the include paths. Remembers which of them were read.
pub(crate) struct IncludePaths {
    includes: Vec<PathBuf>,
    read: RefCell<BTreeSet<PathBuf>>,
}

impl IncludePaths {
    pub(crate) fn new(includes: &[impl AsRef<Path>]) -> Result<Self, Error> {
        let includes: Vec<PathBuf> = includes.iter().map(|path| path.as_ref().into()).collect();
        match includes.iter().find(|include| !include.is_dir()) {
            Some(missing) => Err(Error::IncludeNotFound { include: missing.clone() }),
            None => Ok(Self { includes, read: RefCell::default() }),
        }
    }

    /// Every file that the compiler read, ordered.
    pub(crate) fn into_files_read(self) -> Vec<PathBuf> {
        self.read.into_inner().into_iter().collect()
    }

    /// The import path of a file to compile, given as a path on disk or as an import path.
    pub(crate) fn import_path(&self, file: &Path) -> Result<String, Error> {
        let Ok(absolute) = fs::canonicalize(file) else {
            return self.checked_import_path(file);
        };
        let roots = self.includes.iter().filter_map(|include| fs::canonicalize(include).ok());
        let relative =
            roots.filter_map(|root| absolute.strip_prefix(root).ok().map(Path::to_owned)).next();
        let Some(relative) = relative else {
            let includes = self.includes.clone();
            return Err(Error::OutsideIncludes { file: file.to_owned(), includes });
        };
        let import =
            to_import_path(&relative).ok_or_else(|| Error::NotUtf8 { file: file.to_owned() })?;
        match self.locate(&import) {
            Some(found) if !fs::canonicalize(&found).is_ok_and(|found| found == absolute) => {
                Err(Error::Shadowed { file: file.to_owned(), by: found })
            }
            _ => Ok(import),
        }
    }

    /// A file that is not there from the current folder may be meant as an import path.
    fn checked_import_path(&self, file: &Path) -> Result<String, Error> {
        let import =
            to_import_path(file).ok_or_else(|| Error::NotUtf8 { file: file.to_owned() })?;
        if file.is_relative() && self.locate(&import).is_some() {
            return Ok(import);
        }
        Err(Error::NotFound { file: file.to_owned(), includes: self.includes.clone() })
    }

    fn locate(&self, import: &str) -> Option<PathBuf> {
        self.includes.iter().map(|include| include.join(import)).find(|path| path.is_file())
    }
}

impl SourceTree for IncludePaths {
    fn read(&self, path: &str) -> Result<Option<String>, SourceError> {
        // `join` would leave the include path for an absolute or a climbing one.
        let stays_inside =
            Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        if !stays_inside {
            return Ok(None);
        }
        let Some(file) = self.locate(path) else { return Ok(None) };
        let text = fs::read_to_string(&file).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => SourceError::new("the file is not UTF-8"),
            _ => SourceError::new(error.to_string()),
        })?;
        self.read.borrow_mut().insert(file);
        Ok(Some(text))
    }
}

/// `None` for a path that is not UTF-8.
fn to_import_path(relative: &Path) -> Option<String> {
    let parts = relative.components().filter(|part| !matches!(part, Component::CurDir));
    let parts: Option<Vec<&str>> = parts.map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}

#[cfg(test)]
mod tests;
