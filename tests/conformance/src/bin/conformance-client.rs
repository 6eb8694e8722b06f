//! The client that the conformance suite tests: makes the calls that come over stdin, several at
//! once, and tells over stdout what came of each.
#![allow(clippy::print_stderr, reason = "a program speaks to its user")]

use protocall_conformance::client;
use protocall_conformance::v1::client_compat_response::Result as Outcome;
use protocall_conformance::v1::{ClientCompatRequest, ClientCompatResponse, ClientErrorResult};
use protocall_conformance::wire;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::sync::{Mutex, Semaphore};

/// Calls at once: they mostly wait for the delays that the suite asks for.
const AT_ONCE: u32 = 8;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("conformance-client: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut input = tokio::io::stdin();
    let output = Arc::new(Mutex::new(tokio::io::stdout()));
    let room = Arc::new(Semaphore::new(AT_ONCE.try_into()?));
    while let Some(asked) = wire::read::<ClientCompatRequest>(&mut input).await? {
        let place = Arc::clone(&room).acquire_owned().await?;
        let output = Arc::clone(&output);
        tokio::spawn(async move {
            let result = match client::run(&asked).await {
                Ok(result) => Outcome::from(result),
                Err(error) => Outcome::from(ClientErrorResult {
                    message: error.to_string(),
                    ..Default::default()
                }),
            };
            let told = ClientCompatResponse {
                test_name: asked.test_name.clone(),
                result: Some(result),
                ..Default::default()
            };
            if let Err(error) = wire::write(&mut *output.lock().await, &told).await {
                eprintln!("conformance-client: {}: {error}", asked.test_name);
            }
            drop(place);
        });
    }
    // the last ones
    let _all = room.acquire_many(AT_ONCE).await?;
    Ok(())
}
