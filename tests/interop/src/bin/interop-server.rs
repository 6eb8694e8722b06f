//! gRPC's interop server: `interop-server --port P` serves until Ctrl-C or SIGTERM.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to its user")]

use clap::Parser;
use protocall::Server;
use protocall::server::{MessageLimits, ctrl_c};
use protocall_interop::flags::ServerSecurity;
use protocall_interop::proto::grpc::testing::TestServiceServer;
use protocall_interop::proto::xds::service::orca::v3::OpenRcaServiceServer;
use protocall_interop::service::TestServer;
use std::error::Error;
use std::process::ExitCode;

/// Above what grpc-java's `very_large_request` sends: 10 MiB.
const LARGEST_REQUEST: usize = 16 * 1024 * 1024;

/// Serves gRPC's interop tests, and the load reports that some of them ask for.
#[derive(Debug, Parser)]
struct Flags {
    /// The port to listen on; 0 lets the system choose.
    #[arg(long)]
    port: u16,
    #[command(flatten)]
    security: ServerSecurity,
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
    let service = TestServer::new();
    let limits = MessageLimits { receive: LARGEST_REQUEST, ..MessageLimits::default() };
    let mut builder = Server::builder()
        .message_limits(limits)
        .add_service(OpenRcaServiceServer::new(service.load()))
        .add_service(TestServiceServer::new(service));
    if let Some(tls) = flags.security.tls()? {
        builder = builder.tls(tls);
    }
    let server = builder.bind(format!("[::]:{}", flags.port)).await?;
    println!("interop-server listens on port {}", server.local_addr()?.port());
    server.serve_with_shutdown(ctrl_c()).await;
    Ok(())
}
