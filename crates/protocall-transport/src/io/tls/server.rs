//! The server's end of TLS: its certificate, whom it asks for theirs, and its handshakes.
//!
//! When handshakes run, and how many at once, is `protocall-server`'s business.

use super::{H2, TlsError, explain, pem, provider};
use crate::io::Transport;
use crate::message::{PeerAddr, PeerIdentity};
use bytes::Bytes;
use rustls::pki_types::CertificateDer;
use rustls::server::{ServerConfig, WebPkiClientVerifier};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

/// How long a handshake may take: many round trips to the other side of the world, and short
/// enough that clients which never finish hold little.
pub const DEFAULT_HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Handshakes at once: each holds some 50 KiB, and a machine's cores do not finish more in time.
pub const DEFAULT_MAX_HANDSHAKES: usize = 1024;
/// How long a client that was refused is listened to.
const LINGER: Duration = Duration::from_secs(1);

/// A connection after the server's handshake.
pub type ServerStream<S> = tokio_rustls::server::TlsStream<S>;

/// Told of each handshake that fails: the client's address and the reason.
pub type HandshakeObserver = Arc<dyn Fn(&PeerAddr, &io::Error) + Send + Sync>;

/// How a server speaks TLS. Clones share their certificate: replaced in one, it is replaced in all.
#[derive(Clone)]
pub struct ServerTls {
    shared: Arc<Mutex<Current>>,
    handshake_timeout: Duration,
    max_handshakes: usize,
    observer: Option<HandshakeObserver>,
}

/// What new handshakes use.
struct Current {
    config: Arc<ServerConfig>,
    /// What `config` was made from; `None` when it was given whole.
    parts: Option<Parts>,
}

#[derive(Clone)]
struct Parts {
    key: Arc<CertifiedKey>,
    clients: Clients,
}

/// Whether clients show certificates, and whose are trusted.
#[derive(Clone)]
enum Clients {
    NotAsked,
    Asked { roots: Arc<rustls::RootCertStore>, required: bool },
}

/// A client that gets no connection, and what is left to say goodbye over.
struct Refused {
    error: io::Error,
    left: Box<dyn Transport>,
}

impl ServerTls {
    /// Serves with that certificate chain, the server's own certificate first, and its private key
    /// (PKCS#8, PKCS#1 or SEC1), both in PEM.
    ///
    /// # Errors
    /// [`TlsError`] when one cannot be read or the key does not belong to the certificate.
    pub fn from_pem(chain: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<Self, TlsError> {
        let key = pem::certified_key(chain.as_ref(), key.as_ref(), &*provider()?)?;
        let parts = Parts { key, clients: Clients::NotAsked };
        Ok(Self::new(Current { config: parts.config()?, parts: Some(parts) }))
    }

    /// Serves with rustls' own configuration, for all that has no name here. ALPN is set to `h2`.
    #[must_use]
    pub fn from_config(config: Arc<ServerConfig>) -> Self {
        Self::new(Current { config: with_h2(config), parts: None })
    }

    fn new(current: Current) -> Self {
        Self {
            shared: Arc::new(Mutex::new(current)),
            handshake_timeout: DEFAULT_HANDSHAKE_TIMEOUT,
            max_handshakes: DEFAULT_MAX_HANDSHAKES,
            observer: None,
        }
    }

    /// Asks clients for a certificate of one of these authorities (PEM) and takes none without
    /// (mutual TLS). The result shares its certificate with no clone that was made before.
    ///
    /// # Errors
    /// [`TlsError`] when the authorities cannot be read, or rustls' own configuration was given:
    /// it holds them already.
    pub fn client_ca(self, pem: impl AsRef<[u8]>) -> Result<Self, TlsError> {
        self.ask_clients(pem.as_ref(), true)
    }

    /// As [`ServerTls::client_ca`], but clients may also come without a certificate; handlers tell
    /// them apart by their identity.
    ///
    /// # Errors
    /// As [`ServerTls::client_ca`].
    pub fn optional_client_ca(self, pem: impl AsRef<[u8]>) -> Result<Self, TlsError> {
        self.ask_clients(pem.as_ref(), false)
    }

    fn ask_clients(mut self, pem: &[u8], required: bool) -> Result<Self, TlsError> {
        let roots = Arc::new(pem::roots(pem)?);
        let mut parts = self.lock().parts.clone().ok_or_else(given_whole)?;
        parts.clients = Clients::Asked { roots, required };
        let current = Current { config: parts.config()?, parts: Some(parts) };
        self.shared = Arc::new(Mutex::new(current));
        Ok(self)
    }

    /// How long a handshake may take; 10 s unless set.
    #[must_use]
    pub const fn handshake_timeout(mut self, timeout: Duration) -> Self {
        self.handshake_timeout = timeout;
        self
    }

    /// How many handshakes may run at once, at least one; 1024 unless set. One more ends the one
    /// that has lasted longest, so that clients which never finish keep no others out.
    #[must_use]
    pub fn max_handshakes(mut self, count: usize) -> Self {
        self.max_handshakes = count.max(1);
        self
    }

    /// Tells of handshakes that fail, for logs: no handler ever hears of them.
    #[must_use]
    pub fn on_handshake_error(
        mut self,
        observer: impl Fn(&PeerAddr, &io::Error) + Send + Sync + 'static,
    ) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Replaces certificate and key, for handshakes from now on; connections go on with the old
    /// ones. Works on a clone of what a server was given, while it serves.
    ///
    /// # Errors
    /// [`TlsError`] as for [`ServerTls::from_pem`]; the old ones stay in use.
    pub fn replace(&self, chain: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<(), TlsError> {
        let mut current = self.lock();
        let key =
            pem::certified_key(chain.as_ref(), key.as_ref(), current.config.crypto_provider())?;
        if let Some(parts) = &mut current.parts {
            parts.key = Arc::clone(&key);
        }
        let mut config = ServerConfig::clone(&current.config);
        config.cert_resolver = Arc::new(resolver(&key));
        current.config = Arc::new(config);
        Ok(())
    }

    /// Replaces the authorities of client certificates, for handshakes from now on; sessions that
    /// clients made before cannot be resumed.
    ///
    /// # Errors
    /// [`TlsError`] when they cannot be read, or clients are not asked for certificates; the old
    /// ones stay in use.
    pub fn replace_client_ca(&self, pem: impl AsRef<[u8]>) -> Result<(), TlsError> {
        let trusted = Arc::new(pem::roots(pem.as_ref())?);
        let mut current = self.lock();
        let mut parts = current.parts.clone().ok_or_else(given_whole)?;
        let Clients::Asked { roots, .. } = &mut parts.clients else {
            let source = rustls::Error::General("clients are not asked for certificates".into());
            return Err(TlsError::Unusable { what: "client authorities", source });
        };
        *roots = trusted;
        *current = Current { config: parts.config()?, parts: Some(parts) };
        Ok(())
    }

    /// Replaces everything, for handshakes from now on.
    pub fn replace_config(&self, config: Arc<ServerConfig>) {
        *self.lock() = Current { config: with_h2(config), parts: None };
    }

    /// How many handshakes may run at once.
    #[must_use]
    pub const fn handshake_limit(&self) -> usize {
        self.max_handshakes
    }

    /// Does the server's part of a handshake, and says who the client proved to be.
    ///
    /// # Errors
    /// Why there is no connection: the client broke TLS, has no acceptable certificate, does not
    /// speak HTTP/2, or took too long. The observer has been told.
    ///
    /// # Cancel safety
    /// Dropping the future closes the connection.
    pub async fn accept<S: Transport>(
        &self,
        stream: S,
        peer: &PeerAddr,
    ) -> io::Result<(ServerStream<S>, PeerIdentity)> {
        let timeout = self.handshake_timeout;
        let (error, left) = match tokio::time::timeout(timeout, self.handshake(stream)).await {
            Ok(Ok(accepted)) => return Ok(accepted),
            Ok(Err(Refused { error, left })) => (error, Some(left)),
            Err(_elapsed) => {
                let text = format!("no TLS handshake within {timeout:?}");
                (io::Error::new(io::ErrorKind::TimedOut, text), None)
            }
        };
        if let Some(observer) = &self.observer {
            observer(peer, &error);
        }
        if let Some(left) = left {
            linger(left).await;
        }
        Err(error)
    }

    async fn handshake<S: Transport>(
        &self,
        stream: S,
    ) -> Result<(ServerStream<S>, PeerIdentity), Refused> {
        let config = Arc::clone(&self.lock().config);
        let accepted = TlsAcceptor::from(config).accept(stream).into_fallible().await;
        let stream = accepted.map_err(|(error, left)| Refused {
            error: explain::at_server(&error),
            left: Box::new(left),
        })?;
        let session = stream.get_ref().1;
        // a client that offers no protocol at all gets this far
        if session.alpn_protocol() != Some(H2) {
            let error = explain::no_h2("client", session.alpn_protocol());
            return Err(Refused { error, left: Box::new(stream) });
        }
        let identity = session.peer_certificates().map(identity).unwrap_or_default();
        Ok((stream, identity))
    }

    fn lock(&self) -> MutexGuard<'_, Current> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // keys stay out of logs
        f.debug_struct("ServerTls")
            .field("handshake_timeout", &self.handshake_timeout)
            .field("max_handshakes", &self.max_handshakes)
            .finish_non_exhaustive()
    }
}

impl Parts {
    fn config(&self) -> Result<Arc<ServerConfig>, TlsError> {
        let unusable = |what| move |source| TlsError::Unusable { what, source };
        let provider = provider()?;
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(unusable("cryptography"))?;
        let builder = match &self.clients {
            Clients::NotAsked => builder.with_no_client_auth(),
            Clients::Asked { roots, required } => {
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::clone(roots), provider);
                let verifier = if *required { verifier } else { verifier.allow_unauthenticated() };
                let verifier = verifier.build().map_err(|error| TlsError::Unusable {
                    what: "client authorities",
                    source: rustls::Error::General(error.to_string()),
                })?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let config = builder.with_cert_resolver(Arc::new(resolver(&self.key)));
        Ok(with_h2(Arc::new(config)))
    }
}

/// Says goodbye and reads what the client still sends: bytes that nobody reads would turn the close
/// into a reset, which takes the alert that says what is wrong from the client.
async fn linger(mut stream: impl Transport) {
    let goodbye = async {
        // one that fails changes nothing
        let _ = stream.shutdown().await;
        let mut unread = [0; 1024];
        while matches!(stream.read(&mut unread).await, Ok(1..)) {}
    };
    let _ = tokio::time::timeout(LINGER, goodbye).await;
}

fn resolver(key: &CertifiedKey) -> SingleCertAndKey {
    SingleCertAndKey::from(key.clone())
}

/// The same configuration with HTTP/2 as its only protocol.
fn with_h2(config: Arc<ServerConfig>) -> Arc<ServerConfig> {
    if config.alpn_protocols == [H2] {
        return config;
    }
    let mut config = Arc::unwrap_or_clone(config);
    config.alpn_protocols = vec![H2.to_vec()];
    Arc::new(config)
}

fn given_whole() -> TlsError {
    let source = rustls::Error::General("rustls' own configuration holds them already".into());
    TlsError::Unusable { what: "client authorities", source }
}

/// What a chain that was verified says of its owner.
fn identity(chain: &[CertificateDer<'_>]) -> PeerIdentity {
    let own = chain.first().and_then(|first| webpki::EndEntityCert::try_from(first).ok());
    let owned = |name: &str| name.to_owned();
    let (dns, uri) = own.map_or_else(Default::default, |own| {
        (own.valid_dns_names().map(owned).collect(), own.valid_uri_names().map(owned).collect())
    });
    let chain = chain.iter().map(|one| Bytes::copy_from_slice(one)).collect();
    PeerIdentity::new(chain, dns, uri)
}
