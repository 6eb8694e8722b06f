//! Interceptors: what looks at every call of a channel or a server, and may change it.
//!
//! [`Interceptor`] is asked once a call, before anything is sent or a handler sees it; it may wait,
//! change metadata, refuse, and leave [`CallHooks`] for what comes later. What calls them as
//! messages pass is `chain`; who has which interceptors, `protocall-server` and
//! `protocall-channel` know.

mod chain;
#[cfg(feature = "tracing")]
mod trace;

pub use chain::{Chain, Hooks};
#[cfg(feature = "tracing")]
pub use trace::TraceCalls;

use crate::message::Context;
use bytes::Bytes;
use protocall_core::{CallOptions, Metadata, Path, Status};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// How a call ended: trailing metadata, or the error with its own.
pub type Outcome = Result<Metadata, Status>;

/// Looks at every call, of all four shapes, on a client or on a server.
///
/// ```
/// use protocall_core::Status;
/// use protocall_transport::intercept::{Beginning, CallHooks, Interceptor, Outcome};
///
/// /// Says how each call ended.
/// struct Log;
///
/// impl Interceptor for Log {
///     async fn begin(&self, call: &mut Beginning) -> Result<(), Status> {
///         call.metadata_mut().insert("x-request-id", "4711")?;
///         let path = call.path().to_string();
///         call.hook(Ended { path });
///         Ok(())
///     }
/// }
///
/// struct Ended {
///     path: String,
/// }
///
/// impl CallHooks for Ended {
///     fn end(&mut self, outcome: &mut Outcome) {
///         println!("{}: {outcome:?}", self.path);
///     }
/// }
/// ```
pub trait Interceptor: Send + Sync + 'static {
    /// A call begins. On a client nothing was sent yet, on a server no handler has seen it. The
    /// call goes on when this is ready.
    ///
    /// # Errors
    /// The status that the call ends with: it is not sent, or no handler sees it.
    ///
    /// # Cancel safety
    /// The future is dropped when the call is cancelled or its deadline passes.
    fn begin(&self, call: &mut Beginning) -> impl Future<Output = Result<(), Status>> + Send;
}

/// What an interceptor leaves with a call, to see and change what passes. Each is called from one
/// place at a time, in the order of the interceptors for requests and in the opposite one for
/// responses, so that the first interceptor is the outermost. They must not block.
pub trait CallHooks: Send + 'static {
    /// On a client: the call goes to a connection, for the first time (0) or again.
    fn attempt(&mut self, previous: u32) {
        let _ = previous;
    }

    /// Whether [`CallHooks::request`] and [`CallHooks::response`] are to be called, for which each
    /// message is held as bytes of its own.
    fn takes_messages(&self) -> bool {
        false
    }

    /// A request passes, encoded and not compressed.
    ///
    /// # Errors
    /// The status that the call ends with.
    fn request(&mut self, message: &mut Bytes) -> Result<(), Status> {
        let _ = message;
        Ok(())
    }

    /// Leading metadata of the response passes. Not called when the call fails without any.
    fn response_metadata(&mut self, metadata: &mut Metadata) {
        let _ = metadata;
    }

    /// A response passes, encoded and not compressed.
    ///
    /// # Errors
    /// The status that the call ends with.
    fn response(&mut self, message: &mut Bytes) -> Result<(), Status> {
        let _ = message;
        Ok(())
    }

    /// A message of so many bytes has passed, whether it was taken or not.
    fn passed(&mut self, message: Passed, bytes: usize) {
        let _ = (message, bytes);
    }

    /// The call has ended, and how, which may be changed as long as somebody waits for it. Called
    /// exactly once, also when the call was cancelled or its connection lost.
    fn end(&mut self, outcome: &mut Outcome) {
        let _ = outcome;
    }
}

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Passed {
    /// From client to server.
    Request,
    /// From server to client.
    Response,
}

/// Runs around each poll of what a call does on a server: for what belongs to a thread for as long
/// as it works for a call, such as the current span. A handler that has moved to a task of its own
/// since it is slow is polled outside of it.
pub trait Scope: Send + 'static {
    /// Calls `poll`, exactly once.
    fn enter(&mut self, poll: &mut dyn FnMut());
}

/// A call that begins, as interceptors see it.
pub struct Beginning {
    path: Path,
    metadata: Metadata,
    options: CallOptions,
    context: Option<Context>,
    hooks: Left,
    scopes: Vec<Box<dyn Scope>>,
}

impl Beginning {
    /// A call that a client is going to make.
    #[must_use]
    pub fn on_client(path: Path, metadata: Metadata, options: CallOptions) -> Self {
        Self { options, context: None, ..Self::on_server(path, metadata, Context::default()) }
    }

    /// A call that a server has received.
    #[must_use]
    pub fn on_server(path: Path, metadata: Metadata, context: Context) -> Self {
        let (hooks, scopes) = (Left(Vec::new()), Vec::new());
        let options = CallOptions::default();
        Self { path, metadata, options, context: Some(context), hooks, scopes }
    }

    /// What is called.
    #[must_use]
    pub const fn path(&self) -> &Path {
        &self.path
    }

    /// The request's metadata.
    #[must_use]
    pub const fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The request's metadata, to change it: on a client for the server, on a server for the
    /// handler.
    pub const fn metadata_mut(&mut self) -> &mut Metadata {
        &mut self.metadata
    }

    /// On a client: the call's own options, without the channel's.
    #[must_use]
    pub const fn options(&self) -> &CallOptions {
        &self.options
    }

    /// On a client: the call's options, to change them. Of a call with a stream of responses or
    /// requests, timeout, compression and size limits count as they are when the interceptors wait
    /// for something for the first time, since the call can be used from then on.
    pub const fn options_mut(&mut self) -> &mut CallOptions {
        &mut self.options
    }

    /// On a server: who calls, from where, until when. `None` on a client.
    #[must_use]
    pub const fn context(&self) -> Option<&Context> {
        self.context.as_ref()
    }

    /// Leaves hooks with the call.
    pub fn hook(&mut self, hooks: impl CallHooks) {
        self.hooks.0.push(Box::new(hooks));
    }

    /// On a server: runs around each poll of the call, from the handler on.
    pub fn scope(&mut self, scope: impl Scope) {
        self.scopes.push(Box::new(scope));
    }

    /// For what makes the call: metadata, options, context, hooks, scopes.
    #[must_use]
    pub fn into_parts(self) -> Parts {
        let Self { metadata, options, context, mut hooks, scopes, .. } = self;
        let hooks = std::mem::take(&mut hooks.0);
        let context = context.unwrap_or_default();
        Parts { metadata, options, context, hooks: Hooks::new(hooks), scopes }
    }
}

impl fmt::Debug for Beginning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Beginning").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Hooks of a call that is being begun: told of its end when it is dropped in the middle of that.
struct Left(Vec<Box<dyn CallHooks>>);

impl Drop for Left {
    fn drop(&mut self) {
        if !self.0.is_empty() {
            drop(Hooks::new(std::mem::take(&mut self.0)));
        }
    }
}

/// What interceptors have made of a call.
#[allow(missing_debug_implementations, reason = "holds code of the application")]
pub struct Parts {
    /// The request's metadata.
    pub metadata: Metadata,
    /// The call's own options.
    pub options: CallOptions,
    /// Where the call came from.
    pub context: Context,
    /// What the interceptors have left.
    pub hooks: Arc<Hooks>,
    /// What runs around each poll.
    pub scopes: Vec<Box<dyn Scope>>,
}

/// Runs something within all scopes, the first one outermost.
pub fn within(scopes: &mut [Box<dyn Scope>], run: &mut dyn FnMut()) {
    match scopes.split_first_mut() {
        Some((first, rest)) => first.enter(&mut || within(rest, run)),
        None => run(),
    }
}

type Pending<'a> = Pin<Box<dyn Future<Output = Result<(), Status>> + Send + 'a>>;

/// An interceptor of any type.
trait Erased: Send + Sync {
    fn begin<'a>(&'a self, call: &'a mut Beginning) -> Pending<'a>;
}

impl<I: Interceptor> Erased for I {
    fn begin<'a>(&'a self, call: &'a mut Beginning) -> Pending<'a> {
        Box::pin(Interceptor::begin(self, call))
    }
}

#[cfg(test)]
mod tests;
