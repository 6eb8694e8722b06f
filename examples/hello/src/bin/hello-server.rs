//! Serves the hello service on port 50051 until Ctrl-C or SIGTERM.
#![allow(clippy::print_stdout, reason = "a program speaks to its user")]

use hello::proto::example::HelloServiceServer;
use hello::{Hello, PORT};
use protocall::Server;
use protocall::server::ctrl_c;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::builder()
        .add_service(HelloServiceServer::new(Hello))
        .bind(format!("[::]:{PORT}"))
        .await?;
    println!("Server started on port {PORT}");
    server.serve_with_shutdown(ctrl_c()).await;
    Ok(())
}
