//! What the tests of this crate share: the golden folder as a source tree.

use std::path::{Path, PathBuf};

use protocall_schema::{SourceError, SourceTree};

/// The golden folder, whose sub-folders are parts of the import paths.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// The golden folder as a source tree.
pub(crate) struct Golden;

impl SourceTree for Golden {
    fn read(&self, path: &str) -> Result<Option<String>, SourceError> {
        match std::fs::read_to_string(folder().join(path)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(SourceError::new(error.to_string())),
        }
    }
}

/// The import paths of all inputs in one sub-folder, sorted.
pub(crate) fn inputs(sub: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder().join(sub)).unwrap();
    let mut paths: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".proto"))
        .map(|name| format!("{sub}/{name}"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no inputs in {sub}");
    paths
}
