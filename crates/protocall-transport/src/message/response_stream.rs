//! What a handler returns to send a stream: any `Stream`, or a channel to send into.
//!
//! The connection's task polls it when the client can take more, so a slow client slows the stream
//! down and nothing piles up.

use futures_core::Stream;
use protocall_core::Status;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// The messages of a response, sent one after the other; an `Err` ends the call with that status.
pub struct ResponseStream<M> {
    inner: Pin<Box<dyn Stream<Item = Result<M, Status>> + Send>>,
}

impl<M: Send + 'static> ResponseStream<M> {
    /// Sends what a stream yields.
    #[must_use]
    pub fn new(stream: impl Stream<Item = Result<M, Status>> + Send + 'static) -> Self {
        Self { inner: Box::pin(stream) }
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

    /// Sends what is put into a channel of `capacity` messages (at least one), for handlers whose
    /// messages come from elsewhere. The stream ends when the sender is dropped.
    #[must_use]
    pub fn channel(capacity: usize) -> (Sender<M>, Self) {
        let (sender, receiver) = mpsc::channel(capacity.max(1));
        (Sender { sender }, Self::new(Receiver { receiver }))
    }
}

impl<M> Stream for ResponseStream<M> {
    type Item = Result<M, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.inner.as_mut().poll_next(cx)
    }
}

impl<M> fmt::Debug for ResponseStream<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseStream").finish_non_exhaustive()
    }
}

struct Iter<I>(I);

impl<I: Iterator + Unpin> Stream for Iter<I> {
    type Item = Result<I::Item, Status>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.next().map(Ok))
    }
}

/// Puts messages into a [`ResponseStream::channel`]; the stream ends when all its clones are gone.
pub struct Sender<M> {
    sender: mpsc::Sender<Result<M, Status>>,
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
        self.sender.send(Ok(message)).await.map_err(|_| call_over())
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
        Self { sender: self.sender.clone() }
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
    receiver: mpsc::Receiver<Result<M, Status>>,
}

impl<M> Stream for Receiver<M> {
    type Item = Result<M, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.receiver.poll_recv(cx)
    }
}
