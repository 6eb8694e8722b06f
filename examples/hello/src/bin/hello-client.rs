//! Calls the hello service on port 50051 of this machine.
#![allow(clippy::print_stdout, reason = "a program speaks to its user")]

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let answer = hello::greet(&format!("http://localhost:{}", hello::PORT)).await?;
    println!("Received: {answer}");
    Ok(())
}
