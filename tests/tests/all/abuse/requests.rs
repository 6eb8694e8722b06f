//! Requests in good HTTP/2 that are no gRPC calls, or break off: each is answered on its own
//! stream, and the connection goes on.

use protocall::http2::ErrorCode;
use protocall_tests::raw::{
    self, ACK, Answer, END_HEADERS, Raw, block, call, data, envelope, frame, headers, kind, reset,
};
use protocall_tests::rig::{Rig, Wire};
use protocall_tests::run;
use protocall_tests::service::Scripted;

const UNARY: &str = "/trial.Trial/Unary";

async fn rig() -> Rig {
    Rig::start(Wire::Pipe(64 * 1024), Scripted::default()).await
}

/// A good call on the same connection, and one on another.
async fn is_well(rig: &Rig, raw: &mut Raw, stream: u32) {
    raw.send(&headers(stream, &call(UNARY), false)).await;
    raw.send(&data(stream, &envelope(b"\x10\x07"), true)).await;
    let answer = raw.answer(stream).await;
    assert_eq!(answer.body, envelope(b"\x10\x07"), "{answer:?}");
    assert_eq!(answer.field("grpc-status"), Some("0"));
    rig.client().unary(protocall_tests::blob(10)).await.unwrap();
}

/// The answer to one request, of which nothing is missing.
pub(super) async fn answer_to(fields: &[(&str, &str)], body: &[u8]) -> Answer {
    let rig = rig().await;
    let mut raw = Raw::client(rig.door().raw().await).await;
    raw.send(&headers(1, fields, false)).await;
    raw.send(&data(1, body, true)).await;
    let answer = raw.answer(1).await;
    is_well(&rig, &mut raw, 3).await;
    answer
}

/// A call's head with a field replaced, or left out.
pub(super) fn with<'a>(name: &str, value: Option<&'a str>) -> Vec<(&'a str, &'a str)> {
    let mut fields = call(UNARY).to_vec();
    match (fields.iter().position(|(other, _)| *other == name), value) {
        (Some(at), Some(value)) => fields[at].1 = value,
        (Some(at), None) => drop(fields.remove(at)),
        (None, _) => panic!("{name} is not there"),
    }
    fields
}

/// A call's head with a field added.
pub(super) fn and<'a>(name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut fields = call(UNARY).to_vec();
    fields.push((name, value));
    fields
}

#[test]
fn other_content_types_are_refused() {
    run(async {
        for other in ["application/json", "text/html", "application/grpcx", "", "application/grp"] {
            let answer = answer_to(&with("content-type", Some(other)), b"").await;
            assert_eq!(answer.field(":status"), Some("415"), "{other}: {answer:?}");
            assert!(answer.field("grpc-message").unwrap().contains("application/grpc"));
            assert!(answer.field("grpc-status").is_some());
        }
        let answer = answer_to(&with("content-type", None), b"").await;
        assert_eq!(answer.field(":status"), Some("415"), "{answer:?}");
    });
}

#[test]
fn content_types_of_grpc_are_taken_and_given_back() {
    run(async {
        for one in ["application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8"]
        {
            let answer = answer_to(&with("content-type", Some(one)), &envelope(b"")).await;
            assert_eq!(answer.field("grpc-status"), Some("0"), "{one}: {answer:?}");
            assert_eq!(answer.field("content-type"), Some(one));
        }
    });
}

#[test]
fn other_methods_are_refused() {
    run(async {
        for method in ["GET", "PUT", "DELETE", "post"] {
            let answer = answer_to(&with(":method", Some(method)), b"").await;
            assert_eq!(answer.field(":status"), Some("405"), "{method}: {answer:?}");
            assert_eq!(answer.field("allow"), Some("POST"));
        }
    });
}

#[test]
fn paths_that_lead_nowhere() {
    run(async {
        for (path, text) in [
            ("/trial.Trial/Nothing", "unknown method Nothing of service trial.Trial"),
            ("/trial.Nothing/Unary", "unknown service trial.Nothing"),
            ("/trial.trial/Unary", "unknown service trial.trial"),
            ("/trial.Trial/unary", "unknown method unary of service trial.Trial"),
            ("/trial.Trial", "malformed path"),
            ("/", "malformed path"),
            ("/trial.Trial/Unary/", "unknown method Unary/ of service trial.Trial"),
        ] {
            let answer = answer_to(&with(":path", Some(path)), &envelope(b"")).await;
            assert_eq!(answer.field("grpc-status"), Some("12"), "{path}: {answer:?}");
            assert!(answer.field("grpc-message").unwrap().starts_with(text), "{path}: {answer:?}");
        }
    });
}

#[test]
fn malformed_requests_end_their_stream() {
    run(async {
        let mut cases: Vec<Vec<(&str, &str)>> =
            [":path", ":scheme", ":method"].iter().map(|name| with(name, None)).collect();
        cases.push(with(":path", Some("")));
        cases.push(and(":status", "200"));
        cases.push(and(":path", "/twice/given"));
        cases.push(and("connection", "close"));
        cases.push(and("Upper-Case", "x"));
        cases.push(and("x-newline", "a\nb"));
        cases.push(and("content-length", "many"));
        for fields in cases {
            let answer = answer_to(&fields, b"").await;
            assert_eq!(answer.reset, Some(ErrorCode::PROTOCOL_ERROR.to_wire()), "{fields:?}");
        }
    });
}

#[test]
fn timeouts_that_cannot_be_read() {
    run(async {
        for timeout in ["", "S", "1", "-1S", "1.5S", "123456789S", "1s", "1 S", "0x1S", "1Sx"] {
            let answer = answer_to(&and("grpc-timeout", timeout), &envelope(b"")).await;
            assert_eq!(answer.field("grpc-status"), Some("13"), "{timeout:?}: {answer:?}");
            assert_eq!(answer.field(":status"), Some("400"), "{timeout:?}");
        }
        for timeout in ["99999999H", "1H", "99999999n", "00000005S"] {
            let answer = answer_to(&and("grpc-timeout", timeout), &envelope(b"")).await;
            assert_eq!(answer.field("grpc-status"), Some("0"), "{timeout:?}: {answer:?}");
        }
        let answer = answer_to(&and("grpc-timeout", "0n"), &envelope(b"")).await;
        assert_eq!(answer.field("grpc-status"), Some("4"), "{answer:?}");
    });
}

#[test]
fn unknown_encodings_are_refused_with_the_known_ones() {
    run(async {
        let answer = answer_to(&and("grpc-encoding", "brotli-9"), &envelope(b"")).await;
        assert_eq!(answer.field("grpc-status"), Some("12"), "{answer:?}");
        assert!(answer.field("grpc-accept-encoding").unwrap().contains("identity"));
        assert!(answer.field("grpc-message").unwrap().contains("brotli-9"));
        let answer = answer_to(&and("grpc-encoding", "identity"), &envelope(b"")).await;
        assert_eq!(answer.field("grpc-status"), Some("0"), "{answer:?}");
    });
}

#[test]
fn binary_metadata_that_is_not_base64() {
    run(async {
        let answer = answer_to(&and("x-bad-bin", "!!!"), &envelope(b"")).await;
        assert_eq!(answer.field("grpc-status"), Some("13"), "{answer:?}");
        assert!(answer.field("grpc-message").unwrap().contains("x-bad-bin"));
    });
}

#[test]
fn broken_messages_fail_their_call() {
    run(async {
        for path in [UNARY, "/trial.Trial/Upload", "/trial.Trial/Chat", "/trial.Trial/Download"] {
            for (what, body, status) in [
                ("unknown flag", &b"\x02\0\0\0\x01x"[..], "13"),
                ("compressed without encoding", b"\x01\0\0\0\x01x", "13"),
                ("half a prefix", b"\0\0\0", "13"),
                ("half a message", b"\0\0\0\0\x05abc", "13"),
                ("not protobuf", b"\0\0\0\0\x03\xff\xff\xff", "13"),
                ("larger than the limit", b"\0\x00\x40\x00\x01abc", "8"),
                ("4 GiB", b"\0\xff\xff\xff\xff", "8"),
            ] {
                let answer = answer_to(&with(":path", Some(path)), body).await;
                assert_eq!(answer.field("grpc-status"), Some(status), "{path} {what}: {answer:?}");
            }
        }
    });
}

#[test]
fn the_number_of_messages_must_fit_the_method() {
    run(async {
        let two = [envelope(b""), envelope(b"")].concat();
        for path in [UNARY, "/trial.Trial/Download"] {
            for body in [&b""[..], &two] {
                let answer = answer_to(&with(":path", Some(path)), body).await;
                assert_eq!(answer.field("grpc-status"), Some("12"), "{path} {body:?}: {answer:?}");
            }
        }
        // END_STREAM with the head
        let rig = rig().await;
        let mut raw = Raw::client(rig.door().raw().await).await;
        raw.send(&headers(1, &call(UNARY), true)).await;
        assert_eq!(raw.answer(1).await.field("grpc-status"), Some("12"));
        raw.send(&headers(3, &call("/trial.Trial/Upload"), true)).await;
        assert_eq!(raw.answer(3).await.field("grpc-status"), Some("0"));
        is_well(&rig, &mut raw, 5).await;
    });
}

/// Too large is known from the prefix: the answer comes before the message, and the client is told
/// to stop.
#[test]
fn a_too_large_message_is_refused_before_it_is_there() {
    run(async {
        let rig = rig().await;
        let mut raw = Raw::client(rig.door().raw().await).await;
        for (stream, path) in [(1, UNARY), (3, "/trial.Trial/Upload")] {
            raw.send(&headers(stream, &call(path), false)).await;
            raw.send(&data(stream, b"\0\x7f\xff\xff\xff", false)).await;
            let answer = raw.answer(stream).await;
            assert_eq!(answer.field("grpc-status"), Some("8"), "{answer:?}");
            let end = raw.wait_for(kind::RST_STREAM).await;
            assert_eq!((end.stream, end.error_code()), (stream, 0));
        }
        is_well(&rig, &mut raw, 5).await;
    });
}

#[test]
fn an_answer_before_the_end_of_the_request_tells_the_client_to_stop() {
    run(async {
        let rig = rig().await;
        let mut raw = Raw::client(rig.door().raw().await).await;
        for (stream, path) in [(1, "/trial.Nothing/Unary"), (3, "/x")] {
            raw.send(&headers(stream, &call(path), false)).await;
            assert_eq!(raw.answer(stream).await.field("grpc-status"), Some("12"));
            assert_eq!(raw.wait_for(kind::RST_STREAM).await.error_code(), 0);
            // what was on its way does no harm
            raw.send(&data(stream, &[0; 100], false)).await;
            raw.send(&data(stream, &[0; 100], true)).await;
        }
        is_well(&rig, &mut raw, 5).await;
    });
}

#[test]
fn data_on_a_stream_that_has_ended() {
    run(async {
        let rig = rig().await;
        let mut raw = Raw::client(rig.door().raw().await).await;
        raw.send(&headers(1, &call("/trial.Trial/Chat"), true)).await;
        raw.send(&data(1, &envelope(b""), true)).await;
        let answer = raw.answer(1).await;
        assert!(answer.reset.is_some() || answer.field("grpc-status").is_some(), "{answer:?}");
        is_well(&rig, &mut raw, 3).await;
    });
}

#[test]
fn too_much_metadata_is_refused() {
    run(async {
        // above the limit on lists, and not above the one on frames that carry them
        let large = "v".repeat(8_150);
        let mut fields = call(UNARY).to_vec();
        fields.extend([("x-a", &*large), ("x-b", &*large)]);
        let answer = answer_to(&fields, &envelope(b"")).await;
        assert_eq!(answer.field(":status"), Some("431"), "{answer:?}");
        assert_eq!(answer.field("grpc-status"), Some("8"));
        let mut fields = call(UNARY).to_vec();
        fields.extend([("x-many", ""); 150]);
        let answer = answer_to(&fields, &envelope(b"")).await;
        assert_eq!(answer.field(":status"), Some("431"), "{answer:?}");
    });
}

#[test]
fn resets_at_any_point_of_a_call() {
    run(async {
        let rig = rig().await;
        let mut raw = Raw::client(rig.door().raw().await).await;
        let mut stream = 1;
        for path in [UNARY, "/trial.Trial/Download", "/trial.Trial/Upload", "/trial.Trial/Chat"] {
            let request = [
                headers(stream, &call(path), false),
                data(stream, &envelope(b"\x10\x05")[..3], false),
                data(stream, &envelope(b"\x10\x05")[3..], false),
                data(stream, b"", true),
            ];
            for parts in 1..=request.len() {
                for (at, part) in request[..parts].iter().enumerate() {
                    let mut part = part.clone();
                    part[5..9].copy_from_slice(&stream.to_be_bytes());
                    raw.send(&part).await;
                    if at % 2 == 1 {
                        protocall_tests::settle().await;
                    }
                }
                raw.send(&reset(stream, 8)).await;
                stream += 2;
            }
        }
        is_well(&rig, &mut raw, stream).await;
    });
}

/// Trailers of a request end it.
#[test]
fn requests_may_end_with_trailers() {
    run(async {
        let rig = rig().await;
        let mut raw = Raw::client(rig.door().raw().await).await;
        raw.send(&headers(1, &call(UNARY), false)).await;
        raw.send(&data(1, &envelope(b"\x10\x05"), false)).await;
        raw.send(&headers(1, &[("x-checksum", "1")], true)).await;
        let answer = raw.answer(1).await;
        assert_eq!(answer.field("grpc-status"), Some("0"));
        assert_eq!(answer.body, envelope(b"\x10\x05"));
        is_well(&rig, &mut raw, 3).await;
    });
}

/// A head in many pieces is a head.
#[test]
fn heads_may_come_in_pieces() {
    run(async {
        let rig = rig().await;
        let mut raw = Raw::client(rig.door().raw().await).await;
        let fields = block(&call(UNARY));
        let (first, rest) = fields.split_at(10);
        let (second, third) = rest.split_at(1);
        raw.send(&frame(kind::HEADERS, 0, 1, first)).await;
        raw.send(&frame(kind::CONTINUATION, 0, 1, second)).await;
        raw.send(&frame(kind::CONTINUATION, END_HEADERS, 1, third)).await;
        for byte in data(1, &envelope(b"\x10\x05"), true) {
            raw.send(&[byte]).await;
            protocall_tests::settle().await;
        }
        assert_eq!(raw.answer(1).await.body, envelope(b"\x10\x05"));
        is_well(&rig, &mut raw, 3).await;
    });
}

/// Windows of the client are obeyed: a response waits for credit, byte by byte if need be.
#[test]
fn a_client_may_give_credit_in_crumbs() {
    run(async {
        let rig = rig().await;
        let mut raw = Raw::new(rig.door().raw().await);
        raw.send(raw::PREFACE).await;
        // SETTINGS_INITIAL_WINDOW_SIZE = 0
        raw.send(&frame(kind::SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0])).await;
        raw.send(&frame(kind::SETTINGS, ACK, 0, b"")).await;
        raw.send(&headers(1, &call(UNARY), false)).await;
        let message = envelope(b"\x1a\x14abcdefghijklmnopqrst");
        raw.send(&data(1, &message, true)).await;
        let mut body = Vec::new();
        let head = raw.wait_for(kind::HEADERS).await;
        raw.decode(&head.payload);
        while body.len() < message.len() {
            raw.send(&frame(kind::WINDOW_UPDATE, 0, 1, &3u32.to_be_bytes())).await;
            let piece = raw.wait_for(kind::DATA).await;
            assert!(piece.payload.len() <= 3, "{piece:?}");
            body.extend(piece.payload);
        }
        assert_eq!(body, message);
        let trailers = raw.wait_for(kind::HEADERS).await;
        assert!(trailers.ends());
        let fields = raw.decode(&trailers.payload);
        assert!(fields.contains(&("grpc-status".to_owned(), "0".to_owned())), "{fields:?}");
    });
}
