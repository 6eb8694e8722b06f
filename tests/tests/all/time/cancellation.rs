//! Cancellation by the client, as the handler sees it.

use super::{Drops, WIRE};
use protocall::{Code, Request, Response, Status};
use protocall_tests::proto::trial::Blob;
use protocall_tests::rig::Rig;
use protocall_tests::service::Scripted;
use protocall_tests::{blob, run_paused, settle};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

/// Unary calls that never answer and tell that they began.
async fn rig() -> (Rig, mpsc::UnboundedReceiver<()>, Drops, Drops) {
    let (began, begun) = mpsc::unbounded_channel();
    let (drops, fired) = (Drops::default(), Drops::default());
    let (drops_kept, fired_kept) = (drops.clone(), fired.clone());
    let service = Scripted::default().unary(move |request: Request<Blob>| {
        let guard = drops.guard();
        let (cancellation, fired) = (request.cancellation(), fired.guard());
        assert!(!cancellation.is_cancelled());
        tokio::spawn(async move {
            cancellation.cancelled().await;
            assert!(cancellation.is_cancelled());
            drop(fired);
        });
        let _ = began.send(());
        async move {
            let _guard = guard;
            std::future::pending::<Result<Response<Blob>, Status>>().await
        }
    });
    (Rig::start(WIRE, service).await, begun, drops_kept, fired_kept)
}

#[test]
fn dropping_the_clients_future_cancels_the_handler() {
    run_paused(async {
        let (rig, mut begun, drops, fired) = rig().await;
        let client = rig.client();
        for count in 1..=20 {
            let calling = client.unary(blob(10));
            tokio::select! {
                _ = calling => panic!("it never answers"),
                _ = begun.recv() => {}
            }
            settle().await;
            assert_eq!((drops.count(), fired.count()), (count, count));
        }
    });
}

/// Dropped before it was sent, or while it is: nothing is left behind.
#[test]
fn a_future_may_be_dropped_at_any_time() {
    run_paused(async {
        let (rig, _begun, drops, fired) = rig().await;
        let client = rig.client();
        for turns in 0..50 {
            let client = client.clone();
            let call = tokio::spawn(async move { client.unary(blob(100_000)).await });
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
            call.abort();
            settle().await;
            assert_eq!(drops.count(), fired.count());
        }
        assert!(drops.count() > 0, "some of them got through");
        let mut answers = client.download(protocall_tests::numbered(2));
        answers.trailers().await.unwrap();
    });
}

#[test]
fn losing_the_connection_cancels_its_handlers() {
    run_paused(async {
        let (rig, mut begun, drops, fired) = rig().await;
        let mut raw = protocall_tests::raw::Raw::client(rig.door().raw().await).await;
        for stream in [1, 3, 5] {
            let head = protocall_tests::raw::call("/trial.Trial/Unary");
            raw.send(&protocall_tests::raw::headers(stream, &head, false)).await;
            let message = protocall_tests::raw::envelope(b"");
            raw.send(&protocall_tests::raw::data(stream, &message, true)).await;
            begun.recv().await.unwrap();
        }
        drop(raw);
        settle().await;
        assert_eq!((drops.count(), fired.count()), (3, 3));
    });
}

/// An answered call is over for what its handler left running.
#[test]
fn answering_ends_the_call_for_spawned_work() {
    run_paused(async {
        let fired = Drops::default();
        let watched = fired.clone();
        let service = Scripted::default().unary(move |request: Request<Blob>| {
            let (cancellation, guard) = (request.cancellation(), watched.guard());
            tokio::spawn(async move {
                cancellation.cancelled().await;
                drop(guard);
            });
            async { Ok(Response::new(blob(0))) }
        });
        let rig = Rig::start(WIRE, service).await;
        let client = rig.client();
        for count in 1..=10 {
            client.unary(blob(0)).await.unwrap();
            settle().await;
            assert_eq!(fired.count(), count);
        }
    });
}

/// The channel may go while calls run: they end as if it were there.
#[test]
fn calls_outlive_their_channel() {
    run_paused(async {
        let service = Scripted::default().unary(|request: Request<Blob>| async move {
            sleep(Duration::from_secs(5)).await;
            Ok(Response::new(request.into_inner()))
        });
        let rig = Rig::start(WIRE, service).await;
        let client = rig.client();
        let call = {
            let client = client.clone();
            tokio::spawn(async move { client.unary(blob(10)).await })
        };
        let mut chat = client.chat(());
        chat.send(blob(1)).await.unwrap();
        settle().await;
        drop(client);
        assert_eq!(chat.message().await.unwrap().unwrap(), blob(1));
        chat.send(blob(2)).await.unwrap();
        assert_eq!(chat.message().await.unwrap().unwrap(), blob(2));
        drop(chat);
        assert_eq!(call.await.unwrap().unwrap().into_inner(), blob(10));
    });
}

/// The last clone goes, its calls end, the connection closes: the server has nothing left to drain.
#[test]
fn the_connection_closes_when_nobody_needs_it() {
    run_paused(async {
        let mut rig = Rig::start(WIRE, Scripted::default()).await;
        let client = rig.client();
        client.unary(blob(10)).await.unwrap();
        drop(client);
        settle().await;
        rig.stop();
        timeout(Duration::from_millis(100), rig.stopped()).await.expect("a connection is left");
    });
}

#[test]
fn a_handlers_own_cancelled_status_stays_cancelled() {
    run_paused(async {
        let service =
            Scripted::default().unary(|_| async { Err(Status::cancelled("by the handler")) });
        let rig = Rig::start(WIRE, service).await;
        let request = Request::new(blob(0)).with_timeout(Duration::from_secs(5));
        let error = rig.client().unary(request).await.unwrap_err();
        assert_eq!((error.code(), error.message()), (Code::Cancelled, "by the handler"));
    });
}
