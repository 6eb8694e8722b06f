//! `cargo xtask interop`: gRPC's own interop cases against grpc-go, each side once as the client.
//! The cases are described in grpc/grpc, doc/interop-test-descriptions.md; grpc-go's programs
//! are built from the module pinned in `xtask/go/interop`, ours from `tests/interop`.
//! This file only runs programs: what a case sends and expects is in the programs.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::process::{self, Server};
use crate::report::Report;
use crate::workspace::Workspace;

/// The cases by the names that the official programs know.
const CASES: &[&str] = &[
    "empty_unary",
    "large_unary",
    "client_streaming",
    "server_streaming",
    "ping_pong",
    "empty_stream",
    "custom_metadata",
    "status_code_and_message",
    "special_status_message",
    "unimplemented_method",
    "unimplemented_service",
    "cancel_after_begin",
    "cancel_after_first_response",
    "timeout_on_sleeping_server",
    "pick_first_unary",
];
/// Cases that no client can pass against a server: the server, the case, and the reason.
const IMPOSSIBLE: &[(&str, &str, &str)] =
    &[("go", "pick_first_unary", "grpc-go's server does not tell its identity")];
/// From start to listening.
const START: Duration = Duration::from_secs(20);
/// The slowest case moves half a megabyte; a case that needs longer hangs.
const CASE: Duration = Duration::from_secs(30);

/// An implementation with a server and a client that take the official flags.
struct Peer {
    name: &'static str,
    build: fn(&Workspace) -> Result<(), Error>,
    server: fn(&Workspace, u16) -> Result<Command, Error>,
    client: fn(&Workspace, u16, &str) -> Result<Command, Error>,
}

const PEERS: &[Peer] = &[
    Peer { name: "protocall", build: ours::build, server: ours::server, client: ours::client },
    Peer { name: "go", build: go::build, server: go::server, client: go::client },
];

/// Who calls whom when nothing else is asked for.
const PAIRS: &[&str] = &["go:protocall", "protocall:go"];

pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Error> {
    let (pairs, cases) = plan(arguments)?;
    let mut report = Report::default();
    for peer in PEERS {
        if pairs.iter().any(|(client, server)| [client.name, server.name].contains(&peer.name)) {
            report.check(&format!("build {}", peer.name), (peer.build)(workspace));
        }
    }
    for (client, server) in pairs {
        let port = process::free_port()?;
        let started = (server.server)(workspace, port).and_then(Server::start);
        let started = started.and_then(|mut server| {
            server.listening(port, START)?;
            Ok(server)
        });
        for case in &cases {
            if let Some(reason) = impossible(server, case) {
                println!("left    {} -> {}: {case}, since {reason}", client.name, server.name);
                continue;
            }
            let begin = Instant::now();
            let outcome = match &started {
                Ok(running) => (client.client)(workspace, port, case)
                    .and_then(|command| process::finish(command, CASE))
                    .and_then(|finished| finished.success().map(drop))
                    .map_err(|error| running.failure(&error.to_string())),
                Err(error) => Err(Error::new(error.to_string())),
            };
            let direction = format!("{} -> {}", client.name, server.name);
            let took = begin.elapsed().as_millis();
            report.check(&format!("{direction:<20} {case:<27} {took:>6} ms"), outcome);
        }
    }
    report.finish()
}

/// Why that server makes the case impossible, if it does.
fn impossible(server: &Peer, case: &str) -> Option<&'static str> {
    let known = |entry: &&(&str, &str, &str)| (entry.0, entry.1) == (server.name, case);
    IMPOSSIBLE.iter().find(known).map(|(_, _, reason)| *reason)
}

type Pair = (&'static Peer, &'static Peer);

/// Reads `[--pair CLIENT:SERVER].. [CASE]..`.
fn plan(arguments: &[String]) -> Result<(Vec<Pair>, Vec<String>), Error> {
    let mut pairs = Vec::new();
    let mut cases = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if argument == "--pair" {
            let value = arguments.next().ok_or_else(|| Error::new("--pair wants CLIENT:SERVER"))?;
            pairs.push(pair(value)?);
        } else if argument.starts_with('-') {
            return Err(Error::new(format!("unknown option `{argument}`")));
        } else {
            cases.push(argument.clone());
        }
    }
    if pairs.is_empty() {
        pairs = PAIRS.iter().map(|value| pair(value)).collect::<Result<_, _>>()?;
    }
    if cases.is_empty() {
        cases = CASES.iter().map(|case| (*case).to_owned()).collect();
    }
    Ok((pairs, cases))
}

fn pair(value: &str) -> Result<Pair, Error> {
    let known = |name: &str| PEERS.iter().find(|peer| peer.name == name);
    value
        .split_once(':')
        .and_then(|(client, server)| Some((known(client)?, known(server)?)))
        .ok_or_else(|| Error::new(format!("`{value}` is not CLIENT:SERVER of known peers")))
}

/// Our programs, built by cargo.
mod ours {
    use super::{Command, Error, Workspace, process};

    pub(super) fn build(workspace: &Workspace) -> Result<(), Error> {
        process::show(workspace.cargo().args(["build", "--package", "protocall-interop", "--bins"]))
    }

    pub(super) fn server(workspace: &Workspace, port: u16) -> Result<Command, Error> {
        let mut command = workspace.command(workspace.program("interop-server"));
        command.args(["--port", &port.to_string()]);
        Ok(command)
    }

    pub(super) fn client(workspace: &Workspace, port: u16, case: &str) -> Result<Command, Error> {
        let mut command = workspace.command(workspace.program("interop-client"));
        command.args(["--server_host", "127.0.0.1", "--server_port", &port.to_string()]);
        command.args(["--test_case", case]);
        Ok(command)
    }
}

/// grpc-go's programs, built from its released module; go.sum pins every byte of it.
mod go {
    use super::{Command, Error, Workspace};

    const PROGRAMS: &[(&str, &str)] = &[
        ("google.golang.org/grpc/interop/server", "go-server"),
        ("google.golang.org/grpc/interop/client", "go-client"),
    ];

    pub(super) fn build(workspace: &Workspace) -> Result<(), Error> {
        crate::go::build(workspace, "interop", PROGRAMS).map(drop)
    }

    pub(super) fn server(workspace: &Workspace, port: u16) -> Result<Command, Error> {
        let mut command = workspace.command(workspace.cache("interop")?.join("go-server"));
        command.args(["-port", &port.to_string()]);
        Ok(command)
    }

    pub(super) fn client(workspace: &Workspace, port: u16, case: &str) -> Result<Command, Error> {
        let mut command = workspace.command(workspace.cache("interop")?.join("go-client"));
        command.args(["-server_host", "127.0.0.1", "-server_port", &port.to_string()]);
        command.args(["-test_case", case]);
        Ok(command)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn everything_both_ways_by_default() {
        let (pairs, cases) = plan(&[]).unwrap();
        assert_eq!(pairs.len(), 2);
        assert_eq!(cases, CASES);
        for (client, server) in pairs {
            assert!(client.name != server.name);
        }
    }

    #[test]
    fn a_pair_and_a_case_can_be_chosen() {
        let (pairs, cases) = plan(&words(&["--pair", "go:go", "ping_pong"])).unwrap();
        assert_eq!((pairs[0].0.name, pairs[0].1.name), ("go", "go"));
        assert_eq!(cases, ["ping_pong"]);
    }

    #[test]
    fn what_cannot_pass_is_left_out_against_that_server_only() {
        let server = |name: &str| PEERS.iter().find(|peer| peer.name == name).unwrap();
        for (name, case, _) in IMPOSSIBLE {
            assert!(CASES.contains(case));
            assert!(impossible(server(name), case).is_some());
            assert!(impossible(server("protocall"), case).is_none());
        }
    }

    #[test]
    fn mistakes_are_refused() {
        for wrong in [&["--pair"][..], &["--pair", "go"], &["--pair", "go:c"], &["--case"]] {
            assert!(plan(&words(wrong)).is_err(), "{wrong:?}");
        }
    }
}
