//! Messages of any size on many streams of one connection, against its receive budget.
//!
//! One side sends; the other puts messages together as `protocall-transport` does: it waits for
//! the rest of a message when it has taken all whole ones, and takes a message when it is whole.
//! Some readers are slow and some never read. Whatever the sizes: every message arrives whose
//! reader reads, what is held stays within a function of the limits, and nobody waits for ever for
//! the readers beside it.

use std::collections::BTreeMap;
use std::io::IoSlice;
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use protocall_http2::{Config, Connection, Event, Field, MAX_SLICES, Part, Side, StreamKey};

use crate::choices::Choices;
use crate::link::{Conditions, Link, Read};
use crate::pair::Violation;
use crate::shrink::{Shrink, simpler_numbers};
use crate::{Duplex, Random, Timestamp};

/// Bytes in front of a message that tell its length, as gRPC's.
const PREFIX: usize = 5;

/// The longest time that a reader thinks about a message.
const THOUGHT: Duration = Duration::from_millis(50);

/// Longer than any of these transfers takes, in the network's time.
const PATIENCE: Duration = Duration::from_secs(3600);

/// What a run is made of.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The messages of each stream, without their prefixes.
    pub streams: Vec<Vec<usize>>,
    /// How each stream's reader behaves.
    pub readers: Vec<Reader>,
    /// The receiver's budget.
    pub budget: u64,
    /// Initial windows: a stream's and the connection's.
    pub windows: (u32, u32),
    /// The most that a window is raised to.
    pub max_window: u32,
    /// Whether windows adapt to the path.
    pub adaptive: bool,
    /// The network.
    pub conditions: Conditions,
    /// The seed of the network's own decisions.
    pub seed: u64,
}

/// How a stream is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Takes each message when it is whole.
    Prompt,
    /// Takes a message some time after the one before.
    Slow(Duration),
    /// Takes nothing.
    Never,
}

/// What a run came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// Bytes of messages that were read.
    pub bytes: u64,
    /// The most that the receiver held at once.
    pub most_held: u64,
    /// Times that windows were narrowed.
    pub narrowed: u64,
    /// The network's time until the last message of a prompt reader was read.
    pub took: Duration,
}

impl Plan {
    /// Draws one, mostly of messages around the windows and the budget.
    pub fn draw(choices: &mut impl Choices) -> Self {
        let budget = [65_535, 100_000, 400_000][choices.below(3) as usize];
        let largest = [100, 20_000, budget / 2, budget + budget / 2][choices.below(4) as usize];
        let streams = choices.between(1, 40) as usize;
        let readers_are_slow = choices.below(3) == 0;
        let mut plan = Self {
            streams: Vec::new(),
            readers: Vec::new(),
            budget,
            windows: ([1000, 16_384, 65_535, 200_000][choices.below(4) as usize], 65_535),
            max_window: [20_000, 1 << 24][choices.below(2) as usize],
            adaptive: choices.below(2) == 0,
            conditions: Conditions {
                piece: [(1, 500), (1, 16_384), (1000, 100_000)][choices.below(3) as usize],
                ..Conditions::default()
            },
            seed: choices.below(1 << 32),
        };
        for _ in 0..streams {
            let count = choices.between(1, 3);
            let messages = (0..count).map(|_| {
                let most = if choices.below(3) == 0 { 64 } else { largest };
                choices.below(most + 1) as usize
            });
            plan.streams.push(messages.collect());
            plan.readers.push(match choices.below(8) {
                0 if readers_are_slow => Reader::Never,
                1 | 2 if readers_are_slow => Reader::Slow(THOUGHT),
                _ => Reader::Prompt,
            });
        }
        plan
    }

    /// The one that belongs to `seed`.
    pub fn of_seed(seed: u64) -> Self {
        Self::draw(&mut Random::new(seed))
    }

    fn largest(&self) -> u64 {
        let sizes = self.streams.iter().flatten();
        sizes.map(|size| size + PREFIX).max().unwrap_or_default() as u64
    }

    /// What the receiver may hold: twice the budget and a quarter, and one message.
    fn bound(&self) -> u64 {
        let budget = self.budget.max(u64::from(self.windows.1));
        2 * budget + budget / 4 + self.largest()
    }
}

impl Shrink for Plan {
    fn parts(&self) -> usize {
        self.streams.len()
    }

    fn without(&self, parts: Range<usize>) -> Self {
        let mut smaller = self.clone();
        smaller.streams.drain(parts.clone());
        smaller.readers.drain(parts);
        smaller
    }

    fn simpler(&self, part: Option<usize>) -> Vec<Self> {
        let mut all = Vec::new();
        let mut add = |change: &dyn Fn(&mut Self)| {
            let mut simpler = self.clone();
            change(&mut simpler);
            all.push(simpler);
        };
        let Some(stream) = part else {
            if self.conditions != Conditions::default() {
                add(&|plan| plan.conditions = Conditions::default());
            }
            if self.adaptive {
                add(&|plan| plan.adaptive = false);
            }
            return all;
        };
        if self.readers[stream] != Reader::Prompt {
            add(&|plan| plan.readers[stream] = Reader::Prompt);
        }
        let messages = &self.streams[stream];
        for (message, size) in messages.iter().enumerate() {
            if messages.len() > 1 {
                add(&|plan| {
                    plan.streams[stream].remove(message);
                });
            }
            for simpler in simpler_numbers(*size) {
                add(&|plan| plan.streams[stream][message] = simpler);
            }
        }
        all
    }
}

/// A stream as its receiver sees it.
struct Inbox {
    key: StreamKey,
    reader: Reader,
    /// Sizes of the messages to come, prefixes included.
    expected: Vec<usize>,
    /// Bytes that came and were not taken.
    held: usize,
    /// When a slow reader takes the next message.
    ready_at: Timestamp,
}

impl Inbox {
    /// Whole messages that are there, how much of the next is there, and what it lacks once its
    /// prefix is known.
    fn state(&self) -> (usize, usize, usize) {
        let (mut whole, mut left) = (0, self.held);
        for size in &self.expected {
            if left < *size {
                return (whole, left, if left < PREFIX { 0 } else { size - left });
            }
            whole += 1;
            left -= size;
        }
        (whole, left, 0)
    }

    /// Takes all whole messages if the reader does so now; tells HTTP/2 as the transport does.
    fn read(&mut self, connection: &mut Connection, now: Timestamp) -> u64 {
        let (whole, ..) = self.state();
        let mut taken = 0;
        if whole > 0 && self.reader != Reader::Never && now >= self.ready_at {
            taken = self.expected.drain(..whole).sum();
            self.held -= taken;
            connection.consume(self.key, taken);
            if let Reader::Slow(thought) = self.reader {
                self.ready_at = now.after(thought);
            }
        }
        if self.waits(connection.is_pressed(), now) {
            let (_, partial, missing) = self.state();
            connection.expect(self.key, partial, missing);
        }
        taken as u64
    }

    /// Whether the next message is asked for: once all whole ones are taken, and when memory is
    /// short only if the reader is there to take it.
    fn waits(&self, is_pressed: bool, now: Timestamp) -> bool {
        let is_there = self.reader != Reader::Never && now >= self.ready_at;
        let (whole, _, missing) = self.state();
        whole == 0 && missing > 0 && (is_there || !is_pressed)
    }
}

/// A run in progress: the server sends, the client receives.
struct Run<'a> {
    plan: &'a Plan,
    network: Duplex,
    client: Connection,
    server: Connection,
    unread: [Vec<u8>; 2],
    inboxes: BTreeMap<u32, Inbox>,
    outboxes: Vec<(usize, StreamKey)>,
    pressed: bool,
    outcome: Outcome,
}

/// Carries a plan out.
///
/// # Errors
/// The rule that did not hold.
pub fn run(plan: &Plan) -> Result<Outcome, Violation> {
    let mut run = Run::new(plan)?;
    let begin = run.network.now();
    let end = begin.after(PATIENCE);
    loop {
        let now = run.network.now();
        run.turn(now)?;
        if run.wanted() == 0 {
            run.outcome.took = now.since(begin);
            break;
        }
        let thinks = run.inboxes.values().map(|inbox| inbox.ready_at).filter(|at| *at > now);
        let timeouts = [run.client.next_timeout(), run.server.next_timeout()];
        let next = thinks.chain(timeouts.into_iter().flatten().filter(|at| *at < end)).min();
        if !run.network.advance(next) || run.network.now() >= end {
            return Err(run.stuck());
        }
    }
    run.outcome.narrowed = run.client.counters().windows_narrowed;
    Ok(run.outcome)
}

/// [`run`] with the plan that belongs to `seed`.
///
/// # Errors
/// The rule that did not hold.
pub fn run_seed(seed: u64) -> Result<Outcome, Violation> {
    run(&Plan::of_seed(seed))
}

impl<'a> Run<'a> {
    fn new(plan: &'a Plan) -> Result<Self, Violation> {
        let mut config = Config::client();
        config.stream_window = plan.windows.0;
        config.connection_window = plan.windows.1;
        config.receive_budget = plan.budget;
        config.max_window = plan.max_window;
        config.adaptive_window = plan.adaptive;
        let mut server = Config::server();
        server.stream_send_buffer = usize::MAX;
        server.connection_send_buffer = usize::MAX;
        server.keepalive_interval = None;
        let mut run = Self {
            plan,
            network: Duplex::new(plan.seed, plan.conditions.clone()),
            client: Connection::new(Side::Client, config),
            server: Connection::new(Side::Server, server),
            unread: [Vec::new(), Vec::new()],
            inboxes: BTreeMap::new(),
            outboxes: Vec::new(),
            pressed: false,
            outcome: Outcome::default(),
        };
        let head = [
            Part::Field(Field::indexed(b":method", b"POST")),
            Part::Field(Field::indexed(b":scheme", b"http")),
            Part::Field(Field::indexed(b":path", b"/messages")),
        ];
        for (messages, reader) in plan.streams.iter().zip(&plan.readers) {
            let opened = run.client.open(&head, true);
            let key = opened.map_err(|error| Violation::new(format!("no stream: {error}")))?;
            let expected = messages.iter().map(|size| size + PREFIX).collect();
            let ready_at = Timestamp::ZERO;
            let inbox = Inbox { key, reader: *reader, expected, held: 0, ready_at };
            run.inboxes.insert(key.id(), inbox);
        }
        Ok(run)
    }

    /// Messages that prompt and slow readers still wait for.
    fn wanted(&self) -> usize {
        let read = self.inboxes.values().filter(|inbox| inbox.reader != Reader::Never);
        read.map(|inbox| inbox.expected.len()).sum()
    }

    /// Nothing moves any more, and somebody waits.
    fn stuck(&self) -> Violation {
        let whole = self.client.flow_windows();
        let streams: Vec<String> = self
            .inboxes
            .values()
            .filter(|inbox| inbox.reader != Reader::Never && !inbox.expected.is_empty())
            .map(|inbox| {
                let windows = self.client.stream_flow_windows(inbox.key);
                let windows = windows.map(|windows| (windows.receive, windows.unconsumed));
                format!("{:?} {windows:?}", inbox.state())
            })
            .collect();
        Violation::new(format!(
            "{} messages never arrive. {whole:?}; whole, partial, missing, and windows: {}; of {:?}",
            self.wanted(),
            streams.join(", "),
            self.plan
        ))
    }

    fn turn(&mut self, now: Timestamp) -> Result<(), Violation> {
        for connection in [&mut self.client, &mut self.server] {
            let result = connection.handle_timeout(now);
            result.map_err(|error| Violation::new(format!("timed out: {error}")))?;
        }
        self.serve(now)?;
        self.receive(now)?;
        if self.pressed != self.client.is_pressed() {
            self.pressed = !self.pressed;
            for inbox in self.inboxes.values().filter(|inbox| !inbox.waits(self.pressed, now)) {
                self.client.expect(inbox.key, 0, 0);
            }
        }
        for inbox in self.inboxes.values_mut() {
            self.outcome.bytes += inbox.read(&mut self.client, now);
        }
        write(&mut self.client, &mut self.network.to_server, now);
        write(&mut self.server, &mut self.network.to_client, now);
        self.check()
    }

    /// The server answers each request with its messages at once.
    fn serve(&mut self, now: Timestamp) -> Result<(), Violation> {
        let Read::Bytes(bytes) = self.network.to_server.read(usize::MAX, now) else {
            return Ok(());
        };
        let unread = &mut self.unread[1];
        unread.extend_from_slice(&bytes);
        let mut rest = &unread[..];
        loop {
            match self.server.receive(&mut rest, now) {
                Ok(Some(Event::Headers { stream, .. })) => {
                    self.outboxes.push((self.outboxes.len(), stream));
                }
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(error) => return Err(Violation::new(format!("the server died: {error}"))),
            }
        }
        let used = unread.len() - rest.len();
        unread.drain(..used);
        let head = [Part::Field(Field::indexed(b":status", b"200"))];
        for (index, stream) in self.outboxes.iter().filter(|(index, _)| *index != usize::MAX) {
            let all: usize = self.plan.streams[*index].iter().map(|size| size + PREFIX).sum();
            let sent = self
                .server
                .send_headers(*stream, &head, false)
                .and_then(|()| self.server.send_data(*stream, Bytes::from(vec![0; all]), false));
            sent.map_err(|error| Violation::new(format!("cannot send: {error}")))?;
        }
        for (index, _) in &mut self.outboxes {
            *index = usize::MAX;
        }
        Ok(())
    }

    fn receive(&mut self, now: Timestamp) -> Result<(), Violation> {
        let Read::Bytes(bytes) = self.network.to_client.read(64 * 1024, now) else {
            return Ok(());
        };
        let unread = &mut self.unread[0];
        unread.extend_from_slice(&bytes);
        let mut rest = &unread[..];
        loop {
            let (id, bytes) = match self.client.receive(&mut rest, now) {
                Ok(Some(Event::Data { stream, bytes, .. })) => (stream.id(), bytes.len()),
                Ok(Some(_)) => continue,
                Ok(None) => break,
                Err(error) => return Err(Violation::new(format!("the client died: {error}"))),
            };
            if let Some(inbox) = self.inboxes.get_mut(&id) {
                inbox.held += bytes;
                self.outcome.bytes += inbox.read(&mut self.client, now);
            }
        }
        let used = unread.len() - rest.len();
        unread.drain(..used);
        Ok(())
    }

    /// What is held has a bound.
    fn check(&mut self) -> Result<(), Violation> {
        let held = self.client.flow_windows().unconsumed;
        self.outcome.most_held = self.outcome.most_held.max(held);
        let bound = self.plan.bound();
        if held > bound {
            let plan = self.plan;
            return Err(Violation::new(format!("{held} bytes are held, {bound} may be: {plan:?}")));
        }
        Ok(())
    }
}

fn write(connection: &mut Connection, link: &mut Link, now: Timestamp) {
    loop {
        connection.flush();
        let output = connection.output();
        let mut slices = [IoSlice::new(&[]); MAX_SLICES];
        let filled = output.slices(&mut slices);
        let mut taken = 0;
        for slice in slices.iter().take(filled) {
            let accepted = link.write(slice, now);
            taken += accepted;
            if accepted < slice.len() {
                break;
            }
        }
        if taken == 0 {
            return;
        }
        output.advance(taken);
    }
}
