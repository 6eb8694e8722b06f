//! Unix sockets: by path, and by name in Linux' abstract namespace.
//!
//! A name there is written as a path that begins with a zero byte, as the operating system does.

use crate::message::UnixPeer;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use tokio::net::{UnixListener, UnixStream};

/// The path that stands for a name in the abstract namespace (`unix(7)`).
#[must_use]
pub fn abstract_path(name: impl AsRef<[u8]>) -> PathBuf {
    let mut path = vec![0];
    path.extend_from_slice(name.as_ref());
    PathBuf::from(OsString::from_vec(path))
}

/// Connects to what listens at that path.
///
/// # Errors
/// Those of the operating system; the path is longer than a socket's can be (some 100 bytes).
///
/// # Cancel safety
/// A dropped future leaves no connection behind.
pub async fn connect(path: impl AsRef<Path>) -> io::Result<UnixStream> {
    UnixStream::connect(path).await
}

/// Listens at a path, and removes the socket's file when it is dropped.
#[derive(Debug)]
pub struct Listener {
    listener: UnixListener,
    /// Held to be dropped with the listener.
    _file: Option<SocketFile>,
}

impl Listener {
    /// Listens at that path. A socket file that a dead process left there is replaced; anything
    /// else that is there stays. Who may connect is decided by the permissions of the file and of
    /// its directories.
    ///
    /// # Errors
    /// `AddrInUse` when somebody listens there, or the path is something else than a socket;
    /// others of the operating system.
    ///
    /// # Cancel safety
    /// Dropping the future leaves nothing behind.
    pub async fn bind(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        if path.as_os_str().as_bytes().first() == Some(&0) {
            return Ok(Self { listener: UnixListener::bind(path)?, _file: None });
        }
        let listener = match UnixListener::bind(path) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                remove_stale(path).await?;
                UnixListener::bind(path)?
            }
            bound => bound?,
        };
        Ok(Self { listener, _file: SocketFile::at(path) })
    }

    /// The next connection and the process at its other end.
    ///
    /// # Errors
    /// Those of the operating system.
    ///
    /// # Cancel safety
    /// Safe: a connection is taken only when the future is ready.
    pub async fn accept(&self) -> io::Result<(UnixStream, UnixPeer)> {
        let (stream, _) = self.listener.accept().await?;
        let peer = peer(&stream);
        Ok((stream, peer))
    }
}

/// The process at the other end of a connection.
#[must_use]
pub fn peer(stream: &UnixStream) -> UnixPeer {
    match stream.peer_cred() {
        Ok(cred) => UnixPeer { uid: Some(cred.uid()), gid: Some(cred.gid()), pid: cred.pid() },
        Err(_) => UnixPeer::default(),
    }
}

/// Removes a socket on which nobody listens.
async fn remove_stale(path: &Path) -> io::Result<()> {
    let in_use = |text| Err(io::Error::new(io::ErrorKind::AddrInUse, text));
    if !fs::symlink_metadata(path)?.file_type().is_socket() {
        return in_use("there is a file that is not a socket");
    }
    match UnixStream::connect(path).await {
        Ok(_) => in_use("another process listens there"),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
        // full backlogs and missing permissions also say that somebody is there
        Err(error) => in_use(match error.kind() {
            io::ErrorKind::PermissionDenied => "there is a socket of somebody else",
            _ => "another process seems to listen there",
        }),
    }
}

/// The file of a socket of ours, told apart from one that took its place.
#[derive(Debug)]
struct SocketFile {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl SocketFile {
    fn at(path: &Path) -> Option<Self> {
        let found = fs::symlink_metadata(path).ok()?;
        // the working directory may be another by the time it is removed
        let path = std::path::absolute(path).ok()?;
        Some(Self { path, device: found.dev(), inode: found.ino() })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let ours = fs::symlink_metadata(&self.path)
            .is_ok_and(|found| found.dev() == self.device && found.ino() == self.inode);
        if ours {
            // one that is left behind is stale, and replaced by the next server
            let _ = fs::remove_file(&self.path);
        }
    }
}
