//! gRPC's interop client: runs one case against a server, and ends with code 0 if all was as the
//! case's description demands; else it says what differed, and ends with code 1.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to its user")]

use clap::Parser;
use protocall::Channel;
use protocall_interop::cases;
use protocall_interop::flags::Tls;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

/// A call that takes longer hangs: the longest case moves half a megabyte.
const CALL_LIMIT: Duration = Duration::from_secs(20);

/// Runs one of gRPC's interop tests; those of compression and credentials are refused by name.
#[derive(Debug, Parser)]
struct Flags {
    /// The server's name or address.
    #[arg(long = "server_host", default_value = "localhost")]
    host: String,
    /// The server's port.
    #[arg(long = "server_port")]
    port: u16,
    /// The case, by its official name.
    #[arg(long = "test_case", default_value = "large_unary")]
    case: String,
    #[command(flatten)]
    tls: Tls,
}

#[tokio::main]
async fn main() -> ExitCode {
    let flags = Flags::parse();
    let name = flags.case.clone();
    match run(flags).await {
        Ok(()) => {
            println!("{name}: passed");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(flags: Flags) -> Result<(), Box<dyn Error>> {
    flags.tls.check()?;
    let case = cases::find(&flags.case)?;
    let host = if flags.host.contains(':') { format!("[{}]", flags.host) } else { flags.host };
    let channel = Channel::builder(&format!("{host}:{}", flags.port))?.timeout(CALL_LIMIT).build();
    Ok(case.run(channel).await?)
}
