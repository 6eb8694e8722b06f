//! Which handler answers which path.

use crate::handler::{BidiStreaming, ClientStreaming, ServerStreaming, Unary};
use crate::intercept::Wrapped;
use crate::place::{Elsewhere, Slow};
use bytes::Bytes;
use protocall_core::codec::{Codec, Raw};
use protocall_core::{DEFAULT_MAX_RECEIVE_MESSAGE, Method, Path, Status};
use protocall_transport::intercept::{Chain, Interceptor};
use protocall_transport::message::{Request, Response, ResponseStream, Streaming};
use protocall_transport::server::{Dispatch, Handler, Route};
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, OnceLock};
use tokio::runtime::Handle;

/// A service that a server can serve; generated code implements it for `...Server` types.
pub trait Service {
    /// The full name, such as `example.HelloService`.
    fn name(&self) -> &'static str;

    /// Registers a handler for each method.
    fn register(self, routes: &mut Routes);
}

/// The services of a server, as [`Routes::served`] tells them.
#[derive(Clone, Debug, Default)]
pub struct Served {
    names: Arc<OnceLock<Vec<&'static str>>>,
}

impl Served {
    /// Their full names in order; none before the server serves.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.names.get().cloned().unwrap_or_default()
    }
}

/// How large a method's messages may be, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageLimits {
    /// Of requests; 4 MiB unless set.
    pub receive: usize,
    /// Of responses; no limit unless set.
    pub send: usize,
}

impl Default for MessageLimits {
    fn default() -> Self {
        Self { receive: DEFAULT_MAX_RECEIVE_MESSAGE, send: usize::MAX }
    }
}

/// The methods that a server serves.
#[derive(Default)]
pub struct Routes {
    limits: MessageLimits,
    services: Vec<&'static str>,
    served: Served,
    on_drain: Vec<Box<dyn Fn() + Send + Sync>>,
    paths: HashMap<&'static str, usize>,
    handlers: Vec<Box<dyn Handler>>,
    /// The path of each handler; the fallback has none.
    names: Vec<Option<Path>>,
    fallback: Option<usize>,
    /// The server's interceptors.
    chain: Chain,
    duplicate: Option<&'static str>,
    elsewhere: Elsewhere,
}

impl Routes {
    /// No methods yet; those that are registered have these limits.
    pub(crate) fn new(limits: MessageLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    pub(crate) fn set_limits(&mut self, limits: MessageLimits) {
        self.limits = limits;
    }

    /// Slow handlers run on that runtime from now on.
    pub(crate) fn serve_on(&self, runtime: Handle) {
        // a server serves once
        let _ = self.elsewhere.set(Slow::on(runtime));
    }

    /// The path that was registered twice, if any.
    pub(crate) const fn duplicate(&self) -> Option<&'static str> {
        self.duplicate
    }

    /// Adds an interceptor for everything, inside of those that are there.
    pub(crate) fn intercept(&mut self, interceptor: impl Interceptor) {
        self.chain = self.chain.with(interceptor);
    }

    /// How many handlers there are.
    pub(crate) const fn count(&self) -> usize {
        self.handlers.len()
    }

    /// Puts all handlers from that one on behind interceptors.
    pub(crate) fn intercept_from(&mut self, first: usize, chain: &Chain) {
        let wrapped = self
            .handlers
            .split_off(first)
            .into_iter()
            .map(|handler| Box::new(Wrapped::new(handler, chain.clone())) as Box<dyn Handler>);
        self.handlers.extend(wrapped);
    }

    /// The server is complete: those who asked for [`Routes::served`] learn its services.
    pub(crate) fn complete(&mut self) {
        if !self.chain.is_empty() {
            let chain = self.chain.clone();
            self.intercept_from(0, &chain);
        }
        self.services.sort_unstable();
        self.services.dedup();
        // a server is complete once
        let _ = self.served.names.set(self.services.clone());
    }

    /// The server was told to stop: those who asked for it are told.
    pub(crate) fn drain(&self) {
        self.on_drain.iter().for_each(|tell| tell());
    }

    /// Adds a service, as [`Builder::add_service`](crate::Builder::add_service) does: for services
    /// that consist of several.
    pub fn add_service(&mut self, service: impl Service) {
        self.services.push(service.name());
        service.register(self);
    }

    /// The names of the server's services, once all are added: for services that tell of them.
    #[must_use]
    pub fn served(&self) -> Served {
        self.served.clone()
    }

    /// Calls that when the server was told to stop, before its connections learn it: for services
    /// that have something to say then, or streams to end. It must not block.
    pub fn on_drain(&mut self, tell: impl Fn() + Send + Sync + 'static) {
        self.on_drain.push(Box::new(tell));
    }

    /// Registers a method with one message each way.
    pub fn unary<C, Req, Res, S, F, Fut>(&mut self, method: &Method, service: &Arc<S>, handler: F)
    where
        C: Codec<Req> + Codec<Res>,
        Req: 'static,
        Res: Send + 'static,
        S: Send + Sync + 'static,
        F: Fn(Arc<S>, Request<Req>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Response<Res>, Status>> + Send + 'static,
    {
        let handler = Unary::<C, Req, Res, S, F>::new(
            Arc::clone(service),
            handler,
            self.limits,
            self.elsewhere.clone(),
        );
        self.add(method, Box::new(handler));
    }

    /// Registers a method with a stream of responses.
    pub fn server_streaming<C, Req, Res, S, F, Fut>(
        &mut self,
        method: &Method,
        service: &Arc<S>,
        handler: F,
    ) where
        C: Codec<Req> + Codec<Res>,
        Req: 'static,
        Res: Send + 'static,
        S: Send + Sync + 'static,
        F: Fn(Arc<S>, Request<Req>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Response<ResponseStream<Res>>, Status>> + Send + 'static,
    {
        let service = Arc::clone(service);
        let handler = ServerStreaming::<C, Req, Res, S, F>::new(
            service,
            handler,
            self.limits,
            self.elsewhere.clone(),
        );
        self.add(method, Box::new(handler));
    }

    /// Registers a method with a stream of requests.
    pub fn client_streaming<C, Req, Res, S, F, Fut>(
        &mut self,
        method: &Method,
        service: &Arc<S>,
        handler: F,
    ) where
        C: Codec<Req> + Codec<Res>,
        Req: 'static,
        Res: Send + 'static,
        S: Send + Sync + 'static,
        F: Fn(Arc<S>, Request<Streaming<Req>>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Response<Res>, Status>> + Send + 'static,
    {
        let service = Arc::clone(service);
        let handler = ClientStreaming::<C, Req, Res, S, F>::new(
            service,
            handler,
            self.limits,
            self.elsewhere.clone(),
        );
        self.add(method, Box::new(handler));
    }

    /// Registers a method with a stream each way.
    pub fn bidi_streaming<C, Req, Res, S, F, Fut>(
        &mut self,
        method: &Method,
        service: &Arc<S>,
        handler: F,
    ) where
        C: Codec<Req> + Codec<Res>,
        Req: 'static,
        Res: Send + 'static,
        S: Send + Sync + 'static,
        F: Fn(Arc<S>, Request<Streaming<Req>>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Response<ResponseStream<Res>>, Status>> + Send + 'static,
    {
        let service = Arc::clone(service);
        let handler = BidiStreaming::<C, Req, Res, S, F>::new(
            service,
            handler,
            self.limits,
            self.elsewhere.clone(),
        );
        self.add(method, Box::new(handler));
    }

    fn add(&mut self, method: &Method, handler: Box<dyn Handler>) {
        if self.paths.insert(method.path(), self.handlers.len()).is_some() {
            self.duplicate = self.duplicate.or_else(|| Some(method.path()));
        }
        self.handlers.push(handler);
        self.names.push(Some(Path::of(method)));
    }

    /// Registers what answers calls that no method answers.
    pub(crate) fn set_fallback<F, Fut>(&mut self, handler: F)
    where
        F: Fn(Request<Streaming<Bytes>>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Response<ResponseStream<Bytes>>, Status>> + Send + 'static,
    {
        let handler = BidiStreaming::<Raw, Bytes, Bytes, (), _>::new(
            Arc::default(),
            move |_, request| handler(request),
            self.limits,
            self.elsewhere.clone(),
        );
        self.fallback = Some(self.handlers.len());
        self.handlers.push(Box::new(handler));
        self.names.push(None);
    }
}

impl Dispatch for Routes {
    fn route(&self, path: &[u8]) -> Result<Route, Status> {
        let text = std::str::from_utf8(path).unwrap_or_default();
        if let Some(index) = self.paths.get(text) {
            return Ok(Route(*index));
        }
        if let Some(index) = self.fallback {
            return Ok(Route(index));
        }
        Err(Status::unimplemented(match text.strip_prefix('/').and_then(|t| t.split_once('/')) {
            Some((service, method)) if self.services.contains(&service) => {
                format!("unknown method {method} of service {service}")
            }
            Some((service, _)) => format!("unknown service {service}"),
            None => format!(
                "malformed path {:?}: a call's path is /package.Service/Method",
                String::from_utf8_lossy(path)
            ),
        }))
    }

    fn handler(&self, route: Route) -> Option<&dyn Handler> {
        self.handlers.get(route.0).map(|handler| &**handler)
    }

    fn path(&self, route: Route) -> Option<&Path> {
        self.names.get(route.0)?.as_ref()
    }
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routes").field("services", &self.services).finish_non_exhaustive()
    }
}
