//! The service, its server and its client: serves at a path, calls it, stops.

#[allow(missing_docs, reason = "comments of the .proto file are the docs")]
mod proto {
    protocall::include_proto!();
}

use proto::example::{Greeter, GreeterClient, GreeterServer, Greeting, Name};
use protocall::{Channel, PeerAddr, Request, Response, Server, Status};
use std::error::Error;
use tokio::sync::oneshot;

struct Polite;

impl Greeter for Polite {
    async fn greet(&self, request: Request<Name>) -> Result<Response<Greeting>, Status> {
        let known = matches!(request.peer(), Some(PeerAddr::Unix(peer)) if peer.uid.is_some());
        let who = if known { "a known user" } else { "a stranger" };
        let text = format!("Hello {}, says {who}", request.message().name);
        Ok(Response::new(Greeting { text, ..Default::default() }))
    }
}

/// Serves at a path, and calls it. The socket's file goes when the server stops.
pub(crate) async fn run() -> Result<String, Box<dyn Error>> {
    let path = std::env::temp_dir().join(format!("greeter-{}.sock", std::process::id()));
    let server = Server::builder().add_service(GreeterServer::new(Polite)).bind_unix(&path).await?;
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve_with_shutdown(async {
        // an error says that the sender is gone, which is as good a reason to stop
        let _ = stopped.await;
    }));

    let client = GreeterClient::new(Channel::lazy(&format!("unix:{}", path.display()))?);
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
    async fn the_call_comes_through_the_socket() {
        assert_eq!(run().await.unwrap(), "Hello World, says a known user");
    }
}
