//! Messages whose types are prost's: `build.rs` says `Config::messages(Messages::Prost)`, and
//! everything else is as with the default types. Well-known types are those of `prost-types`; a
//! program that has prost's types already gives their place by `Config::extern_path`.
#![allow(clippy::print_stdout, reason = "a program speaks to its user")]

use std::error::Error;
use std::sync::Mutex;
use std::time::SystemTime;

use protocall::prost_types::Timestamp;
use protocall::{Channel, Request, Response, Server, Status};

use proto::example::v1::{Greeter, GreeterClient, GreeterServer, Greeting, Name};

mod proto {
    protocall::include_proto!();
}

#[derive(Default)]
struct Polite {
    last: Mutex<Option<Timestamp>>,
}

impl Greeter for Polite {
    async fn greet(&self, request: Request<Name>) -> Result<Response<Greeting>, Status> {
        let at = Timestamp::from(SystemTime::now());
        let mut last = self.last.lock().map_err(|_| Status::internal("a greeting failed"))?;
        *last = Some(at);
        let text = format!("Hello {}", request.into_inner().name);
        Ok(Response::new(Greeting { text, at: Some(at) }))
    }

    // `google.protobuf.Empty` is `()` in prost
    async fn last_greeting(&self, _: Request<()>) -> Result<Response<Timestamp>, Status> {
        let last = *self.last.lock().map_err(|_| Status::internal("a greeting failed"))?;
        last.map(Response::new).ok_or_else(|| Status::not_found("nobody was greeted"))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (greeting, last) = run("World").await?;
    println!("Received: {} at {last}", greeting.text);
    Ok(())
}

/// Serves on a free port, asks for a greeting, and when it was.
async fn run(name: &str) -> Result<(Greeting, Timestamp), Box<dyn Error>> {
    let service = GreeterServer::new(Polite::default());
    let server = Server::builder().add_service(service).bind("127.0.0.1:0").await?;
    let target = format!("http://{}", server.local_addr()?);
    tokio::spawn(server.serve());

    let client = GreeterClient::new(Channel::connect(&target).await?);
    let greeting = client.greet(Name { name: name.to_owned() }).await?.into_inner();
    let last = client.last_greeting(()).await?.into_inner();
    Ok((greeting, last))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test]
    async fn generated_services_carry_prosts_messages() {
        let (greeting, last) = run("World").await.unwrap();
        assert_eq!(greeting.text, "Hello World");
        assert_eq!(greeting.at, Some(last));
    }
}
