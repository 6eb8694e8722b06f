//! Where the benchmark's server listens and its clients connect: TCP or a Unix socket, in the clear
//! or over TLS.
//!
//! An address is `HOST:PORT` or `unix:PATH`. With BENCH_TLS in the environment, which names a
//! folder that `bench-peer certificates` has filled, both ends speak TLS.

use crate::Failure;
use protocall::server::Builder;
use protocall::{Channel, ClientTls, ServerTls};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::path::{Path, PathBuf};

/// The files of a folder of certificates: the authority's, the server's, and the server's key.
const AUTHORITY: &str = "authority.pem";
const CHAIN: &str = "chain.pem";
const KEY: &str = "key.pem";
/// What the server's certificate names.
const NAMES: [&str; 2] = ["localhost", "127.0.0.1"];

/// The folder of certificates, where TLS is wanted.
fn certificates() -> Option<PathBuf> {
    std::env::var_os("BENCH_TLS").map(PathBuf::from)
}

/// Makes an authority and a server's certificate.
pub(crate) fn make_certificates(folder: &str) -> Result<(), Failure> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let chain = CertificateParams::new(NAMES.map(str::to_owned))?.signed_by(&key, &authority)?;
    let folder = Path::new(folder);
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join(AUTHORITY), authority.pem())?;
    std::fs::write(folder.join(CHAIN), chain.pem())?;
    std::fs::write(folder.join(KEY), key.serialize_pem())?;
    Ok(())
}

/// The server behind TLS, where that is wanted.
pub(crate) fn secured(server: Builder) -> Result<Builder, Failure> {
    let Some(folder) = certificates() else { return Ok(server) };
    let (chain, key) = (std::fs::read(folder.join(CHAIN))?, std::fs::read(folder.join(KEY))?);
    Ok(server.tls(ServerTls::from_pem(chain, key)?))
}

/// A channel of one connection to a server that is there.
pub(crate) async fn connect(addr: &str) -> Result<Channel, Failure> {
    let builder = match certificates() {
        Some(folder) => {
            let tls = ClientTls::with_roots(std::fs::read(folder.join(AUTHORITY))?)?;
            Channel::builder(&format!("https://{addr}"))?.tls(tls)
        }
        None if addr.starts_with("unix:") => Channel::builder(addr)?,
        None => Channel::builder(&format!("http://{addr}"))?,
    };
    let builder = builder.busy_poll(crate::busy_poll()).max_receive_message(usize::MAX);
    let channel = builder.build();
    channel.ready().await?;
    Ok(channel)
}
