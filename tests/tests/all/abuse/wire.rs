//! Every bad input that gRPC's own rules know, with the exact code and text that it ends its call
//! with; behind each the same connection and a new one still work.

use super::client::{HEAD, against, answer_all, request};
use super::requests::{and, answer_to, with};
use protocall::{Code, Metadata, Request, Response, Status};
use protocall_tests::proto::trial::Blob;
use protocall_tests::raw::{Answer, Raw, call, data, envelope, headers, reset};
use protocall_tests::rig::{Rig, Wire};
use protocall_tests::service::Scripted;
use protocall_tests::{blob, run};

const UNARY: &str = "/trial.Trial/Unary";

/// HTTP status, gRPC status and text of an answer.
fn told(answer: &Answer) -> (&str, &str, &str) {
    let field = |name| answer.field(name).unwrap_or_default();
    (field(":status"), field("grpc-status"), field("grpc-message"))
}

#[test]
fn a_server_names_what_is_wrong_with_a_request() {
    let content_type = "the content-type of a gRPC call is application/grpc, optionally with \
                        +proto or another suffix";
    let timeout = "malformed grpc-timeout: expected 1 to 8 digits and one of H, M, S, m, u, n";
    let malformed = "malformed path \"/x\": a call's path is /package.Service/Method";
    let encoding = "grpc-encoding \"br\" is not supported; the server accepts \
                    identity,gzip,deflate,zstd,snappy";
    let large = "v".repeat(8_150);
    let mut too_large = call(UNARY).to_vec();
    too_large.extend([("x-a", &*large), ("x-b", &*large)]);
    let metadata = "the request's metadata is larger than the server accepts";
    run(async {
        for (fields, expected) in [
            (with(":method", Some("GET")), ("405", "13", "gRPC calls use the HTTP method POST")),
            (with("content-type", Some("application/json")), ("415", "2", content_type)),
            (with("content-type", None), ("415", "2", content_type)),
            (and("grpc-timeout", "1x"), ("400", "13", timeout)),
            (and("grpc-timeout", "123456789S"), ("400", "13", timeout)),
            (and("grpc-timeout", "0n"), ("200", "4", "the call came with no time left")),
            (and("x-bad-bin", "!!!"), ("200", "13", "metadata \"x-bad-bin\" is not valid base64")),
            (
                with(":path", Some("/trial.Trial/Nothing")),
                ("200", "12", "unknown method Nothing of service trial.Trial"),
            ),
            (with(":path", Some("/a.B/C")), ("200", "12", "unknown service a.B")),
            (with(":path", Some("/x")), ("200", "12", malformed)),
            (and("grpc-encoding", "br"), ("200", "12", encoding)),
            (too_large, ("431", "8", metadata)),
        ] {
            let answer = answer_to(&fields, &envelope(b"")).await;
            assert_eq!(told(&answer), expected, "{fields:?}");
        }
    });
}

#[test]
fn a_server_names_what_is_wrong_with_a_body() {
    let two = [envelope(b""), envelope(b"")].concat();
    let flag = "message with unknown compression flag 0x02";
    let compressed = "a message is compressed, but the stream has no grpc-encoding";
    let truncated = "the stream ended within a message";
    let large = "message of 4194305 bytes is larger than the limit of 4194304 bytes";
    let none = "the client sent no message to a method that takes one";
    let more = "the client sent more than one message to a method that takes one";
    run(async {
        for (body, expected) in [
            (&b"\x02\0\0\0\x01x"[..], ("200", "13", flag)),
            (b"\x01\0\0\0\x01x", ("200", "13", compressed)),
            (b"\0\0\0", ("200", "13", truncated)),
            (b"\0\0\0\0\x05abc", ("200", "13", truncated)),
            (b"\0\x00\x40\x00\x01abc", ("200", "8", large)),
        ] {
            for method in ["Unary", "Download", "Upload"] {
                let path = format!("/trial.Trial/{method}");
                let answer = answer_to(&with(":path", Some(&path)), body).await;
                assert_eq!(told(&answer), expected, "{method} {body:?}");
            }
        }
        for (body, text) in [(&b""[..], none), (&two, more)] {
            for method in ["Unary", "Download"] {
                let path = format!("/trial.Trial/{method}");
                let answer = answer_to(&with(":path", Some(&path)), body).await;
                assert_eq!(told(&answer), ("200", "12", text), "{method} {body:?}");
            }
        }
    });
}

/// Says in its metadata what the request's was.
fn mirror() -> Scripted {
    Scripted::default().unary(|request: Request<Blob>| async move {
        Ok(Response::from_parts(blob(0), request.metadata().clone(), Metadata::new()))
    })
}

async fn mirrored(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let rig = Rig::start(Wire::Pipe(64 * 1024), mirror()).await;
    let mut raw = Raw::client(rig.door().raw().await).await;
    raw.send(&headers(1, &[&call(UNARY)[..], fields].concat(), false)).await;
    raw.send(&data(1, &envelope(b""), true)).await;
    let answer = raw.answer(1).await;
    assert_eq!(answer.field("grpc-status"), Some("0"), "{answer:?}");
    let ours =
        |name: &str| name.starts_with(':') || name == "content-type" || name == "grpc-status";
    answer.fields.into_iter().filter(|(name, _)| !ours(name)).collect()
}

#[test]
fn binary_metadata_comes_padded_or_not_and_several_in_one() {
    run(async {
        let sent =
            [("a-bin", "q6ur"), ("b-bin", "AA=="), ("c-bin", "AA"), ("d-bin", "AA==,q6ur, AQ")];
        let back = mirrored(&sent).await;
        let expected = [
            ("a-bin", "q6ur"),
            ("b-bin", "AA"),
            ("c-bin", "AA"),
            ("d-bin", "AA"),
            ("d-bin", "q6ur"),
            ("d-bin", "AQ"),
        ];
        assert_eq!(back, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    });
}

#[test]
fn duplicates_keep_their_order_and_reserved_names_are_no_metadata() {
    run(async {
        let sent = [
            ("key", "1"),
            ("grpc-accept-encoding", "gzip"),
            ("other", "x"),
            ("key", "2"),
            ("grpc-message-type", "trial.Blob"),
            ("key", "1"),
        ];
        let back = mirrored(&sent).await;
        let expected = [("key", "1"), ("other", "x"), ("key", "2"), ("key", "1")];
        assert_eq!(back, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let mut metadata = Metadata::new();
        for name in ["grpc-status", "grpc-timeout", "te", "content-type", "host"] {
            let error = Status::from(metadata.append(name, "x").unwrap_err());
            let text =
                format!("metadata key {name:?} is reserved for gRPC and HTTP/2: choose another");
            assert_eq!((error.code(), error.message()), (Code::Internal, &*text));
        }
    });
}

/// What a unary call and a stream end with when they are answered so; another call then goes well.
fn ends(answer: impl Fn(u32) -> Vec<u8> + Clone + Send + 'static, code: Code, text: &str) {
    against(
        move |mut raw, _| {
            let answer = answer.clone();
            async move {
                for _ in 0..2 {
                    let stream = request(&mut raw).await;
                    raw.send(&answer(stream)).await;
                }
                answer_all(&mut raw).await;
            }
        },
        async move |client, _| {
            let error = client.unary(Blob::default()).await.unwrap_err();
            assert_eq!((error.code(), error.message()), (code, text));
            let error = client.download(Blob::default()).trailers().await.unwrap_err();
            assert_eq!((error.code(), error.message()), (code, text));
            client.unary(Blob::default()).await.unwrap();
        },
    );
}

#[test]
fn a_client_names_what_is_wrong_with_a_response() {
    let head = |more: &[(&'static str, &'static str)], end| {
        let fields = [&HEAD[..], more].concat();
        move |stream| headers(stream, &fields, end)
    };
    let silent = "the server ended the call without a grpc-status";
    ends(head(&[], true), Code::Unknown, silent);
    ends(head(&[("grpc-status", "99")], true), Code::Unknown, "");
    ends(head(&[("grpc-status", "x"), ("grpc-message", "a%20b")], true), Code::Unknown, "a b");
    // what is no escape stays as it is
    let message = [("grpc-status", "5"), ("grpc-message", "100% %zz %4")];
    ends(head(&message, true), Code::NotFound, "100% %zz %4");
    let bad = "metadata \"x-bin\" of the response is not valid base64";
    ends(head(&[("x-bin", "!")], false), Code::Internal, bad);
    ends(head(&[("grpc-status", "0"), ("x-bin", "!")], true), Code::Internal, bad);
    let encoding = "the response is compressed by \"br\", which was not asked for";
    ends(head(&[("grpc-encoding", "br")], false), Code::Internal, encoding);
    // a status in a head that does not end the stream is none
    let early = [&HEAD[..], &[("grpc-status", "5")]].concat();
    ends(
        move |stream| [headers(stream, &early, false), headers(stream, &[], true)].concat(),
        Code::Unknown,
        silent,
    );
    ends(
        |stream| [headers(stream, &HEAD, false), data(stream, &envelope(b""), true)].concat(),
        Code::Internal,
        "the server ended the stream without trailers",
    );
}

#[test]
fn a_response_that_is_not_grpcs_is_judged_by_its_http_status() {
    for (status, code) in [
        ("400", Code::Internal),
        ("401", Code::Unauthenticated),
        ("403", Code::PermissionDenied),
        ("404", Code::Unimplemented),
        ("429", Code::Unavailable),
        ("431", Code::Unknown),
        ("500", Code::Unknown),
        ("502", Code::Unavailable),
        ("503", Code::Unavailable),
        ("504", Code::Unavailable),
        ("200", Code::Unknown),
    ] {
        let text = format!("not a gRPC response: HTTP status {status}, content-type \"text/html\"");
        let fields = [(":status", status), ("content-type", "text/html")];
        ends(move |stream| headers(stream, &fields, true), code, &text);
    }
}

#[test]
fn a_reset_is_judged_by_its_code() {
    for (number, name, code) in [
        (0, "NO_ERROR", Code::Internal),
        (1, "PROTOCOL_ERROR", Code::Internal),
        (2, "INTERNAL_ERROR", Code::Internal),
        (3, "FLOW_CONTROL_ERROR", Code::Internal),
        (8, "CANCEL", Code::Cancelled),
        (11, "ENHANCE_YOUR_CALM", Code::ResourceExhausted),
        (12, "INADEQUATE_SECURITY", Code::PermissionDenied),
    ] {
        let text = format!("the server reset the stream: {name}");
        ends(move |stream| reset(stream, number), code, &text);
    }
}
