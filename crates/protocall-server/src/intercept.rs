//! Handlers behind interceptors: asks them when a call begins, and lets their hooks see what
//! passes.
//!
//! A handler without interceptors is not wrapped and pays nothing. What interceptors are is
//! `protocall-transport`'s part.

use crate::{Routes, Service};
use bytes::Bytes;
use protocall_core::codec::Payload;
use protocall_core::{Metadata, Status};
use protocall_transport::intercept::{
    Beginning, Chain, Hooks, Interceptor, Outcome, Passed, Scope, within,
};
use protocall_transport::message::Context;
use protocall_transport::server::{Cost, Handler, Incoming, Input, ResponseWriter, ServerCall};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};

/// A service behind an interceptor of its own.
///
/// ```
/// use protocall_core::Status;
/// use protocall_server::{Intercepted, Server, Service};
/// use protocall_transport::intercept::{Beginning, Interceptor};
///
/// struct Secret;
///
/// impl Interceptor for Secret {
///     async fn begin(&self, call: &mut Beginning) -> Result<(), Status> {
///         match call.metadata().get("authorization") {
///             Some("Bearer 4711") => Ok(()),
///             _ => Err(Status::unauthenticated("say the secret")),
///         }
///     }
/// }
///
/// fn server(service: impl Service) -> protocall_server::Builder {
///     Server::builder().add_service(Intercepted::new(service, Secret))
/// }
/// ```
pub struct Intercepted<S> {
    service: S,
    chain: Chain,
}

impl<S> Intercepted<S> {
    /// That service behind that interceptor, inside of the server's own.
    #[must_use]
    pub fn new(service: S, interceptor: impl Interceptor) -> Self {
        Self { service, chain: Chain::default().with(interceptor) }
    }

    /// The same with another interceptor inside of those that are there.
    #[must_use]
    pub fn and(mut self, interceptor: impl Interceptor) -> Self {
        self.chain = self.chain.with(interceptor);
        self
    }
}

impl<S: Service> Service for Intercepted<S> {
    fn name(&self) -> &'static str {
        self.service.name()
    }

    fn register(self, routes: &mut Routes) {
        let first = routes.count();
        self.service.register(routes);
        routes.intercept_from(first, &self.chain);
    }
}

impl<S: fmt::Debug> fmt::Debug for Intercepted<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Intercepted");
        out.field("service", &self.service).field("chain", &self.chain).finish()
    }
}

/// A handler behind interceptors.
pub(crate) struct Wrapped {
    inner: Arc<dyn Handler>,
    chain: Chain,
}

impl Wrapped {
    pub(crate) fn new(inner: Box<dyn Handler>, chain: Chain) -> Self {
        Self { inner: inner.into(), chain }
    }
}

impl Handler for Wrapped {
    fn client_streams(&self) -> bool {
        self.inner.client_streams()
    }

    fn server_streams(&self) -> bool {
        self.inner.server_streams()
    }

    fn cost(&self) -> &Cost {
        self.inner.cost()
    }

    fn max_receive_message(&self) -> usize {
        self.inner.max_receive_message()
    }

    fn max_send_message(&self) -> usize {
        self.inner.max_send_message()
    }

    fn call(
        &self,
        input: Input<'_>,
        metadata: Metadata,
        context: Context,
    ) -> Result<Pin<Box<dyn ServerCall>>, Status> {
        let input = match input {
            Input::Message(payload) => Owned::Message(payload.into_bytes()),
            Input::Stream(incoming) => Owned::Stream(incoming),
        };
        let chain = self.chain.clone();
        let mut beginning = Beginning::on_server(context.path().clone(), metadata, context);
        let asking = Box::pin(async move {
            let outcome = chain.begin(&mut beginning).await;
            (beginning, outcome)
        });
        Ok(Box::pin(Call {
            handler: Arc::clone(&self.inner),
            input: Some(input),
            stage: Stage::Asking(asking),
        }))
    }
}

/// What a call begins with, while its interceptors are asked.
enum Owned {
    Message(Bytes),
    Stream(Incoming),
}

/// A call behind interceptors.
struct Call {
    handler: Arc<dyn Handler>,
    input: Option<Owned>,
    stage: Stage,
}

/// What interceptors have made of a call, and whether it may go on.
type Asked = (Beginning, Result<(), Status>);

enum Stage {
    Asking(Pin<Box<dyn Future<Output = Asked> + Send>>),
    Running { call: Pin<Box<dyn ServerCall>>, hooks: Ending, scopes: Vec<Box<dyn Scope>> },
    Over,
}

/// Tells hooks that a call has ended before its handler had finished.
struct Ending {
    hooks: Arc<Hooks>,
    context: Context,
}

impl Drop for Ending {
    fn drop(&mut self) {
        let passed = |at| at <= tokio::time::Instant::now();
        let mut outcome: Outcome = Err(if self.context.deadline().is_some_and(passed) {
            Status::deadline_exceeded("the call's deadline passed")
        } else {
            Status::cancelled("the call was cancelled, or its connection lost")
        });
        // does nothing when the response was finished
        self.hooks.end(&mut outcome);
    }
}

impl Call {
    /// The interceptors were asked: the handler's turn, unless one of them refused.
    fn begin(&mut self, beginning: Beginning, outcome: Result<(), Status>) -> Stage {
        let parts = beginning.into_parts();
        let (hooks, mut scopes) = (parts.hooks, parts.scopes);
        let context = parts.context.clone();
        let begun = outcome.and_then(|()| {
            let input = match self.input.take() {
                Some(Owned::Message(bytes)) => {
                    let bytes = hooks.incoming(Passed::Request, bytes)?;
                    Input::Message(Payload::shared(bytes))
                }
                Some(Owned::Stream(incoming)) => {
                    Input::Stream(incoming.with_hooks(Arc::clone(&hooks)))
                }
                None => return Err(Status::internal("a call has begun twice")),
            };
            let mut work = Some((input, parts.metadata, parts.context));
            let mut call = None;
            within(&mut scopes, &mut || {
                let begin =
                    |(input, metadata, context)| self.handler.call(input, metadata, context);
                call = work.take().map(begin);
            });
            call.unwrap_or_else(|| Err(Status::internal("a scope did not call what it was given")))
        });
        let hooks = Ending { hooks, context };
        let call = begun.unwrap_or_else(|status| Box::pin(Refused(status)));
        Stage::Running { call, hooks, scopes }
    }
}

/// Answers with an error.
struct Refused(Status);

impl ServerCall for Refused {
    fn poll(
        self: Pin<&mut Self>,
        _: &mut task::Context<'_>,
        out: &mut ResponseWriter<'_>,
    ) -> Poll<()> {
        out.finish(Err(&self.0));
        Poll::Ready(())
    }
}

impl ServerCall for Call {
    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
        out: &mut ResponseWriter<'_>,
    ) -> Poll<()> {
        let this = &mut *self;
        if let Stage::Asking(asking) = &mut this.stage {
            let (beginning, outcome) = task::ready!(asking.as_mut().poll(cx));
            this.stage = this.begin(beginning, outcome);
        }
        let Stage::Running { call, hooks, scopes } = &mut this.stage else {
            return Poll::Ready(());
        };
        let mut out = out.with_hooks(&hooks.hooks);
        let mut polled = Poll::Pending;
        within(scopes, &mut || polled = call.as_mut().poll(cx, &mut out));
        if polled.is_ready() {
            this.stage = Stage::Over;
        }
        polled
    }
}
