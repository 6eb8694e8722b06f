//! Call credentials: metadata that proves to a server who calls.
//!
//! What they are, not when they are asked: `protocall-channel` asks them for each call, and keeps
//! them off connections that others could read.

use crate::metadata::MetadataError;
use crate::{Metadata, Path, Status};
use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;

/// Metadata being fetched, such as a token from a server of tokens.
pub type Fetching<'a> = Pin<Box<dyn Future<Output = Result<Metadata, Status>> + Send + 'a>>;

/// Yields the metadata that goes with each call. Asked once a call, so what is costly to fetch is
/// kept by the implementation.
pub trait CallCredentials: Send + Sync + 'static {
    /// The metadata for a call; added behind the call's own.
    ///
    /// # Errors
    /// The status that the call ends with. Codes that only a server's application should give
    /// become `INTERNAL` (gRFC A54).
    fn metadata<'a>(&'a self, call: &'a CallTarget) -> Fetching<'a>;

    /// Whether the metadata may go over connections that others can read. It may not unless this
    /// says so.
    fn allows_plaintext(&self) -> bool {
        false
    }
}

/// What call credentials learn of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallTarget {
    /// Which method is called.
    pub path: Path,
    /// The value of `:authority`.
    pub authority: Arc<str>,
}

impl CallTarget {
    /// A call with that path, to a server of that authority.
    #[must_use]
    pub const fn new(path: Path, authority: Arc<str>) -> Self {
        Self { path, authority }
    }

    /// The audience of tokens for this call: `https://host/package.Service`, without port 443.
    #[must_use]
    pub fn service_url(&self) -> String {
        let host = self.authority.strip_suffix(":443").unwrap_or(&self.authority);
        format!("https://{host}/{}", self.path.service())
    }
}

/// Call credentials as channels and calls hold them; cheap to clone.
#[derive(Clone)]
pub struct Credentials {
    source: Arc<dyn CallCredentials>,
    plaintext: bool,
}

impl Credentials {
    /// Those credentials.
    #[must_use]
    pub fn new(source: impl CallCredentials) -> Self {
        let plaintext = source.allows_plaintext();
        Self { source: Arc::new(source), plaintext }
    }

    /// A token that is the same for all calls: `authorization: Bearer <token>` (RFC 6750).
    ///
    /// # Errors
    /// [`MetadataError`] when the token has other characters than printable ASCII.
    pub fn bearer(token: &str) -> Result<Self, MetadataError> {
        let mut metadata = Metadata::new();
        metadata.append("authorization", &format!("Bearer {token}"))?;
        Ok(Self::new(Fixed(metadata)))
    }

    /// What a function yields for each call.
    ///
    /// ```
    /// use protocall_core::{Credentials, Metadata, Status};
    ///
    /// let credentials = Credentials::from_fn(|call| async move {
    ///     let mut metadata = Metadata::new();
    ///     let added = metadata.append("x-audience", &call.service_url());
    ///     added.map_err(|error| Status::internal(error.to_string()))?;
    ///     Ok(metadata)
    /// });
    /// # let _ = credentials;
    /// ```
    #[must_use]
    pub fn from_fn<F, Fut>(fetch: F) -> Self
    where
        F: Fn(CallTarget) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Metadata, Status>> + Send + 'static,
    {
        Self::new(Function(fetch))
    }

    /// The same credentials, also for connections that others can read. Whoever reads them can
    /// call in the caller's name: for tests, or where something else encrypts.
    #[must_use]
    pub fn allow_plaintext(mut self) -> Self {
        self.plaintext = true;
        self
    }

    /// Whether they may go over connections that others can read.
    #[must_use]
    pub const fn allows_plaintext(&self) -> bool {
        self.plaintext
    }

    /// The metadata for a call.
    ///
    /// # Errors
    /// The status that the call ends with.
    ///
    /// # Cancel safety
    /// As the source's own.
    pub async fn fetch(&self, call: &CallTarget) -> Result<Metadata, Status> {
        self.source.metadata(call).await.map_err(permitted)
    }
}

/// Codes that speak of a server's data are not for credentials to give (gRFC A54).
fn permitted(status: Status) -> Status {
    use crate::Code::{
        Aborted, AlreadyExists, DataLoss, FailedPrecondition, InvalidArgument, NotFound, Ok,
        OutOfRange,
    };
    let code = status.code();
    match code {
        Ok | InvalidArgument | NotFound | AlreadyExists | FailedPrecondition | Aborted
        | OutOfRange | DataLoss => Status::internal(format!(
            "the call's credentials failed with {code:?}, which is not theirs to give: {}",
            status.message()
        ))
        .with_source(Arc::new(status)),
        _ => status,
    }
}

impl<S: CallCredentials> From<S> for Credentials {
    fn from(source: S) -> Self {
        Self::new(source)
    }
}

impl PartialEq for Credentials {
    /// Whether both are clones of the same.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.source, &other.source) && self.plaintext == other.plaintext
    }
}

impl Eq for Credentials {}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // secrets stay out of logs
        f.debug_struct("Credentials").field("plaintext", &self.plaintext).finish_non_exhaustive()
    }
}

struct Fixed(Metadata);

impl CallCredentials for Fixed {
    fn metadata<'a>(&'a self, _: &'a CallTarget) -> Fetching<'a> {
        Box::pin(ready(Ok(self.0.clone())))
    }
}

struct Function<F>(F);

impl<F, Fut> CallCredentials for Function<F>
where
    F: Fn(CallTarget) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Metadata, Status>> + Send + 'static,
{
    fn metadata<'a>(&'a self, call: &'a CallTarget) -> Fetching<'a> {
        Box::pin((self.0)(call.clone()))
    }
}

#[cfg(test)]
mod tests;
