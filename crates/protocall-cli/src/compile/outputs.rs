//! Generated files on their way to disk: collected by place, so that one generator may insert into
//! what another one wrote, and written only once all have succeeded. What a plugin's response
//! means is here; running plugins is `external`'s.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use super::arguments::Output;
use crate::failure::Failure;

/// A file as a generator gives it.
pub(super) struct Generated {
    /// Empty for more of the file before it.
    pub(super) name: String,
    /// Where in an existing file the content belongs; empty for a file of its own.
    pub(super) insertion_point: String,
    pub(super) content: String,
}

/// All places that are written to. Ordered, so that files and messages come in one order always.
#[derive(Default)]
pub(super) struct Places {
    places: BTreeMap<String, BTreeMap<String, String>>,
}

impl Places {
    /// Takes what one generator gave for a place.
    pub(super) fn add(&mut self, place: &str, generated: Vec<Generated>) -> Result<(), String> {
        let is_folder = !Output::is_archive(place) && !place.ends_with('/');
        let place = if is_folder { format!("{place}/") } else { place.to_owned() };
        let files = self.places.entry(place).or_default();
        let mut generated = generated.into_iter().peekable();
        while let Some(mut file) = generated.next() {
            if file.name.is_empty() {
                return Err("the first piece of a file came without the file's name".to_owned());
            }
            while let Some(more) = generated.next_if(|next| next.name.is_empty()) {
                file.content.push_str(&more.content);
            }
            if !file.insertion_point.is_empty() {
                insert(files, &file)?;
                continue;
            }
            match files.entry(file.name) {
                Entry::Vacant(place) => {
                    place.insert(file.content);
                }
                Entry::Occupied(place) => {
                    return Err(format!("{}: the same file is written twice", place.key()));
                }
            }
        }
        Ok(())
    }

    /// The paths of all files, as far as they are files of their own.
    pub(super) fn paths(&self) -> impl Iterator<Item = String> {
        self.places.iter().flat_map(|(place, files)| {
            files.keys().map(move |name| {
                let path = format!("{place}{name}");
                path.strip_prefix("./").unwrap_or(&path).to_owned()
            })
        })
    }

    /// Writes everything.
    pub(super) fn write(self, allow_escape: bool) -> Result<(), Failure> {
        for (place, mut files) in self.places {
            if let Some(name) = files.keys().find(|name| !allow_escape && leaves(name)) {
                return Err(Failure::Output(format!(
                    "{name}: a generated file lies outside of its folder; if that is meant, give \
                     --unsafe_allow_out_dir_escape"
                )));
            }
            if place.ends_with(".jar") {
                files.entry("META-INF/MANIFEST.MF".to_owned()).or_insert_with(|| {
                    "Manifest-Version: 1.0\nCreated-By: 1.6.0 (protocall)\n\n".to_owned()
                });
            }
            if Output::is_archive(&place) {
                archive(Path::new(&place), &files)?;
                continue;
            }
            for (name, content) in files {
                write(&Path::new(&place).join(name), content.as_bytes())?;
            }
        }
        Ok(())
    }
}

/// Whether a path leads out of the folder that it starts from.
fn leaves(name: &str) -> bool {
    let is_inside = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    !Path::new(name).components().all(is_inside)
}

/// Writes a file and the folders that it needs. Unlike in build scripts an unchanged file is
/// written as well: `make` and its like go by its time.
pub(super) fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let failed = |source| Failure::File { file: path.to_owned(), source };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(path, content).map_err(failed)
}

/// Uncompressed and without times, so that the same files give the same bytes.
fn archive(path: &Path, files: &BTreeMap<String, String>) -> Result<(), Failure> {
    let failed = |source: std::io::Error| Failure::File { file: PathBuf::from(path), source };
    let mut archive = zip::ZipWriter::new(fs::File::create(path).map_err(failed)?);
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default());
    for (name, content) in files {
        archive.start_file(name.as_str(), options).map_err(|error| failed(error.into()))?;
        archive.write_all(content.as_bytes()).map_err(failed)?;
    }
    archive.finish().map(drop).map_err(|error| failed(error.into()))
}

/// Puts a piece before the line of its insertion point, with that line's indentation.
fn insert(files: &mut BTreeMap<String, String>, piece: &Generated) -> Result<(), String> {
    let Generated { name, insertion_point: point, content } = piece;
    let Some(target) = files.get_mut(name) else {
        return Err(format!("{name}: the file to insert into was not generated"));
    };
    let Some(mark) = target.find(&format!("@@protoc_insertion_point({point})")) else {
        return Err(format!("{name}: there is no insertion point `{point}`"));
    };
    let before = target.get(..mark).unwrap_or_default();
    // `/* @@protoc_insertion_point(x) */` may stand in the middle of a line
    let at = match before.strip_suffix("/* ") {
        Some(rest) if !rest.is_empty() => rest.len(),
        _ => before.rfind('\n').map_or(0, |end| end + 1),
    };
    let line = target.get(at..).unwrap_or_default();
    let indent = line.split(|c: char| c != ' ' && c != '\t').next().unwrap_or_default().to_owned();
    let mut text = String::with_capacity(content.len());
    for line in content.split_inclusive('\n') {
        text.push_str(&indent);
        text.push_str(line);
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    target.insert_str(at, &text);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn file(name: &str, point: &str, content: &str) -> Generated {
        Generated {
            name: name.to_owned(),
            insertion_point: point.to_owned(),
            content: content.to_owned(),
        }
    }

    fn content(places: &Places, name: &str) -> String {
        places.places.values().next().unwrap().get(name).unwrap().clone()
    }

    #[test]
    fn pieces_come_before_their_point_in_their_order_and_indented() {
        let mut places = Places::default();
        let text =
            "a {\n  // @@protoc_insertion_point(x)\n}\nb(/* @@protoc_insertion_point(y) */);\n";
        places.add("out", vec![file("f", "", text)]).unwrap();
        places.add("out/", vec![file("f", "x", "one\ntwo")]).unwrap();
        places.add("out", vec![file("f", "x", "three\n"), file("f", "y", "1")]).unwrap();
        let expected = "a {\n  one\n  two\n  three\n  // @@protoc_insertion_point(x)\n}\n\
                        b(1\n/* @@protoc_insertion_point(y) */);\n";
        assert_eq!(content(&places, "f"), expected);
    }

    #[test]
    fn pieces_without_a_name_go_on_with_the_file_before() {
        let mut places = Places::default();
        places.add(".", vec![file("a/f", "", "one "), file("", "", "two")]).unwrap();
        assert_eq!(content(&places, "a/f"), "one two");
        assert_eq!(places.paths().collect::<Vec<_>>(), ["a/f"]);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let mut places = Places::default();
        places.add("out", vec![file("f", "", "x")]).unwrap();
        for (wrong, word) in [
            (file("f", "", "y"), "written twice"),
            (file("f", "none", "y"), "no insertion point `none`"),
            (file("g", "x", "y"), "was not generated"),
            (file("", "", "y"), "without the file's name"),
        ] {
            let error = places.add("out", vec![wrong]).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn nothing_is_written_outside() {
        for name in ["../f", "a/../../f", "/f"] {
            let folder = tempfile::tempdir().unwrap();
            let mut places = Places::default();
            let inside = folder.path().join("in");
            places.add(inside.to_str().unwrap(), vec![file(name, "", "x")]).unwrap();
            assert!(places.write(false).is_err(), "{name}");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{name}");
        }
    }
}
