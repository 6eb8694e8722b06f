//! Random files (`random_protos.py` makes them from seeds) compiled by both sides: the verdict, the
//! line of the first error and the bytes of descriptor sets must be the same. Lines of files in
//! wild spacing, where a declaration covers many lines, are counted and not judged.

use std::path::Path;

use super::{LIMIT, Protoc, empty, ours};
use crate::error::{Context, Error};
use crate::process;
use crate::workspace::Workspace;

const SCRIPT: &str = include_str!("random_protos.py");
/// Files of a run that says nothing else: ten seconds' worth.
pub(super) const SEEDS: usize = 300;
/// Differences that are shown.
const SHOWN: usize = 20;

/// What both sides made of the files.
#[derive(Default)]
struct Tally {
    accepted: usize,
    rejected: usize,
    other_lines: usize,
    different: Vec<String>,
}

pub(super) fn check(workspace: &Workspace, protoc: &Protoc, seeds: usize) -> Result<(), Error> {
    let folder = empty(workspace.cache("compat")?.join("random"))?;
    let mut python = workspace.command(&protoc.python);
    python.args(["-c", SCRIPT]).arg(&folder).args(["0", &seeds.to_string()]);
    let printed = process::finish(python, LIMIT)?.success()?.stdout;
    let mut tally = Tally::default();
    for line in printed.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let [seed, root, spacing, verdict, place] = words.as_slice() else {
            return Err(Error::new(format!("the script printed {line:?}")));
        };
        let theirs = Theirs { verdict, place, is_wild: *spacing == "wild" };
        let folder = folder.join(seed);
        if let Some(difference) = tally.compare(workspace, protoc, &folder, root, &theirs)? {
            tally.different.push(format!("seed {seed}: {difference}"));
        }
    }
    let Tally { accepted, rejected, other_lines, different } = tally;
    println!(
        "        {accepted} accepted, {rejected} rejected, {other_lines} of them at another line of \
         wildly spaced text; kept in {}",
        folder.display()
    );
    match different.len() {
        _ if accepted + rejected != seeds => Err(Error::new("protoc did not judge all files")),
        0 => Ok(()),
        count => {
            let shown: Vec<String> = different.into_iter().take(SHOWN).collect();
            Err(Error::new(format!("{count} of {seeds} differ:\n{}", shown.join("\n"))))
        }
    }
}

/// What protoc says of a file.
struct Theirs<'w> {
    verdict: &'w str,
    /// File and line of its first error, or `-`.
    place: &'w str,
    is_wild: bool,
}

impl Tally {
    fn compare(
        &mut self,
        workspace: &Workspace,
        protoc: &Protoc,
        folder: &Path,
        root: &str,
        theirs: &Theirs<'_>,
    ) -> Result<Option<String>, Error> {
        for (name, flag) in [("imports", "--include_imports"), ("options", "--retain_options")] {
            let mut command = ours(workspace);
            command.args(["--error_format=gcc", "--include_source_info", flag]);
            command.arg(format!("-I{}", folder.display()));
            command.arg(format!("-I{}", protoc.includes.display()));
            let set = folder.join(name).with_extension("ours");
            command.arg(format!("-o{}", set.display())).arg(root);
            let finished = process::finish(command, LIMIT)?;
            let verdict = match finished.status.code() {
                Some(0) => "accept",
                Some(1) => "reject",
                _ => return Ok(Some(format!("ours ended with {}", finished.status))),
            };
            if verdict != theirs.verdict {
                let said = finished.stderr.lines().last().unwrap_or_default();
                return Ok(Some(format!("theirs: {}; ours: {verdict}: {said}", theirs.verdict)));
            }
            if verdict == "reject" {
                self.rejected += 1;
                return Ok(self.lines(folder, &finished.stderr, theirs));
            }
            let read = |path: &Path| std::fs::read(path).context(path.display());
            if read(&set)? != read(&set.with_extension("theirs"))? {
                self.accepted += 1;
                return Ok(Some(format!("descriptors with {flag}")));
            }
        }
        self.accepted += 1;
        Ok(None)
    }

    fn lines(&mut self, folder: &Path, said: &str, theirs: &Theirs<'_>) -> Option<String> {
        let place = format!("{}/{}:", folder.display(), theirs.place);
        if theirs.place == "-" || said.lines().any(|line| line.starts_with(&place)) {
            return None;
        }
        if theirs.is_wild {
            self.other_lines += 1;
            return None;
        }
        let first = said.lines().find(|line| !line.contains(": warning: ")).unwrap_or_default();
        Some(format!("theirs: {}; ours: {first}", theirs.place))
    }
}
