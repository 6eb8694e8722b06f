//! One end of the pair: its connection, what it has not parsed yet, and the memory that it holds.

use std::collections::VecDeque;
use std::io::IoSlice;

use protocall_http2::config::MAX_CONTIGUOUS_INPUT;
use protocall_http2::{
    Config, Connection, Event, Field, HeadersKind, MAX_SLICES, Side, StreamKey, TemplateId,
    Timestamp,
};

use super::ledger::Ledger;
use super::violation::{Violation, ensure};
use super::{LiveBytes, Tuning};
use crate::link::{Link, Read};

/// A connection and its driver's state.
pub(super) struct End {
    pub(super) connection: Connection,
    pub(super) template: TemplateId,
    /// Bytes that arrived and could not be used yet.
    unread: Vec<u8>,
    /// Awaited data does not pass through the connection.
    in_place: bool,
    pub(super) pings: usize,
    pub(super) pongs: usize,
    pub(super) leaving: bool,
    /// All bytes that were read, for a replay.
    pub(super) heard: Vec<u8>,
    /// What was written, and what of `heard` the connection has used.
    pub(super) wrote: Ledger,
    pub(super) parsed: Ledger,
    /// What this end's connection has allocated, as far as `live` can tell.
    pub(super) memory: isize,
    live: LiveBytes,
}

/// What an event says, without the borrow.
pub(super) enum Note {
    Headers {
        stream: StreamKey,
        is_new: bool,
        trailers: bool,
        shared: bool,
        end: bool,
    },
    /// `phase`: where in the pattern the piece begins; `None` when it is not the pattern.
    Data {
        stream: StreamKey,
        bytes: usize,
        phase: Option<usize>,
        end: bool,
    },
    Reset {
        stream: StreamKey,
    },
    GoAway {
        last: u32,
    },
    Pong,
    Settings,
    Other(String),
}

impl End {
    pub(super) fn new(side: Side, tuning: &Tuning, live: LiveBytes) -> Self {
        let before = live();
        let mut connection = Connection::new(side, config(side, tuning));
        let template = connection.add_template(&[Field::indexed(b"x-shared", b"template")]);
        let memory = live() as isize - before as isize;
        Self {
            connection,
            template,
            unread: Vec::new(),
            in_place: match side {
                Side::Client => tuning.in_place.0,
                Side::Server => tuning.in_place.1,
            },
            pings: 0,
            pongs: 0,
            leaving: false,
            heard: Vec::new(),
            wrote: Ledger::new(side == Side::Client),
            parsed: Ledger::new(side == Side::Server),
            memory,
            live,
        }
    }

    /// Gives a command and accounts for the memory that it takes or frees.
    pub(super) fn command<T>(&mut self, command: impl FnOnce(&mut Connection) -> T) -> T {
        let before = (self.live)();
        let result = command(&mut self.connection);
        self.memory += (self.live)() as isize - before as isize;
        result
    }

    /// Reads at most `most` bytes that have arrived and notes the events; returns how many bytes
    /// were used, those that an earlier read left included.
    pub(super) fn read(
        &mut self,
        link: &mut Link,
        most: usize,
        now: Timestamp,
        mut note: impl FnMut(Note) -> Result<(), Violation>,
    ) -> Result<usize, Violation> {
        if let Some((bytes, data)) = self.read_in_place(link, most, now)? {
            note(data)?;
            return Ok(bytes);
        }
        if let Read::Bytes(bytes) = link.read(most, now) {
            self.heard.extend_from_slice(&bytes);
            self.unread.extend_from_slice(&bytes);
        }
        let unread = std::mem::take(&mut self.unread);
        let mut rest = &unread[..];
        loop {
            let before = (self.live)();
            let event = self.connection.receive(&mut rest, now);
            self.memory += (self.live)() as isize - before as isize;
            match event {
                Ok(Some(event)) => note(translate(&event))?,
                Ok(None) => break,
                Err(error) => return Err(Violation::new(format!("the connection died: {error}"))),
            }
        }
        let stuck = rest.len() > MAX_CONTIGUOUS_INPUT && !self.connection.wants_write();
        ensure!(!stuck, "{} bytes cannot be parsed", rest.len());
        let used = unread.len() - rest.len();
        self.parsed.note(unread.get(..used).unwrap_or_default());
        self.unread = unread;
        self.unread.drain(..used);
        Ok(used)
    }

    /// Reads data that is awaited next past the connection, as a driver may; how many bytes.
    fn read_in_place(
        &mut self,
        link: &mut Link,
        most: usize,
        now: Timestamp,
    ) -> Result<Option<(usize, Note)>, Violation> {
        let awaited = self.connection.awaited_data().filter(|_| self.in_place);
        let Some((stream, due)) = awaited.filter(|_| self.unread.is_empty()) else {
            return Ok(None);
        };
        let Read::Bytes(bytes) = link.read(most.min(due), now) else { return Ok(None) };
        self.heard.extend_from_slice(&bytes);
        self.parsed.note(&bytes);
        let end = self.command(|connection| connection.receive_in_place(bytes.len(), now));
        let Some(end) = end else {
            return Err(Violation::new(format!("{due} bytes were awaited, none are accepted")));
        };
        let phase = find_phase(&bytes);
        Ok(Some((bytes.len(), Note::Data { stream, bytes: bytes.len(), phase, end })))
    }

    /// Writes at most `most` bytes; returns how many, and the streams that have room again.
    pub(super) fn write(
        &mut self,
        link: &mut Link,
        most: usize,
        now: Timestamp,
    ) -> (usize, VecDeque<StreamKey>) {
        let mut written = 0;
        while written < most {
            self.command(Connection::flush);
            let output = self.connection.output();
            let mut slices = [IoSlice::new(&[]); MAX_SLICES];
            let filled = output.slices(&mut slices);
            let mut taken = 0;
            for slice in slices.iter().take(filled) {
                let piece = slice.get(..slice.len().min(most - written - taken));
                let piece = piece.unwrap_or_default();
                let accepted = link.write(piece, now);
                self.wrote.note(piece.get(..accepted).unwrap_or_default());
                taken += accepted;
                if accepted < slice.len() {
                    break;
                }
            }
            if taken == 0 {
                break;
            }
            written += taken;
            self.command(|connection| connection.output().advance(taken));
        }
        let mut writable = VecDeque::new();
        while let Some(key) = self.command(Connection::next_writable) {
            writable.push_back(key);
        }
        (written, writable)
    }
}

/// The payload byte at an offset of a stream is a function of both, so that nothing is stored.
const PERIOD: usize = 251;

/// Room for the longest payload at any offset.
static PATTERN: [u8; 128 * 1024] = {
    let mut pattern = [0; 128 * 1024];
    let mut at = 0;
    while at < pattern.len() {
        pattern[at] = (at % PERIOD) as u8;
        at += 1;
    }
    pattern
};

/// The payload of `size` bytes of a stream from `offset` on.
pub(super) fn payload(stream: u32, offset: u64, size: usize) -> &'static [u8] {
    let start = phase(stream, offset);
    PATTERN.get(start..start + size.min(PATTERN.len() - PERIOD)).unwrap_or_default()
}

/// Where in the pattern the payload of a stream stands at an offset.
pub(super) fn phase(stream: u32, offset: u64) -> usize {
    ((offset + u64::from(stream)) % PERIOD as u64) as usize
}

/// Where in the pattern a piece begins; `None` if it is not a piece of it.
fn find_phase(bytes: &[u8]) -> Option<usize> {
    let start = usize::from(bytes.first().copied().unwrap_or_default());
    (PATTERN.get(start..start + bytes.len()) == Some(bytes)).then_some(start)
}

fn translate(event: &Event<'_>) -> Note {
    match *event {
        Event::Headers { stream, fields, kind, end_stream } => Note::Headers {
            stream,
            is_new: kind == HeadersKind::Request,
            trailers: kind == HeadersKind::Trailers,
            shared: fields.find(b"x-shared").is_some_and(|field| field.value == b"template"),
            end: end_stream,
        },
        Event::Data { stream, bytes, end_stream } => {
            Note::Data { stream, bytes: bytes.len(), phase: find_phase(bytes), end: end_stream }
        }
        Event::Reset { stream, .. } => Note::Reset { stream },
        Event::GoAway { last_stream, .. } => Note::GoAway { last: last_stream },
        Event::Pong { .. } => Note::Pong,
        Event::Settings => Note::Settings,
        ref other => Note::Other(format!("{other:?}")),
    }
}

/// Windows as drawn; limits on abuse that a random application would trip out of the way, since
/// it resets and pings without measure. Those limits have tests of their own.
fn config(side: Side, tuning: &Tuning) -> Config {
    let mut config = Config::for_side(side);
    let (window, budget) = match side {
        Side::Client => (tuning.windows.0, tuning.budgets.0),
        Side::Server => (tuning.windows.1, tuning.budgets.1),
    };
    config.stream_window = window;
    config.connection_window = 65_535;
    config.receive_budget = budget;
    config.max_frame_bytes = tuning.max_frame_bytes;
    config.flush_target = tuning.flush_target;
    config.stream_send_buffer = tuning.stream_send_buffer;
    config.connection_send_buffer = tuning.stream_send_buffer * 4;
    config.preface_timeout = super::FOREVER;
    config.header_block_timeout = super::FOREVER;
    config.keepalive_interval = tuning.keepalive;
    config.keepalive_while_idle = true;
    config.keepalive_timeout = super::FOREVER;
    config.limits.min_ping_interval = std::time::Duration::ZERO;
    config.limits.min_ping_interval_idle = std::time::Duration::ZERO;
    config.limits.resets_received.burst = u32::MAX;
    config.limits.useless_frames.burst = u32::MAX;
    config.limits.control_frames_kill = u32::MAX;
    config
}
