//! That rustfmt, with its own defaults, leaves every generated file as it is, in the style of each
//! edition that an application may have. A rustfmt that is missing fails the test.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The editions whose styles rustfmt knows; those before 2021 lay out as 2021 does.
const EDITIONS: [&str; 2] = ["2021", "2024"];

fn generated_files() -> Vec<PathBuf> {
    let out = Path::new(env!("OUT_DIR"));
    let folders = fs::read_dir(out).unwrap().map(|entry| entry.unwrap().path());
    let files = folders.filter(|folder| folder.is_dir()).flat_map(|folder| {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    });
    files.filter(|file| file.extension().is_some_and(|extension| extension == "rs")).collect()
}

#[test]
fn rustfmt_leaves_every_generated_file_as_it_is() {
    let files = generated_files();
    assert!(files.len() >= 12, "{files:?}");
    // a folder without a `rustfmt.toml`, lest that of this repository count
    let defaults = tempfile("rustfmt.toml");
    for edition in EDITIONS {
        let mut rustfmt = Command::new("rustfmt");
        rustfmt.args(["--check", "--color", "never", "--edition", edition, "--config-path"]);
        let checked = rustfmt.arg(&defaults).args(&files).output().unwrap();
        let said = String::from_utf8_lossy(&checked.stdout);
        let failed = String::from_utf8_lossy(&checked.stderr);
        assert!(checked.status.success(), "edition {edition}: {said}{failed}");
    }
}

/// An empty file beside the generated ones.
fn tempfile(name: &str) -> PathBuf {
    let path = Path::new(env!("OUT_DIR")).join(name);
    fs::write(&path, "").unwrap();
    path
}
