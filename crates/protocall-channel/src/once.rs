//! Calls for scripts that keep no channel: target, settings and call in one expression.
//! It is a channel all the same, which lives as long as the client that it is made for.

use crate::channel::{Builder, Channel};
use crate::target::InvalidTarget;
use protocall_core::{Compression, Credentials, Metadata, Status};
use protocall_transport::intercept::{Beginning, Interceptor};
use std::time::Duration;

/// A call that keeps no channel: what Python's gRPC has as `Service.Method(request, target, ..)`.
///
/// Each makes a connection of its own and closes it behind the call. A program that calls twice
/// keeps a [`Channel`] instead.
///
/// ```no_run
/// # struct HelloServiceClient(protocall_channel::Channel);
/// # impl HelloServiceClient {
/// #     fn new(channel: protocall_channel::Channel) -> Self { Self(channel) }
/// #     async fn send_message(&self, _: &str) -> Result<(), protocall_core::Status> { Ok(()) }
/// # }
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use protocall_channel::OneShot;
/// use std::time::Duration;
///
/// let response = OneShot::to("http://localhost:50051")
///     .timeout(Duration::from_secs(5))
///     .client(HelloServiceClient::new)?
///     .send_message("World")
///     .await?;
/// # Ok(()) }
/// ```
///
/// | Python | here |
/// |---|---|
/// | `target`, `insecure` | [`OneShot::to`]: `https://` is TLS, `http://` and no scheme are not |
/// | `options` | [`OneShot::options`] |
/// | `channel_credentials` | [`OneShot::options`], with the builder's `tls` |
/// | `call_credentials` | [`OneShot::credentials`] |
/// | `compression` | [`OneShot::compression`] |
/// | `wait_for_ready` | [`OneShot::wait_for_ready`] |
/// | `timeout` | [`OneShot::timeout`] |
/// | `metadata` | [`OneShot::metadata`] |
#[derive(Debug)]
#[must_use = "nothing is called before a client's method is"]
pub struct OneShot {
    builder: Result<Builder, InvalidTarget>,
}

impl OneShot {
    /// To a target, in the forms of [`Target::parse`](crate::target::Target::parse); one that
    /// cannot be read is an error of [`OneShot::client`].
    pub fn to(target: &str) -> Self {
        Self { builder: Channel::builder(target) }
    }

    /// Any setting of a channel.
    pub fn options(self, set: impl FnOnce(Builder) -> Builder) -> Self {
        Self { builder: self.builder.map(set) }
    }

    /// What proves to the server who calls.
    pub fn credentials(self, credentials: impl Into<Credentials>) -> Self {
        self.options(|builder| builder.credentials(credentials))
    }

    /// What requests are compressed with.
    pub fn compression(self, compression: Compression) -> Self {
        self.options(|builder| builder.compression(compression))
    }

    /// Whether the call waits for a server that is not there yet, instead of failing with
    /// `UNAVAILABLE`; it does not unless set.
    pub fn wait_for_ready(self, wait: bool) -> Self {
        self.options(|builder| builder.wait_for_ready(wait))
    }

    /// How long the call may take, connecting included; no limit unless set.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.options(|builder| builder.timeout(timeout))
    }

    /// Metadata for the call, behind its own.
    pub fn metadata(self, metadata: Metadata) -> Self {
        self.options(|builder| builder.metadata(metadata))
    }

    /// The client to make the call with: `HelloServiceClient::new` is what `make` usually is.
    ///
    /// # Errors
    /// [`InvalidTarget`] when the target cannot be read.
    pub fn client<C>(self, make: impl FnOnce(Channel) -> C) -> Result<C, InvalidTarget> {
        Ok(make(self.builder?.build()))
    }
}

/// Adds the same metadata to every call.
pub(crate) struct WithMetadata(pub(crate) Metadata);

impl Interceptor for WithMetadata {
    async fn begin(&self, call: &mut Beginning) -> Result<(), Status> {
        call.metadata_mut().extend(&self.0);
        Ok(())
    }
}
