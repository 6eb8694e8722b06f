//! How long both compilers take over the same files, and how much memory: medians of some rounds,
//! in turn. CPU seconds are the figure to trust on a shared machine.

use std::path::Path;
use std::process::Command;

use super::corpus::{CORPORA, Files};
use super::plugins::protoc_itself;
use super::{LIMIT, Protoc, ours};
use crate::error::{Context, Error};
use crate::process;
use crate::workspace::Workspace;

const ROUNDS: usize = 5;
/// Wall seconds, CPU seconds and the most memory in KiB of a program and its children.
const SCRIPT: &str = "
import resource, subprocess, sys, time
start = time.monotonic()
subprocess.run(sys.argv[1:], check=True, stderr=subprocess.DEVNULL)
wall = time.monotonic() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(wall, used.ru_utime + used.ru_stime, used.ru_maxrss)
";
/// The npm package of googleapis, the largest corpus.
const LARGEST: &str = "googleapis";

/// What is measured: flags beside the files.
const JOBS: &[(&str, &[&str])] = &[
    ("descriptors with imports and source info", &["--include_imports", "--include_source_info"]),
    ("descriptors alone", &[]),
];

pub(super) fn measure(
    workspace: &Workspace,
    protoc: &Protoc,
    folder: Option<&Path>,
) -> Result<(), Error> {
    let files = match folder {
        Some(folder) => Files::below(folder, &protoc.includes)?,
        None => {
            let corpus = CORPORA.iter().find(|corpus| corpus.name == LARGEST);
            corpus
                .ok_or_else(|| Error::new("no such corpus"))?
                .files(workspace, &protoc.includes)?
        }
    };
    let program = protoc_itself(workspace)?;
    let cache = workspace.cache("compat")?;
    let list = cache.join("speed.list");
    std::fs::write(&list, files.paths.join("\n")).context(list.display())?;
    println!("        {} files, medians of {ROUNDS} rounds", files.paths.len());
    for (name, flags) in JOBS {
        let (mut theirs, mut own) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            for (command, figures) in
                [(workspace.command(&program), &mut theirs), (ours(workspace), &mut own)]
            {
                figures.push(round(workspace, protoc, command, &files, flags, &list)?);
            }
        }
        for (side, figures) in [("protoc", &theirs), ("ours", &own)] {
            let [wall, cpu, memory] = [0, 1, 2].map(|column| median(figures, column));
            let memory = memory / 1024.0;
            println!("        {name}, {side}: {wall:.2} s, CPU {cpu:.2} s, {memory:.0} MiB");
        }
        let (theirs, own) = (median(&theirs, 1), median(&own, 1));
        if own >= theirs {
            return Err(Error::new(format!("{name}: {own} s of CPU against protoc's {theirs}")));
        }
    }
    Ok(())
}

fn round(
    workspace: &Workspace,
    protoc: &Protoc,
    command: Command,
    files: &Files,
    flags: &[&str],
    list: &Path,
) -> Result<Vec<f64>, Error> {
    let mut command = command;
    command.args(files.roots.iter().map(|root| format!("-I{}", root.display()))).args(flags);
    command.arg(format!("-o{}", list.with_extension("pb").display()));
    command.arg(format!("@{}", list.display()));
    timed(workspace, protoc, command)
}

/// Runs a command to its end: wall seconds, CPU seconds, KiB.
pub(super) fn timed(
    workspace: &Workspace,
    protoc: &Protoc,
    command: Command,
) -> Result<Vec<f64>, Error> {
    let mut python = workspace.command(&protoc.python);
    python.args(["-c", SCRIPT]).arg(command.get_program()).args(command.get_args());
    let printed = process::finish(python, LIMIT)?.success()?.stdout;
    Ok(printed.split_whitespace().filter_map(|word| word.parse().ok()).collect())
}

pub(super) fn median(figures: &[Vec<f64>], column: usize) -> f64 {
    let mut sorted: Vec<f64> =
        figures.iter().filter_map(|figures| figures.get(column).copied()).collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
