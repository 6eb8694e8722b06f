//! Clients that ask and do not take: windows that stay shut, sockets that are not read.

use super::headers::opened;
use protocall::{Request, Response, ResponseStream};
use protocall_abuse::limits::{CONNECTION_SEND, STREAM_SEND, STREAMS};
use protocall_abuse::trial::{Attack, UNARY};
use protocall_tests::blob;
use protocall_tests::proto::trial::Blob;
use protocall_tests::raw::{data, envelope, frame, kind};
use protocall_tests::service::Scripted;

const DOWNLOAD: &str = "/trial.Trial/Download";
/// SETTINGS_INITIAL_WINDOW_SIZE of 0.
const SHUT: &[u8] = &[0, 4, 0, 0, 0, 0];
/// Bytes of the responses below.
const RESPONSE: u64 = 16 * 1024;

/// Large answers to small requests, and streams without end; good calls (with a number) as ever.
fn generous() -> Scripted {
    Scripted::default()
        .unary(|request: Request<Blob>| async move {
            let asked = request.into_inner();
            let size = if asked.number == 0 { RESPONSE as usize } else { 0 };
            Ok(Response::new(Blob { number: asked.number, ..blob(size) }))
        })
        .download(|_| async {
            Ok(Response::new(ResponseStream::iter(std::iter::repeat_with(|| blob(1000)))))
        })
}

/// Responses to single requests, each pinned behind a shut window.
#[test]
fn a_shut_window_pins_responses() {
    Attack::new("pinned responses", |n| {
        let (stream, head) = opened(n, UNARY);
        [head, data(stream, &envelope(b""), true)].concat()
    })
    .settings(SHUT)
    .units(1000)
    .service(generous)
    // the handler makes 16 KiB for each
    .costs(4)
    .counts(|counters| counters.connection_send_buffer_filled.min(1), 1)
    .memory(CONNECTION_SEND + STREAMS * RESPONSE)
    .run();
}

/// Streams of responses behind shut windows: the connection's send buffer is shared by all.
#[test]
fn a_shut_window_pins_streams() {
    Attack::new("pinned streams", |n| {
        let (stream, head) = opened(n, DOWNLOAD);
        [head, data(stream, &envelope(b""), true)].concat()
    })
    .settings(SHUT)
    .units(1000)
    .service(generous)
    .counts(|counters| counters.connection_send_buffer_filled.min(1), 1)
    .memory(CONNECTION_SEND + STREAM_SEND)
    .run();
}

/// All the window that there is, and nobody who reads.
#[test]
fn a_client_that_does_not_read() {
    let open = 0x7000_0000_u32.to_be_bytes();
    Attack::new("unread streams", move |n| {
        let (stream, head) = opened(n, DOWNLOAD);
        let window = frame(kind::WINDOW_UPDATE, 0, stream, &open);
        [head, window, data(stream, &envelope(b""), true)].concat()
    })
    .setup(frame(kind::WINDOW_UPDATE, 0, 0, &open))
    .units(1000)
    .deaf()
    .service(generous)
    .counts(|counters| counters.connection_send_buffer_filled.min(1), 1)
    .memory(CONNECTION_SEND + STREAM_SEND)
    .run();
}
