//! `cargo xtask layers`: which crate may use which, and what the pure crates must not touch.
//! The allowed edges are data in `layers/edges`; `layers/graph` reads cargo's answer,
//! `layers/purity` looks for system calls by name. Anything not allowed is refused.

mod edges;
mod graph;
mod purity;

use crate::error::{Context, Error};
use crate::source::Source;
use crate::workspace::Workspace;
use graph::Graph;

pub(crate) use edges::pure;

pub(crate) fn run(workspace: &Workspace, _: &[String]) -> Result<(), Error> {
    let graph = Graph::read(&workspace.metadata()?)?;
    let mut findings = edges::judge(&graph);
    findings.extend(edges::outsiders(&graph));
    let mut scanned = 0;
    for path in workspace.files()? {
        if purity::applies(&path) {
            let text = std::fs::read_to_string(workspace.root().join(&path)).context(&path)?;
            let found = purity::judge(&Source::new(&text));
            findings.extend(found.iter().map(|finding| format!("{path}:{finding}")));
            scanned += 1;
        }
    }
    for finding in &findings {
        println!("{finding}");
    }
    println!(
        "layers: {} members, {} edges between them, {scanned} pure files, {} findings",
        graph.members.len(),
        graph.edges().count(),
        findings.len()
    );
    if findings.is_empty() {
        return Ok(());
    }
    Err(Error::new("an edge is not allowed: see ARCHITECTURE.md, \"Edges\""))
}

#[cfg(test)]
mod tests;
