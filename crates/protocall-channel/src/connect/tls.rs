//! TLS over what another connector connects.

use super::{Connect, Connecting, Stream};
use protocall_transport::io::tcp;
use protocall_transport::io::tls::ClientTls;
use std::fmt;

/// Connects as another connector does, then shakes hands as a TLS client.
pub struct Tls {
    inner: Box<dyn Connect>,
    tls: ClientTls,
    name: String,
}

impl Tls {
    /// TLS over `inner`'s connections, with a server whose certificate has that name (a DNS name or
    /// an address) unless `tls` has a name of its own.
    #[must_use]
    pub fn new(inner: impl Connect, tls: ClientTls, name: impl Into<String>) -> Self {
        Self { inner: Box::new(inner), tls, name: name.into() }
    }
}

impl Connect for Tls {
    fn connect(&self) -> Connecting<'_> {
        Box::pin(async {
            let stream = self.inner.connect().await?;
            let stream = self.tls.connect(&self.name, stream).await?;
            Ok(Box::new(stream) as Box<dyn Stream>)
        })
    }

    fn name(&self) -> String {
        self.inner.name()
    }

    fn is_secure(&self) -> bool {
        true
    }

    fn set_tcp_options(&mut self, options: &tcp::Options) {
        self.inner.set_tcp_options(options);
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("name", &self.name).finish_non_exhaustive()
    }
}
