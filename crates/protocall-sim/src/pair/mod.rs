//! A client and a server of ours over a simulated network, driven by operations at random, with
//! their invariants checked after every step.
//!
//! Whatever the applications do and however the bytes travel: windows stay in range, credit is
//! conserved, data arrives whole and in order, nobody who waits for room is forgotten, each stream
//! ends once, memory stays within what the limits and the unsent data explain, and the events do
//! not depend on how the bytes were cut. Attacks are not played here: both ends keep the protocol.

mod check;
mod end;
mod ledger;
mod operation;
mod replay;
mod script;
mod violation;

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use protocall_http2::{Connection, ErrorCode, Field, Part, Side, StreamKey};

pub use script::Script;
pub use violation::Violation;

use self::end::{End, Note};
use self::operation::Operation;
use self::violation::ensure;
use crate::choices::Choices;
use crate::link::Conditions;
use crate::{Duplex, Random};

/// Longer than any run: a time limit that must not play a part.
const FOREVER: Duration = Duration::from_secs(1_000_000);

/// Rounds in which the windows of the run itself are to carry what is left.
const ROUNDS: usize = 100;

/// Streams that live at once at most; enough for every order of turns to occur.
const LIVE_STREAMS: usize = 24;

/// The bytes that this thread's program has allocated and not freed, or a constant when nobody
/// counts them.
pub type LiveBytes = fn() -> usize;

/// For a program that does not count its memory.
pub fn uncounted() -> usize {
    0
}

/// What differs from run to run before the first step. The first of two is the client's.
#[derive(Clone, Debug, PartialEq)]
struct Tuning {
    /// Initial stream windows.
    windows: (u32, u32),
    /// Receive budgets.
    budgets: (u64, u64),
    /// The largest frame that both accept.
    max_frame_bytes: u32,
    /// Output at which a flush stops.
    flush_target: usize,
    /// Bytes that a stream queues before it is full; the connection's is four times that.
    stream_send_buffer: usize,
    /// Silence after which both ask for a sign of life.
    keepalive: Option<Duration>,
    /// The network.
    conditions: Conditions,
    /// The seed of the network's own decisions.
    seed: u64,
    /// Which side reads awaited data to where it belongs, past its connection.
    in_place: (bool, bool),
}

impl Tuning {
    /// Draws everything.
    fn draw(choices: &mut impl Choices) -> Self {
        let window = |choices: &mut _| [0, 1, 100, 5000, 65_535, 300_000][pick(choices, 6)];
        let budget = |choices: &mut _| [65_535, 100_000, 1_000_000][pick(choices, 3)];
        let piece = [1, 9, 1000, 16 * 1024, 1 << 20][pick(choices, 5)];
        Self {
            windows: (window(choices), window(choices)),
            budgets: (budget(choices), budget(choices)),
            max_frame_bytes: [16_384, 65_536][pick(choices, 2)],
            flush_target: [1, 10_000, 128 * 1024][pick(choices, 3)],
            stream_send_buffer: [1000, 64 * 1024][pick(choices, 2)],
            keepalive: [None, Some(Duration::from_millis(100))][pick(choices, 2)],
            conditions: Conditions {
                piece: (1 + piece / 100, piece),
                capacity: [3000, 256 * 1024][pick(choices, 2)],
                stall_percent: [0, 5][pick(choices, 2)],
                stall: Duration::from_secs(3),
                ..Conditions::default()
            },
            seed: choices.below(1 << 32),
            in_place: (pick(choices, 2) == 1, pick(choices, 2) == 1),
        }
    }
}

fn pick(choices: &mut impl Choices, among: u64) -> usize {
    choices.below(among) as usize
}

/// What one side knows of a stream.
#[derive(Debug, Default)]
struct Half {
    key: Option<StreamKey>,
    sent: u64,
    /// Commands that sent them.
    sends: usize,
    sent_head: bool,
    sent_end: bool,
    received: u64,
    unconsumed: u64,
    heads: u32,
    ended: bool,
    /// Ended by an event.
    reset: bool,
    /// Ended by this side's command.
    given_up: bool,
    /// Its capacity was 0 and it was not told otherwise since.
    waits: bool,
}

/// The two halves of a stream: the client's and the server's.
type Streams = BTreeMap<u32, [Half; 2]>;

/// Figures of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Figures {
    /// Operations run.
    pub steps: u64,
    /// Streams opened.
    pub streams: u64,
    /// DATA payload bytes that arrived.
    pub payload: u64,
    /// The most that one connection had allocated.
    pub memory: usize,
}

/// The world: two connections, the network between them, and what both sides must know.
struct Pair {
    tuning: Tuning,
    network: Duplex,
    /// Client, server.
    ends: [End; 2],
    streams: Streams,
    /// How far the client had heard when it opened each stream, for the replay.
    opened: Vec<usize>,
    /// Streams at most at a time, for the bound on memory.
    most_streams: usize,
    figures: Figures,
}

impl Pair {
    /// Two fresh connections.
    fn new(tuning: Tuning, live: LiveBytes) -> Self {
        Self {
            network: Duplex::new(tuning.seed, tuning.conditions.clone()),
            ends: [End::new(Side::Client, &tuning, live), End::new(Side::Server, &tuning, live)],
            streams: Streams::new(),
            opened: Vec::new(),
            most_streams: 0,
            figures: Figures::default(),
            tuning,
        }
    }

    /// Runs one operation and checks every invariant.
    fn step(&mut self, operation: Operation) -> Result<(), Violation> {
        let number = self.figures.steps;
        self.figures.steps += 1;
        self.run(operation)
            .and_then(|()| self.check())
            .map_err(|violation| violation.at(format_args!("step {number}, {operation:?}")))
    }

    /// Lets everything arrive and be consumed, opens the windows, and checks that nothing is lost
    /// and that other cuts of the same bytes give the same events.
    fn finish(mut self) -> Result<Figures, Violation> {
        self.settle(ROUNDS).map_err(|violation| violation.at("settling"))?;
        // a window of 0 lets nothing through, one of 1 takes as many rounds as there are bytes
        for side in [0, 1] {
            let mut tries = 0;
            while !self.ends[side].command(|c| c.set_stream_window(50_000)) {
                tries += 1;
                ensure!(tries < ROUNDS, "SETTINGS are never acknowledged");
                self.settle(ROUNDS).map_err(|violation| violation.at("settling"))?;
            }
        }
        self.settle(usize::MAX).map_err(|violation| violation.at("settling with open windows"))?;
        self.check_settled().map_err(|violation| violation.at("settled"))?;
        self.check_replays().map_err(|violation| violation.at("replaying"))?;
        Ok(self.figures)
    }

    fn run(&mut self, operation: Operation) -> Result<(), Violation> {
        match operation {
            Operation::Open { end } => self.open(end),
            Operation::Head { stream, end } => self.head(stream, end),
            Operation::Send { client, stream, size, referenced, end } => {
                self.send(side(client), stream, size, referenced, end);
            }
            Operation::Trailers { client, stream } => self.trailers(side(client), stream),
            Operation::Consume { client, stream, share } => {
                self.consume(side(client), stream, share);
            }
            Operation::Expect { client, stream, partial, bytes } => {
                if let Some((key, _)) = pick_half(&mut self.streams, side(client), stream) {
                    self.ends[side(client)].command(|c| c.expect(key, partial, bytes));
                }
            }
            Operation::Reset { client, stream } => {
                let Some((key, half)) = pick_half(&mut self.streams, side(client), stream) else {
                    return Ok(());
                };
                let reset = self.ends[side(client)].command(|c| c.reset(key, ErrorCode::CANCEL));
                half.given_up |= reset.is_ok();
            }
            Operation::Window { client, bytes } => {
                self.ends[side(client)].command(|c| c.set_stream_window(bytes));
            }
            Operation::Ping { client } => {
                let end = &mut self.ends[side(client)];
                end.command(|c| c.ping([7; 8]));
                end.pings += 1;
            }
            Operation::Shutdown { client } => {
                let end = &mut self.ends[side(client)];
                end.command(Connection::shutdown);
                end.leaving = true;
            }
            Operation::Trim { client } => self.ends[side(client)].command(Connection::trim),
            Operation::Write { client, bytes } => {
                self.write(side(client), bytes)?;
            }
            Operation::Read { client, bytes } => {
                self.read(side(client), bytes)?;
            }
            Operation::Wait { micros } => self.wait(micros)?,
        }
        Ok(())
    }

    fn open(&mut self, end: bool) {
        if self.streams.len() >= LIVE_STREAMS {
            return;
        }
        let client = &mut self.ends[0];
        let template = client.template;
        let head = [
            Part::Field(Field::indexed(b":method", b"POST")),
            Part::Field(Field::indexed(b":scheme", b"http")),
            Part::Field(Field::indexed(b":path", b"/some/path")),
            Part::Template(template),
        ];
        if let Ok(key) = client.command(|c| c.open(&head, end)) {
            let half = Half { key: Some(key), sent_head: true, sent_end: end, ..Half::default() };
            self.streams.insert(key.id(), [half, Half::default()]);
            self.opened.push(client.heard.len());
            self.figures.streams += 1;
        }
    }

    fn head(&mut self, stream: usize, end: bool) {
        let server = &mut self.ends[1];
        let template = server.template;
        let head = [Part::Field(Field::indexed(b":status", b"200")), Part::Template(template)];
        let Some((key, half)) = pick_half(&mut self.streams, 1, stream) else { return };
        if !half.sent_head && server.command(|c| c.send_headers(key, &head, end)).is_ok() {
            half.sent_head = true;
            half.sent_end = end;
        }
    }

    fn send(&mut self, side: usize, stream: usize, size: usize, referenced: bool, end: bool) {
        let Some((key, half)) = pick_half(&mut self.streams, side, stream) else { return };
        let data = end::payload(key.id(), half.sent, size);
        let sent = self.ends[side].command(|connection| {
            if referenced {
                connection.send_data(key, Bytes::from_static(data), end)
            } else {
                connection.send_data_copied(key, data, end)
            }
        });
        if sent.is_ok() {
            half.sent += data.len() as u64;
            half.sends += 1;
            half.sent_end = end;
            half.waits = self.ends[side].connection.capacity(key) == 0;
        }
    }

    fn trailers(&mut self, side: usize, stream: usize) {
        let end = &mut self.ends[side];
        let trailers = [Part::Template(end.template)];
        let Some((key, half)) = pick_half(&mut self.streams, side, stream) else { return };
        // before its head, a server's trailers would be its head
        if half.sent_head && end.command(|c| c.send_headers(key, &trailers, true)).is_ok() {
            half.sent_end = true;
        }
    }

    fn consume(&mut self, side: usize, stream: usize, share: usize) {
        let Some((key, half)) = pick_half(&mut self.streams, side, stream) else { return };
        let bytes = half.unconsumed / share.max(1) as u64;
        half.unconsumed -= bytes;
        self.ends[side].command(|c| c.consume(key, bytes as usize));
    }

    fn write(&mut self, side: usize, most: usize) -> Result<usize, Violation> {
        let now = self.network.now();
        let link =
            if side == 0 { &mut self.network.to_server } else { &mut self.network.to_client };
        let (written, writable) = self.ends[side].write(link, most, now);
        for key in writable {
            let halves = self.streams.get_mut(&key.id());
            let half = halves.map(|halves| &mut halves[side]).filter(|half| half.key == Some(key));
            ensure!(half.is_some(), "a stream has room that nobody knows: {key:?}");
            if let Some(half) = half {
                half.waits = false;
            }
        }
        Ok(written)
    }

    fn read(&mut self, side: usize, most: usize) -> Result<usize, Violation> {
        let now = self.network.now();
        let link =
            if side == 0 { &mut self.network.to_client } else { &mut self.network.to_server };
        let (streams, figures) = (&mut self.streams, &mut self.figures);
        let mut pongs = 0;
        let used = self.ends[side].read(link, most, now, |note| {
            pongs += usize::from(matches!(note, Note::Pong));
            hear(streams, side, note, figures)
        })?;
        self.ends[side].pongs += pongs;
        Ok(used)
    }

    fn wait(&mut self, micros: u64) -> Result<(), Violation> {
        let deadline = self.network.now().after(Duration::from_micros(micros));
        self.network.advance(Some(deadline));
        let now = self.network.now();
        for end in &mut self.ends {
            if let Err(error) = end.command(|c| c.handle_timeout(now)) {
                return Err(Violation::new(format!("the connection timed out: {error}")));
            }
        }
        Ok(())
    }
}

/// The index of a side.
const fn side(client: bool) -> usize {
    if client { 0 } else { 1 }
}

/// One of the streams that a side knows, newest first.
fn pick_half(streams: &mut Streams, side: usize, index: usize) -> Option<(StreamKey, &mut Half)> {
    let count = streams.len();
    let halves = streams.values_mut().rev().nth(index % count.max(1))?;
    let half = &mut halves[side];
    Some((half.key?, half))
}

/// Notes an event, and checks that it may come now.
fn hear(
    streams: &mut Streams,
    side: usize,
    note: Note,
    figures: &mut Figures,
) -> Result<(), Violation> {
    match note {
        Note::Headers { stream, is_new, trailers, shared, end } => {
            let Some(halves) = streams.get_mut(&stream.id()) else {
                return Err(Violation::new(format!("headers of an unknown stream {stream:?}")));
            };
            let half = &mut halves[side];
            if is_new {
                ensure!(half.key.is_none(), "stream {stream:?} began twice");
                half.key = Some(stream);
            }
            ensure!(half.key == Some(stream), "headers under another key: {stream:?}");
            ensure!(!half.ended && !half.reset && !half.given_up, "headers after the end");
            ensure!(trailers == (half.heads == 1), "{trailers} is wrong for {}", half.heads);
            ensure!(shared, "a field is missing");
            half.heads += 1;
            half.ended = end;
        }
        Note::Data { stream, bytes, phase, end } => {
            let half = streams.get_mut(&stream.id()).map(|halves| &mut halves[side]);
            let Some(half) = half.filter(|half| half.key == Some(stream)) else {
                return Err(Violation::new(format!("data of an unknown stream {stream:?}")));
            };
            ensure!(!half.ended && !half.reset && !half.given_up, "data after the end");
            ensure!(half.heads == 1, "data before the head");
            ensure!(end || bytes > 0, "an event without meaning");
            let expected = end::phase(stream.id(), half.received);
            ensure!(bytes == 0 || phase == Some(expected), "stream {stream:?}: other data");
            half.received += bytes as u64;
            half.unconsumed += bytes as u64;
            half.ended = end;
            figures.payload += bytes as u64;
        }
        Note::Reset { stream } => {
            let half = streams.get_mut(&stream.id()).map(|halves| &mut halves[side]);
            let Some(half) = half.filter(|half| half.key == Some(stream)) else {
                return Err(Violation::new(format!("reset of an unknown stream {stream:?}")));
            };
            ensure!(!half.reset && !half.given_up, "a second end of {stream:?}");
            half.reset = true;
        }
        Note::GoAway { last } => {
            ensure!(last <= 0x7fff_ffff, "GOAWAY names {last}");
        }
        Note::Other(event) => return Err(Violation::new(format!("unexpected event {event}"))),
        Note::Pong | Note::Settings => {}
    }
    Ok(())
}

/// Runs `steps` operations decided by `choices` (fewer if they are spent) and finishes.
///
/// # Errors
/// The invariant that did not hold.
pub fn run(choices: &mut impl Choices, steps: u64, live: LiveBytes) -> Result<Figures, Violation> {
    Script::draw(choices, steps).play(live)
}

/// [`run`] with the decisions that belong to `seed`.
///
/// # Errors
/// The invariant that did not hold.
pub fn run_seed(seed: u64, steps: u64, live: LiveBytes) -> Result<Figures, Violation> {
    run(&mut Random::new(seed), steps, live)
}
