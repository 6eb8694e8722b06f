//! `cargo xtask tools`: the tools that people use with gRPC, unchanged, against our server:
//! grpcurl lists, describes and calls by reflection, grpc-health-probe asks for health, ghz loads.
//! They are built from the modules pinned in `xtask/go/tools`; the server is the example
//! `reflection`. What each prints is looked at, since some end well whatever happened.

use std::process::Command;
use std::time::Duration;

use crate::error::{Context, Error};
use crate::process::{self, Finished, Server};
use crate::report::Report;
use crate::workspace::Workspace;

/// The tools: the program's name and the package it is built from.
const TOOLS: &[(&str, &str)] = &[
    ("grpcurl", "github.com/fullstorydev/grpcurl/cmd/grpcurl"),
    ("ghz", "github.com/bojand/ghz/cmd/ghz"),
    ("grpc-health-probe", "github.com/grpc-ecosystem/grpc-health-probe"),
];
/// From start to listening.
const START: Duration = Duration::from_secs(20);
/// The load takes three seconds; anything that needs longer hangs.
const CASE: Duration = Duration::from_secs(60);
/// Calls that ghz makes: enough for every connection to see thousands.
const LOAD: u32 = 20_000;

pub(crate) fn run(workspace: &Workspace, _: &[String]) -> Result<(), Error> {
    let mut report = Report::default();
    for (name, package) in TOOLS {
        build(workspace, name, package)?;
    }
    process::show(workspace.cargo().args(["build", "--package", "reflection"]))?;
    let port = process::free_port()?;
    let mut command = workspace.command(workspace.program("reflection"));
    command.arg(port.to_string());
    let mut server = Server::start(command)?;
    server.listening(port, START)?;
    let target = format!("127.0.0.1:{port}");
    for case in CASES {
        let outcome = tool(workspace, case, &target)
            .and_then(|command| process::finish(command, CASE))
            .and_then(|finished| judge(case, &finished))
            .map_err(|error| server.failure(&error.to_string()));
        report.check(case.name, outcome);
    }
    report.check("ghz: every call of a load answers", load(workspace, &target));
    report.finish()
}

/// One run of a tool.
struct Case {
    name: &'static str,
    tool: &'static str,
    before: &'static [&'static str],
    /// Behind the target.
    after: &'static [&'static str],
    exit: i32,
    /// What is printed, to either stream, among other things.
    prints: &'static [&'static str],
}

const PLAIN: &[&str] = &["-plaintext"];

const CASES: &[Case] = &[
    Case {
        name: "grpcurl: list services",
        tool: "grpcurl",
        before: PLAIN,
        after: &["list"],
        exit: 0,
        prints: &[
            "example.Greeter",
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection",
        ],
    },
    Case {
        name: "grpcurl: list methods",
        tool: "grpcurl",
        before: PLAIN,
        after: &["list", "example.Greeter"],
        exit: 0,
        prints: &["example.Greeter.Greet"],
    },
    Case {
        name: "grpcurl: describe",
        tool: "grpcurl",
        before: PLAIN,
        after: &["describe", "example.Greeter"],
        exit: 0,
        prints: &["rpc Greet ( .example.Name ) returns ( .example.Greeting );"],
    },
    Case {
        name: "grpcurl: call by reflection",
        tool: "grpcurl",
        before: &["-plaintext", "-d", r#"{"name": "World"}"#],
        after: &["example.Greeter/Greet"],
        exit: 0,
        prints: &[r#""text": "Hello World""#],
    },
    Case {
        name: "grpcurl: an error with its details",
        tool: "grpcurl",
        before: PLAIN,
        after: &["example.Greeter/Greet"],
        // 64 and the code
        exit: 67,
        prints: &[
            "Code: InvalidArgument",
            "Message: whom shall I greet?",
            "google.rpc.BadRequest",
            r#""field": "name""#,
        ],
    },
    Case {
        name: "grpcurl: an unknown service",
        tool: "grpcurl",
        before: PLAIN,
        after: &["example.Nobody/Greet"],
        exit: 1,
        prints: &["example.Nobody"],
    },
    Case {
        name: "grpcurl: health of all services",
        tool: "grpcurl",
        before: PLAIN,
        after: &["grpc.health.v1.Health/List"],
        exit: 0,
        prints: &["example.Greeter", "SERVING"],
    },
    Case {
        name: "grpc-health-probe: the server",
        tool: "grpc-health-probe",
        before: &["-addr"],
        after: &[],
        exit: 0,
        prints: &["status: SERVING"],
    },
    Case {
        name: "grpc-health-probe: a service",
        tool: "grpc-health-probe",
        before: &["-service", "example.Greeter", "-addr"],
        after: &[],
        exit: 0,
        prints: &["status: SERVING"],
    },
    Case {
        name: "grpc-health-probe: an unknown service",
        tool: "grpc-health-probe",
        before: &["-service", "example.Nobody", "-addr"],
        after: &[],
        exit: 3,
        prints: &["unknown service example.Nobody"],
    },
];

fn tool(workspace: &Workspace, case: &Case, target: &str) -> Result<Command, Error> {
    let mut command = program(workspace, case.tool)?;
    command.args(case.before).arg(target).args(case.after);
    Ok(command)
}

fn program(workspace: &Workspace, name: &str) -> Result<Command, Error> {
    Ok(workspace.command(workspace.cache("tools")?.join(name)))
}

fn judge(case: &Case, finished: &Finished) -> Result<(), Error> {
    let printed = format!("{}{}", finished.stdout, finished.stderr);
    if finished.status.code() != Some(case.exit) {
        let (status, exit) = (finished.status, case.exit);
        return Err(Error::new(format!("{status} in place of {exit}: {printed}")));
    }
    match case.prints.iter().find(|words| !printed.contains(**words)) {
        Some(words) => Err(Error::new(format!("`{words}` is not in: {printed}"))),
        None => Ok(()),
    }
}

/// A load by reflection over several connections: every call must end with OK.
fn load(workspace: &Workspace, target: &str) -> Result<(), Error> {
    let mut ghz = program(workspace, "ghz")?;
    ghz.args(["--insecure", "--call", "example.Greeter.Greet", "-d", r#"{"name": "World"}"#]);
    ghz.args(["-n", &LOAD.to_string(), "-c", "50", "--connections", "2"]);
    ghz.arg(target);
    let finished = process::finish(ghz, CASE)?.success()?;
    let counted = format!("[OK]   {LOAD} responses");
    if !finished.stdout.contains(&counted) {
        return Err(Error::new(format!("`{counted}` is not in: {}", finished.stdout)));
    }
    Ok(())
}

/// Builds a tool, unless it is built of what is pinned. Each has a module of its own, since one
/// needs a library's version that another does not build with.
fn build(workspace: &Workspace, name: &str, package: &str) -> Result<(), Error> {
    let folder = workspace.root().join("xtask/go/tools").join(name);
    let pinned = std::fs::read(folder.join("go.sum")).context(folder.join("go.sum").display())?;
    let cache = workspace.cache("tools")?;
    let (program, stamp) = (cache.join(name), cache.join(format!("{name}.sum")));
    if std::fs::read(&stamp).is_ok_and(|built| built == pinned) && program.is_file() {
        return Ok(());
    }
    let mut build = workspace.command("go");
    build.current_dir(&folder).args(["build", "-mod=readonly", "-buildvcs=false", "-o"]);
    process::show(build.arg(program).arg(package))?;
    std::fs::write(&stamp, pinned).context(stamp.display())
}
