//! A server of ours for other people's test suites: gRPC's interop service, built and started on a
//! free port, with or without TLS. What the suites ask of it is theirs to say.

use std::time::Duration;

use crate::error::Error;
use crate::process::{self, Server};
use crate::workspace::Workspace;

/// From start to listening, on a busy machine.
const START: Duration = Duration::from_secs(20);

/// Builds and starts the server with those flags; it ends when it is dropped. Returns its port too.
pub(crate) fn start(workspace: &Workspace, flags: &[&str]) -> Result<(Server, u16), Error> {
    let build = ["build", "--package", "protocall-abuse", "--bin", "target-server"];
    process::show(workspace.cargo().args(build))?;
    let port = process::free_port()?;
    let mut command = workspace.command(workspace.program("target-server"));
    command.args(["--port", &port.to_string()]).args(flags);
    let mut server = Server::start(command)?;
    server.listening(port, START)?;
    Ok((server, port))
}
