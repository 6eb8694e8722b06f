//! TLS with certificates on both sides (mutual TLS): the channel knows its server, the handler
//! its caller. The certificates are made on the spot; a real program reads its own from files.
#![allow(clippy::print_stdout, reason = "a program speaks to its user")]

mod certificates;

#[allow(missing_docs, reason = "comments of the .proto file are the docs")]
mod proto {
    protocall::include_proto!();
}

use certificates::{Authority, Pair};
use proto::example::{Greeter, GreeterClient, GreeterServer, Greeting, Name};
use protocall::{Channel, ClientTls, Request, Response, Server, ServerTls, Status};
use std::error::Error;
use tokio::sync::oneshot;

struct Polite;

impl Greeter for Polite {
    async fn greet(&self, request: Request<Name>) -> Result<Response<Greeting>, Status> {
        let caller = request.identity().and_then(|identity| identity.dns_names().first());
        let caller = caller.ok_or_else(|| Status::unauthenticated("who are you?"))?;
        let text = format!("Hello {}, says {caller}", request.message().name);
        Ok(Response::new(Greeting { text, ..Default::default() }))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("{}", run().await?);
    Ok(())
}

/// Serves over TLS to clients with a certificate of the authority, and calls as one of them.
async fn run() -> Result<String, Box<dyn Error>> {
    let authority = Authority::new()?;
    let Pair { chain, key } = authority.issue("localhost")?;
    let tls = ServerTls::from_pem(chain, key)?.client_ca(authority.pem())?;
    // a clone is the handle to replace the certificate by, while the server runs
    let handle = tls.clone();
    let server = Server::builder()
        .add_service(GreeterServer::new(Polite))
        .tls(tls)
        .bind("127.0.0.1:0")
        .await?;
    let target = format!("https://localhost:{}", server.local_addr()?.port());
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve_with_shutdown(async {
        // an error says that the sender is gone, which is as good a reason to stop
        let _ = stopped.await;
    }));

    let renewed = authority.issue("localhost")?;
    handle.replace(renewed.chain, renewed.key)?;

    let Pair { chain, key } = authority.issue("alice.example")?;
    let tls = ClientTls::with_roots(authority.pem())?.identity(chain, key)?;
    let client = GreeterClient::new(Channel::builder(&target)?.tls(tls).build());
    let name = Name { name: "World".to_owned(), ..Default::default() };
    let greeting = client.greet(name).await?.into_inner();

    drop(stop);
    serving.await?;
    Ok(greeting.text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test]
    async fn the_handler_knows_its_caller() {
        assert_eq!(run().await.unwrap(), "Hello World, says alice.example");
    }
}
