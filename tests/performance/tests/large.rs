//! Large messages: neither side copies what it receives into a further buffer of its own, nor makes
//! a new buffer for each message. Counted as bytes that were allocated, on one thread and over a
//! real socket, both sides together.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::print_stdout, reason = "the counts are worth seeing when the test passes, too")]

use allocation_counter::measure;
use bytes::Bytes;
use protocall::{Channel, Request};
use protocall_performance::{CHUNK, StoreClient, chunk, number, server};
use tokio::runtime::{Builder, Runtime};

/// Messages that are counted, and those before them.
const MESSAGES: u64 = 500;

fn start() -> (Runtime, StoreClient) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let client = runtime.block_on(async {
        let bound = server().bind("127.0.0.1:0").await.unwrap();
        let target = format!("http://{}", bound.local_addr().unwrap());
        tokio::spawn(bound.serve());
        StoreClient::new(Channel::connect(&target).await.unwrap())
    });
    (runtime, client)
}

async fn read(client: StoreClient) {
    let mut chunks = client.read(number(MESSAGES));
    let mut came = 0;
    while let Some(chunk) = chunks.message().await.unwrap() {
        assert!(chunk.content.len() == CHUNK && chunk.content.iter().all(|byte| *byte == 7));
        came += 1;
    }
    assert_eq!(came, MESSAGES);
}

async fn write(client: &StoreClient, content: &Bytes) {
    let mut call = client.write(Request::new(()));
    for _ in 0..MESSAGES {
        call.send(chunk(content)).await.unwrap();
    }
    let response = call.finish().await.unwrap();
    assert_eq!(response.message().value, MESSAGES * CHUNK as u64);
}

#[track_caller]
fn check(what: &str, bytes: u64, limit: u64) {
    let each = bytes / MESSAGES;
    println!("{what}: {each} bytes are allocated for a message of {CHUNK}");
    assert!(each <= limit, "{what}: {each} bytes a message, the limit is {limit}");
}

#[test]
fn buffers_of_what_is_read_go_round_on_both_sides() {
    let (runtime, client) = start();
    // a task: what `block_on` runs itself has its turn once in 61, long after its messages came
    let read = || runtime.block_on(runtime.spawn(read(client.clone()))).unwrap();
    read();
    let counted = measure(read);
    // handles of shared buffers; no buffer of its own on either side, but for the first messages
    check("read", counted.bytes_total, CHUNK as u64 / 8);
}

#[test]
fn buffers_of_what_is_written_go_round_where_they_are_received() {
    let (runtime, client) = start();
    let content = Bytes::from(vec![9; CHUNK]);
    runtime.block_on(write(&client, &content));
    let counted = measure(|| runtime.block_on(write(&client, &content)));
    // a buffer that the client encodes into, none that the server receives into
    check("write", counted.bytes_total, CHUNK as u64 + CHUNK as u64 / 4);
}
