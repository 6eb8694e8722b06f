//! `cargo xtask python-compat`: our Python output beside grpcio-tools', byte for byte, release by
//! release, for the `.proto` files that come with grpcio-tools and googleapis-common-protos, and
//! for the hard ones in the code generator's tests. Twice: from our compiler's descriptors, and
//! from protoc's, so that a difference is known to be the compiler's or the generator's.
//! `--refresh` writes the tests' golden files; `--corpus DIR` takes the files below a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Context, Error};
use crate::process;
use crate::report::Report;
use crate::workspace::Workspace;

/// A release of grpcio-tools, and the packages whose files are compared.
struct Release {
    version: &'static str,
    packages: &'static [&'static str],
}

const TUTORIALS: Release = Release {
    version: "1.71.0",
    packages: &["grpcio-tools==1.71.0", "protobuf==5.29.0", "googleapis-common-protos==1.75.0"],
};
const NEWEST: Release = Release {
    version: "1.85.1",
    packages: &["grpcio-tools==1.85.1", "googleapis-common-protos==1.76.0"],
};
const TESTS: &str = "crates/protocall-codegen/tests/python";
const OUTPUTS: &[&str] = &["--python_out", "--pyi_out", "--grpc_python_out"];
/// Differences that are printed in full; the rest is counted.
const SHOWN: usize = 20;

pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Error> {
    let corpus = match arguments {
        [flag] if flag == "--refresh" => return refresh(workspace),
        [] => None,
        [flag, corpus] if flag == "--corpus" => Some(fs::canonicalize(corpus).context(corpus)?),
        _ => return Err(Error::new("the arguments are: --refresh, or --corpus DIR, or none")),
    };
    let mut report = Report::default();
    for release in [TUTORIALS, NEWEST] {
        let name = format!("as grpcio-tools {}", release.version);
        report.check(&name, compare(workspace, &release, corpus.as_deref()));
    }
    report.finish()
}

/// An environment with the wanted packages.
struct Python {
    interpreter: PathBuf,
    /// Where grpcio-tools keeps the well-known types, and where the other packages lie.
    packages: [PathBuf; 2],
}

impl Python {
    fn prepare(workspace: &Workspace, release: &Release) -> Result<Self, Error> {
        let folder = workspace.cache("python-compat")?.join(release.version);
        let venv = folder.join("venv");
        let interpreter = venv.join("bin/python");
        if !interpreter.is_file() {
            process::show(workspace.command("python3").args(["-m", "venv"]).arg(&venv))?;
        }
        // what was asked for the last time: the index need not be asked again
        let (installed, wanted) = (folder.join("installed"), release.packages.join("\n"));
        if !fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
            let mut pip = workspace.command(&interpreter);
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
            process::show(pip.args(release.packages))?;
            fs::write(&installed, &wanted).context(installed.display())?;
        }
        let mut asked = workspace.command(&interpreter);
        asked.args(["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]);
        let site = process::finish(asked, std::time::Duration::from_secs(60))?.success()?.stdout;
        let site = PathBuf::from(site.trim());
        Ok(Self { interpreter, packages: [site.join("grpc_tools/_proto"), site] })
    }

    /// Runs grpcio-tools: all three outputs into `out`, and its descriptors into `set`.
    fn protoc(&self, files: &Files, out: &Path, set: &Path) -> Result<(), Error> {
        let mut protoc = std::process::Command::new(&self.interpreter);
        protoc.args(["-m", "grpc_tools.protoc", "--include_imports", "--include_source_info"]);
        protoc.arg(flag("--descriptor_set_out", set));
        let finished = process::finish(with(protoc, files, out), LONG)?;
        if finished.status.success() {
            return Ok(());
        }
        let reasons = finished.stderr.lines().filter(|line| !line.contains("warning: "));
        let reasons: Vec<&str> = reasons.take(SHOWN).collect();
        Err(Error::new(format!("grpc_tools.protoc: {}\n{}", finished.status, reasons.join("\n"))))
    }
}

/// Enough for thousands of files on a busy machine.
const LONG: std::time::Duration = std::time::Duration::from_secs(1800);

fn flag(name: &str, path: &Path) -> OsString {
    let mut flag = OsString::from(name);
    flag.push("=");
    flag.push(path);
    flag
}

/// The flags that protoc and our program have in common.
fn with(mut command: std::process::Command, files: &Files, out: &Path) -> std::process::Command {
    command.args(files.includes.iter().map(|folder| flag("--proto_path", folder)));
    command.args(OUTPUTS.iter().map(|name| flag(name, out)));
    command.args(&files.names);
    command
}

/// What is compiled: import paths, and the folders where they start.
struct Files {
    includes: Vec<PathBuf>,
    names: BTreeSet<String>,
}

impl Files {
    fn below(folders: &[PathBuf]) -> Result<Self, Error> {
        let mut names = BTreeSet::new();
        for folder in folders {
            let found = tree(folder)?;
            names.extend(found.into_iter().filter(|name| {
                // inside of the packages' folder, grpcio-tools' own ones have another import path
                name.ends_with(".proto") && !name.starts_with("grpc_tools/")
            }));
        }
        Ok(Self { includes: folders.to_vec(), names })
    }

    fn one(&self, name: &str) -> Self {
        Self { includes: self.includes.clone(), names: BTreeSet::from([name.to_owned()]) }
    }
}

/// Every file below a folder, relative to it, with `/` between parts.
fn tree(folder: &Path) -> Result<Vec<String>, Error> {
    let mut open = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).context(next.display())? {
            let path = entry.context(next.display())?.path();
            if path.is_dir() {
                open.push(path);
            } else if let Ok(path) = path.strip_prefix(folder) {
                let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
                found.push(parts.join("/"));
            }
        }
    }
    Ok(found)
}

/// A folder with nothing in it.
fn empty(folder: PathBuf) -> Result<PathBuf, Error> {
    if folder.exists() {
        fs::remove_dir_all(&folder).context(folder.display())?;
    }
    fs::create_dir_all(&folder).context(folder.display())?;
    Ok(folder)
}

fn refresh(workspace: &Workspace) -> Result<(), Error> {
    let folder = workspace.root().join(TESTS);
    let write = |python: &Python, files: &Files, golden: &str, set: &str| {
        python.protoc(files, &empty(folder.join(golden))?, &folder.join(set))
    };
    for (release, golden, set) in
        [(TUTORIALS, "golden", "set.binpb"), (NEWEST, "newest_golden", "newest_set.binpb")]
    {
        let python = Python::prepare(workspace, &release)?;
        let [well_known, _] = &python.packages;
        let mut files = Files::below(&[folder.join("fixtures")])?;
        files.includes.push(well_known.clone());
        if release.version == TUTORIALS.version {
            let names = WELL_KNOWN.iter().map(|name| format!("google/protobuf/{name}.proto"));
            files.names.extend(names);
            let descriptor = Files::below(&[folder.join("descriptor_fixtures")])?;
            write(&python, &descriptor, "descriptor_golden", "descriptor_set.binpb")?;
        }
        write(&python, &files, golden, set)?;
    }
    process::show(workspace.command("git").args(["status", "--short", TESTS]))
}

/// What the tests' files import: the golden files are of the whole set.
const WELL_KNOWN: &[&str] = &["any", "descriptor", "duration", "empty", "struct", "timestamp"];

fn compare(workspace: &Workspace, release: &Release, corpus: Option<&Path>) -> Result<(), Error> {
    let python = Python::prepare(workspace, release)?;
    let folder = workspace.cache("python-compat")?.join(release.version);
    let tests = workspace.root().join(TESTS).join("fixtures");
    let files = match corpus {
        None => Files::below(&[&[tests], python.packages.as_slice()].concat())?,
        Some(corpus) => {
            let mut files = Files::below(&[corpus.to_owned()])?;
            files.includes.extend(python.packages.clone());
            files
        }
    };
    let theirs = empty(folder.join("theirs"))?;
    let set = folder.join("set.binpb");
    python.protoc(&files, &theirs, &set)?;

    let package = |name: &'static str| ["build", "--quiet", "--package", name];
    process::show(workspace.cargo().args(package("protocall-cli")))?;
    let mut example = workspace.cargo();
    example.args(package("protocall-codegen")).args(["--example", "python_from_set"]);
    process::show(&mut example)?;

    let from_protoc = empty(folder.join("from-protoc"))?;
    let mut generator = workspace.command(workspace.program("examples/python_from_set"));
    generator.arg(release.version).arg(&set).arg(&from_protoc).args(&files.names);
    process::finish(generator, LONG)?.success()?;

    let ours = empty(folder.join("ours"))?;
    let rejected = compile(workspace, release, &files, &ours)?;

    println!("{} .proto files, {} outputs each", files.names.len(), OUTPUTS.len());
    let generator = Comparison::new(&from_protoc, &theirs)?;
    generator.print("our generator, protoc's descriptors");
    for (name, reason) in &rejected {
        println!("REFUSED {name}\n        {}", reason.lines().next().unwrap_or_default());
    }
    let compiler = Comparison::new(&ours, &theirs)?;
    compiler.print("our generator, our descriptors");
    match (generator.wrong(), compiler.wrong(), rejected.len()) {
        (_, _, 0) if compiler.same == 0 => Err(Error::new("nothing was compared")),
        (0, 0, 0) => Ok(()),
        (theirs, ours, refused) => Err(Error::new(format!(
            "{theirs} outputs are wrong from protoc's descriptors, {ours} from ours; {refused} \
             files are refused"
        ))),
    }
}

/// Runs our program over all files, and over each alone if that fails: the files that are refused,
/// with what it said.
fn compile(
    workspace: &Workspace,
    release: &Release,
    files: &Files,
    out: &Path,
) -> Result<BTreeMap<String, String>, Error> {
    let run = |files: &Files| {
        let mut command = workspace.command(workspace.program("protocall"));
        command.arg("compile").arg(format!("--python_compat={}", release.version));
        process::finish(with(command, files, out), LONG)
    };
    if run(files)?.success().is_ok() {
        return Ok(BTreeMap::new());
    }
    let mut rejected = BTreeMap::new();
    for name in &files.names {
        let finished = run(&files.one(name))?;
        if !finished.status.success() {
            rejected.insert(name.clone(), finished.stderr);
        }
    }
    Ok(rejected)
}

/// Two folders of generated files beside each other.
struct Comparison {
    same: usize,
    /// Outputs that only the other side has: of files that were refused, or forgotten.
    missing: usize,
    differences: BTreeMap<String, String>,
}

impl Comparison {
    fn new(ours: &Path, theirs: &Path) -> Result<Self, Error> {
        let mut comparison = Self { same: 0, missing: 0, differences: BTreeMap::new() };
        let mut names: BTreeSet<String> = tree(ours)?.into_iter().collect();
        names.extend(tree(theirs)?);
        for name in names {
            let difference = match (fs::read(ours.join(&name)), fs::read(theirs.join(&name))) {
                (Ok(ours), Ok(theirs)) if ours == theirs => {
                    comparison.same += 1;
                    continue;
                }
                (Ok(ours), Ok(theirs)) => first_difference(&ours, &theirs),
                (Ok(_), Err(_)) => "        only ours exists".to_owned(),
                (Err(_), _) => {
                    comparison.missing += 1;
                    continue;
                }
            };
            comparison.differences.insert(name, difference);
        }
        Ok(comparison)
    }

    fn print(&self, title: &str) {
        for (name, difference) in self.differences.iter().take(SHOWN) {
            println!("DIFFERS {name}\n{difference}");
        }
        if self.differences.len() > SHOWN {
            println!("        and {} more", self.differences.len() - SHOWN);
        }
        let (same, differ, missing) = (self.same, self.differences.len(), self.missing);
        println!("{title}: {same} outputs are the same, {differ} differ, {missing} are missing");
    }

    /// How many outputs are not as they should be.
    fn wrong(&self) -> usize {
        self.differences.len() + self.missing
    }
}

/// The first place where two texts differ: its line, and what is around it.
fn first_difference(ours: &[u8], theirs: &[u8]) -> String {
    /// Descriptors are one line of up to a megabyte.
    const BEFORE: usize = 60;
    const AFTER: usize = 100;
    let place = ours.iter().zip(theirs).position(|(a, b)| a != b);
    let place = place.unwrap_or_else(|| ours.len().min(theirs.len()));
    let line = 1 + ours.iter().take(place).filter(|byte| **byte == b'\n').count();
    let around = |text: &[u8]| {
        let shown = text.iter().copied().take(place + AFTER).skip(place.saturating_sub(BEFORE));
        String::from_utf8_lossy(&shown.collect::<Vec<u8>>()).replace('\n', "\\n")
    };
    format!(
        "        line {line}\n        ours:   {}\n        theirs: {}",
        around(ours),
        around(theirs)
    )
}

#[cfg(test)]
mod tests {
    //! How differences are found and shown.

    use super::*;

    #[test]
    fn the_first_different_byte_is_shown_in_its_line() {
        let shown = first_difference(b"one\ntwo\nthree", b"one\ntwo\nthrough");
        assert!(shown.contains("line 3"), "{shown}");
        assert!(shown.contains("ours:   one\\ntwo\\nthree"), "{shown}");
        let shown = first_difference(b"one\n", b"one\nmore");
        assert!(shown.contains("line 2") && shown.contains("theirs: one\\nmore"), "{shown}");
    }

    #[test]
    fn files_that_only_one_side_has_are_differences() {
        let folder = std::env::temp_dir().join(format!("python-compat-{}", std::process::id()));
        let side = |name: &str| empty(folder.join(name)).expect("a folder for the test");
        let (ours, theirs) = (side("ours"), side("theirs"));
        let write = |path: PathBuf| fs::write(path, "text").expect("a file for the test");
        write(ours.join("same"));
        write(theirs.join("same"));
        write(ours.join("a"));
        write(theirs.join("b"));
        let comparison = Comparison::new(&ours, &theirs);
        let _ = fs::remove_dir_all(&folder);
        let comparison = comparison.expect("folders that can be read");
        assert_eq!((comparison.same, comparison.missing, comparison.wrong()), (1, 1, 2));
        let names: Vec<&str> = comparison.differences.keys().map(String::as_str).collect();
        assert_eq!(names, ["a"]);
    }
}
