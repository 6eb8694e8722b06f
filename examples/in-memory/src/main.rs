//! Server and client in one process, without a socket: for tests, and for services that live
//! beside their callers. The bytes in between are the same HTTP/2 as over a network.
#![allow(clippy::print_stdout, reason = "a program speaks to its user")]

#[allow(missing_docs, reason = "comments of the .proto file are the docs")]
mod proto {
    protocall::include_proto!();
}

use proto::example::{Greeter, GreeterClient, GreeterServer, Greeting, Name};
use protocall::{Channel, Request, Response, Server, Status, memory};
use std::error::Error;

struct Polite;

impl Greeter for Polite {
    async fn greet(&self, request: Request<Name>) -> Result<Response<Greeting>, Status> {
        let from = request.peer().map(ToString::to_string).unwrap_or_default();
        let text = format!("Hello {} from {from}", request.message().name);
        Ok(Response::new(Greeting { text, ..Default::default() }))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("{}", run().await?);
    Ok(())
}

/// Joins a server and a channel by a pipe, and makes a call.
async fn run() -> Result<String, Box<dyn Error>> {
    let (connector, listener) = memory::pair();
    let server = Server::builder().add_service(GreeterServer::new(Polite)).on(listener)?;
    let serving = tokio::spawn(server.serve());

    let client = GreeterClient::new(Channel::over(connector).build());
    let name = Name { name: "World".to_owned(), ..Default::default() };
    let greeting = client.greet(name).await?.into_inner();

    // with the last client the connector is gone, and the server ends by itself
    drop(client);
    serving.await?;
    Ok(greeting.text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test]
    async fn the_call_comes_through_memory() {
        assert_eq!(run().await.unwrap(), "Hello World from memory");
    }
}
