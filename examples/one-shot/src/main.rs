//! A call in one expression, for scripts that keep no channel. In Python it is
//! `HelloService.SendMessage(request, "localhost:50051", insecure=True, timeout=5, ..)`.
#![allow(clippy::print_stdout, reason = "a program speaks to its user")]

#[allow(missing_docs, reason = "comments of the .proto file are the docs")]
mod proto {
    protocall::include_proto!();
}

use proto::example::{HelloRequest, HelloServiceClient};
use protocall::{Metadata, OneShot};
use std::error::Error;
use std::time::Duration;

/// Calls the tutorial's server at the target that is the first argument: `cargo run -p hello --bin
/// hello-server` is one.
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let target = std::env::args().nth(1).unwrap_or_else(|| "http://localhost:50051".to_owned());
    println!("Received: {}", greet(&target).await?);
    Ok(())
}

async fn greet(target: &str) -> Result<String, Box<dyn Error>> {
    let mut metadata = Metadata::new();
    metadata.append("x-request-id", "4711")?;
    let request = HelloRequest { name: "World".to_owned(), ..Default::default() };
    let response = OneShot::to(target)
        .timeout(Duration::from_secs(5))
        .wait_for_ready(true)
        .metadata(metadata)
        .client(HelloServiceClient::new)?
        .send_message(request)
        .await?;
    Ok(response.into_inner().message)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use proto::example::{HelloResponse, HelloService, HelloServiceServer};
    use protocall::{Code, Request, Response, Server, Status};

    struct Hello;

    impl HelloService for Hello {
        async fn send_message(
            &self,
            request: Request<HelloRequest>,
        ) -> Result<Response<HelloResponse>, Status> {
            let left = request.remaining().unwrap();
            assert!(left > Duration::from_secs(3) && left <= Duration::from_secs(5), "{left:?}");
            let id = request.metadata().get("x-request-id").unwrap_or("none");
            let message = format!("Hello, {}! ({id})", request.message().name);
            Ok(Response::new(HelloResponse { message, ..Default::default() }))
        }
    }

    #[tokio::test]
    async fn the_call_has_all_that_it_was_told() {
        let server = Server::builder().add_service(HelloServiceServer::new(Hello));
        let server = server.bind("127.0.0.1:0").await.unwrap();
        let target = format!("http://{}", server.local_addr().unwrap());
        tokio::spawn(server.serve());
        assert_eq!(greet(&target).await.unwrap(), "Hello, World! (4711)");
    }

    #[tokio::test]
    async fn mistakes_are_told() {
        let error = OneShot::to("http://").client(HelloServiceClient::new).unwrap_err();
        assert!(error.to_string().contains("http://"), "{error}");
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let target = format!("http://{nobody}");
        let client = OneShot::to(&target).client(HelloServiceClient::new).unwrap();
        let status = client.send_message(HelloRequest::default()).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable);
    }
}
