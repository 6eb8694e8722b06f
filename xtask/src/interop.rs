//! `cargo xtask interop`: gRPC's own interop cases between us and others, both ways, in plaintext
//! and over TLS. The cases are described in grpc/grpc, doc/interop-test-descriptions.md. Who the
//! others are, and how their programs come about, is [`peers`]; which cases there are [`cases`].
//! This file only runs programs: what a case sends and expects is in the programs.

mod cases;
mod peers;

use std::time::{Duration, Instant};

use crate::error::Error;
use crate::process::{self, Server};
use crate::report::Report;
use crate::workspace::Workspace;
use peers::{Call, Client, PEERS, Peer};

/// From start to listening; a JVM on a busy machine takes several seconds.
const START: Duration = Duration::from_secs(40);
/// The slowest case moves ten megabytes in a JVM that has just started; a case that needs longer
/// hangs.
const CASE: Duration = Duration::from_secs(60);
/// How often the cases are run that depend on time.
const REPEATED: u32 = 40;

/// Who calls whom when nothing else is asked for.
const PAIRS: &[&str] = &[
    "protocall:protocall",
    "go:protocall",
    "protocall:go",
    "java:protocall",
    "java-okhttp:protocall",
    "protocall:java",
    "python:protocall",
    "protocall:python",
    "node:protocall",
    "protocall:node",
];

/// What is run.
struct Plan {
    pairs: Vec<Pair>,
    /// None: all that both peers have.
    cases: Vec<String>,
    /// Over TLS, or not.
    modes: Vec<bool>,
}

type Pair = (&'static Peer, &'static Peer);

pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Error> {
    let plan = plan(arguments)?;
    let mut report = Report::default();
    for peer in PEERS {
        if plan.pairs.iter().any(|(client, server)| [client.name, server.name].contains(&peer.name))
        {
            report.check(&format!("build {}", peer.name), (peer.build)(workspace));
        }
    }
    for (client, server) in &plan.pairs {
        for tls in &plan.modes {
            exchange(workspace, client, server, *tls, &plan.cases, &mut report)?;
        }
    }
    report.finish()
}

/// All cases of one client against one server.
fn exchange(
    workspace: &Workspace,
    client: &Peer,
    server: &Peer,
    tls: bool,
    chosen: &[String],
    report: &mut Report,
) -> Result<(), Error> {
    let (Some(call), Some(serve)) = (client.client, server.server) else {
        return Err(Error::new(format!("{} -> {} is not there", client.name, server.name)));
    };
    let port = process::free_port()?;
    let started = serve(workspace, port, tls).and_then(Server::start).and_then(|mut server| {
        server.listening(port, START)?;
        Ok(server)
    });
    let mode = if tls { "TLS" } else { "plain" };
    let direction = format!("{} -> {}, {mode}", client.name, server.name);
    for case in cases::of(client.name) {
        if !chosen.is_empty() && !chosen.iter().any(|name| name == case) {
            continue;
        }
        if let Some(reason) = cases::impossible(server.name, case) {
            println!("left    {direction}: {case}, since {reason}");
            continue;
        }
        let times = if cases::depends_on_time(case) { REPEATED } else { 1 };
        let begin = Instant::now();
        let outcome = match &started {
            Ok(running) => {
                let tolerated = cases::tolerated(client.name, case);
                repeat(workspace, call, Client { port, tls, case, times }, tolerated)
                    .map_err(|error| running.failure(&error.to_string()))
            }
            Err(error) => Err(Error::new(error.to_string())),
        };
        let took = begin.elapsed().as_millis();
        report.check(&format!("{direction:<32} {case:<36} {times:>2}x {took:>6} ms"), outcome);
    }
    Ok(())
}

/// Runs a client that runs its case as often as asked, or once as often as asked.
fn repeat(
    workspace: &Workspace,
    call: Call,
    client: Client<'_>,
    tolerated: u32,
) -> Result<(), Error> {
    let (mut left, mut failures) = (client.times, 0);
    while left > 0 {
        let (command, times) = call(workspace, &Client { times: left, ..client })?;
        if let Err(error) = process::finish(command, CASE)?.success() {
            failures += 1;
            if failures > tolerated {
                return Err(error);
            }
            println!("        {} failed, which is the client's own doing", client.case);
        }
        left = left.saturating_sub(times.max(1));
    }
    Ok(())
}

/// Reads `[--pair CLIENT:SERVER].. [--mode plain|tls] [CASE]..`.
fn plan(arguments: &[String]) -> Result<Plan, Error> {
    let mut plan = Plan { pairs: Vec::new(), cases: Vec::new(), modes: Vec::new() };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if argument == "--pair" {
            let value = arguments.next().ok_or_else(|| Error::new("--pair wants CLIENT:SERVER"))?;
            plan.pairs.push(pair(value)?);
        } else if argument == "--mode" {
            plan.modes.push(match arguments.next().map(String::as_str) {
                Some("plain") => false,
                Some("tls") => true,
                _ => return Err(Error::new("--mode wants plain or tls")),
            });
        } else if argument.starts_with('-') {
            return Err(Error::new(format!("unknown option `{argument}`")));
        } else {
            plan.cases.push(argument.clone());
        }
    }
    if plan.pairs.is_empty() {
        plan.pairs = PAIRS.iter().map(|value| pair(value)).collect::<Result<_, _>>()?;
    }
    if plan.modes.is_empty() {
        plan.modes = vec![false, true];
    }
    Ok(plan)
}

fn pair(value: &str) -> Result<Pair, Error> {
    let known = |name: &str| PEERS.iter().find(|peer| peer.name == name);
    value
        .split_once(':')
        .and_then(|(client, server)| Some((known(client)?, known(server)?)))
        .ok_or_else(|| Error::new(format!("`{value}` is not CLIENT:SERVER of known peers")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn everything_both_ways_and_in_both_modes_by_default() {
        let all = plan(&[]).unwrap();
        assert_eq!((all.pairs.len(), all.modes), (PAIRS.len(), vec![false, true]));
        for (client, server) in all.pairs {
            assert!(client.client.is_some() && server.server.is_some());
            assert!([client.name, server.name].contains(&"protocall"));
            assert!(!cases::of(client.name).is_empty());
        }
    }

    #[test]
    fn a_pair_a_mode_and_a_case_can_be_chosen() {
        let one = plan(&words(&["--pair", "go:go", "--mode", "tls", "ping_pong"])).unwrap();
        assert_eq!((one.pairs[0].0.name, one.pairs[0].1.name), ("go", "go"));
        assert_eq!((one.modes, one.cases), (vec![true], words(&["ping_pong"])));
    }

    #[test]
    fn mistakes_are_refused() {
        for wrong in
            [&["--pair"][..], &["--pair", "go"], &["--pair", "go:c"], &["--mode"], &["--case"]]
        {
            assert!(plan(&words(wrong)).is_err(), "{wrong:?}");
        }
    }
}
