//! What a cache gives must be what compiling everything gives, whatever happened in between:
//! descriptors, requests, warnings, errors, and the files that cargo is told of.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use protocall_build::{
    CompilerVersion, DescriptorSet, Error, Includes, Loaded, load_from, load_incremental,
};

/// Numbers that look random; the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

const FILES: usize = 10;

/// A file as the edits see it.
#[derive(Clone)]
struct Source {
    package: usize,
    imports: Vec<(usize, &'static str)>,
    messages: Vec<String>,
    fields: usize,
    comment: usize,
    extension: Option<usize>,
    broken: bool,
    /// Without a syntax line, which is a warning in imported files as well.
    bare: bool,
}

impl Source {
    fn text(&self, name: usize) -> String {
        let syntax = if self.bare { "" } else { "syntax = \"proto2\";\n" };
        let mut out = format!("{syntax}// comment {}\n", self.comment);
        if self.package > 0 {
            out += &format!("package p{};\n", self.package);
        }
        for (import, kind) in &self.imports {
            out += &format!("import {kind}\"f{import}.proto\";\n");
        }
        for message in &self.messages {
            out += &format!("message {message} {{ extensions 100 to 200;\n");
            for field in 1..=self.fields {
                out += &format!("  optional int32 a{field} = {field};\n");
            }
            for (at, (import, _)) in self.imports.iter().enumerate() {
                // the types of some imports stay unused, which is a warning
                if !(import + name).is_multiple_of(3) {
                    out += &format!("  optional .Own{import} r{at} = {};\n", 20 + at);
                }
            }
            out += "}\n";
        }
        if let Some(number) = self.extension {
            out += &format!("extend .Own{name} {{ optional int32 x{name} = {number}; }}\n");
        }
        if self.broken {
            out += "message {\n";
        }
        out
    }
}

struct Tree {
    folder: PathBuf,
    files: BTreeMap<usize, Source>,
}

impl Tree {
    fn new(folder: &Path, random: &mut Random) -> Self {
        let mut tree = Self { folder: folder.to_owned(), files: BTreeMap::new() };
        for part in ["early", "late"] {
            fs::create_dir_all(folder.join(part)).unwrap();
        }
        for name in 0..FILES {
            let mut imports = Vec::new();
            for import in 0..name {
                if !random.chance(25) {
                    continue;
                }
                imports.push((import, if random.chance(25) { "public " } else { "" }));
            }
            let messages = vec![format!("Own{name}")];
            let source = Source {
                package: 0,
                imports,
                messages,
                fields: 1,
                comment: 0,
                extension: None,
                broken: false,
                bare: random.chance(20),
            };
            tree.files.insert(name, source);
            tree.write(name, "late");
        }
        tree
    }

    fn path(&self, name: usize, part: &str) -> PathBuf {
        self.folder.join(part).join(format!("f{name}.proto"))
    }

    fn write(&self, name: usize, part: &str) {
        fs::write(self.path(name, part), self.files[&name].text(name)).unwrap();
    }

    /// Something that people do between two builds, mistakes included.
    fn edit(&mut self, random: &mut Random) {
        let name = random.below(FILES);
        let other = random.below(FILES);
        let early = self.path(name, "early");
        let source = self.files.get_mut(&name).unwrap();
        match random.below(14) {
            0 => source.comment += 1,
            1 => source.fields = 1 + random.below(5),
            2 => source.messages.push(format!("More{}", random.below(3))),
            3 if source.messages.len() > 1 => drop(source.messages.pop()),
            4 if other < name && source.imports.iter().all(|(import, _)| *import != other) => {
                source.imports.push((other, if random.chance(50) { "public " } else { "" }));
            }
            5 => drop(source.imports.pop()),
            6 => source.broken = !source.broken && random.chance(40),
            7 => source.extension = (!random.chance(30)).then(|| 100 + random.below(3)),
            8 => {
                // the same import path, found earlier
                fs::write(&early, source.text(name)).unwrap();
                source.comment += 1;
                return self.write(name, "late");
            }
            9 if early.exists() => return fs::remove_file(early).unwrap(),
            10 => drop(fs::remove_file(self.path(name, "late"))),
            // a package called like another file's message, or like nothing
            11 => source.package = random.below(3),
            12 => return fs::create_dir_all(self.folder.join("early/deeper")).unwrap(),
            13 => source.bare = !source.bare && random.chance(30),
            _ => {}
        }
        if !matches!(random.below(12), 0) {
            self.files.get_mut(&name).unwrap().broken &= random.chance(50);
        }
        self.write(name, "late");
    }

    fn includes(&self) -> Includes {
        let late = self.folder.join("late");
        Includes::new().map("", self.folder.join("early")).map("", late)
    }
}

/// All that a compilation gives away.
fn outcome(loaded: Result<Loaded, Error>) -> Result<(Vec<Vec<u8>>, String), String> {
    let loaded = loaded.map_err(|error| error.to_string())?;
    let mut bytes = vec![loaded.plugin_request("", CompilerVersion::default())];
    for bits in 0..16 {
        bytes.push(loaded.descriptor_set(DescriptorSet {
            imports: bits & 1 != 0,
            source_info: bits & 2 != 0,
            all_options: bits & 4 != 0,
            written_json_names: bits & 8 != 0,
        }));
    }
    let order: Vec<_> = loaded.schema().descriptor_set().file.iter().map(|f| &f.name).collect();
    let told = (loaded.files_read(), loaded.hiding_folders(), loaded.warnings().plain());
    Ok((bytes, format!("{told:?} {order:?} {:?}", loaded.roots())))
}

#[test]
fn a_cache_changes_nothing_but_the_time() {
    let (mut reused, mut failed, mut warned) = (0, 0, 0);
    for seed in 0..16 {
        let mut random = Random(seed);
        let folder = tempfile::tempdir().unwrap();
        let mut tree = Tree::new(folder.path(), &mut random);
        let roots: Vec<String> = (0..FILES)
            .filter(|name| *name + 3 >= FILES || random.chance(60))
            .map(|name| format!("f{name}.proto"))
            .collect();
        let cache = folder.path().join("cache");
        for step in 0..25 {
            if step > 0 {
                (0..=random.below(2)).for_each(|_| tree.edit(&mut random));
            }
            let whole = outcome(load_from(&tree.includes(), &roots));
            let cached = load_incremental(&tree.includes(), &roots, &cache);
            reused += usize::from(cached.as_ref().is_ok_and(|made| made.compiled < roots.len()));
            let cached = outcome(cached.map(|made| made.loaded));
            failed += usize::from(whole.is_err());
            warned += usize::from(whole.as_ref().is_ok_and(|(_, told)| told.contains("warning")));
            assert!(cached == whole, "seed {seed}, step {step}: {cached:?}\n{whole:?}");
        }
    }
    // the edits are worth something: all three happen often
    assert!(reused > 80 && failed > 40 && warned > 40, "{reused} {failed} {warned}");
}

#[test]
fn a_damaged_or_foreign_cache_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random(7);
    let tree = Tree::new(folder.path(), &mut random);
    let roots = ["f3.proto".to_owned(), "f9.proto".to_owned()];
    let cache = folder.path().join("cache");
    let compiled = |roots: &[String]| {
        let made = load_incremental(&tree.includes(), roots, &cache).unwrap();
        assert!(outcome(Ok(made.loaded)) == outcome(load_from(&tree.includes(), roots)));
        made.compiled
    };
    assert_eq!(compiled(&roots), 2);
    assert_eq!(compiled(&roots), 0);
    let whole = fs::read(&cache).unwrap();
    for at in (0..whole.len()).step_by(97).chain([whole.len() - 1]) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x41;
        fs::write(&cache, &damaged).unwrap();
        assert_eq!(compiled(&roots), 2, "byte {at}");
        fs::write(&cache, &whole[..at]).unwrap();
        assert_eq!(compiled(&roots), 2, "{at} bytes");
    }
    assert_eq!(compiled(&roots[1..]), 1, "other roots");
    assert_eq!(compiled(&roots), 2, "and back");
    fs::remove_file(&cache).unwrap();
    fs::create_dir(&cache).unwrap();
    let refused = load_incremental(&tree.includes(), &roots, &cache).map(|made| made.compiled);
    assert!(matches!(refused, Err(Error::Write { .. })), "a folder cannot be written over");
}

#[test]
fn standard_options_of_ones_own_are_not_cached() {
    let folder = tempfile::tempdir().unwrap();
    let standard = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../protocall-schema/proto/google/protobuf/descriptor.proto"
    );
    fs::create_dir_all(folder.path().join("google/protobuf")).unwrap();
    fs::copy(standard, folder.path().join("google/protobuf/descriptor.proto")).unwrap();
    let import = "import \"google/protobuf/descriptor.proto\";";
    let text = format!(
        "syntax = \"proto2\"; {import} message A {{ optional google.protobuf.FileOptions o = 1; }}"
    );
    fs::write(folder.path().join("a.proto"), text).unwrap();
    let includes = Includes::new().map("", folder.path());
    let (roots, cache) = (["a.proto".to_owned()], folder.path().join("cache"));
    for _ in 0..2 {
        assert_eq!(load_incremental(&includes, &roots, &cache).unwrap().compiled, 1);
    }
    assert!(!cache.exists());
}

#[test]
fn a_warning_of_an_import_is_heard_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("a.proto", "message A {}"); // no syntax line
    for name in ["b", "c", "d", "e"] {
        let import =
            if name == "b" { "import \"a.proto\"; message B { optional A a = 1; }" } else { "" };
        write(&format!("{name}.proto"), &format!("syntax = \"proto2\"; {import}"));
    }
    let includes = || Includes::new().map("", folder.path());
    let roots = ["b", "c", "d", "e"].map(|name| format!("{name}.proto"));
    for compiled in [4, 1, 1] {
        let made = load_incremental(&includes(), &roots, &folder.path().join("cache")).unwrap();
        assert_eq!(made.compiled, compiled);
        let whole = outcome(load_from(&includes(), &roots));
        assert!(whole.as_ref().is_ok_and(|(_, told)| told.contains("no syntax line")));
        assert!(outcome(Ok(made.loaded)) == whole);
    }
}
