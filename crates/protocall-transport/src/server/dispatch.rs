//! What a connection asks of the layer above: who handles a path, and the call that comes of it.

use super::{Cost, ResponseWriter};
use crate::exchange::Exchange;
use crate::intercept::Hooks;
use crate::message::{Context, Streaming};
use protocall_core::codec::{Codec, Payload};
use protocall_core::{Metadata, Path, Status};
use std::pin::Pin;
use std::sync::Arc;
use std::task;

/// A handler's place in its [`Dispatch`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Route(pub usize);

/// All that a server serves. Does not change while the server runs.
pub trait Dispatch: Send + Sync + 'static {
    /// Who handles this path.
    ///
    /// # Errors
    /// The status that the call ends with when nobody does.
    fn route(&self, path: &[u8]) -> Result<Route, Status>;

    /// The handler of a route that [`Dispatch::route`] returned.
    fn handler(&self, route: Route) -> Option<&dyn Handler>;

    /// The path that leads to a route; `None` for one to which several do.
    fn path(&self, route: Route) -> Option<&Path>;
}

/// A method's handler, whatever its messages are.
pub trait Handler: Send + Sync {
    /// Whether it takes a stream of messages, and is called before they are there.
    fn client_streams(&self) -> bool;

    /// Whether it answers with a stream of messages, which its client takes as it likes.
    fn server_streams(&self) -> bool;

    /// What it costs to poll its calls; the connection measures.
    fn cost(&self) -> &Cost;

    /// The largest message it takes, in bytes.
    fn max_receive_message(&self) -> usize;

    /// The largest message it sends, in bytes.
    fn max_send_message(&self) -> usize;

    /// Begins a call. With [`Input::Message`] when it takes one message, else [`Input::Stream`].
    ///
    /// # Errors
    /// The status that the call ends with, such as for a message that cannot be decoded.
    fn call(
        &self,
        input: Input<'_>,
        metadata: Metadata,
        context: Context,
    ) -> Result<Pin<Box<dyn ServerCall>>, Status>;
}

/// What a call begins with.
#[derive(Debug)]
pub enum Input<'a> {
    /// The one message.
    Message(Payload<'a>),
    /// Messages to come.
    Stream(Incoming),
}

/// A stream of requests whose type is not known yet.
#[derive(Debug)]
pub struct Incoming {
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) hooks: Option<Arc<Hooks>>,
}

impl Incoming {
    /// The stream of messages, read by that codec.
    #[must_use]
    pub fn into_streaming<C: Codec<M>, M>(self) -> Streaming<M> {
        Streaming::new::<C>(self.exchange, false, self.hooks)
    }

    /// The same with what interceptors have left with the call.
    #[must_use]
    pub fn with_hooks(mut self, hooks: Arc<Hooks>) -> Self {
        self.hooks = Some(hooks);
        self
    }
}

/// A call at work. The connection's task polls it until it has finished its response; dropping it
/// is how it learns that nobody waits any more.
pub trait ServerCall: Send {
    /// Goes on, answering into `out`. `Ready` once [`ResponseWriter::finish`] was called. When
    /// [`ResponseWriter::has_room`] says no, `Pending` is enough: it is polled again when there is.
    fn poll(
        self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
        out: &mut ResponseWriter<'_>,
    ) -> task::Poll<()>;

    /// Whether [`ServerCall::restart`] may be called once the call was `Ready`.
    fn can_restart(&self) -> bool {
        false
    }

    /// Begins another call of the same method in this one's memory. What the call that was `Ready`
    /// held is gone by then.
    ///
    /// # Errors
    /// As [`Handler::call`]; also when this call is of a kind that cannot be begun again.
    fn restart(
        self: Pin<&mut Self>,
        input: Input<'_>,
        metadata: Metadata,
        context: Context,
    ) -> Result<(), Status> {
        drop((input, metadata, context));
        Err(Status::internal("a call was begun again that cannot be"))
    }
}
