//! `cargo xtask regenerate`: rewrites the golden files of the compiler and the code generator.
//! Their tests compare against the files in the tree; with `PROTOCALL_REFRESH=1` in the
//! environment the same tests write what they got instead. The diff is for a person to read.

use crate::error::Error;
use crate::process;
use crate::workspace::Workspace;

/// Tests that see this set to `1` rewrite their golden files.
const REFRESH: &str = "PROTOCALL_REFRESH";
/// The crates that have golden files.
const CRATES: &[&str] = &["protocall-schema", "protocall-codegen", "protocall-services"];

pub(crate) fn run(workspace: &Workspace, _: &[String]) -> Result<(), Error> {
    for refresh in ["1", "0"] {
        // the second round shows that what was written is what the tests want
        let mut test = workspace.cargo();
        test.arg("test").env(REFRESH, refresh);
        for name in CRATES {
            test.args(["--package", name]);
        }
        process::show(&mut test)?;
    }
    process::show(workspace.command("git").args(["status", "--short"]))
}
