//! The hand-made files of the front end's tests, given to protoc again: its verdict and the line of
//! its first error must be what the file of cases says.

use std::path::Path;

use super::{LIMIT, Protoc, empty};
use crate::error::{Context, Error};
use crate::process;
use crate::workspace::Workspace;

const CASES: &str = "crates/protocall-schema/tests/golden/cases.txt";

/// Runs protoc on each file in a process of its own, forked from one that has it loaded: some files
/// end it by a signal, and 911 starts of Python would take minutes.
const SCRIPT: &str = r#"
import grpc_tools, os, re, sys
from grpc_tools import _protoc_compiler
root = sys.argv[1]
includes = os.path.join(os.path.dirname(grpc_tools.__file__), "_proto")
said = os.open(sys.argv[2], os.O_RDWR | os.O_CREAT)
for name in open(sys.argv[3]).read().split("\n"):
    os.ftruncate(said, 0)
    os.lseek(said, 0, 0)
    child = os.fork()
    if child == 0:
        os.dup2(said, 2)
        words = ["protoc", "-I" + root, "-I" + includes, "-o/dev/null", name]
        os._exit(_protoc_compiler.run_main([word.encode() for word in words]))
    status = os.waitpid(child, 0)[1]
    os.lseek(said, 0, 0)
    place = re.escape(os.path.join(root, name)) + r":(\d+):\d+: (?!warning: )"
    lines = os.read(said, 1 << 20).decode(errors="replace").splitlines()
    found = [match[1] for match in (re.match(place, line) for line in lines) if match]
    print(name, "accept" if status == 0 else "reject " + (found[0] if found else "-"))
"#;

pub(super) fn check(workspace: &Workspace, protoc: &Protoc) -> Result<(), Error> {
    let text = std::fs::read_to_string(workspace.root().join(CASES)).context(CASES)?;
    let folder = empty(workspace.cache("compat")?.join("cases"))?;
    let files = folder.join("files");
    let mut expected = Vec::new();
    for part in text.strip_prefix("=== ").unwrap_or(&text).split("\n=== ") {
        let (head, text) = part.split_once('\n').ok_or_else(|| Error::new("a case is empty"))?;
        let words: Vec<&str> = head.split(' ').collect();
        expected.push(match words.as_slice() {
            [name, "accept", _] => format!("{name} accept"),
            [name, "reject", line, ..] => format!("{name} reject {line}"),
            _ => return Err(Error::new(format!("a case begins with {head:?}"))),
        });
        write(&files.join(words.first().unwrap_or(&"")), &format!("{text}\n"))?;
    }
    let list = folder.join("list");
    let names: Vec<&str> = expected.iter().filter_map(|line| line.split(' ').next()).collect();
    write(&list, &names.join("\n"))?;
    let mut python = workspace.command(&protoc.python);
    python.args(["-c", SCRIPT]).arg(&files).arg(folder.join("said")).arg(list);
    let found = process::finish(python, LIMIT)?.success()?.stdout;
    let found: Vec<&str> = found.lines().collect();
    println!("        {} files, {} of them rejected", found.len(), rejected(&found));
    let wrong: Vec<String> = expected
        .iter()
        .zip(&found)
        .filter(|(expected, found)| expected != *found)
        .map(|(expected, found)| format!("protoc: {found}; in the file: {expected}"))
        .collect();
    match (expected.len() == found.len(), wrong.is_empty()) {
        (true, true) => Ok(()),
        (true, false) => Err(Error::new(wrong.join("\n"))),
        (false, _) => Err(Error::new("protoc did not judge all files")),
    }
}

fn rejected(lines: &[&str]) -> usize {
    lines.iter().filter(|line| line.contains(" reject ")).count()
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).context(folder.display())?;
    }
    std::fs::write(path, text).context(path.display())
}
