//! Loses the network between two hosts, in a network namespace of its own: there the interface goes
//! down, and the way to the other host with it. Run by `cargo xtask half-open`, which makes the
//! namespace. In a new one the loopback interface is down: if it is up, this is the machine's own.
#![allow(
    clippy::print_stderr,
    clippy::expect_used,
    clippy::panic,
    reason = "a program speaks to its user, and checks as a test does"
)]

use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    if ip(&["-o", "link", "show", "lo"]).contains("UP") {
        eprintln!("half-open: the loopback interface is in use: this is no network of its own");
        return ExitCode::FAILURE;
    }
    #[cfg(target_os = "linux")]
    {
        use protocall_abuse::half_open::{
            a_client_finds_that_its_server_is_gone, a_server_finds_that_its_client_is_gone,
        };
        let up = || drop(ip(&["link", "set", "lo", "up"]));
        let down = |_: &_| drop(ip(&["link", "set", "lo", "down"]));
        up();
        a_server_finds_that_its_client_is_gone(&down);
        up();
        a_client_finds_that_its_server_is_gone(&down);
    }
    ExitCode::SUCCESS
}

/// Runs `ip` of iproute2.
fn ip(arguments: &[&str]) -> String {
    let output = Command::new("ip").args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("`ip` (package iproute2): {error}"));
    assert!(output.status.success(), "ip {arguments:?}: {output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
