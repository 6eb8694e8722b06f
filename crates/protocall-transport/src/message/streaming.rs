//! A stream of messages that is received: requests on a server, responses on a client.

use crate::bounds::inflate;
use crate::exchange::{Exchange, Inflation, Received};
use crate::intercept::{Hooks, Outcome, Passed};
use bytes::{Buf, Bytes, BytesMut};
use futures_core::Stream;
use protocall_core::codec::{Codec, CodecError, Payload};
use protocall_core::envelope::{self, PREFIX_LEN};
use protocall_core::{Metadata, Status};
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// Reads a message from its bytes: a codec's `decode`, so that the codec need not be in the type.
pub type Decode<M> = fn(Payload<'_>) -> Result<M, CodecError>;

/// From this size on a message is handed to its codec as shared bytes, which it may keep.
const SHARE_FROM: usize = 2 * 1024;

/// Messages as they arrive, in order.
///
/// On a client it is usable at once: nothing waits for the server's headers. Dropping it before its
/// end cancels the call; the server is told.
pub struct Streaming<M> {
    exchange: Arc<Exchange>,
    /// The buffer that messages are read from, and those behind it.
    ready: VecDeque<BytesMut>,
    decode: Decode<M>,
    /// The message that was taken last had come compressed.
    compressed: bool,
    /// The end was taken.
    ended: bool,
    /// What it was, other than success without metadata. Aside, as handlers keep this in their
    /// futures, mostly more than once.
    end: Option<Box<Outcome>>,
    /// Dropping it cancels the call (clients).
    cancels: bool,
    /// What interceptors have left with the call.
    hooks: Option<Arc<Hooks>>,
    /// They have seen the leading metadata.
    head_seen: bool,
}

impl<M> Streaming<M> {
    pub(crate) fn new<C: Codec<M>>(
        exchange: Arc<Exchange>,
        cancels: bool,
        hooks: Option<Arc<Hooks>>,
    ) -> Self {
        Self {
            exchange,
            ready: VecDeque::new(),
            decode: C::decode,
            compressed: false,
            ended: false,
            end: None,
            cancels,
            hooks,
            head_seen: false,
        }
    }

    /// The next message; `None` after the last one of a call that succeeded.
    ///
    /// # Errors
    /// The call's status when it failed; the same again when asked again.
    ///
    /// # Cancel safety
    /// Safe: a message is taken only when the future is ready.
    pub async fn message(&mut self) -> Result<Option<M>, Status> {
        poll_fn(|cx| self.poll_message(cx)).await
    }

    /// As [`Streaming::message`], for use in other futures.
    ///
    /// # Errors
    /// As [`Streaming::message`].
    pub fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<M>, Status>> {
        loop {
            if let Some(message) = self.next_ready() {
                if let Err(status) = &message {
                    self.fail(status.clone());
                }
                return Poll::Ready(message.map(Some));
            }
            if self.ended {
                return Poll::Ready(self.failure().map_or(Ok(None), |status| Err(status.clone())));
            }
            match ready!(self.exchange.poll_receive(&mut self.ready, cx)) {
                Received::Messages => {}
                Received::End(trailers) => {
                    let outcome = trailers.status.map(|()| trailers.metadata);
                    let outcome = self.ended(outcome);
                    self.end(outcome);
                }
            }
        }
    }

    /// On a client: cancels the call. The server is told, messages that were not taken are dropped,
    /// and [`Streaming::message`] returns `CANCELLED`. Without effect on a call that is over.
    pub fn cancel(&mut self) {
        if self.cancels && !self.ended {
            self.fail(Status::cancelled("the caller cancelled the call"));
        }
    }

    /// Whether the message that was taken last had come compressed.
    #[must_use]
    pub const fn was_compressed(&self) -> bool {
        self.compressed
    }

    /// Leading metadata: waits until the peer has sent it. On a server it is empty, since a
    /// request's metadata is in its [`Request`](super::Request).
    ///
    /// # Errors
    /// The call's status when it failed before.
    ///
    /// # Cancel safety
    /// Safe: nothing is taken.
    pub async fn headers(&mut self) -> Result<Metadata, Status> {
        let head = poll_fn(|cx| self.exchange.poll_head(cx)).await?;
        match &self.hooks {
            Some(hooks) if self.cancels => Ok(hooks.head(head)),
            _ => Ok(head),
        }
    }

    /// Trailing metadata: reads the rest of the stream, dropping its messages, and waits for the
    /// end of the call.
    ///
    /// # Errors
    /// The call's status when it failed; its metadata is in the status.
    ///
    /// # Cancel safety
    /// Messages may be lost when the future is dropped; the trailers are not.
    pub async fn trailers(&mut self) -> Result<Metadata, Status> {
        while self.message().await?.is_some() {}
        Ok(self.trailers_now().cloned().unwrap_or_default())
    }

    /// Notes the end.
    fn end(&mut self, outcome: Outcome) {
        self.ended = true;
        let plain = outcome.as_ref().is_ok_and(Metadata::is_empty);
        self.end = (!plain).then(|| Box::new(outcome));
    }

    /// The error that the call has ended with.
    fn failure(&self) -> Option<&Status> {
        self.end.as_ref().and_then(|end| end.as_ref().as_ref().err())
    }

    /// The trailing metadata of a call that has succeeded, once its end was taken; `None` also when
    /// there is none.
    pub(crate) fn trailers_now(&self) -> Option<&Metadata> {
        self.end.as_ref().and_then(|end| end.as_ref().as_ref().ok())
    }

    /// Decodes the first of the messages that are here.
    fn next_ready(&mut self) -> Option<Result<M, Status>> {
        let ready = self.ready.front_mut()?;
        let (prefix, _) = envelope::split(ready)?;
        let len = prefix.len as usize;
        ready.advance(PREFIX_LEN);
        self.compressed = prefix.compressed;
        let decoded = if prefix.compressed || self.hooks.is_some() {
            let bytes = ready.split_to(len);
            self.pop_empty();
            if prefix.compressed {
                return Some(self.inflate(&bytes));
            }
            return Some(self.hooked(bytes.freeze()));
        } else if len >= SHARE_FROM {
            (self.decode)(Payload::shared(ready.split_to(len).freeze()))
        } else {
            let decoded = (self.decode)(Payload::borrowed(ready.get(..len)?));
            ready.advance(len);
            decoded
        };
        self.pop_empty();
        Some(decoded.map_err(Status::from))
    }

    /// Lets go of the first buffer once all was read from it.
    fn pop_empty(&mut self) {
        if self.ready.front().is_some_and(BytesMut::is_empty) {
            self.ready.pop_front();
        }
    }

    fn inflate(&mut self, bytes: &[u8]) -> Result<M, Status> {
        let Inflation { compression, limit } = self.exchange.inflation();
        let plain = inflate(bytes, compression, limit, self.exchange.totals())?.into();
        if self.hooks.is_some() {
            return self.hooked(plain);
        }
        Ok((self.decode)(Payload::shared(plain))?)
    }

    /// Decodes a message as hooks leave it.
    fn hooked(&mut self, mut bytes: Bytes) -> Result<M, Status> {
        self.see_head();
        if let Some(hooks) = &self.hooks {
            let which = if self.cancels { Passed::Response } else { Passed::Request };
            bytes = hooks.incoming(which, bytes)?;
        }
        Ok((self.decode)(Payload::shared(bytes))?)
    }

    /// Hooks see the leading metadata before anything behind it.
    fn see_head(&mut self) {
        if let Some(hooks) = &self.hooks
            && self.cancels
            && !std::mem::replace(&mut self.head_seen, true)
            && let Some(head) = self.exchange.head()
        {
            hooks.head(head);
        }
    }

    /// The end of the call as hooks leave it.
    fn ended(&mut self, mut outcome: Outcome) -> Outcome {
        self.see_head();
        if let Some(hooks) = &self.hooks
            && self.cancels
        {
            hooks.end(&mut outcome);
        }
        outcome
    }

    /// Ends the call from this side.
    fn fail(&mut self, status: Status) {
        if let Some(hooks) = &self.hooks
            && self.cancels
        {
            let _ = hooks.fail(status.clone());
        }
        self.ready.clear();
        if self.cancels {
            self.exchange.cancel(status.clone());
        }
        self.end(Err(status));
    }
}

impl<M> Stream for Streaming<M> {
    type Item = Result<M, Status>;

    /// As [`Streaming::message`]; after an error the stream has ended.
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.ready.is_empty() && this.failure().is_some() {
            return Poll::Ready(None);
        }
        this.poll_message(cx).map(Result::transpose)
    }
}

impl<M> Unpin for Streaming<M> {}

impl<M> Drop for Streaming<M> {
    fn drop(&mut self) {
        if self.cancels && !self.ended {
            self.exchange.cancel(Status::cancelled("the caller dropped the call"));
            if let Some(hooks) = &self.hooks {
                let _ = hooks.fail(Status::cancelled("the caller dropped the call"));
            }
        }
    }
}

impl<M> fmt::Debug for Streaming<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streaming").field("end", &self.end).finish_non_exhaustive()
    }
}
