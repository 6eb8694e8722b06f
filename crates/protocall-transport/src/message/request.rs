//! A request: one message, or a stream of them, with metadata and what belongs to its call.

use super::{Cancellation, Context, PeerAddr, PeerIdentity};
use protocall_core::{CallOptions, Compression, Credentials, Metadata, Path};
use std::time::Duration;
use tokio::time::Instant;

/// A message on its way to a server, or arrived there.
///
/// A client sets metadata and options; a handler reads metadata and the call's context: who called,
/// until when an answer is wanted, whether anybody still waits.
#[derive(Clone, Debug)]
pub struct Request<M> {
    message: M,
    metadata: Metadata,
    /// The options' timeout, as long as it is all that is set.
    timeout: Option<Duration>,
    /// Aside: a request that was received has none, and handlers keep requests in their futures,
    /// mostly more than once.
    options: Option<Box<CallOptions>>,
    context: Context,
}

impl<M> Request<M> {
    /// A request without metadata and with the channel's options.
    #[must_use]
    pub fn new(message: M) -> Self {
        Self {
            message,
            metadata: Metadata::new(),
            timeout: None,
            options: None,
            context: Context::default(),
        }
    }

    /// A request that arrived.
    #[must_use]
    pub fn received(message: M, metadata: Metadata, context: Context) -> Self {
        Self { message, metadata, timeout: None, options: None, context }
    }

    /// The message.
    pub const fn message(&self) -> &M {
        &self.message
    }

    /// The message, to change it.
    pub const fn message_mut(&mut self) -> &mut M {
        &mut self.message
    }

    /// The message alone.
    pub fn into_inner(self) -> M {
        self.message
    }

    /// The parts that a transport needs.
    pub fn into_parts(self) -> (M, Metadata, CallOptions) {
        let options = match self.options {
            Some(options) => *options,
            None => options(self.timeout),
        };
        (self.message, self.metadata, options)
    }

    /// The same request with another message.
    pub fn map<N>(self, convert: impl FnOnce(M) -> N) -> Request<N> {
        Request {
            message: convert(self.message),
            metadata: self.metadata,
            timeout: self.timeout,
            options: self.options,
            context: self.context,
        }
    }

    /// Metadata that goes, or came, in front of the messages.
    pub const fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The metadata, to change it.
    pub const fn metadata_mut(&mut self) -> &mut Metadata {
        &mut self.metadata
    }

    /// What this call has in place of the channel's settings.
    #[must_use]
    pub fn options(&self) -> CallOptions {
        self.options.as_ref().map_or_else(|| options(self.timeout), |set| (**set).clone())
    }

    /// The options, to change them.
    pub fn options_mut(&mut self) -> &mut CallOptions {
        let timeout = self.timeout.take();
        self.options.get_or_insert_with(|| Box::new(options(timeout)))
    }

    /// The same request with a limit to the whole call's time.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        match &mut self.options {
            Some(options) => options.timeout = Some(timeout),
            None => self.timeout = Some(timeout),
        }
        self
    }

    /// The same request, made for the sake of a call that this program serves: it ends at that
    /// call's deadline or its own timeout, whichever is first, and is cancelled when that call is
    /// over, be it cancelled by its client, answered or lost.
    ///
    /// ```
    /// # use protocall_transport::message::Request;
    /// # fn handler(incoming: &Request<String>) -> Request<String> {
    /// Request::new("to the next server".to_owned()).within(incoming.context())
    /// # }
    /// ```
    #[must_use]
    pub fn within(mut self, context: &Context) -> Self {
        self.context = context.clone();
        self
    }

    /// The same request, waiting for a connection (`true`) or failing without one (`false`).
    #[must_use]
    pub fn with_wait_for_ready(mut self, wait: bool) -> Self {
        self.options_mut().wait_for_ready = Some(wait);
        self
    }

    /// The same request with what proves who calls, beside the channel's own credentials.
    #[must_use]
    pub fn with_credentials(mut self, credentials: impl Into<Credentials>) -> Self {
        self.options_mut().credentials = Some(credentials.into());
        self
    }

    /// The same request with its messages compressed, or, with [`Compression::IDENTITY`], sent as
    /// they are although the channel compresses.
    #[must_use]
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.options_mut().compression = Some(compression);
        self
    }

    /// On a server: whether the call's one message came compressed. Of a stream of requests
    /// [`Streaming::was_compressed`](super::Streaming::was_compressed) tells.
    #[must_use]
    pub fn was_compressed(&self) -> bool {
        self.context.was_compressed()
    }

    /// On a server: the path that was called, `/package.Service/Method`; empty on a client.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.context.path()
    }

    /// On a server: who called.
    #[must_use]
    pub fn peer(&self) -> Option<&PeerAddr> {
        self.context.connection().map(super::ConnectionInfo::peer)
    }

    /// On a server: who the caller proved to be by its TLS certificate; `None` when it showed none.
    #[must_use]
    pub fn identity(&self) -> Option<&PeerIdentity> {
        self.context.connection().and_then(super::ConnectionInfo::identity)
    }

    /// On a server: the moment at which the call ends with DEADLINE_EXCEEDED.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.context.deadline()
    }

    /// On a server: the time left until the deadline; zero once it has passed.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        self.context.deadline().map(|at| at.saturating_duration_since(Instant::now()))
    }

    /// On a server: tells when the call is over, for work that outlives the handler's future.
    #[must_use]
    pub fn cancellation(&self) -> Cancellation {
        self.context.cancellation()
    }

    /// What the server knows of the call, to hand on.
    pub const fn context(&self) -> &Context {
        &self.context
    }
}

/// Options of which nothing but the timeout is set.
fn options(timeout: Option<Duration>) -> CallOptions {
    let mut options = CallOptions::default();
    options.timeout = timeout;
    options
}

/// What a client's method takes: a message, or a [`Request`] that carries one.
pub trait IntoRequest<M> {
    /// The request.
    fn into_request(self) -> Request<M>;
}

impl<M> IntoRequest<M> for M {
    fn into_request(self) -> Request<M> {
        Request::new(self)
    }
}

impl<M> IntoRequest<M> for Request<M> {
    fn into_request(self) -> Self {
        self
    }
}
