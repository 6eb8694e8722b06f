//! Settings of both sides (RFC 9113 section 6.5): the peer's take effect on arrival, ours once the
//! peer has acknowledged them. Reading and writing the frame is `frame::settings`' part.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::config::Config;
use crate::connection::{Connection, Side};
use crate::error::ConnectionError;
use crate::flow::{MAX_WINDOW, PROTOCOL_WINDOW};
use crate::frame::settings::{self as wire, Setting};
use crate::frame::{Head, MAX_31_BITS, MIN_MAX_FRAME_BYTES, flag};
use crate::recv::Step;
use crate::time::Timestamp;

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

impl Default for PeerSettings {
    fn default() -> Self {
        Self {
            received: false,
            header_table_bytes: 4096,
            max_concurrent_streams: None,
            initial_window: PROTOCOL_WINDOW as u32,
            max_frame_bytes: MIN_MAX_FRAME_BYTES,
            max_header_list_bytes: None,
        }
    }
}

/// What changes when the peer acknowledges a SETTINGS frame of ours.
#[derive(Clone, Copy, Debug)]
struct Unacknowledged {
    /// When it was queued, if that is known yet.
    since: Option<Timestamp>,
    stream_window: u32,
    header_table_bytes: Option<u32>,
}

/// Our own settings.
#[derive(Debug)]
pub(crate) struct LocalSettings {
    /// The initial stream window in force.
    pub(crate) stream_window: i64,
    /// The one that was told to the peer last.
    announced: u32,
    /// Our first SETTINGS were acknowledged: the peer knows our limits.
    pub(crate) known_to_peer: bool,
    pending: VecDeque<Unacknowledged>,
}

impl LocalSettings {
    pub(crate) fn new(announced: u32) -> Self {
        let pending = VecDeque::new();
        Self { stream_window: PROTOCOL_WINDOW, announced, known_to_peer: false, pending }
    }

    /// When the frame was queued whose acknowledgement is due next.
    pub(crate) fn unacknowledged_since(&self) -> Option<Timestamp> {
        self.pending.front()?.since
    }

    /// A frame was queued, and it is not known when.
    pub(crate) fn is_untold(&self) -> bool {
        self.pending.back().is_some_and(|frame| frame.since.is_none())
    }

    /// Learns the time.
    pub(crate) fn tell(&mut self, now: Timestamp) {
        for frame in &mut self.pending {
            frame.since.get_or_insert(now);
        }
    }
}

/// Our SETTINGS frames that may wait for an acknowledgement; a peer that owes more gets no others.
const MAX_UNACKNOWLEDGED: usize = 16;

impl Connection {
    /// Queues our first SETTINGS.
    pub(crate) fn announce_settings(&mut self) {
        let Config { max_concurrent_streams, stream_window, .. } = *self.config;
        let mut list = [Setting::Other; 5];
        list[0] = match self.side {
            Side::Client => Setting::EnablePush(false),
            Side::Server => Setting::MaxConcurrentStreams(max_concurrent_streams),
        };
        list[1] = Setting::InitialWindowSize(stream_window);
        list[2] = Setting::MaxFrameSize(self.config.max_frame_bytes);
        let list_bytes = self.config.limits.header_list_bytes;
        list[3] = Setting::MaxHeaderListSize(u32::try_from(list_bytes).unwrap_or(u32::MAX));
        let table = self.config.header_table_bytes;
        if table != PeerSettings::default().header_table_bytes {
            list[4] = Setting::HeaderTableSize(table);
        }
        wire::write(&list, self.output.buffer());
        self.local.pending.push_back(Unacknowledged {
            since: None,
            stream_window,
            header_table_bytes: Some(table),
        });
    }

    /// Changes the initial receive window of every stream, open ones included, by a new SETTINGS
    /// frame; in force once the peer acknowledges it. False if too many changes are still
    /// unacknowledged: nothing was changed. Adaptive windows grow from there on.
    pub fn set_stream_window(&mut self, bytes: u32) -> bool {
        if self.local.pending.len() >= MAX_UNACKNOWLEDGED {
            return false;
        }
        Arc::make_mut(&mut self.config).stream_window = bytes.min(MAX_31_BITS / 2);
        self.restart_estimate();
        self.announce_stream_window(self.wanted_stream_window());
        true
    }

    /// Tells the peer another initial stream window than before. One change at a time: while the
    /// peer owes an acknowledgement, nothing is told, and the acknowledgement leads here again.
    pub(crate) fn adapt_stream_window(&mut self) {
        let window = self.wanted_stream_window();
        if window != self.local.announced && self.local.pending.is_empty() {
            self.announce_stream_window(window);
        }
    }

    fn announce_stream_window(&mut self, stream_window: u32) {
        self.local.announced = stream_window;
        wire::write(&[Setting::InitialWindowSize(stream_window)], self.output.buffer());
        self.local.pending.push_back(Unacknowledged {
            since: None,
            stream_window,
            header_table_bytes: None,
        });
    }

    /// What the peer's SETTINGS say.
    pub fn peer_settings(&self) -> &PeerSettings {
        &self.peer
    }

    /// A SETTINGS frame arrived.
    pub(crate) fn on_settings(
        &mut self,
        head: Head,
        payload: &[u8],
    ) -> Result<Option<Step<'static>>, ConnectionError> {
        if head.has(flag::ACK) {
            self.settings_acknowledged()?;
            return Ok(None);
        }
        self.counters.met().settings_received += 1;
        if self.peer.received {
            // each costs an acknowledgement, and maybe a look at every stream
            self.useless_frame()?;
        }
        for setting in wire::read(payload) {
            self.apply(setting?)?;
        }
        self.peer.received = true;
        wire::write_ack(self.output.buffer());
        self.note_answer()?;
        Ok(Some(Step::Settings))
    }

    fn settings_acknowledged(&mut self) -> Result<(), ConnectionError> {
        let Some(acknowledged) = self.local.pending.pop_front() else {
            return self.stray_frame();
        };
        self.local.known_to_peer = true;
        if let Some(since) = acknowledged.since {
            self.estimator.saw_round_trip(self.now.since(since), self.now);
        }
        let changed = i64::from(acknowledged.stream_window) != self.local.stream_window;
        self.local.stream_window = i64::from(acknowledged.stream_window);
        if changed {
            self.window_changed();
        }
        if let Some(bytes) = acknowledged.header_table_bytes {
            self.decoder.set_max_table_size(bytes as usize);
        }
        self.adapt_stream_window();
        Ok(())
    }

    fn apply(&mut self, setting: Setting) -> Result<(), ConnectionError> {
        match setting {
            Setting::HeaderTableSize(bytes) => {
                self.peer.header_table_bytes = bytes;
                if bytes > self.config.encoder_table_bytes {
                    self.counters.met().header_tables_capped += 1;
                }
                self.encoder.set_peer_table_size(bytes as usize);
            }
            Setting::EnablePush(true) if self.side == Side::Client => {
                return Err(ConnectionError::protocol("a server must not enable push"));
            }
            Setting::MaxConcurrentStreams(streams) => {
                self.peer.max_concurrent_streams = Some(streams);
            }
            Setting::InitialWindowSize(bytes) => self.apply_initial_window(bytes)?,
            Setting::MaxFrameSize(bytes) => self.peer.max_frame_bytes = bytes,
            Setting::MaxHeaderListSize(bytes) => self.peer.max_header_list_bytes = Some(bytes),
            Setting::EnablePush(_) | Setting::Other => {}
        }
        Ok(())
    }

    /// All stream windows shift by the difference (RFC 9113 section 6.9.2); since they are kept as
    /// differences, only streams that wait for a window are looked at.
    fn apply_initial_window(&mut self, bytes: u32) -> Result<(), ConnectionError> {
        let raised = bytes > self.peer.initial_window;
        self.peer.initial_window = bytes;
        if !raised {
            return Ok(());
        }
        let initial = i64::from(bytes);
        if initial + self.sending.largest_delta > MAX_WINDOW {
            let deltas = self.store.iter().map(|(_, stream)| stream.window.delta());
            self.sending.largest_delta = deltas.max().unwrap_or(0).max(0);
            if initial + self.sending.largest_delta > MAX_WINDOW {
                return Err(ConnectionError::flow_control(
                    "SETTINGS_INITIAL_WINDOW_SIZE lifts a stream's window above 2^31-1",
                ));
            }
        }
        self.sending.unblock_all(&mut self.store, initial);
        self.note_windows();
        Ok(())
    }
}
