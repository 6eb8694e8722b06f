//! Compression: negotiated, per channel, call and message, seen by both sides, bounded.

use protocall::server::MessageLimits;
use protocall::{Code, Compression, Compressions, Request, Response, ResponseStream, Server};
use protocall::{Streaming, server};
use protocall_tests::proto::trial::{Blob, TrialClient, TrialServer};
use protocall_tests::raw::{Raw, call, data, envelope, headers};
use protocall_tests::rig::{Rig, Wire};
use protocall_tests::service::Scripted;
use protocall_tests::{blob, numbered};

super::over_each_wire!(
    every_compression_carries_every_shape_both_ways,
    a_call_says_otherwise_than_its_channel,
    a_handler_says_otherwise_than_its_server,
    single_messages_of_a_stream_go_as_they_are,
    a_client_that_accepts_nothing_gets_nothing_compressed,
    a_server_that_lacks_it_says_what_it_has,
    the_limit_counts_what_was_decompressed,
    a_compressed_flag_without_an_encoding_is_an_error,
    what_cannot_be_decompressed_ends_its_call_alone,
);

const ALL: [Compression; 4] =
    [Compression::GZIP, Compression::DEFLATE, Compression::ZSTD, Compression::SNAPPY];

/// Says in `number` whether the request came compressed.
fn telling() -> Scripted {
    Scripted::default()
        .unary(|request: Request<Blob>| async move {
            let number = i64::from(request.was_compressed());
            Ok(Response::new(Blob { number, ..request.into_inner() }))
        })
        .chat(|request: Request<Streaming<Blob>>| async move {
            let mut requests = request.into_inner();
            Ok(Response::new(ResponseStream::produce(|sender| async move {
                while let Some(message) = requests.message().await? {
                    let number = i64::from(requests.was_compressed());
                    if message.text == "plain" {
                        sender.send_uncompressed(Blob { number, ..message }).await?;
                    } else {
                        sender.send(Blob { number, ..message }).await?;
                    }
                }
                Ok(())
            })))
        })
}

async fn serve(wire: Wire, set: impl FnOnce(server::Builder) -> server::Builder) -> Rig {
    let builder = set(Server::builder());
    Rig::serve(wire, builder.add_service(TrialServer::new(telling()))).await
}

fn client(rig: &Rig, compression: Compression) -> TrialClient {
    TrialClient::new(rig.channel_builder().compression(compression).build())
}

async fn every_compression_carries_every_shape_both_ways(wire: Wire) {
    for compression in ALL {
        let rig = serve(wire, |server| server.compression(compression)).await;
        let client = client(&rig, compression);
        for len in [1, 100, 300_000] {
            let response = client.unary(blob(len)).await.unwrap();
            assert!(response.was_compressed(), "{compression} {len}");
            assert_eq!(response.message().number, 1, "{compression} {len}");
            assert_eq!(response.message().data, blob(len).data);
        }
        let mut download = client.download(Blob { number: 3, ..blob(5000) });
        for number in 0..3 {
            let message = download.message().await.unwrap().unwrap();
            assert_eq!((message.number, message.data), (number, blob(5000).data));
            assert!(download.was_compressed());
        }
        assert!(download.message().await.unwrap().is_none());
        let mut upload = client.upload(());
        for _ in 0..20 {
            upload.send(blob(1000)).await.unwrap();
        }
        let sum = upload.finish().await.unwrap().into_inner();
        assert_eq!((sum.number, sum.data.len()), (20, 20_000));
        let mut chat = client.chat(());
        chat.send(blob(10)).await.unwrap();
        assert_eq!(chat.message().await.unwrap().unwrap().number, 1);
        assert!(chat.was_compressed());
    }
}

async fn a_call_says_otherwise_than_its_channel(wire: Wire) {
    let rig = serve(wire, |server| server).await;
    let plain = rig.client();
    let request = Request::new(blob(100)).with_compression(Compression::GZIP);
    assert_eq!(plain.unary(request).await.unwrap().into_inner().number, 1);
    assert_eq!(plain.unary(blob(100)).await.unwrap().into_inner().number, 0);
    let compressing = client(&rig, Compression::GZIP);
    assert_eq!(compressing.unary(blob(100)).await.unwrap().into_inner().number, 1);
    let request = Request::new(blob(100)).with_compression(Compression::IDENTITY);
    let response = compressing.unary(request).await.unwrap();
    assert_eq!(response.message().number, 0);
    // nobody told the server to compress
    assert!(!response.was_compressed());
}

async fn a_handler_says_otherwise_than_its_server(wire: Wire) {
    for (of_server, of_handler) in
        [(Compression::IDENTITY, Compression::GZIP), (Compression::GZIP, Compression::IDENTITY)]
    {
        let service = Scripted::default()
            .unary(move |request: Request<Blob>| async move {
                Ok(Response::new(request.into_inner()).with_compression(of_handler))
            })
            .download(move |_| async move {
                let stream = ResponseStream::iter([blob(100)]);
                Ok(Response::new(stream).with_compression(of_handler))
            });
        let server = Server::builder().compression(of_server);
        let rig = Rig::serve(wire, server.add_service(TrialServer::new(service))).await;
        let expected = !of_handler.is_identity();
        let client = rig.client();
        assert_eq!(client.unary(blob(100)).await.unwrap().was_compressed(), expected);
        let mut download = client.download(blob(0));
        download.message().await.unwrap().unwrap();
        assert_eq!(download.was_compressed(), expected);
    }
}

async fn single_messages_of_a_stream_go_as_they_are(wire: Wire) {
    let rig = serve(wire, |server| server.compression(Compression::ZSTD)).await;
    let mut chat = client(&rig, Compression::GZIP).chat(());
    for turn in 0..4 {
        let plain = turn % 2 == 0;
        let message = Blob { text: if plain { "plain" } else { "" }.to_owned(), ..blob(50) };
        if plain {
            chat.send_uncompressed(message).await.unwrap();
        } else {
            chat.send(message).await.unwrap();
        }
        let answer = chat.message().await.unwrap().unwrap();
        assert_eq!((answer.number == 0, !chat.was_compressed()), (plain, plain), "{turn}");
    }
    let mut upload = client(&rig, Compression::GZIP).upload(());
    upload.send_uncompressed(blob(10)).await.unwrap();
    upload.send(blob(10)).await.unwrap();
    assert_eq!(upload.finish().await.unwrap().into_inner().number, 2);
}

async fn a_client_that_accepts_nothing_gets_nothing_compressed(wire: Wire) {
    let rig = serve(wire, |server| server.compression(Compression::GZIP)).await;
    let accepting = |compressions| {
        TrialClient::new(rig.channel_builder().accept_compressions(compressions).build())
    };
    let nothing = accepting(Compressions::none());
    assert!(!nothing.unary(blob(100)).await.unwrap().was_compressed());
    let other = accepting(Compressions::of(&[Compression::ZSTD]));
    assert!(!other.unary(blob(100)).await.unwrap().was_compressed());
    let gzip = accepting(Compressions::of(&[Compression::GZIP]));
    assert!(gzip.unary(blob(100)).await.unwrap().was_compressed());
}

async fn a_server_that_lacks_it_says_what_it_has(wire: Wire) {
    let only = Compressions::of(&[Compression::DEFLATE]);
    let rig = serve(wire, |server| server.accept_compressions(only)).await;
    let error = client(&rig, Compression::GZIP).unary(blob(100)).await.unwrap_err();
    assert_eq!(error.code(), Code::Unimplemented);
    let text = "grpc-encoding \"gzip\" is not supported; the server accepts identity,deflate";
    assert_eq!(error.message(), text);
    let mut raw = Raw::client(rig.door().raw().await).await;
    let head = [&call("/trial.Trial/Unary")[..], &[("grpc-encoding", "br")]].concat();
    raw.send(&headers(1, &head, false)).await;
    raw.send(&data(1, &envelope(b""), true)).await;
    let answer = raw.answer(1).await;
    assert_eq!(answer.field("grpc-status"), Some("12"));
    assert_eq!(answer.field("grpc-accept-encoding"), Some("identity,deflate"));
    client(&rig, Compression::DEFLATE).unary(blob(100)).await.unwrap();
}

async fn the_limit_counts_what_was_decompressed(wire: Wire) {
    // fields of a message of ours around 997 bytes of data: 1,000
    const FITS: usize = 997;
    let limits = MessageLimits { receive: 1000, send: usize::MAX };
    let rig = serve(wire, |server| server.message_limits(limits)).await;
    let zeros = |len| Blob { data: vec![0; len], ..Default::default() };
    for compression in ALL {
        let client = client(&rig, compression);
        assert_eq!(client.unary(zeros(FITS)).await.unwrap().into_inner().number, 1);
        for len in [FITS + 1, 15_000] {
            let error = client.unary(zeros(len)).await.unwrap_err();
            assert_eq!(error.code(), Code::ResourceExhausted, "{compression}");
            let text = "decompressed, a message is larger than the limit of 1000 bytes";
            assert_eq!(error.message(), text);
            let mut chat = client.chat(());
            chat.send(zeros(len)).await.unwrap();
            let error = chat.message().await.unwrap_err();
            assert_eq!((error.code(), error.message()), (Code::ResourceExhausted, text));
        }
        client.unary(zeros(FITS)).await.unwrap();
        // and what comes to a client
        let strict = rig.channel_builder().max_receive_message(1000).build();
        let strict = TrialClient::new(strict);
        let limited = serve(wire, |server| server.compression(compression)).await;
        let limited = limited.channel_builder().max_receive_message(1000).build();
        let limited = TrialClient::new(limited);
        strict.unary(zeros(10)).await.unwrap();
        let error = limited.unary(zeros(3000)).await.unwrap_err();
        assert_eq!(error.code(), Code::ResourceExhausted, "{compression}");
        let error = limited.download(Blob { number: 1, ..zeros(3000) }).message().await;
        assert_eq!(error.unwrap_err().code(), Code::ResourceExhausted, "{compression}");
        limited.unary(zeros(FITS - 2)).await.unwrap();
    }
}

/// An envelope whose flag says that its message is compressed.
fn flagged(message: &[u8]) -> Vec<u8> {
    let mut bytes = envelope(message);
    bytes[0] = 1;
    bytes
}

async fn a_compressed_flag_without_an_encoding_is_an_error(wire: Wire) {
    let rig = serve(wire, |server| server).await;
    let mut raw = Raw::client(rig.door().raw().await).await;
    let mut stream = 1;
    for method in ["Unary", "Chat"] {
        for extra in [None, Some(("grpc-encoding", "identity"))] {
            let path = format!("/trial.Trial/{method}");
            let mut head = call(&path).to_vec();
            head.extend(extra);
            raw.send(&headers(stream, &head, false)).await;
            raw.send(&data(stream, &flagged(b"\x10\x07"), true)).await;
            let answer = raw.answer(stream).await;
            assert_eq!(answer.field("grpc-status"), Some("13"), "{method} {answer:?}");
            let text = "a message is compressed, but the stream has no grpc-encoding";
            assert_eq!(answer.field("grpc-message"), Some(text));
            stream += 2;
        }
    }
    rig.client().unary(numbered(1)).await.unwrap();
}

async fn what_cannot_be_decompressed_ends_its_call_alone(wire: Wire) {
    let rig = serve(wire, |server| server).await;
    let mut raw = Raw::client(rig.door().raw().await).await;
    let mut stream = 1;
    for encoding in ["gzip", "deflate", "zstd", "snappy"] {
        for method in ["Unary", "Chat"] {
            let path = format!("/trial.Trial/{method}");
            let head = [&call(&path)[..], &[("grpc-encoding", encoding)]].concat();
            raw.send(&headers(stream, &head, false)).await;
            raw.send(&data(stream, &flagged(b"\x10\x07no compression's bytes"), true)).await;
            let answer = raw.answer(stream).await;
            assert_eq!(answer.field("grpc-status"), Some("13"), "{encoding} {answer:?}");
            let text = answer.field("grpc-message").unwrap();
            assert!(text.starts_with(&format!("a message is not valid {encoding}: ")), "{text}");
            stream += 2;
        }
        // a message that says of itself that it is not compressed needs no decompression
        let head = [&call("/trial.Trial/Unary")[..], &[("grpc-encoding", encoding)]].concat();
        raw.send(&headers(stream, &head, false)).await;
        raw.send(&data(stream, &envelope(b"\x1a\x01x"), true)).await;
        assert_eq!(raw.answer(stream).await.body, envelope(b"\x1a\x01x"));
        stream += 2;
    }
}
