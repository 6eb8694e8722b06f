//! Bearer tokens that expire: fetched by the application, kept while they last.
//! What credentials are is `protocall-core`'s part; tokens that are made here are `jwt`'s.

use protocall_core::credentials::Fetching;
use protocall_core::{CallCredentials, CallTarget, Metadata, Status};
use std::future::Future;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// A token is fetched again when it lasts for less than this: it must still be good when the call
/// that carries it arrives, on a server whose clock may be ahead.
pub const EXPIRY_MARGIN: Duration = Duration::from_secs(60);

/// A bearer token (RFC 6750) as its source gives it.
#[derive(Clone)]
pub struct Token {
    value: String,
    lasts: Option<Duration>,
}

impl Token {
    /// A token that is good for so long from now on; `None`: for ever.
    #[must_use]
    pub fn new(value: impl Into<String>, lasts: Option<Duration>) -> Self {
        Self { value: value.into(), lasts }
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // secrets stay out of logs
        f.debug_struct("Token").field("lasts", &self.lasts).finish_non_exhaustive()
    }
}

/// Call credentials of tokens that expire: `authorization: Bearer <token>`, from a function that
/// is asked when there is no token that lasts. While one is fetched, calls wait for it; a fetch
/// that fails fails the calls that wait, and the next call tries again.
///
/// ```
/// use protocall_channel::{Channel, RefreshedToken, Token};
/// use std::time::Duration;
///
/// # fn channel() -> Result<Channel, Box<dyn std::error::Error>> {
/// let tokens = RefreshedToken::new(|| async {
///     // ask a server of tokens, read a file that something else renews, ..
///     Ok(Token::new("4711", Some(Duration::from_secs(3600))))
/// });
/// let channel = Channel::builder("https://api.example.com")?.credentials(tokens).build();
/// # Ok(channel) }
/// ```
pub struct RefreshedToken<F> {
    fetch: F,
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    metadata: Metadata,
    until: Option<Instant>,
}

impl<F, Fut> RefreshedToken<F>
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Token, Status>> + Send + 'static,
{
    /// Tokens that this function fetches.
    #[must_use]
    pub fn new(fetch: F) -> Self {
        Self { fetch, kept: Mutex::default() }
    }
}

impl<F, Fut> CallCredentials for RefreshedToken<F>
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Token, Status>> + Send + 'static,
{
    fn metadata<'a>(&'a self, _: &'a CallTarget) -> Fetching<'a> {
        Box::pin(async {
            let mut kept = self.kept.lock().await;
            let now = Instant::now();
            if let Some(kept) = &*kept
                && kept.until.is_none_or(|until| until > now)
            {
                return Ok(kept.metadata.clone());
            }
            let token = (self.fetch)().await?;
            let metadata = bearer(&token.value)?;
            // counted from before it was fetched; one beyond the clock's range lasts for ever
            let until =
                token.lasts.and_then(|lasts| now.checked_add(lasts.saturating_sub(EXPIRY_MARGIN)));
            *kept = Some(Kept { metadata: metadata.clone(), until });
            Ok(metadata)
        })
    }
}

impl<F> std::fmt::Debug for RefreshedToken<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefreshedToken").finish_non_exhaustive()
    }
}

/// The metadata that carries a token.
pub(crate) fn bearer(token: &str) -> Result<Metadata, Status> {
    let mut metadata = Metadata::new();
    let added = metadata.append("authorization", &format!("Bearer {token}"));
    // the error would repeat nothing of the token
    added.map_err(|_| Status::unauthenticated("the token has characters that no header can"))?;
    Ok(metadata)
}

#[cfg(test)]
mod tests;
