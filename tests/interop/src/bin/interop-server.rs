//! gRPC's interop server: `interop-server --port P` serves until Ctrl-C or SIGTERM.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to its user")]

use clap::Parser;
use protocall::Server;
use protocall::server::ctrl_c;
use protocall_interop::flags::Tls;
use protocall_interop::proto::grpc::testing::TestServiceServer;
use protocall_interop::service::TestServer;
use std::error::Error;
use std::process::ExitCode;

/// Serves gRPC's interop tests; compressed responses are refused with UNIMPLEMENTED.
#[derive(Debug, Parser)]
struct Flags {
    /// The port to listen on; 0 lets the system choose.
    #[arg(long)]
    port: u16,
    #[command(flatten)]
    tls: Tls,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Flags::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("interop-server: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(flags: Flags) -> Result<(), Box<dyn Error>> {
    flags.tls.check()?;
    let server = Server::builder()
        .add_service(TestServiceServer::new(TestServer::new()))
        .bind(format!("[::]:{}", flags.port))
        .await?;
    println!("interop-server listens on port {}", server.local_addr()?.port());
    server.serve_with_shutdown(ctrl_c()).await;
    Ok(())
}
