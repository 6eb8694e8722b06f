//! Certificates and keys from PEM (RFC 7468).

use super::TlsError;
use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use std::sync::Arc;

const CERTIFICATE: &str = "certificate";
const KEY: &str = "private key";

/// All certificates of a text; at least one.
pub(super) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let error = |reason| TlsError::Pem { what: CERTIFICATE, reason };
    match found {
        Ok(found) if found.is_empty() => Err(error("there is none in the text".to_owned())),
        Ok(found) => Ok(found),
        Err(reason) => Err(error(reason.to_string())),
    }
}

/// A chain, the end's own certificate first, with its key; checked to belong together.
pub(super) fn certified_key(
    chain: &[u8],
    key: &[u8],
    provider: &CryptoProvider,
) -> Result<Arc<CertifiedKey>, TlsError> {
    let chain = certificates(chain)?;
    let key = PrivateKeyDer::from_pem_slice(key)
        .map_err(|reason| TlsError::Pem { what: KEY, reason: reason.to_string() })?;
    let certified = CertifiedKey::from_der(chain, key, provider);
    let what = "certificate with its private key";
    certified.map(Arc::new).map_err(|source| TlsError::Unusable { what, source })
}

/// Authorities to trust; each certificate of the text must be usable as one.
pub(super) fn roots(pem: &[u8]) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem)? {
        let what = "certificate as an authority";
        roots.add(certificate).map_err(|source| TlsError::Unusable { what, source })?;
    }
    Ok(roots)
}
