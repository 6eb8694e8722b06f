//! A server that stops without breaking a call: the one that runs may finish, new ones are refused.
#![allow(clippy::print_stdout, reason = "a program speaks to its user")]

#[allow(missing_docs, reason = "comments of the .proto file are the docs")]
mod proto {
    protocall::include_proto!();
}

use proto::example::{Done, Job, Worker, WorkerClient, WorkerServer};
use protocall::{Channel, Request, Response, Server, Status};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Tells when a job has begun.
struct Bench {
    begun: Arc<Notify>,
}

impl Worker for Bench {
    async fn work(&self, request: Request<Job>) -> Result<Response<Done>, Status> {
        self.begun.notify_one();
        tokio::time::sleep(Duration::from_millis(request.message().millis)).await;
        Ok(Response::new(Done::default()))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (running, late) = run().await?;
    println!("The call that was running: {}", describe(&running));
    println!("A call after the end: {}", describe(&late));
    Ok(())
}

fn describe(outcome: &Outcome) -> String {
    outcome.as_ref().map_or_else(ToString::to_string, |_| "done".to_owned())
}

/// How a call ended.
type Outcome = Result<Done, Status>;

/// Stops a server in the middle of a call; returns how that call ended, and one made afterwards.
async fn run() -> Result<(Outcome, Outcome), Box<dyn Error>> {
    let begun = Arc::new(Notify::new());
    let stop = Arc::new(Notify::new());
    let server = Server::builder()
        .add_service(WorkerServer::new(Bench { begun: Arc::clone(&begun) }))
        // calls that take longer are ended
        .drain_limit(Duration::from_secs(10))
        .bind("127.0.0.1:0")
        .await?;
    let target = format!("http://{}", server.local_addr()?);
    // a program would pass `protocall::server::ctrl_c()`: Ctrl-C, or a service manager's SIGTERM
    let stopped = Arc::clone(&stop);
    let serving = tokio::spawn(server.serve_with_shutdown(async move { stopped.notified().await }));

    let client = WorkerClient::new(Channel::connect(&target).await?);
    let caller = client.clone();
    let running = tokio::spawn(async move { work(&caller, 200).await });
    begun.notified().await;

    stop.notify_one();
    // ready once the last call is answered and its connection closed
    serving.await?;
    Ok((running.await?, work(&client, 0).await))
}

async fn work(client: &WorkerClient, millis: u64) -> Outcome {
    Ok(client.work(Job { millis, ..Default::default() }).await?.into_inner())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use protocall::Code;

    #[tokio::test]
    async fn a_running_call_finishes_and_a_late_one_is_refused() {
        let (running, late) = run().await.unwrap();
        assert_eq!(running.unwrap(), Done::default());
        assert_eq!(late.unwrap_err().code(), Code::Unavailable);
    }
}
