//! Who the other end of a connection proved to be.
//!
//! Data only: certificates are checked during the handshake, by [`io::tls`](crate::io).

use bytes::Bytes;

/// What a client proved by its TLS certificate, which the server has checked against the
/// authorities it trusts. Empty when the client showed none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerIdentity {
    certificates: Vec<Bytes>,
    dns_names: Vec<String>,
    uri_names: Vec<String>,
}

impl PeerIdentity {
    /// An identity of that chain, which somebody has checked, and of the names in its first
    /// certificate.
    #[must_use]
    pub const fn new(
        certificates: Vec<Bytes>,
        dns_names: Vec<String>,
        uri_names: Vec<String>,
    ) -> Self {
        Self { certificates, dns_names, uri_names }
    }

    /// The chain as the peer sent it, its own certificate first, each in DER.
    #[must_use]
    pub fn certificates(&self) -> &[Bytes] {
        &self.certificates
    }

    /// The DNS names among the subject's alternative names (RFC 5280 section 4.2.1.6).
    #[must_use]
    pub fn dns_names(&self) -> &[String] {
        &self.dns_names
    }

    /// The URIs among the subject's alternative names, such as a SPIFFE ID.
    #[must_use]
    pub fn uri_names(&self) -> &[String] {
        &self.uri_names
    }

    /// Whether the peer showed no certificate.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }
}
