//! One runtime a thread, and accepted connections handed to the one that has fewest.
//!
//! Connections then never move between cores and tasks are woken on their own thread. Handing them
//! out explicitly spreads few long-lived connections evenly, which hashing them does not.

use crate::accept::{Common, Connections, ServeError};
use protocall_transport::io::tcp;
use protocall_transport::message::PeerAddr;
use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpStream as StdStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// The wait after an error of `accept`: see `accept`.
const ACCEPT_DELAY: Duration = Duration::from_millis(50);

/// A thread with its runtime.
struct Shard {
    sender: mpsc::UnboundedSender<(StdStream, SocketAddr)>,
    load: Arc<AtomicUsize>,
    thread: thread::JoinHandle<()>,
}

impl Shard {
    fn start(common: Common, drain: Duration) -> io::Result<Self> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let load = Arc::new(AtomicUsize::new(0));
        let connections = Connections::new(common);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let shard_load = Arc::clone(&load);
        let thread =
            thread::Builder::new().name("protocall-shard".to_owned()).spawn(move || {
                runtime.block_on(run(connections, receiver, shard_load, drain));
            })?;
        Ok(Self { sender, load, thread })
    }
}

async fn run(
    mut connections: Connections,
    mut receiver: mpsc::UnboundedReceiver<(StdStream, SocketAddr)>,
    load: Arc<AtomicUsize>,
    drain: Duration,
) {
    loop {
        tokio::select! {
            () = connections.closed() => { load.fetch_sub(1, Ordering::Relaxed); }
            accepted = receiver.recv() => match accepted {
                Some((stream, addr)) => match TcpStream::from_std(stream) {
                    Ok(stream) => {
                        if !connections.add(stream, PeerAddr::Tcp(addr)) {
                            load.fetch_sub(1, Ordering::Relaxed);
                        }
                    }
                    // the reactor takes no more: the connection is closed by dropping it
                    Err(_) => { load.fetch_sub(1, Ordering::Relaxed); }
                },
                None => break,
            },
        }
    }
    connections.drain(drain).await;
}

/// Accepts and hands out until told to stop, then drains all threads.
pub(crate) async fn serve(
    listener: TcpListener,
    common: Common,
    threads: usize,
    shutdown: impl Future<Output = ()> + Send,
    drain: Duration,
) -> Result<(), ServeError> {
    let shards: Vec<Shard> = (0..threads.max(1))
        .map(|_| Shard::start(common.clone(), drain))
        .collect::<io::Result<_>>()
        .map_err(ServeError::Runtime)?;
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = listener.accept() => accepted,
        };
        if hand_out(accepted, &shards, &common.tcp).is_err() {
            common.stats.count(|tally| &tally.accept_errors);
            tokio::time::sleep(ACCEPT_DELAY).await;
        }
    }
    drop(listener);
    let threads: Vec<_> = shards.into_iter().map(|shard| shard.thread).collect();
    // the threads end by themselves once their senders are gone and they have drained
    let _ = tokio::task::spawn_blocking(move || {
        threads.into_iter().for_each(|thread| drop(thread.join()));
    })
    .await;
    Ok(())
}

fn hand_out(
    accepted: io::Result<(TcpStream, SocketAddr)>,
    shards: &[Shard],
    options: &tcp::Options,
) -> io::Result<()> {
    let (stream, addr) = accepted?;
    // a client that is gone already shows when it is read from
    let _ = options.apply(&stream);
    let stream = stream.into_std()?;
    if let Some(shard) = shards.iter().min_by_key(|shard| shard.load.load(Ordering::Relaxed)) {
        shard.load.fetch_add(1, Ordering::Relaxed);
        // a thread that is gone only closes this connection
        let _ = shard.sender.send((stream, addr));
    }
    Ok(())
}
