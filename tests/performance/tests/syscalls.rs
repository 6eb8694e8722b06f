//! Reads and writes of a batch. Calls that are made together are one batch on each side, so at most
//! one read that brings bytes and one write carry them; on a pipe in memory and one thread the
//! counts are the same in every run. Over a socket each of them is a system call.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::print_stdout, reason = "the counts are worth seeing when the test passes, too")]

use protocall::Channel;
use protocall_performance::{CounterClient, Counts, number, pair, server};
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::Poll;

/// Batches before anything is counted, so that buffers have their sizes.
const WARM: usize = 20;
/// Batches that are counted.
const BATCHES: usize = 50;
/// Makes so many calls at one time and waits for all of them.
async fn batch(client: &CounterClient, calls: usize) {
    let mut all: Vec<_> = (0..calls).map(|_| Box::pin(client.next(number(1)))).collect();
    poll_fn(|cx| {
        all.retain_mut(|call| match call.as_mut().poll(cx) {
            Poll::Ready(response) => {
                assert_eq!(response.unwrap().message().value, 2);
                false
            }
            Poll::Pending => true,
        });
        if all.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// Reads, empty reads and writes of a batch: client's, server's.
fn count(calls: usize) -> [[f64; 3]; 2] {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (connector, client_counts, listener, server_counts) = pair();
        tokio::spawn(server().on(listener).unwrap().serve());
        let channel = Channel::over(connector).build();
        channel.ready().await.unwrap();
        let client = CounterClient::new(channel);
        for _ in 0..WARM {
            batch(&client, calls).await;
        }
        let take = |counts: &Arc<Counts>| counts.take();
        let _ = (take(&client_counts), take(&server_counts));
        for _ in 0..BATCHES {
            batch(&client, calls).await;
        }
        [client_counts, server_counts]
            .map(|counts| take(&counts).map(|count| count as f64 / BATCHES as f64))
    })
}

#[track_caller]
fn check(calls: usize, client_writes: usize, server_writes: usize) {
    let [client, server] = count(calls);
    println!("{calls} calls: [reads, empty reads, writes] client {client:?}, server {server:?}");
    assert!(client[2] <= client_writes as f64, "the client wrote {} times a batch", client[2]);
    assert!(server[2] <= server_writes as f64, "the server wrote {} times a batch", server[2]);
    // a read for each write of the other side, and none more that brings bytes
    assert!(client[0] <= server[2] && server[0] <= client[2], "{client:?} {server:?}");
    // a poll that finds nothing is no system call over TCP, where the runtime knows from the short
    // read before it that nothing is left; still it may not be a matter of chance
    assert!(client[1] <= 2.0 * (client[0] + client[2]), "{client:?}");
    assert!(server[1] <= server[0] + server[2], "{server:?}");
}

#[test]
fn one_call() {
    check(1, 1, 1);
}

#[test]
fn ten_calls() {
    check(10, 1, 1);
}

#[test]
fn a_hundred_calls() {
    // the server writes its answers to 64 calls before it begins the next
    check(100, 1, 2);
}
