//! The `protocall` program: compile `.proto` files from the shell.
//!
//! One file per command; here, the commands are told apart, and errors become exit codes.

mod compile;
mod failure;
mod plugin;
mod python;

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::failure::Failure;

/// A .proto compiler and gRPC toolbox in one program.
#[derive(Parser)]
#[command(name = "protocall", version, arg_required_else_help = true)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Compile(Box<compile::Arguments>),
    /// Answer protoc or buf as a plugin: a request on standard input, the response on standard
    /// output. The same happens without arguments under a name that starts with `protoc-gen-`.
    Plugin,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report(&failure.text(stderr_takes_color()));
            failure.exit_code()
        }
    }
}

/// Clap itself answers wrong usage with exit code 2.
fn run() -> Result<(), Failure> {
    // protoc calls a plugin by its file's name, without arguments.
    let called = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    if called.file_name().is_some_and(|name| name.to_string_lossy().starts_with("protoc-gen-")) {
        return plugin::run();
    }
    match Program::parse().command {
        Command::Compile(arguments) => compile::run(&arguments),
        Command::Plugin => plugin::run(),
    }
}

/// Colours are for terminals, and for people who have not asked for none (<https://no-color.org>).
fn stderr_takes_color() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// Writes to standard error. That it may be closed is no reason to fail differently.
fn report(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", text.trim_end());
}
