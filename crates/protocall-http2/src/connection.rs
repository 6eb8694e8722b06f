//! The connection as a whole: what it consists of, and how it begins. What it does is in `recv`
//! (input to events), `send` (commands to output), `settings`, `liveness` and `shutdown`, each of
//! which adds its own commands to [`Connection`].

use crate::budget::{Budgets, Counters, Tally};
use crate::config::{Config, DEFAULT_ENCODER_TABLE_BYTES};
use crate::error::ConnectionError;
use crate::fields::{Field, Fields};
use crate::flow::{AT_ONCE, ConnectionCredit, Estimator, MAX_WINDOW, Pressure};
use crate::frame::{MAX_31_BITS, MAX_MAX_FRAME_BYTES, MIN_MAX_FRAME_BYTES};
use crate::hpack::{Decoder, Encoder};
use crate::liveness::Liveness;
use crate::output::Output;
use crate::recv::{PREFACE, Reader, estimator};
use crate::send::{Sending, Templates};
use crate::settings::{LocalSettings, PeerSettings};
use crate::shutdown::Shutdown;
use crate::stream::{Store, StreamKey};
use crate::time::Timestamp;
use std::sync::Arc;

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
    /// A run of fields known beforehand, of the same connection.
    Template(TemplateId),
    /// One field.
    Field(Field<'a>),
}

/// Flow-control windows in bytes (RFC 9113 section 5.2), for observers and tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlowWindows {
    /// What this side may still send; a stream's may be negative (RFC 9113 section 6.9.2).
    pub send: i64,
    /// What the peer may still send, as far as this side has accounted.
    pub receive: i64,
    /// Received bytes that were not consumed yet.
    pub unconsumed: u64,
}

/// One HTTP/2 connection, either side (RFC 9113).
///
/// The driver feeds input to [`receive`](Self::receive) until it answers `None`, gives commands,
/// calls [`flush`](Self::flush), and writes what [`output`](Self::output) holds.
#[derive(Debug)]
pub struct Connection {
    pub(crate) side: Side,
    pub(crate) config: Arc<Config>,
    /// The latest time that the driver told.
    pub(crate) now: Timestamp,
    pub(crate) dead: Option<ConnectionError>,

    pub(crate) reader: Reader,
    pub(crate) decoder: Decoder,
    pub(crate) fields: Fields,

    pub(crate) store: Store,
    /// Client: the id of the next stream.
    pub(crate) next_stream: u32,
    /// Server: the highest stream id that the peer used.
    pub(crate) last_peer_stream: u32,
    /// Server: the highest stream id that was accepted.
    pub(crate) last_processed: u32,
    /// The last stream in the peer's GOAWAY.
    pub(crate) peer_last_stream: Option<u32>,

    pub(crate) credit: ConnectionCredit,
    pub(crate) pressure: Pressure,
    pub(crate) estimator: Estimator,
    pub(crate) local: LocalSettings,
    pub(crate) peer: PeerSettings,

    pub(crate) sending: Sending,
    pub(crate) encoder: Encoder,
    pub(crate) templates: Templates,
    pub(crate) output: Output,
    /// Answers queued since all were last written, and where in the output the latest one ends.
    pub(crate) answers: u32,
    pub(crate) answers_end: u64,

    pub(crate) budgets: Budgets,
    pub(crate) counters: Tally,
    pub(crate) liveness: Liveness,
    /// Server: the least header list that any answer needs.
    pub(crate) least_response: u32,
    pub(crate) shutdown: Shutdown,
    /// GOAWAY's debug data in a graceful shutdown.
    pub(crate) leaving_because: &'static str,
}

impl Connection {
    /// A new connection. Queues the client's preface, SETTINGS, and the WINDOW_UPDATE that lifts
    /// the connection window. Values of `config` outside the protocol's range are brought into it.
    /// Connections that are given the same `Arc` share it.
    pub fn new(side: Side, config: impl Into<Arc<Config>>) -> Self {
        let config = in_range(config.into());
        let mut connection = Self {
            side,
            now: Timestamp::ZERO,
            dead: None,
            reader: Reader::new(side),
            decoder: Decoder::new(PeerSettings::default().header_table_bytes as usize),
            fields: Fields::default(),
            store: Store::default(),
            next_stream: config.first_stream_id,
            last_peer_stream: 0,
            last_processed: 0,
            peer_last_stream: None,
            credit: ConnectionCredit::new(config.connection_window, config.receive_budget),
            pressure: Pressure::new(config.receive_budget),
            estimator: estimator(&config),
            local: LocalSettings::new(config.stream_window),
            peer: PeerSettings::default(),
            sending: Sending::new(),
            encoder: Encoder::limited_to(config.encoder_table_bytes as usize),
            templates: Templates::default(),
            output: Output::default(),
            answers: 0,
            answers_end: 0,
            budgets: Budgets::new(&config.limits),
            counters: Tally::default(),
            liveness: Liveness::default(),
            least_response: 0,
            shutdown: Shutdown::default(),
            leaving_because: "",
            config,
        };
        if side == Side::Client {
            connection.output.buffer().extend_from_slice(PREFACE);
        }
        connection.announce_settings();
        connection.return_connection_credit(AT_ONCE);
        connection
    }

    /// Which end this is.
    pub fn side(&self) -> Side {
        self.side
    }

    /// What waits to be written.
    pub fn output(&mut self) -> &mut Output {
        &mut self.output
    }

    /// Streams that are not closed.
    pub fn active_streams(&self) -> usize {
        self.store.len()
    }

    /// Whether the stream is not closed, so that commands on it have an effect.
    pub fn is_open(&self, stream: StreamKey) -> bool {
        self.store.get(stream).is_some()
    }

    /// What this connection met since it began, or since it was last handed over.
    pub fn counters(&self) -> Counters {
        self.counters.counters()
    }

    /// Hands over how many streams were completed, for whoever adds up connections: from here on
    /// [`Connection::counters`] counts them anew.
    pub fn take_completed(&mut self) -> u64 {
        self.counters.take_completed()
    }

    /// Hands over all other counters; `None`, as nearly always, when nothing unusual was met since
    /// that was last asked. Of no completed streams: [`Connection::take_completed`] has them.
    pub fn take_unusual(&mut self) -> Option<Box<Counters>> {
        self.counters.take_unusual()
    }

    /// The connection's own windows.
    pub fn flow_windows(&self) -> FlowWindows {
        FlowWindows {
            send: self.sending.window,
            receive: self.credit.window(),
            unconsumed: self.credit.unconsumed(),
        }
    }

    /// A stream's windows; `None` if it is gone.
    pub fn stream_flow_windows(&self, stream: StreamKey) -> Option<FlowWindows> {
        let stream = self.store.get(stream)?;
        Some(FlowWindows {
            send: stream.window.available(i64::from(self.peer.initial_window)),
            receive: stream.credit.window(self.local.stream_window),
            unconsumed: stream.credit.unconsumed(),
        })
    }

    /// Gives memory back that an idle connection does not need. For a driver to call when nothing
    /// has happened for a while; the next burst allocates again.
    pub fn trim(&mut self) {
        self.output.trim();
        self.reader.trim();
        self.store.trim();
        self.decoder.trim();
        self.encoder.trim();
        self.templates.trim();
        self.fields = Fields::default();
    }
}

/// Brings every value into the protocol's range, so that no setting can break the connection.
fn in_range(shared: Arc<Config>) -> Arc<Config> {
    let mut config = Config::clone(&shared);
    // Together they stay below 2^31, so that a raised window never overflows.
    config.stream_window = config.stream_window.min(MAX_31_BITS / 2);
    config.max_window = config.max_window.min(MAX_31_BITS / 2);
    config.connection_window = config.connection_window.min(MAX_WINDOW as u32);
    config.receive_budget = config.receive_budget.max(u64::from(config.connection_window));
    config.first_stream_id = config.first_stream_id.min(MAX_31_BITS) | 1;
    config.encoder_table_bytes = config.encoder_table_bytes.min(DEFAULT_ENCODER_TABLE_BYTES);
    config.max_frame_bytes = config.max_frame_bytes.clamp(MIN_MAX_FRAME_BYTES, MAX_MAX_FRAME_BYTES);
    if config == *shared { shared } else { Arc::new(config) }
}
