//! Text and bytes beside the messages: with the request, in front of the response, and behind it.
#![allow(clippy::print_stdout, reason = "a program speaks to its user")]

#[allow(missing_docs, reason = "comments of the .proto file are the docs")]
mod proto {
    protocall::include_proto!();
}

use proto::example::{Greeter, GreeterClient, GreeterServer, Greeting, Name};
use protocall::{Channel, Request, Response, Server, Status};
use std::error::Error;

/// Keys are lower case; those that end in `-bin` hold bytes, all others printable ASCII.
const LANGUAGE: &str = "x-language";
const TRACE: &str = "x-trace-bin";
const CHECKSUM: &str = "x-checksum-bin";

struct Polyglot;

impl Greeter for Polyglot {
    async fn greet(&self, request: Request<Name>) -> Result<Response<Greeting>, Status> {
        let Some(trace) = request.metadata().get_bin(TRACE) else {
            return Err(Status::invalid_argument("x-trace-bin is missing"));
        };
        let (language, hello) = match request.metadata().get(LANGUAGE) {
            Some("de") => ("de", "Hallo"),
            _ => ("en", "Hello"),
        };
        let text = format!("{hello} {}", request.message().name);
        let checksum = text.bytes().fold(0, u8::wrapping_add);

        let mut response = Response::new(Greeting { text, ..Default::default() });
        // in front of the message
        response.metadata_mut().insert(LANGUAGE, language).map_err(internal)?;
        response.metadata_mut().insert_bin(TRACE, trace).map_err(internal)?;
        // behind it
        response.trailers_mut().insert_bin(CHECKSUM, &[checksum]).map_err(internal)?;
        Ok(response)
    }
}

fn internal(error: protocall::metadata::MetadataError) -> Status {
    Status::internal(error.to_string())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let response = run().await?;
    println!("Message:  {}", response.message().text);
    println!("Metadata: {:?}", response.metadata());
    println!("Trailers: {:?}", response.trailers());
    Ok(())
}

/// Serves on a free port, and asks for a greeting in German.
async fn run() -> Result<Response<Greeting>, Box<dyn Error>> {
    let server =
        Server::builder().add_service(GreeterServer::new(Polyglot)).bind("127.0.0.1:0").await?;
    let target = format!("http://{}", server.local_addr()?);
    tokio::spawn(server.serve());

    let client = GreeterClient::new(Channel::connect(&target).await?);
    let mut request = Request::new(Name { name: "Welt".to_owned(), ..Default::default() });
    request.metadata_mut().insert(LANGUAGE, "de")?;
    request.metadata_mut().insert_bin(TRACE, &[0, 159, 255])?;
    Ok(client.greet(request).await?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test]
    async fn text_and_bytes_arrive_before_and_after() {
        let response = run().await.unwrap();
        assert_eq!(response.message().text, "Hallo Welt");
        assert_eq!(response.metadata().get(LANGUAGE), Some("de"));
        assert_eq!(response.metadata().get_bin(TRACE), Some(&[0, 159, 255][..]));
        let checksum = "Hallo Welt".bytes().fold(0, u8::wrapping_add);
        assert_eq!(response.trailers().get_bin(CHECKSUM), Some(&[checksum][..]));
    }
}
