//! `cargo xtask compat [CORPUS|cases|random|text|plugins|ours|speed].. [--dir DIR] [--seeds N]`:
//! our compiler beside protoc. Published `.proto` files are compiled by both, for protoc of the
//! tutorial's grpcio-tools and of the newest one; descriptor sets (five kinds), Python output and
//! plugin requests must have the same bytes. Differences fail unless `compat/known` gives the
//! reason. What the files are and where they come from is in `compat/corpus`; how one corpus is
//! compared, in `compat/compare`.

mod cases;
mod compare;
mod corpus;
mod incremental;
mod known;
mod ours;
mod plugins;
mod random;
mod server;
mod set;
mod speed;
mod text;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::error::{Context, Error};
use crate::process;
use crate::report::Report;
use crate::workspace::Workspace;
use compare::{Run, Tally};
use corpus::{CORPORA, Files};
use server::{Answer, Server};

/// The largest corpus takes protoc some ten seconds on a quiet machine.
const LIMIT: Duration = Duration::from_secs(900);

/// A release of grpcio-tools, whose Python package contains protoc.
struct Release {
    /// What its Python output is called by our flag.
    python: &'static str,
    /// What its requests are called by our flag.
    protoc: &'static str,
}

const RELEASES: [Release; 2] =
    [Release { python: "1.71.0", protoc: "29.0" }, Release { python: "1.85.1", protoc: "35.1" }];

/// Below this many files the run proves too little.
const FEWEST_FILES: usize = 1_500;

pub(crate) fn run(workspace: &Workspace, wanted: &[String]) -> Result<(), Error> {
    // optimised: the corpora are large, and speed is one of the questions
    let build = ["build", "--quiet", "--release", "--package", "protocall-cli"];
    process::show(workspace.cargo().args(build))?;
    let plan = Plan::new(wanted)?;
    let mut report = Report::default();
    let mut most = 0;
    let mut protocs = Vec::new();
    for release in &RELEASES {
        protocs.push(Protoc::install(workspace, release)?);
    }
    for protoc in &protocs {
        let mut total = Tally::default();
        for corpus in CORPORA.iter().filter(|corpus| plan.has_corpus(corpus.name)) {
            let files = corpus.files(workspace, &protoc.includes);
            plan.compare(workspace, protoc, corpus.name, files, &mut total, &mut report);
        }
        if let Some(folder) = &plan.folder {
            let files = Files::below(folder, &protoc.includes);
            plan.compare(workspace, protoc, "the folder", files, &mut total, &mut report);
        }
        if total.files() > 0 {
            println!("        {}: {total}", protoc.version);
        }
        most = most.max(total.files());
    }
    let Some(newest) = protocs.last() else { return report.finish() };
    if plan.has("cases") {
        report.check("verdicts and lines of the hand-made files", cases::check(workspace, newest));
    }
    if plan.has("random") {
        report.check("random files", random::check(workspace, newest, plan.seeds));
    }
    if plan.has("text") {
        report.check("text format", text::check(workspace, newest));
    }
    if plan.has("plugins") {
        plugins::check(workspace, newest, &mut report);
    }
    if plan.has("ours") {
        ours::check(workspace, newest, &mut report);
    }
    if plan.speed {
        report.check("speed", speed::measure(workspace, newest, plan.folder.as_deref()));
        report.check("one changed file", incremental::measure(workspace, newest));
    }
    if plan.is_whole() && most < FEWEST_FILES {
        let text = format!("{most} files were compared, expected at least {FEWEST_FILES}");
        report.check("size of the corpora", Err(Error::new(text)));
    }
    report.finish()
}

/// Which parts run.
struct Plan {
    names: Vec<String>,
    /// A folder whose files are compared as well, or instead.
    folder: Option<PathBuf>,
    speed: bool,
    /// How many random files are compared.
    seeds: usize,
}

const PARTS: &[&str] = &["cases", "random", "text", "plugins", "ours"];

impl Plan {
    fn new(wanted: &[String]) -> Result<Self, Error> {
        let (names, folder) = (Vec::new(), None);
        let mut plan = Self { names, folder, speed: false, seeds: random::SEEDS };
        let mut words = wanted.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--dir" => {
                    let folder = words.next().ok_or_else(|| Error::new("--dir wants a folder"))?;
                    plan.folder = Some(std::fs::canonicalize(folder).context(folder)?);
                }
                "--seeds" => {
                    let count = words.next().and_then(|count| count.parse().ok());
                    plan.seeds = count.ok_or_else(|| Error::new("--seeds wants a number"))?;
                }
                "speed" => plan.speed = true,
                name if PARTS.contains(&name) || CORPORA.iter().any(|c| c.name == name) => {
                    plan.names.push(name.to_owned());
                }
                name => {
                    let corpora: Vec<_> = CORPORA.iter().map(|corpus| corpus.name).collect();
                    let all = [corpora.as_slice(), PARTS, &["speed"]].concat().join(", ");
                    return Err(Error::new(format!("there is no `{name}`; there are {all}")));
                }
            }
        }
        Ok(plan)
    }

    fn is_whole(&self) -> bool {
        self.names.is_empty() && self.folder.is_none() && !self.speed
    }

    fn has(&self, name: &str) -> bool {
        self.is_whole() || self.names.iter().any(|wanted| wanted == name)
    }

    fn has_corpus(&self, name: &str) -> bool {
        self.has(name)
    }

    fn compare(
        &self,
        workspace: &Workspace,
        protoc: &Protoc,
        corpus: &'static str,
        files: Result<Files, Error>,
        total: &mut Tally,
        report: &mut Report,
    ) {
        let outcome = files.and_then(|files| {
            let tally = Run::new(workspace, protoc, corpus, &files)?.compare_all(&files.paths)?;
            tally.judge(corpus, protoc.release.python, total)
        });
        report.check(&format!("protoc {}: {corpus}", protoc.release.protoc), outcome);
    }
}

/// A protoc inside a Python environment.
struct Protoc {
    release: &'static Release,
    python: PathBuf,
    /// The standard files that came with it.
    includes: PathBuf,
    version: String,
    /// Runs it without starting Python each time.
    server: RefCell<Server>,
}

impl Protoc {
    fn install(workspace: &Workspace, release: &'static Release) -> Result<Self, Error> {
        let folder = workspace.cache("compat")?.join(format!("protoc-{}", release.protoc));
        let python = folder.join("bin/python");
        if !folder.join("done").is_file() {
            process::show(workspace.command("python3").args(["-m", "venv"]).arg(&folder))?;
            let mut pip = workspace.command(&python);
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
            // setuptools: older releases look their files up through its `pkg_resources`
            let package = format!("grpcio-tools=={}", release.python);
            process::show(pip.args([&package, "setuptools<81"]))?;
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
        if !version.ends_with(release.protoc) {
            let text = format!("grpcio-tools {} has {version}", release.python);
            return Err(Error::new(text));
        }
        let server = RefCell::new(Server::start(workspace.command(&python))?);
        Ok(Self { release, python, includes, version, server })
    }

    /// Runs it to its end: what it said on standard error, as an error if it failed.
    fn run(&self, folder: &Path, words: &[String], environment: &str) -> Result<Answer, Error> {
        self.server.borrow_mut().run(folder, words, environment)
    }

    fn command(&self, workspace: &Workspace) -> Command {
        let mut command = workspace.command(&self.python);
        command.args(["-m", "grpc_tools.protoc"]);
        command
    }
}

/// Our program, with protoc's flags.
fn ours(workspace: &Workspace) -> Command {
    let mut command = workspace.command(program(workspace));
    command.arg("compile");
    command
}

fn program(workspace: &Workspace) -> PathBuf {
    workspace.release().join("protocall").with_extension(std::env::consts::EXE_EXTENSION)
}

/// A folder with nothing in it.
fn empty(folder: PathBuf) -> Result<PathBuf, Error> {
    if folder.exists() {
        std::fs::remove_dir_all(&folder).context(folder.display())?;
    }
    std::fs::create_dir_all(&folder).context(folder.display())?;
    Ok(folder)
}

/// Every file below a folder with its content, by its path with `/` between parts.
fn contents(folder: &Path) -> Result<std::collections::BTreeMap<String, Vec<u8>>, Error> {
    let mut open = vec![folder.to_owned()];
    let mut found = std::collections::BTreeMap::new();
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).context(next.display())? {
            let path = entry.context(next.display())?.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let relative = path.strip_prefix(folder).unwrap_or(&path);
            let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
            found.insert(parts.join("/"), std::fs::read(&path).context(path.display())?);
        }
    }
    Ok(found)
}

/// An error that names what differs between two folders; the number of files if nothing does.
fn same_files(theirs: &Path, ours: &Path) -> Result<usize, Error> {
    let (theirs, ours) = (contents(theirs)?, contents(ours)?);
    let mut names: Vec<&String> = theirs.keys().chain(ours.keys()).collect();
    names.sort();
    names.dedup();
    let different: Vec<&str> = names
        .into_iter()
        .filter(|name| theirs.get(*name) != ours.get(*name))
        .map(String::as_str)
        .collect();
    match (different.as_slice(), theirs.len()) {
        ([], 0) => Err(Error::new("nothing was written")),
        ([], count) => Ok(count),
        (names, count) => {
            let shown: Vec<&str> = names.iter().copied().take(10).collect();
            let text = format!("{} of {count} differ: {}", names.len(), shown.join(", "));
            Err(Error::new(text))
        }
    }
}
