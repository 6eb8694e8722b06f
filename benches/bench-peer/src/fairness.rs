//! What calls feel of others on their connection: hello calls at a fixed rate, first alone, then
//! beside something that takes long, and how long they took each time.

use crate::proto::bench::{Ask, EchoClient};
use crate::proto::example::{HelloRequest, HelloServiceClient};
use crate::proto::work::{Task, WorkerClient};
use crate::{Failure, place, runtime};
use protocall::{Channel, Status};
use std::str::FromStr;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval_at};

/// Callers at work, and how often each calls: 2,000 calls a second, far from what a core can do,
/// so that what is measured is the wait for others and not for the machine.
const CALLERS: u32 = 20;
const EVERY: Duration = Duration::from_millis(10);
/// One in so many calls is to the slow method, which takes so long.
const ONE_IN: usize = 100;
const SLOW: Duration = Duration::from_millis(5);
/// What is downloaded, again and again: 64 MiB in messages of 64 KiB.
const DOWNLOAD: (u32, u32) = (1024, 64 * 1024);

/// What hello calls have beside them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Beside {
    /// One call in a hundred is to a method that computes for 5 ms.
    SlowMethod,
    /// One call in a hundred of the same method computes for 5 ms.
    SlowCall,
    /// A download of 64 MiB, again and again.
    Download,
}

impl FromStr for Beside {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "slow-method" => Self::SlowMethod,
            "slow-call" => Self::SlowCall,
            "download" => Self::Download,
            _ => return Err(format!("unknown neighbour {text:?}")),
        })
    }
}

/// Measures for `seconds` each, and prints one line.
pub(crate) fn run(addr: &str, threads: &str, beside: &str, seconds: &str) -> Result<(), Failure> {
    let (beside, seconds) = (beside.parse()?, Duration::from_secs_f64(seconds.parse()?));
    runtime(threads.parse()?)?.block_on(async {
        let channel = place::connect(addr).await?;
        // the first calls of a connection, and of a method, are not what is asked for
        calls(&channel, beside, true, seconds / 4).await?;
        let quiet = calls(&channel, beside, false, seconds).await?;
        let busy = calls(&channel, beside, true, seconds).await?;
        println!("quiet: {} busy: {}", figures(quiet), figures(busy));
        Ok(())
    })
}

fn figures(mut latencies: Vec<u32>) -> String {
    latencies.sort_unstable();
    let last = latencies.len().saturating_sub(1);
    let at = |share: f64| latencies.get((last as f64 * share) as usize).copied().unwrap_or(0);
    let calls = latencies.len();
    format!("calls={calls} p50us={} p99us={} p999us={}", at(0.5), at(0.99), at(0.999))
}

/// Calls at the fixed rate; how long each quick one took, in microseconds.
async fn calls(
    channel: &Channel,
    beside: Beside,
    busy: bool,
    time: Duration,
) -> Result<Vec<u32>, Failure> {
    let end = Instant::now() + time;
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let offset = EVERY * caller / CALLERS;
        // spread over the callers' calls, so that slow ones do not come all at once
        let first = ONE_IN * caller as usize / CALLERS as usize;
        callers.spawn(caller_of(channel.clone(), beside, busy, offset, first, end));
    }
    let neighbour =
        (busy && beside == Beside::Download).then(|| tokio::spawn(downloads(channel.clone(), end)));
    let mut latencies = Vec::new();
    while let Some(done) = callers.join_next().await {
        latencies.extend(done??);
    }
    if let Some(neighbour) = neighbour {
        neighbour.await??;
    }
    Ok(latencies)
}

async fn caller_of(
    channel: Channel,
    beside: Beside,
    busy: bool,
    offset: Duration,
    first: usize,
    end: Instant,
) -> Result<Vec<u32>, Status> {
    let hello = HelloServiceClient::new(channel.clone());
    let work = WorkerClient::new(channel);
    let (mut latencies, mut slow) = (Vec::new(), JoinSet::new());
    let mut ticks = interval_at(tokio::time::Instant::now() + offset, EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for call in first.. {
        ticks.tick().await;
        let start = Instant::now();
        if start >= end {
            break;
        }
        if busy && beside != Beside::Download && call % ONE_IN == 0 {
            // on its own, so that the rate of the others stays what it is
            let (work, micros) = (work.clone(), SLOW.as_micros() as u32);
            slow.spawn(async move { work.work(Task { micros, ..Default::default() }).await });
            continue;
        }
        if beside == Beside::SlowCall {
            work.work(Task::default()).await?;
        } else {
            hello.send_message(HelloRequest { name: "World".into(), ..Default::default() }).await?;
        }
        latencies.push(u32::try_from(start.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    while let Some(done) = slow.join_next().await {
        done.map_err(|error| Status::internal(error.to_string()))??;
    }
    Ok(latencies)
}

async fn downloads(channel: Channel, end: Instant) -> Result<(), Status> {
    let client = EchoClient::new(channel);
    let (count, size) = DOWNLOAD;
    while Instant::now() < end {
        let mut messages = client.download(Ask { count, size, ..Default::default() });
        while messages.message().await?.is_some() {}
    }
    Ok(())
}
