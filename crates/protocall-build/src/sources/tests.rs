//! Which file an import path means, and which import path a file has.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use protocall_schema::SourceTree;

use super::Includes;
use crate::error::Error;

/// Two include paths, `a` and `b`, and a file outside of both.
fn folders() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in [
        ("a/one.proto", "a one"),
        ("a/deep/two.proto", "a two"),
        ("b/one.proto", "b one"),
        ("b/three.proto", "b three"),
        ("outside.proto", "outside"),
    ] {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn includes(folder: &Path) -> Includes {
    Includes::folders(&[folder.join("a"), folder.join("b")]).unwrap()
}

#[test]
fn the_first_include_path_wins() {
    let folder = folders();
    let sources = includes(folder.path());
    assert_eq!(sources.read("one.proto").unwrap().as_deref(), Some("a one"));
    assert_eq!(sources.read("three.proto").unwrap().as_deref(), Some("b three"));
    assert_eq!(sources.read("four.proto").unwrap(), None);
    let read = sources.files_read();
    assert_eq!(read, [folder.path().join("a/one.proto"), folder.path().join("b/three.proto")]);
}

#[test]
fn no_import_leaves_the_include_paths() {
    let folder = folders();
    let sources = includes(folder.path());
    let absolute = folder.path().join("outside.proto");
    for path in ["../outside.proto", "deep/../../outside.proto", absolute.to_str().unwrap()] {
        assert_eq!(sources.read(path).unwrap(), None, "{path}");
    }
}

#[test]
fn text_that_is_not_utf8_is_an_error() {
    let folder = folders();
    fs::write(folder.path().join("a/bad.proto"), b"\xff").unwrap();
    let error = includes(folder.path()).read("bad.proto").unwrap_err();
    assert_eq!(error.to_string(), "the file is not UTF-8");
}

#[test]
fn files_on_disk_have_import_paths() {
    let folder = folders();
    let sources = includes(folder.path());
    let path = |file: &str| sources.import_path(&folder.path().join(file));
    assert_eq!(path("a/deep/two.proto").unwrap(), "deep/two.proto");
    assert_eq!(path("a/deep/../one.proto").unwrap(), "one.proto");
    assert_eq!(sources.import_path(Path::new("./deep/two.proto")).unwrap(), "deep/two.proto");
    assert!(matches!(path("b/one.proto"), Err(Error::Shadowed { .. })));
    assert!(matches!(path("a/none.proto"), Err(Error::NotFound { .. })));
}

#[test]
fn a_file_outside_says_what_to_do() {
    let folder = folders();
    let outside = folder.path().join("outside.proto");
    let error = includes(folder.path()).import_path(&outside).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("lies outside of the include paths"), "{text}");
    assert!(text.contains(&format!("for instance `{}`", folder.path().display())), "{text}");
}

#[test]
fn a_missing_include_path_is_an_error() {
    let missing = Includes::folders(&["no/such/folder"]).err().unwrap();
    assert_eq!(missing.to_string(), "the include path `no/such/folder` is not a folder");
}

#[test]
fn an_include_path_may_have_an_import_name_or_be_one_file() {
    let folder = folders();
    let sources = Includes::new()
        .map("pkg/x", folder.path().join("a"))
        .map("named.proto", folder.path().join("outside.proto"))
        .map("", folder.path().join("no/such/folder"));
    assert_eq!(sources.read("pkg/x/deep/two.proto").unwrap().as_deref(), Some("a two"));
    assert_eq!(sources.read("named.proto").unwrap().as_deref(), Some("outside"));
    assert_eq!(sources.read("deep/two.proto").unwrap(), None);
    let path = |file: &str| sources.import_path(&folder.path().join(file)).unwrap();
    assert_eq!(path("a/deep/two.proto"), "pkg/x/deep/two.proto");
    assert_eq!(path("outside.proto"), "named.proto");
}

#[test]
#[cfg(unix)]
fn a_linked_file_has_the_name_of_its_link() {
    let folder = folders();
    let link = folder.path().join("a/link.proto");
    std::os::unix::fs::symlink(folder.path().join("outside.proto"), &link).unwrap();
    assert_eq!(includes(folder.path()).import_path(&link).unwrap(), "link.proto");
}
