//! The `protocall` program: compile `.proto` files from the shell.
//!
//! One file per command; here, the commands are told apart, and errors become exit codes.

mod compile;
mod failure;
mod plugin;

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
    /// Compile .proto files, with protoc's flags. The same happens under the name `protoc`.
    // The flags are not clap's: which there are depends on the plugins.
    #[command(disable_help_flag = true)]
    Compile {
        /// protoc's flags, and the files to compile; `--help` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
        words: Vec<String>,
    },
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
    let name = called.file_stem().map(|name| name.to_string_lossy().into_owned());
    match name.as_deref() {
        Some(name) if name.starts_with("protoc-gen-") => return plugin::run(),
        Some("protoc") => return compile::run(words()?, true),
        _ => {}
    }
    match Program::parse().command {
        Command::Compile { words } => compile::run(words, false),
        Command::Plugin => plugin::run(),
    }
}

fn words() -> Result<Vec<String>, Failure> {
    let text = |word: std::ffi::OsString| {
        word.into_string()
            .map_err(|word| Failure::Usage(format!("`{}` is not UTF-8", word.display())))
    };
    std::env::args_os().skip(1).map(text).collect()
}

/// Colours are for terminals, and for people who have not asked for none (<https://no-color.org>).
fn stderr_takes_color() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// Writes to standard output.
fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(Failure::Stream)
}

/// Writes to standard error. That it may be closed is no reason to fail differently.
fn report(text: &str) {
    if !text.is_empty() {
        let _ = writeln!(std::io::stderr().lock(), "{}", text.trim_end());
    }
}
