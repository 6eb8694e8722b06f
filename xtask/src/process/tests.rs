//! Children are judged by what they print and how they end, and never outlive their guard.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

const SOON: Duration = Duration::from_secs(10);

#[test]
fn exact_output_passes() {
    finish(shell("echo hello"), SOON).unwrap().printed("hello\n").unwrap();
}

#[test]
fn other_output_fails() {
    let error = finish(shell("echo hullo"), SOON).unwrap().printed("hello\n").unwrap_err();
    assert!(error.to_string().contains("hullo"), "{error}");
}

#[test]
fn right_output_with_a_bad_end_fails() {
    assert!(finish(shell("echo hello; exit 3"), SOON).unwrap().printed("hello\n").is_err());
}

#[test]
fn a_program_without_end_is_killed() {
    let begin = Instant::now();
    assert!(finish(shell("exec sleep 60"), Duration::from_millis(100)).is_err());
    assert!(begin.elapsed() < SOON);
}

#[test]
fn a_missing_program_is_an_error() {
    assert!(finish(Command::new("no-such-program-here"), SOON).is_err());
}

#[test]
fn a_dropped_server_is_gone() {
    let mut server = Server::start(shell("echo $$; exec sleep 60")).unwrap();
    let pid = server.child.0.id();
    server.first_line(&pid.to_string(), SOON).unwrap();
    drop(server);
    let alive = Command::new("kill").args(["-0", &pid.to_string()]).output().unwrap();
    assert!(!alive.status.success());
}

#[test]
fn a_server_that_says_something_else_is_an_error() {
    let mut server = Server::start(shell("echo no; exec sleep 60")).unwrap();
    assert!(server.first_line("yes", SOON).is_err());
}

#[test]
fn a_server_that_ends_is_an_error() {
    let port = free_port().unwrap();
    let mut server = Server::start(shell("echo broken >&2; exit 1")).unwrap();
    let error = server.listening(port, SOON).unwrap_err();
    assert!(error.to_string().contains("ended"), "{error}");
}

#[test]
fn a_used_port_is_not_free() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    assert!(must_be_free(port).is_err());
    drop(listener);
    // a child that another test is starting holds a copy until it has become its program
    let deadline = Instant::now() + SOON;
    while must_be_free(port).is_err() {
        assert!(Instant::now() < deadline, "port {port} is in use for ever");
    }
}
