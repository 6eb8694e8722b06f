//! Statuses as the client sees them.

use bytes::Bytes;
use protocall::{Code, Request, Response, ResponseStream, Server, Status};
use protocall_tests::proto::trial::{Bare, BareServer, Blob};
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
    assert_eq!(chat.message().await.unwrap().unwrap().number, 1, "the connection lives on");
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
