//! `cargo xtask fuzz [--seconds N] [TARGET..]`: runs the fuzz targets under libFuzzer, each for
//! some time. Installs cargo-fuzz when it is missing; needs a nightly compiler. New inputs stay in
//! the build folder; a finding's file is named, and belongs into `fuzz/corpus` once it is repaired.

use std::path::PathBuf;

use crate::error::{Context, Error};
use crate::process;
use crate::report::Report;
use crate::workspace::Workspace;

const SECONDS: u32 = 60;
/// The longest input that is made; no target has more to find in a longer one.
const MAX_BYTES: u32 = 16 * 1024;

pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Error> {
    let known = targets(workspace)?;
    let (seconds, chosen) = plan(arguments, &known)?;
    let tool = install(workspace)?;
    let cache = workspace.cache("fuzz")?;
    let mut report = Report::default();
    for target in chosen {
        let found = cache.join("corpus").join(&target);
        let artifacts = cache.join("artifacts").join(&target);
        for folder in [&found, &artifacts] {
            std::fs::create_dir_all(folder).context(folder.display())?;
        }
        let mut command = workspace.command("rustup");
        command.args(["run", "nightly"]).arg(&tool);
        // the code is free of `unsafe`, so a sanitizer would only slow it down
        command.args(["run", "--fuzz-dir", "fuzz/libfuzzer", "--sanitizer", "none"]);
        command.arg("--target-dir").arg(cache.join("target")).arg(&target).arg(&found);
        command.arg(workspace.root().join("fuzz/corpus").join(&target));
        command.arg("--").arg(format!("-max_total_time={seconds}"));
        command.arg(format!("-max_len={MAX_BYTES}")).arg("-timeout=20");
        command.arg(format!("-artifact_prefix={}/", artifacts.display()));
        report.check(&format!("{target} for {seconds} s"), process::show(&mut command));
    }
    report.finish()
}

/// The targets are the corpora's folders; a test holds the two together.
fn targets(workspace: &Workspace) -> Result<Vec<String>, Error> {
    let folder = workspace.root().join("fuzz/corpus");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).context(folder.display())? {
        names.push(entry.context(folder.display())?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn plan(arguments: &[String], known: &[String]) -> Result<(u32, Vec<String>), Error> {
    let (mut seconds, mut chosen) = (SECONDS, Vec::new());
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if argument == "--seconds" {
            let value = arguments.next().and_then(|value| value.parse().ok());
            seconds = value.ok_or_else(|| Error::new("--seconds wants a number"))?;
        } else if known.contains(argument) {
            chosen.push(argument.clone());
        } else {
            let known = known.join(", ");
            return Err(Error::new(format!("no target `{argument}`; there are {known}")));
        }
    }
    Ok((seconds, if chosen.is_empty() { known.to_vec() } else { chosen }))
}

fn install(workspace: &Workspace) -> Result<PathBuf, Error> {
    let folder = workspace.cache("cargo-fuzz")?;
    let program = folder.join("bin/cargo-fuzz").with_extension(std::env::consts::EXE_EXTENSION);
    if !program.is_file() {
        let mut cargo = workspace.cargo();
        process::show(cargo.args(["install", "--locked", "cargo-fuzz", "--root"]).arg(&folder))?;
    }
    Ok(program)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn all_targets_or_the_named_ones() {
        let known = words(&["a", "b"]);
        assert_eq!(plan(&[], &known).unwrap(), (SECONDS, known.clone()));
        let chosen = plan(&words(&["--seconds", "5", "b"]), &known).unwrap();
        assert_eq!(chosen, (5, words(&["b"])));
        for wrong in [&["c"][..], &["--seconds"], &["--seconds", "x"]] {
            assert!(plan(&words(wrong), &known).is_err(), "{wrong:?}");
        }
    }
}
