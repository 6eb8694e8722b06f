//! Allocations of a warm unary call, each side by itself: the two run on threads of their own, and
//! the counter counts per thread. The messages need no memory, so all of it is ours.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::print_stdout, reason = "the counts are worth seeing when the test passes, too")]

use allocation_counter::{AllocationInfo, measure};
use protocall::Channel;
use protocall_performance::{CounterClient, number, server};
use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

/// Calls before anything is counted: every buffer, table and slot has its size.
const WARM: u64 = 2_000;
/// Calls that are counted.
const CALLS: u64 = 10_000;
/// Rounds of which the best counts.
const ROUNDS: usize = 4;
/// What entering and leaving the runtime may allocate while calls are counted.
const ONCE: u64 = 64;

/// None. A call takes over the memory of one that was answered, with the future of its handler;
/// metadata that repeats is shared. What a handler allocates itself comes on top, and of a stream
/// the boxed call and its exchange.
const SERVER: u64 = 0;
/// None. A call takes over the memory of one whose response was taken: what the caller and the
/// connection share, the buffer of the request, the buffer of the response. What decoding allocates
/// comes on top, and for messages from 2 KiB on the buffers, which travel by reference.
const CLIENT: u64 = 0;

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Makes that many calls, so many of them at a time.
async fn call(client: &CounterClient, calls: u64, at_a_time: u64) {
    let mut rest = calls;
    let one = async |mut left: u64| {
        while left > 0 {
            let response = client.next(number(left)).await.unwrap();
            assert_eq!(response.message().value, left + 1);
            left -= 1;
        }
    };
    if at_a_time == 1 {
        return one(calls).await;
    }
    let mut all = Vec::new();
    for _ in 0..at_a_time {
        let share = rest.min(calls.div_ceil(at_a_time));
        rest -= share;
        all.push(Box::pin(one(share)));
    }
    std::future::poll_fn(|cx| {
        all.retain_mut(|call| call.as_mut().poll(cx).is_pending());
        if all.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

/// What each side allocated while [`CALLS`] calls were made: client, server.
fn sides(at_a_time: u64) -> (AllocationInfo, AllocationInfo) {
    let (addr_sender, addr) = mpsc::channel::<SocketAddr>();
    let (warm, is_warm) = oneshot::channel::<()>();
    let (done, is_done) = oneshot::channel::<()>();
    let (counting, is_counting) = mpsc::channel::<()>();
    let serving = thread::spawn(move || {
        let runtime = runtime();
        let bound = runtime.block_on(server().bind("127.0.0.1:0")).unwrap();
        addr_sender.send(bound.local_addr().unwrap()).unwrap();
        runtime.spawn(bound.serve());
        runtime.block_on(is_warm).unwrap();
        counting.send(()).unwrap();
        measure(|| runtime.block_on(is_done).unwrap())
    });
    let runtime = runtime();
    let target = format!("http://{}", addr.recv().unwrap());
    let client = runtime.block_on(async {
        let client = CounterClient::new(Channel::connect(&target).await.unwrap());
        call(&client, WARM, at_a_time).await;
        client
    });
    warm.send(()).unwrap();
    is_counting.recv().unwrap();
    let calling = measure(|| runtime.block_on(call(&client, CALLS, at_a_time)));
    done.send(()).unwrap();
    (calling, serving.join().unwrap())
}

#[track_caller]
fn check(side: &str, info: &AllocationInfo, limit: u64) {
    let each = info.count_total as f64 / CALLS as f64;
    let bytes = info.bytes_total as f64 / CALLS as f64;
    println!("{side}: {each:.3} allocations and {bytes:.0} bytes a call");
    assert!(info.count_total <= limit * CALLS + ONCE, "{side}: {each:.3}, the limit is {limit}");
}

/// What each side allocated in the best of some rounds. What calls allocate they allocate in every
/// round; in one of them a busy machine may stop a handler in mid-poll, which then counts as slow
/// and runs in a task of its own, with a box a call, until it has been quick again.
fn best_of_rounds(at_a_time: u64) -> (AllocationInfo, AllocationInfo) {
    let less =
        |a: AllocationInfo, b: AllocationInfo| if b.count_total < a.count_total { b } else { a };
    let rounds = (0..ROUNDS).map(|_| sides(at_a_time));
    rounds.reduce(|best, round| (less(best.0, round.0), less(best.1, round.1))).unwrap()
}

#[test]
fn one_call_at_a_time() {
    let (client, server) = best_of_rounds(1);
    check("client", &client, CLIENT);
    check("server", &server, SERVER);
}

#[test]
fn fifty_calls_at_a_time() {
    let (client, server) = best_of_rounds(50);
    check("client", &client, CLIENT);
    check("server", &server, SERVER);
}
