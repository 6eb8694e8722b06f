//! One request, a stream of responses: a server that counts down.
#![allow(clippy::print_stdout, reason = "a program speaks to its user")]

#[allow(missing_docs, reason = "comments of the .proto file are the docs")]
mod proto {
    protocall::include_proto!();
}

use proto::example::{Start, Tick, Ticker, TickerClient, TickerServer};
use protocall::{Channel, Request, Response, ResponseStream, Server, Status};
use std::error::Error;

struct Counter;

impl Ticker for Counter {
    async fn count_down(
        &self,
        request: Request<Start>,
    ) -> Result<Response<ResponseStream<Tick>>, Status> {
        let from = request.into_inner().from;
        if from == 0 {
            return Err(Status::invalid_argument("there is nothing to count"));
        }
        // an iterator is read as fast as the client takes; `ResponseStream::new` takes any `Stream`
        let ticks = (1..=from).rev().map(|number| Tick { number, ..Default::default() });
        Ok(Response::new(ResponseStream::iter(ticks)))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("Counted {:?}", run(5).await?);
    Ok(())
}

/// Serves on a free port, and counts down from there.
async fn run(from: u32) -> Result<Vec<u32>, Box<dyn Error>> {
    let server =
        Server::builder().add_service(TickerServer::new(Counter)).bind("127.0.0.1:0").await?;
    let target = format!("http://{}", server.local_addr()?);
    tokio::spawn(server.serve());

    let client = TickerClient::new(Channel::connect(&target).await?);
    // usable at once; dropping it before its end cancels the call
    let mut ticks = client.count_down(Start { from, ..Default::default() });
    let mut numbers = Vec::new();
    while let Some(tick) = ticks.message().await? {
        numbers.push(tick.number);
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test]
    async fn every_number_comes_in_order() {
        assert_eq!(run(3).await.unwrap(), [3, 2, 1]);
    }

    #[tokio::test]
    async fn an_error_ends_the_stream() {
        let error = run(0).await.unwrap_err();
        assert_eq!(error.to_string(), "INVALID_ARGUMENT: there is nothing to count");
    }
}
