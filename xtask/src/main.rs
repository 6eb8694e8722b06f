//! `cargo xtask <task>`: the table of tasks and the choice among them, nothing else.
//! Each task is a module with a `run`; what several of them need is in `workspace`, `process`,
//! `source` and `report`. Tasks print to a person and to a log, so they may use stdout.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bench;
mod ci;
mod compat;
mod conformance;
mod error;
mod fuzz;
mod go;
mod h2spec;
mod half_open;
mod honest;
mod hpack;
mod httpwg;
mod interop;
mod layers;
mod licences;
mod mutate;
mod our_server;
mod process;
mod protobuf_conformance;
mod python;
mod python_compat;
mod readme;
mod regenerate;
mod report;
mod simulate;
mod size;
mod source;
mod tidy;
mod tools;
mod wasm;
mod workspace;

use std::process::ExitCode;

use crate::error::Error;
use crate::workspace::Workspace;

/// One line of `cargo xtask help`.
struct Task {
    name: &'static str,
    about: &'static str,
    run: fn(&Workspace, &[String]) -> Result<(), Error>,
}

const TASKS: &[Task] = &[
    Task {
        name: "tidy",
        about: "house rules: headers, lengths, banned words, manifests, the map in ARCHITECTURE.md",
        run: tidy::run,
    },
    Task {
        name: "layers",
        about: "which crate may use which; what the pure crates must not touch",
        run: layers::run,
    },
    Task {
        name: "licences",
        about: "everything we build on may ship with us, and comes from a registry",
        run: licences::run,
    },
    Task { name: "wasm", about: "build the pure crates where there is no system", run: wasm::run },
    Task {
        name: "readme",
        about: "the README's own project, built and run as it is printed",
        run: readme::run,
    },
    Task {
        name: "python",
        about: "the tutorial's exchange with Python's gRPC, old and new, both ways",
        run: python::run,
    },
    Task {
        name: "python-compat",
        about: "our Python output beside grpcio-tools', byte for byte [--refresh | --corpus DIR]",
        run: python_compat::run,
    },
    Task {
        name: "protobuf-conformance",
        about: "protobuf's own conformance runner against our generated messages",
        run: protobuf_conformance::run,
    },
    Task {
        name: "compat",
        about: "our compiler beside protoc, over published .proto files [CORPUS|PART..] [--dir DIR]",
        run: compat::run,
    },
    Task {
        name: "interop",
        about: "gRPC's interop cases with others, both ways [--pair CLIENT:SERVER] [--mode M] [CASE..]",
        run: interop::run,
    },
    Task {
        name: "conformance",
        about: "the connectrpc conformance suite, both sides [its runner's options..]",
        run: conformance::run,
    },
    Task {
        name: "hpack",
        about: "our HPACK decoder beside Python's, over thousands of sessions [SESSIONS]",
        run: hpack::run,
    },
    Task {
        name: "h2spec",
        about: "h2spec, strict, against our server, in plain text and over TLS",
        run: h2spec::run,
    },
    Task {
        name: "tools",
        about: "grpcurl, ghz and grpc-health-probe against our server",
        run: tools::run,
    },
    Task { name: "httpwg", about: "httpwg's cases against our server", run: httpwg::run },
    Task {
        name: "honest",
        about: "honest load between ours and grpc-go that may meet no limit [--seconds N]",
        run: honest::run,
    },
    Task {
        name: "half-open",
        about: "hosts that are gone without a word, in a network namespace (Linux)",
        run: half_open::run,
    },
    Task {
        name: "simulate",
        about: "pairs of connections at random [--seeds N] [--steps M] [--first SEED]",
        run: simulate::run,
    },
    Task {
        name: "fuzz",
        about: "the fuzz targets under libFuzzer, nightly [--seconds N] [TARGET..]",
        run: fuzz::run,
    },
    Task {
        name: "mutate",
        about: "breaks the code on purpose: each time the named test must fail [NAME..]",
        run: mutate::run,
    },
    Task {
        name: "regenerate",
        about: "rewrite the golden files of the compiler and the code generator",
        run: regenerate::run,
    },
    Task {
        name: "size",
        about: "clean release build of hello: seconds and crates, beside tonic's [--ours]",
        run: size::run,
    },
    Task {
        name: "bench",
        about: "speed beside other stacks, into benches/RESULTS.md [--quick] [--rounds N]",
        run: bench::run,
    },
    Task { name: "ci", about: "everything that CI runs, in CI's order", run: ci::run },
];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_else(|| "help".to_owned());
    if matches!(name.as_str(), "help" | "--help" | "-h") {
        help();
        return ExitCode::SUCCESS;
    }
    let Some(task) = TASKS.iter().find(|task| task.name == name) else {
        eprintln!("error: there is no task `{name}`");
        help();
        return ExitCode::from(2);
    };
    let rest: Vec<String> = arguments.collect();
    match Workspace::find().and_then(|workspace| (task.run)(&workspace, &rest)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {name}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn help() {
    println!("usage: cargo xtask <task>\n");
    for task in TASKS {
        println!("  {:<13} {}", task.name, task.about);
    }
}
