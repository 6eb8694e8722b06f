//! A server that can be asked what it serves: by grpcurl, ghz, or any other tool that knows
//! reflection. Try it with `grpcurl -plaintext localhost:50051 list`.
#![allow(clippy::print_stdout, reason = "a program speaks to its user")]

#[allow(missing_docs, reason = "comments of the .proto file are the docs")]
mod proto {
    protocall::include_proto!();
}

use proto::example::{Greeter, GreeterServer, Greeting, Name};
use protocall::error_details::{self, BadRequest, StatusExt};
use protocall::health::HealthReporter;
use protocall::reflection::Reflection;
use protocall::server::Builder;
use protocall::{Request, Response, Server, Status};
use std::error::Error;

struct Polite;

impl Greeter for Polite {
    async fn greet(&self, request: Request<Name>) -> Result<Response<Greeting>, Status> {
        let name = request.into_inner().name;
        if name.is_empty() {
            return Err(Status::invalid_argument("whom shall I greet?")
                .with_error_details([BadRequest::field("name", "must not be empty")]));
        }
        Ok(Response::new(Greeting { text: format!("Hello {name}"), ..Default::default() }))
    }
}

/// Serves on the port that is the first argument, or 50051, until Ctrl-C.
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args().nth(1).unwrap_or_else(|| "50051".to_owned());
    let server = server()?.bind(format!("[::]:{port}")).await?;
    println!("Try: grpcurl -plaintext localhost:{port} list");
    server.serve_with_shutdown(protocall::server::ctrl_c()).await;
    Ok(())
}

fn server() -> Result<Builder, Box<dyn Error>> {
    let reflection = Reflection::new()
        .with(proto::FILE_DESCRIPTOR_SET)?
        // so that tools can read the details of errors
        .with(error_details::FILE_DESCRIPTOR_SET)?
        .build()?;
    let health = HealthReporter::new();
    health.set_serving("example.Greeter");
    Ok(Server::builder()
        .add_service(GreeterServer::new(Polite))
        .add_service(health.service())
        .add_service(reflection))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use protocall::reflection::v1::__buffa::oneof::{
        server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
    };
    use protocall::reflection::v1::{ServerReflectionClient, ServerReflectionRequest};
    use protocall::{Channel, memory};

    #[tokio::test]
    async fn the_greeter_is_told_of() {
        let (connector, listener) = memory::pair();
        tokio::spawn(server().unwrap().on(listener).unwrap().serve());
        let client = ServerReflectionClient::new(Channel::over(connector).build());
        let mut stream = client.server_reflection_info(());
        let symbol = MessageRequest::FileContainingSymbol("example.Greeter".to_owned());
        let message_request = Some(symbol);
        let request = ServerReflectionRequest { message_request, ..Default::default() };
        stream.send(request).await.unwrap();
        let response = stream.message().await.unwrap().unwrap();
        let Some(MessageResponse::FileDescriptorResponse(files)) = response.message_response else {
            panic!("no file");
        };
        assert_eq!(files.file_descriptor_proto.len(), 1);
    }
}
