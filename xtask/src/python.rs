//! `cargo xtask python`: the tutorial's exchange, word for word, with Python's gRPC on one side.
//! Its `hello.proto`, `client.py` and `server.py` (in `tests/python/tutorial`) run unchanged
//! against our `hello-server` and `hello-client`, with the version the tutorial was written
//! for and with the newest one. Both Python programs also talk to each other, so that a broken
//! Python is told from a broken Protocall. Each exchange is judged by the exact printed line.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::error::{Context, Error};
use crate::process::{self, Server};
use crate::report::Report;
use crate::workspace::Workspace;

/// The tutorial's port; its programs have it fixed.
const PORT: u16 = 50051;
const SERVER_LINE: &str = "Server started on port 50051";
const CLIENT_OUTPUT: &str = "Received: Hello, World!\n";
/// Python takes two seconds to start on a busy machine; this is well beyond.
const START: Duration = Duration::from_secs(30);
const CALL: Duration = Duration::from_secs(30);

/// One set of Python packages, in an environment of its own.
struct Release {
    name: &'static str,
    packages: &'static [&'static str],
}

const RELEASES: &[Release] = &[
    Release {
        name: "1.71.0",
        packages: &["grpcio==1.71.0", "grpcio-tools==1.71.0", "protobuf==5.29.0"],
    },
    Release { name: "newest", packages: &["grpcio", "grpcio-tools", "protobuf"] },
];

/// Programs that take a side of the exchange.
#[derive(Clone, Copy)]
enum Side {
    Ours,
    Python,
}

/// Who calls whom, and how a report names it.
const EXCHANGES: &[(Side, Side, &str)] = &[
    (Side::Python, Side::Python, "client.py calls server.py"),
    (Side::Python, Side::Ours, "client.py calls hello-server"),
    (Side::Ours, Side::Python, "hello-client calls server.py"),
];

pub(crate) fn run(workspace: &Workspace, _: &[String]) -> Result<(), Error> {
    let bins = ["--bin", "hello-server", "--bin", "hello-client"];
    let built = process::show(workspace.cargo().args(["build", "--package", "hello"]).args(bins));
    let mut report = Report::default();
    report.check("build hello-server and hello-client", built);
    let ours = Exchange { workspace, python: None };
    report.check("hello-client calls hello-server", ours.run(Side::Ours, Side::Ours));
    for release in RELEASES {
        match Python::prepare(workspace, release) {
            Ok(python) => {
                println!("        python, {}: {}", release.name, python.versions);
                let exchange = Exchange { workspace, python: Some(&python) };
                for (client, server, name) in EXCHANGES {
                    let name = format!("grpcio {}: {name}", release.name);
                    report.check(&name, exchange.run(*client, *server));
                }
            }
            Err(error) => {
                report.check(&format!("grpcio {}: install and generate", release.name), Err(error));
            }
        }
    }
    report.finish()
}

/// A Python environment with the code that `grpc_tools.protoc` generated in it.
struct Python {
    interpreter: PathBuf,
    generated: PathBuf,
    versions: String,
}

impl Python {
    fn prepare(workspace: &Workspace, release: &Release) -> Result<Self, Error> {
        let folder = workspace.cache("python")?.join(release.name);
        let interpreter = folder.join("venv/bin/python");
        if !interpreter.is_file() {
            let mut venv = workspace.command("python3");
            process::show(venv.args(["-m", "venv"]).arg(folder.join("venv")))?;
        }
        let mut pip = workspace.command(&interpreter);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade"]);
        process::show(pip.args(release.packages))?;

        let generated = folder.join("generated");
        std::fs::create_dir_all(&generated).context(generated.display())?;
        let out = |flag: &str| format!("--{flag}={}", generated.display());
        let mut protoc = workspace.command(&interpreter);
        protoc.args(["-m", "grpc_tools.protoc", "-I"]).arg(tutorial(workspace));
        process::show(protoc.args([&out("python_out"), &out("grpc_python_out"), "hello.proto"]))?;

        let mut asked = workspace.command(&interpreter);
        asked.args([
            "-c",
            "import grpc, google.protobuf as p; print(grpc.__version__, p.__version__)",
        ]);
        let versions = process::finish(asked, START)?.success()?.stdout.trim().to_owned();
        Ok(Self { interpreter, generated, versions })
    }

    /// One of the tutorial's programs, run where it lies; the generated code is beside it by path.
    fn program(&self, workspace: &Workspace, name: &str) -> Command {
        let mut command = workspace.command(&self.interpreter);
        command
            .arg(tutorial(workspace).join(name))
            .env("PYTHONPATH", &self.generated)
            .env("PYTHONUNBUFFERED", "1")
            .env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }
}

fn tutorial(workspace: &Workspace) -> PathBuf {
    workspace.root().join(Path::new("tests/python/tutorial"))
}

struct Exchange<'a> {
    workspace: &'a Workspace,
    python: Option<&'a Python>,
}

impl Exchange<'_> {
    fn run(&self, client: Side, server: Side) -> Result<(), Error> {
        // gRPC shares ports: a server left over would answer in the new one's place
        process::must_be_free(PORT)?;
        let mut running = Server::start(self.program(server, "hello-server", "server.py")?)?;
        running.first_line(SERVER_LINE, START)?;
        let client = self.program(client, "hello-client", "client.py")?;
        let outcome = process::finish(client, CALL)?.printed(CLIENT_OUTPUT);
        drop(running);
        outcome
    }

    fn program(&self, side: Side, ours: &str, theirs: &str) -> Result<Command, Error> {
        match (side, self.python) {
            (Side::Ours, _) => Ok(self.workspace.command(self.workspace.program(ours))),
            (Side::Python, Some(python)) => Ok(python.program(self.workspace, theirs)),
            (Side::Python, None) => Err(Error::new("no Python was prepared")),
        }
    }
}
