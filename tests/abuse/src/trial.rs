//! An attack on a server, and what is demanded of the server: first at full speed, where memory,
//! CPU, the answer and the counters are looked at, then paced beside a good client.

use crate::good;
use crate::limits::{BASE, Honest, TIMES, beside_an_attack};
use crate::peer::{Peer, Sent};
use crate::victim::{Figures, Victim};
use protocall::Server;
use protocall::http2::Counters;
use protocall::server::Stats;
use protocall_tests::proto::trial::{TrialClient, TrialServer};
use protocall_tests::raw::{call, data, envelope, headers};
use protocall_tests::service::Scripted;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// GOAWAY's code for peers that ask too much (RFC 9113 section 7).
pub const ENHANCE_YOUR_CALM: u32 = 11;

/// Connections of an attack that is ended each time.
const CONNECTIONS: u32 = 8;
/// How long a connection may take to end once its attack was sent.
pub(crate) const LAST_WORDS: Duration = Duration::from_secs(5);
/// Between two bursts of a paced attack.
pub(crate) const TICK: Duration = Duration::from_millis(2);
/// Frames in a burst at most: 8,000 a second.
pub(crate) const BURST: usize = 16;
/// CPU that a burst costs at most, by what the attack cost at full speed. While a server works for
/// one client another waits, so a longer burst would be seen behind any server, and behind honest
/// bursts as well; how much an attacker's frame may cost is judged at full speed.
pub(crate) const BURST_CPU: Duration = Duration::from_micros(100);
/// Tries to be within the bound of CPU.
pub(crate) const TRIES: u32 = 3;
/// Pairs of windows, quiet and attacked, before a judgement; and before giving up.
pub(crate) const ROUNDS: std::ops::RangeInclusive<u32> = 4..=200;

/// An attack on a server.
pub struct Attack {
    name: &'static str,
    settings: Vec<u8>,
    setup: Vec<u8>,
    unit: Box<dyn Fn(u32) -> Vec<u8> + Send + Sync>,
    units: u32,
    reads: bool,
    kill: Option<&'static str>,
    counter: fn(&Counters) -> u64,
    counted: u64,
    memory: u64,
    times: u32,
    service: fn() -> Scripted,
}

impl Attack {
    /// An attack that sends `unit(0)`, `unit(1)` and so on, whole frames each.
    pub fn new(name: &'static str, unit: impl Fn(u32) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self {
            name,
            settings: Vec::new(),
            setup: Vec::new(),
            unit: Box::new(unit),
            units: 1000,
            reads: true,
            kill: None,
            counter: |counters| counters.abuse_kills,
            counted: 0,
            memory: BASE,
            times: TIMES,
            service: Scripted::default,
        }
    }

    /// The payload of the first SETTINGS.
    #[must_use]
    pub fn settings(mut self, payload: &[u8]) -> Self {
        self.settings = payload.to_vec();
        self
    }

    /// What is sent first on each connection.
    #[must_use]
    pub fn setup(mut self, bytes: Vec<u8>) -> Self {
        self.setup = bytes;
        self
    }

    /// How many units are sent on a connection.
    #[must_use]
    pub const fn units(mut self, units: u32) -> Self {
        self.units = units;
        self
    }

    /// The attacker reads nothing.
    #[must_use]
    pub const fn deaf(mut self) -> Self {
        self.reads = false;
        self
    }

    /// Each connection is ended with ENHANCE_YOUR_CALM and that reason, and counted there.
    #[must_use]
    pub const fn ends_with(mut self, reason: &'static str, counter: fn(&Counters) -> u64) -> Self {
        self.kill = Some(reason);
        self.counter = counter;
        self.counted = CONNECTIONS as u64;
        self
    }

    /// The connection lives, and the attack is counted there so many times.
    #[must_use]
    pub const fn counts(mut self, counter: fn(&Counters) -> u64, times: u64) -> Self {
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

    /// What its frames cost at most, as a multiple of what honest ones of the same size do, where
    /// that is not [`TIMES`].
    #[must_use]
    pub const fn costs(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Whom it attacks.
    #[must_use]
    pub fn service(mut self, service: fn() -> Scripted) -> Self {
        self.service = service;
        self
    }

    /// Makes the attack and judges the server.
    ///
    /// # Panics
    /// When the server does not keep to what is demanded of it.
    pub fn run(self) {
        let _turn = crate::alone();
        let this = Arc::new(self);
        for attempt in 1.. {
            let (service, stats) = (this.service, Stats::default());
            let counting = stats.clone();
            let (victim, addr) = Victim::server(move || {
                Server::builder().stats(counting).add_service(TrialServer::new(service()))
            });
            let (burst, cpu, most) = this.counted(&victim, addr, &stats);
            // noise of the machine only ever adds to a cost: one of some tries within the bound
            // shows that the code is
            if cpu > most {
                let name = this.name;
                assert!(attempt < TRIES, "{name}: {cpu:?} of CPU, the bound is {most:?}");
                continue;
            }
            let (quiet, attacked) = this.beside_a_good_client(addr, burst);
            assert!(
                attacked <= beside_an_attack(quiet),
                "the good client's p99 went from {quiet:?} to {attacked:?}"
            );
            return;
        }
    }

    /// What is counted, beside honest use at the same time. Returns how many bytes make a burst,
    /// the CPU that it took, and the bound to that.
    fn counted(
        &self,
        victim: &Victim,
        addr: SocketAddr,
        stats: &Stats,
    ) -> (usize, Duration, Duration) {
        let honest = honest(victim, addr);
        let before = stats.snapshot().http2;
        assert_eq!(before.abuse_kills, 0, "honest use is no abuse");
        let figures = self.at_full_speed(victim, addr, &honest);
        let after = stats.snapshot().http2;
        let counted = (self.counter)(&after) - (self.counter)(&before);
        assert_eq!(counted, self.counted, "{}: {after:?}", self.name);
        let kills = if self.kill.is_some() { u64::from(CONNECTIONS) } else { 0 };
        assert_eq!(after.abuse_kills, kills, "{}: {after:?}", self.name);
        figures
    }

    /// CPU and memory at full speed. Returns how many bytes make a burst, the CPU and its bound.
    fn at_full_speed(
        &self,
        victim: &Victim,
        addr: SocketAddr,
        honest: &Honest,
    ) -> (usize, Duration, Duration) {
        let connections = if self.kill.is_some() { CONNECTIONS } else { 1 };
        let bytes: Vec<u8> = (0..self.units).flat_map(|unit| (self.unit)(unit)).collect();
        let _ = victim.look();
        let mut figures = Figures::default();
        for _ in 0..connections {
            let mut peer = Peer::client(addr, &self.settings, &self.setup);
            peer.reads = self.reads;
            let sent = peer.send(&bytes);
            if let Some(reason) = self.kill {
                peer.reads = true;
                peer.read_until(LAST_WORDS, |seen| seen.closed);
                let expected = Some((ENHANCE_YOUR_CALM, reason.to_owned()));
                assert_eq!(peer.seen.goaway, expected, "{}: {:?}", self.name, peer.seen);
            } else {
                assert_ne!(sent, Sent::Closed, "{}: {:?}", self.name, peer.seen);
                assert_eq!(peer.seen.goaway, None, "{}", self.name);
            }
            figures = figures.and_then(victim.look_when_idle());
        }
        let all = [&self.setup[..], &bytes].concat();
        let sent = frames(&all) * u64::from(connections);
        let cost = honest.cost(connections, sent, all.len() as u64 * u64::from(connections));
        println!(
            "{}: {} frames cost {:?} of CPU (honest ones {cost:?}) and {} KiB",
            self.name,
            sent,
            figures.cpu,
            figures.peak / 1024,
        );
        let (peak, memory) = (figures.peak, self.memory);
        assert!(peak <= memory, "{}: {peak} bytes, the bound is {memory}", self.name);
        // in bytes, since one unit may be many
        let each = figures.cpu.as_nanos() / (all.len() as u128 * u128::from(connections));
        let affordable = usize::try_from(BURST_CPU.as_nanos() / each.max(1)).unwrap_or(usize::MAX);
        let most = all.len() * BURST / frames(&all) as usize;
        (affordable.min(most).max(1), figures.cpu, cost * self.times)
    }

    /// The good client's 99th percentile without and with the attack beside it.
    ///
    /// Noise of the machine only ever adds to a time. So the smallest of several windows is the
    /// nearest to what the code itself does to a call, and the smallest quiet one is compared with
    /// the smallest attacked one. That forgives noise and nothing else: the attack goes on during
    /// the whole of every attacked window, so what it does to a call it does in each of them.
    fn beside_a_good_client(
        self: &Arc<Self>,
        addr: SocketAddr,
        burst: usize,
    ) -> (Duration, Duration) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(async {
            let channel = protocall::Channel::connect(&addr.to_string()).await.unwrap();
            let client = TrialClient::new(channel);
            good::window(&client).await;
            client
        });
        let attacker = Attacker::start(addr, Arc::clone(self), burst);
        let (mut quiet, mut attacked) = (Duration::MAX, Duration::MAX);
        let mut rounds = 0;
        for round in 1..=*ROUNDS.end() {
            rounds = round;
            quiet = quiet.min(runtime.block_on(good::window(&client)));
            attacker.go();
            attacked = attacked.min(runtime.block_on(good::window(&client)));
            attacker.pause();
            if round >= *ROUNDS.start() && attacked <= beside_an_attack(quiet) {
                break;
            }
        }
        println!("{}: p99 {quiet:?} quiet, {attacked:?} attacked, {rounds} rounds", self.name);
        (quiet, attacked)
    }
}

impl std::fmt::Debug for Attack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attack").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A call's path, and the frames of an honest small one.
pub const UNARY: &str = "/trial.Trial/Unary";

/// What honest use costs this server.
pub(crate) fn honest(victim: &Victim, addr: SocketAddr) -> Honest {
    let one = |stream: u32| {
        let head = headers(stream, &call(UNARY), false);
        [head, data(stream, &envelope(b"\x10\x07"), true)].concat()
    };
    let mut peer = Peer::client(addr, &[], &[]);
    let mut made = 0;
    // so many calls of those at a time
    let mut measure = |batches: u32, calls: u32| {
        let mut bytes = 0;
        for _ in 0..batches {
            let frames: Vec<u8> = (made..made + calls).flat_map(|n| one(2 * n + 1)).collect();
            bytes += frames.len();
            peer.send(&frames);
            made += calls;
            let all = u64::from(made);
            assert!(peer.read_until(LAST_WORDS, |seen| seen.ended == all), "{:?}", peer.seen);
        }
        bytes
    };
    // once to warm up
    measure(20, 8);
    let _ = victim.look_when_idle();
    let bytes = measure(100, 8);
    let frames = 1600;
    let frame = victim.look_when_idle().cpu / frames;
    measure(500, 1);
    let alone = victim.look_when_idle().cpu / 500;
    drop(peer);
    let _ = victim.look_when_idle();
    let connections = 16;
    for _ in 0..connections {
        let mut peer = Peer::client(addr, &[], &one(1));
        assert!(peer.read_until(LAST_WORDS, |seen| seen.ended == 1), "{:?}", peer.seen);
    }
    let connection = victim.look_when_idle().cpu / connections;
    Honest { connection, rare: alone, alone, frame, frame_bytes: bytes as u32 / frames }
}

/// Makes a paced attack whenever it is told to.
struct Attacker {
    state: Arc<State>,
    thread: Option<std::thread::JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    on: AtomicBool,
    over: AtomicBool,
    bursts: AtomicU32,
}

impl Attacker {
    fn start(addr: SocketAddr, attack: Arc<Attack>, burst: usize) -> Self {
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let thread = std::thread::spawn(move || harass(addr, &attack, burst, &shared));
        Self { state, thread: Some(thread) }
    }

    /// Returns once the attack is under way.
    fn go(&self) {
        let before = self.state.bursts.load(Ordering::SeqCst);
        self.state.on.store(true, Ordering::SeqCst);
        let begin = Instant::now();
        while self.state.bursts.load(Ordering::SeqCst) < before + 4 {
            assert!(begin.elapsed() < LAST_WORDS, "the attacker does not attack");
            std::thread::yield_now();
        }
    }

    fn pause(&self) {
        self.state.on.store(false, Ordering::SeqCst);
    }
}

impl Drop for Attacker {
    fn drop(&mut self) {
        self.state.over.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Attacks in bursts of that many bytes, on a new connection whenever one was ended.
fn harass(addr: SocketAddr, attack: &Attack, burst: usize, state: &State) {
    let units = (0..attack.units).flat_map(|unit| (attack.unit)(unit));
    let all: Vec<u8> = attack.setup.iter().copied().chain(units).collect();
    let mut peer: Option<(Peer, std::slice::Chunks<'_, u8>)> = None;
    while !state.over.load(Ordering::SeqCst) {
        if !state.on.load(Ordering::SeqCst) {
            std::thread::park_timeout(TICK);
            continue;
        }
        let begin = Instant::now();
        let (at_work, chunks) = peer.get_or_insert_with(|| {
            let mut peer = Peer::client(addr, &attack.settings, &[]);
            peer.reads = attack.reads;
            (peer, all.chunks(burst))
        });
        let sent = chunks.next().map(|chunk| at_work.send(chunk));
        if sent != Some(Sent::All) {
            peer = None;
        }
        state.bursts.fetch_add(1, Ordering::SeqCst);
        std::thread::park_timeout(TICK.saturating_sub(begin.elapsed()));
    }
}

/// How many frames these bytes are.
pub(crate) fn frames(mut bytes: &[u8]) -> u64 {
    let mut count = 0;
    while let Some((head, rest)) = bytes.split_at_checked(9) {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        bytes = rest.get(length..).unwrap_or_default();
        count += 1;
    }
    count
}
