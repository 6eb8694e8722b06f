//! Whether what was generated before is still there as it was: then, with the same files and the
//! same options, there is nothing to generate. By size and time, as cargo goes by them.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::error::Error;
use crate::write::write_if_changed;

/// What a run wrote, kept in a file of its own.
pub(crate) struct Outputs {
    record: PathBuf,
    /// What was asked for.
    asked: String,
}

impl Outputs {
    pub(crate) fn new(record: PathBuf, asked: &impl std::fmt::Debug) -> Self {
        Self { record, asked: format!("{asked:?}") }
    }

    /// Whether the same was asked for, and no output was touched since.
    pub(crate) fn are_intact(&self) -> bool {
        let Ok(written) = fs::read_to_string(&self.record) else { return false };
        let paths: Vec<PathBuf> =
            written.lines().filter_map(|line| Some(line.split_once('\t')?.1.into())).collect();
        !paths.is_empty() && self.describe(&paths).is_some_and(|now| now == written)
    }

    /// Notes what was written.
    pub(crate) fn keep(&self, paths: &[PathBuf]) -> Result<(), Error> {
        match self.describe(paths) {
            Some(text) => write_if_changed(&self.record, text.as_bytes()).map(drop),
            // a path that is no line, or a file that is gone again: the next run generates
            None => {
                let _ = fs::remove_file(&self.record); // there may be none
                Ok(())
            }
        }
    }

    fn describe(&self, paths: &[PathBuf]) -> Option<String> {
        let mut text = format!("{}\n", self.asked.escape_debug());
        for path in paths {
            let (length, time) = state(path)?;
            let path = path.to_str().filter(|path| !path.contains(['\n', '\t']))?;
            // writing to a String cannot fail
            let _ = writeln!(text, "{length} {time}\t{path}");
        }
        Some(text)
    }
}

fn state(path: &Path) -> Option<(u64, u128)> {
    let state = fs::metadata(path).ok()?;
    let time = state.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some((state.len(), time.as_nanos()))
}
