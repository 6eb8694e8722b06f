//! Messages whose types are prost's, such as those that a program has already: the codec is
//! `Prost`, everything else stays. The service is written out by hand here; code of
//! `protocall-build` names the codec with `Config::codec("::protocall::codec::Prost")`.
#![allow(clippy::print_stdout, reason = "a program speaks to its user")]

use prost::Message;
use protocall::codec::Prost;
use protocall::server::{Routes, Service};
use protocall::{Channel, Method, MethodKind, Request, Response, Server, Status};
use std::error::Error;
use std::sync::Arc;

/// A request, as prost would generate it.
#[derive(Clone, PartialEq, Message)]
struct Name {
    #[prost(string, tag = "1")]
    name: String,
}

/// A response, as prost would generate it.
#[derive(Clone, PartialEq, Message)]
struct Greeting {
    #[prost(string, tag = "1")]
    text: String,
}

const GREET: Method =
    Method::new("example.Greeter", "Greet", "/example.Greeter/Greet", MethodKind::Unary);

struct Greeter;

impl Greeter {
    async fn greet(&self, request: Request<Name>) -> Result<Response<Greeting>, Status> {
        Ok(Response::new(Greeting { text: format!("Hello {}", request.into_inner().name) }))
    }
}

impl Service for Greeter {
    fn name(&self) -> &'static str {
        "example.Greeter"
    }

    fn register(self, routes: &mut Routes) {
        let this = Arc::new(self);
        routes.unary::<Prost, Name, Greeting, _, _, _>(&GREET, &this, |this, request| async move {
            this.greet(request).await
        });
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("Received: {}", run("World").await?);
    Ok(())
}

/// Serves on a free port, and asks for a greeting.
async fn run(name: &str) -> Result<String, Box<dyn Error>> {
    let server = Server::builder().add_service(Greeter).bind("127.0.0.1:0").await?;
    let target = format!("http://{}", server.local_addr()?);
    tokio::spawn(server.serve());

    let channel = Channel::connect(&target).await?;
    let request = Request::new(Name { name: name.to_owned() });
    Ok(channel.unary::<Prost, Name, Greeting>(&GREET, request).await?.into_inner().text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test]
    async fn prost_encodes_and_decodes() {
        assert_eq!(run("World").await.unwrap(), "Hello World");
    }
}
