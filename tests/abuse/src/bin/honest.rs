//! Honest load between ours and grpc-go, with the counters of our side at the end: `honest serve
//! SECONDS PROGRAM` runs a program that calls our server, `honest call SECONDS PORT` calls a server
//! of somebody else. Ends with code 0 if the load ran and no limit was met.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::expect_used,
    reason = "a program speaks to its user, and checks as a test does"
)]

use clap::Parser;
use protocall::server::Stats;
use protocall::{Channel, Server};
use protocall_abuse::honest::{self, assert_clean, assert_rate};
use protocall_abuse::share::{self, Ticks};
use protocall_interop::proto::grpc::testing::TestServiceServer;
use protocall_interop::service::TestServer;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;
use tokio::process::Command;

/// Calls a second, and calls that are cancelled.
const SHORT: u32 = 10_000;
const CANCELLED: usize = 100_000;
/// How long short calls are made; the client of grpc-go does so, too.
const SHORT_TIME: Duration = Duration::from_secs(10);

/// Honest load.
#[derive(Debug, Parser)]
enum Task {
    /// Serves; `program` is given `-target`, `-load` and `-seconds`, once for each load.
    Serve {
        /// How long small messages are streamed.
        seconds: u64,
        /// The client.
        program: String,
    },
    /// Calls the server on that port.
    Call {
        /// How long small messages are streamed.
        seconds: u64,
        /// The server's port.
        port: u16,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Task::parse() {
        Task::Serve { seconds, program } => serve(seconds, &program).await,
        Task::Call { seconds, port } => call(seconds, port).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("honest: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(seconds: u64, program: &str) -> Result<(), Box<dyn Error>> {
    for load in ["small", "cancelled", "short"] {
        let stats = Stats::default();
        let server = Server::builder()
            .stats(stats.clone())
            .add_service(TestServiceServer::new(TestServer::new()))
            .bind("127.0.0.1:0")
            .await?;
        let target = server.local_addr()?.to_string();
        let serving = tokio::spawn(server.serve());
        let mut client = Command::new(program);
        client.args(["-target", &target, "-load", load, "-seconds", &seconds.to_string()]);
        let before = Ticks::now();
        let status = client.status().await?;
        let left = share::left(before);
        let met = stats.snapshot();
        println!(
            "  {} resets received, {} rapid",
            met.http2.resets_received, met.http2.rapid_resets
        );
        assert_clean(load, &met.http2);
        if !status.success() || met.accept.connections_accepted != 1 {
            let connections = met.accept.connections_accepted;
            return Err(format!("{load}: {status}, {connections} connections").into());
        }
        if load == "short" {
            assert_rate(load, met.http2.streams_completed, SHORT, SHORT_TIME, left);
        }
        serving.abort();
    }
    Ok(())
}

async fn call(seconds: u64, port: u16) -> Result<(), Box<dyn Error>> {
    for load in ["small", "cancelled", "short"] {
        let channel = Channel::connect(&format!("127.0.0.1:{port}")).await?;
        let time = Duration::from_secs(seconds);
        match load {
            "small" => {
                let (down, up) = honest::small_messages(&channel, time).await;
                println!("small: {down} messages down, {up} up in {seconds} s");
            }
            "cancelled" => {
                honest::cancelled_calls(&channel, CANCELLED).await;
                println!("cancelled: {CANCELLED} calls");
            }
            _ => {
                let made = honest::short_streams(&channel, SHORT, SHORT_TIME).await;
                // how fast somebody else's server is, is not ours to judge
                println!("short: {made} calls in {SHORT_TIME:?}");
            }
        }
        let met = channel.stats().snapshot();
        assert_clean(load, &met.http2);
        if met.connect.connections_made != 1 {
            return Err(format!("{load}: {} connections", met.connect.connections_made).into());
        }
    }
    Ok(())
}
