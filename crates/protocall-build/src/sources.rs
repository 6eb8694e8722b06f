//! Include paths as the compiler's source tree, and files on disk as import paths.
//!
//! The rules are protoc's: the first include path that has a file wins, and a file to compile must
//! be the one that an import of it would find.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use buffa_descriptor::generated::descriptor::FileDescriptorProto;
use protocall_schema::{SourceError, SourceTree};

use crate::decompile;
use crate::error::Error;
use crate::load::read_sets;

/// The files beneath the include paths. Remembers which of them were read.
#[derive(Debug, Default)]
pub struct Includes {
    mappings: Vec<Mapping>,
    /// For imports that no include path has.
    descriptors: BTreeMap<String, FileDescriptorProto>,
    read: RefCell<BTreeSet<PathBuf>>,
    /// Where a new file would go before one that was read.
    hiding: RefCell<BTreeSet<PathBuf>>,
    /// The import paths of descriptors that were read as files.
    read_descriptors: RefCell<BTreeSet<String>>,
}

/// What import paths begin with, and the folder (or the one file) that this means on disk.
#[derive(Clone, Debug)]
struct Mapping {
    import: String,
    disk: PathBuf,
}

impl Mapping {
    /// Where the file of an import path would be.
    fn apply(&self, import: &str) -> Option<PathBuf> {
        if self.import.is_empty() {
            return Some(self.disk.join(import));
        }
        let rest = import.strip_prefix(self.import.as_str())?;
        if rest.is_empty() {
            return Some(self.disk.clone());
        }
        rest.strip_prefix('/').map(|rest| self.disk.join(rest))
    }

    /// The import path of a file, going by the letters of the paths alone.
    fn reverse(&self, file: &Path) -> Option<String> {
        let file = plain(file);
        let relative = file.strip_prefix(plain(&self.disk)).ok()?;
        let climbs = relative.components().any(|part| part == Component::ParentDir);
        if climbs { None } else { self.join(relative) }
    }

    fn join(&self, relative: &Path) -> Option<String> {
        let relative = to_import_path(relative)?;
        Some(match (self.import.as_str(), relative.as_str()) {
            ("", relative) => relative.to_owned(),
            (import, "") => import.to_owned(),
            (import, relative) => format!("{import}/{relative}"),
        })
    }
}

impl Includes {
    /// No include path yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Existing folders, for imports that start inside of them.
    pub(crate) fn folders(includes: &[impl AsRef<Path>]) -> Result<Self, Error> {
        let mut sources = Self::new();
        for include in includes {
            let include = include.as_ref();
            if !include.is_dir() {
                return Err(Error::IncludeNotFound { include: include.to_owned() });
            }
            sources = sources.map("", include);
        }
        Ok(sources)
    }

    /// One more place to look at, after those before it: what import paths begin with (nothing for
    /// most), and the folder or file that this is on disk. It need not exist.
    #[must_use]
    pub fn map(mut self, import: impl Into<String>, disk: impl Into<PathBuf>) -> Self {
        let import = import.into().trim_end_matches('/').to_owned();
        self.mappings.push(Mapping { import, disk: disk.into() });
        self
    }

    /// Files as a compiler has made descriptors of them before: for imports that no include path
    /// has. Of files that are in several sets the first counts.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or holds no descriptor set.
    pub fn with_descriptor_sets(mut self, sets: &[PathBuf]) -> Result<Self, Error> {
        for file in read_sets(sets)? {
            let name = file.name.clone().unwrap_or_default();
            self.descriptors.entry(name).or_insert(file);
        }
        Ok(self)
    }

    /// The descriptors that stood in for files.
    pub(crate) fn descriptors_read(&self) -> Vec<&FileDescriptorProto> {
        let read = self.read_descriptors.borrow();
        read.iter().filter_map(|name| self.descriptors.get(name)).collect()
    }

    /// Every file that the compiler read, ordered.
    pub(crate) fn files_read(&self) -> Vec<PathBuf> {
        self.read.borrow().iter().cloned().collect()
    }

    /// The folders in which a new file would go before one that was read, ordered.
    pub(crate) fn hiding_folders(&self) -> Vec<PathBuf> {
        self.hiding.borrow().iter().cloned().collect()
    }

    /// For each place before the one where an import was found, the innermost folder on the way to
    /// a file there that exists.
    fn folders_before(&self, import: &str, found: &Path) -> Vec<PathBuf> {
        let places = self.mappings.iter().filter_map(|mapping| {
            mapping.apply(import).map(|place| (plain(&place), plain(&mapping.disk)))
        });
        let before = places.take_while(|(place, _)| place != found);
        let innermost = |(place, disk): (PathBuf, PathBuf)| {
            let mut folders = place.ancestors().skip(1).take_while(|f| f.starts_with(&disk));
            folders.find(|folder| folder.is_dir()).map(Path::to_owned)
        };
        before.filter_map(innermost).collect()
    }

    /// The import path of a file to compile, given as a path on disk or as an import path.
    ///
    /// # Errors
    ///
    /// A file that does not exist, that no import path leads to, or that another one hides.
    pub fn import_path(&self, file: &Path) -> Result<String, Error> {
        if !file.exists() {
            return self.checked_import_path(file);
        }
        // by letters first: a linked file has the name that the link has
        let by_letters = self.mappings.iter().find_map(|mapping| mapping.reverse(file));
        let import = match by_letters {
            Some(import) => import,
            None => self.import_path_of_place(file)?,
        };
        match self.locate(&import) {
            Some(found) if !same_file(&found, file) => {
                Err(Error::Shadowed { file: file.to_owned(), by: found })
            }
            Some(_) => Ok(import),
            // a path with `..` in its middle
            None => self.import_path_of_place(file),
        }
    }

    /// The import path of a file by where both really lie.
    fn import_path_of_place(&self, file: &Path) -> Result<String, Error> {
        let place = fs::canonicalize(file).ok();
        let found = place.and_then(|place| {
            self.mappings.iter().find_map(|mapping| {
                let root = fs::canonicalize(&mapping.disk).ok()?;
                Some((place.strip_prefix(root).ok()?.to_owned(), mapping))
            })
        });
        match found {
            Some((relative, mapping)) => {
                mapping.join(&relative).ok_or_else(|| Error::NotUtf8 { file: file.to_owned() })
            }
            None => self.checked_import_path(file).map_err(|_| Error::OutsideIncludes {
                file: file.to_owned(),
                includes: self.disk_paths(),
            }),
        }
    }

    /// A file that is not there from the current folder may be meant as an import path.
    fn checked_import_path(&self, file: &Path) -> Result<String, Error> {
        let import =
            to_import_path(file).ok_or_else(|| Error::NotUtf8 { file: file.to_owned() })?;
        let is_known = self.locate(&import).is_some() || self.descriptors.contains_key(&import);
        if file.is_relative() && is_known {
            return Ok(import);
        }
        Err(Error::NotFound { file: file.to_owned(), includes: self.disk_paths() })
    }

    fn disk_paths(&self) -> Vec<PathBuf> {
        self.mappings.iter().map(|mapping| mapping.disk.clone()).collect()
    }

    /// The file on disk that an import path means, if there is one.
    #[must_use]
    pub fn locate(&self, import: &str) -> Option<PathBuf> {
        let places = self.mappings.iter().filter_map(|mapping| mapping.apply(import));
        places.filter(|path| path.is_file()).map(|path| plain(&path)).next()
    }
}

impl Includes {
    /// The file of an import path, and its text; notes nothing.
    pub(crate) fn find(&self, import: &str) -> Result<Option<(PathBuf, String)>, SourceError> {
        // `join` would leave the include path for an absolute or a climbing one.
        let stays_inside =
            Path::new(import).components().all(|part| matches!(part, Component::Normal(_)));
        let Some(file) = self.locate(import).filter(|_| stays_inside) else { return Ok(None) };
        match fs::read_to_string(&file) {
            Ok(text) => Ok(Some((file, text))),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(SourceError::new("the file is not UTF-8"))
            }
            Err(error) => Err(SourceError::new(error.to_string())),
        }
    }

    /// Notes that a file was read for an import path.
    pub(crate) fn note(&self, import: &str, file: PathBuf) {
        self.hiding.borrow_mut().extend(self.folders_before(import, &file));
        self.read.borrow_mut().insert(file);
    }

    /// Whether descriptors may stand in for files.
    pub(crate) fn has_descriptors(&self) -> bool {
        !self.descriptors.is_empty()
    }

    /// What import paths begin with, and what that is on disk.
    pub(crate) fn mappings(&self) -> Vec<(&str, &Path)> {
        self.mappings.iter().map(|m| (m.import.as_str(), m.disk.as_path())).collect()
    }
}

impl SourceTree for Includes {
    fn read(&self, path: &str) -> Result<Option<String>, SourceError> {
        if let Some((file, text)) = self.find(path)? {
            self.note(path, file);
            return Ok(Some(text));
        }
        let Some(descriptor) = self.descriptors.get(path) else { return Ok(None) };
        self.read_descriptors.borrow_mut().insert(path.to_owned());
        let standard = protocall_schema::standard_options();
        Ok(Some(decompile::text(descriptor, &standard)))
    }
}

fn same_file(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

/// Without `./` at its start.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| !matches!(part, Component::CurDir)).collect()
}

/// `None` for a path that is not UTF-8.
fn to_import_path(relative: &Path) -> Option<String> {
    let parts = relative.components().filter(|part| !matches!(part, Component::CurDir));
    let parts: Option<Vec<&str>> = parts.map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}

#[cfg(test)]
mod tests;
