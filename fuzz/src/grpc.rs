//! gRPC's own formats: envelopes of messages, and header lists as heads and trailers of calls.

use protocall_core::envelope::{self, EnvelopeError, PREFIX_LEN, Scanner};
use protocall_core::head::FieldList;
use protocall_core::head::request::{RequestHead, write_metadata};
use protocall_core::head::response::{Opening, Trailers, write_trailers};
use protocall_core::{Compressions, Metadata, timeout};

/// The limit that envelopes are held to; small, so that inputs can pass it.
const LIMIT: usize = 300;

/// A stream of enveloped messages: however it is cut, the same messages are found, or the same
/// error. The first byte says how it is cut.
///
/// # Panics
/// When two ways to read the stream disagree.
pub fn envelope(input: &[u8]) {
    let Some((size, stream)) = input.split_first() else { return };
    let whole = scan(stream, usize::MAX);
    let cut = scan(stream, usize::from(*size).max(1));
    assert_eq!(whole, cut, "the messages depend on the cuts");
    let mut rest = stream;
    let mut split = 0;
    while let Some((prefix, message)) = envelope::split(rest) {
        if prefix.compressed || message.len() > LIMIT {
            break;
        }
        split += 1;
        let mut back = Vec::new();
        let written = envelope::append(&mut back, LIMIT, |buffer| {
            buffer.extend_from_slice(message);
            Ok::<_, EnvelopeError>(())
        });
        assert_eq!((written, &back[..]), (Ok(()), &rest[..PREFIX_LEN + message.len()]));
        rest = &rest[PREFIX_LEN + message.len()..];
    }
    if let Ok((messages, ended)) = whole {
        assert_eq!(messages, split, "scanned and split");
        assert_eq!(ended, rest.is_empty(), "the end");
    }
}

fn scan(stream: &[u8], size: usize) -> Result<(usize, bool), EnvelopeError> {
    let mut scanner = Scanner::new(LIMIT);
    let mut messages = 0;
    for piece in stream.chunks(size) {
        let scanned = scanner.scan(piece).map_err(|broken| broken.error)?;
        messages += scanned.completed;
        assert!(scanned.missing <= LIMIT && scanned.partial <= PREFIX_LEN + LIMIT, "{scanned:?}");
    }
    Ok((messages, scanner.finish().is_ok()))
}

/// A header list as a request's head, a response's head and trailers. A field a line, name and
/// value apart by a colon behind the first character; the first line is method or status.
///
/// # Panics
/// When what was read cannot be written and read again.
pub fn heads(input: &[u8]) {
    let mut lines = input.split(|byte| *byte == b'\n');
    let first = lines.next().unwrap_or_default();
    let list: Vec<(&[u8], &[u8])> = lines.filter_map(field).collect();
    let fields = || list.iter().copied();
    if let Ok(head) = RequestHead::parse(first, fields()) {
        metadata_round_trip(&head.metadata);
        if let Some(time) = head.timeout {
            let again = timeout::decode(timeout::encode(time).as_bytes());
            assert!(again.is_ok_and(|again| again >= time || time.as_secs() > 99_999_999));
        }
    }
    for end_stream in [false, true] {
        match Opening::parse(first, fields, end_stream, &Compressions::default()) {
            Opening::Head(head) => metadata_round_trip(&head.metadata),
            Opening::End(trailers) => trailers_round_trip(&trailers),
        }
    }
    trailers_round_trip(&Trailers::parse(fields()));
}

fn field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().skip(1).position(|byte| *byte == b':')? + 1;
    Some((&line[..colon], line.get(colon + 1..).unwrap_or_default()))
}

fn metadata_round_trip(metadata: &Metadata) {
    let mut list = FieldList::new();
    write_metadata(metadata, &mut list);
    let mut with_type = vec![(&b"content-type"[..], &b"application/grpc"[..])];
    with_type.extend(list.iter());
    let back = RequestHead::parse(b"POST", with_type.into_iter());
    assert_eq!(back.ok().map(|head| head.metadata).as_ref(), Some(metadata));
}

fn trailers_round_trip(trailers: &Trailers) {
    let mut list = FieldList::new();
    write_trailers(trailers.status.as_ref().map(|()| &trailers.metadata), &mut list);
    let back = Trailers::parse(list.iter());
    match (&trailers.status, &back.status) {
        (Ok(()), Ok(())) => assert_eq!(trailers.metadata, back.metadata),
        (Err(sent), Err(got)) => {
            assert_eq!(sent.code(), got.code());
            assert_eq!(sent.message(), got.message());
            assert_eq!(sent.details(), got.details());
        }
        (sent, got) => panic!("{sent:?} came back as {got:?}"),
    }
}
