//! Writing, only where something changed: an untouched file keeps its time, and Cargo its cache.

use std::fs;
use std::path::Path;

use crate::error::Error;

/// Writes `content` to `path` unless that is what the file holds already; makes its folder if it is
/// missing. Says whether it wrote.
///
/// # Errors
///
/// When the system refuses.
pub fn write_if_changed(path: &Path, content: &[u8]) -> Result<bool, Error> {
    if fs::read(path).is_ok_and(|existing| existing == content) {
        return Ok(false);
    }
    let failed = |source| Error::Write { file: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(path, content).map_err(failed)?;
    Ok(true)
}
