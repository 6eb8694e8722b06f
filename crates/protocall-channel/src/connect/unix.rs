//! Connects to Unix sockets.

use super::{Connect, Connecting, Stream};
use protocall_transport::io::unix;
use std::path::PathBuf;

/// Connects to the Unix socket at a path; one that begins with a zero byte is a name in Linux'
/// abstract namespace.
#[derive(Clone, Debug)]
pub struct Unix {
    path: PathBuf,
}

impl Unix {
    /// To the socket at that path.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

impl Connect for Unix {
    fn connect(&self) -> Connecting<'_> {
        Box::pin(async {
            let stream = unix::connect(&self.path).await?;
            Ok(Box::new(stream) as Box<dyn Stream>)
        })
    }

    fn name(&self) -> String {
        let path = self.path.display().to_string();
        match path.strip_prefix('\0') {
            Some(name) => format!("unix-abstract:{name}"),
            None => format!("unix:{path}"),
        }
    }

    /// The bytes never leave the machine's kernel.
    fn is_secure(&self) -> bool {
        true
    }
}
