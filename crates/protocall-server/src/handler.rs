//! Handlers of the four shapes: from a decoded request to a response written out.
//!
//! A typed `async fn` goes in, an untyped [`Handler`] comes out, whose calls the connection's task
//! polls. Nothing is queued between a handler and the connection's output.

use crate::MessageLimits;
use crate::place::{Elsewhere, Place, Placed};
use protocall_core::codec::Codec;
use protocall_core::{Metadata, Status};
use protocall_transport::message::{
    Context, Outbound, Request, Response, ResponseStream, Streaming,
};
use protocall_transport::server::{Cost, Handler, Input, ResponseWriter, ServerCall};
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll, ready};

type Boxed = Pin<Box<dyn ServerCall>>;
/// The types that a method's handler stands for, none of which it holds.
type Types<C, Req, Res> = PhantomData<fn() -> (C, Req, Res)>;

/// Declares a handler: how its request comes in and which call answers.
macro_rules! handlers {
    ($(
        $(#[$doc:meta])*
        $name:ident: $read:ident -> $request:ty, streams [$streams:literal, $answers:literal],
        $response:ty, $call:ident;
    )*) => {$(
        $(#[$doc])*
        pub(crate) struct $name<C, Req, Res, S, F> {
            service: Arc<S>,
            handler: F,
            limits: MessageLimits,
            place: Place,
            types: Types<C, Req, Res>,
        }

        impl<C, Req, Res, S, F> $name<C, Req, Res, S, F> {
            pub(crate) fn new(
                service: Arc<S>,
                handler: F,
                limits: MessageLimits,
                elsewhere: Elsewhere,
            ) -> Self {
                let place = Place::new(elsewhere);
                Self { service, handler, limits, place, types: PhantomData }
            }
        }

        impl<C, Req, Res, S, F, Fut> Handler for $name<C, Req, Res, S, F>
        where
            C: Codec<Req> + Codec<Res>,
            Req: 'static,
            Res: Send + 'static,
            S: Send + Sync + 'static,
            F: Fn(Arc<S>, Request<$request>) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Result<Response<$response>, Status>> + Send + 'static,
        {
            fn client_streams(&self) -> bool {
                $streams
            }

            fn server_streams(&self) -> bool {
                $answers
            }

            fn cost(&self) -> &Cost {
                self.place.cost()
            }

            fn max_receive_message(&self) -> usize {
                self.limits.receive
            }

            fn max_send_message(&self) -> usize {
                self.limits.send
            }

            fn call(
                &self,
                input: Input<'_>,
                metadata: Metadata,
                context: Context,
            ) -> Result<Boxed, Status> {
                let message = $read::<C, Req>(input)?;
                let request = Request::received(message, metadata, context);
                let future = (self.handler)(Arc::clone(&self.service), request);
                Ok(Box::pin($call::<C, Res, Fut>::new(self.place.put(future))))
            }
        }
    )*};
}

handlers! {
    /// One request, a stream of responses.
    ServerStreaming: one -> Req, streams [false, true], ResponseStream<Res>, StreamAnswer;
    /// A stream of requests, one response.
    ClientStreaming: many -> Streaming<Req>, streams [true, false], Res, OneAnswer;
    /// A stream each way.
    BidiStreaming: many -> Streaming<Req>, streams [true, true], ResponseStream<Res>, StreamAnswer;
}

/// One message each way.
pub(crate) struct Unary<C, Req, Res, S, F> {
    target: Arc<Target<S, F>>,
    limits: MessageLimits,
    types: Types<C, Req, Res>,
}

/// Whom the calls of a method go to, and where they run.
struct Target<S, F> {
    service: Arc<S>,
    handler: F,
    place: Place,
}

impl<S, F> Target<S, F> {
    fn begin<Req, Fut>(&self, request: Request<Req>) -> Placed<Fut>
    where
        F: Fn(Arc<S>, Request<Req>) -> Fut,
        Fut: Future<Output: Send> + Send + 'static,
    {
        self.place.put((self.handler)(Arc::clone(&self.service), request))
    }
}

impl<C, Req, Res, S, F> Unary<C, Req, Res, S, F> {
    pub(crate) fn new(
        service: Arc<S>,
        handler: F,
        limits: MessageLimits,
        elsewhere: Elsewhere,
    ) -> Self {
        let target = Target { service, handler, place: Place::new(elsewhere) };
        Self { target: Arc::new(target), limits, types: PhantomData }
    }
}

impl<C, Req, Res, S, F, Fut> Handler for Unary<C, Req, Res, S, F>
where
    C: Codec<Req> + Codec<Res>,
    Req: 'static,
    Res: Send + 'static,
    S: Send + Sync + 'static,
    F: Fn(Arc<S>, Request<Req>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Response<Res>, Status>> + Send + 'static,
{
    fn client_streams(&self) -> bool {
        false
    }

    fn server_streams(&self) -> bool {
        false
    }

    fn cost(&self) -> &Cost {
        self.target.place.cost()
    }

    fn max_receive_message(&self) -> usize {
        self.limits.receive
    }

    fn max_send_message(&self) -> usize {
        self.limits.send
    }

    fn call(
        &self,
        input: Input<'_>,
        metadata: Metadata,
        context: Context,
    ) -> Result<Boxed, Status> {
        let request = Request::received(one::<C, Req>(input)?, metadata, context);
        let target = Arc::clone(&self.target);
        let future = Some(target.begin(request));
        Ok(Box::pin(UnaryCall::<C, Req, Res, S, F, Fut> { target, future, types: PhantomData }))
    }
}

/// The argument of a handler that takes one message.
fn one<C: Codec<M>, M>(input: Input<'_>) -> Result<M, Status> {
    match input {
        Input::Message(payload) => Ok(C::decode(payload)?),
        Input::Stream(_) => Err(wrong_shape()),
    }
}

/// The argument of a handler that takes a stream.
fn many<C: Codec<M>, M>(input: Input<'_>) -> Result<Streaming<M>, Status> {
    match input {
        Input::Stream(incoming) => Ok(incoming.into_streaming::<C, M>()),
        Input::Message(_) => Err(wrong_shape()),
    }
}

fn wrong_shape() -> Status {
    Status::internal("the call does not have the shape of its handler")
}

pin_project_lite::pin_project! {
    /// Answers one message with one, any number of times.
    struct UnaryCall<C, Req, Res, S, F, Fut: Future> {
        target: Arc<Target<S, F>>,
        #[pin]
        future: Option<Placed<Fut>>,
        types: Types<C, Req, Res>,
    }
}

impl<C, Req, Res, S, F, Fut> ServerCall for UnaryCall<C, Req, Res, S, F, Fut>
where
    C: Codec<Req> + Codec<Res>,
    Res: Send,
    S: Send + Sync,
    F: Fn(Arc<S>, Request<Req>) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Response<Res>, Status>> + Send + 'static,
{
    fn poll(
        self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
        out: &mut ResponseWriter<'_>,
    ) -> Poll<()> {
        let mut future = self.project().future;
        if let Some(running) = future.as_mut().as_pin_mut() {
            let result = ready!(running.poll(cx));
            future.set(None);
            answer::<C, Res>(result, out);
        }
        Poll::Ready(())
    }

    fn can_restart(&self) -> bool {
        true
    }

    fn restart(
        self: Pin<&mut Self>,
        input: Input<'_>,
        metadata: Metadata,
        context: Context,
    ) -> Result<(), Status> {
        let mut this = self.project();
        let request = Request::received(one::<C, Req>(input)?, metadata, context);
        let future = this.target.begin(request);
        this.future.set(Some(future));
        Ok(())
    }
}

/// Answers with one message, or with the error.
fn answer<C: Codec<Res>, Res>(result: Result<Response<Res>, Status>, out: &mut ResponseWriter<'_>) {
    match result {
        Ok(response) => {
            if let Some(compression) = response.compression() {
                out.compress_with(compression);
            }
            let (message, metadata, trailers) = response.into_parts();
            if !metadata.is_empty() {
                out.head(&metadata);
            }
            match out.message::<C, Res>(&message) {
                Ok(()) => out.finish(Ok(&trailers)),
                Err(status) => out.finish(Err(&status)),
            }
        }
        Err(status) => out.finish(Err(&status)),
    }
}

pin_project_lite::pin_project! {
    /// Answers with one message.
    struct OneAnswer<C, Res, Fut: Future> {
        #[pin]
        future: Placed<Fut>,
        types: PhantomData<fn() -> (C, Res)>,
    }
}

impl<C, Res, Fut: Future> OneAnswer<C, Res, Fut> {
    const fn new(future: Placed<Fut>) -> Self {
        Self { future, types: PhantomData }
    }
}

impl<C, Res, Fut> ServerCall for OneAnswer<C, Res, Fut>
where
    C: Codec<Res>,
    Res: Send,
    Fut: Future<Output = Result<Response<Res>, Status>> + Send + 'static,
{
    fn poll(
        self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
        out: &mut ResponseWriter<'_>,
    ) -> Poll<()> {
        answer::<C, Res>(ready!(self.project().future.poll(cx)), out);
        Poll::Ready(())
    }
}

pin_project_lite::pin_project! {
    /// Answers with a stream: first the handler's future, then, in its place, what it returned.
    #[project = StreamAnswerProjection]
    enum StreamAnswer<C, Res, Fut: Future> {
        Asked {
            #[pin]
            future: Placed<Fut>,
            types: PhantomData<fn() -> C>,
        },
        Answered { stream: ResponseStream<Res>, trailers: Metadata },
    }
}

impl<C, Res, Fut: Future> StreamAnswer<C, Res, Fut> {
    const fn new(future: Placed<Fut>) -> Self {
        Self::Asked { future, types: PhantomData }
    }
}

impl<C, Res, Fut> ServerCall for StreamAnswer<C, Res, Fut>
where
    C: Codec<Res>,
    Res: Send,
    Fut: Future<Output = Result<Response<ResponseStream<Res>>, Status>> + Send + 'static,
{
    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
        out: &mut ResponseWriter<'_>,
    ) -> Poll<()> {
        if let StreamAnswerProjection::Asked { future, .. } = self.as_mut().project() {
            match ready!(future.poll(cx)) {
                Ok(response) => {
                    if let Some(compression) = response.compression() {
                        out.compress_with(compression);
                    }
                    let (stream, metadata, trailers) = response.into_parts();
                    // at once: a client may wait for it before it sends, and the first message
                    // may be long in coming
                    out.head(&metadata);
                    self.set(Self::Answered { stream, trailers });
                }
                Err(status) => {
                    out.finish(Err(&status));
                    return Poll::Ready(());
                }
            }
        }
        match self.project() {
            StreamAnswerProjection::Answered { stream, trailers } => {
                send::<C, Res>(stream, trailers, cx, out)
            }
            StreamAnswerProjection::Asked { .. } => Poll::Pending,
        }
    }
}

/// Sends what a stream yields as long as there is room, and finishes when it ends.
fn send<C: Codec<Res>, Res>(
    stream: &mut ResponseStream<Res>,
    trailers: &mut Metadata,
    cx: &mut task::Context<'_>,
    out: &mut ResponseWriter<'_>,
) -> Poll<()> {
    while out.has_room() {
        match ready!(stream.poll_outbound(cx)) {
            Some(Ok(Outbound { message, uncompressed })) => {
                let sent = if uncompressed {
                    out.message_uncompressed::<C, Res>(&message)
                } else {
                    out.message::<C, Res>(&message)
                };
                if let Err(status) = sent {
                    out.finish(Err(&status));
                    return Poll::Ready(());
                }
            }
            Some(Err(status)) => {
                out.finish(Err(&status));
                return Poll::Ready(());
            }
            None => {
                trailers.extend(&stream.trailers());
                out.finish(Ok(trailers));
                return Poll::Ready(());
            }
        }
    }
    Poll::Pending
}
