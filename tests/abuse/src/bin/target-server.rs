//! A server for other people's test suites: gRPC's interop service on a port, over TLS with a
//! certificate of its own making if that is asked for. Serves until it is killed.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to its user")]

use clap::Parser;
use protocall::{Server, ServerTls};
use protocall_interop::proto::grpc::testing::TestServiceServer;
use protocall_interop::service::TestServer;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

/// Serves gRPC's interop service.
#[derive(Debug, Parser)]
struct Flags {
    /// The port to listen on.
    #[arg(long)]
    port: u16,
    /// Encrypt connections; the certificate is for localhost and signed by itself.
    #[arg(long)]
    tls: bool,
    /// Milliseconds that a request that is no gRPC call stays open before it is refused.
    #[arg(long, default_value_t = 100)]
    refusal_delay: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Flags::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("target-server: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(flags: Flags) -> Result<(), Box<dyn Error>> {
    let mut server = Server::builder()
        .refusal_delay(Duration::from_millis(flags.refusal_delay))
        .add_service(TestServiceServer::new(TestServer::new()));
    if flags.tls {
        let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        let key = pair.signing_key.serialize_pem();
        server = server.tls(ServerTls::from_pem(pair.cert.pem(), key)?);
    }
    server.serve(format!("127.0.0.1:{}", flags.port)).await?;
    Ok(())
}
