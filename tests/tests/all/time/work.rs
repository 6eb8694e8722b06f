//! Work that goes on when its call is over: told, counted, waited for, and not for ever.

use super::{Drops, WIRE};
use protocall::{Code, Request, Response, Server, http2};
use protocall_tests::proto::trial::{Blob, TrialServer};
use protocall_tests::raw::{Raw, call, data, envelope, headers, kind, reset};
use protocall_tests::rig::Rig;
use protocall_tests::service::Scripted;
use protocall_tests::{blob, numbered, run_paused, settle};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);

/// Works as many seconds as the number says, to the end. Counts the handlers that were dropped
/// before, the work that was told so, and the work that has ended.
fn stubborn() -> (Scripted, [Drops; 3]) {
    let counts: [Drops; 3] = Default::default();
    let [dropped, told, ended] = counts.clone();
    let service = Scripted::default().unary(move |request: Request<Blob>| {
        let (told, ended) = (told.clone(), ended.clone());
        let (guard, context) = (dropped.guard(), request.context().clone());
        let seconds = request.message().number.unsigned_abs();
        async move {
            let cancellation = request.cancellation();
            let work = async move {
                let _ended = ended.guard();
                tokio::select! {
                    () = cancellation.cancelled() => {
                        drop(told.guard());
                        sleep(Duration::from_secs(seconds)).await;
                    }
                    () = sleep(Duration::from_secs(seconds)) => {}
                }
                numbered(7)
            };
            let message = context.run_to_end(work).await;
            drop(guard);
            Ok(Response::new(message))
        }
    });
    (service, counts)
}

#[test]
fn work_that_is_waited_for_answers_its_call() {
    run_paused(async {
        let (service, [_, told, ended]) = stubborn();
        let rig = Rig::start(WIRE, service).await;
        let answer = rig.client().unary(numbered(2)).await.unwrap().into_inner();
        assert_eq!((answer.number, told.count(), ended.count()), (7, 0, 1));
    });
}

#[test]
fn a_draining_server_waits_for_work_whose_call_is_over() {
    run_paused(async {
        let (service, [dropped, told, ended]) = stubborn();
        let mut rig = Rig::start(WIRE, service).await;
        let client = rig.client();
        let begun = Instant::now();
        let request = Request::new(numbered(9)).with_timeout(SECOND);
        let error = client.unary(request).await.unwrap_err();
        assert_eq!(error.code(), Code::DeadlineExceeded);
        settle().await;
        assert_eq!((dropped.count(), told.count(), ended.count()), (1, 1, 0));
        rig.stop();
        rig.stopped().await;
        assert_eq!(ended.count(), 1);
        let took = begun.elapsed();
        assert!(took >= 10 * SECOND && took < 12 * SECOND, "{took:?}");
    });
}

#[test]
fn a_lost_connection_ends_no_work_and_the_server_waits_for_it() {
    run_paused(async {
        let (service, [dropped, _, ended]) = stubborn();
        let mut rig = Rig::start(WIRE, service).await;
        let begun = Instant::now();
        let mut raw = Raw::client(rig.door().raw().await).await;
        raw.send(&headers(1, &call("/trial.Trial/Unary"), false)).await;
        raw.send(&data(1, &envelope(b"\x10\x09"), true)).await;
        settle().await;
        drop(raw);
        settle().await;
        assert_eq!((dropped.count(), ended.count()), (1, 0));
        rig.stop();
        rig.stopped().await;
        assert_eq!(ended.count(), 1);
        assert!(begun.elapsed() >= 9 * SECOND);
    });
}

#[test]
fn the_drain_limit_holds_for_work_too() {
    run_paused(async {
        for cut in [false, true] {
            let (service, [_, _, ended]) = stubborn();
            let server = Server::builder().drain_limit(5 * SECOND);
            let mut rig = Rig::serve(WIRE, server.add_service(TrialServer::new(service))).await;
            let begun = Instant::now();
            if cut {
                let mut raw = Raw::client(rig.door().raw().await).await;
                raw.send(&headers(1, &call("/trial.Trial/Unary"), false)).await;
                raw.send(&data(1, &envelope(b"\x10\x64"), true)).await;
                settle().await;
            } else {
                let request = Request::new(numbered(100)).with_timeout(SECOND);
                rig.client().unary(request).await.unwrap_err();
            }
            rig.stop();
            rig.stopped().await;
            let took = begun.elapsed();
            assert!(took >= 5 * SECOND && took < 8 * SECOND, "{took:?}");
            assert_eq!(ended.count(), 0);
        }
    });
}

/// Whoever cancels and calls again gets no more work out of the server than with open streams.
#[test]
fn work_counts_as_a_concurrent_stream() {
    run_paused(async {
        let (service, [_, _, ended]) = stubborn();
        let mut config = http2::Config::server();
        config.max_concurrent_streams = 3;
        let server = Server::builder().http2(config).add_service(TrialServer::new(service));
        let rig = Rig::serve(WIRE, server).await;
        let mut raw = Raw::client(rig.door().raw().await).await;
        for stream in [1, 3] {
            raw.send(&headers(stream, &call("/trial.Trial/Unary"), false)).await;
            raw.send(&data(stream, &envelope(b"\x10\x09"), true)).await;
            settle().await;
            raw.send(&reset(stream, 8)).await;
        }
        settle().await;
        // one more has room beside the two, and the next has none
        raw.send(&headers(5, &call("/trial.Trial/Upload"), false)).await;
        raw.send(&headers(7, &call("/trial.Trial/Unary"), false)).await;
        let refused = raw.wait_for(kind::RST_STREAM).await;
        assert_eq!((refused.stream, refused.error_code()), (7, 7));
        sleep(10 * SECOND).await;
        assert_eq!(ended.count(), 2);
        raw.send(&headers(9, &call("/trial.Trial/Upload"), false)).await;
        raw.send(&data(9, b"", true)).await;
        assert_eq!(raw.answer(9).await.field("grpc-status"), Some("0"));
    });
}

#[test]
fn work_that_panics_fails_its_call_alone() {
    run_paused(async {
        let service = Scripted::default().unary(|request: Request<Blob>| {
            let context = request.context().clone();
            async move { context.run_to_end(async { panic!("on purpose") }).await }
        });
        let rig = Rig::start(WIRE, service).await;
        let error = rig.client().unary(blob(0)).await.unwrap_err();
        assert_eq!((error.code(), error.message()), (Code::Unknown, "the handler panicked"));
    });
}
