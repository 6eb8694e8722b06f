//! TLS by rustls, for both ends of a connection: certificates, ALPN, identities, replacement.
//!
//! HTTP/2 is the only protocol that is offered or accepted (ALPN `h2`, RFC 9113 section 3.2), at
//! TLS 1.2 or 1.3. Whatever is not settled here is, by giving rustls' own configuration.

mod client;
mod explain;
mod pem;
mod server;

pub use client::{ClientStream, ClientTls};
pub use rustls;
pub use server::{
    DEFAULT_HANDSHAKE_TIMEOUT, DEFAULT_MAX_HANDSHAKES, HandshakeObserver, ServerStream, ServerTls,
};

use rustls::crypto::CryptoProvider;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// The name of HTTP/2 in ALPN (RFC 9113 section 3.1).
const H2: &[u8] = b"h2";

/// Why certificates, keys or settings cannot be used.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TlsError {
    /// A text is not the PEM that it should be.
    Pem {
        /// What was looked for: `"certificate"` or `"private key"`.
        what: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// rustls takes the certificate, key or setting for unusable; also when a key does not belong
    /// to its certificate.
    Unusable {
        /// What rustls was given.
        what: &'static str,
        /// Its reason.
        source: rustls::Error,
    },
    /// The platform has no certificate authorities that can be read.
    PlatformRoots(String),
    /// No cryptography was compiled in, and the application has installed none.
    NoProvider,
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pem { what, reason } => write!(f, "cannot read the {what} from PEM: {reason}"),
            Self::Unusable { what, source } => write!(f, "cannot use the {what}: {source}"),
            Self::PlatformRoots(reason) => write!(
                f,
                "the platform has no certificate authorities to trust: {reason}; name them with \
                 ClientTls::with_roots"
            ),
            Self::NoProvider => f.write_str(
                "TLS has no cryptography: switch on the feature `tls` or `tls-aws-lc`, or install \
                 a default rustls::crypto::CryptoProvider",
            ),
        }
    }
}

impl Error for TlsError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unusable { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// The cryptography to use: what the application installed, or else what was compiled in.
fn provider() -> Result<Arc<CryptoProvider>, TlsError> {
    if let Some(installed) = CryptoProvider::get_default() {
        return Ok(Arc::clone(installed));
    }
    compiled_in().map(Arc::new).ok_or(TlsError::NoProvider)
}

/// aws-lc-rs before ring: it is on only where somebody asked for it.
#[cfg(feature = "tls-aws-lc")]
#[allow(clippy::unnecessary_wraps, reason = "without a provider there is none")]
fn compiled_in() -> Option<CryptoProvider> {
    Some(rustls::crypto::aws_lc_rs::default_provider())
}

#[cfg(all(feature = "tls", not(feature = "tls-aws-lc")))]
#[allow(clippy::unnecessary_wraps, reason = "without a provider there is none")]
fn compiled_in() -> Option<CryptoProvider> {
    Some(rustls::crypto::ring::default_provider())
}

#[cfg(not(any(feature = "tls", feature = "tls-aws-lc")))]
const fn compiled_in() -> Option<CryptoProvider> {
    None
}
