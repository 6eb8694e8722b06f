//! A call as its maker holds it: started before there is a connection, usable before the server
//! has sent a byte.

use super::answer::OneResponse;
use super::pool::Pool;
use crate::bounds::enclose;
use crate::exchange::Exchange;
use crate::intercept::Hooks;
use crate::message::{Context as Served, Response, Streaming};
use crate::stats::Totals;
use protocall_core::codec::Codec;
use protocall_core::envelope;
use protocall_core::{Compression, Metadata, Method, Status};
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::Instant;

/// A call that is being made: given to a connection by [`Handle::start`](super::Handle::start).
#[derive(Clone, Debug)]
pub struct Call {
    pub(crate) exchange: Arc<Exchange>,
    /// What its requests are compressed with.
    pub(crate) compression: Compression,
    /// What interceptors have left with it.
    pub(crate) hooks: Option<Arc<Hooks>>,
}

impl Call {
    /// A call of that method. With a timeout its deadline counts from now; `max_receive_message` is
    /// the largest response that is accepted, in bytes.
    #[must_use]
    pub fn new(
        method: &Method,
        metadata: Metadata,
        timeout: Option<Duration>,
        max_receive_message: usize,
    ) -> Self {
        // a deadline beyond the clock's range is none
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        Pool::default().call(method, metadata, deadline, max_receive_message)
    }

    /// The same call with its requests compressed; of no effect once a connection has the call.
    #[must_use]
    pub fn with_compression(mut self, compression: Compression) -> Self {
        if compression != self.compression {
            self.compression = compression;
            self.exchange.set_compression(compression);
        }
        self
    }

    /// Makes the call part of one that this program serves: it is cancelled when that one is over.
    /// Nothing for the context of a request that no server received.
    pub fn within(&self, served: &Served) {
        served.adopt(&self.exchange);
    }

    /// The same call with what interceptors have left with it, before anything is sent.
    #[must_use]
    pub fn with_hooks(mut self, hooks: Arc<Hooks>) -> Self {
        self.exchange.set_hooks(Arc::clone(&hooks));
        self.hooks = Some(hooks);
        self
    }

    /// The interceptors of a call with [`Hooks::waiting`] were asked: what was sent goes on.
    pub fn release(&self, hooks: &Hooks) {
        let Some(waiting) = &self.hooks else { return };
        let send = |request, compression| put(&self.exchange, request, compression);
        if let Err(status) = waiting.ready(hooks, send) {
            self.fail(status);
        }
    }

    /// Ends the call with that status, whose interceptors never had a say in the end.
    pub fn abandon(&self, status: Status) {
        self.fail(status.clone());
        if let Some(hooks) = &self.hooks {
            // wakes whoever waits to send
            let _ = hooks.fail(status);
        }
    }

    /// A request could not be made; returns what the call ends with.
    #[must_use]
    pub fn refused(&self, status: Status) -> Status {
        match &self.hooks {
            Some(hooks) => hooks.fail(status),
            None => status,
        }
    }

    /// A call whose requests are all made.
    pub(crate) const fn of(exchange: Arc<Exchange>) -> Self {
        Self { exchange, compression: Compression::IDENTITY, hooks: None }
    }

    /// When the call ends with DEADLINE_EXCEEDED.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.exchange.deadline()
    }

    /// Whether the call is over: answered, failed or cancelled.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.exchange.is_over()
    }

    /// Notes whether the call waits through failed attempts to connect, for when its connection
    /// ends before it was sent. A call does not unless told.
    pub fn set_patient(&self, patient: bool) {
        self.exchange.set_patient(patient);
    }

    /// What [`Call::set_patient`] noted last.
    #[must_use]
    pub fn is_patient(&self) -> bool {
        self.exchange.is_patient()
    }

    /// Adds metadata behind what the call has; of no effect once a connection has the call.
    pub fn add_metadata(&self, metadata: &Metadata) {
        self.exchange.add_metadata(metadata);
    }

    /// Ends the call with that status, if it is not over.
    pub fn fail(&self, status: Status) {
        self.exchange.cancel(status);
    }

    /// Sends a message of at most `limit` bytes; with `finish` it is the last one.
    ///
    /// # Errors
    /// The message cannot be encoded or is too large; nothing was sent.
    pub fn send<C: Codec<M>, M>(
        &self,
        message: &M,
        limit: usize,
        finish: bool,
    ) -> Result<(), Status> {
        let mut bytes = self.exchange.take_buffer();
        enclose::<C, M>(message, &mut bytes, limit, self.exchange.totals())?;
        if let Some(hooks) = &self.hooks {
            if let Some(bytes) = hooks.outgoing(bytes, self.compression)? {
                put(&self.exchange, Some(bytes), self.compression)?;
            }
            if finish && hooks.finish() {
                put(&self.exchange, None, self.compression)?;
            }
            return Ok(());
        }
        if !self.compression.is_identity() {
            envelope::compress(&mut bytes, 0, self.compression, &mut Vec::new())?;
        }
        self.exchange.send(&mut bytes, finish);
        Ok(())
    }

    /// The one response; the call is cancelled when the future is dropped, polled or not.
    ///
    /// # Errors
    /// The call's status when it failed.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call.
    pub fn response<C: Codec<M>, M>(
        self,
    ) -> impl Future<Output = Result<Response<M>, Status>> + Send + use<C, M> {
        self.response_into::<C, M>(None)
    }

    /// The one response, as [`Call::response`]; the call's memory goes back to the pool then.
    ///
    /// # Errors
    /// The call's status when it failed.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call.
    pub fn response_into<C: Codec<M>, M>(
        self,
        pool: Option<&Pool>,
    ) -> impl Future<Output = Result<Response<M>, Status>> + Send + use<'_, C, M> {
        let mut pending = OneResponse::new(self.exchange, pool, self.hooks);
        poll_fn(move |cx| pending.poll(C::decode, cx))
    }

    /// The stream of responses.
    #[must_use]
    pub fn responses<C: Codec<M>, M>(self) -> Streaming<M> {
        Streaming::new::<C>(self.exchange, true, self.hooks)
    }

    /// Sends the stream of requests, each of at most `limit` bytes.
    #[must_use]
    pub fn requests<C: Codec<M>, M>(&self, limit: usize) -> RequestSender<M> {
        RequestSender {
            exchange: Arc::clone(&self.exchange),
            encode: enclose::<C, M>,
            limit,
            compression: self.compression,
            hooks: self.hooks.clone(),
            bytes: Vec::new(),
            scratch: Vec::new(),
            finished: false,
        }
    }
}

/// Sends a request that hooks have passed, or their end.
fn put(
    exchange: &Arc<Exchange>,
    request: Option<Vec<u8>>,
    compression: Compression,
) -> Result<(), Status> {
    let (mut bytes, finish) = request.map_or((Vec::new(), true), |bytes| (bytes, false));
    if !compression.is_identity() && !finish {
        envelope::compress(&mut bytes, 0, compression, &mut Vec::new())?;
    }
    exchange.send(&mut bytes, finish);
    Ok(())
}

/// Sends the requests of a call.
///
/// Dropping it before [`finish`](Self::finish) ends the stream as `finish` does: what was sent
/// counts. To cancel the call, use [`cancel`](Self::cancel) or drop the receiving half.
pub struct RequestSender<M> {
    exchange: Arc<Exchange>,
    encode: fn(&M, &mut Vec<u8>, usize, &Totals) -> Result<(), Status>,
    limit: usize,
    compression: Compression,
    hooks: Option<Arc<Hooks>>,
    bytes: Vec<u8>,
    scratch: Vec<u8>,
    finished: bool,
}

impl<M> RequestSender<M> {
    /// Sends a message; waits while 64 KiB wait to be sent, so that a slow server slows its caller.
    ///
    /// # Errors
    /// The call's status when it is over, `OK` ended calls included (then as `CANCELLED`): nobody
    /// takes the message. The message's own error when it cannot be encoded or is too large; the
    /// call goes on.
    ///
    /// # Cancel safety
    /// A message whose future is dropped before it is ready is not sent.
    pub async fn send(&mut self, message: M) -> Result<(), Status> {
        poll_fn(|cx| self.poll_ready(cx)).await?;
        self.start_send(&message)
    }

    /// Sends a message as it is in a call whose messages are compressed, such as one that is
    /// compressed in itself, or has a secret beside what an attacker chose (CRIME, BREACH).
    ///
    /// # Errors
    /// As [`RequestSender::send`].
    ///
    /// # Cancel safety
    /// A message whose future is dropped before it is ready is not sent.
    pub async fn send_uncompressed(&mut self, message: M) -> Result<(), Status> {
        poll_fn(|cx| self.poll_ready(cx)).await?;
        self.start_send_with(&message, Compression::IDENTITY)
    }

    /// Waits until [`RequestSender::start_send`] may be called; for use in other futures.
    ///
    /// # Errors
    /// As [`RequestSender::send`].
    pub fn poll_ready(&self, cx: &Context<'_>) -> Poll<Result<(), Status>> {
        ready!(self.exchange.poll_room(cx)).map_err(|trailers| match trailers.status {
            Ok(()) => Status::cancelled("the server has ended the call"),
            Err(status) => status,
        })?;
        match &self.hooks {
            Some(hooks) => hooks.poll_ready(cx).map(Ok),
            None => Poll::Ready(Ok(())),
        }
    }

    /// Sends a message without waiting: it is kept until it can be written.
    ///
    /// # Errors
    /// The message cannot be encoded or is too large; the call goes on.
    pub fn start_send(&mut self, message: &M) -> Result<(), Status> {
        self.start_send_with(message, self.compression)
    }

    fn start_send_with(&mut self, message: &M, compression: Compression) -> Result<(), Status> {
        (self.encode)(message, &mut self.bytes, self.limit, self.exchange.totals())?;
        if let Some(hooks) = &self.hooks {
            let bytes = std::mem::take(&mut self.bytes);
            return match hooks.outgoing(bytes, compression)? {
                Some(bytes) => put(&self.exchange, Some(bytes), compression),
                None => Ok(()),
            };
        }
        if !compression.is_identity() {
            envelope::compress(&mut self.bytes, 0, compression, &mut self.scratch)?;
        }
        self.exchange.send(&mut self.bytes, false);
        self.bytes.clear();
        Ok(())
    }

    /// Ends the stream of requests; the server learns that no more will come.
    pub fn finish(mut self) {
        self.end();
    }

    /// Cancels the call: the server is told, and the receiving half ends with `CANCELLED` behind
    /// what has arrived. Without effect on a call that is over.
    pub fn cancel(mut self) {
        self.finished = true;
        self.exchange.cancel(Status::cancelled("the caller cancelled the call"));
    }

    fn end(&mut self) {
        if !std::mem::replace(&mut self.finished, true)
            && self.hooks.as_ref().is_none_or(|hooks| hooks.finish())
        {
            self.exchange.send(&mut Vec::new(), true);
        }
    }
}

impl<M> Drop for RequestSender<M> {
    fn drop(&mut self) {
        self.end();
    }
}

impl<M> fmt::Debug for RequestSender<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestSender").field("finished", &self.finished).finish_non_exhaustive()
    }
}

/// A call with a stream of requests and one response.
///
/// Dropping it cancels the call.
pub struct ClientStreaming<Req, Res> {
    // before the sender, whose drop would end the stream as if all had been sent
    response: Pin<Box<dyn Future<Output = Result<Response<Res>, Status>> + Send>>,
    sender: RequestSender<Req>,
}

impl<Req, Res> ClientStreaming<Req, Res> {
    /// The call, sending requests of at most `limit` bytes.
    #[must_use]
    pub fn new<C>(call: Call, limit: usize) -> Self
    where
        C: Codec<Req> + Codec<Res>,
        Res: Send + 'static,
    {
        let sender = call.requests::<C, Req>(limit);
        Self { sender, response: Box::pin(call.response::<C, Res>()) }
    }

    /// Sends a message: see [`RequestSender::send`].
    ///
    /// # Errors
    /// As [`RequestSender::send`]; [`ClientStreaming::finish`] tells how the call ended.
    ///
    /// # Cancel safety
    /// A message whose future is dropped before it is ready is not sent.
    pub async fn send(&mut self, message: Req) -> Result<(), Status> {
        self.sender.send(message).await
    }

    /// Sends a message as it is: see [`RequestSender::send_uncompressed`].
    ///
    /// # Errors
    /// As [`RequestSender::send`]; [`ClientStreaming::finish`] tells how the call ended.
    ///
    /// # Cancel safety
    /// A message whose future is dropped before it is ready is not sent.
    pub async fn send_uncompressed(&mut self, message: Req) -> Result<(), Status> {
        self.sender.send_uncompressed(message).await
    }

    /// Ends the stream of requests and waits for the response.
    ///
    /// # Errors
    /// The call's status when it failed.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call.
    pub async fn finish(self) -> Result<Response<Res>, Status> {
        self.sender.finish();
        self.response.await
    }

    /// The two halves, to send and to wait in different tasks. The call is cancelled when the
    /// second is dropped.
    pub fn split(
        self,
    ) -> (RequestSender<Req>, impl Future<Output = Result<Response<Res>, Status>> + Send) {
        (self.sender, self.response)
    }
}

impl<Req, Res> fmt::Debug for ClientStreaming<Req, Res> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientStreaming").field("sender", &self.sender).finish_non_exhaustive()
    }
}

/// A call with a stream each way. Dropping it cancels the call.
#[derive(Debug)]
pub struct BidiStreaming<Req, Res> {
    // before the sender, whose drop would end the stream as if all had been sent
    responses: Streaming<Res>,
    sender: RequestSender<Req>,
}

impl<Req, Res> BidiStreaming<Req, Res> {
    /// The call, sending requests of at most `limit` bytes.
    #[must_use]
    pub fn new<C: Codec<Req> + Codec<Res>>(call: Call, limit: usize) -> Self {
        Self { sender: call.requests::<C, Req>(limit), responses: call.responses::<C, Res>() }
    }

    /// Sends a message: see [`RequestSender::send`].
    ///
    /// # Errors
    /// As [`RequestSender::send`].
    ///
    /// # Cancel safety
    /// A message whose future is dropped before it is ready is not sent.
    pub async fn send(&mut self, message: Req) -> Result<(), Status> {
        self.sender.send(message).await
    }

    /// Sends a message as it is: see [`RequestSender::send_uncompressed`].
    ///
    /// # Errors
    /// As [`RequestSender::send`].
    ///
    /// # Cancel safety
    /// A message whose future is dropped before it is ready is not sent.
    pub async fn send_uncompressed(&mut self, message: Req) -> Result<(), Status> {
        self.sender.send_uncompressed(message).await
    }

    /// Whether the response that was taken last had come compressed.
    #[must_use]
    pub const fn was_compressed(&self) -> bool {
        self.responses.was_compressed()
    }

    /// The next response: see [`Streaming::message`].
    ///
    /// # Errors
    /// The call's status when it failed.
    ///
    /// # Cancel safety
    /// Safe: a message is taken only when the future is ready.
    pub async fn message(&mut self) -> Result<Option<Res>, Status> {
        self.responses.message().await
    }

    /// Leading metadata: see [`Streaming::headers`].
    ///
    /// # Errors
    /// The call's status when it failed before.
    ///
    /// # Cancel safety
    /// Safe: nothing is taken.
    pub async fn headers(&mut self) -> Result<Metadata, Status> {
        self.responses.headers().await
    }

    /// Trailing metadata: see [`Streaming::trailers`].
    ///
    /// # Errors
    /// The call's status when it failed; its metadata is in the status.
    ///
    /// # Cancel safety
    /// Messages may be lost when the future is dropped; the trailers are not.
    pub async fn trailers(&mut self) -> Result<Metadata, Status> {
        self.responses.trailers().await
    }

    /// Ends the stream of requests; responses may still come.
    pub fn finish(&mut self) {
        self.sender.end();
    }

    /// The two halves, to send and receive in different tasks.
    pub fn split(self) -> (RequestSender<Req>, Streaming<Res>) {
        (self.sender, self.responses)
    }
}
