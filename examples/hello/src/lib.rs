//! The hello service of `proto/hello.proto`: its handler, its server, its client.
//!
//! The three programs beside it (`hello-server`, `hello-client`, and `hello`, which runs both) only
//! call what is here.

#[allow(missing_docs, reason = "comments of the .proto file are the docs")]
pub mod proto {
    protocall::include_proto!();
}

use proto::example::{HelloRequest, HelloResponse, HelloService, HelloServiceClient};
use protocall::{Channel, Request, Response, Status};

/// The port that the tutorial's server listens on.
pub const PORT: u16 = 50051;

/// Greets whoever calls.
#[derive(Debug)]
pub struct Hello;

impl HelloService for Hello {
    async fn send_message(
        &self,
        request: Request<HelloRequest>,
    ) -> Result<Response<HelloResponse>, Status> {
        let message = format!("Hello, {}!", request.into_inner().name);
        Ok(Response::new(HelloResponse { message, ..Default::default() }))
    }
}

/// Calls the service at `target` and returns its answer.
///
/// # Errors
/// When the server cannot be reached or answers with an error.
pub async fn greet(target: &str) -> Result<String, Box<dyn std::error::Error>> {
    let client = HelloServiceClient::new(Channel::connect(target).await?);
    let request = HelloRequest { name: "World".to_owned(), ..Default::default() };
    Ok(client.send_message(request).await?.into_inner().message)
}
