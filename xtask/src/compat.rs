//! `cargo xtask compat [CORPUS..]`: our compiler beside protoc, over published `.proto` files.
//! Compares descriptor sets byte by byte, bare and with imports and source info, against protoc of
//! the tutorial's grpcio-tools and of the newest one. Differences fail unless `compat/known` gives
//! the reason. What the files are and where they come from is in `compat/corpus`.

mod corpus;
mod known;
mod set;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::error::{Context, Error};
use crate::process;
use crate::report::Report;
use crate::workspace::Workspace;
use corpus::{CORPORA, Files};

/// The largest corpus takes protoc some ten seconds on a quiet machine.
const LIMIT: Duration = Duration::from_secs(600);

/// Releases of grpcio-tools, whose Python package contains protoc.
const RELEASES: &[(&str, &str)] =
    &[("1.71.0", "grpcio-tools==1.71.0"), ("newest", "grpcio-tools==1.85.1")];

/// Below this many files the run proves too little.
const FEWEST_FILES: usize = 1_500;

pub(crate) fn run(workspace: &Workspace, wanted: &[String]) -> Result<(), Error> {
    let build = ["build", "--quiet", "--package", "protocall-schema", "--example", "dump"];
    process::show(workspace.cargo().args(build))?;
    let mut report = Report::default();
    let mut most = 0;
    for (release, package) in RELEASES {
        let protoc = Protoc::install(workspace, release, package)?;
        let mut total = Tally::default();
        for corpus in CORPORA {
            if !wanted.is_empty() && !wanted.iter().any(|name| name == corpus.name) {
                continue;
            }
            let name = format!("protoc {release}: {}", corpus.name);
            let outcome = corpus.files(workspace, &protoc.includes).and_then(|files| {
                let mut run =
                    Run { workspace, protoc: &protoc, files: &files, tally: Tally::default() };
                run.compare(&files.paths)?;
                run.tally.judge(corpus.name, release, &mut total)
            });
            report.check(&name, outcome);
        }
        println!("        protoc {release}, {}: {total}", protoc.version);
        most = most.max(total.files());
    }
    if wanted.is_empty() && most < FEWEST_FILES {
        let text = format!("{most} files were compared, expected at least {FEWEST_FILES}");
        report.check("size of the corpora", Err(Error::new(text)));
    }
    report.finish()
}

/// A protoc inside a Python environment.
struct Protoc {
    python: PathBuf,
    /// The standard files that came with it.
    includes: PathBuf,
    version: String,
}

impl Protoc {
    fn install(workspace: &Workspace, release: &str, package: &str) -> Result<Self, Error> {
        let folder = workspace.cache("compat")?.join(format!("protoc-{release}"));
        let python = folder.join("bin/python");
        if !folder.join("done").is_file() {
            process::show(workspace.command("python3").args(["-m", "venv"]).arg(&folder))?;
            let mut pip = workspace.command(&python);
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
            // setuptools: older releases look their files up through its `pkg_resources`
            process::show(pip.args([package, "setuptools<81"]))?;
            std::fs::write(folder.join("done"), "").context(folder.display())?;
        }
        let ask = |arguments: &[&str]| -> Result<String, Error> {
            let mut command = workspace.command(&python);
            command.args(arguments);
            Ok(process::finish(command, LIMIT)?.success()?.stdout.trim().to_owned())
        };
        let place = "import grpc_tools, os; print(os.path.dirname(grpc_tools.__file__))";
        let includes = Path::new(&ask(&["-c", place])?).join("_proto");
        let version = ask(&["-m", "grpc_tools.protoc", "--version"])?;
        Ok(Self { python, includes, version })
    }

    fn command(&self, workspace: &Workspace) -> Command {
        let mut command = workspace.command(&self.python);
        command.args(["-m", "grpc_tools.protoc"]);
        command
    }
}

/// What came of the files of one corpus.
#[derive(Default)]
struct Tally {
    identical: usize,
    rejected: usize,
    /// Different bytes, or accepted by one side only: the file, and what happened.
    different: BTreeMap<String, String>,
    known: usize,
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} files: {} identical, {} rejected by both, {} with a known reason, {} different",
            self.files(),
            self.identical,
            self.rejected,
            self.known,
            self.different.len()
        )
    }
}

impl Tally {
    fn files(&self) -> usize {
        self.identical + self.rejected + self.known + self.different.len()
    }

    /// Prints the counts and adds them to a total; fails on differences without a reason.
    fn judge(mut self, corpus: &str, release: &str, total: &mut Self) -> Result<(), Error> {
        let all = std::mem::take(&mut self.different);
        for (file, what) in all {
            match known::reason(corpus, release, &file) {
                Some(_) => self.known += 1,
                None => {
                    self.different.insert(file, what);
                }
            }
        }
        println!("        {self}");
        total.identical += self.identical;
        total.rejected += self.rejected;
        total.known += self.known;
        for (file, what) in &self.different {
            total.different.insert(format!("{corpus}: {file}"), what.clone());
        }
        if self.different.is_empty() {
            return Ok(());
        }
        let lines: Vec<String> =
            self.different.iter().map(|(file, what)| format!("{file}: {what}")).collect();
        Err(Error::new(lines.join("\n")))
    }
}

/// One way to call both compilers.
struct Variant {
    name: &'static str,
    flags: &'static [&'static str],
}

const VARIANTS: &[Variant] = &[
    Variant {
        name: "with imports and source info",
        flags: &["--include_imports", "--include_source_info"],
    },
    Variant { name: "with source info", flags: &["--include_source_info"] },
    Variant { name: "with imports", flags: &["--include_imports"] },
    Variant { name: "bare", flags: &[] },
];

/// What a compiler made of some files: their set's bytes, or what it said instead.
type Outcome = Result<Vec<u8>, String>;

struct Run<'a> {
    workspace: &'a Workspace,
    protoc: &'a Protoc,
    files: &'a Files,
    tally: Tally,
}

impl Run<'_> {
    /// Compiles all at once; where a side rejects them, halves until it is known which it rejects.
    fn compare(&mut self, paths: &[String]) -> Result<(), Error> {
        let (Some(first), false) = (VARIANTS.first(), paths.is_empty()) else { return Ok(()) };
        let (theirs, ours) = self.both(paths, first)?;
        let (theirs, ours) = match (theirs, ours) {
            (Ok(theirs), Ok(ours)) => (theirs, ours),
            (theirs, ours) => return self.narrow(paths, theirs.err(), ours.err()),
        };
        let mut found = BTreeMap::new();
        note(&theirs, &ours, paths, first, &mut found)?;
        for variant in VARIANTS.iter().skip(1) {
            let (Ok(theirs), Ok(ours)) = self.both(paths, variant)? else {
                return Err(Error::new("the same files, accepted before, are rejected"));
            };
            note(&theirs, &ours, paths, variant, &mut found)?;
        }
        self.tally.identical += paths.len() - found.len();
        self.tally.different.extend(found);
        Ok(())
    }

    /// At least one side rejects these.
    fn narrow(
        &mut self,
        paths: &[String],
        theirs: Option<String>,
        ours: Option<String>,
    ) -> Result<(), Error> {
        if let [path] = paths {
            self.disagree(path, theirs, ours);
            return Ok(());
        }
        let (left, right) = paths.split_at(paths.len() / 2);
        self.compare(left)?;
        self.compare(right)
    }

    fn disagree(&mut self, path: &str, theirs: Option<String>, ours: Option<String>) {
        let what = match (theirs, ours) {
            (Some(_), Some(_)) => {
                self.tally.rejected += 1;
                return;
            }
            (Some(said), None) => format!("protoc rejects it: {said}"),
            (None, Some(said)) => format!("we reject it: {said}"),
            (None, None) => "rejected together with others only".to_owned(),
        };
        self.tally.different.insert(path.to_owned(), what);
    }

    fn both(&self, paths: &[String], variant: &Variant) -> Result<(Outcome, Outcome), Error> {
        let ours = self.workspace.command(self.workspace.program("examples/dump"));
        Ok((
            self.compile(self.protoc.command(self.workspace), "theirs", paths, variant)?,
            self.compile(ours, "ours", paths, variant)?,
        ))
    }

    fn compile(
        &self,
        mut command: Command,
        side: &str,
        paths: &[String],
        variant: &Variant,
    ) -> Result<Outcome, Error> {
        let folder = self.workspace.cache("compat")?;
        let (list, out) = (folder.join(format!("{side}.list")), folder.join(format!("{side}.pb")));
        std::fs::write(&list, paths.join("\n")).context(list.display())?;
        for root in &self.files.roots {
            command.arg(format!("-I{}", root.display()));
        }
        command.args(variant.flags).arg(format!("--descriptor_set_out={}", out.display()));
        let finished = process::finish(command_with_list(command, &list), LIMIT)?;
        if !finished.status.success() {
            let said = finished.stderr.lines().find(|line| !line.contains("arning: "));
            return Ok(Err(said.unwrap_or("without a word").to_owned()));
        }
        Ok(Ok(std::fs::read(&out).context(out.display())?))
    }
}

/// Adds the files whose descriptors differ, unless they are noted already.
fn note(
    theirs: &[u8],
    ours: &[u8],
    paths: &[String],
    variant: &Variant,
    found: &mut BTreeMap<String, String>,
) -> Result<(), Error> {
    for name in set::different(theirs, ours, paths).map_err(Error::new)? {
        found.entry(name).or_insert_with(|| format!("other bytes {}", variant.name));
    }
    Ok(())
}

fn command_with_list(mut command: Command, list: &Path) -> Command {
    command.arg(format!("@{}", list.display()));
    command
}
