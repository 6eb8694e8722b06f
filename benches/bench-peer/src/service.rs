//! The benchmark's services: hello, and an echo of each call shape.

use crate::proto::bench::{Ask, Echo, EchoServer, Order, Payload, Shop, ShopServer};
use crate::proto::example::{HelloRequest, HelloResponse, HelloService, HelloServiceServer};
use crate::proto::work::{Task, Worker, WorkerServer};
use bytes::Bytes;
use protocall::server::{Builder, MessageLimits};
use protocall::{Request, Response, ResponseStream, Server, Status, Streaming};
use std::time::{Duration, Instant};

/// A server of all services, without limits to messages.
pub(crate) fn builder() -> Builder {
    Server::builder()
        .busy_poll(crate::busy_poll())
        .message_limits(MessageLimits { receive: usize::MAX, send: usize::MAX })
        .add_service(HelloServiceServer::new(Service))
        .add_service(EchoServer::new(Service))
        .add_service(ShopServer::new(Service))
        .add_service(WorkerServer::new(Service))
}

struct Service;

impl HelloService for Service {
    async fn send_message(
        &self,
        request: Request<HelloRequest>,
    ) -> Result<Response<HelloResponse>, Status> {
        let message = format!("Hello, {}!", request.into_inner().name);
        Ok(Response::new(HelloResponse { message, ..Default::default() }))
    }
}

impl Shop for Service {
    async fn place(&self, request: Request<Order>) -> Result<Response<Order>, Status> {
        Ok(Response::new(request.into_inner()))
    }
}

impl Worker for Service {
    async fn work(&self, request: Request<Task>) -> Result<Response<Task>, Status> {
        let task = request.into_inner();
        let end = Instant::now() + Duration::from_micros(task.micros.into());
        while task.micros > 0 && Instant::now() < end {
            std::hint::spin_loop();
        }
        Ok(Response::new(task))
    }
}

impl Echo for Service {
    async fn unary(&self, request: Request<Payload>) -> Result<Response<Payload>, Status> {
        Ok(Response::new(request.into_inner()))
    }

    async fn download(
        &self,
        request: Request<Ask>,
    ) -> Result<Response<ResponseStream<Payload>>, Status> {
        let ask = request.into_inner();
        let body = Bytes::from(vec![7u8; ask.size as usize]);
        let messages =
            (0..ask.count).map(move |_| Payload { body: body.clone(), ..Default::default() });
        Ok(Response::new(ResponseStream::iter(messages)))
    }

    async fn upload(&self, request: Request<Streaming<Payload>>) -> Result<Response<Ask>, Status> {
        let mut messages = request.into_inner();
        let mut ask = Ask::default();
        while let Some(message) = messages.message().await? {
            ask.count += 1;
            ask.size = ask.size.wrapping_add(message.body.len() as u32);
        }
        Ok(Response::new(ask))
    }

    async fn bidi(
        &self,
        request: Request<Streaming<Payload>>,
    ) -> Result<Response<ResponseStream<Payload>>, Status> {
        Ok(Response::new(ResponseStream::new(request.into_inner())))
    }
}
