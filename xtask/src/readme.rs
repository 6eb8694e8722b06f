//! `cargo xtask readme`: builds the README's own project, file by file as it is printed there,
//! and lets its client call its server. What a newcomer copies first must never be out of date.
//! A file in the README is a line with its path in backticks, then a fenced block.

use std::path::Path;
use std::time::Duration;

use crate::error::{Context, Error};
use crate::process::{self, Server};
use crate::report::Report;
use crate::workspace::Workspace;

/// Where the README's manifest looks for a checkout.
const CHECKOUT: &str = "../protocall/";
/// The README's port, which is the tutorial's.
const PORT: u16 = 50051;
const LIMIT: Duration = Duration::from_secs(30);

pub(crate) fn run(workspace: &Workspace, _: &[String]) -> Result<(), Error> {
    let text = std::fs::read_to_string(workspace.root().join("README.md")).context("README.md")?;
    let folder = workspace.cache("readme")?;
    let project = folder.join("greeter");
    if project.exists() {
        // a file that the README no longer has must not help it to build
        std::fs::remove_dir_all(&project).context(project.display())?;
    }
    write(workspace, &project, &files(&text))?;
    let mut report = Report::default();
    let mut build = workspace.cargo();
    build.current_dir(&project).arg("build").env("CARGO_TARGET_DIR", folder.join("target"));
    report.check("the README's project builds", process::show(&mut build));
    report.check("its client calls its server", call(workspace, &folder.join("target/debug")));
    report.finish()
}

fn call(workspace: &Workspace, programs: &Path) -> Result<(), Error> {
    process::must_be_free(PORT)?;
    let mut server = Server::start(workspace.command(programs.join("server")))?;
    server.first_line("Server started on port 50051", LIMIT)?;
    let client = process::finish(workspace.command(programs.join("client")), LIMIT)?;
    client.printed("Received: Hello, World!\n").map_err(|error| server.failure(&error.to_string()))
}

/// Writes the project with the paths that this checkout has.
fn write(workspace: &Workspace, project: &Path, files: &[(&str, String)]) -> Result<(), Error> {
    let checkout = format!("{}/", workspace.root().display());
    for (path, text) in files {
        let mut text = text.clone();
        if *path == "Cargo.toml" {
            // its own workspace: below `target` it would be taken for a member of ours
            text = format!("{}\n[workspace]\n", text.replace(CHECKOUT, &checkout));
        }
        let path = project.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).context(parent.display())?;
        }
        std::fs::write(&path, text).context(path.display())?;
    }
    // the versions that everything else was tested with
    std::fs::copy(workspace.root().join("Cargo.lock"), project.join("Cargo.lock"))
        .context("Cargo.lock")?;
    Ok(())
}

/// The files that a text prints, with their paths.
fn files(text: &str) -> Vec<(&str, String)> {
    let mut files = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let path = line.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
        let Some(path) = path.filter(|path| !path.contains('`')) else { continue };
        if lines.next() == Some("") && lines.next().is_some_and(|line| line.starts_with("```")) {
            let body = lines.by_ref().take_while(|line| *line != "```");
            files.push((path, body.flat_map(|line| [line, "\n"]).collect()));
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::files;

    #[test]
    fn a_path_and_a_fence_are_a_file() {
        let text = "# A\n\n`src/a.rs`\n\n```rust\nfn a() {}\n\nfn b() {}\n```\n\nText with `b`.\n\n\
                    ```sh\nno file\n```\n\n`b.toml`\n\n```toml\nb = 1\n```\n";
        let expected = [("src/a.rs", "fn a() {}\n\nfn b() {}\n"), ("b.toml", "b = 1\n")];
        assert_eq!(files(text), expected.map(|(path, text)| (path, text.to_owned())));
    }

    #[test]
    fn a_path_without_a_fence_is_none() {
        assert!(files("`src/a.rs`\n\nNothing.\n").is_empty());
    }
}
