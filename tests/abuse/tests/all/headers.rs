//! Header blocks that are long, endless, many-fielded or larger than they look.

use protocall::{Request, Response};
use protocall_abuse::limits::{HEADER_LIST, STREAMS};
use protocall_abuse::trial::{Attack, UNARY};
use protocall_tests::proto::trial::Blob;
use protocall_tests::raw::{END_HEADERS, block, call, data, envelope, frame, headers, kind};
use protocall_tests::service::Scripted;

pub(super) const CHAT: &str = "/trial.Trial/Chat";
pub(super) const UPLOAD: &str = "/trial.Trial/Upload";

/// The `n`th stream of a connection and its HEADERS.
pub(super) fn opened(n: u32, path: &str) -> (u32, Vec<u8>) {
    let stream = 2 * n + 1;
    (stream, headers(stream, &call(path), false))
}

/// Calls without a number never end by themselves; uploads take nothing.
pub(super) fn waiting() -> Scripted {
    Scripted::default()
        .unary(|request: Request<Blob>| async move {
            if request.message().number == 0 {
                std::future::pending::<()>().await;
            }
            Ok(Response::new(request.into_inner()))
        })
        .upload(|request| async move {
            let _unread = request;
            std::future::pending().await
        })
}

/// A field that enters the table (RFC 7541 section 6.2.1), as entry 62.
fn indexed(name: &str, value: &str) -> Vec<u8> {
    let mut bytes = block(&[(name, value)]);
    bytes[0] = 0x40;
    bytes
}

/// So many references to entry 62.
fn references(count: usize) -> Vec<u8> {
    vec![0xbe; count]
}

/// HEADERS of a block as it is.
fn block_of(stream: u32, block: &[u8]) -> Vec<u8> {
    frame(kind::HEADERS, END_HEADERS, stream, block)
}

/// CVE-2023-45288, CVE-2024-27316 and their kind.
#[test]
fn continuations_without_end() {
    Attack::new("CONTINUATION", |n| {
        frame(kind::CONTINUATION, 0, 1, &block(&[("x-more", &n.to_string())]))
    })
    .setup(frame(kind::HEADERS, 0, 1, &block(&call(UNARY))))
    .units(20)
    .ends_with("too many CONTINUATION frames", |counters| counters.continuations_exceeded)
    .run();
}

/// CVE-2026-33871: the frames count as well as their bytes.
#[test]
fn empty_continuations_without_end() {
    Attack::new("empty CONTINUATION", |_| frame(kind::CONTINUATION, 0, 1, b""))
        .setup(frame(kind::HEADERS, 0, 1, &block(&call(UNARY))))
        .units(20)
        .ends_with("too many CONTINUATION frames", |counters| counters.continuations_exceeded)
        .run();
}

/// Few frames of many bytes.
#[test]
fn a_block_of_large_continuations() {
    let piece = block(&[("x-more", &"v".repeat(16_000))]);
    Attack::new("large CONTINUATION", move |_| frame(kind::CONTINUATION, 0, 1, &piece))
        .setup(frame(kind::HEADERS, 0, 1, &block(&call(UNARY))))
        .units(4)
        .ends_with("header block is too large", |counters| counters.header_block_bytes_exceeded)
        .memory(32 * 1024)
        .run();
}

/// CVE-2016-6581: one large entry and references to it, above the hard limit.
#[test]
fn hpack_bomb() {
    let entry = block_of(1, &[block(&call(CHAT)), indexed("x", &"v".repeat(4000))].concat());
    Attack::new("HPACK bomb", |n| {
        block_of(2 * n + 3, &[block(&call(CHAT)), references(10_000)].concat())
    })
    .setup(entry)
    .units(2)
    .ends_with("hpack: header list far above the limit", |counters| counters.header_floods)
    .memory(4 * HEADER_LIST)
    .run();
}

/// The same below the hard limit, where each is refused by itself.
#[test]
fn hpack_bombs_below_the_hard_limit() {
    let entry = block_of(1, &[block(&call(CHAT)), indexed("x", &"v".repeat(4000))].concat());
    Attack::new("small HPACK bombs", |n| {
        block_of(2 * n + 3, &[block(&call(CHAT)), references(14)].concat())
    })
    .setup(entry)
    .units(1000)
    .counts(|counters| counters.header_list_bytes_exceeded, 1000)
    .memory(4 * HEADER_LIST)
    .run();
}

#[test]
fn lists_of_too_many_fields() {
    Attack::new("many fields", |n| {
        let fields = [("a", "b"); 500];
        block_of(2 * n + 1, &[block(&call(CHAT)), block(&fields)].concat())
    })
    .units(300)
    .counts(|counters| counters.header_fields_exceeded, 300)
    .memory(4 * HEADER_LIST)
    .run();
}

#[test]
fn lists_of_far_too_many_fields() {
    Attack::new("very many fields", |n| {
        let fields = [("a", "b"); 1000];
        block_of(2 * n + 1, &[block(&call(CHAT)), block(&fields)].concat())
    })
    .units(2)
    .ends_with("hpack: header list far above the limit", |counters| counters.header_floods)
    .memory(4 * HEADER_LIST)
    .run();
}

#[test]
fn lists_of_too_many_bytes() {
    let large = "v".repeat(8_500);
    Attack::new("large lists", move |n| {
        let head = block(&[&call(CHAT)[..], &[("x-a", &large)]].concat());
        let more = block(&[("x-b", large.as_str())]);
        [
            frame(kind::HEADERS, 0, 2 * n + 1, &head),
            frame(kind::CONTINUATION, END_HEADERS, 2 * n + 1, &more),
        ]
        .concat()
    })
    .units(100)
    .counts(|counters| counters.header_list_bytes_exceeded, 100)
    .memory(4 * HEADER_LIST)
    .run();
}

/// The HTTP/2 bomb of 2026: a hundred bytes of references make ten thousand, and a window of zero
/// keeps what they were made for alive.
#[test]
fn indexed_fields_behind_a_stalled_window() {
    let entry = block_of(1, &[block(&call(CHAT)), indexed("x-bomb", &"v".repeat(80))].concat());
    Attack::new("HTTP/2 bomb", |n| {
        let stream = 2 * n + 3;
        let head = block_of(stream, &[block(&call(UNARY)), references(120)].concat());
        [head, data(stream, &envelope(b""), true)].concat()
    })
    .settings(&[0, 4, 0, 0, 0, 0])
    .setup(entry)
    .units(1000)
    .service(waiting)
    // of 128 fields, the most that a request may have, where an honest one has seven
    .costs(4)
    .memory(STREAMS * HEADER_LIST)
    .run();
}

/// CVE-2026-50560: no answer fits what the client accepts, so no handler is to work for one.
#[test]
fn a_tiny_max_header_list_size() {
    Attack::new("tiny MAX_HEADER_LIST_SIZE", |n| {
        let (stream, head) = opened(n, UNARY);
        [head, data(stream, &envelope(b"\x10\x07"), true)].concat()
    })
    .settings(&[0, 6, 0, 0, 0, 1])
    .units(250)
    .ends_with("too many stream errors", |counters| counters.resets_provoked_exceeded)
    .run();
}

/// The encoder's table does not follow the peer's offer.
#[test]
fn a_huge_table_size() {
    fn varied() -> Scripted {
        Scripted::default().unary(|request: Request<Blob>| async move {
            let blob = request.into_inner();
            let name = format!("x-{}", blob.number);
            let mut response = Response::new(blob);
            response.metadata_mut().append(&name, &"v".repeat(100)).unwrap();
            Ok(response)
        })
    }
    Attack::new("huge HEADER_TABLE_SIZE", |n| {
        let (stream, head) = opened(n, UNARY);
        // a number of two bytes
        let number = [0x10, 0x80 | (n % 128) as u8, 1 + (n / 128 % 127) as u8];
        [head, data(stream, &envelope(&number), true)].concat()
    })
    .settings(&[0, 1, 0xff, 0xff, 0xff, 0xff])
    .units(2000)
    .service(varied)
    .counts(|counters| counters.header_tables_capped, 1)
    .run();
}
