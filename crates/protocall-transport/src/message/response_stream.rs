//! What a handler returns to send a stream: a `Stream`, an async block, a channel to send into.
//!
//! The connection's task polls it when the client can take more, so a slow client slows the stream
//! down and nothing piles up.

use super::Streaming;
use futures_core::Stream;
use protocall_core::{Metadata, Status};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use tokio::sync::mpsc;

/// Messages that a producing block may be ahead of what the connection took: enough to fill a write
/// with small ones before the block is polled again.
const PRODUCED: usize = 16;

/// The messages of a response, sent one after the other; an `Err` ends the call with that status.
pub struct ResponseStream<M> {
    inner: Pin<Box<dyn Source<M> + Send>>,
}

/// A message on its way out, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outbound<M> {
    /// The message.
    pub message: M,
    /// Whether it is sent as it is, in a call whose other messages may be compressed.
    pub uncompressed: bool,
}

impl<M> From<M> for Outbound<M> {
    fn from(message: M) -> Self {
        Self { message, uncompressed: false }
    }
}

type Next<M> = Poll<Option<Result<Outbound<M>, Status>>>;

/// Where messages come from.
trait Source<M> {
    fn poll_outbound(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Next<M>;

    /// Trailing metadata that was known only once the messages were.
    fn trailers(&self) -> Metadata {
        Metadata::new()
    }
}

pin_project_lite::pin_project! {
    /// A stream of messages that says nothing of how they are sent.
    struct Plain<S> {
        #[pin]
        stream: S,
    }
}

impl<M: Send + 'static> ResponseStream<M> {
    /// Sends what a stream yields.
    #[must_use]
    pub fn new(stream: impl Stream<Item = Result<M, Status>> + Send + 'static) -> Self {
        Self { inner: Box::pin(Plain { stream }) }
    }

    /// Sends what an iterator yields, as fast as the client takes it.
    #[must_use]
    pub fn iter<I>(messages: I) -> Self
    where
        I: IntoIterator<Item = M>,
        I::IntoIter: Send + Unpin + 'static,
    {
        Self::new(Iter(messages.into_iter()))
    }

    /// Sends what an async block sends, and ends as it ends: the usual way to write a stream that
    /// waits for something. The block runs as part of the call and is dropped with it, so it needs
    /// no task of its own.
    ///
    /// ```
    /// # use protocall_transport::message::{ResponseStream, Streaming};
    /// fn twice(mut numbers: Streaming<u64>) -> ResponseStream<u64> {
    ///     ResponseStream::produce(|sender| async move {
    ///         while let Some(number) = numbers.message().await? {
    ///             sender.send(number * 2).await?;
    ///         }
    ///         Ok(())
    ///     })
    /// }
    /// ```
    #[must_use]
    pub fn produce<F, Fut>(produce: F) -> Self
    where
        F: FnOnce(Sender<M>) -> Fut,
        Fut: Future<Output = Result<(), Status>> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel(PRODUCED);
        let trailers = Late::default();
        let future = Some(Box::pin(produce(Sender { sender, trailers: trailers.clone() })));
        Self { inner: Box::pin(Produced { future, failed: None, receiver, trailers }) }
    }

    /// Sends what is put into a channel of `capacity` messages (at least one), for handlers whose
    /// messages come from elsewhere. The stream ends when the sender is dropped.
    #[must_use]
    pub fn channel(capacity: usize) -> (Sender<M>, Self) {
        let (sender, receiver) = mpsc::channel(capacity.max(1));
        let trailers = Late::default();
        let receiver = Receiver { receiver, trailers: trailers.clone() };
        (Sender { sender, trailers }, Self { inner: Box::pin(receiver) })
    }
}

impl<M> ResponseStream<M> {
    /// The next message, and how it is to be sent; for what sends it.
    pub fn poll_outbound(&mut self, cx: &mut Context<'_>) -> Next<M> {
        self.inner.as_mut().poll_outbound(cx)
    }

    /// Trailing metadata that came to be known with the messages, once they have ended; for what
    /// sends it.
    #[must_use]
    pub fn trailers(&self) -> Metadata {
        self.inner.trailers()
    }
}

impl<M> Stream for ResponseStream<M> {
    type Item = Result<M, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_outbound(cx).map(|next| next.map(|item| item.map(|outbound| outbound.message)))
    }
}

impl<M> fmt::Debug for ResponseStream<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseStream").finish_non_exhaustive()
    }
}

struct Iter<I>(I);

impl<M, S: Stream<Item = Result<M, Status>>> Source<M> for Plain<S> {
    fn poll_outbound(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Next<M> {
        self.project().stream.poll_next(cx).map(|next| next.map(|item| item.map(Outbound::from)))
    }
}

impl<I: Iterator + Unpin> Stream for Iter<I> {
    type Item = Result<I::Item, Status>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.next().map(Ok))
    }
}

/// Puts messages into a [`ResponseStream::channel`]; the stream ends when all its clones are gone.
pub struct Sender<M> {
    sender: mpsc::Sender<Result<Outbound<M>, Status>>,
    trailers: Late,
}

/// Trailing metadata that a sender leaves for when the stream has ended.
type Late = Arc<Mutex<Metadata>>;

fn left(trailers: &Late) -> Metadata {
    trailers.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

impl<M> Sender<M> {
    /// Sends a message, waiting while the channel is full.
    ///
    /// # Errors
    /// `CANCELLED` when the call is over and nobody takes the message.
    ///
    /// # Cancel safety
    /// A message whose future is dropped before it is ready is not sent.
    pub async fn send(&self, message: M) -> Result<(), Status> {
        self.sender.send(Ok(message.into())).await.map_err(|_| call_over())
    }

    /// Sends a message as it is in a call whose messages are compressed, such as one that is
    /// compressed in itself, or has a secret beside what an attacker chose (CRIME, BREACH).
    ///
    /// # Errors
    /// As [`Sender::send`].
    ///
    /// # Cancel safety
    /// A message whose future is dropped before it is ready is not sent.
    pub async fn send_uncompressed(&self, message: M) -> Result<(), Status> {
        let message = Outbound { message, uncompressed: true };
        self.sender.send(Ok(message)).await.map_err(|_| call_over())
    }

    /// Leaves trailing metadata, which goes with an OK status once the stream has ended, behind
    /// that of the [`Response`](super::Response). What was left before is replaced.
    pub fn set_trailers(&self, trailers: Metadata) {
        *self.trailers.lock().unwrap_or_else(PoisonError::into_inner) = trailers;
    }

    /// Ends the stream, and the call, with an error. Messages sent before still arrive.
    ///
    /// # Errors
    /// `CANCELLED` when the call is over already.
    ///
    /// # Cancel safety
    /// A status whose future is dropped before it is ready is not sent.
    pub async fn fail(self, status: Status) -> Result<(), Status> {
        self.sender.send(Err(status)).await.map_err(|_| call_over())
    }

    /// Waits until the call is over and nobody takes messages any more.
    ///
    /// # Cancel safety
    /// Safe: nothing is lost when the future is dropped.
    pub async fn closed(&self) {
        self.sender.closed().await;
    }
}

impl<M> Clone for Sender<M> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone(), trailers: self.trailers.clone() }
    }
}

impl<M> fmt::Debug for Sender<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseSender").finish_non_exhaustive()
    }
}

fn call_over() -> Status {
    Status::cancelled("the call is over: its client no longer receives messages")
}

struct Receiver<M> {
    receiver: mpsc::Receiver<Result<Outbound<M>, Status>>,
    trailers: Late,
}

impl<M> From<Streaming<M>> for ResponseStream<M>
where
    M: Send + 'static,
{
    /// Sends on what is received from elsewhere, trailing metadata and status included.
    fn from(stream: Streaming<M>) -> Self {
        Self { inner: Box::pin(Relayed { stream }) }
    }
}

/// What another server sends.
struct Relayed<M> {
    stream: Streaming<M>,
}

impl<M> Source<M> for Relayed<M> {
    fn poll_outbound(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Next<M> {
        let next = ready!(self.stream.poll_message(cx));
        Poll::Ready(next.map(|next| next.map(Outbound::from)).transpose())
    }

    fn trailers(&self) -> Metadata {
        self.stream.trailers_now().cloned().unwrap_or_default()
    }
}

impl<M> Source<M> for Receiver<M> {
    fn poll_outbound(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Next<M> {
        self.receiver.poll_recv(cx)
    }

    fn trailers(&self) -> Metadata {
        left(&self.trailers)
    }
}

/// An async block and what it has sent.
struct Produced<M, Fut> {
    future: Option<Pin<Box<Fut>>>,
    failed: Option<Status>,
    receiver: mpsc::Receiver<Result<Outbound<M>, Status>>,
    trailers: Late,
}

impl<M, Fut> Source<M> for Produced<M, Fut>
where
    Fut: Future<Output = Result<(), Status>>,
{
    fn poll_outbound(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Next<M> {
        let this = &mut *self;
        let mut sent = this.receiver.poll_recv(cx);
        if !matches!(sent, Poll::Ready(Some(_)))
            && let Some(future) = &mut this.future
        {
            if let Poll::Ready(outcome) = future.as_mut().poll(cx) {
                this.failed = outcome.err();
                this.future = None;
            }
            sent = this.receiver.poll_recv(cx);
        }
        match sent {
            Poll::Ready(Some(message)) => Poll::Ready(Some(message)),
            // no sender is left, but the block goes on
            Poll::Ready(None) if this.future.is_some() => Poll::Pending,
            Poll::Ready(None) => Poll::Ready(this.failed.take().map(Err)),
            Poll::Pending => match this.failed.take() {
                Some(status) => Poll::Ready(Some(Err(status))),
                None => Poll::Pending,
            },
        }
    }

    fn trailers(&self) -> Metadata {
        left(&self.trailers)
    }
}

#[cfg(test)]
mod tests;
