//! A connection's receive budget: messages that are far more than it together, and handlers and
//! callers that do not read, beside others that do.

use protocall::http2::Config;
use protocall::{Request, Response, ResponseStream, Server, Streaming};
use protocall_tests::proto::trial::{Blob, TrialClient, TrialServer};
use protocall_tests::rig::{Rig, Wire};
use protocall_tests::service::Scripted;
use protocall_tests::{blob, run_on_threads};

/// A quarter of the default: what comes together is soon more.
const BUDGET: u64 = 2 << 20;

const LARGE: usize = 1_500_000;

fn small(mut config: Config) -> Config {
    config.receive_budget = BUDGET;
    config.connection_window = 256 * 1024;
    config.stream_window = 128 * 1024;
    config
}

async fn start(wire: Wire, service: Scripted) -> (Rig, TrialClient) {
    let server = Server::builder().http2(small(Config::server()));
    let rig = Rig::serve(wire, server.add_service(TrialServer::new(service))).await;
    let channel = rig.channel_builder().http2(small(Config::client())).build();
    (rig, TrialClient::new(channel))
}

#[test]
fn large_messages_both_ways_pass_one_after_the_other() {
    for wire in [Wire::Tcp, Wire::Pipe(3000)] {
        run_on_threads(2, async move {
            let service = Scripted::default()
                .unary(
                    |request: Request<Blob>| async move { Ok(Response::new(request.into_inner())) },
                )
                .download(|_| async {
                    Ok(Response::new(ResponseStream::iter([blob(LARGE), blob(10), blob(LARGE)])))
                });
            let (rig, client) = start(wire, service).await;
            let mut calls = Vec::new();
            for number in 0..12 {
                let client = client.clone();
                calls.push(tokio::spawn(async move {
                    if number % 3 == 0 {
                        let mut answers = client.download(blob(0));
                        let mut sum = 0;
                        while let Some(answer) = answers.message().await.unwrap() {
                            sum += answer.data.len();
                        }
                        assert_eq!(sum, 2 * LARGE + 10);
                    } else {
                        let echo = client.unary(blob(LARGE)).await.unwrap();
                        assert_eq!(echo.message().data.len(), LARGE);
                    }
                }));
            }
            for call in calls {
                call.await.unwrap();
            }
            assert!(rig.stats().http2.windows_narrowed > 0, "the budget was met");
        });
    }
}

#[test]
fn calls_go_on_beside_handlers_that_never_read() {
    run_on_threads(2, async {
        let service = Scripted::default().upload(|request: Request<Streaming<Blob>>| async move {
            let unread = request.into_inner();
            std::future::pending::<()>().await;
            drop(unread);
            Ok(Response::new(blob(0)))
        });
        let (rig, client) = start(Wire::Tcp, service).await;
        let mut uploads = Vec::new();
        for _ in 0..30 {
            let mut upload = client.upload(());
            // one goes without waiting for the handler to read
            upload.send(blob(120_000)).await.unwrap();
            uploads.push(upload);
        }
        for size in [10, 2000, 100_000, LARGE].into_iter().cycle().take(40) {
            client.unary(blob(size)).await.unwrap();
        }
        assert!(rig.stats().http2.windows_narrowed > 0, "they hold what they can");
        drop(uploads);
    });
}

#[test]
fn calls_go_on_beside_callers_that_never_read() {
    run_on_threads(2, async {
        let service = Scripted::default().download(|_| async {
            Ok(Response::new(ResponseStream::iter((0..50).map(|_| blob(50_000)))))
        });
        let (_rig, client) = start(Wire::Tcp, service).await;
        let mut unread = Vec::new();
        for _ in 0..30 {
            let mut answers = client.download(blob(0));
            // the first one is read, so that the server sends the others
            answers.message().await.unwrap();
            unread.push(answers);
        }
        for size in [10, 2000, 100_000, LARGE].into_iter().cycle().take(40) {
            client.unary(blob(size)).await.unwrap();
        }
        // and whoever begins to read gets all of it
        for mut answers in unread {
            let mut count = 1;
            while answers.message().await.unwrap().is_some() {
                count += 1;
            }
            assert_eq!(count, 50);
        }
    });
}
