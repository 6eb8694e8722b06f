//! Many at once: calls on one connection, connections, floods of small frames.

use protocall::{Request, Response, Server};
use protocall_tests::proto::trial::{Blob, TrialServer};
use protocall_tests::raw::{self, Raw, call, data, envelope, frame, headers, kind, reset};
use protocall_tests::rig::{Rig, Wire};
use protocall_tests::service::Scripted;
use protocall_tests::{blob, numbered, run};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::watch;

const ENHANCE_YOUR_CALM: u32 = 11;
const REFUSED_STREAM: u32 = 7;

/// A server of that many streams whose unary calls wait for `go`, and the most that ran at once.
async fn waiting(wire: Wire, streams: u32) -> (Rig, watch::Sender<bool>, Arc<AtomicUsize>) {
    let (go, gone) = watch::channel(false);
    let most = Arc::new(AtomicUsize::new(0));
    let running = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&most);
    let service = Scripted::default().unary(move |request: Request<Blob>| {
        let (mut gone, running, seen) = (gone.clone(), Arc::clone(&running), Arc::clone(&seen));
        async move {
            let _running = Running::begin(running, &seen);
            let _ = gone.wait_for(|go| *go).await;
            Ok(Response::new(request.into_inner()))
        }
    });
    let mut http2 = protocall::http2::Config::server();
    http2.max_concurrent_streams = streams;
    let builder = Server::builder().http2(http2).add_service(TrialServer::new(service));
    (Rig::serve(wire, builder).await, go, most)
}

/// A call that runs, until it is dropped.
struct Running(Arc<AtomicUsize>);

impl Running {
    fn begin(count: Arc<AtomicUsize>, most: &AtomicUsize) -> Self {
        let now = count.fetch_add(1, Ordering::SeqCst) + 1;
        most.fetch_max(now, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Our client waits with what is above the server's limit; all calls are answered in the end.
#[test]
fn a_thousand_calls_above_the_limit_of_streams() {
    for wire in [Wire::Tcp, Wire::Pipe(4093)] {
        run(async move {
            let (rig, go, most) = waiting(wire, 50).await;
            let client = rig.client();
            let calls: Vec<_> = (0..1000)
                .map(|number| {
                    let client = client.clone();
                    tokio::spawn(async move { client.unary(numbered(number)).await })
                })
                .collect();
            while most.load(Ordering::SeqCst) < 50 {
                tokio::task::yield_now().await;
            }
            go.send_replace(true);
            let mut answers = HashSet::new();
            for call in calls {
                answers.insert(call.await.unwrap().unwrap().message().number);
            }
            assert_eq!(answers.len(), 1000);
            assert_eq!(most.load(Ordering::SeqCst), 50);
        });
    }
}

/// A client that knows the limit and opens more is refused stream by stream.
#[test]
fn streams_above_the_limit_are_refused() {
    run(async {
        let (rig, go, _) = waiting(Wire::Pipe(64 * 1024), 10).await;
        let mut raw = Raw::client(rig.door().raw().await).await;
        raw.wait_for(kind::SETTINGS).await;
        raw.send(&frame(kind::SETTINGS, raw::ACK, 0, b"")).await;
        for stream in (1..=29).step_by(2) {
            raw.send(&headers(stream, &call("/trial.Trial/Unary"), false)).await;
            raw.send(&data(stream, &envelope(b""), true)).await;
        }
        for stream in (21..=29).step_by(2) {
            let refused = raw.wait_for(kind::RST_STREAM).await;
            assert_eq!((refused.stream, refused.error_code()), (stream, REFUSED_STREAM));
        }
        go.send_replace(true);
        let answer = raw.answer(1).await;
        assert_eq!(answer.field("grpc-status"), Some("0"));
    });
}

/// Opening and resetting at full speed (CVE-2023-44487) ends the connection, with the reason.
#[test]
fn rapid_resets_end_the_connection() {
    run(async {
        let (rig, go, most) = waiting(Wire::Pipe(64 * 1024), 100).await;
        let mut raw = Raw::client(rig.door().raw().await).await;
        let mut bytes = Vec::new();
        for stream in (1..4000).step_by(2) {
            bytes.extend(headers(stream, &call("/trial.Trial/Unary"), false));
            bytes.extend(data(stream, &envelope(b""), true));
            bytes.extend(reset(stream, 8));
        }
        raw.send(&bytes).await;
        let frames = raw.frames().await;
        let last = frames.last().unwrap();
        assert_eq!((last.kind, last.error_code()), (kind::GOAWAY, ENHANCE_YOUR_CALM), "{last:?}");
        assert!(most.load(Ordering::SeqCst) <= 100);
        go.send_replace(true);
        rig.client().unary(blob(10)).await.unwrap();
    });
}

#[test]
fn floods_of_frames_that_do_nothing_end_the_connection() {
    run(async {
        let (rig, go, _) = waiting(Wire::Pipe(64 * 1024), 100).await;
        go.send_replace(true);
        let floods: [(&str, Vec<u8>); 5] = [
            ("PING", frame(kind::PING, 0, 0, &[7; 8])),
            ("SETTINGS", frame(kind::SETTINGS, 0, 0, b"")),
            ("empty DATA", data(1, b"", false)),
            ("PRIORITY", frame(2, 0, 1, &[0, 0, 0, 0, 5])),
            ("unknown", frame(0xbb, 0, 0, b"?")),
        ];
        for (what, one) in floods {
            let mut raw = Raw::client(rig.door().raw().await).await;
            raw.send(&headers(1, &call("/trial.Trial/Chat"), false)).await;
            let mut bytes = Vec::new();
            for _ in 0..5000 {
                bytes.extend_from_slice(&one);
            }
            raw.send(&bytes).await;
            let frames = raw.frames().await;
            let last = frames.last().unwrap();
            let code = (last.kind == kind::GOAWAY).then(|| last.error_code());
            assert_eq!(code, Some(ENHANCE_YOUR_CALM), "{what}: {last:?}");
            rig.client().unary(blob(10)).await.unwrap();
        }
    });
}

/// A header block that never ends (CVE-2024-27316).
#[test]
fn endless_continuations_end_the_connection() {
    run(async {
        let (rig, go, _) = waiting(Wire::Pipe(64 * 1024), 100).await;
        go.send_replace(true);
        let mut raw = Raw::client(rig.door().raw().await).await;
        raw.send(&frame(kind::HEADERS, 0, 1, &raw::block(&call("/trial.Trial/Unary")))).await;
        let piece = raw::block(&[("x-more", &"v".repeat(1000))]);
        for _ in 0..100 {
            raw.send(&frame(kind::CONTINUATION, 0, 1, &piece)).await;
        }
        let frames = raw.frames().await;
        let last = frames.last().unwrap();
        assert_eq!((last.kind, last.error_code()), (kind::GOAWAY, ENHANCE_YOUR_CALM), "{last:?}");
        rig.client().unary(blob(10)).await.unwrap();
    });
}

/// A client that never reads does not make the server keep all of its answers.
#[test]
fn a_client_that_does_not_read_stops_its_own_calls_only() {
    run(async {
        let made = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&made);
        let service = Scripted::default().download(move |_| {
            let counter = Arc::clone(&counter);
            async move {
                Ok(Response::new(protocall::ResponseStream::iter((0..100_000).map(move |_| {
                    counter.fetch_add(1, Ordering::SeqCst);
                    blob(1000)
                }))))
            }
        });
        let rig = Rig::start(Wire::Pipe(64 * 1024), service).await;
        let mut raw = Raw::client(rig.door().raw().await).await;
        raw.send(&frame(kind::WINDOW_UPDATE, 0, 0, &0x7000_0000u32.to_be_bytes())).await;
        for stream in (1..100).step_by(2) {
            raw.send(&headers(stream, &call("/trial.Trial/Download"), false)).await;
            raw.send(&data(stream, &envelope(b""), true)).await;
            raw.send(&frame(kind::WINDOW_UPDATE, 0, stream, &0x7000_0000u32.to_be_bytes())).await;
        }
        for _ in 0..20 {
            protocall_tests::settle().await;
        }
        let made = made.load(Ordering::SeqCst);
        assert!(made < 10_000, "{made} messages of 1 kB for a client that reads none");
        rig.client().unary(blob(10)).await.unwrap();
    });
}

#[test]
fn many_connections_that_say_nothing() {
    run(async {
        let rig = Rig::start(Wire::Tcp, Scripted::default()).await;
        let mut silent = Vec::new();
        for _ in 0..200 {
            silent.push(rig.door().raw().await);
        }
        rig.client().unary(blob(10)).await.unwrap();
        drop(silent);
        rig.client().unary(blob(10)).await.unwrap();
    });
}
