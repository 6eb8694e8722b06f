//! Runs the hello server and its client together, and ends when the answer is there.
#![allow(clippy::print_stdout, reason = "a program speaks to its user")]

use hello::proto::example::HelloServiceServer;
use hello::{Hello, PORT, greet};
use protocall::Server;
use tokio::sync::oneshot;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::builder()
        .add_service(HelloServiceServer::new(Hello))
        .bind(format!("[::]:{PORT}"))
        .await?;
    println!("Server started on port {PORT}");
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve_with_shutdown(async {
        // an error says that the sender is gone, which is as good a reason to stop
        let _ = stopped.await;
    }));
    let answer = greet(&format!("http://localhost:{PORT}")).await?;
    println!("Received: {answer}");
    drop(stop);
    serving.await?;
    Ok(())
}
