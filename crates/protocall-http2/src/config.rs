//! Every number that a connection obeys: defaults as named constants with their reasons, and the
//! settings that override them. The counters that show how often a limit was met are in `budget`.

use core::time::Duration;

use crate::connection::Side;

/// Streams that a client may have open at once (SETTINGS_MAX_CONCURRENT_STREAMS of a server): far
/// above what honest clients use, small enough that live work a connection stays bounded.
pub const DEFAULT_MAX_CONCURRENT_STREAMS: u32 = 1024;

/// Streams a client opens before the server's SETTINGS say how many: RFC 9113 recommends that no
/// server allows fewer.
pub const STREAMS_BEFORE_SETTINGS: u32 = 100;

/// Header list size, counted as in SETTINGS_MAX_HEADER_LIST_SIZE (name, value and 32 a field):
/// what HTTP servers accept commonly, so that proxies do not pass what we refuse.
pub const DEFAULT_MAX_HEADER_LIST_BYTES: usize = 16 * 1024;

/// Fields in a header list: bounds what one-byte indexed references can amplify into.
pub const DEFAULT_MAX_HEADER_FIELDS: usize = 128;

/// CONTINUATION frames after one HEADERS: with 16 KiB frames two suffice for a full header block.
pub const DEFAULT_MAX_CONTINUATIONS: u32 = 8;

/// Encoded size of a header block, twice the list limit: more can only be waste.
pub const DEFAULT_MAX_HEADER_BLOCK_BYTES: usize = 32 * 1024;

/// Resets in a row that a peer provokes by breaking rules before the rate counts.
pub const DEFAULT_RESET_BURST: u32 = 200;

/// Rapid resets in a row before the rate counts: a client that gives up all that it has at work,
/// as when one of many parts has failed, cancels as many calls at once as there are streams, and a
/// server that is behind sees each of them begin and end in one batch.
pub const DEFAULT_RAPID_RESET_BURST: u32 = 1024;

/// Resets a second that refill the budget; each stream that completes refills one more, and so does
/// one that is cancelled when its answer has begun.
pub const DEFAULT_RESETS_PER_SECOND: u32 = 50;

/// A stream that lived this long before its peer reset it does not count as a rapid reset: at
/// that age the concurrency limit alone bounds the work, and calls that time out are honest.
pub const RAPID_RESET_AGE: Duration = Duration::from_millis(10);

/// Frames that do nothing (empty DATA, unknown types, PRIORITY, interim responses, frames on ended
/// streams, SETTINGS and GOAWAY after the first) in a row.
pub const DEFAULT_USELESS_BURST: u32 = 1000;

/// Useless frames a second that refill the budget.
pub const DEFAULT_USELESS_PER_SECOND: u32 = 100;

/// Unwritten answers (acknowledgements, resets) at which no further input is taken: the peer
/// is not reading what it asked for.
pub const DEFAULT_CONTROL_FRAMES_PAUSE: u32 = 100;

/// Unwritten answers at which the connection is closed.
pub const DEFAULT_CONTROL_FRAMES_KILL: u32 = 1000;

/// Dynamic table of the decoder (SETTINGS_HEADER_TABLE_SIZE), the protocol's own default.
pub const DEFAULT_HEADER_TABLE_BYTES: u32 = 4096;

/// Dynamic table of the encoder at most, whatever the peer offers: no peer makes it grow. It is
/// also the most that can be set, since its index is made for as many entries.
pub const DEFAULT_ENCODER_TABLE_BYTES: u32 = 4096;

/// Entries in one SETTINGS frame; the registry knows fewer than ten.
pub const DEFAULT_MAX_SETTINGS_ENTRIES: usize = 32;

/// Initial stream window of a server: a stream fills it in one round trip at 100 MB/s and 2.5 ms.
pub const DEFAULT_SERVER_STREAM_WINDOW: u32 = 256 * 1024;

/// Connection window of a server: four streams at full window.
pub const DEFAULT_SERVER_CONNECTION_WINDOW: u32 = 1024 * 1024;

/// Initial stream window of a client, which chose its own downloads and trusts them more: eight
/// large messages. Other answers come behind what is on its way of a download: hello calls beside
/// one over loopback wait half as long again with 768 KiB, for a tenth more of the download.
pub const DEFAULT_CLIENT_STREAM_WINDOW: u32 = 512 * 1024;

/// Connection window of a client: eight streams at full window.
pub const DEFAULT_CLIENT_CONNECTION_WINDOW: u32 = 4 * 1024 * 1024;

/// The most that a window is raised to for a whole message or a fast path: as grpc-go's, one
/// gigabit a second over 130 ms.
pub const DEFAULT_MAX_WINDOW: u32 = 16 * 1024 * 1024;

/// Received bytes that a server may hold, messages that are not whole included, before streams wait
/// for each other: two of the largest messages, or 32 windows.
pub const DEFAULT_SERVER_RECEIVE_BUDGET: u64 = 8 * 1024 * 1024;

/// The same for a client.
pub const DEFAULT_CLIENT_RECEIVE_BUDGET: u64 = 32 * 1024 * 1024;

/// Bytes that a stream queues before `capacity` is 0.
pub const DEFAULT_STREAM_SEND_BUFFER: usize = 64 * 1024;

/// Bytes that a connection queues (streams and output together) before every `capacity` is 0.
pub const DEFAULT_CONNECTION_SEND_BUFFER: usize = 1024 * 1024;

/// Bytes of whole responses that may wait for their client to open windows before a server makes no
/// more of them: two of the largest usual messages. Clients that ask for one message read it.
pub const DEFAULT_RESPONSE_BUDGET: usize = 8 * 1024 * 1024;

/// Largest frame that we accept (SETTINGS_MAX_FRAME_SIZE): fewer heads for large messages, and
/// still small enough that frames of many streams interleave.
pub const DEFAULT_MAX_FRAME_BYTES: u32 = 64 * 1024;

/// Largest DATA payload that we send, whatever the peer accepts: a stream's turn while others wait.
pub const MAX_SENT_FRAME_BYTES: usize = 64 * 1024;

/// Streams with no more than this queued take turns of their own beside those with more: what they
/// have is less than a packet or two, and whoever waits for it should not wait for every long one.
pub const BRIEF_BYTES: usize = 4 * 1024;

/// Output size at which `flush` stops moving stream data: larger writes gain nothing more.
pub const DEFAULT_FLUSH_TARGET: usize = 128 * 1024;

/// Payloads from this size on are kept by reference instead of being copied.
pub const COPY_BELOW: usize = 2048;

/// Debug data of a received GOAWAY that is shown; the rest is skipped.
pub const MAX_GOAWAY_DEBUG_BYTES: usize = 1024;

/// Time for the client's preface and the first SETTINGS.
pub const DEFAULT_PREFACE_TIMEOUT: Duration = Duration::from_secs(10);

/// Time for a header block from HEADERS to END_HEADERS.
pub const DEFAULT_HEADER_BLOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// Time for the acknowledgement of our SETTINGS (RFC 9113 section 6.5.3): it waits behind what the
/// peer had written before, which a slow line may take most of a minute for.
pub const DEFAULT_SETTINGS_TIMEOUT: Duration = Duration::from_secs(60);

/// Time in which a client must take a byte of what a server has to write; no honest reader needs
/// as long, and what waits holds memory.
pub const DEFAULT_SERVER_WRITE_TIMEOUT: Duration = Duration::from_secs(60);

/// The same for a server's reading: callers wait, and another server may be well (gRFC A18).
pub const DEFAULT_CLIENT_WRITE_TIMEOUT: Duration = Duration::from_secs(20);

/// Time for the answer to the PING between the two steps of a shutdown: grpc-go's.
pub const DEFAULT_GOAWAY_TIMEOUT: Duration = Duration::from_secs(5);

/// Silence after which a server asks whether the client is alive (gRFC A9).
pub const DEFAULT_SERVER_KEEPALIVE: Duration = Duration::from_secs(2 * 60 * 60);

/// Time for the answer to a keepalive PING (gRFC A8, A9).
pub const DEFAULT_KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);

/// Pings closer together than this are ping strikes (gRFC A8).
pub const DEFAULT_MIN_PING_INTERVAL: Duration = Duration::from_secs(5 * 60);

/// The same while no stream is open (gRFC A8).
pub const DEFAULT_MIN_PING_INTERVAL_IDLE: Duration = Duration::from_secs(2 * 60 * 60);

/// Ping strikes that are forgiven (gRFC A8); the next one closes the connection.
pub const DEFAULT_MAX_PING_STRIKES: u32 = 2;

/// Time in which a client must take a byte of a whole response that waits for its windows; it asked
/// for one message, so nothing keeps it from reading.
pub const DEFAULT_RESPONSE_TIMEOUT: Duration = Duration::from_secs(60);

/// The largest piece of input that `Connection::receive` may need in one slice: a HEADERS or
/// CONTINUATION frame of a full header block with its head, padding and priority. A read buffer
/// of at least this size never stalls (with the default [`Limits::header_block_bytes`]).
pub const MAX_CONTIGUOUS_INPUT: usize = 9 + 1 + 255 + 5 + DEFAULT_MAX_HEADER_BLOCK_BYTES;

/// A token bucket's shape: how many in a row, and how many a second on average.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Tokens in a full bucket.
    pub burst: u32,
    /// Tokens that come back each second.
    pub per_second: u32,
}

/// What a peer may do. Going over any of these ends the stream or the connection with
/// ENHANCE_YOUR_CALM (or REFUSED_STREAM) and is counted in [`crate::Counters`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Header list size, name + value + 32 a field.
    pub header_list_bytes: usize,
    /// Fields in a header list.
    pub header_fields: usize,
    /// CONTINUATION frames in a header block.
    pub continuations: u32,
    /// Encoded bytes of a header block.
    pub header_block_bytes: usize,
    /// Resets that a client sends soon after opening a stream (servers only).
    pub resets_received: Rate,
    /// Resets that the peer provokes by breaking stream rules.
    pub resets_sent: Rate,
    /// Frames that do nothing.
    pub useless_frames: Rate,
    /// Unwritten answers at which input is no longer taken.
    pub control_frames_pause: u32,
    /// Unwritten answers at which the connection is closed.
    pub control_frames_kill: u32,
    /// Entries in one SETTINGS frame.
    pub settings_entries: usize,
    /// Pings closer together than the least times below that are forgiven (servers only; gRFC A8).
    pub ping_strikes: u32,
    /// Least time between a client's pings with streams open (servers only; gRFC A8).
    pub min_ping_interval: Duration,
    /// Least time between a client's pings with no stream open (servers only; gRFC A8).
    pub min_ping_interval_idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let resets = |burst| Rate { burst, per_second: DEFAULT_RESETS_PER_SECOND };
        Self {
            header_list_bytes: DEFAULT_MAX_HEADER_LIST_BYTES,
            header_fields: DEFAULT_MAX_HEADER_FIELDS,
            continuations: DEFAULT_MAX_CONTINUATIONS,
            header_block_bytes: DEFAULT_MAX_HEADER_BLOCK_BYTES,
            resets_received: resets(DEFAULT_RAPID_RESET_BURST),
            resets_sent: resets(DEFAULT_RESET_BURST),
            useless_frames: Rate {
                burst: DEFAULT_USELESS_BURST,
                per_second: DEFAULT_USELESS_PER_SECOND,
            },
            control_frames_pause: DEFAULT_CONTROL_FRAMES_PAUSE,
            control_frames_kill: DEFAULT_CONTROL_FRAMES_KILL,
            settings_entries: DEFAULT_MAX_SETTINGS_ENTRIES,
            ping_strikes: DEFAULT_MAX_PING_STRIKES,
            min_ping_interval: DEFAULT_MIN_PING_INTERVAL,
            min_ping_interval_idle: DEFAULT_MIN_PING_INTERVAL_IDLE,
        }
    }
}

/// How a connection behaves. [`Config::server`] and [`Config::client`] are what production wants;
/// values outside the protocol's range are brought into it by `Connection::new`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// Streams the peer may have open at once (servers only).
    pub max_concurrent_streams: u32,
    /// Receive window of each stream at first.
    pub stream_window: u32,
    /// Receive window of the connection (at least 65,535, RFC 9113 section 6.9.2).
    pub connection_window: u32,
    /// Whether windows grow by themselves to what the path to the peer holds: with the first DATA
    /// of a sample a PING goes out, and what comes until its answer says how much that is. Where
    /// that takes less than 250 us, within a machine or beside it, they grow to 512 KiB at most.
    /// `Counters::probes` counts them. Without it `stream_window` and `connection_window` stay.
    pub adaptive_window: bool,
    /// The most that a window grows to, and that `Connection::expect` raises a stream's window to.
    /// An adapted window stays within half of `receive_budget`, too.
    pub max_window: u32,
    /// Received bytes that may be held, messages that are not whole included (at least the
    /// connection window). Near it, windows are narrowed and large messages pass one after the
    /// other; what is held stays within two and a quarter budgets and a message.
    /// `Counters::windows_narrowed` and `Counters::receive_budget_withheld` count how often.
    pub receive_budget: u64,
    /// Largest frame accepted: 16,384 to 16,777,215.
    pub max_frame_bytes: u32,
    /// Decoder's dynamic table. A peer that sends a size update above it breaks the protocol:
    /// `Counters::header_table_bytes_exceeded`.
    pub header_table_bytes: u32,
    /// Encoder's dynamic table at most, 0 to 4,096; less if the peer offers less. Offers of more
    /// are counted: `Counters::header_tables_capped`.
    pub encoder_table_bytes: u32,
    /// Bytes that a stream queues before its `capacity` is 0.
    pub stream_send_buffer: usize,
    /// Bytes that the connection queues before every `capacity` is 0.
    pub connection_send_buffer: usize,
    /// Bytes of whole responses that wait for the client's windows, above which a server's driver
    /// lets no further call with one response go on. Calls at work whose handlers run elsewhere, as
    /// slow ones do, count as the largest of their method's that had to wait of late; others at
    /// work do not.
    pub response_budget: usize,
    /// Time in which the client must take a byte of such a response; a server's driver then resets
    /// its stream.
    pub response_timeout: Duration,
    /// Output size at which `Connection::flush` stops.
    pub flush_target: usize,
    /// Silence after which a PING asks for a sign of life; `None`: never.
    pub keepalive_interval: Option<Duration>,
    /// Time for the answer to that PING.
    pub keepalive_timeout: Duration,
    /// Keepalive also while no stream is open.
    pub keepalive_while_idle: bool,
    /// Time for the peer's preface and first SETTINGS.
    pub preface_timeout: Duration,
    /// Time for a header block that is spread over CONTINUATION frames.
    pub header_block_timeout: Duration,
    /// Time for the peer's acknowledgement of our SETTINGS; then SETTINGS_TIMEOUT.
    pub settings_timeout: Duration,
    /// Time in which the stream of bytes must take something while output waits (see
    /// [`Connection::note_blocked`](crate::Connection::note_blocked)).
    pub write_timeout: Duration,
    /// Time for the answer to the PING between the two steps of a graceful shutdown; step two then
    /// comes without it (servers only).
    pub goaway_timeout: Duration,
    /// Time without a stream after which the connection is shut down gracefully, with "max_idle" in
    /// GOAWAY; `None`: never (servers only; gRFC A9).
    pub max_connection_idle: Option<Duration>,
    /// Time after which the connection is shut down gracefully, with "max_age" in GOAWAY; `None`:
    /// never (servers only; gRFC A9). The jitter that A9 asks for is the driver's part: nothing
    /// here is random.
    pub max_connection_age: Option<Duration>,
    /// Time after that in which streams may end; then the connection ends. `None`: any time
    /// (gRFC A9).
    pub max_connection_age_grace: Option<Duration>,
    /// The id of a client's first stream; an odd number. 1 but where ids are to run out soon.
    pub first_stream_id: u32,
    /// What the peer may do.
    pub limits: Limits,
}

impl Config {
    /// The defaults of a server.
    pub fn server() -> Self {
        Self {
            max_concurrent_streams: DEFAULT_MAX_CONCURRENT_STREAMS,
            stream_window: DEFAULT_SERVER_STREAM_WINDOW,
            connection_window: DEFAULT_SERVER_CONNECTION_WINDOW,
            adaptive_window: true,
            max_window: DEFAULT_MAX_WINDOW,
            receive_budget: DEFAULT_SERVER_RECEIVE_BUDGET,
            max_frame_bytes: DEFAULT_MAX_FRAME_BYTES,
            header_table_bytes: DEFAULT_HEADER_TABLE_BYTES,
            encoder_table_bytes: DEFAULT_ENCODER_TABLE_BYTES,
            stream_send_buffer: DEFAULT_STREAM_SEND_BUFFER,
            connection_send_buffer: DEFAULT_CONNECTION_SEND_BUFFER,
            response_budget: DEFAULT_RESPONSE_BUDGET,
            response_timeout: DEFAULT_RESPONSE_TIMEOUT,
            flush_target: DEFAULT_FLUSH_TARGET,
            keepalive_interval: Some(DEFAULT_SERVER_KEEPALIVE),
            keepalive_timeout: DEFAULT_KEEPALIVE_TIMEOUT,
            keepalive_while_idle: true,
            preface_timeout: DEFAULT_PREFACE_TIMEOUT,
            header_block_timeout: DEFAULT_HEADER_BLOCK_TIMEOUT,
            settings_timeout: DEFAULT_SETTINGS_TIMEOUT,
            write_timeout: DEFAULT_SERVER_WRITE_TIMEOUT,
            goaway_timeout: DEFAULT_GOAWAY_TIMEOUT,
            max_connection_idle: None,
            max_connection_age: None,
            max_connection_age_grace: None,
            first_stream_id: 1,
            limits: Limits::default(),
        }
    }

    /// The defaults of a client.
    pub fn client() -> Self {
        Self {
            stream_window: DEFAULT_CLIENT_STREAM_WINDOW,
            connection_window: DEFAULT_CLIENT_CONNECTION_WINDOW,
            receive_budget: DEFAULT_CLIENT_RECEIVE_BUDGET,
            keepalive_interval: None,
            keepalive_while_idle: false,
            write_timeout: DEFAULT_CLIENT_WRITE_TIMEOUT,
            ..Self::server()
        }
    }

    /// The defaults of a side.
    pub fn for_side(side: Side) -> Self {
        match side {
            Side::Client => Self::client(),
            Side::Server => Self::server(),
        }
    }
}
