//! A service whose methods are closures of the test; without them it echoes.

use crate::proto::trial::{Blob, Trial};
use protocall::{Request, Response, ResponseStream, Status, Streaming};
use std::fmt;
use std::future::Future;
use std::pin::Pin;

type Answer<T> = Pin<Box<dyn Future<Output = Result<Response<T>, Status>> + Send>>;
type Handler<In, Out> = Box<dyn Fn(Request<In>) -> Answer<Out> + Send + Sync>;

/// What a test makes of the service.
pub struct Scripted {
    unary: Handler<Blob, Blob>,
    download: Handler<Blob, ResponseStream<Blob>>,
    upload: Handler<Streaming<Blob>, Blob>,
    chat: Handler<Streaming<Blob>, ResponseStream<Blob>>,
}

fn boxed<In, Out, F, Fut>(handler: F) -> Handler<In, Out>
where
    F: Fn(Request<In>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Response<Out>, Status>> + Send + 'static,
{
    Box::new(move |request| Box::pin(handler(request)))
}

impl Default for Scripted {
    /// Unary and chat send back what they get; download sends `number` messages numbered from 0,
    /// each with the request's data; upload answers with the number of messages and all their data.
    fn default() -> Self {
        Self {
            unary: boxed(|request: Request<Blob>| async {
                Ok(Response::new(request.into_inner()))
            }),
            download: boxed(|request: Request<Blob>| async {
                let asked = request.into_inner();
                Ok(Response::new(ResponseStream::iter((0..asked.number).map(move |number| Blob {
                    number,
                    data: asked.data.clone(),
                    ..Default::default()
                }))))
            }),
            upload: boxed(|request: Request<Streaming<Blob>>| async {
                let mut requests = request.into_inner();
                let mut sum = Blob::default();
                while let Some(message) = requests.message().await? {
                    sum.number += 1;
                    sum.data.extend_from_slice(&message.data);
                }
                Ok(Response::new(sum))
            }),
            chat: boxed(|request: Request<Streaming<Blob>>| async {
                Ok(Response::new(ResponseStream::new(request.into_inner())))
            }),
        }
    }
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $request:ty => $response:ty;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name<F, Fut>(mut self, handler: F) -> Self
        where
            F: Fn(Request<$request>) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Result<Response<$response>, Status>> + Send + 'static,
        {
            self.$name = boxed(handler);
            self
        }
    )*};
}

impl Scripted {
    setters! {
        /// Replaces the unary method.
        unary: Blob => Blob;
        /// Replaces the method with a stream of responses.
        download: Blob => ResponseStream<Blob>;
        /// Replaces the method with a stream of requests.
        upload: Streaming<Blob> => Blob;
        /// Replaces the method with a stream each way.
        chat: Streaming<Blob> => ResponseStream<Blob>;
    }
}

impl Trial for Scripted {
    async fn unary(&self, request: Request<Blob>) -> Result<Response<Blob>, Status> {
        (self.unary)(request).await
    }

    async fn download(
        &self,
        request: Request<Blob>,
    ) -> Result<Response<ResponseStream<Blob>>, Status> {
        (self.download)(request).await
    }

    async fn upload(&self, request: Request<Streaming<Blob>>) -> Result<Response<Blob>, Status> {
        (self.upload)(request).await
    }

    async fn chat(
        &self,
        request: Request<Streaming<Blob>>,
    ) -> Result<Response<ResponseStream<Blob>>, Status> {
        (self.chat)(request).await
    }
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scripted").finish_non_exhaustive()
    }
}
