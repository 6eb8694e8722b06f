//! The `h2` crate's decoder as a judge. It is reached through a connection: a session's blocks come
//! as trailers, each on a stream of its own, behind a request that touches no table.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bytes::Bytes;
use protocall_hpack::{Freedom, List, Session, Step, Verdict, judge};
use protocall_http2::hpack::DecodeError;
use std::collections::BTreeMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

const SESSIONS: u64 = 10_000;
/// h2 changes its table's size only at the beginning, and takes four octets behind the prefix.
const FREEDOM: Freedom = Freedom { resizes: false, needless_octets: 2 };
/// More than what a session writes.
const PIPE: usize = 1 << 20;

/// What h2 says of a block.
#[derive(Debug, PartialEq, Eq)]
enum Other {
    /// Values by name: h2 keeps the order of equal names only.
    Fields(BTreeMap<Vec<u8>, Vec<Vec<u8>>>),
    /// The fields are no trailers; the block was decoded.
    Reset,
    /// The block is broken.
    Refused,
}

fn by_name(list: &List) -> BTreeMap<Vec<u8>, Vec<Vec<u8>>> {
    let mut map = BTreeMap::<_, Vec<_>>::new();
    for (name, value) in list {
        map.entry(name.clone()).or_default().push(value.clone());
    }
    map
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// A request's head of literals without indexing.
fn request(stream: u32) -> Vec<u8> {
    let mut block = vec![0x83, 0x86, 0x84, 0x01, 1];
    block.push(b'x');
    frame(1, 4, stream, &block)
}

/// A server of h2 and the raw end that talks to it.
struct Judge {
    server: h2::server::Connection<DuplexStream, Bytes>,
    client: DuplexStream,
    next: u32,
}

impl Judge {
    async fn new() -> Self {
        let (mut client, server) = tokio::io::duplex(PIPE);
        client.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
        client.write_all(&frame(4, 0, 0, &[])).await.unwrap();
        let server = h2::server::handshake(server).await.unwrap();
        Self { server, client, next: 1 }
    }

    async fn judge(&mut self, block: &[u8]) -> Other {
        self.client.write_all(&request(self.next)).await.unwrap();
        self.client.write_all(&frame(1, 5, self.next, block)).await.unwrap();
        self.next += 2;
        let accepted = self.server.accept().await.unwrap();
        let (request, _respond) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => return refused(&error),
        };
        let mut body = request.into_body();
        let outcome = tokio::select! {
            biased;
            trailers = body.trailers() => trailers,
            ended = self.server.accept() => match ended {
                Some(Err(error)) => return refused(&error),
                other => panic!("a second request: {other:?}"),
            },
        };
        self.read_away().await;
        match outcome {
            Ok(trailers) => {
                let trailers = trailers.unwrap_or_default();
                let pair = |(name, value): (&_, &_)| pair(name, value);
                Other::Fields(by_name(&trailers.iter().map(pair).collect()))
            }
            Err(error) if error.is_go_away() => refused(&error),
            Err(_) => Other::Reset,
        }
    }

    /// Empties the pipe of what h2 answered.
    async fn read_away(&mut self) {
        let mut buffer = [0; 4096];
        let read = self.client.read(&mut buffer);
        let _ = tokio::time::timeout(std::time::Duration::ZERO, read).await;
    }
}

fn pair(name: &impl AsRef<str>, value: &impl AsRef<[u8]>) -> (Vec<u8>, Vec<u8>) {
    (name.as_ref().as_bytes().to_vec(), value.as_ref().to_vec())
}

/// h2 ended the connection: for some broken blocks with another code than RFC 9113 section 4.3
/// asks for.
fn refused(error: &h2::Error) -> Other {
    match error.reason() {
        Some(h2::Reason::COMPRESSION_ERROR | h2::Reason::PROTOCOL_ERROR) => Other::Refused,
        _ => panic!("h2 ended the connection for another reason: {error}"),
    }
}

/// Trailers that h2 gives to applications: no pseudo-fields, none of the connection's.
fn is_plain(list: &List) -> bool {
    let connection: [&[u8]; 6] = [
        b"connection",
        b"transfer-encoding",
        b"upgrade",
        b"keep-alive",
        b"proxy-connection",
        b"te",
    ];
    list.iter().all(|(name, _)| {
        !name.is_empty() && !name.starts_with(b":") && !connection.contains(&&name[..])
    })
}

/// What h2 takes for text: it ends the connection over any other character, which RFC 9113 section
/// 8.2.1 does not ask for.
fn has_plain_text((name, value): &(Vec<u8>, Vec<u8>)) -> bool {
    let control = |octet: &u8| octet.is_ascii_control() && *octet != b'\t';
    !name.is_empty() && !value.iter().any(control)
}

/// Counts of what was seen, so that a judge that sees nothing is noticed.
#[derive(Debug, Default)]
struct Seen {
    equal: u32,
    refused: u32,
    foreign: u32,
}

async fn compare(seed: u64, seen: &mut Seen) {
    let session = Session::new(seed, &FREEDOM);
    let mut h2 = Judge::new().await;
    let blocks = session.steps.iter().filter_map(|step| match step {
        Step::Block(block) => Some(block),
        Step::Allow(_) => None,
    });
    for (block, ours) in blocks.zip(judge(&session)) {
        let theirs = h2.judge(block).await;
        match ours {
            Verdict::Fields { list, flawed } if flawed || !list.iter().all(has_plain_text) => {
                return;
            }
            Verdict::Fields { list, .. } if is_plain(&list) => {
                assert_eq!(theirs, Other::Fields(by_name(&list)), "seed {seed}, block {block:x?}");
                seen.equal += 1;
            }
            // h2 also ends the connection over a pseudo-field's value, such as a status of letters
            Verdict::Fields { list, .. } if theirs == Other::Refused => {
                let pseudo = list.iter().any(|(name, _)| name.starts_with(b":"));
                assert!(pseudo, "seed {seed}, block {block:x?}");
                return;
            }
            Verdict::Fields { mut list, .. } => {
                list.retain(|(name, _)| !name.starts_with(b":"));
                let rest = Other::Fields(by_name(&list));
                assert!(theirs == Other::Reset || theirs == rest, "seed {seed}, block {block:x?}");
                seen.foreign += 1;
            }
            Verdict::Refused(error) => {
                let ours = may_refuse(error);
                assert!(
                    ours || theirs == Other::Refused,
                    "seed {seed}: {error:?}, {theirs:?} of {block:x?}"
                );
                seen.refused += u32::from(theirs == Other::Refused);
            }
        }
    }
}

/// What the standard leaves to the implementation: the length of integers (RFC 7541 section 5.1).
fn may_refuse(error: DecodeError) -> bool {
    error == DecodeError::IntegerOverflow
}

#[tokio::test]
async fn the_h2_crate_decodes_and_refuses_the_same_blocks() {
    let mut seen = Seen::default();
    for seed in 0..SESSIONS {
        compare(seed, &mut seen).await;
    }
    assert!(seen.equal > 3_000 && seen.refused > 500 && seen.foreign > 500, "{seen:?}");
}
