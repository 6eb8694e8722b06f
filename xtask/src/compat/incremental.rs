//! One changed file of a thousand, all of them given to one run with a cache: how long that takes
//! until the descriptors of all are written, and that they are those of a run without.

use std::fmt::Write as _;
use std::path::Path;

use super::speed::{median, timed};
use super::{Protoc, empty, ours};
use crate::error::{Context, Error};
use crate::workspace::Workspace;

const FILES: usize = 1_000;
/// Files of one package, each importing the one before.
const PACKAGE: usize = 10;
/// The file that changes: four import it, directly or not.
const CHANGED: usize = 505;
const ROUNDS: usize = 15;
/// Of the fastest round: others share the machine.
const MOST_SECONDS: f64 = 0.050;

pub(super) fn measure(workspace: &Workspace, protoc: &Protoc) -> Result<(), Error> {
    let folder = empty(workspace.cache("compat")?.join("incremental"))?;
    let mut list = String::new();
    for number in 0..FILES {
        write(&folder.join(path(number)), &text(number, 0))?;
        let _ = writeln!(list, "{}", path(number));
    }
    write(&folder.join("list"), &list)?;
    let run = |cache: Option<&str>, set: &str| {
        let mut command = ours(workspace);
        command.args(["--include_imports", "--include_source_info"]);
        command.args(cache.map(|file| format!("--cache={}", folder.join(file).display())));
        command.arg(format!("-I{}", folder.display()));
        command.arg(format!("-o{}", folder.join(set).display()));
        command.arg(format!("@{}", folder.join("list").display()));
        timed(workspace, protoc, command)
    };
    let mut figures = [Vec::new(), Vec::new(), Vec::new()];
    run(Some("cache"), "cached.pb")?;
    for round in 1..=ROUNDS {
        write(&folder.join(path(CHANGED)), &text(CHANGED, round))?;
        let one = |kept: &mut Vec<_>, figure| kept.push(figure);
        let [whole, changed, unchanged] = &mut figures;
        one(changed, run(Some("cache"), "cached.pb")?);
        one(unchanged, run(Some("cache"), "cached.pb")?);
        one(whole, run(None, "whole.pb")?);
        let read = |name: &str| std::fs::read(folder.join(name)).context(name);
        if read("cached.pb")? != read("whole.pb")? {
            return Err(Error::new("a cache changes the descriptors"));
        }
    }
    for (name, kept) in ["no cache", "one file changed", "nothing changed"].iter().zip(&figures) {
        let [wall, cpu] = [0, 1].map(|column| median(kept, column) * 1000.0);
        let best = fastest(kept) * 1000.0;
        println!("        {FILES} files, {name}: {wall:.0} ms, CPU {cpu:.0} ms; best {best:.0} ms");
    }
    let best = fastest(&figures[1]);
    if best >= MOST_SECONDS {
        return Err(Error::new(format!("one changed file takes {best} s at best")));
    }
    Ok(())
}

fn fastest(figures: &[Vec<f64>]) -> f64 {
    figures.iter().filter_map(|figure| figure.first()).copied().fold(f64::INFINITY, f64::min)
}

fn path(number: usize) -> String {
    format!("shop/service{}/v1/file{}.proto", number / PACKAGE, number % PACKAGE)
}

/// A message of ten fields, its neighbours by import, a service a package.
fn text(number: usize, round: usize) -> String {
    const TYPES: [&str; 5] = ["string", "int64", "bool", "double", "bytes"];
    let (service, place) = (number / PACKAGE, number % PACKAGE);
    let mut out = format!("syntax = \"proto3\";\n\npackage shop.service{service}.v1;\n\n");
    out += "import \"google/protobuf/timestamp.proto\";\n";
    let before = match place {
        0 => service.checked_sub(1).map(|before| before * PACKAGE),
        _ => Some(number - 1),
    };
    if let Some(before) = before {
        let _ = writeln!(out, "import \"{}\";", path(before));
    }
    let _ =
        writeln!(out, "\n// Message {number}, written {round} times.\nmessage Message{number} {{");
    for field in 1..=10 {
        let ty = TYPES[(number + field) % TYPES.len()];
        let _ = writeln!(out, "  // Field {field}.\n  {ty} field_{field} = {field};");
    }
    out += "  google.protobuf.Timestamp created = 20;\n";
    if let Some(before) = before {
        let package = before / PACKAGE;
        let _ = writeln!(out, "  .shop.service{package}.v1.Message{before} before = 21;");
    }
    out += "  map<string, Inner> inners = 22;\n  message Inner { string name = 1; }\n}\n";
    if place == PACKAGE - 1 {
        let _ = writeln!(
            out,
            "\nservice Service {{\n  rpc Get(Message{number}) returns (Message{number});\n}}"
        );
    }
    out
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).context(folder.display())?;
    }
    std::fs::write(path, text).context(path.display())
}
