//! The client's end of TLS: whom it trusts, what it shows, and its handshake.

use super::{H2, TlsError, explain, pem, provider};
use crate::io::Transport;
use rustls::RootCertStore;
use rustls::client::{ClientConfig, ResolvesClientCert};
use rustls::pki_types::ServerName;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_rustls::TlsConnector;

/// A connection after the client's handshake.
pub type ClientStream<S> = tokio_rustls::client::TlsStream<S>;

/// How a client speaks TLS. Clones share roots and identity: replaced in one, they are replaced in
/// all.
#[derive(Clone)]
pub struct ClientTls {
    shared: Arc<Mutex<Current>>,
    server_name: Option<Arc<str>>,
}

/// What the next handshake uses.
#[derive(Clone, Default)]
struct Current {
    roots: Roots,
    identity: Option<Arc<CertifiedKey>>,
    /// Made when the first handshake needs it, and kept for its sessions.
    config: Option<Arc<ClientConfig>>,
}

/// The authorities that may vouch for servers.
#[derive(Clone, Default)]
enum Roots {
    /// The operating system's, read when they are first needed.
    #[default]
    Platform,
    Given(Arc<RootCertStore>),
}

impl Default for ClientTls {
    fn default() -> Self {
        Self::new()
    }
}

impl ClientTls {
    /// Trusts the authorities that the operating system trusts. They are read at the first
    /// handshake; `SSL_CERT_FILE` and `SSL_CERT_DIR` name others, as for OpenSSL.
    #[must_use]
    pub fn new() -> Self {
        Self::of(Current::default())
    }

    /// Trusts these authorities (PEM, one or more) and no others.
    ///
    /// # Errors
    /// [`TlsError`] when one cannot be read.
    pub fn with_roots(pem: impl AsRef<[u8]>) -> Result<Self, TlsError> {
        let roots = Roots::Given(Arc::new(pem::roots(pem.as_ref())?));
        Ok(Self::of(Current { roots, ..Current::default() }))
    }

    /// Uses rustls' own configuration, for all that has no name here. ALPN is set to `h2`.
    #[must_use]
    pub fn from_config(config: Arc<ClientConfig>) -> Self {
        Self::of(Current { config: Some(with_h2(config)), ..Current::default() })
    }

    fn of(current: Current) -> Self {
        Self { shared: Arc::new(Mutex::new(current)), server_name: None }
    }

    /// Shows servers that ask for it this certificate chain, the client's own certificate first,
    /// and proves to have its private key, both in PEM (mutual TLS). The result shares nothing
    /// with clones that were made before.
    ///
    /// # Errors
    /// [`TlsError`] when one cannot be read or the key does not belong to the certificate.
    pub fn identity(
        mut self,
        chain: impl AsRef<[u8]>,
        key: impl AsRef<[u8]>,
    ) -> Result<Self, TlsError> {
        let current = self.lock().clone();
        self.shared = Arc::new(Mutex::new(current));
        self.replace_identity(chain, key)?;
        Ok(self)
    }

    /// The name that the server's certificate must have, in place of the target's host; also the
    /// channel's `:authority` unless that is set, as in all gRPC clients. For tests, and for
    /// servers that are reached by address.
    #[must_use]
    pub fn server_name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.server_name = Some(name.into());
        self
    }

    /// The name that was set by [`ClientTls::server_name`].
    #[must_use]
    pub fn name_override(&self) -> Option<&str> {
        self.server_name.as_deref()
    }

    /// Replaces the certificate chain and key that are shown, for handshakes from now on.
    ///
    /// # Errors
    /// As [`ClientTls::identity`]; the old ones stay in use.
    pub fn replace_identity(
        &self,
        chain: impl AsRef<[u8]>,
        key: impl AsRef<[u8]>,
    ) -> Result<(), TlsError> {
        let key = pem::certified_key(chain.as_ref(), key.as_ref(), &*provider()?)?;
        let mut current = self.lock();
        current.identity = Some(Arc::clone(&key));
        // sessions made with the old identity must not be resumed: a session speaks for it
        current.config = current.config.take().map(|config| {
            let mut config = ClientConfig::clone(&config);
            config.client_auth_cert_resolver = shows(&key);
            config.resumption = rustls::client::Resumption::default();
            Arc::new(config)
        });
        Ok(())
    }

    /// Replaces the authorities that are trusted, for handshakes from now on; an identity stays.
    ///
    /// # Errors
    /// As [`ClientTls::with_roots`]; the old ones stay in use.
    pub fn replace_roots(&self, pem: impl AsRef<[u8]>) -> Result<(), TlsError> {
        let roots = Arc::new(pem::roots(pem.as_ref())?);
        let mut current = self.lock();
        current.roots = Roots::Given(roots);
        current.config = None;
        Ok(())
    }

    /// Replaces everything, for handshakes from now on.
    pub fn replace_config(&self, config: Arc<ClientConfig>) {
        *self.lock() = Current { config: Some(with_h2(config)), ..Current::default() };
    }

    /// Does the client's part of a handshake with the server of that name, a DNS name or an
    /// address; a name that was set takes its place.
    ///
    /// # Errors
    /// Why there is no connection, in words: an untrusted or wrong certificate, a server that
    /// refuses ours, one that speaks no TLS or no HTTP/2, or settings that cannot be used.
    ///
    /// # Cancel safety
    /// Dropping the future closes the connection.
    pub async fn connect<S: Transport>(
        &self,
        name: &str,
        stream: S,
    ) -> io::Result<ClientStream<S>> {
        let name = self.name_override().unwrap_or(name);
        let server = ServerName::try_from(name.to_owned()).map_err(|_| {
            let text = format!("{name:?} is no DNS name or address that a certificate could have");
            io::Error::new(io::ErrorKind::InvalidInput, text)
        })?;
        let config = self.config().await.map_err(io::Error::other)?;
        let connected = TlsConnector::from(config).connect(server, stream).await;
        let stream = connected.map_err(|error| explain::at_client(&error, name))?;
        match stream.get_ref().1.alpn_protocol() {
            Some(H2) => Ok(stream),
            other => Err(explain::no_h2("server", other)),
        }
    }

    async fn config(&self) -> Result<Arc<ClientConfig>, TlsError> {
        let current = self.lock().clone();
        let platform = match (current.config, current.roots) {
            (Some(config), _) => return Ok(config),
            (None, Roots::Given(_)) => None,
            // reads a file or more: not for a thread that runs other tasks
            (None, Roots::Platform) => Some(
                tokio::task::spawn_blocking(platform_roots)
                    .await
                    .map_err(|error| TlsError::PlatformRoots(error.to_string()))??,
            ),
        };
        // what was replaced meanwhile counts
        let mut current = self.lock();
        if let Some(config) = &current.config {
            return Ok(Arc::clone(config));
        }
        let roots = match (&current.roots, platform) {
            (Roots::Given(roots), _) => Arc::clone(roots),
            (Roots::Platform, Some(roots)) => roots,
            (Roots::Platform, None) => Arc::new(RootCertStore::empty()),
        };
        let identity = current.identity.clone();
        let config = build(roots, identity.as_ref())?;
        current.config = Some(Arc::clone(&config));
        Ok(config)
    }

    fn lock(&self) -> MutexGuard<'_, Current> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // keys stay out of logs
        f.debug_struct("ClientTls").field("server_name", &self.server_name).finish_non_exhaustive()
    }
}

fn build(
    roots: Arc<RootCertStore>,
    identity: Option<&Arc<CertifiedKey>>,
) -> Result<Arc<ClientConfig>, TlsError> {
    let builder = ClientConfig::builder_with_provider(provider()?)
        .with_safe_default_protocol_versions()
        .map_err(|source| TlsError::Unusable { what: "cryptography", source })?
        .with_root_certificates(roots);
    let config = match identity {
        Some(key) => builder.with_client_cert_resolver(shows(key)),
        None => builder.with_no_client_auth(),
    };
    Ok(with_h2(Arc::new(config)))
}

fn shows(key: &CertifiedKey) -> Arc<dyn ResolvesClientCert> {
    Arc::new(SingleCertAndKey::from(key.clone()))
}

/// The same configuration with HTTP/2 as its only protocol.
fn with_h2(config: Arc<ClientConfig>) -> Arc<ClientConfig> {
    if config.alpn_protocols == [H2] {
        return config;
    }
    let mut config = Arc::unwrap_or_clone(config);
    config.alpn_protocols = vec![H2.to_vec()];
    Arc::new(config)
}

fn platform_roots() -> Result<Arc<RootCertStore>, TlsError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    // stores hold odd certificates that no server's chain needs: those are left out
    let (usable, _) = roots.add_parsable_certificates(found.certs);
    if usable == 0 {
        let reasons: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
        let none = || "none were found".to_owned();
        let reason = if reasons.is_empty() { none() } else { reasons.join("; ") };
        return Err(TlsError::PlatformRoots(reason));
    }
    Ok(Arc::new(roots))
}
