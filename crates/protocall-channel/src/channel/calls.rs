//! The calls of a channel: each with the channel's settings and its own, through its interceptors
//! if it has any, to a connection.
//!
//! A call without interceptors pays one branch for them. What interceptors are is
//! `protocall-transport`'s part.

use super::Channel;
use crate::credentials;
use bytes::Bytes;
use protocall_core::codec::{Codec, Raw};
use protocall_core::{CallOptions, DEFAULT_MAX_RECEIVE_MESSAGE, Metadata, Method, Path, Status};
use protocall_transport::client::{BidiStreaming, Call, ClientStreaming};
use protocall_transport::intercept::{Beginning, Hooks};
use protocall_transport::message::{Context, Request, Response, Streaming};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll, Waker};
use tokio::runtime;
use tokio::time::{Instant, sleep_until};

/// A call that is about to be made.
struct Outgoing {
    path: Path,
    /// Its one response is taken with its end.
    one_response: bool,
    metadata: Metadata,
    options: CallOptions,
    /// The call that this program serves by it, if any.
    served: Context,
}

impl Outgoing {
    fn of<M>(method: &Method, request: Request<M>) -> (M, Self) {
        let served = request.context().clone();
        let (message, metadata, options) = request.into_parts();
        let one_response = !method.kind().server_streams();
        (message, Self { path: Path::of(method), one_response, metadata, options, served })
    }

    fn beginning(&mut self) -> Beginning {
        let (metadata, options) = (std::mem::take(&mut self.metadata), self.options.clone());
        Beginning::on_client(self.path.clone(), metadata, options)
    }
}

impl Channel {
    /// Makes a call with one message each way.
    ///
    /// # Errors
    /// The call's status when it failed.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call.
    pub async fn unary<C, Req, Res>(
        &self,
        method: &Method,
        request: Request<Req>,
    ) -> Result<Response<Res>, Status>
    where
        C: Codec<Req> + Codec<Res>,
    {
        let (message, mut outgoing) = Outgoing::of(method, request);
        let mut hooks = None;
        if !self.interceptors.is_empty() {
            hooks = Some(Box::pin(self.intercept(&mut outgoing)).await?);
        }
        let (call, limit) = self.prepare(&mut outgoing, hooks);
        if let Err(status) = call.send::<C, Req>(&message, limit, true) {
            return Err(call.refused(status));
        }
        drop(message);
        self.submit(outgoing.path, &call, &outgoing.options);
        call.response_into::<C, Res>(Some(&self.pool)).await
    }

    /// Makes a call with one request and a stream of responses, usable at once.
    pub fn server_streaming<C, Req, Res>(
        &self,
        method: &Method,
        request: Request<Req>,
    ) -> Streaming<Res>
    where
        C: Codec<Req> + Codec<Res>,
    {
        let (message, outgoing) = Outgoing::of(method, request);
        let send = |call: &Call, limit| call.send::<C, Req>(&message, limit, true);
        self.start(outgoing, send).0.responses::<C, Res>()
    }

    /// Makes a call with a stream of requests and one response.
    pub fn client_streaming<C, Req, Res>(
        &self,
        method: &Method,
        request: Request<()>,
    ) -> ClientStreaming<Req, Res>
    where
        C: Codec<Req> + Codec<Res>,
        Res: Send + 'static,
    {
        let ((), outgoing) = Outgoing::of(method, request);
        let (call, limit) = self.start(outgoing, |_, _| Ok(()));
        ClientStreaming::new::<C>(call, limit)
    }

    /// Makes a call with a stream each way, usable at once.
    pub fn bidi_streaming<C, Req, Res>(
        &self,
        method: &Method,
        request: Request<()>,
    ) -> BidiStreaming<Req, Res>
    where
        C: Codec<Req> + Codec<Res>,
    {
        let ((), outgoing) = Outgoing::of(method, request);
        let (call, limit) = self.start(outgoing, |_, _| Ok(()));
        BidiStreaming::new::<C>(call, limit)
    }

    /// Makes a call with messages as bytes to a path that need not be known at build time, for
    /// proxies and tools. It is usable at once; methods with one message each way, or one in
    /// either, are called in the same way, since on the wire all have streams.
    ///
    /// ```no_run
    /// # async fn run(channel: protocall_channel::Channel) -> Result<(), protocall_core::Status> {
    /// use protocall_core::Path;
    /// use protocall_transport::message::Request;
    ///
    /// let path = Path::parse("/example.HelloService/SendMessage")?;
    /// let mut call = channel.raw(path, Request::new(()));
    /// call.send(bytes::Bytes::from_static(b"\x0a\x05World")).await?;
    /// call.finish();
    /// while let Some(message) = call.message().await? {
    ///     println!("{message:?}");
    /// }
    /// # Ok(()) }
    /// ```
    pub fn raw(&self, path: Path, request: Request<()>) -> BidiStreaming<Bytes, Bytes> {
        let served = request.context().clone();
        let ((), metadata, options) = request.into_parts();
        let outgoing = Outgoing { path, one_response: false, metadata, options, served };
        let (call, limit) = self.start(outgoing, |_, _| Ok(()));
        BidiStreaming::new::<Raw>(call, limit)
    }

    /// Begins a call whose holder need not wait: `send` puts in what is known of its requests.
    /// Also returns how large requests may be.
    fn start(
        &self,
        mut outgoing: Outgoing,
        send: impl FnOnce(&Call, usize) -> Result<(), Status>,
    ) -> (Call, usize) {
        if self.interceptors.is_empty() {
            let (call, limit) = self.prepare(&mut outgoing, None);
            match send(&call, limit) {
                Ok(()) => self.submit(outgoing.path, &call, &outgoing.options),
                Err(status) => call.fail(status),
            }
            return (call, limit);
        }
        let mut asking = Box::pin(ask(self.clone(), outgoing.beginning()));
        match asking.as_mut().poll(&mut task::Context::from_waker(Waker::noop())) {
            Poll::Ready((beginning, outcome)) => {
                let parts = beginning.into_parts();
                (outgoing.metadata, outgoing.options) = (parts.metadata, parts.options);
                let (call, limit) = self.prepare(&mut outgoing, Some(parts.hooks));
                match outcome.and_then(|()| send(&call, limit)) {
                    Ok(()) => self.submit(outgoing.path, &call, &outgoing.options),
                    Err(status) => call.fail(status),
                }
                (call, limit)
            }
            Poll::Pending => {
                let (call, limit) = self.prepare(&mut outgoing, Some(Hooks::waiting()));
                match (send(&call, limit), runtime::Handle::try_current()) {
                    (Ok(()), Ok(runtime)) => {
                        drop(runtime.spawn(finish(
                            self.clone(),
                            asking,
                            outgoing.path,
                            call.clone(),
                        )));
                    }
                    (Err(status), _) => call.fail(status),
                    (Ok(()), Err(_)) => call.fail(Status::unavailable(
                        "there is no tokio runtime to ask interceptors in: make the call from \
                         within one",
                    )),
                }
                (call, limit)
            }
        }
    }

    /// Asks the interceptors, within the call's time.
    async fn intercept(&self, outgoing: &mut Outgoing) -> Result<Arc<Hooks>, Status> {
        let began = Instant::now();
        let deadline = self.deadline(&outgoing.options, &outgoing.served);
        let asking = ask(self.clone(), outgoing.beginning());
        let (beginning, outcome) = tokio::select! {
            biased;
            asked = asking => asked,
            () = until(deadline) => return Err(too_late()),
        };
        let parts = beginning.into_parts();
        if let Err(status) = outcome {
            return Err(parts.hooks.fail(status));
        }
        (outgoing.metadata, outgoing.options) = (parts.metadata, parts.options);
        // the call's time has begun already
        let timeout = outgoing.options.timeout.or(self.defaults.timeout);
        outgoing.options.timeout = timeout.map(|timeout| timeout.saturating_sub(began.elapsed()));
        Ok(parts.hooks)
    }

    /// A call with the channel's settings and its own, and how large its requests may be.
    fn prepare(&self, outgoing: &mut Outgoing, hooks: Option<Arc<Hooks>>) -> (Call, usize) {
        let options = &outgoing.options;
        let deadline = self.deadline(options, &outgoing.served);
        let limit = options.max_receive_message.or(self.defaults.max_receive_message);
        let limit = limit.unwrap_or(DEFAULT_MAX_RECEIVE_MESSAGE);
        let metadata = std::mem::take(&mut outgoing.metadata);
        let (path, one) = (outgoing.path.clone(), outgoing.one_response);
        let mut call = self.pool.call_path(path, one, metadata, deadline, limit);
        call.within(&outgoing.served);
        if let Some(compression) = options.compression.or(self.defaults.compression) {
            call = call.with_compression(compression);
        }
        if let Some(hooks) = hooks {
            call = call.with_hooks(hooks);
        }
        let max_send = options.max_send_message.or(self.defaults.max_send_message);
        (call, max_send.unwrap_or(usize::MAX))
    }

    /// When a call is to end: its own time counts from now, and a call that is served by it ends
    /// it too.
    fn deadline(&self, options: &CallOptions, served: &Context) -> Option<Instant> {
        let timeout = options.timeout.or(self.defaults.timeout);
        // a deadline beyond the clock's range is none
        let own = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        own.into_iter().chain(served.deadline()).min()
    }

    fn submit(&self, path: Path, call: &Call, options: &CallOptions) {
        let patient = options.wait_for_ready.or(self.defaults.wait_for_ready).unwrap_or(false);
        match credentials::of(&self.defaults, options) {
            [None, None] => self.manager.submit(call.clone(), patient),
            some => credentials::submit(&self.manager, path, some, call.clone(), patient),
        }
    }
}

/// Interceptors being asked.
type Asking = Pin<Box<dyn Future<Output = (Beginning, Result<(), Status>)> + Send>>;

async fn ask(channel: Channel, mut beginning: Beginning) -> (Beginning, Result<(), Status>) {
    let outcome = channel.interceptors.begin(&mut beginning).await;
    (beginning, outcome)
}

/// Goes on with a call whose interceptors had to wait for something.
async fn finish(channel: Channel, asking: Asking, path: Path, call: Call) {
    let (beginning, outcome) = tokio::select! {
        biased;
        asked = asking => asked,
        () = until(call.deadline()) => return call.abandon(too_late()),
    };
    let parts = beginning.into_parts();
    if let Err(status) = outcome {
        return call.abandon(parts.hooks.fail(status));
    }
    call.add_metadata(&parts.metadata);
    call.release(&parts.hooks);
    // its caller may have given up meanwhile
    if !call.is_over() {
        channel.submit(path, &call, &parts.options);
    }
}

fn too_late() -> Status {
    Status::deadline_exceeded("the call's deadline passed while its interceptors were asked")
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}
