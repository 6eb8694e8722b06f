//! protoc inside of one Python process that has it loaded, and forks for each run: starting Python
//! anew costs more than most compilations, and some files end protoc by a signal.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::error::{Context, Error};

/// A run is a line: the file of its arguments, the file for what it says, and where the plugin that
/// keeps requests keeps this one. The answer is a line with the exit status.
const SCRIPT: &str = r#"
import os, sys
from grpc_tools import _protoc_compiler
for line in sys.stdin:
    words, said, request = line.rstrip("\n").split("\t")
    child = os.fork()
    if child == 0:
        os.environ["PROTOCALL_REQUEST"] = request
        os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        words = ["protoc"] + open(words).read().split("\n")
        os._exit(_protoc_compiler.run_main([word.encode() for word in words]))
    print(os.waitpid(child, 0)[1], flush=True)
"#;

/// How a run ended.
pub(super) enum Answer {
    Succeeded,
    /// With what was said on standard error.
    Failed(String),
}

pub(super) struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Server {
    pub(super) fn start(mut python: Command) -> Result<Self, Error> {
        python.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = python.spawn().context("protoc in Python")?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::new("protoc in Python has no standard streams"));
        };
        Ok(Self { child, input, output: BufReader::new(output) })
    }

    pub(super) fn run(
        &mut self,
        folder: &Path,
        words: &[String],
        request: &str,
    ) -> Result<Answer, Error> {
        let (list, said) = (folder.join("server.words"), folder.join("server.stderr"));
        std::fs::write(&list, words.join("\n")).context(list.display())?;
        writeln!(self.input, "{}\t{}\t{request}", list.display(), said.display())
            .and_then(|()| self.input.flush())
            .context("protoc in Python")?;
        let mut status = String::new();
        self.output.read_line(&mut status).context("protoc in Python")?;
        match status.trim() {
            "0" => Ok(Answer::Succeeded),
            "" => Err(Error::new("protoc in Python ended")),
            _ => Ok(Answer::Failed(
                String::from_utf8_lossy(&std::fs::read(&said).context(said.display())?)
                    .into_owned(),
            )),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // one that has ended cannot be killed: that is the wanted state
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
