//! A hostile server, and what is demanded of our client: the same as of a server under attack (see
//! [`trial`](crate::trial)), with the good calls of the same program going to another server. The
//! program itself is in `caller`.

use crate::caller::{Calls, Client, Met, client};
use crate::limits::{BASE, Honest, TIMES, beside_an_attack};
use crate::peer::{Peer, Seen, Sent};
use crate::trial::{BURST, BURST_CPU, ENHANCE_YOUR_CALM, LAST_WORDS, ROUNDS, TICK, TRIES, frames};
use crate::victim::Victim;
use protocall::channel::{Builder, StatsSnapshot};
use protocall::{Code, Server};
use protocall_tests::proto::trial::TrialServer;
use protocall_tests::raw::{frame, kind};
use protocall_tests::service::Scripted;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Connections of each caller that are attacked at full speed.
const CONNECTIONS: u32 = 4;

/// What a hostile server does to a connection once it has a call.
pub struct Hostile {
    name: &'static str,
    hello: Vec<u8>,
    at_once: bool,
    reads: bool,
    stays: bool,
    unit: Box<dyn Fn(u32) -> Vec<u8> + Send + Sync>,
    units: u32,
    pace: Duration,
    kill: Option<(u32, &'static str)>,
    counter: fn(&StatsSnapshot) -> u64,
    counted: u64,
    memory: u64,
    code: Option<Code>,
    calls: Calls,
    most_connections: Option<u32>,
}

/// What the hostile server's threads are told.
#[derive(Debug, Default)]
struct State {
    /// Bytes in a burst; 0: all at once.
    burst: AtomicUsize,
    on: AtomicBool,
    over: AtomicBool,
    /// Connections that were accepted, attacked to the end, and whose client said why it leaves.
    accepted: AtomicU32,
    done: AtomicU32,
    told: AtomicU32,
    bursts: AtomicU32,
}

impl Hostile {
    /// A server that sends `unit(0)`, `unit(1)` and so on, whole frames each. The call is stream 1.
    pub fn new(
        name: &'static str,
        units: u32,
        unit: impl Fn(u32) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            hello: frame(kind::SETTINGS, 0, 0, &[]),
            at_once: false,
            reads: true,
            stays: true,
            unit: Box::new(unit),
            units,
            pace: Duration::ZERO,
            kill: None,
            counter: |met| met.http2.abuse_kills,
            counted: 0,
            memory: BASE,
            code: None,
            calls: Calls::default(),
            most_connections: None,
        }
    }

    /// What is sent first, in place of empty SETTINGS.
    #[must_use]
    pub fn hello(mut self, bytes: Vec<u8>) -> Self {
        self.hello = bytes;
        self
    }

    /// It does not wait for a call.
    #[must_use]
    pub const fn at_once(mut self) -> Self {
        self.at_once = true;
        self
    }

    /// It reads no more than the first call's head until all units are sent.
    #[must_use]
    pub const fn deaf(mut self) -> Self {
        self.reads = false;
        self
    }

    /// It closes the connection behind its units.
    #[must_use]
    pub const fn hangs_up(mut self) -> Self {
        self.stays = false;
        self
    }

    /// Its units come so far apart, whatever there is time for.
    #[must_use]
    pub const fn slowly(mut self, pace: Duration) -> Self {
        self.pace = pace;
        self
    }

    /// Each connection is ended with ENHANCE_YOUR_CALM and that reason, and counted there.
    #[must_use]
    pub const fn ends_with(self, reason: &'static str, counter: fn(&StatsSnapshot) -> u64) -> Self {
        self.ends_with_code(ENHANCE_YOUR_CALM, reason, counter)
    }

    /// The same with another code.
    #[must_use]
    pub const fn ends_with_code(
        mut self,
        code: u32,
        reason: &'static str,
        counter: fn(&StatsSnapshot) -> u64,
    ) -> Self {
        self.kill = Some((code, reason));
        // the limit comes first, on a busy machine, too
        self.calls.limit = LAST_WORDS;
        self.calls.linger = LAST_WORDS;
        self.counts(counter, 1)
    }

    /// Each connection counts there at least so often.
    #[must_use]
    pub const fn counts(mut self, counter: fn(&StatsSnapshot) -> u64, times: u64) -> Self {
        self.counter = counter;
        self.counted = times;
        self
    }

    /// The memory that it may cost at most, in bytes beyond [`BASE`].
    #[must_use]
    pub const fn memory(mut self, bytes: u64) -> Self {
        self.memory = BASE + bytes;
        self
    }

    /// What all its calls end with.
    #[must_use]
    pub const fn fails_calls_with(mut self, code: Code) -> Self {
        self.code = Some(code);
        self
    }

    /// So many calls at a time on each connection.
    #[must_use]
    pub const fn calls(mut self, calls: usize) -> Self {
        self.calls.at_a_time = calls;
        self
    }

    /// The calls are streams of requests, each sent until there is no room.
    #[must_use]
    pub const fn uploads(mut self) -> Self {
        self.calls.uploads = true;
        self
    }

    /// How long its calls wait for what never comes; 100 ms unless set.
    #[must_use]
    pub const fn call_limit(mut self, limit: Duration) -> Self {
        self.calls.limit = limit;
        self
    }

    /// So many channels at a time have a connection to it.
    #[must_use]
    pub const fn callers(mut self, callers: usize) -> Self {
        self.calls.callers = callers;
        self
    }

    /// The settings of channels to it.
    #[must_use]
    pub const fn channel(mut self, set: fn(Builder) -> Builder) -> Self {
        self.calls.set = set;
        self
    }

    /// One channel makes all calls, over so many connections a second at most.
    #[must_use]
    pub const fn one_channel(mut self, most_connections: u32) -> Self {
        self.calls.one_channel = true;
        self.most_connections = Some(most_connections);
        self
    }

    /// Waits a second at least: what a client does in a row shows by then.
    fn least_time(&self) -> Duration {
        if self.calls.one_channel { Duration::from_secs(1) } else { Duration::ZERO }
    }

    /// Runs the server and judges the client.
    ///
    /// # Panics
    /// When the client does not keep to what is demanded of it.
    pub fn run(self) {
        let _turn = crate::alone();
        // calls' messages come from a pattern that takes a debug build 0.1 s to make
        std::hint::black_box(protocall_tests::blob(1));
        let this = Arc::new(self);
        for attempt in 1.. {
            let (cpu, most) = this.attempt();
            // as for an attack on a server, noise of the machine only ever adds to a cost
            if cpu <= most {
                return;
            }
            let name = this.name;
            assert!(attempt < TRIES, "{name}: {cpu:?} of CPU, the bound is {most:?}");
        }
    }

    /// Judges a client of its own. Returns the CPU that it took, and the bound to that: beyond the
    /// bound nothing is judged that takes time.
    fn attempt(self: &Arc<Self>) -> (Duration, Duration) {
        let (_good, good) =
            Victim::server(|| Server::builder().add_service(TrialServer::new(Scripted::default())));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let hostile = listener.local_addr().unwrap();
        let (victim, client) = client(good, hostile, self.calls, self.counter);
        let silent = self.units == 0 && self.code == Some(Code::DeadlineExceeded);
        let waits = silent.then_some(self.calls.limit);
        let honest = client.honest(&victim, waits);
        let state = Arc::new(State::default());
        let (served, told) = (Arc::clone(self), Arc::clone(&state));
        let serving = std::thread::spawn(move || serve(&listener, &served, &told));
        let (burst, cpu, most) = self.at_full_speed(&victim, &client, &state, &honest);
        if cpu <= most {
            state.burst.store(burst, Ordering::SeqCst);
            self.beside_good_calls(&client, &state);
        }
        state.over.store(true, Ordering::SeqCst);
        drop(victim);
        serving.join().unwrap();
        (cpu, most)
    }

    /// Returns how many bytes make a burst, the CPU that the client took, and its bound.
    fn at_full_speed(
        &self,
        victim: &Victim,
        client: &Client,
        state: &State,
        honest: &Honest,
    ) -> (usize, Duration, Duration) {
        let all: Vec<u8> = (0..self.units).flat_map(|unit| (self.unit)(unit)).collect();
        let _ = victim.look_when_idle();
        state.on.store(true, Ordering::SeqCst);
        client.call_hostile(true);
        let (begin, wanted) = (Instant::now(), CONNECTIONS * self.calls.callers as u32);
        let done = || state.done.load(Ordering::SeqCst) >= wanted;
        self.until(|| done() && begin.elapsed() >= self.least_time());
        client.call_hostile(false);
        state.on.store(false, Ordering::SeqCst);
        let seconds = begin.elapsed().as_secs() as u32 + 1;
        self.until(|| client.rests() && state.done.load(Ordering::SeqCst) == accepted(state));
        let figures = victim.look_when_idle();
        let connections = accepted(state);
        let sent = frames(&all).max(u64::from(self.units)) * u64::from(connections);
        let bytes = all.len() as u64 * u64::from(connections);
        let cost = if self.pace.is_zero() {
            // attempts that were still under way are connections too
            honest.cost(2 * connections + 2, sent, bytes)
        } else {
            honest.cost(2 * connections + 2, 0, 0) + honest.alone * sent as u32
        };
        let met = client.met();
        let own = honest.rare * met.rounds as u32
            + honest.alone * met.calls as u32
            + honest.frame * met.messages as u32;
        let cost = cost + own;
        println!(
            "{}: {connections} connections, {sent} frames cost {:?} of CPU (honest ones {cost:?}) \
             and {} KiB",
            self.name,
            figures.cpu,
            figures.peak / 1024
        );
        assert!(figures.peak <= self.memory, "{}: {} bytes", self.name, figures.peak);
        self.judge(&met, connections, state.told.load(Ordering::SeqCst));
        if let Some(most) = self.most_connections {
            let most = most * seconds;
            assert!(connections <= most, "{}: {connections} connections of {most}", self.name);
        }
        let each = figures.cpu.as_nanos() / u128::from(bytes.max(1));
        let affordable = usize::try_from(BURST_CPU.as_nanos() / each.max(1)).unwrap_or(usize::MAX);
        let burst = affordable.min(all.len() * BURST / frames(&all).max(1) as usize).max(1);
        (burst, figures.cpu, cost * TIMES)
    }

    /// What the client said and counted.
    fn judge(&self, met: &Met, connections: u32, told: u32) {
        let name = self.name;
        if self.kill.is_some() {
            assert_eq!(told, connections, "{name}: {met:?}");
        }
        let least = self.counted * u64::from(connections);
        assert!(met.counted >= least, "{name}: {} of {least}: {met:?}", met.counted);
        if self.kill.is_none_or(|(code, _)| code != ENHANCE_YOUR_CALM) {
            assert_eq!(met.abuse_kills, 0, "{name}: {met:?}");
        }
        if let Some(code) = self.code {
            assert!(met.calls > 0 && met.codes.iter().all(|met| *met == code), "{name}: {met:?}");
        }
    }

    fn until(&self, is_so: impl Fn() -> bool) {
        let begin = Instant::now();
        while !is_so() {
            assert!(begin.elapsed() < 8 * LAST_WORDS, "{}: nobody calls", self.name);
            std::thread::park_timeout(TICK);
        }
    }

    /// Judged as a server's good client is: smallest against smallest.
    fn beside_good_calls(&self, client: &Client, state: &State) {
        let (mut quiet, mut attacked) = (Duration::MAX, Duration::MAX);
        for round in 1..=*ROUNDS.end() {
            self.until(|| client.rests());
            quiet = quiet.min(client.window());
            let (before, connected) = (state.bursts.load(Ordering::SeqCst), accepted(state));
            state.on.store(true, Ordering::SeqCst);
            client.call_hostile(true);
            self.until(|| state.bursts.load(Ordering::SeqCst) >= before + 2);
            // that many callers connect at once is the program's doing
            self.until(|| accepted(state) >= connected + self.calls.callers as u32);
            attacked = attacked.min(client.window());
            state.on.store(false, Ordering::SeqCst);
            client.call_hostile(false);
            if round >= *ROUNDS.start() && attacked <= beside_an_attack(quiet) {
                break;
            }
        }
        println!("{}: p99 {quiet:?} quiet, {attacked:?} attacked", self.name);
        let name = self.name;
        assert!(attacked <= beside_an_attack(quiet), "{name}: p99 from {quiet:?} to {attacked:?}");
    }
}

fn accepted(state: &State) -> u32 {
    state.accepted.load(Ordering::SeqCst)
}

impl std::fmt::Debug for Hostile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hostile").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Serves all connections, each badly.
fn serve(listener: &TcpListener, hostile: &Hostile, state: &State) {
    listener.set_nonblocking(true).unwrap();
    let all: Vec<u8> = (0..hostile.units).flat_map(|unit| (hostile.unit)(unit)).collect();
    std::thread::scope(|threads| {
        while !state.over.load(Ordering::SeqCst) {
            let Ok((stream, _)) = listener.accept() else {
                std::thread::park_timeout(TICK / 4);
                continue;
            };
            let all = &all[..];
            threads.spawn(move || receive(stream, all, hostile, state));
        }
    });
}

/// One connection, from its beginning to its end.
fn receive(stream: TcpStream, all: &[u8], hostile: &Hostile, state: &State) {
    let mut peer = Peer::server(stream);
    let _ = peer.send(&hostile.hello);
    let calls = hostile.calls.at_a_time as u64;
    let called = |seen: &Seen| seen.frames[usize::from(kind::HEADERS)] >= calls;
    let begin = Instant::now();
    while !hostile.at_once && !called(&peer.seen) {
        let over = state.over.load(Ordering::SeqCst) || begin.elapsed() > LAST_WORDS;
        if over || peer.seen.closed {
            // a connection that was made as the last call was over
            return;
        }
        peer.read_until(TICK, called);
    }
    state.accepted.fetch_add(1, Ordering::SeqCst);
    peer.reads = hostile.reads;
    attack(&mut peer, all, hostile, state);
    let told = hostile.kill.map(|(code, reason)| (code, reason.to_owned()));
    state.told.fetch_add(u32::from(peer.seen.goaway == told), Ordering::SeqCst);
    state.done.fetch_add(1, Ordering::SeqCst);
}

fn attack(peer: &mut Peer, all: &[u8], hostile: &Hostile, state: &State) {
    let burst = state.burst.load(Ordering::SeqCst);
    let over = || state.over.load(Ordering::SeqCst);
    if !hostile.pace.is_zero() {
        for unit in 0..hostile.units {
            state.bursts.fetch_add(1, Ordering::SeqCst);
            if over() || peer.send(&(hostile.unit)(unit)) != Sent::All {
                break;
            }
            peer.read_until(hostile.pace, |seen| seen.closed);
        }
    } else if burst == 0 {
        let _ = peer.send(all);
    } else {
        for chunk in all.chunks(burst) {
            let begin = Instant::now();
            if !state.on.load(Ordering::SeqCst) || peer.send(chunk) != Sent::All {
                return;
            }
            state.bursts.fetch_add(1, Ordering::SeqCst);
            std::thread::park_timeout(TICK.saturating_sub(begin.elapsed()));
        }
    }
    state.bursts.fetch_add(2, Ordering::SeqCst);
    // until the client leaves: it is ended by its limit, or the call is over
    let begin = Instant::now();
    peer.reads = true;
    while hostile.stays && !peer.seen.closed && !over() && begin.elapsed() < 2 * LAST_WORDS {
        peer.read_until(TICK, |seen| seen.closed);
    }
}
