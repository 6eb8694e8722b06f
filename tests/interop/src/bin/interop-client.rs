//! gRPC's interop client: runs cases against a server, and ends with code 0 if all was as their
//! descriptions demand; else it says what differed, and ends with code 1.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to its user")]

use clap::Parser;
use protocall::Channel;
use protocall_interop::cases::{self, Setup};
use protocall_interop::flags::{ClientSecurity, Soak};
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

/// A call that takes longer hangs: the longest case moves half a megabyte.
const CALL_LIMIT: Duration = Duration::from_secs(20);

/// Runs gRPC's interop tests; those of Google's credentials are refused by name.
#[derive(Debug, Parser)]
struct Flags {
    /// The server's name or address.
    #[arg(long = "server_host", default_value = "localhost")]
    host: String,
    /// The server's port.
    #[arg(long = "server_port")]
    port: u16,
    /// The case, by its official name; several are apart by commas.
    #[arg(long = "test_case", default_value = "large_unary", value_delimiter = ',')]
    cases: Vec<String>,
    /// How often to run them, each time over a new connection.
    #[arg(long, default_value_t = 1)]
    repeat: u32,
    #[command(flatten)]
    security: ClientSecurity,
    #[command(flatten)]
    soak: Soak,
    /// Taken for the sake of the official scripts: load reports come without a balancer's help.
    #[arg(long = "service_config_json")]
    service_config: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut failed = false;
    let flags = Flags::parse();
    for name in &flags.cases {
        for _ in 0..flags.repeat {
            match run(&flags, name).await {
                Ok(()) => println!("{name}: passed"),
                Err(error) => {
                    eprintln!("{name}: {error}");
                    failed = true;
                }
            }
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

async fn run(flags: &Flags, name: &str) -> Result<(), Box<dyn Error>> {
    let case = cases::find(name)?;
    let host = &flags.host;
    let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
    let target = format!("{host}:{}", flags.port);
    let tls = flags.security.tls()?;
    // read once to tell what is wrong with it
    Channel::builder(&target)?;
    let connect = move || {
        let mut builder = Channel::builder(&target).ok()?.timeout(CALL_LIMIT);
        if let Some(tls) = tls.clone() {
            builder = builder.tls(tls);
        }
        Some(builder.build())
    };
    Ok(case.run(Setup::new(connect, flags.soak.clone()).ok_or("no channel")?).await?)
}
