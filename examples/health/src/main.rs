//! A server that tells how it is: to a probe that asks, and to a client that watches.
#![allow(clippy::print_stdout, reason = "a program speaks to its user")]

#[allow(missing_docs, reason = "comments of the .proto file are the docs")]
mod proto {
    protocall::include_proto!();
}

use proto::example::{Greeter, GreeterServer};
use protocall::health::HealthReporter;
use protocall::health::v1::{HealthCheckRequest, HealthClient};
use protocall::{Channel, Server};
use std::error::Error;
use tokio::sync::oneshot;

struct Polite;

impl Greeter for Polite {}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    for told in run().await? {
        println!("{told}");
    }
    Ok(())
}

/// Goes through the life of a server; returns what a watching client was told.
async fn run() -> Result<Vec<String>, Box<dyn Error>> {
    let health = HealthReporter::new();
    let server = Server::builder()
        .add_service(GreeterServer::new(Polite))
        .add_service(health.service())
        .bind("127.0.0.1:0")
        .await?;
    let target = format!("http://{}", server.local_addr()?);
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve_with_shutdown(async move { drop(stopped.await) }));

    let client = HealthClient::new(Channel::connect(&target).await?);
    let service = "example.Greeter";
    let request = HealthCheckRequest { service: service.to_owned(), ..Default::default() };
    let mut watch = client.watch(request);
    let mut told = Vec::new();
    let mut next = async || match watch.message().await {
        Ok(Some(response)) => told.push(response.status.to_string()),
        Ok(None) => {}
        Err(status) => told.push(status.to_string()),
    };
    next().await;
    health.set_serving(service);
    next().await;
    // a database is gone, say
    health.set_not_serving(service);
    next().await;
    health.set_serving(service);
    next().await;
    // a server that drains says so by itself, and then lets its watchers go
    drop(stop);
    next().await;
    next().await;
    serving.await?;
    Ok(told)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test]
    async fn a_watcher_is_told_of_every_change() {
        let told = run().await.unwrap();
        assert_eq!(
            told[..5],
            ["SERVICE_UNKNOWN", "SERVING", "NOT_SERVING", "SERVING", "NOT_SERVING"]
        );
        assert_eq!(told[5], "UNAVAILABLE: the server is shutting down");
    }
}
