//! How the messages of streams come and go: order, early answers, dropped halves, backpressure.

use protocall::{Code, Request, Response, ResponseStream, Status, Streaming};
use protocall_tests::proto::trial::Blob;
use protocall_tests::rig::{Rig, Wire};
use protocall_tests::service::Scripted;
use protocall_tests::{blob, numbered, settle};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;

super::over_each_wire!(
    responses_come_before_requests_end,
    headers_come_when_the_handler_says_so,
    an_early_answer_ends_the_call,
    an_early_error_ends_the_call,
    a_handler_may_drop_its_requests,
    requests_that_nobody_reads_cost_others_nothing,
    a_server_streams_while_nobody_reads_only_so_far,
    a_client_streams_while_nobody_reads_only_so_far,
    dropping_the_responses_tells_the_handler,
    dropping_an_upload_is_not_finishing_it,
    dropping_a_chat_is_not_finishing_it,
    headers_can_be_awaited_before_anything_is_sent,
);

async fn responses_come_before_requests_end(wire: Wire) {
    let rig = Rig::start(wire, Scripted::default()).await;
    let mut chat = rig.client().chat(());
    for number in 0..100 {
        chat.send(numbered(number)).await.unwrap();
        assert_eq!(chat.message().await.unwrap().unwrap().number, number);
    }
    chat.finish();
    assert_eq!(chat.message().await.unwrap(), None);
}

/// A server that reads a message before it answers anything: the client must be able to send it.
async fn headers_come_when_the_handler_says_so(wire: Wire) {
    let rig = Rig::start(
        wire,
        Scripted::default().chat(|request: Request<Streaming<Blob>>| async move {
            let mut requests = request.into_inner();
            let first = requests.message().await?.unwrap_or_default();
            Ok(Response::new(ResponseStream::iter([first])))
        }),
    )
    .await;
    let mut chat = rig.client().chat(());
    chat.send(numbered(5)).await.unwrap();
    chat.headers().await.unwrap();
    assert_eq!(chat.message().await.unwrap().unwrap().number, 5);
    assert_eq!(chat.message().await.unwrap(), None);
    assert!(chat.send(numbered(6)).await.is_err(), "the call is over");
}

async fn headers_can_be_awaited_before_anything_is_sent(wire: Wire) {
    let rig = Rig::start(wire, Scripted::default()).await;
    let mut chat = rig.client().chat(());
    chat.headers().await.unwrap();
    chat.send(numbered(1)).await.unwrap();
    assert_eq!(chat.message().await.unwrap().unwrap().number, 1);
}

async fn send_until_refused(upload: &mut protocall::ClientStreaming<Blob, Blob>) {
    while upload.send(blob(1000)).await.is_ok() {}
}

async fn an_early_answer_ends_the_call(wire: Wire) {
    let rig = Rig::start(
        wire,
        Scripted::default().upload(|request: Request<Streaming<Blob>>| async move {
            let mut requests = request.into_inner();
            requests.message().await?;
            Ok(Response::new(numbered(42)))
        }),
    )
    .await;
    let client = rig.client();
    for _ in 0..50 {
        let mut upload = client.upload(());
        send_until_refused(&mut upload).await;
        assert_eq!(upload.finish().await.unwrap().message().number, 42);
    }
    client.unary(blob(300_000)).await.unwrap();
}

async fn an_early_error_ends_the_call(wire: Wire) {
    let rig = Rig::start(
        wire,
        Scripted::default()
            .upload(|_| async { Err(Status::permission_denied("not you")) })
            .chat(|_| async { Err(Status::permission_denied("not you")) }),
    )
    .await;
    let client = rig.client();
    let mut upload = client.upload(());
    send_until_refused(&mut upload).await;
    let error = upload.finish().await.unwrap_err();
    assert_eq!((error.code(), error.message()), (Code::PermissionDenied, "not you"));
    let mut chat = client.chat(());
    let error = loop {
        if let Err(error) = chat.send(blob(10_000)).await {
            break error;
        }
    };
    assert_eq!((error.code(), error.message()), (Code::PermissionDenied, "not you"));
    assert_eq!(chat.message().await.unwrap_err().code(), Code::PermissionDenied);
}

async fn a_handler_may_drop_its_requests(wire: Wire) {
    let rig = Rig::start(
        wire,
        Scripted::default().chat(|request: Request<Streaming<Blob>>| async move {
            drop(request);
            Ok(Response::new(ResponseStream::iter((0..3).map(numbered))))
        }),
    )
    .await;
    let mut chat = rig.client().chat(());
    let _ = chat.send(blob(1000)).await;
    for number in 0..3 {
        assert_eq!(chat.message().await.unwrap().unwrap().number, number);
    }
    assert_eq!(chat.message().await.unwrap(), None);
}

/// Calls whose requests nobody reads hold no credit that others need once they are over.
async fn requests_that_nobody_reads_cost_others_nothing(wire: Wire) {
    let rig = Rig::start(
        wire,
        Scripted::default().upload(|request: Request<Streaming<Blob>>| async move {
            let (_unread, metadata, _) = request.into_parts();
            if metadata.get("x-wait").is_some() {
                std::future::pending::<()>().await;
            }
            Ok(Response::new(blob(0)))
        }),
    )
    .await;
    let client = rig.client();
    for _ in 0..40 {
        let mut request = Request::new(());
        request.metadata_mut().append("x-wait", "yes").unwrap();
        let mut upload = client.upload(request);
        for _ in 0..4 {
            // as much as goes without waiting for the reader
            tokio::select! {
                biased;
                sent = upload.send(blob(60_000)) => sent.unwrap(),
                () = settle() => {}
            }
        }
        drop(upload);
    }
    assert_eq!(client.unary(blob(2_000_000)).await.unwrap().message().data.len(), 2_000_000);
}

/// All that may wait between a sender and a reader: the windows of stream and connection, buffers
/// of both ends and of the operating system.
const BETWEEN: usize = 16 * 1024 * 1024;
const PIECE: usize = 64 * 1024;

/// Runs until the count stays the same for a while.
async fn until_it_stands_still(count: &AtomicUsize) -> usize {
    let mut last = usize::MAX;
    loop {
        for _ in 0..20 {
            settle().await;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let now = count.load(Ordering::SeqCst);
        if now == last {
            return now;
        }
        last = now;
    }
}

async fn a_server_streams_while_nobody_reads_only_so_far(wire: Wire) {
    const ALL: usize = 400;
    let made = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&made);
    let rig = Rig::start(
        wire,
        Scripted::default().download(move |_| {
            let counter = Arc::clone(&counter);
            async move {
                Ok(Response::new(ResponseStream::iter((0..ALL).map(move |_| {
                    counter.fetch_add(1, Ordering::SeqCst);
                    blob(PIECE)
                }))))
            }
        }),
    )
    .await;
    let client = rig.client();
    let mut answers = client.download(blob(0));
    answers.message().await.unwrap().unwrap();
    let stood_at = until_it_stands_still(&made).await;
    assert!(stood_at * PIECE < BETWEEN, "{stood_at} messages were made for a reader that sleeps");
    client.unary(blob(100_000)).await.unwrap();
    let mut read = 1;
    while answers.message().await.unwrap().is_some() {
        read += 1;
    }
    assert_eq!((read, made.load(Ordering::SeqCst)), (ALL, ALL));
}

async fn a_client_streams_while_nobody_reads_only_so_far(wire: Wire) {
    const ALL: usize = 400;
    let (go, gone) = tokio::sync::watch::channel(false);
    let rig = Rig::start(
        wire,
        Scripted::default().upload(move |request: Request<Streaming<Blob>>| {
            let mut gone = gone.clone();
            async move {
                let _ = gone.wait_for(|go| *go).await;
                let mut requests = request.into_inner();
                let mut number = 0;
                while requests.message().await?.is_some() {
                    number += 1;
                }
                Ok(Response::new(numbered(number)))
            }
        }),
    )
    .await;
    let client = rig.client();
    let mut upload = client.upload(());
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let sending = tokio::spawn(async move {
        for _ in 0..ALL {
            upload.send(blob(PIECE)).await.unwrap();
            counter.fetch_add(1, Ordering::SeqCst);
        }
        upload.finish().await
    });
    let stood_at = until_it_stands_still(&sent).await;
    assert!(stood_at * PIECE < BETWEEN, "{stood_at} messages were taken from the sender");
    client.unary(blob(100_000)).await.unwrap();
    go.send_replace(true);
    assert_eq!(sending.await.unwrap().unwrap().message().number, ALL as i64);
}

async fn dropping_the_responses_tells_the_handler(wire: Wire) {
    let (seen, mut saw) = mpsc::unbounded_channel();
    let rig = Rig::start(
        wire,
        Scripted::default().download(move |request| {
            let (sender, stream) = ResponseStream::channel(1);
            let (seen, cancellation) = (seen.clone(), request.cancellation());
            tokio::spawn(async move {
                let _ = sender.send(numbered(1)).await;
                sender.closed().await;
                let _ = seen.send("closed");
            });
            let seen = saw_cancelled(&cancellation);
            tokio::spawn(seen);
            async { Ok(Response::new(stream)) }
        }),
    )
    .await;
    let mut answers = rig.client().download(blob(0));
    assert_eq!(answers.message().await.unwrap().unwrap().number, 1);
    drop(answers);
    assert_eq!(saw.recv().await, Some("closed"));
}

fn saw_cancelled(cancellation: &protocall::Cancellation) -> impl Future<Output = ()> + use<> {
    let cancellation = cancellation.clone();
    async move { cancellation.cancelled().await }
}

/// What a handler saw at the end of its requests.
type Seen = mpsc::UnboundedSender<Result<i64, Code>>;

async fn count(mut requests: Streaming<Blob>, seen: &Seen) -> Result<i64, Status> {
    let mut number = 0;
    loop {
        match requests.message().await {
            Ok(Some(_)) => number += 1,
            Ok(None) => break,
            Err(status) => {
                let _ = seen.send(Err(status.code()));
                return Err(status);
            }
        }
    }
    let _ = seen.send(Ok(number));
    Ok(number)
}

/// Reads the requests in a task of its own, which outlives the handler and sees the end.
fn watching(seen: Seen) -> Scripted {
    let other = seen.clone();
    Scripted::default()
        .upload(move |request: Request<Streaming<Blob>>| {
            let seen = seen.clone();
            async move {
                let counting =
                    tokio::spawn(async move { count(request.into_inner(), &seen).await });
                let number = counting.await.map_err(|_| Status::internal("panicked"))??;
                Ok(Response::new(numbered(number)))
            }
        })
        .chat(move |request: Request<Streaming<Blob>>| {
            let seen = other.clone();
            tokio::spawn(async move { count(request.into_inner(), &seen).await });
            async { Ok(Response::new(ResponseStream::new(Never))) }
        })
}

/// A stream that never yields.
struct Never;

impl futures_core::Stream for Never {
    type Item = Result<Blob, Status>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Pending
    }
}

/// Half an upload must never look like a whole one.
async fn dropping_an_upload_is_not_finishing_it(wire: Wire) {
    let (seen, mut saw) = mpsc::unbounded_channel();
    let rig = Rig::start(wire, watching(seen)).await;
    let client = rig.client();
    for turns in 0..40 {
        let mut upload = client.upload(());
        upload.send(blob(10)).await.unwrap();
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        drop(upload);
        let mut whole = client.upload(());
        for _ in 0..3 {
            whole.send(blob(10)).await.unwrap();
        }
        whole.finish().await.unwrap();
        // dropped so early that the server never heard of it, or cancelled there
        let mut seen = saw.recv().await.unwrap();
        if seen == Err(Code::Cancelled) {
            seen = saw.recv().await.unwrap();
        }
        assert_eq!(seen, Ok(3), "after {turns} turns");
    }
}

async fn dropping_a_chat_is_not_finishing_it(wire: Wire) {
    let (seen, mut saw) = mpsc::unbounded_channel();
    let rig = Rig::start(wire, watching(seen)).await;
    let client = rig.client();
    for _ in 0..20 {
        let mut chat = client.chat(());
        chat.send(blob(10)).await.unwrap();
        chat.headers().await.unwrap();
        drop(chat);
        assert_eq!(saw.recv().await.unwrap(), Err(Code::Cancelled));
        let (mut requests, answers) = client.chat(()).split();
        requests.send(blob(10)).await.unwrap();
        settle().await;
        drop(answers);
        drop(requests);
        assert_eq!(saw.recv().await.unwrap(), Err(Code::Cancelled));
    }
}
