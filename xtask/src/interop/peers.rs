//! The implementations that take part: how their programs come about, and how they are called.
//! grpc-go's and grpc-java's programs are released and pinned; for Python and Node, whose are not,
//! small ones lie in `tests/interop/peers`. Ours are in `tests/interop`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::cases;
use crate::error::{Context, Error};
use crate::process;
use crate::workspace::Workspace;

/// An implementation with a server or a client that take the official flags, or nearly.
pub(super) struct Peer {
    pub(super) name: &'static str,
    pub(super) build: fn(&Workspace) -> Result<(), Error>,
    pub(super) server: Option<Serve>,
    pub(super) client: Option<Call>,
}

/// A server on that port, over TLS or not.
pub(super) type Serve = fn(&Workspace, u16, bool) -> Result<Command, Error>;
/// A client, and how often the command runs its case.
pub(super) type Call = fn(&Workspace, &Client<'_>) -> Result<(Command, u32), Error>;

/// What a client is to do.
#[derive(Clone, Copy)]
pub(super) struct Client<'a> {
    pub(super) port: u16,
    pub(super) tls: bool,
    pub(super) case: &'a str,
    /// How often, where the program can.
    pub(super) times: u32,
}

pub(super) const PEERS: &[Peer] = &[
    Peer {
        name: "protocall",
        build: ours::build,
        server: Some(ours::server),
        client: Some(ours::client),
    },
    Peer { name: "go", build: go::build, server: Some(go::server), client: Some(go::client) },
    Peer {
        name: "java",
        build: java::build,
        server: Some(java::server),
        client: Some(|workspace, client| java::client(workspace, client, false)),
    },
    Peer {
        name: "java-okhttp",
        build: java::build,
        server: None,
        client: Some(|workspace, client| java::client(workspace, client, true)),
    },
    Peer {
        name: "python",
        build: python::build,
        server: Some(python::server),
        client: Some(python::client),
    },
    Peer {
        name: "node",
        build: node::build,
        server: Some(node::server),
        client: Some(node::client),
    },
];

/// The name that gRPC's test certificate has.
const OVERRIDE: &str = "foo.test.google.fr";
/// What makes grpc-go's and grpc-java's clients listen to load reports.
const REPORTS: &str = r#"{"loadBalancingConfig":[{"test_backend_metrics_load_balancer":{}}]}"#;

/// The flags of a client, each with so many dashes before it and its value behind `=`.
fn flags(dashes: &str, client: &Client<'_>) -> Vec<String> {
    let flag = |name: &str, value: &str| format!("{dashes}{name}={value}");
    let mut flags = vec![
        flag("server_host", "127.0.0.1"),
        flag("server_port", &client.port.to_string()),
        flag("test_case", client.case),
        flag("use_tls", if client.tls { "true" } else { "false" }),
    ];
    if cases::soaks(client.case) {
        // a machine that is busy with other checks makes a first call in a JVM take seconds
        flags.push(flag("soak_per_iteration_max_acceptable_latency_ms", "20000"));
        flags.push(flag("soak_overall_timeout_seconds", "50"));
    }
    if client.tls {
        flags.extend([flag("use_test_ca", "true"), flag("server_host_override", OVERRIDE)]);
    }
    flags
}

fn testdata(workspace: &Workspace, name: &str) -> String {
    workspace.root().join("tests/interop/testdata").join(name).display().to_string()
}

fn folder(workspace: &Workspace, peer: &str) -> Result<PathBuf, Error> {
    let folder = workspace.cache("interop")?.join(peer);
    std::fs::create_dir_all(&folder).context(folder.display())?;
    Ok(folder)
}

/// Does what is to be done once for the content of some files: `stamp` keeps it.
fn once(
    stamp: &Path,
    files: &[PathBuf],
    act: impl FnOnce() -> Result<(), Error>,
) -> Result<(), Error> {
    let mut wanted = Vec::new();
    for file in files {
        wanted.extend(std::fs::read(file).context(file.display())?);
    }
    if std::fs::read(stamp).is_ok_and(|done| done == wanted) {
        return Ok(());
    }
    act()?;
    std::fs::write(stamp, wanted).context(stamp.display())
}

/// Our programs, built by cargo.
mod ours {
    use super::{Client, Command, Error, Workspace, flags, process};

    pub(super) fn build(workspace: &Workspace) -> Result<(), Error> {
        process::show(workspace.cargo().args(["build", "--package", "protocall-interop", "--bins"]))
    }

    pub(super) fn server(workspace: &Workspace, port: u16, tls: bool) -> Result<Command, Error> {
        let mut command = workspace.command(workspace.program("interop-server"));
        command.args([format!("--port={port}"), format!("--use_tls={tls}")]);
        Ok(command)
    }

    pub(super) fn client(
        workspace: &Workspace,
        client: &Client<'_>,
    ) -> Result<(Command, u32), Error> {
        let mut command = workspace.command(workspace.program("interop-client"));
        command.args(flags("--", client)).arg(format!("--repeat={}", client.times));
        Ok((command, client.times))
    }
}

/// grpc-go's programs, built from its released module; go.sum pins every byte of it.
mod go {
    use super::{Client, Command, Error, REPORTS, Workspace, cases, flags, testdata};

    const PROGRAMS: &[(&str, &str)] = &[
        ("google.golang.org/grpc/interop/server", "go-server"),
        ("google.golang.org/grpc/interop/client", "go-client"),
    ];

    pub(super) fn build(workspace: &Workspace) -> Result<(), Error> {
        crate::go::build(workspace, "interop", PROGRAMS).map(drop)
    }

    pub(super) fn server(workspace: &Workspace, port: u16, tls: bool) -> Result<Command, Error> {
        let mut command = workspace.command(workspace.cache("interop")?.join("go-server"));
        command.args([format!("-port={port}"), format!("-use_tls={tls}")]);
        for (flag, file) in [("tls_cert_file", "server1.pem"), ("tls_key_file", "server1.key")] {
            command.arg(format!("-{flag}={}", testdata(workspace, file)));
        }
        Ok(command)
    }

    pub(super) fn client(
        workspace: &Workspace,
        client: &Client<'_>,
    ) -> Result<(Command, u32), Error> {
        let mut command = workspace.command(workspace.cache("interop")?.join("go-client"));
        command.args(flags("-", client));
        command.arg(format!("-ca_file={}", testdata(workspace, "ca.pem")));
        if cases::wants_reports(client.case) {
            command.arg(format!("-service_config_json={REPORTS}"));
        }
        Ok((command, 1))
    }
}

/// grpc-java's programs, as their jars are released.
mod java {
    use super::{Client, Command, Error, REPORTS, Workspace, cases, flags, folder, once, process};

    pub(super) fn build(workspace: &Workspace) -> Result<(), Error> {
        let jars = folder(workspace, "java")?;
        let pom = workspace.root().join("xtask/java/interop/pom.xml");
        once(&jars.join("pom.xml"), std::slice::from_ref(&pom), || {
            let mut maven = workspace.command("mvn");
            maven.args(["--quiet", "--batch-mode", "--file"]).arg(&pom);
            maven.args(["dependency:copy-dependencies", "-DincludeScope=runtime"]);
            process::show(maven.arg(format!("-DoutputDirectory={}", jars.display())))
        })
    }

    fn program(workspace: &Workspace, class: &str) -> Result<Command, Error> {
        let jars = folder(workspace, "java")?.join("*");
        let mut command = workspace.command("java");
        // it runs for a second: no time for the second compiler
        command.args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"]).arg(jars);
        command.arg(format!("io.grpc.testing.integration.{class}"));
        Ok(command)
    }

    pub(super) fn server(workspace: &Workspace, port: u16, tls: bool) -> Result<Command, Error> {
        let mut command = program(workspace, "TestServiceServer")?;
        command.args([format!("--port={port}"), format!("--use_tls={tls}")]);
        Ok(command)
    }

    pub(super) fn client(
        workspace: &Workspace,
        client: &Client<'_>,
        okhttp: bool,
    ) -> Result<(Command, u32), Error> {
        let mut command = program(workspace, "TestServiceClient")?;
        command.args(flags("--", client)).arg(format!("--use_okhttp={okhttp}"));
        command.arg(format!("--num_times={}", client.times));
        if cases::wants_reports(client.case) {
            command.arg(format!("--service_config_json={REPORTS}"));
        }
        Ok((command, client.times))
    }
}

/// Our programs on Python's grpcio, with code that our compiler generates.
mod python {
    use super::{Client, Command, Context, Error, Workspace, flags, folder, process};

    const PACKAGES: &[&str] = &["grpcio==1.85.1", "protobuf==7.36.2"];

    pub(super) fn build(workspace: &Workspace) -> Result<(), Error> {
        let folder = folder(workspace, "python")?;
        let interpreter = folder.join("venv/bin/python");
        if !interpreter.is_file() {
            let mut venv = workspace.command("python3");
            process::show(venv.args(["-m", "venv"]).arg(folder.join("venv")))?;
        }
        let mut pip = workspace.command(&interpreter);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        process::show(pip.args(PACKAGES))?;
        let generated = folder.join("generated");
        std::fs::create_dir_all(&generated).context(generated.display())?;
        let mut compile = workspace.cargo();
        compile.args(["run", "--quiet", "--package", "protocall-cli", "--", "compile"]);
        compile.arg("--python_compat=1.85.1");
        for out in ["python_out", "grpc_python_out"] {
            compile.arg(format!("--{out}={}", generated.display()));
        }
        let proto = workspace.root().join("tests/interop/proto");
        let files = ["empty", "messages", "test"].map(|name| format!("grpc/testing/{name}.proto"));
        compile.arg("-I").arg(&proto).args(files.map(|file| proto.join(file)));
        process::show(&mut compile)
    }

    fn program(workspace: &Workspace, name: &str) -> Result<Command, Error> {
        let folder = folder(workspace, "python")?;
        let mut command = workspace.command(folder.join("venv/bin/python"));
        command.arg(workspace.root().join("tests/interop/peers/python").join(name));
        command.env("INTEROP_GENERATED", folder.join("generated"));
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        Ok(command)
    }

    pub(super) fn server(workspace: &Workspace, port: u16, tls: bool) -> Result<Command, Error> {
        let mut command = program(workspace, "server.py")?;
        command.args([format!("--port={port}"), format!("--use_tls={tls}")]);
        Ok(command)
    }

    pub(super) fn client(
        workspace: &Workspace,
        client: &Client<'_>,
    ) -> Result<(Command, u32), Error> {
        let mut command = program(workspace, "client.py")?;
        command.args(flags("--", client)).arg(format!("--repeat={}", client.times));
        Ok((command, client.times))
    }
}

/// Our programs on @grpc/grpc-js, whose packages package-lock.json pins.
mod node {
    use super::{Client, Command, Context, Error, Workspace, flags, folder, once, process};

    pub(super) fn build(workspace: &Workspace) -> Result<(), Error> {
        let packages = folder(workspace, "node")?;
        let pinned = workspace.root().join("xtask/node/interop");
        let files = ["package.json", "package-lock.json"].map(|name| pinned.join(name));
        once(&packages.join("installed"), &files, || {
            for file in &files {
                let name = file.file_name().unwrap_or_default();
                std::fs::copy(file, packages.join(name)).context(file.display())?;
            }
            let mut npm = workspace.command("npm");
            npm.current_dir(&packages).args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]);
            process::show(&mut npm)
        })
    }

    fn program(workspace: &Workspace, name: &str) -> Result<Command, Error> {
        let mut command = workspace.command("node");
        command.arg(workspace.root().join("tests/interop/peers/node").join(name));
        command.env("INTEROP_PACKAGES", folder(workspace, "node")?);
        Ok(command)
    }

    pub(super) fn server(workspace: &Workspace, port: u16, tls: bool) -> Result<Command, Error> {
        let mut command = program(workspace, "server.js")?;
        command.args([format!("--port={port}"), format!("--use_tls={tls}")]);
        Ok(command)
    }

    pub(super) fn client(
        workspace: &Workspace,
        client: &Client<'_>,
    ) -> Result<(Command, u32), Error> {
        let mut command = program(workspace, "client.js")?;
        command.args(flags("--", client)).arg(format!("--repeat={}", client.times));
        Ok((command, client.times))
    }
}
