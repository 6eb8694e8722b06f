//! Peers of a server that take their time, and what is demanded of the server: what is demanded
//! under any attack (see [`trial`](crate::trial)), with the limit's time made short. That the
//! default times hold is tested under a clock that jumps.

use crate::good;
use crate::limits::{TIMES, beside_an_attack};
use crate::peer::{Peer, Sent};
use crate::trial::{LAST_WORDS, ROUNDS, TICK, honest};
use crate::victim::Victim;
use protocall::server::{Builder, Stats, StatsSnapshot};
use protocall::{Channel, ClientTls, Server};
use protocall_tests::proto::trial::{TrialClient, TrialServer};
use protocall_tests::service::Scripted;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Peers at a time.
const PEERS: usize = 200;
/// Between two crumbs of a peer.
const CRUMB: Duration = Duration::from_millis(50);
/// The server's time for what the peers spread out: they have sent a dozen crumbs by then.
pub const LIMIT: Duration = Duration::from_millis(700);
/// A limit is met in time on a busy machine.
const SLACK: Duration = Duration::from_secs(3);
/// What a peer may cost: a connection that has nothing else, its receive buffer for crumbs, and
/// what it has said so far.
const EACH: u64 = 5 * 1024 + 1024;
/// The receive buffers that a server keeps, and what its connections share.
const SHARED: u64 = 4 * 1024 * 1024;

/// Peers that begin with some bytes and go on in crumbs of one, for ever.
#[derive(Clone)]
pub struct Slow {
    name: &'static str,
    first: Vec<u8>,
    crumbs: Vec<u8>,
    goaway: Option<(u32, &'static str)>,
    set: Arc<dyn Fn(Builder) -> Builder + Send + Sync>,
    counter: fn(&StatsSnapshot) -> u64,
    each: u64,
    trusted: Option<ClientTls>,
}

impl Slow {
    /// Peers that send `first` at once and then `crumbs`, over and over, of a server with those
    /// settings, which are to end them after [`LIMIT`] and count each there.
    pub fn new(
        name: &'static str,
        first: Vec<u8>,
        crumbs: Vec<u8>,
        set: impl Fn(Builder) -> Builder + Send + Sync + 'static,
        counter: fn(&StatsSnapshot) -> u64,
    ) -> Self {
        let set = Arc::new(set);
        Self { name, first, crumbs, goaway: None, set, counter, each: EACH, trusted: None }
    }

    /// Each peer is told that code and reason.
    #[must_use]
    pub const fn told(mut self, code: u32, reason: &'static str) -> Self {
        self.goaway = Some((code, reason));
        self
    }

    /// What each peer may cost beyond what any does, in bytes.
    #[must_use]
    pub const fn memory(mut self, bytes: u64) -> Self {
        self.each += bytes;
        self
    }

    /// The good client needs these settings.
    #[must_use]
    pub fn tls(mut self, trusted: ClientTls) -> Self {
        self.trusted = Some(trusted);
        self
    }

    /// Sends the peers and judges the server.
    ///
    /// # Panics
    /// When the server does not keep to what is demanded of it.
    pub fn run(self) {
        let _turn = crate::alone();
        let (stats, set) = (Stats::default(), Arc::clone(&self.set));
        // what honest use costs, on a server that understands plain text
        let plain = || Server::builder().add_service(TrialServer::new(Scripted::default()));
        let alone = {
            let (victim, addr) = Victim::server(plain);
            honest(&victim, addr)
        };
        let counting = stats.clone();
        let (victim, addr) = Victim::server(move || set(plain().stats(counting)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(self.good(addr));
        let _ = victim.look_when_idle();

        let begin = Instant::now();
        let crumbs = self.all_at_once(addr);
        let time = begin.elapsed();
        let figures = victim.look_when_idle();
        let met = stats.snapshot();
        let cost = alone.connection * PEERS as u32 + alone.alone * crumbs;
        println!(
            "{}: {PEERS} peers, {crumbs} crumbs in {time:?}, {:?} of CPU (honest {cost:?}), {} KiB",
            self.name,
            figures.cpu,
            figures.peak / 1024
        );
        assert!((LIMIT..LIMIT + SLACK).contains(&time), "{}: {time:?}", self.name);
        assert_eq!((self.counter)(&met), PEERS as u64, "{}: {met:?}", self.name);
        let (peak, most) = (figures.peak, PEERS as u64 * self.each + SHARED);
        assert!(peak <= most, "{}: {peak} bytes, the bound is {most}", self.name);
        let (cpu, most) = (figures.cpu, cost * TIMES);
        assert!(cpu <= most, "{}: {cpu:?} of CPU, the bound is {most:?}", self.name);
        let left = figures.live;
        assert!(left <= SHARED as i64, "{}: {left} bytes are left", self.name);

        let (quiet, attacked) = self.beside(&runtime, &client, addr);
        assert!(attacked <= beside_an_attack(quiet), "{}: {quiet:?} to {attacked:?}", self.name);
    }

    async fn good(&self, addr: SocketAddr) -> TrialClient {
        let mut builder = Channel::builder(&addr.to_string()).unwrap();
        if let Some(trusted) = &self.trusted {
            builder = builder.tls(trusted.clone());
        }
        let client = TrialClient::new(builder.build());
        good::window(&client).await;
        client
    }

    fn connect(&self, addr: SocketAddr) -> Peer {
        let mut peer = Peer::new(TcpStream::connect(addr).unwrap());
        let _ = peer.send(&self.first);
        peer
    }

    /// All peers until each was ended; returns how many crumbs they sent.
    fn all_at_once(&self, addr: SocketAddr) -> u32 {
        let mut peers: Vec<Peer> = (0..PEERS).map(|_| self.connect(addr)).collect();
        let (begin, mut sent) = (Instant::now(), 0);
        for crumb in self.crumbs.iter().cycle() {
            let next = Instant::now() + CRUMB;
            let mut open = 0;
            for peer in peers.iter_mut().filter(|peer| !peer.seen.closed) {
                sent += 1;
                open += u32::from(peer.send(&[*crumb]) == Sent::All);
            }
            if open == 0 {
                break;
            }
            assert!(begin.elapsed() < LAST_WORDS, "{}: {open} peers are there", self.name);
            std::thread::park_timeout(next.saturating_duration_since(Instant::now()));
        }
        let told = self.goaway.map(|(code, reason)| (code, reason.to_owned()));
        for peer in &peers {
            assert_eq!(peer.seen.goaway, told, "{}: {:?}", self.name, peer.seen);
        }
        sent
    }

    /// The good client's 99th percentile without and with the peers, as under any attack.
    fn beside(
        &self,
        runtime: &tokio::runtime::Runtime,
        client: &TrialClient,
        addr: SocketAddr,
    ) -> (Duration, Duration) {
        let state = State::default();
        let (mut quiet, mut attacked) = (Duration::MAX, Duration::MAX);
        std::thread::scope(|threads| {
            threads.spawn(|| self.harass(addr, &state));
            for round in 1..=*ROUNDS.end() {
                quiet = quiet.min(runtime.block_on(good::window(client)));
                state.on.store(true, Ordering::SeqCst);
                let begin = Instant::now();
                while state.here.load(Ordering::SeqCst) < PEERS as u32 {
                    assert!(begin.elapsed() < LAST_WORDS, "{}: no peers", self.name);
                    std::thread::park_timeout(TICK);
                }
                attacked = attacked.min(runtime.block_on(good::window(client)));
                state.on.store(false, Ordering::SeqCst);
                while state.here.load(Ordering::SeqCst) > 0 {
                    std::thread::park_timeout(TICK);
                }
                if round >= *ROUNDS.start() && attacked <= beside_an_attack(quiet) {
                    break;
                }
            }
            state.over.store(true, Ordering::SeqCst);
        });
        println!("{}: p99 {quiet:?} quiet, {attacked:?} attacked", self.name);
        (quiet, attacked)
    }

    /// Keeps as many peers there as there may be, a few of which send a crumb each time.
    fn harass(&self, addr: SocketAddr, state: &State) {
        let mut peers: Vec<Peer> = Vec::new();
        let (mut at, mut crumbs) = (0, self.crumbs.iter().cycle());
        while !state.over.load(Ordering::SeqCst) {
            if state.on.load(Ordering::SeqCst) {
                while peers.len() < PEERS {
                    peers.push(self.connect(addr));
                }
                // each has its turn once in that time
                let turn = PEERS * TICK.as_millis() as usize / CRUMB.as_millis() as usize;
                for _ in 0..turn {
                    at = (at + 1) % PEERS;
                    let crumb = crumbs.next().copied().unwrap_or_default();
                    if peers[at].send(&[crumb]) != Sent::All {
                        peers[at] = self.connect(addr);
                    }
                }
            } else {
                peers.clear();
            }
            state.here.store(peers.len() as u32, Ordering::SeqCst);
            std::thread::park_timeout(TICK);
        }
    }
}

#[derive(Default)]
struct State {
    on: AtomicBool,
    over: AtomicBool,
    here: AtomicU32,
}

impl std::fmt::Debug for Slow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slow").field("name", &self.name).finish_non_exhaustive()
    }
}
