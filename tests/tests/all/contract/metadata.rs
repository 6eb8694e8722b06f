//! Metadata: text and bytes, before and after messages, with success and with errors.

use protocall::{Metadata, Request, Response, ResponseStream, Status};
use protocall_tests::proto::trial::Blob;
use protocall_tests::rig::{Rig, Wire};
use protocall_tests::service::Scripted;
use protocall_tests::{blob, numbered};

super::over_each_wire!(
    requests_carry_metadata_both_kinds,
    responses_carry_metadata_before_and_after,
    streams_carry_metadata_before_and_after,
    errors_carry_metadata,
    errors_after_messages_carry_metadata,
    metadata_just_below_the_limit_passes,
    metadata_above_the_limit_fails_the_call_only,
);

fn mixed(tag: &str) -> Metadata {
    let mut metadata = Metadata::new();
    metadata.append("x-text", &format!("{tag} one")).unwrap();
    metadata.append("x-text", "two, with a comma  and spaces").unwrap();
    metadata.append("x-empty", "").unwrap();
    metadata.append("x-odd_key.9", "~!@#$%^&*()_+").unwrap();
    for len in 0..=5 {
        metadata.append_bin("x-bytes-bin", &[0, 255, 128, 10, 13][..len]).unwrap();
    }
    metadata.append_bin("x-all-bin", &(0..=255).collect::<Vec<u8>>()).unwrap();
    metadata
}

/// All pairs of `expected` are in `found`, in order for each key.
fn check(found: &Metadata, tag: &str) {
    let expected = mixed(tag);
    for key in ["x-text", "x-empty", "x-odd_key.9"] {
        let values =
            |from: &'_ Metadata| -> Vec<String> { from.get_all(key).map(str::to_owned).collect() };
        assert_eq!(values(found), values(&expected), "{key}");
    }
    for key in ["x-bytes-bin", "x-all-bin"] {
        let values = |from: &'_ Metadata| -> Vec<Vec<u8>> {
            from.get_all_bin(key).map(<[u8]>::to_vec).collect()
        };
        assert_eq!(values(found), values(&expected), "{key}");
    }
}

fn request<M>(message: M, tag: &str) -> Request<M> {
    let mut request = Request::new(message);
    *request.metadata_mut() = mixed(tag);
    request
}

async fn requests_carry_metadata_both_kinds(wire: Wire) {
    let rig = Rig::start(
        wire,
        Scripted::default()
            .unary(|request: Request<Blob>| async move {
                check(request.metadata(), "unary");
                assert!(request.metadata().get("grpc-timeout").is_none());
                assert!(request.metadata().get("te").is_none());
                assert!(request.metadata().iter().all(|(key, _)| !key.starts_with(':')));
                assert!(request.metadata().get("user-agent").unwrap().contains("protocall"));
                Ok(Response::new(Blob::default()))
            })
            .upload(|request| async move {
                check(request.metadata(), "upload");
                Ok(Response::new(Blob::default()))
            }),
    )
    .await;
    let client = rig.client();
    client.unary(request(blob(10), "unary")).await.unwrap();
    client.upload(request((), "upload")).finish().await.unwrap();
    client.unary(request(blob(10), "unary")).await.unwrap();
}

async fn responses_carry_metadata_before_and_after(wire: Wire) {
    let rig = Rig::start(
        wire,
        Scripted::default().unary(|_| async {
            Ok(Response::from_parts(blob(1), mixed("before"), mixed("after")))
        }),
    )
    .await;
    let client = rig.client();
    for _ in 0..3 {
        let answer = client.unary(Blob::default()).await.unwrap();
        check(answer.metadata(), "before");
        check(answer.trailers(), "after");
        assert_eq!(answer.metadata().len(), mixed("").len(), "nothing of the protocol's own");
        assert_eq!(answer.trailers().len(), mixed("").len());
    }
}

async fn streams_carry_metadata_before_and_after(wire: Wire) {
    let rig = Rig::start(
        wire,
        Scripted::default().chat(|request| async move {
            let stream = ResponseStream::new(request.into_inner());
            Ok(Response::from_parts(stream, mixed("before"), mixed("after")))
        }),
    )
    .await;
    let mut chat = rig.client().chat(());
    check(&chat.headers().await.unwrap(), "before");
    chat.send(numbered(7)).await.unwrap();
    assert_eq!(chat.message().await.unwrap().unwrap().number, 7);
    let (requests, mut answers) = chat.split();
    requests.finish();
    check(&answers.trailers().await.unwrap(), "after");
    check(&answers.headers().await.unwrap(), "before");
    check(&answers.trailers().await.unwrap(), "after");
}

async fn errors_carry_metadata(wire: Wire) {
    let rig = Rig::start(
        wire,
        Scripted::default()
            .unary(|_| async { Err(Status::aborted("no").with_metadata(mixed("error"))) })
            .download(|_| async { Err(Status::aborted("no").with_metadata(mixed("error"))) }),
    )
    .await;
    let client = rig.client();
    check(client.unary(blob(0)).await.unwrap_err().metadata(), "error");
    let mut answers = client.download(blob(0));
    check(answers.headers().await.unwrap_err().metadata(), "error");
    check(answers.message().await.unwrap_err().metadata(), "error");
    check(answers.trailers().await.unwrap_err().metadata(), "error");
}

async fn errors_after_messages_carry_metadata(wire: Wire) {
    let rig = Rig::start(
        wire,
        Scripted::default().download(|_| async {
            let (sender, stream) = ResponseStream::channel(1);
            tokio::spawn(async move {
                sender.send(numbered(1)).await?;
                sender.fail(Status::aborted("no").with_metadata(mixed("error"))).await
            });
            Ok(Response::from_parts(stream, mixed("before"), mixed("never sent")))
        }),
    )
    .await;
    let mut answers = rig.client().download(blob(0));
    assert_eq!(answers.message().await.unwrap().unwrap().number, 1);
    check(&answers.headers().await.unwrap(), "before");
    check(answers.message().await.unwrap_err().metadata(), "error");
    check(answers.message().await.unwrap_err().metadata(), "error");
}

async fn metadata_just_below_the_limit_passes(wire: Wire) {
    let rig = Rig::start(
        wire,
        Scripted::default().unary(|request: Request<Blob>| async move {
            let (_, metadata, _) = request.into_parts();
            let mut back = Metadata::new();
            back.append("x-large", metadata.get("x-large").unwrap()).unwrap();
            Ok(Response::from_parts(blob(0), back.clone(), back))
        }),
    )
    .await;
    let client = rig.client();
    let large = "v".repeat(15_000);
    for _ in 0..3 {
        let mut request = Request::new(blob(0));
        request.metadata_mut().append("x-large", &large).unwrap();
        let answer = client.unary(request).await.unwrap();
        assert_eq!(answer.metadata().get("x-large"), Some(&*large));
        assert_eq!(answer.trailers().get("x-large"), Some(&*large));
    }
}

async fn metadata_above_the_limit_fails_the_call_only(wire: Wire) {
    let rig = Rig::start(
        wire,
        Scripted::default().unary(|request: Request<Blob>| async move {
            let mut large = Metadata::new();
            large.append("x-large", &"v".repeat(20_000)).unwrap();
            match request.message().number {
                1 => Ok(Response::from_parts(blob(0), large, Metadata::new())),
                2 => Ok(Response::from_parts(blob(0), Metadata::new(), large)),
                _ => Ok(Response::new(blob(0))),
            }
        }),
    )
    .await;
    let client = rig.client();
    // the server's SETTINGS say how much it takes; they have come once a call was answered
    client.unary(numbered(0)).await.unwrap();
    let mut request = Request::new(numbered(0));
    request.metadata_mut().append("x-large", &"v".repeat(20_000)).unwrap();
    let error = client.unary(request).await.unwrap_err();
    assert_eq!(error.code(), protocall::Code::ResourceExhausted, "{error}");
    for number in [1, 2] {
        let error = client.unary(numbered(number)).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "RESOURCE_EXHAUSTED: the response's metadata is larger than the client accepts"
        );
    }
    client.unary(numbered(0)).await.unwrap();
}
