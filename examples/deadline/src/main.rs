//! A time limit for a call: the client sets it, the handler sees what is left of it, and when it
//! passes the call ends with DEADLINE_EXCEEDED on both sides.
#![allow(clippy::print_stdout, reason = "a program speaks to its user")]

#[allow(missing_docs, reason = "comments of the .proto file are the docs")]
mod proto {
    protocall::include_proto!();
}

use proto::example::{Nap, Rested, Sleeper, SleeperClient, SleeperServer};
use protocall::{Channel, Request, Response, Server, Status};
use std::error::Error;
use std::time::Duration;

struct Bed;

impl Sleeper for Bed {
    async fn sleep(&self, request: Request<Nap>) -> Result<Response<Rested>, Status> {
        let remaining_millis = request
            .remaining()
            .map(|remaining| u64::try_from(remaining.as_millis()).unwrap_or(u64::MAX));
        // when the deadline passes, the handler is dropped right here
        tokio::time::sleep(Duration::from_millis(request.message().millis)).await;
        Ok(Response::new(Rested { remaining_millis, ..Default::default() }))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let client = serve().await?;
    let rested = nap(&client, 10, Duration::from_secs(60)).await?;
    println!("Slept 10 ms; the handler began with {:?} ms left", rested.remaining_millis);
    if let Err(status) = nap(&client, 60_000, Duration::from_millis(50)).await {
        println!("Slept too long: {status}");
    }
    Ok(())
}

/// Makes a call that must be over within `limit`, streams and waiting for a connection included.
async fn nap(client: &SleeperClient, millis: u64, limit: Duration) -> Result<Rested, Status> {
    let request = Request::new(Nap { millis, ..Default::default() }).with_timeout(limit);
    Ok(client.sleep(request).await?.into_inner())
}

/// Serves on a free port, and connects to it.
async fn serve() -> Result<SleeperClient, Box<dyn Error>> {
    let server = Server::builder().add_service(SleeperServer::new(Bed)).bind("127.0.0.1:0").await?;
    let target = format!("http://{}", server.local_addr()?);
    tokio::spawn(server.serve());
    // a limit for calls that set none is `Channel::builder(..)?.timeout(..).build()`
    Ok(SleeperClient::new(Channel::connect(&target).await?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use protocall::Code;

    #[tokio::test]
    async fn a_handler_sees_the_time_that_is_left() {
        let client = serve().await.unwrap();
        let rested = nap(&client, 0, Duration::from_secs(60)).await.unwrap();
        let remaining = rested.remaining_millis.unwrap();
        assert!((1..=60_000).contains(&remaining), "{remaining}");
        let unlimited = client.sleep(Nap::default()).await.unwrap();
        assert_eq!(unlimited.message().remaining_millis, None);
    }

    #[tokio::test]
    async fn a_call_that_takes_too_long_ends() {
        let client = serve().await.unwrap();
        let status = nap(&client, 60_000, Duration::from_millis(20)).await.unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded);
    }
}
