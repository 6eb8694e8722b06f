//! Hostile servers that give little: no SETTINGS, no window, no stream, nothing in time, or a
//! connection that ends as soon as it is there. Those that send much are in `hostile`.

use protocall::channel::{Backoff, Builder};
use protocall::http2::Config;
use protocall::{ClientTls, Code};
use protocall_abuse::client_trial::Hostile;
use protocall_abuse::limits::{CONNECTION_SEND, KEPT, STREAM_SEND};
use protocall_tests::raw::{block, data, envelope, frame, goaway, headers, kind};
use std::sync::OnceLock;
use std::time::Duration;

const HEAD: [(&str, &str); 2] = [(":status", "200"), ("content-type", "application/grpc")];
/// The time of the limits that are tested.
const LIMIT: Duration = Duration::from_millis(400);
/// Between two crumbs.
const CRUMB: Duration = Duration::from_millis(20);
/// A call's time where something has to have happened by then, on a busy machine, too.
const SECOND: Duration = Duration::from_secs(1);
/// A call's time where the limit is to come first.
const PATIENT: Duration = Duration::from_secs(5);
/// Connections at a time.
const CALLERS: usize = 20;

/// Streams of requests at a time: what callers and their streams hold is more than all else.
const UPLOADS: usize = 20;

/// SETTINGS with one entry.
fn settings(id: u16, value: u32) -> Vec<u8> {
    frame(kind::SETTINGS, 0, 0, &[&id.to_be_bytes()[..], &value.to_be_bytes()].concat())
}

/// A channel's settings, with HTTP/2's changed.
fn with(builder: Builder, change: impl FnOnce(&mut Config)) -> Builder {
    let mut http2 = Config::client();
    change(&mut http2);
    builder.http2(http2)
}

/// Nothing at all is said.
#[test]
fn no_settings() {
    Hostile::new("server: no SETTINGS", 0, |_| Vec::new())
        .hello(Vec::new())
        .at_once()
        .slowly(CRUMB)
        .channel(|builder| with(builder, |http2| http2.preface_timeout = LIMIT))
        .callers(CALLERS)
        .call_limit(PATIENT)
        .ends_with_code(4, "no preface and SETTINGS in time", |met| met.http2.preface_timeouts)
        .fails_calls_with(Code::Unavailable)
        .run();
}

/// A frame of SETTINGS, byte by byte.
#[test]
fn settings_in_crumbs() {
    let bytes = frame(kind::SETTINGS, 0, 0, &[0; 60]);
    Hostile::new("server: slow SETTINGS", 60, move |n| vec![bytes[n as usize]])
        .hello(Vec::new())
        .at_once()
        .slowly(CRUMB)
        .channel(|builder| with(builder, |http2| http2.preface_timeout = LIMIT))
        .callers(CALLERS)
        .call_limit(PATIENT)
        .ends_with_code(4, "no preface and SETTINGS in time", |met| met.http2.preface_timeouts)
        .fails_calls_with(Code::Unavailable)
        .run();
}

/// SETTINGS that come late are SETTINGS: calls are made, and end in their time.
#[test]
fn late_settings() {
    Hostile::new(
        "server: late SETTINGS",
        10,
        |n| {
            if n == 9 { settings(3, 100) } else { Vec::new() }
        },
    )
    .hello(Vec::new())
    .at_once()
    .slowly(CRUMB)
    .callers(CALLERS)
    .call_limit(SECOND)
    .counts(|met| met.http2.settings_received, 1)
    .fails_calls_with(Code::DeadlineExceeded)
    .run();
}

/// The client's SETTINGS are never acknowledged.
#[test]
fn no_acknowledgement() {
    Hostile::new("server: no acknowledgement", 0, |_| Vec::new())
        .slowly(CRUMB)
        .channel(|builder| with(builder, |http2| http2.settings_timeout = LIMIT))
        .callers(CALLERS)
        .call_limit(PATIENT)
        .ends_with_code(4, "SETTINGS were not acknowledged in time", |met| {
            met.http2.settings_timeouts
        })
        .fails_calls_with(Code::Unavailable)
        .run();
}

/// TLS that trusts a certificate which nobody has.
fn trusting() -> ClientTls {
    static TLS: OnceLock<ClientTls> = OnceLock::new();
    let make = || {
        let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        ClientTls::with_roots(pair.cert.pem()).unwrap()
    };
    TLS.get_or_init(make).clone()
}

/// No handshake is answered.
#[test]
fn no_handshake() {
    Hostile::new("server: no TLS", 0, |_| Vec::new())
        .hello(Vec::new())
        .at_once()
        .slowly(CRUMB)
        .channel(|builder| builder.tls(trusting()).connect_timeout(LIMIT))
        .callers(CALLERS)
        .call_limit(PATIENT)
        .counts(|met| met.connect.connects_timed_out, 1)
        .fails_calls_with(Code::Unavailable)
        .run();
}

/// A response's head, byte by byte, frames of CONTINUATION as few as are allowed.
#[test]
fn a_head_in_crumbs() {
    let first = frame(kind::HEADERS, 0, 1, &block(&HEAD));
    let more = frame(kind::CONTINUATION, 0, 1, &[0; 200]);
    Hostile::new("server: slow head", 100, move |n| match n {
        0 => first.clone(),
        n => vec![more[n as usize - 1]],
    })
    .slowly(CRUMB)
    .channel(|builder| with(builder, |http2| http2.header_block_timeout = LIMIT))
    .callers(CALLERS)
    .call_limit(PATIENT)
    .ends_with("header block took too long", |met| met.http2.header_block_timeouts)
    .fails_calls_with(Code::Unavailable)
    .run();
}

/// A response's message, byte by byte: slow is not wrong, and the call's time ends it.
#[test]
fn a_body_in_crumbs() {
    let message = envelope(&[7; 1000]);
    Hostile::new("server: slow body", 100, move |n| {
        let head = if n == 0 { headers(1, &HEAD, false) } else { Vec::new() };
        [head, data(1, &message[n as usize..][..1], false)].concat()
    })
    .slowly(CRUMB)
    .callers(CALLERS)
    .call_limit(LIMIT)
    .fails_calls_with(Code::DeadlineExceeded)
    .run();
}

/// What callers send waits in their streams' buffers, and they with it.
#[test]
fn no_window() {
    Hostile::new("server: no window", 0, |_| Vec::new())
        .hello(settings(4, 0))
        .uploads()
        .calls(UPLOADS)
        .call_limit(SECOND)
        .counts(|met| met.http2.stream_send_buffers_filled, 10)
        .fails_calls_with(Code::DeadlineExceeded)
        .memory(CONNECTION_SEND + UPLOADS as u64 * (2 * STREAM_SEND + KEPT))
        .run();
}

/// All the window that there is, and nobody who reads.
#[test]
fn no_reader() {
    let open = frame(kind::WINDOW_UPDATE, 0, 0, &0x7000_0000_u32.to_be_bytes());
    Hostile::new("server: no reader", 60, |_| Vec::new())
        .hello([settings(4, 0x7000_0000), open].concat())
        .deaf()
        .slowly(CRUMB)
        .channel(|builder| with(builder, |http2| http2.write_timeout = LIMIT))
        .uploads()
        .calls(UPLOADS)
        .call_limit(PATIENT)
        .counts(|met| met.http2.write_timeouts, 1)
        .fails_calls_with(Code::Unavailable)
        .memory(CONNECTION_SEND + UPLOADS as u64 * (2 * STREAM_SEND + KEPT))
        .run();
}

/// No stream may be opened: calls wait, and end in their time.
#[test]
fn no_streams() {
    Hostile::new("server: no streams", 0, |_| Vec::new())
        .hello(settings(3, 0))
        .at_once()
        .calls(20)
        .call_limit(SECOND)
        .counts(|met| met.transport.calls_queued, 20)
        .fails_calls_with(Code::DeadlineExceeded)
        .run();
}

/// No request's head fits.
#[test]
fn no_header_list() {
    Hostile::new("server: tiny MAX_HEADER_LIST_SIZE", 0, |_| Vec::new())
        .hello(settings(6, 1))
        .at_once()
        .calls(20)
        .call_limit(PATIENT)
        .fails_calls_with(Code::ResourceExhausted)
        .run();
}

/// A table of 4 GiB is offered; ours stays as it is.
#[test]
fn a_huge_table() {
    Hostile::new("server: huge HEADER_TABLE_SIZE", 0, |_| Vec::new())
        .hello(settings(1, u32::MAX))
        .counts(|met| met.http2.header_tables_capped, 1)
        .fails_calls_with(Code::DeadlineExceeded)
        .run();
}

/// The waits between attempts, shorter than the default's: some eight connections a second.
fn backoff(builder: Builder) -> Builder {
    let first = Duration::from_millis(100);
    builder.backoff(Backoff { first, longest: 2 * first, ..Backoff::default() })
}

/// GOAWAY behind the SETTINGS of each connection.
#[test]
fn a_server_that_leaves_at_once() {
    Hostile::new("server: leaves at once", 0, |_| Vec::new())
        .hello([settings(3, 100), goaway(0, 0)].concat())
        .at_once()
        .channel(backoff)
        .one_channel(12)
        .call_limit(PATIENT)
        .fails_calls_with(Code::Unavailable)
        .run();
}

/// GOAWAY as soon as there is a call, of which nothing was processed.
#[test]
fn a_server_that_leaves_at_each_call() {
    Hostile::new("server: leaves at each call", 1, |_| goaway(0, 0))
        .channel(backoff)
        .one_channel(12)
        .call_limit(PATIENT)
        .fails_calls_with(Code::Unavailable)
        .run();
}

/// No GOAWAY, no SETTINGS: each connection is closed when it is there.
#[test]
fn a_server_that_hangs_up() {
    Hostile::new("server: hangs up", 0, |_| Vec::new())
        .hello(Vec::new())
        .at_once()
        .hangs_up()
        .channel(backoff)
        .one_channel(12)
        .call_limit(PATIENT)
        .fails_calls_with(Code::Unavailable)
        .run();
}
