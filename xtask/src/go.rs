//! Programs built from released Go modules. A folder under `xtask/go` pins each module: go.sum
//! names every byte of it and of what it needs.

use std::path::PathBuf;

use crate::error::{Context, Error};
use crate::process;
use crate::workspace::Workspace;

/// Builds programs of the module that `xtask/go/FOLDER` pins, unless they are there; each is a
/// package's path and the program's name. Returns where they are.
pub(crate) fn build(
    workspace: &Workspace,
    folder: &str,
    programs: &[(&str, &str)],
) -> Result<PathBuf, Error> {
    let module = workspace.root().join("xtask/go").join(folder);
    let sums = module.join("go.sum");
    let pinned = std::fs::read(&sums).context(sums.display())?;
    let cache = workspace.cache(folder)?;
    let stamp = cache.join("go.sum");
    let built = std::fs::read(&stamp).is_ok_and(|built| built == pinned)
        && programs.iter().all(|(_, program)| cache.join(program).is_file());
    if built {
        return Ok(cache);
    }
    for (package, program) in programs {
        let mut go = workspace.command("go");
        go.current_dir(&module).args(["build", "-mod=readonly", "-buildvcs=false", "-o"]);
        process::show(go.arg(cache.join(program)).arg(package))?;
    }
    std::fs::write(&stamp, pinned).context(stamp.display())?;
    Ok(cache)
}
