//! The one response of a call: waited for, decoded, and shown to the hooks of interceptors.
//! What the call is before that is [`call`](super::call)'s business.

use super::pool::Pool;
use super::streams::MORE_THAN_ONE;
use crate::bounds::inflate;
use crate::exchange::{Answer, Exchange, Inflation};
use crate::intercept::{Hooks, Passed};
use crate::message::Response;
use bytes::{Bytes, BytesMut};
use protocall_core::codec::{Codec, CodecError, Payload, Raw};
use protocall_core::envelope::{self, PREFIX_LEN};
use protocall_core::{Metadata, Status};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// Responses below this size are decoded from the buffer they came in, which is kept; of larger
/// ones a message's parts may be kept by reference.
const SHARE_FROM: usize = 2 * 1024;

/// Waits for exactly one message and an OK status.
pub(super) struct OneResponse<'a> {
    /// Until the call is over.
    exchange: Option<Arc<Exchange>>,
    pool: Option<&'a Pool>,
    hooks: Option<Arc<Hooks>>,
}

impl<'a> OneResponse<'a> {
    pub(super) const fn new(
        exchange: Arc<Exchange>,
        pool: Option<&'a Pool>,
        hooks: Option<Arc<Hooks>>,
    ) -> Self {
        Self { exchange: Some(exchange), pool, hooks }
    }

    pub(super) fn poll<M>(
        &mut self,
        decode: fn(Payload<'_>) -> Result<M, CodecError>,
        cx: &Context<'_>,
    ) -> Poll<Result<Response<M>, Status>> {
        let Some(exchange) = &self.exchange else { return Poll::Pending };
        let Answer { trailers, head, message, more } = ready!(exchange.poll_answer(cx));
        let mut buffer = message.unwrap_or_default();
        if let Some(hooks) = &self.hooks {
            let message = trailers.status.and_then(|()| {
                one_message(&mut buffer, more, <Raw as Codec<Bytes>>::decode, exchange)
            });
            let result = hooked(hooks, head, message, trailers.metadata, decode);
            self.exchange = None;
            return Poll::Ready(result);
        }
        let message =
            trailers.status.and_then(|()| one_message(&mut buffer, more, decode, exchange));
        let result = match message {
            Ok((message, compressed)) => {
                let response = Response::from_parts(message, head, trailers.metadata);
                Ok(response.came_compressed(compressed))
            }
            Err(status) if head.is_empty() => Err(status),
            Err(status) => Err(status.with_headers(head)),
        };
        if let (Some(exchange), Some(pool)) = (self.exchange.take(), self.pool.take()) {
            pool.keep(exchange, buffer);
        }
        Poll::Ready(result)
    }
}

/// The response as hooks leave it.
fn hooked<M>(
    hooks: &Hooks,
    head: Metadata,
    message: Result<(Bytes, bool), Status>,
    trailers: Metadata,
    decode: fn(Payload<'_>) -> Result<M, CodecError>,
) -> Result<Response<M>, Status> {
    let head = if head.is_empty() && message.is_err() { head } else { hooks.head(head) };
    let message = message.and_then(|(bytes, compressed)| {
        let bytes = hooks.incoming(Passed::Response, bytes)?;
        Ok((decode(Payload::shared(bytes))?, compressed))
    });
    let mut outcome = match &message {
        Ok(_) => Ok(trailers),
        Err(status) => Err(status.clone()),
    };
    hooks.end(&mut outcome);
    match (message, outcome) {
        (Ok((message, compressed)), Ok(trailers)) => {
            Ok(Response::from_parts(message, head, trailers).came_compressed(compressed))
        }
        // without a message there is no success, whatever a hook says
        (_, Err(status)) | (Err(status), Ok(_)) => {
            Err(if head.is_empty() { status } else { status.with_headers(head) })
        }
    }
}

/// Decodes the only message of a response and says whether it came compressed; a large one takes
/// the buffer along.
fn one_message<M>(
    buffer: &mut BytesMut,
    more: bool,
    decode: fn(Payload<'_>) -> Result<M, CodecError>,
    exchange: &Exchange,
) -> Result<(M, bool), Status> {
    if buffer.is_empty() {
        return Err(Status::unimplemented("the server sent no message where one is due"));
    }
    let one = envelope::split(buffer)
        .filter(|(prefix, _)| prefix.len as usize + PREFIX_LEN == buffer.len() && !more);
    let Some((prefix, message)) = one else {
        return Err(Status::unimplemented(MORE_THAN_ONE));
    };
    if prefix.compressed {
        let Inflation { compression, limit } = exchange.inflation();
        let plain = inflate(message, compression, limit, exchange.totals())?;
        return Ok((decode(Payload::shared(plain.into()))?, true));
    }
    if message.len() < SHARE_FROM {
        return Ok((decode(Payload::borrowed(message))?, false));
    }
    let message = std::mem::take(buffer).split_off(PREFIX_LEN).freeze();
    Ok((decode(Payload::shared(message))?, false))
}

impl Drop for OneResponse<'_> {
    fn drop(&mut self) {
        if let Some(exchange) = &self.exchange {
            exchange.cancel(Status::cancelled("the caller dropped the call"));
            if let Some(hooks) = &self.hooks {
                let _ = hooks.fail(Status::cancelled("the caller dropped the call"));
            }
        }
    }
}
