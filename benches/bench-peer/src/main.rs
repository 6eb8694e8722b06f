//! Our side of the benchmark: answers the same commands as the peers beside it, and some more.
//!
//! `bench-peer server ADDR THREADS` serves until it is killed; `bench-peer client ADDR THREADS MODE
//! CONNS CONCURRENCY SIZE SECONDS` calls and prints one line of figures. THREADS 0 is one
//! current-thread runtime a core, else a runtime of that many workers. `bench-peer order` prints
//! the encoded order that mode `order` sends, for the other peers to send the same; `bench-peer
//! certificates DIR` makes what TLS needs. ADDR and BENCH_TLS are explained in `place`. With
//! BUSY_POLL_US in the environment, connections look for more for so long before they sleep.
//! `bench-peer fairness` is for our own server: how long hello calls take beside what takes long;
//! `bench-peer floor` is a round trip of bare bytes, which no call can be quicker than.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to its user")]

mod client;
mod fairness;
mod floor;
mod order;
mod place;
mod service;

#[allow(missing_docs, reason = "comments of the .proto files are the docs")]
mod proto {
    protocall::include_proto!();
}

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

const USAGE: &str = "usage: bench-peer server ADDR THREADS\n\
    or: bench-peer client ADDR THREADS MODE CONNS CONCURRENCY SIZE SECONDS\n\
    or: bench-peer fairness ADDR THREADS BESIDE SECONDS\n\
    or: bench-peer floor SECONDS\n\
    or: bench-peer order\n\
    or: bench-peer certificates DIR\n\
    MODE is one of hello, unary, order, bidi, download, upload, beside, idle\n\
    BESIDE is one of slow-method, slow-call, download";

type Failure = Box<dyn Error>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match args.as_slice() {
        ["server", addr, threads] => serve(addr, threads),
        ["client", addr, threads, mode, conns, concurrency, size, seconds] => {
            client::Plan::read(addr, threads, mode, [conns, concurrency, size], seconds)
                .and_then(client::run)
        }
        ["fairness", addr, threads, beside, seconds] => {
            fairness::run(addr, threads, beside, seconds)
        }
        ["floor", seconds] => floor::run(seconds),
        ["order"] => order::print(),
        ["certificates", folder] => place::make_certificates(folder),
        _ => Err(USAGE.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(addr: &str, threads: &str) -> Result<(), Failure> {
    let threads: usize = threads.parse()?;
    let server = place::secured(service::builder())?;
    eprintln!("ready");
    if let Some(path) = addr.strip_prefix("unix:") {
        runtime(threads)?.block_on(async {
            server.bind_unix(path).await?.serve().await;
            Ok(())
        })
    } else if threads == 0 {
        let cores = std::thread::available_parallelism()?.get();
        let forever = std::future::pending();
        Ok(runtime(0)?.block_on(server.serve_sharded(addr, cores, forever))?)
    } else {
        Ok(runtime(threads)?.block_on(server.serve(addr))?)
    }
}

/// How long connections look for more before they sleep.
fn busy_poll() -> Duration {
    let micros = std::env::var("BUSY_POLL_US").ok().and_then(|text| text.parse().ok());
    Duration::from_micros(micros.unwrap_or(0))
}

/// A runtime of that many workers, or of the current thread.
fn runtime(threads: usize) -> std::io::Result<Runtime> {
    match threads {
        0 => Builder::new_current_thread().enable_all().build(),
        _ => Builder::new_multi_thread().worker_threads(threads).enable_all().build(),
    }
}
