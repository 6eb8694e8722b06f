//! A stream of requests, one response: a server that adds up.
#![allow(clippy::print_stdout, reason = "a program speaks to its user")]

#[allow(missing_docs, reason = "comments of the .proto file are the docs")]
mod proto {
    protocall::include_proto!();
}

use proto::example::{Number, Sum, Sums, SumsClient, SumsServer};
use protocall::{Channel, Request, Response, Server, Status, Streaming};
use std::error::Error;

struct Adder;

impl Sums for Adder {
    async fn add(&self, request: Request<Streaming<Number>>) -> Result<Response<Sum>, Status> {
        let mut numbers = request.into_inner();
        let mut sum = Sum::default();
        while let Some(number) = numbers.message().await? {
            sum.count += 1;
            sum.value = sum
                .value
                .checked_add(number.value)
                .ok_or_else(|| Status::out_of_range("the sum is too large"))?;
        }
        Ok(Response::new(sum))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sum = run(&[1, 2, 39]).await?;
    println!("{} numbers make {}", sum.count, sum.value);
    Ok(())
}

/// Serves on a free port, and has the numbers added there.
async fn run(numbers: &[i64]) -> Result<Sum, Box<dyn Error>> {
    let server = Server::builder().add_service(SumsServer::new(Adder)).bind("127.0.0.1:0").await?;
    let target = format!("http://{}", server.local_addr()?);
    tokio::spawn(server.serve());

    let client = SumsClient::new(Channel::connect(&target).await?);
    let mut call = client.add(Request::new(()));
    for &value in numbers {
        // waits when the server is slow; an error here says only that the call is over,
        // `finish` tells why
        if call.send(Number { value, ..Default::default() }).await.is_err() {
            break;
        }
    }
    Ok(call.finish().await?.into_inner())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test]
    async fn all_numbers_count() {
        let sum = run(&[1, 2, 39]).await.unwrap();
        assert_eq!((sum.count, sum.value), (3, 42));
        assert_eq!(run(&[]).await.unwrap(), Sum::default());
    }

    #[tokio::test]
    async fn the_status_says_why_it_failed() {
        let error = run(&[i64::MAX, 1, 1]).await.unwrap_err();
        assert_eq!(error.to_string(), "OUT_OF_RANGE: the sum is too large");
    }
}
