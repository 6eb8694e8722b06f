//! What a connection tells its driver. Every event comes out of `Connection::receive`.

use crate::error::ErrorCode;
use crate::fields::Fields;
use crate::stream::StreamKey;

/// Something that the peer did, or that the connection had to do because of the peer.
///
/// After `end_stream: true` (or [`Event::HeadersTooLarge`]) a stream receives nothing more; only a
/// `Reset` can still follow while this side has not ended the stream. After a `Reset` nothing
/// follows.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A complete, checked header list (RFC 9113 section 8).
    Headers {
        /// The stream; on a server with kind [`HeadersKind::Request`] it is new.
        stream: StreamKey,
        /// The fields; they live until the next call.
        fields: &'a Fields,
        /// What the fields are for.
        kind: HeadersKind,
        /// The peer sends nothing more on this stream.
        end_stream: bool,
    },
    /// A piece of a DATA payload, without padding, as it arrived.
    Data {
        /// The stream.
        stream: StreamKey,
        /// The payload; each byte must be given to `Connection::consume` later. Empty only together
        /// with `end_stream`.
        bytes: &'a [u8],
        /// The peer sends nothing more on this stream.
        end_stream: bool,
    },
    /// The stream is over and its key is gone.
    Reset {
        /// The stream.
        stream: StreamKey,
        /// The code in RST_STREAM, or the one that stands for the reason.
        code: ErrorCode,
        /// Who ended it.
        by: Initiator,
        /// The peer has not processed any of it (REFUSED_STREAM, or above GOAWAY's last stream):
        /// safe to retry (RFC 9113 section 8.7).
        unprocessed: bool,
        /// Why, in plain words.
        reason: &'static str,
    },
    /// The peer's header list is over our limits. A server answers on the stream (the peer's
    /// further DATA is dropped by the connection) and ends it; terminal for the receiving side.
    HeadersTooLarge {
        /// The stream.
        stream: StreamKey,
    },
    /// The peer will accept no streams above `last_stream` (RFC 9113 section 6.8); those that are
    /// open are reported as `Reset { unprocessed: true }` next.
    GoAway {
        /// The highest stream that the peer may have processed.
        last_stream: u32,
        /// Why it leaves.
        code: ErrorCode,
        /// The peer's debug data, at most [`crate::config::MAX_GOAWAY_DEBUG_BYTES`] of it.
        debug: &'a [u8],
    },
    /// The peer's SETTINGS arrived and are in force: limits may have changed.
    Settings,
    /// The answer to a `Connection::ping`.
    Pong {
        /// What the ping carried.
        payload: [u8; 8],
    },
}

/// What a header list is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HeadersKind {
    /// A request's head (seen by a server).
    Request,
    /// A response's final head (seen by a client).
    Response,
    /// An interim response, status 1xx (seen by a client); the final head is still to come.
    Informational,
    /// Fields after the data; always ends the stream.
    Trailers,
}

/// Who ended a stream early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Initiator {
    /// The peer, by RST_STREAM or GOAWAY.
    Remote,
    /// This library, because the peer broke a rule or a limit on the stream.
    Library,
}
