//! Deadlines: of the whole call, on both sides, whichever notices first.

use super::{Drops, WIRE};
use protocall::{Code, Request, Response, ResponseStream, Status, Streaming};
use protocall_tests::proto::trial::{Blob, TrialClient};
use protocall_tests::raw::{Raw, call, data, envelope, headers, kind, reset};
use protocall_tests::rig::{Rig, pipes};
use protocall_tests::service::Scripted;
use protocall_tests::{blob, numbered, run_paused, settle};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);

/// A service of which no method ever answers; it counts dropped futures and fired cancellations.
fn never() -> (Scripted, Drops, Drops) {
    let (drops, fired) = (Drops::default(), Drops::default());
    let watch = {
        let (drops, fired) = (drops.clone(), fired.clone());
        move |cancellation: protocall::Cancellation| {
            let fired = fired.guard();
            tokio::spawn(async move {
                cancellation.cancelled().await;
                drop(fired);
            });
            drops.guard()
        }
    };
    let (unary, download, upload, chat) = (watch.clone(), watch.clone(), watch.clone(), watch);
    let service = Scripted::default()
        .unary(move |request: Request<Blob>| {
            let guard = unary(request.cancellation());
            async move {
                std::future::pending::<()>().await;
                drop(guard);
                Ok(Response::new(blob(0)))
            }
        })
        .download(move |request: Request<Blob>| {
            let guard = download(request.cancellation());
            async move { Ok(Response::new(ticks(guard))) }
        })
        .upload(move |request: Request<Streaming<Blob>>| {
            let guard = upload(request.cancellation());
            async move {
                let _guard = guard;
                let mut requests = request.into_inner();
                while requests.message().await?.is_some() {}
                std::future::pending().await
            }
        })
        .chat(move |request: Request<Streaming<Blob>>| {
            let guard = chat(request.cancellation());
            async move { Ok(Response::new(ticks(guard))) }
        });
    (service, drops, fired)
}

/// A message a second, for ever.
fn ticks(guard: super::Guard) -> ResponseStream<Blob> {
    let (sender, stream) = ResponseStream::channel(1);
    tokio::spawn(async move {
        let _guard = guard;
        for number in 0.. {
            if sender.send(numbered(number)).await.is_err() {
                return;
            }
            tokio::select! {
                () = sleep(SECOND) => {}
                () = sender.closed() => return,
            }
        }
    });
    stream
}

fn within<M>(message: M, seconds: f64) -> Request<M> {
    Request::new(message).with_timeout(Duration::from_secs_f64(seconds))
}

fn check(error: &Status, begun: Instant, seconds: f64) {
    assert_eq!(error.code(), Code::DeadlineExceeded, "{error}");
    let took = begun.elapsed().as_secs_f64();
    assert!((seconds..seconds + 0.1).contains(&took), "{took} instead of {seconds}");
}

#[test]
fn a_deadline_ends_calls_of_all_shapes_and_their_handlers() {
    run_paused(async {
        let (service, drops, fired) = never();
        let rig = Rig::start(WIRE, service).await;
        let client = rig.client();

        let begun = Instant::now();
        let error = client.unary(within(blob(10), 2.0)).await.unwrap_err();
        check(&error, begun, 2.0);

        let begun = Instant::now();
        let mut answers = client.download(within(blob(10), 3.5));
        let mut count = 0;
        let error = loop {
            match answers.message().await {
                Ok(message) => assert_eq!(message.unwrap().number, count),
                Err(error) => break error,
            }
            count += 1;
        };
        check(&error, begun, 3.5);
        assert_eq!(count, 4);

        let begun = Instant::now();
        let mut upload = client.upload(within((), 1.5));
        upload.send(blob(10)).await.unwrap();
        check(&upload.finish().await.unwrap_err(), begun, 1.5);

        let begun = Instant::now();
        let mut chat = client.chat(within((), 1.5));
        chat.send(blob(10)).await.unwrap();
        while let Ok(message) = chat.message().await {
            assert!(message.is_some());
        }
        check(&chat.message().await.unwrap_err(), begun, 1.5);
        check(&chat.send(blob(10)).await.unwrap_err(), begun, 1.5);

        sleep(SECOND).await;
        assert_eq!((drops.count(), fired.count()), (4, 4));
    });
}

/// A client that sends `grpc-timeout` and then forgets about it.
#[test]
fn a_server_keeps_the_deadline_when_its_client_does_not() {
    run_paused(async {
        let (service, drops, fired) = never();
        let rig = Rig::start(WIRE, service).await;
        let mut raw = Raw::client(rig.door().raw().await).await;
        let shapes = ["Unary", "Download", "Upload", "Chat"];
        for (shape, stream) in shapes.into_iter().zip([1, 3, 5, 7]) {
            let begun = Instant::now();
            let path = format!("/trial.Trial/{shape}");
            let mut fields = call(&path).to_vec();
            fields.push(("grpc-timeout", "2500m"));
            raw.send(&headers(stream, &fields, false)).await;
            let ends = matches!(shape, "Unary" | "Download");
            raw.send(&data(stream, &envelope(b""), ends)).await;
            let answer = raw.answer(stream).await;
            assert_eq!(answer.field("grpc-status"), Some("4"), "{shape}: {answer:?}");
            let took = begun.elapsed();
            assert!(took >= Duration::from_millis(2500), "{shape}: {took:?}");
            assert!(took < Duration::from_millis(2600), "{shape}: {took:?}");
        }
        settle().await;
        assert_eq!((drops.count(), fired.count()), (4, 4));
    });
}

/// The request never becomes whole: its handler is not even called.
#[test]
fn a_server_keeps_the_deadline_of_a_request_that_never_ends() {
    run_paused(async {
        let rig = Rig::start(WIRE, Scripted::default()).await;
        let mut raw = Raw::client(rig.door().raw().await).await;
        let mut fields = call("/trial.Trial/Unary").to_vec();
        fields.push(("grpc-timeout", "1S"));
        raw.send(&headers(1, &fields, false)).await;
        raw.send(&data(1, &envelope(b"abcdef")[..7], false)).await;
        assert_eq!(raw.answer(1).await.field("grpc-status"), Some("4"));
    });
}

#[test]
fn a_handler_sees_how_much_time_is_left() {
    run_paused(async {
        let (seen, mut saw) = mpsc::unbounded_channel();
        let rig = Rig::start(
            WIRE,
            Scripted::default().unary(move |request: Request<Blob>| {
                let seen = seen.clone();
                async move {
                    sleep(SECOND).await;
                    let _ = seen.send((request.remaining(), request.deadline().is_some()));
                    Ok(Response::new(blob(0)))
                }
            }),
        )
        .await;
        let client = rig.client();
        client.unary(within(blob(0), 5.0)).await.unwrap();
        let (remaining, has_deadline) = saw.recv().await.unwrap();
        let remaining = remaining.unwrap().as_secs_f64();
        assert!((3.9..4.1).contains(&remaining) && has_deadline, "{remaining}");
        client.unary(blob(0)).await.unwrap();
        assert_eq!(saw.recv().await.unwrap(), (None, false));
        let endless = Request::new(blob(0)).with_timeout(Duration::MAX);
        client.unary(endless).await.unwrap();
    });
}

#[test]
fn the_channels_timeout_counts_for_calls_that_have_none() {
    run_paused(async {
        let (service, ..) = never();
        let rig = Rig::start(WIRE, service).await;
        let client = TrialClient::new(rig.channel_builder().timeout(3 * SECOND).build());
        let begun = Instant::now();
        check(&client.unary(blob(0)).await.unwrap_err(), begun, 3.0);
        let begun = Instant::now();
        check(&client.unary(within(blob(0), 1.0)).await.unwrap_err(), begun, 1.0);
    });
}

#[test]
fn calls_without_time_fail_at_once() {
    run_paused(async {
        let rig = Rig::start(WIRE, Scripted::default()).await;
        let client = rig.client();
        let begun = Instant::now();
        for _ in 0..3 {
            check(&client.unary(within(blob(0), 0.0)).await.unwrap_err(), begun, 0.0);
            let error = client.download(within(numbered(3), 0.0)).message().await.unwrap_err();
            check(&error, begun, 0.0);
        }
        client.unary(blob(0)).await.unwrap();
    });
}

/// A sender that waits for room learns of the deadline.
#[test]
fn a_deadline_wakes_a_sender_that_waits() {
    run_paused(async {
        let (service, ..) = never();
        let service = service.upload(|request| async move {
            let _kept = request;
            std::future::pending().await
        });
        let rig = Rig::start(WIRE, service).await;
        let begun = Instant::now();
        let mut upload = rig.client().upload(within((), 4.0));
        let error = loop {
            if let Err(error) = upload.send(blob(10_000)).await {
                break error;
            }
        };
        check(&error, begun, 4.0);
        check(&upload.finish().await.unwrap_err(), begun, 4.0);
    });
}

/// Many deadlines, in any order: each call ends at its own.
#[test]
fn many_deadlines_at_the_same_time() {
    run_paused(async {
        let (service, drops, _) = never();
        let rig = Rig::start(WIRE, service).await;
        let client = rig.client();
        let begun = Instant::now();
        let calls: Vec<_> = (1..=200)
            .map(|number: u32| {
                let client = client.clone();
                let seconds = f64::from(number * 7919 % 1009) / 10.0;
                tokio::spawn(async move {
                    let error = client.unary(within(blob(0), seconds)).await.unwrap_err();
                    check(&error, begun, seconds);
                })
            })
            .collect();
        for call in calls {
            call.await.unwrap();
        }
        sleep(SECOND).await;
        assert_eq!(drops.count(), 200);
    });
}

/// A server whose handlers call another: `way` makes the request of the inner call.
async fn relay(
    inner: TrialClient,
    way: impl Fn(&Request<Blob>) -> Request<Blob> + Copy + Send + Sync + 'static,
) -> Rig {
    let unary = inner.clone();
    let service = Scripted::default()
        .unary(move |request: Request<Blob>| {
            let inner = unary.clone();
            async move { inner.unary(way(&request)).await }
        })
        .download(move |request: Request<Blob>| {
            let inner = inner.clone();
            async move { Ok(Response::new(ResponseStream::new(inner.download(way(&request))))) }
        });
    Rig::start(WIRE, service).await
}

#[test]
fn the_time_that_is_left_goes_along_to_the_next_server() {
    run_paused(async {
        let (seen, mut saw) = mpsc::unbounded_channel();
        let service = Scripted::default().unary(move |request: Request<Blob>| {
            let _ = seen.send(request.remaining());
            async { Ok(Response::new(blob(0))) }
        });
        let last = Rig::start(WIRE, service).await;
        let mut left = async |way: fn(&Request<Blob>) -> Request<Blob>, request| {
            let first = relay(last.client(), way).await;
            first.client().unary(request).await.unwrap();
            saw.recv().await.unwrap().map(|left| left.as_secs_f64())
        };
        let carried = |request: &Request<Blob>| Request::new(blob(0)).within(request.context());
        assert!((4.9..5.1).contains(&left(carried, within(blob(0), 5.0)).await.unwrap()));
        assert_eq!(left(carried, Request::new(blob(0))).await, None);
        // the nearer of the two counts
        let nearer = |request: &Request<Blob>| within(blob(0), 2.0).within(request.context());
        assert!((1.9..2.1).contains(&left(nearer, within(blob(0), 5.0)).await.unwrap()));
        assert!((0.9..1.1).contains(&left(nearer, within(blob(0), 1.0)).await.unwrap()));
        // a request that is handed on as it came takes its time along
        let handed_on = |request: &Request<Blob>| request.clone();
        assert!((4.9..5.1).contains(&left(handed_on, within(blob(0), 5.0)).await.unwrap()));
        // and one that is made anew does not
        let alone = |_: &Request<Blob>| Request::new(blob(0));
        assert_eq!(left(alone, within(blob(0), 5.0)).await, None);
    });
}

#[test]
fn calls_made_for_a_call_end_with_it() {
    run_paused(async {
        let (service, drops, fired) = never();
        let last = Rig::start(WIRE, service).await;
        let carried = |request: &Request<Blob>| Request::new(blob(0)).within(request.context());
        let first = relay(last.client(), carried).await;
        let client = first.client();
        let begun = Instant::now();
        check(&client.unary(within(blob(0), 2.0)).await.unwrap_err(), begun, 2.0);
        let mut download = client.download(within(blob(0), 2.5));
        let begun = Instant::now();
        let error = loop {
            if let Err(error) = download.message().await {
                break error;
            }
        };
        check(&error, begun, 2.5);
        // a cancelled one likewise
        let mut download = client.download(blob(0));
        download.message().await.unwrap().unwrap();
        drop(download);
        sleep(SECOND).await;
        assert_eq!((drops.count(), fired.count()), (3, 3));
    });
}

/// The inner call is in a task of its own, which nobody drops.
#[test]
fn a_spawned_call_is_told_that_its_call_is_over() {
    run_paused(async {
        let (service, drops, _) = never();
        let last = Rig::start(WIRE, service).await;
        let (ends, mut end) = mpsc::unbounded_channel();
        let inner = last.client();
        let service = Scripted::default().unary(move |request: Request<Blob>| {
            let (inner, ends) = (inner.clone(), ends.clone());
            let number = request.message().number;
            let carried = Request::new(blob(0)).within(request.context());
            tokio::spawn(async move {
                let _ = ends.send(inner.unary(carried).await.unwrap_err());
            });
            async move {
                if number == 0 {
                    std::future::pending::<()>().await;
                }
                sleep(SECOND).await;
                Ok(Response::new(blob(0)))
            }
        });
        let first = Rig::start(WIRE, service).await;
        let client = first.client();
        let begun = Instant::now();
        check(&client.unary(within(numbered(0), 2.0)).await.unwrap_err(), begun, 2.0);
        let error = end.recv().await.unwrap();
        assert_eq!(error.code(), Code::DeadlineExceeded, "{error}");
        client.unary(within(numbered(1), 9.0)).await.unwrap();
        let error = end.recv().await.unwrap();
        assert_eq!(error.code(), Code::Cancelled, "{error}");
        assert_eq!(error.message(), "the call that this one was made for is over");
        settle().await;
        assert_eq!(drops.count(), 2);
        // made when the call is over already
        let context = std::sync::Arc::new(std::sync::Mutex::new(None));
        let kept = context.clone();
        let service = Scripted::default().unary(move |request: Request<Blob>| {
            *kept.lock().unwrap() = Some(request.context().clone());
            async { Ok(Response::new(blob(0))) }
        });
        let other = Rig::start(WIRE, service).await;
        other.client().unary(blob(0)).await.unwrap();
        let context = context.lock().unwrap().take().unwrap();
        let late = Request::new(blob(0)).within(&context);
        let error = last.client().unary(late).await.unwrap_err();
        assert_eq!(error.code(), Code::Cancelled, "{error}");
    });
}

/// A server that gives up first, and says so as a cancellation: by RST_STREAM, as grpc-go does, or
/// in its trailers.
#[test]
fn a_servers_cancellation_at_the_deadline_is_the_deadline() {
    for (early, code) in [(5, Code::DeadlineExceeded), (1000, Code::Cancelled)] {
        for by_reset in [true, false] {
            run_paused(async {
                let (pipes, mut listener) = pipes(64 * 1024);
                let client = TrialClient::new(protocall::Channel::over(pipes).build());
                let call = tokio::spawn(async move { client.unary(within(blob(1), 3.0)).await });
                let mut server = Raw::server(Box::new(listener.next().await.unwrap())).await;
                server.wait_for(kind::DATA).await;
                sleep(Duration::from_millis(3000 - early)).await;
                let bytes = if by_reset {
                    reset(1, 8)
                } else {
                    let grpc = ("content-type", "application/grpc");
                    headers(1, &[(":status", "200"), grpc, ("grpc-status", "1")], true)
                };
                server.send(&bytes).await;
                let error = call.await.unwrap().unwrap_err();
                assert_eq!(error.code(), code, "{early} ms, reset: {by_reset}: {error}");
            });
        }
    }
}
