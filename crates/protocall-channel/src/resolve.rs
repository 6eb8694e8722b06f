//! From a target to addresses.

use crate::target::Target;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;

/// A resolution under way.
pub type Resolving<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>>;

/// Finds the addresses of a target.
pub trait Resolve: Send + Sync + 'static {
    /// All addresses of the target, in the order in which they are to be tried; never none.
    ///
    /// # Errors
    /// What keeps the target from being resolved; the channel tries again after its backoff.
    fn resolve<'a>(&'a self, target: &'a Target) -> Resolving<'a>;
}

/// Asks the operating system, as other programs on the machine do.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, target: &'a Target) -> Resolving<'a> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((target.host(), target.port())).await?;
            let found: Vec<SocketAddr> = found.collect();
            if found.is_empty() {
                return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
            }
            Ok(found)
        })
    }
}
