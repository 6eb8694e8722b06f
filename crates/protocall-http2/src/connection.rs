//! The connection as its driver sees it: what comes in, what goes out, and the commands.

use bytes::Bytes;

use crate::budget::Counters;
use crate::config::Config;
use crate::error::{ConnectionError, ErrorCode, OpenError, SendError, StreamGone};
use crate::event::Event;
use crate::fields::Field;
use crate::output::Output;
use crate::stream::StreamKey;
use crate::time::Timestamp;

/// Which end of the connection this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Opens streams.
    Client,
    /// Answers them.
    Server,
}

/// Names a run of fields that was given to [`Connection::add_template`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TemplateId(pub(crate) u32);

/// A piece of a header list to be sent.
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    /// A run of fields known beforehand.
    Template(TemplateId),
    /// One field.
    Field(Field<'a>),
}

/// What the peer's SETTINGS say (RFC 9113 section 6.5.2); the protocol's defaults until they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeerSettings {
    /// The peer's SETTINGS have arrived.
    pub received: bool,
    /// SETTINGS_HEADER_TABLE_SIZE.
    pub header_table_bytes: u32,
    /// SETTINGS_MAX_CONCURRENT_STREAMS; `None`: no limit.
    pub max_concurrent_streams: Option<u32>,
    /// SETTINGS_INITIAL_WINDOW_SIZE.
    pub initial_window: u32,
    /// SETTINGS_MAX_FRAME_SIZE.
    pub max_frame_bytes: u32,
    /// SETTINGS_MAX_HEADER_LIST_SIZE; `None`: no limit.
    pub max_header_list_bytes: Option<u32>,
}

/// One HTTP/2 connection, either side (RFC 9113).
#[derive(Debug)]
pub struct Connection {
    output: Output,
    config: Config,
    counters: Counters,
    peer: PeerSettings,
}

#[allow(unused_variables)]
impl Connection {
    /// A new connection. Queues the client's preface, SETTINGS, and the WINDOW_UPDATE that lifts
    /// the connection window.
    pub fn new(side: Side, config: Config) -> Self {
        Self {
            output: Output::default(),
            config,
            counters: Counters::default(),
            peer: PeerSettings {
                received: false,
                header_table_bytes: 4096,
                max_concurrent_streams: None,
                initial_window: 65_535,
                max_frame_bytes: 16_384,
                max_header_list_bytes: None,
            },
        }
    }

    /// Parses from the front of `input`, advancing it. `None`: everything usable was consumed; the
    /// rest of `input` (part of a frame) must come again with more bytes behind it, or, when
    /// [`Connection::wants_write`] says so, after the output was written.
    ///
    /// # Errors
    /// The connection is dead: GOAWAY is in the output (unless the kind is `NotHttp2`); write it and close.
    pub fn receive<'a>(
        &'a mut self,
        input: &mut &'a [u8],
        now: Timestamp,
    ) -> Result<Option<Event<'a>>, ConnectionError> {
        Ok(None)
    }

    /// So many answers wait to be written that no input is taken until they are.
    pub fn wants_write(&self) -> bool {
        false
    }

    /// Keeps a run of fields that is encoded once and replayed as bytes while the encoder's table
    /// is unchanged.
    pub fn add_template(&mut self, fields: &[Field<'_>]) -> TemplateId {
        TemplateId(0)
    }

    /// Opens a stream with a request head (clients).
    ///
    /// # Errors
    /// See [`OpenError`]; nothing was sent.
    pub fn open(&mut self, head: &[Part<'_>], end_stream: bool) -> Result<StreamKey, OpenError> {
        Err(OpenError::GoingAway)
    }

    /// How many streams could be opened now.
    pub fn open_capacity(&self) -> usize {
        0
    }

    /// Sends the initial headers, or, when they were sent and `end_stream` is set, trailers
    /// (which queue behind blocked data).
    ///
    /// # Errors
    /// See [`SendError`]; nothing was sent.
    pub fn send_headers(
        &mut self,
        stream: StreamKey,
        head: &[Part<'_>],
        end_stream: bool,
    ) -> Result<(), SendError> {
        Err(SendError::StreamGone)
    }

    /// Sends data by reference. Always accepted; [`Connection::capacity`] says when to wait.
    ///
    /// # Errors
    /// See [`SendError`]; nothing was sent.
    pub fn send_data(
        &mut self,
        stream: StreamKey,
        data: Bytes,
        end_stream: bool,
    ) -> Result<(), SendError> {
        Err(SendError::StreamGone)
    }

    /// Sends data by copying it, straight into the output when windows allow.
    ///
    /// # Errors
    /// See [`SendError`]; nothing was sent.
    pub fn send_data_copied(
        &mut self,
        stream: StreamKey,
        data: &[u8],
        end_stream: bool,
    ) -> Result<(), SendError> {
        Err(SendError::StreamGone)
    }

    /// How many more bytes the stream's send buffer takes before its sender should wait; 0: wait
    /// for [`Connection::next_writable`]. 0 too when the stream is gone.
    pub fn capacity(&self, stream: StreamKey) -> usize {
        0
    }

    /// The next stream whose capacity came back after having been 0, each once. A stream that
    /// waits for nothing may be named too.
    pub fn next_writable(&mut self) -> Option<StreamKey> {
        None
    }

    /// Sends RST_STREAM, drops what is queued, frees the stream; no further event comes for it.
    ///
    /// # Errors
    /// [`StreamGone`] if it had ended already.
    pub fn reset(&mut self, stream: StreamKey, code: ErrorCode) -> Result<(), StreamGone> {
        Err(StreamGone)
    }

    /// The application took `bytes` DATA bytes of this stream: credit returns to the peer.
    pub fn consume(&mut self, stream: StreamKey, bytes: usize) {}

    /// A message of that many more bytes is wanted now: raises the stream's window to cover it.
    pub fn expect(&mut self, stream: StreamKey, bytes: usize) {}

    /// Moves queued stream data into the output, round-robin, within windows and the flush target.
    pub fn flush(&mut self) {}

    /// What waits to be written.
    pub fn output(&mut self) -> &mut Output {
        &mut self.output
    }

    /// Sends a PING; its answer is `Event::Pong`.
    pub fn ping(&mut self, payload: [u8; 8]) {}

    /// Graceful shutdown, step one; step two follows by itself one round trip later.
    pub fn shutdown(&mut self) {}

    /// Graceful shutdown, step two, at once.
    pub fn finish_shutdown(&mut self) {}

    /// GOAWAY with the last stream at once.
    pub fn close(&mut self, code: ErrorCode, reason: &str) {}

    /// Going away, and no stream left.
    pub fn is_drained(&self) -> bool {
        false
    }

    /// Either side has sent GOAWAY.
    pub fn is_going_away(&self) -> bool {
        false
    }

    /// Streams that are not closed.
    pub fn active_streams(&self) -> usize {
        0
    }

    /// What the peer's SETTINGS say.
    pub fn peer_settings(&self) -> &PeerSettings {
        &self.peer
    }

    /// What this connection met.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Changes the receive window of every stream by a new SETTINGS.
    pub fn set_stream_window(&mut self, bytes: u32) {}

    /// Gives memory back that an idle connection does not need.
    pub fn trim(&mut self) {}

    /// When [`Connection::handle_timeout`] wants to be called next. [`Timestamp::ZERO`] (at once) on
    /// a new connection, which does not know the time yet.
    pub fn next_timeout(&self) -> Option<Timestamp> {
        None
    }

    /// Does what is due at `now`; calling it early or late does no harm.
    ///
    /// # Errors
    /// The peer is dead or too slow; as for [`Connection::receive`].
    pub fn handle_timeout(&mut self, now: Timestamp) -> Result<(), ConnectionError> {
        Ok(())
    }
}
