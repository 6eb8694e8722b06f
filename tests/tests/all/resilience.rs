//! Servers that drain, and servers that are killed, under load over TCP: what each call is told.

use protocall::channel::Backoff;
use protocall::channel::connect::{Connect, Connecting, Stream};
use protocall::{Channel, Code, Request, Response, Server, Status};
use protocall_tests::proto::trial::{Blob, TrialClient, TrialServer};
use protocall_tests::rig::{Door, Rig, Wire};
use protocall_tests::service::Scripted;
use protocall_tests::{numbered, run_on_threads};
use std::error::Error;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Leads to the server that is named last.
#[derive(Clone)]
struct Leading(Arc<Mutex<SocketAddr>>);

impl Connect for Leading {
    fn connect(&self) -> Connecting<'_> {
        let addr = *self.0.lock().unwrap();
        Box::pin(async move { Ok(Box::new(TcpStream::connect(addr).await?) as Box<dyn Stream>) })
    }

    fn name(&self) -> String {
        "the server of the hour".to_owned()
    }
}

fn address(rig: &Rig) -> SocketAddr {
    match rig.door() {
        Door::Tcp(addr) => *addr,
        Door::Pipe(_) => panic!("not over a pipe"),
    }
}

/// Calls all over the shapes: those of a task are one shape.
async fn call(client: &TrialClient, task: usize) -> Result<(), Status> {
    match task % 4 {
        0 => drop(client.unary(numbered(1)).await?),
        1 => drop(client.download(numbered(3)).trailers().await?),
        2 => {
            let mut upload = client.upload(());
            // how the call ended is told by what follows
            let _ = upload.send(numbered(1)).await;
            drop(upload.finish().await?);
        }
        _ => {
            let mut chat = client.chat(());
            let _ = chat.send(numbered(1)).await;
            chat.message().await?;
            chat.finish();
            chat.trailers().await?;
        }
    }
    Ok(())
}

/// Gives up its turn, so that calls are under way when the server is told to stop.
fn yielding() -> Scripted {
    Scripted::default().unary(|request: Request<Blob>| async move {
        tokio::task::yield_now().await;
        Ok(Response::new(request.into_inner()))
    })
}

/// A server that drains takes no call that it does not answer, a hundred times over.
#[test]
fn a_hundred_drains_lose_no_call() {
    run_on_threads(2, async {
        let mut rig = Rig::start(Wire::Tcp, yielding()).await;
        let leading = Leading(Arc::new(Mutex::new(address(&rig))));
        let (over, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let channel = Channel::over(leading.clone()).build();
        let tasks: Vec<JoinHandle<()>> = (0..8)
            .map(|task| {
                let client = TrialClient::new(channel.clone());
                let (over, answered) = (Arc::clone(&over), Arc::clone(&answered));
                tokio::spawn(async move {
                    while !over.load(Ordering::SeqCst) {
                        call(&client, task).await.unwrap();
                        answered.fetch_add(1, Ordering::SeqCst);
                    }
                })
            })
            .collect();
        for _ in 0..100 {
            let before = answered.load(Ordering::SeqCst);
            while answered.load(Ordering::SeqCst) < before + 40 {
                assert!(tasks.iter().all(|task| !task.is_finished()), "a call was lost");
                tokio::task::yield_now().await;
            }
            let next = Rig::start(Wire::Tcp, yielding()).await;
            *leading.0.lock().unwrap() = address(&next);
            let mut old = std::mem::replace(&mut rig, next);
            old.stop();
            old.stopped().await;
        }
        over.store(true, Ordering::SeqCst);
        for task in tasks {
            task.await.unwrap();
        }
    });
}

/// What a load saw of a server that came and went.
struct Seen {
    answered: AtomicUsize,
    failed: Mutex<Vec<Status>>,
    over: AtomicBool,
}

impl Seen {
    /// How many calls found no server.
    fn refused(&self) -> usize {
        let failed = self.failed.lock().unwrap();
        failed.iter().filter(|status| status.message().contains("cannot connect")).count()
    }
}

/// Kills a server twenty times and starts it again on the same port, under the load of eight
/// callers. Returns the failures.
async fn twenty_kills(wait_for_ready: bool) -> (SocketAddr, Vec<Status>) {
    let listen = async |addr: SocketAddr| loop {
        // connections of the one before may still hold the port for a moment
        if let Ok(listener) = TcpListener::bind(addr).await {
            let server = Server::builder().add_service(TrialServer::new(yielding()));
            let addr = listener.local_addr().unwrap();
            break (addr, tokio::spawn(server.on(listener).unwrap().serve()));
        }
        tokio::task::yield_now().await;
    };
    let (addr, mut serving) = listen(([127, 0, 0, 1], 0).into()).await;
    let short = Duration::from_millis(5);
    let backoff = Backoff { first: short, longest: short, ..Backoff::default() };
    let channel = Channel::builder(&addr.to_string()).unwrap().backoff(backoff);
    let channel = channel.wait_for_ready(wait_for_ready).build();
    let seen = Arc::new(Seen {
        answered: AtomicUsize::new(0),
        failed: Mutex::default(),
        over: AtomicBool::new(false),
    });
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let (client, seen) = (TrialClient::new(channel.clone()), Arc::clone(&seen));
            tokio::spawn(async move {
                while !seen.over.load(Ordering::SeqCst) {
                    match call(&client, task).await {
                        Ok(()) => drop(seen.answered.fetch_add(1, Ordering::SeqCst)),
                        Err(status) => seen.failed.lock().unwrap().push(status),
                    }
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    let more = async |count: usize| {
        let before = seen.answered.load(Ordering::SeqCst);
        while seen.answered.load(Ordering::SeqCst) < before + count {
            tokio::task::yield_now().await;
        }
    };
    for _ in 0..20 {
        more(50).await;
        serving.abort();
        let _ = serving.await;
        let before = seen.refused();
        for round in 0.. {
            // calls that do not wait must meet the server while it is away, others may
            let met = if wait_for_ready { round == 50 } else { seen.refused() > before };
            if met {
                break;
            }
            tokio::task::yield_now().await;
        }
        (_, serving) = listen(addr).await;
    }
    more(50).await;
    seen.over.store(true, Ordering::SeqCst);
    for task in tasks {
        task.await.unwrap();
    }
    let failed = std::mem::take(&mut *seen.failed.lock().unwrap());
    (addr, failed)
}

/// Every call is answered: with its response, or, if the server was killed while it had the call,
/// with UNAVAILABLE. A call that had not reached a server waits for the next one.
#[test]
fn under_wait_for_ready_twenty_kills_fail_only_calls_that_were_under_way() {
    run_on_threads(2, async {
        let (addr, failed) = twenty_kills(true).await;
        // eight callers, twenty kills: no caller can have lost more than one call to each
        assert!(failed.len() <= 8 * 20, "{} calls failed", failed.len());
        for status in failed {
            assert_eq!(status.code(), Code::Unavailable, "{status}");
            assert!(status.message().contains(&addr.to_string()), "{status}");
            assert!(!status.message().contains("cannot connect"), "did not wait: {status}");
        }
    });
}

/// Calls that do not wait fail while the server is away, and say where it should be and why not.
#[test]
fn without_it_failures_name_the_address_and_the_cause() {
    run_on_threads(2, async {
        let (addr, failed) = twenty_kills(false).await;
        for status in failed {
            assert_eq!(status.code(), Code::Unavailable, "{status}");
            assert!(status.message().contains(&addr.to_string()), "{status}");
            if status.message().contains("cannot connect") {
                assert!(status.message().contains("refused"), "no cause: {status}");
                assert!(status.source().is_some(), "no source: {status:?}");
            }
        }
    });
}
