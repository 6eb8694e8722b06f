//! One corpus, compiled by both sides: all files at once, and halves of them where one side rejects
//! some, until it is known which it rejects.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::corpus::Files;
use super::server::Answer;
use super::{LIMIT, Protoc, contents, empty, known, ours, set};
use crate::error::{Context, Error};
use crate::process;
use crate::workspace::Workspace;

/// What came of the files of one corpus.
#[derive(Default)]
pub(super) struct Tally {
    identical: usize,
    rejected: usize,
    /// Different bytes, or accepted by one side only: the file, and what happened.
    different: BTreeMap<String, String>,
    known: usize,
    /// Generated files and requests that were compared.
    outputs: usize,
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} files: {} identical (and {} files made of them), {} rejected by both, {} with a \
             known reason, {} different",
            self.files(),
            self.identical,
            self.outputs,
            self.rejected,
            self.known,
            self.different.len()
        )
    }
}

impl Tally {
    pub(super) fn files(&self) -> usize {
        self.identical + self.rejected + self.known + self.different.len()
    }

    /// Prints the counts and adds them to a total; fails on differences without a reason.
    pub(super) fn judge(
        mut self,
        corpus: &str,
        release: &str,
        total: &mut Self,
    ) -> Result<(), Error> {
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
        total.outputs += self.outputs;
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
    /// Whether code is generated and a plugin is asked as well.
    outputs: bool,
}

const VARIANTS: &[Variant] = &[
    Variant {
        name: "with imports and source info",
        flags: &["--include_imports", "--include_source_info"],
        outputs: true,
    },
    Variant { name: "with source info", flags: &["--include_source_info"], outputs: false },
    Variant { name: "with imports", flags: &["--include_imports"], outputs: false },
    Variant { name: "bare", flags: &[], outputs: false },
    Variant {
        name: "with all options",
        flags: &["--include_source_info", "--retain_options"],
        outputs: false,
    },
];

/// A plugin that keeps its request and answers that it knows everything up to edition 2024.
const DUMP: &str = "#!/bin/sh\n/bin/cat > \"$PROTOCALL_REQUEST\" && \
                    printf '\\020\\003\\030\\346\\007\\040\\351\\007'\n";

/// Where the plugin keeps its request.
const REQUEST: &str = "PROTOCALL_REQUEST";

/// What a compiler made of some files, or what it said instead.
type Outcome = Result<Made, String>;

struct Made {
    set: Vec<u8>,
    /// Generated files by path, and the request.
    outputs: BTreeMap<String, Vec<u8>>,
}

pub(super) struct Run<'a> {
    workspace: &'a Workspace,
    protoc: &'a Protoc,
    files: &'a Files,
    folder: PathBuf,
    plugin: PathBuf,
    tally: Tally,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        workspace: &'a Workspace,
        protoc: &'a Protoc,
        corpus: &str,
        files: &'a Files,
    ) -> Result<Self, Error> {
        let name = format!("{}-{}", corpus.replace(' ', "-"), protoc.release.protoc);
        let folder = empty(workspace.cache("compat")?.join("runs").join(name))?;
        let plugin = folder.join("protoc-gen-dump");
        executable(&plugin, DUMP)?;
        Ok(Self { workspace, protoc, files, folder, plugin, tally: Tally::default() })
    }

    pub(super) fn compare_all(mut self, paths: &[String]) -> Result<Tally, Error> {
        self.compare(paths)?;
        std::fs::remove_dir_all(&self.folder).context(self.folder.display())?;
        Ok(self.tally)
    }

    fn compare(&mut self, paths: &[String]) -> Result<(), Error> {
        let (Some(first), false) = (VARIANTS.first(), paths.is_empty()) else { return Ok(()) };
        let (theirs, ours) = self.both(paths, first)?;
        let (theirs, ours) = match (theirs, ours) {
            (Ok(theirs), Ok(ours)) => (theirs, ours),
            (theirs, ours) => return self.narrow(paths, theirs.err(), ours.err()),
        };
        let mut found = BTreeMap::new();
        note(&theirs.set, &ours.set, paths, first, &mut found)?;
        self.tally.outputs += note_outputs(&theirs.outputs, &ours.outputs, paths, &mut found);
        for variant in VARIANTS.iter().skip(1) {
            let (Ok(theirs), Ok(ours)) = self.both(paths, variant)? else {
                return Err(Error::new("the same files, accepted before, are rejected"));
            };
            note(&theirs.set, &ours.set, paths, variant, &mut found)?;
        }
        self.tally.identical += paths.len().saturating_sub(found.len());
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
        let theirs = self.compile("theirs", paths, variant, |words, request| {
            self.protoc.run(&self.folder, words, request)
        })?;
        let ours = self.compile("ours", paths, variant, |words, request| {
            let mut command = ours(self.workspace);
            command.arg(format!("--protoc_compat={}", self.protoc.release.protoc));
            command.arg(format!("--python_compat={}", self.protoc.release.python));
            // editors' format: the first line says what is wrong
            command.arg("--error_format=gcc").args(words).env(REQUEST, request);
            let finished = process::finish(command, LIMIT)?;
            Ok(match finished.status.success() {
                true => Answer::Succeeded,
                false => Answer::Failed(finished.stderr),
            })
        })?;
        Ok((theirs, ours))
    }

    fn compile(
        &self,
        side: &str,
        paths: &[String],
        variant: &Variant,
        run: impl Fn(&[String], &str) -> Result<Answer, Error>,
    ) -> Result<Outcome, Error> {
        let file = |ending: &str| self.folder.join(format!("{side}.{ending}"));
        let (list, set, request) = (file("list"), file("pb"), file("request"));
        std::fs::write(&list, paths.join("\n")).context(list.display())?;
        let roots = self.files.roots.iter();
        let mut words: Vec<String> = roots.map(|root| format!("-I{}", root.display())).collect();
        words.extend(variant.flags.iter().map(|flag| (*flag).to_owned()));
        words.push(format!("--descriptor_set_out={}", set.display()));
        let out = empty(self.folder.join(side))?;
        if variant.outputs {
            for output in ["python", "pyi", "grpc_python", "dump"] {
                words.push(format!("--{output}_out={}", out.display()));
            }
            words.push(format!("--plugin=protoc-gen-dump={}", self.plugin.display()));
            words.push("--dump_opt=a=b,c".to_owned());
        }
        words.push(format!("@{}", list.display()));
        if let Answer::Failed(stderr) = run(&words, &request.to_string_lossy())? {
            let said = stderr.lines().find(|line| !line.contains("arning: "));
            return Ok(Err(said.unwrap_or("without a word").to_owned()));
        }
        let mut outputs = contents(&out)?;
        if variant.outputs {
            outputs.insert("the request".to_owned(), read(&request)?);
        }
        Ok(Ok(Made { set: read(&set)?, outputs }))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).context(path.display())
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

/// Adds the generated files that differ. Says how many there are.
fn note_outputs(
    theirs: &BTreeMap<String, Vec<u8>>,
    ours: &BTreeMap<String, Vec<u8>>,
    paths: &[String],
    found: &mut BTreeMap<String, String>,
) -> usize {
    for name in theirs.keys().chain(ours.keys()) {
        if theirs.get(name) == ours.get(name) {
            continue;
        }
        let stem = name.split("_pb2").next().unwrap_or(name);
        let source = paths.iter().find(|path| path.strip_suffix(".proto") == Some(stem));
        let source = source.map_or_else(|| name.clone(), Clone::clone);
        found.entry(source).or_insert_with(|| format!("other bytes in {name}"));
    }
    theirs.len()
}

/// Writes a script that can be run.
fn executable(path: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(path, text).context(path.display())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(path, mode).context(path.display())?;
    }
    Ok(())
}
