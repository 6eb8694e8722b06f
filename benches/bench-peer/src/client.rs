//! Calls a peer for some seconds, from many tasks over some connections, and prints one line.

use crate::order;
use crate::proto::bench::{Ask, EchoClient, Payload, ShopClient};
use crate::proto::example::{HelloRequest, HelloServiceClient};
use crate::{Failure, place, runtime};
use bytes::Bytes;
use protocall::{Channel, Request, Status};
use std::str::FromStr;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Messages in a stream that is downloaded or uploaded.
const STREAM_MESSAGES: u32 = 1000;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    Hello,
    Unary,
    Order,
    Bidi,
    Download,
    Upload,
    /// Streams that are open and silent.
    Idle,
    /// Hello, beside a download on each connection, which is not counted.
    Beside,
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "hello" => Self::Hello,
            "unary" => Self::Unary,
            "order" => Self::Order,
            "bidi" => Self::Bidi,
            "download" => Self::Download,
            "upload" => Self::Upload,
            "idle" => Self::Idle,
            "beside" => Self::Beside,
            _ => return Err(format!("unknown mode {text:?}")),
        })
    }
}

/// What to call, and how much of it.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    addr: String,
    threads: usize,
    mode: Mode,
    conns: usize,
    concurrency: usize,
    size: usize,
    seconds: f64,
}

impl Plan {
    pub(crate) fn read(
        addr: &str,
        threads: &str,
        mode: &str,
        numbers: [&str; 3],
        seconds: &str,
    ) -> Result<Self, Failure> {
        let [conns, concurrency, size] = numbers;
        let conns: usize = conns.parse()?;
        Ok(Self {
            addr: addr.to_owned(),
            threads: threads.parse()?,
            mode: mode.parse()?,
            conns: conns.max(1),
            concurrency: concurrency.parse()?,
            size: size.parse()?,
            seconds: seconds.parse()?,
        })
    }

    /// The share of one of `parts` threads.
    fn share(&self, part: usize, parts: usize) -> Self {
        let share = |all: usize| all / parts + usize::from(part < all % parts);
        let (conns, concurrency) = (share(self.conns), share(self.concurrency));
        Self { conns, concurrency, ..self.clone() }
    }
}

/// Calls made, and how long each took in microseconds.
#[derive(Default)]
struct Tally {
    calls: u64,
    latencies: Vec<u32>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.latencies.extend(other.latencies);
    }

    fn call(&mut self, start: Instant) {
        self.calls += 1;
        self.latencies.push(u32::try_from(start.elapsed().as_micros()).unwrap_or(u32::MAX));
    }

    fn percentile(&self, share: f64) -> u32 {
        let last = self.latencies.len().saturating_sub(1);
        self.latencies.get((last as f64 * share) as usize).copied().unwrap_or(0)
    }
}

/// Runs the plan and prints its figures.
pub(crate) fn run(plan: Plan) -> Result<(), Failure> {
    let start = Instant::now();
    let mut tally = Tally::default();
    if plan.threads > 0 {
        tally.add(runtime(plan.threads)?.block_on(call(plan))?);
    } else {
        let cores = std::thread::available_parallelism()?.get().min(plan.conns);
        let threads: Vec<_> = (0..cores)
            .map(|part| {
                let plan = plan.share(part, cores);
                std::thread::spawn(move || {
                    let runtime = runtime(0).map_err(|error| error.to_string())?;
                    runtime.block_on(call(plan)).map_err(|error| error.to_string())
                })
            })
            .collect();
        for thread in threads {
            tally.add(thread.join().map_err(|_| "a thread panicked")??);
        }
    }
    tally.latencies.sort_unstable();
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "calls={} secs={seconds:.3} rps={:.0} p50us={} p99us={} p999us={}",
        tally.calls,
        tally.calls as f64 / seconds,
        tally.percentile(0.5),
        tally.percentile(0.99),
        tally.percentile(0.999),
    );
    Ok(())
}

async fn call(plan: Plan) -> Result<Tally, Failure> {
    let mut channels = Vec::new();
    for _ in 0..plan.conns {
        channels.push(place::connect(&plan.addr).await?);
    }
    let body = Bytes::from(vec![7u8; plan.size]);
    let end = Instant::now() + Duration::from_secs_f64(plan.seconds);
    let mut tasks = JoinSet::new();
    if plan.mode == Mode::Beside {
        for channel in channels.clone() {
            tasks.spawn(async move {
                download(channel, plan.size, end).await.map(|_| Tally::default())
            });
        }
    }
    for channel in channels.iter().cloned().cycle().take(plan.concurrency) {
        let body = body.clone();
        tasks.spawn(async move {
            match plan.mode {
                Mode::Hello | Mode::Beside => hello(channel, end).await,
                Mode::Unary => unary(channel, body, end).await,
                Mode::Order => order(channel, end).await,
                Mode::Bidi => bidi(channel, body, end).await,
                Mode::Download => download(channel, body.len(), end).await,
                Mode::Upload => upload(channel, body, end).await,
                Mode::Idle => idle(channel, body, end).await,
            }
        });
    }
    if plan.mode == Mode::Idle {
        // also where no stream is wanted
        tokio::time::sleep_until(end.into()).await;
    }
    let mut tally = Tally::default();
    while let Some(done) = tasks.join_next().await {
        tally.add(done??);
    }
    Ok(tally)
}

async fn hello(channel: Channel, end: Instant) -> Result<Tally, Status> {
    let (client, mut tally) = (HelloServiceClient::new(channel), Tally::default());
    while Instant::now() < end {
        let start = Instant::now();
        let request = HelloRequest { name: "World".to_owned(), ..Default::default() };
        let response = client.send_message(request).await?;
        check(response.message().message == "Hello, World!")?;
        tally.call(start);
    }
    Ok(tally)
}

async fn unary(channel: Channel, body: Bytes, end: Instant) -> Result<Tally, Status> {
    let (client, mut tally) = (EchoClient::new(channel), Tally::default());
    while Instant::now() < end {
        let start = Instant::now();
        let response = client.unary(payload(&body)).await?;
        check(response.message().body.len() == body.len())?;
        tally.call(start);
    }
    Ok(tally)
}

async fn order(channel: Channel, end: Instant) -> Result<Tally, Status> {
    let (client, mut tally) = (ShopClient::new(channel), Tally::default());
    let order = order::example();
    while Instant::now() < end {
        let start = Instant::now();
        let response = client.place(order.clone()).await?;
        check(response.message().revision == order.revision)?;
        tally.call(start);
    }
    Ok(tally)
}

async fn bidi(channel: Channel, body: Bytes, end: Instant) -> Result<Tally, Status> {
    let (client, mut tally) = (EchoClient::new(channel), Tally::default());
    let mut call = client.bidi(Request::new(()));
    while Instant::now() < end {
        let start = Instant::now();
        call.send(payload(&body)).await?;
        let message = call.message().await?;
        check(message.is_some_and(|message| message.body.len() == body.len()))?;
        tally.call(start);
    }
    Ok(tally)
}

async fn download(channel: Channel, size: usize, end: Instant) -> Result<Tally, Status> {
    let (client, mut tally) = (EchoClient::new(channel), Tally::default());
    let size = u32::try_from(size).unwrap_or(u32::MAX);
    while Instant::now() < end {
        let ask = Ask { count: STREAM_MESSAGES, size, ..Default::default() };
        let mut messages = client.download(ask);
        while messages.message().await?.is_some() {
            tally.calls += 1;
        }
    }
    Ok(tally)
}

async fn upload(channel: Channel, body: Bytes, end: Instant) -> Result<Tally, Status> {
    let (client, mut tally) = (EchoClient::new(channel), Tally::default());
    while Instant::now() < end {
        let mut call = client.upload(Request::new(()));
        for _ in 0..STREAM_MESSAGES {
            call.send(payload(&body)).await?;
        }
        let response = call.finish().await?;
        check(response.message().count == STREAM_MESSAGES)?;
        tally.calls += u64::from(STREAM_MESSAGES);
    }
    Ok(tally)
}

/// A stream that has exchanged one message, and is silent from then on.
async fn idle(channel: Channel, body: Bytes, end: Instant) -> Result<Tally, Status> {
    let client = EchoClient::new(channel);
    let mut call = client.bidi(Request::new(()));
    call.send(payload(&body)).await?;
    check(call.message().await?.is_some())?;
    tokio::time::sleep_until(end.into()).await;
    Ok(Tally { calls: 1, latencies: Vec::new() })
}

fn payload(body: &Bytes) -> Payload {
    Payload { body: body.clone(), ..Default::default() }
}

fn check(right: bool) -> Result<(), Status> {
    if right { Ok(()) } else { Err(Status::internal("the peer sent something else")) }
}
