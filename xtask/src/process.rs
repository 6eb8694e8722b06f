//! Programs run under a time limit, and servers that are killed and waited for whatever happens.
//! Not a supervisor: nothing is restarted, and only direct children are known.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Context, Error};

/// Between two looks at a child or a port: short beside any check, long beside a look.
const POLL: Duration = Duration::from_millis(10);

/// What a program that came to its end left behind.
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    /// An error that holds the program's own words, unless it succeeded.
    pub(crate) fn success(self) -> Result<Self, Error> {
        if self.status.success() { Ok(self) } else { Err(Error::new(self.describe())) }
    }

    /// An error unless the program succeeded and printed exactly this.
    pub(crate) fn printed(self, expected: &str) -> Result<(), Error> {
        let finished = self.success()?;
        if finished.stdout == expected {
            return Ok(());
        }
        Err(Error::new(format!("expected {expected:?} on stdout\n{}", finished.describe())))
    }

    fn describe(&self) -> String {
        let mut text = self.status.to_string();
        for (name, stream) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !stream.trim().is_empty() {
                // writing to a String cannot fail
                let _ = write!(text, "\n{name}: {}", stream.trim());
            }
        }
        text
    }
}

/// Runs a program to its end, or kills it when the time is over.
pub(crate) fn finish(mut command: Command, limit: Duration) -> Result<Finished, Error> {
    let name = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = Guard(command.spawn().context(&name)?);
    let stdout = child.0.stdout.take().map(collect);
    let stderr = child.0.stderr.take().map(collect);
    let deadline = Instant::now() + limit;
    let status = loop {
        if let Some(status) = child.0.try_wait().context(&name)? {
            break status;
        }
        if Instant::now() >= deadline {
            return Err(Error::new(format!("{name}: no end after {} s", limit.as_secs())));
        }
        thread::sleep(POLL);
    };
    let text = |reader: Option<thread::JoinHandle<String>>| {
        reader.and_then(|reader| reader.join().ok()).unwrap_or_default()
    };
    Ok(Finished { status, stdout: text(stdout), stderr: text(stderr) })
}

/// Runs a program with its output shown as it comes: builds and downloads.
pub(crate) fn show(command: &mut Command) -> Result<(), Error> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.stdin(Stdio::null()).status().context(&name)?;
    if status.success() {
        return Ok(());
    }
    let arguments: Vec<_> = command.get_args().map(|part| part.to_string_lossy()).collect();
    Err(Error::new(format!("{name} {}: {status}", arguments.join(" "))))
}

/// A program that serves until it is dropped.
pub(crate) struct Server {
    name: String,
    child: Guard,
    lines: Receiver<String>,
    log: Arc<Mutex<String>>,
}

impl Server {
    pub(crate) fn start(mut command: Command) -> Result<Self, Error> {
        let name = command.get_program().to_string_lossy().into_owned();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = Guard(command.spawn().context(&name)?);
        let log = Arc::new(Mutex::new(String::new()));
        let (sender, lines) = mpsc::channel();
        if let Some(stream) = child.0.stdout.take() {
            follow(stream, Arc::clone(&log), Some(sender));
        }
        if let Some(stream) = child.0.stderr.take() {
            follow(stream, Arc::clone(&log), None);
        }
        Ok(Self { name, child, lines, log })
    }

    /// Waits for the first line on stdout, which must be this one.
    pub(crate) fn first_line(&mut self, expected: &str, limit: Duration) -> Result<(), Error> {
        match self.lines.recv_timeout(limit) {
            Ok(line) if line == expected => Ok(()),
            Ok(line) => Err(self.failure(&format!("expected {expected:?}, printed {line:?}"))),
            Err(RecvTimeoutError::Timeout) => Err(self.failure("printed nothing in time")),
            Err(RecvTimeoutError::Disconnected) => Err(self.failure("ended at once")),
        }
    }

    /// Waits until the program accepts connections on this port of the loopback.
    pub(crate) fn listening(&mut self, port: u16, limit: Duration) -> Result<(), Error> {
        let deadline = Instant::now() + limit;
        while !accepts(port) {
            if let Some(status) = self.child.0.try_wait().context(&self.name)? {
                return Err(self.failure(&format!("ended: {status}")));
            }
            if Instant::now() >= deadline {
                return Err(self.failure(&format!("does not listen on port {port}")));
            }
            thread::sleep(POLL);
        }
        Ok(())
    }

    /// What went wrong beside what the server has said so far.
    pub(crate) fn failure(&self, what: &str) -> Error {
        let log = self.log.lock().map(|log| log.clone()).unwrap_or_default();
        Error::new(format!("{what}\nserver {}: {}", self.name, log.trim()))
    }
}

/// A port that nobody uses at this moment.
pub(crate) fn free_port() -> Result<u16, Error> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("a free port")?;
    Ok(listener.local_addr().context("a free port")?.port())
}

/// An error if something answers on this port already: a check would talk to a stranger.
pub(crate) fn must_be_free(port: u16) -> Result<(), Error> {
    if accepts(port) {
        return Err(Error::new(format!("port {port} is in use: stop what listens there")));
    }
    Ok(())
}

fn accepts(port: u16) -> bool {
    let addresses = [
        SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        SocketAddr::from((Ipv6Addr::LOCALHOST, port)),
    ];
    let limit = Duration::from_millis(500);
    addresses.iter().any(|address| TcpStream::connect_timeout(address, limit).is_ok())
}

/// Kills its child and waits for it, on every way out.
struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        // a child that has ended already cannot be killed: that is the wanted state
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn collect(mut stream: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // what came before a broken pipe is still worth showing
        let _ = stream.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn follow(
    stream: impl Read + Send + 'static,
    log: Arc<Mutex<String>>,
    lines: Option<mpsc::Sender<String>>,
) {
    thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            let Ok(line) = line else { return };
            if let Ok(mut log) = log.lock() {
                log.push_str(&line);
                log.push('\n');
            }
            if let Some(lines) = &lines {
                // nobody waits for lines any more: the log still wants them
                let _ = lines.send(line);
            }
        }
    });
}

#[cfg(test)]
mod tests;
