//! Statuses as the client sees them.

use bytes::Bytes;
use protocall::{Code, Request, Response, ResponseStream, Server, Status};
use protocall_tests::proto::trial::{Bare, BareServer, Blob, TrialServer};
use protocall_tests::rig::{Rig, Wire};
use protocall_tests::service::Scripted;
use protocall_tests::{blob, numbered};
use std::error::Error;

super::over_each_wire!(
    statuses_arrive_as_they_were,
    methods_that_nobody_wrote,
    services_that_are_not_served,
    errors_after_messages,
    a_status_of_ok_is_no_error,
    a_handler_that_panics_fails_its_call_only,
    a_panic_before_or_after_the_handler_fails_its_call_only,
    calls_above_the_bound_are_refused_and_counted,
    the_cause_of_a_lost_connection_is_kept,
);

async fn statuses_arrive_as_they_were(wire: Wire) {
    const TEXT: &str = "Grüße, 世界 🦀: 100 % \"quoted\"\r\n\t\0 \u{7f} end ";
    let rig = Rig::start(
        wire,
        Scripted::default().unary(|request: Request<Blob>| async move {
            let code = Code::from_number(request.message().number as u32);
            Err(Status::new(code, TEXT).with_details(Bytes::from_static(b"\0details\xff")))
        }),
    )
    .await;
    let client = rig.client();
    for number in 1..=16 {
        let error = client.unary(numbered(number)).await.unwrap_err();
        assert_eq!(error.code() as i64, number);
        assert_eq!(error.message(), TEXT);
        assert_eq!(&error.details()[..], b"\0details\xff");
        assert!(error.source().is_none(), "it came from the server");
    }
}

struct Nothing;
impl Bare for Nothing {}

async fn methods_that_nobody_wrote(wire: Wire) {
    let rig = Rig::serve(wire, Server::builder().add_service(BareServer::new(Nothing))).await;
    let client = rig.bare_client();
    let error = client.unary(blob(100)).await.unwrap_err();
    assert_eq!(error.code(), Code::Unimplemented);
    assert_eq!(error.message(), "method Unary of service trial.Bare is not implemented");
    let mut chat = client.chat(());
    let error = chat.message().await.unwrap_err();
    assert_eq!(error.code(), Code::Unimplemented);
    assert_eq!(error.message(), "method Chat of service trial.Bare is not implemented");
}

async fn services_that_are_not_served(wire: Wire) {
    let rig = Rig::start(wire, Scripted::default()).await;
    let error = rig.bare_client().unary(blob(100)).await.unwrap_err();
    assert_eq!(error.code(), Code::Unimplemented);
    assert_eq!(error.message(), "unknown service trial.Bare");
    // large: the answer comes while the request is still on its way
    let error = rig.bare_client().unary(blob(3_000_000)).await.unwrap_err();
    assert_eq!(error.code(), Code::Unimplemented, "{error}");
}

async fn errors_after_messages(wire: Wire) {
    let rig = Rig::start(
        wire,
        Scripted::default().download(|_| async {
            let (sender, stream) = ResponseStream::channel(1);
            tokio::spawn(async move {
                for number in 0..100 {
                    sender.send(numbered(number)).await?;
                }
                sender.fail(Status::data_loss("the rest is gone")).await
            });
            Ok(Response::new(stream))
        }),
    )
    .await;
    let mut answers = rig.client().download(blob(0));
    for number in 0..100 {
        assert_eq!(answers.message().await.unwrap().unwrap().number, number);
    }
    for _ in 0..2 {
        let error = answers.message().await.unwrap_err();
        assert_eq!((error.code(), error.message()), (Code::DataLoss, "the rest is gone"));
    }
}

async fn a_status_of_ok_is_no_error(wire: Wire) {
    let rig = Rig::start(
        wire,
        Scripted::default().unary(|_| async { Err(Status::new(Code::Ok, "contradiction")) }),
    )
    .await;
    assert_eq!(rig.client().unary(blob(0)).await.unwrap_err().code(), Code::Unknown);
}

async fn a_handler_that_panics_fails_its_call_only(wire: Wire) {
    let rig = Rig::start(
        wire,
        Scripted::default()
            .unary(|request: Request<Blob>| async move {
                assert!(request.message().number == 0, "on purpose");
                Ok(Response::new(blob(0)))
            })
            .download(|_| async {
                let numbers = (0..10).inspect(|number| assert!(*number < 3, "on purpose"));
                Ok(Response::new(ResponseStream::iter(numbers.map(numbered))))
            }),
    )
    .await;
    let client = rig.client();
    let mut chat = client.chat(());
    chat.send(numbered(1)).await.unwrap();
    let error = client.unary(numbered(1)).await.unwrap_err();
    assert_eq!(error.code(), Code::Unknown, "{error}");
    let mut answers = client.download(numbered(0));
    let error = answers.trailers().await.unwrap_err();
    assert_eq!(error.code(), Code::Unknown, "{error}");
    client.unary(numbered(0)).await.unwrap();
    assert_eq!(chat.message().await.unwrap().unwrap().number, 1);
    chat.send(numbered(2)).await.unwrap();
    assert_eq!(chat.message().await.unwrap().unwrap().number, 2, "the connection lives on");
}

/// Panics when it is dropped.
struct Brittle;

impl Drop for Brittle {
    fn drop(&mut self) {
        panic!("on purpose");
    }
}

async fn a_panic_before_or_after_the_handler_fails_its_call_only(wire: Wire) {
    let rig = Rig::start(
        wire,
        Scripted::default()
            .unary(|request: Request<Blob>| {
                // here before there is a future
                assert!(request.message().number != 1, "on purpose");
                let brittle = (request.message().number == 2).then(|| Brittle);
                async move {
                    if brittle.is_some() {
                        std::future::pending::<()>().await;
                    }
                    Ok(Response::new(blob(0)))
                }
            })
            .upload(|_| -> std::future::Ready<_> { panic!("on purpose") }),
    )
    .await;
    let client = rig.client();
    let mut chat = client.chat(());
    chat.send(numbered(1)).await.unwrap();
    let error = client.unary(numbered(1)).await.unwrap_err();
    assert_eq!((error.code(), error.message()), (Code::Unknown, "the handler panicked"));
    let error = client.upload(()).finish().await.unwrap_err();
    assert_eq!((error.code(), error.message()), (Code::Unknown, "the handler panicked"));
    // what the handler holds panics when the call is cancelled or late
    let late = Request::new(numbered(2)).with_timeout(std::time::Duration::from_millis(20));
    let error = client.unary(late).await.unwrap_err();
    assert_eq!(error.code(), Code::DeadlineExceeded, "{error}");
    let cancelled = tokio::spawn({
        let client = client.clone();
        async move { client.unary(numbered(2)).await }
    });
    protocall_tests::settle().await;
    cancelled.abort();
    protocall_tests::settle().await;
    client.unary(numbered(0)).await.unwrap();
    assert_eq!(chat.message().await.unwrap().unwrap().number, 1);
    chat.send(numbered(2)).await.unwrap();
    assert_eq!(chat.message().await.unwrap().unwrap().number, 2, "the connection lives on");
}

async fn calls_above_the_bound_are_refused_and_counted(wire: Wire) {
    let stats = protocall::server::Stats::default();
    let service = Scripted::default().unary(|_| std::future::pending());
    let server = Server::builder()
        .add_service(TrialServer::new(service))
        .max_calls_at_work(3)
        .stats(stats.clone());
    let rig = Rig::serve(wire, server).await;
    // over several connections
    let (first, second) = (rig.client(), rig.client());
    let mut chats = [first.chat(()), second.chat(()), second.chat(())];
    for chat in &mut chats {
        chat.send(numbered(1)).await.unwrap();
        chat.message().await.unwrap();
    }
    let text = "the server has 3 calls at work, as many as it may";
    let error = first.unary(numbered(1)).await.unwrap_err();
    assert_eq!((error.code(), error.message()), (Code::ResourceExhausted, text));
    let error = first.chat(()).message().await.unwrap_err();
    assert_eq!((error.code(), error.message()), (Code::ResourceExhausted, text));
    assert_eq!(stats.snapshot().transport.calls_over_limit, 2);
    // one ends, and another may begin
    let [mut one, ..] = chats;
    one.finish();
    assert_eq!(one.message().await.unwrap(), None);
    let mut next = first.chat(());
    next.send(numbered(7)).await.unwrap();
    assert_eq!(next.message().await.unwrap().unwrap().number, 7);
    assert_eq!(stats.snapshot().transport.calls_over_limit, 2);
}

async fn the_cause_of_a_lost_connection_is_kept(wire: Wire) {
    let rig = Rig::start(wire, Scripted::default().unary(|_| std::future::pending())).await;
    let client = rig.client();
    let call = tokio::spawn(async move { client.unary(blob(0)).await });
    protocall_tests::settle().await;
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    rig.kill().await;
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.code(), Code::Unavailable, "{error}");
    assert!(error.source().is_some(), "{error:?}");
}
