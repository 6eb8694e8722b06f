//! Tokens that a service account signs itself (RFC 7519, RS256), as Google's servers and others
//! take them: no server of tokens is asked.
//!
//! Signing is ring's. Tokens that something else makes are `tokens`'.

use crate::tokens::{EXPIRY_MARGIN, bearer};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use protocall_core::credentials::Fetching;
use protocall_core::{CallCredentials, CallTarget, Metadata, Status};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use std::collections::HashMap;
use std::fmt;
use std::future::ready;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long a token is good: the longest that Google's servers take.
const LIFETIME: Duration = Duration::from_secs(3600);
/// Audiences whose tokens are kept: services that one program calls with one account.
const MOST_KEPT: usize = 100;

/// A service account's key: signs a token for each service that is called, with the service's URL
/// as its audience, good for an hour and kept for nearly as long.
///
/// ```no_run
/// use protocall_channel::{Channel, ServiceAccount};
///
/// # fn channel(private_key: &str) -> Result<Channel, Box<dyn std::error::Error>> {
/// // `client_email`, `private_key_id` and `private_key` of the account's JSON file
/// let account = ServiceAccount::new("robot@example.com", "key-1", private_key)?;
/// let channel = Channel::builder("https://pubsub.googleapis.com")?.credentials(account).build();
/// # Ok(channel) }
/// ```
pub struct ServiceAccount {
    email: String,
    key_id: String,
    key: RsaKeyPair,
    random: SystemRandom,
    kept: Mutex<HashMap<String, (Metadata, Instant)>>,
}

/// Why a service account's key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidKey {
    /// It is not PEM with a `PRIVATE KEY` (PKCS #8) in it.
    NotPem,
    /// It is no RSA key of 2048 to 8192 bits.
    NotRsa,
}

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotPem => "the key is not PEM with a PRIVATE KEY (PKCS #8) in it",
            Self::NotRsa => "the key is no RSA key of 2048 to 8192 bits",
        })
    }
}

impl std::error::Error for InvalidKey {}

impl ServiceAccount {
    /// An account by its address, the id of its key, and the key as PEM.
    ///
    /// # Errors
    /// [`InvalidKey`] when the key cannot be used.
    pub fn new(
        email: impl Into<String>,
        key_id: impl Into<String>,
        private_key: &str,
    ) -> Result<Self, InvalidKey> {
        let body = private_key
            .split_once("-----BEGIN PRIVATE KEY-----")
            .and_then(|(_, rest)| rest.split_once("-----END PRIVATE KEY-----"))
            .ok_or(InvalidKey::NotPem)?
            .0;
        let body: String = body.split_whitespace().collect();
        let der = STANDARD.decode(body).map_err(|_| InvalidKey::NotPem)?;
        let key = RsaKeyPair::from_pkcs8(&der).map_err(|_| InvalidKey::NotRsa)?;
        let (email, key_id, random) = (email.into(), key_id.into(), SystemRandom::new());
        Ok(Self { email, key_id, key, random, kept: Mutex::default() })
    }

    fn token(&self, audience: &str) -> Result<Metadata, Status> {
        let now = Instant::now();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((metadata, until)) = kept.get(audience)
            && *until > now
        {
            return Ok(metadata.clone());
        }
        let metadata = bearer(&self.sign(audience, SystemTime::now())?)?;
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        let until = now + LIFETIME.saturating_sub(EXPIRY_MARGIN);
        kept.insert(audience.to_owned(), (metadata.clone(), until));
        Ok(metadata)
    }

    /// A signed token: header, claims and signature, in base64 with dots between them.
    fn sign(&self, audience: &str, now: SystemTime) -> Result<String, Status> {
        let issued = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let header = format!(r#"{{"alg":"RS256","typ":"JWT","kid":{}}}"#, quoted(&self.key_id));
        let claims = format!(
            r#"{{"iss":{email},"sub":{email},"aud":{},"iat":{issued},"exp":{}}}"#,
            quoted(audience),
            issued + LIFETIME.as_secs(),
            email = quoted(&self.email),
        );
        let mut token = URL_SAFE_NO_PAD.encode(header);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &self.random, token.as_bytes(), &mut signature)
            .map_err(|_| Status::internal("the token could not be signed"))?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

/// A string of JSON (RFC 8259 section 7).
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\0'..='\x1f' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

impl CallCredentials for ServiceAccount {
    fn metadata<'a>(&'a self, call: &'a CallTarget) -> Fetching<'a> {
        Box::pin(ready(self.token(&call.service_url())))
    }
}

impl fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceAccount").field("email", &self.email).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
