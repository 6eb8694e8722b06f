//! Serving on Unix sockets.

use super::{Listener, ServeError};
use crate::{Bound, Builder};
use protocall_transport::io::unix;
use protocall_transport::message::PeerAddr;
use std::future::{Future, pending};
use std::io;
use std::path::Path;
use tokio::net::{UnixListener, UnixStream};

impl Listener for unix::Listener {
    type Io = UnixStream;

    async fn accept(&mut self) -> Option<io::Result<(Self::Io, PeerAddr)>> {
        let accepted = Self::accept(self).await;
        Some(accepted.map(|(stream, peer)| (stream, PeerAddr::Unix(peer))))
    }
}

impl Listener for UnixListener {
    type Io = UnixStream;

    async fn accept(&mut self) -> Option<io::Result<(Self::Io, PeerAddr)>> {
        let accepted = Self::accept(self).await;
        Some(accepted.map(|(stream, _)| {
            let peer = unix::peer(&stream);
            (stream, PeerAddr::Unix(peer))
        }))
    }
}

impl Builder {
    /// Serves on a Unix socket at that path until the future is dropped: see
    /// [`Builder::bind_unix`].
    ///
    /// # Errors
    /// As [`Builder::bind_unix`].
    ///
    /// # Cancel safety
    /// Dropping the future closes all connections at once.
    pub async fn serve_unix(self, path: impl AsRef<Path>) -> Result<(), ServeError> {
        self.serve_unix_with_shutdown(path, pending()).await
    }

    /// Serves on a Unix socket at that path until `shutdown` is ready, then drains.
    ///
    /// # Errors
    /// As [`Builder::bind_unix`].
    ///
    /// # Cancel safety
    /// Dropping the future closes all connections at once.
    pub async fn serve_unix_with_shutdown(
        self,
        path: impl AsRef<Path>,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<(), ServeError> {
        self.bind_unix(path).await?.serve_with_shutdown(shutdown).await;
        Ok(())
    }

    /// Listens on a Unix socket at that path. A socket that a dead server left there is replaced;
    /// the file goes when the server stops. A path that begins with a zero byte is a name in
    /// Linux' abstract namespace: see
    /// [`abstract_path`](protocall_transport::io::unix::abstract_path).
    ///
    /// # Errors
    /// [`ServeError`] when somebody listens there, the path cannot be used, or a method was added
    /// twice.
    ///
    /// # Cancel safety
    /// Dropping the future leaves nothing behind.
    pub async fn bind_unix(
        self,
        path: impl AsRef<Path>,
    ) -> Result<Bound<unix::Listener>, ServeError> {
        let path = path.as_ref();
        let listener = unix::Listener::bind(path).await.map_err(|source| ServeError::Bind {
            addr: path.display().to_string().replace('\0', "unix-abstract:"),
            source,
        })?;
        self.on(listener)
    }
}
