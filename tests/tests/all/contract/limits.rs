//! The sizes that messages may have, on both sides and both ways.

use protocall::server::MessageLimits;
use protocall::{Code, Request, Response, ResponseStream, Server};
use protocall_tests::blob;
use protocall_tests::proto::trial::{Blob, TrialClient, TrialServer};
use protocall_tests::rig::{Rig, Wire};
use protocall_tests::service::Scripted;

super::over_each_wire!(
    what_a_server_takes,
    what_a_server_sends,
    what_a_client_takes,
    what_a_client_sends,
    what_a_call_says_counts_before_what_its_channel_says,
    the_default_limit_is_four_mebibytes,
);

const LIMIT: usize = 1000;
/// What a message of our type adds to its data.
const TAG_AND_LENGTH: usize = 3;
const FITS: usize = LIMIT - TAG_AND_LENGTH;

fn limits(receive: usize, send: usize) -> MessageLimits {
    MessageLimits { receive, send }
}

async fn serve(wire: Wire, limits: MessageLimits) -> Rig {
    let service = TrialServer::new(Scripted::default());
    Rig::serve(wire, Server::builder().message_limits(limits).add_service(service)).await
}

async fn what_a_server_takes(wire: Wire) {
    let rig = serve(wire, limits(LIMIT, usize::MAX)).await;
    let client = rig.client();
    client.unary(blob(FITS)).await.unwrap();
    let error = client.unary(blob(FITS + 1)).await.unwrap_err();
    assert_eq!(error.code(), Code::ResourceExhausted);
    assert_eq!(error.message(), "message of 1001 bytes is larger than the limit of 1000 bytes");
    let error = client.unary(blob(3_000_000)).await.unwrap_err();
    assert_eq!(error.code(), Code::ResourceExhausted, "{error}");

    let mut upload = client.upload(());
    upload.send(blob(FITS)).await.unwrap();
    let _ = upload.send(blob(FITS + 1)).await;
    let error = upload.finish().await.unwrap_err();
    assert_eq!(error.code(), Code::ResourceExhausted);

    let mut chat = client.chat(());
    chat.send(blob(FITS)).await.unwrap();
    assert!(chat.message().await.unwrap().is_some());
    let _ = chat.send(blob(100_000)).await;
    assert_eq!(chat.message().await.unwrap_err().code(), Code::ResourceExhausted);
    client.unary(blob(FITS)).await.unwrap();
}

async fn what_a_server_sends(wire: Wire) {
    let rig = serve(wire, limits(usize::MAX, LIMIT)).await;
    let client = rig.client();
    client.unary(blob(FITS)).await.unwrap();
    let error = client.unary(blob(FITS + 1)).await.unwrap_err();
    assert_eq!(error.code(), Code::ResourceExhausted, "{error}");
    let mut chat = client.chat(());
    for size in [FITS, FITS + 1] {
        chat.send(blob(size)).await.unwrap();
    }
    assert!(chat.message().await.unwrap().is_some());
    assert_eq!(chat.message().await.unwrap_err().code(), Code::ResourceExhausted);
}

async fn what_a_client_takes(wire: Wire) {
    let rig = Rig::start(
        wire,
        Scripted::default().download(|_| async {
            let sizes = [FITS, FITS + 1, 1];
            Ok(Response::new(ResponseStream::iter(sizes.into_iter().map(blob))))
        }),
    )
    .await;
    let client = TrialClient::new(rig.channel_builder().max_receive_message(LIMIT).build());
    client.unary(blob(FITS)).await.unwrap();
    let error = client.unary(blob(FITS + 1)).await.unwrap_err();
    assert_eq!(error.code(), Code::ResourceExhausted);
    assert_eq!(error.message(), "message of 1001 bytes is larger than the limit of 1000 bytes");
    let mut answers = client.download(blob(0));
    assert_eq!(answers.message().await.unwrap().unwrap().data.len(), FITS);
    assert_eq!(answers.message().await.unwrap_err().code(), Code::ResourceExhausted);
    client.unary(blob(FITS)).await.unwrap();
}

async fn what_a_client_sends(wire: Wire) {
    let rig = Rig::start(wire, Scripted::default()).await;
    let client = TrialClient::new(rig.channel_builder().max_send_message(LIMIT).build());
    client.unary(blob(FITS)).await.unwrap();
    let error = client.unary(blob(FITS + 1)).await.unwrap_err();
    assert_eq!(error.code(), Code::ResourceExhausted);
    let error = client.download(blob(FITS + 1)).message().await.unwrap_err();
    assert_eq!(error.code(), Code::ResourceExhausted);
    let mut upload = client.upload(());
    upload.send(blob(FITS)).await.unwrap();
    assert_eq!(upload.send(blob(FITS + 1)).await.unwrap_err().code(), Code::ResourceExhausted);
    upload.send(blob(FITS)).await.unwrap();
    assert_eq!(upload.finish().await.unwrap().message().number, 2, "the call went on");
}

async fn what_a_call_says_counts_before_what_its_channel_says(wire: Wire) {
    let rig = Rig::start(wire, Scripted::default()).await;
    let channel = rig.channel_builder().max_send_message(LIMIT).max_receive_message(LIMIT);
    let client = TrialClient::new(channel.build());
    let mut request = Request::new(blob(2 * LIMIT));
    request.options_mut().max_send_message = Some(3 * LIMIT);
    request.options_mut().max_receive_message = Some(3 * LIMIT);
    assert_eq!(client.unary(request).await.unwrap().message().data.len(), 2 * LIMIT);
    let mut request = Request::new(blob(10));
    request.options_mut().max_receive_message = Some(5);
    assert_eq!(client.unary(request).await.unwrap_err().code(), Code::ResourceExhausted);
}

async fn the_default_limit_is_four_mebibytes(wire: Wire) {
    const MOST: usize = 4 * 1024 * 1024;
    let rig = Rig::start(
        wire,
        Scripted::default().unary(|request: Request<Blob>| async move {
            let asked = request.into_inner();
            Ok(Response::new(blob(asked.number as usize)))
        }),
    )
    .await;
    let client = rig.client();
    let ask = |number| Blob { number, ..Default::default() };
    let fits = MOST - 5;
    assert_eq!(client.unary(ask(fits as i64)).await.unwrap().message().data.len(), fits);
    let error = client.unary(ask(fits as i64 + 1)).await.unwrap_err();
    assert_eq!(error.code(), Code::ResourceExhausted);
    client.unary(blob(fits)).await.unwrap();
    let error = client.unary(blob(fits + 1)).await.unwrap_err();
    assert_eq!(error.code(), Code::ResourceExhausted);
}
