//! A server on a Unix socket: reachable from this machine alone, by those who may open the file.
//! The handler knows which user calls.
#![allow(clippy::print_stdout, reason = "a program speaks to its user")]

#[cfg(unix)]
mod greeter;

#[cfg(unix)]
#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{}", greeter::run().await?);
    Ok(())
}

#[cfg(not(unix))]
fn main() {
    println!("this system has no Unix sockets");
}
