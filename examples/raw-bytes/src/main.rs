//! Calls whose messages are bytes, without a `.proto` file: for proxies, and for formats of one's
//! own. What generated code does for a service is written out here by hand.
#![allow(clippy::print_stdout, reason = "a program speaks to its user")]

use bytes::Bytes;
use protocall::codec::Raw;
use protocall::server::{Routes, Service};
use protocall::{Channel, Method, MethodKind, Request, Response, Server, Status};
use std::error::Error;
use std::sync::Arc;

/// A method is its service, its name, both as a path, and its shape.
const REVERSE: Method =
    Method::new("example.Bytes", "Reverse", "/example.Bytes/Reverse", MethodKind::Unary);

struct Reverser;

impl Reverser {
    async fn reverse(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Status> {
        Ok(Response::new(request.into_inner().iter().rev().copied().collect()))
    }
}

impl Service for Reverser {
    fn name(&self) -> &'static str {
        "example.Bytes"
    }

    fn register(self, routes: &mut Routes) {
        let this = Arc::new(self);
        routes.unary::<Raw, Bytes, Bytes, _, _, _>(&REVERSE, &this, |this, request| async move {
            this.reverse(request).await
        });
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("Received: {:?}", run("protocall").await?);
    Ok(())
}

/// Serves on a free port, and sends the bytes there.
async fn run(bytes: &'static str) -> Result<Bytes, Box<dyn Error>> {
    let server = Server::builder().add_service(Reverser).bind("127.0.0.1:0").await?;
    let target = format!("http://{}", server.local_addr()?);
    tokio::spawn(server.serve());

    let channel = Channel::connect(&target).await?;
    let request = Request::new(Bytes::from_static(bytes.as_bytes()));
    Ok(channel.unary::<Raw, Bytes, Bytes>(&REVERSE, request).await?.into_inner())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test]
    async fn bytes_come_and_go_as_they_are() {
        assert_eq!(run("abc").await.unwrap(), "cba");
        assert_eq!(run("").await.unwrap(), "");
    }
}
