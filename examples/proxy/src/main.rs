//! A proxy for any service, in fewer than fifty lines: it knows no message, and passes on streams
//! both ways, metadata, deadlines, status and cancellation.
#![allow(clippy::print_stdout, reason = "a program speaks to its user")]

use bytes::Bytes;
use protocall::server::Builder;
use protocall::{Channel, Request, Response, ResponseStream, Server, Status, Streaming};
use std::error::Error;

/// Passes on what comes in on port 50052 to the target that is the first argument.
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let target = std::env::args().nth(1).unwrap_or_else(|| "http://localhost:50051".to_owned());
    println!("Passing on port 50052 to {target}");
    let server = proxy(Channel::lazy(&target)?);
    server.serve_with_shutdown("[::]:50052", protocall::server::ctrl_c()).await?;
    Ok(())
}

/// A server that passes every call on to a channel.
fn proxy(backend: Channel) -> Builder {
    Server::builder().fallback(move |request| forward(backend.clone(), request))
}

async fn forward(
    backend: Channel,
    request: Request<Streaming<Bytes>>,
) -> Result<Response<ResponseStream<Bytes>>, Status> {
    let mut onward = Request::new(());
    *onward.metadata_mut() = request.metadata().clone();
    onward.options_mut().timeout = request.remaining();
    let call = backend.raw(request.path().clone(), onward);
    let (mut sender, mut responses) = call.split();

    let mut requests = request.into_inner();
    tokio::spawn(async move {
        loop {
            match requests.message().await {
                // an error means that the backend has ended the call, and how is told below
                Ok(Some(message)) => drop(sender.send(message).await),
                Ok(None) => return sender.finish(),
                // the client has gone: what it sent so far is not all
                Err(_) => return sender.cancel(),
            }
        }
    });

    let metadata = responses.headers().await?;
    let mut response = Response::new(ResponseStream::from(responses));
    *response.metadata_mut() = metadata;
    Ok(response)
}

#[cfg(test)]
mod tests;
