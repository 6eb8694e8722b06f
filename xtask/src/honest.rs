//! `cargo xtask honest [--seconds N]`: honest load between ours and grpc-go, both ways, in a
//! release build: 64-byte messages on 200 streams for N seconds, 100,000 cancelled calls, 10,000
//! short calls a second. No limit may be met. What is sent and checked is in `tests/abuse` and in
//! `xtask/go/honest`.

use std::time::Duration;

use crate::error::Error;
use crate::go;
use crate::process::{self, Server};
use crate::report::Report;
use crate::workspace::Workspace;

const SECONDS: u64 = 30;
/// From start to listening.
const START: Duration = Duration::from_secs(20);

pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Error> {
    let seconds = seconds(arguments)?.to_string();
    let package = ["--package", "protocall-abuse", "--bin", "honest"];
    process::show(workspace.cargo().args(["build", "--release"]).args(package))?;
    let ours = workspace.release().join("honest").with_extension(std::env::consts::EXE_EXTENSION);
    let client = workspace.cache("honest")?.join("go-client");
    let mut build = workspace.command("go");
    build.current_dir(workspace.root().join("xtask/go/honest"));
    build.args(["build", "-mod=readonly", "-buildvcs=false", "-o"]).arg(&client).arg(".");
    process::show(&mut build)?;
    let server = ("google.golang.org/grpc/interop/server", "go-server");
    let folder = go::build(workspace, "interop", &[server])?;

    let mut report = Report::default();
    let mut serve = workspace.command(&ours);
    let served = process::show(serve.args(["serve", &seconds]).arg(&client));
    report.check("grpc-go calls ours", served);
    let port = process::free_port()?;
    let mut command = workspace.command(folder.join("go-server"));
    command.args(["-port", &port.to_string()]);
    let mut server = Server::start(command)?;
    server.listening(port, START)?;
    let mut call = workspace.command(&ours);
    let called = process::show(call.args(["call", &seconds, &port.to_string()]));
    report.check("ours calls grpc-go", called);
    report.finish()
}

fn seconds(arguments: &[String]) -> Result<u64, Error> {
    match arguments {
        [] => Ok(SECONDS),
        [flag, value] if flag == "--seconds" => {
            value.parse().map_err(|_| Error::new("--seconds wants a number"))
        }
        _ => Err(Error::new("the only option is --seconds N")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn half_a_minute_unless_told_otherwise() {
        let words =
            |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(seconds(&[]).unwrap(), 30);
        assert_eq!(seconds(&words(&["--seconds", "5"])).unwrap(), 5);
        assert!(seconds(&words(&["--seconds"])).is_err());
        assert!(seconds(&words(&["--seconds", "x"])).is_err());
    }
}
